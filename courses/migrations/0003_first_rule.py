"""Edition 1 of the completion rule: four fifths of the counted sessions."""

from datetime import date
from decimal import Decimal

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def add_rule(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("courses", "CompletionRule").objects.create(
        edition=1, min_attendance=Decimal("0.80"), starts_on=date(2018, 1, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("courses", "0002_event_rules")]
    operations = [migrations.RunPython(add_rule, migrations.RunPython.noop)]
