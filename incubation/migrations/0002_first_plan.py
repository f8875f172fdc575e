"""Edition 1 of the follow-up plan: six stages over three years."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DAYS = {
    "MONTH_1": 30,
    "MONTH_3": 90,
    "MONTH_6": 180,
    "YEAR_1": 365,
    "YEAR_2": 730,
    "YEAR_3": 1095,
}


def add_plan(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("incubation", "FollowUpPlan").objects.create(
        edition=1, starts_on=date(2018, 1, 1), days=DAYS
    )


class Migration(migrations.Migration):
    dependencies = [("incubation", "0001_initial")]
    operations = [migrations.RunPython(add_plan, migrations.RunPython.noop)]
