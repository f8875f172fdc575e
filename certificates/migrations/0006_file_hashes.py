from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0005_frozen_rows"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["pdf_sha256"], name="certificate_pdf_sha256"),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["signed_sha256"], name="certificate_signed_sha256"),
        ),
    ]
