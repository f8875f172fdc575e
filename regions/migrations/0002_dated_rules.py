from django.db import migrations

from lms.lib.dbrules import no_overlap


class Migration(migrations.Migration):
    dependencies = [("regions", "0001_initial")]
    operations = [no_overlap("regions_villagestatus", ["region_id", "kind"])]
