from django.db import migrations

from lms.lib.dbrules import append_only


class Migration(migrations.Migration):
    dependencies = [("learners", "0009_person_records")]
    operations = [append_only("learners_reveal"), append_only("learners_factchange")]
