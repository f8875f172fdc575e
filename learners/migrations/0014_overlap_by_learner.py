"""On SQLite the rule against overlapping roles searched by region; now it searches by learner."""

from django.db import migrations

from lms.lib.dbrules import VendorSQL, no_overlap

MAKE, DROP = no_overlap("learners_roleheld", ["learner_id", "role", "region_id"]).by_vendor[
    "sqlite"
]


class Migration(migrations.Migration):
    dependencies = [("learners", "0013_find_by_tail")]
    operations = [VendorSQL(sqlite=[*DROP, *MAKE], postgresql=[])]
