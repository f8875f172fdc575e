"""Why support was struck out may speak of the person: it goes with them; the rest stays."""

from django.db import migrations

from lms.lib.dbrules import erasable

KEPT = ("id", "support_id", "voided_by_id", "voided_at")


class Migration(migrations.Migration):
    dependencies = [("incubation", "0004_support_voided")]
    operations = [erasable("incubation_supportvoid", kept=KEPT, blanks={"reason": "—"})]
