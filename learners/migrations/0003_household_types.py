"""The household types that rosters name; a county may add its own."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TYPES = [
    ("REGISTERED_POOR", "建档立卡贫困户", "POOR"),
    ("GENERAL_POOR", "一般贫困户", "POOR"),
    ("ALLOWANCE_POOR", "低保贫困户", "POOR"),
    ("DESTITUTE_POOR", "特困供养贫困户", "POOR"),
    ("LIFTED_OUT", "脱贫户", "LIFTED_OUT"),
    ("UNSTABLE", "脱贫不稳定户", "MONITORED"),
    ("MARGINAL", "边缘易致贫户", "MONITORED"),
    ("SUDDEN", "突发严重困难户", "MONITORED"),
    ("ORDINARY", "一般农户", "ORDINARY"),
]


def add_types(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    model = apps.get_model("learners", "HouseholdType")
    for code, name, group in TYPES:
        model.objects.create(code=code, name=name, group=group, starts_on=date(2014, 1, 1))


class Migration(migrations.Migration):
    dependencies = [("learners", "0002_dated_rules")]
    operations = [migrations.RunPython(add_types, migrations.RunPython.noop)]
