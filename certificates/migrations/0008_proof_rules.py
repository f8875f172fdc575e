from django.db import migrations

from lms.lib.dbrules import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0007_proofs"),
    ]

    operations = [
        append_only("certificates_dailyroot"),
        append_only("certificates_proofleaf"),
    ]
