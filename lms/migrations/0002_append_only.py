from django.db import migrations

from lms.lib.dbrules import append_only


class Migration(migrations.Migration):
    dependencies = [("lms", "0001_initial")]
    operations = [append_only("lms_auditevent"), append_only("lms_auditseal")]
