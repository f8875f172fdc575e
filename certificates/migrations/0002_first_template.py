"""Edition 1 of the built-in design."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def add_template(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("certificates", "CertificateTemplate").objects.create(
        edition=1, title="结业证书"
    )


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]
    operations = [migrations.RunPython(add_template, migrations.RunPython.noop)]
