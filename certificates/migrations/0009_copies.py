import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import lms.lib.ids
from lms.lib.dbrules import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0008_proof_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="CertificateCopy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lms.lib.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ARCHIVE", "Copy for an archive"),
                            ("ACCESSIBLE", "Copy for screen readers"),
                        ],
                        max_length=10,
                    ),
                ),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="certificates.certificate",
                    ),
                ),
            ],
            options={
                "ordering": ["made_at"],
            },
        ),
        append_only("certificates_certificatecopy"),
    ]
