from django.db import migrations

from lms.lib.dbrules import no_overlap


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [no_overlap("accounts_grant", ["user_id", "role", "region_id"])]
