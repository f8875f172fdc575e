from importlib import import_module

from django.db import migrations, models

rules = import_module("learners.migrations.0007_register_subjects_and_parts")


class Migration(migrations.Migration):
    """Whether somebody is able or willing may be unknown."""

    dependencies = [("learners", "0017_merging_rules")]

    operations = [
        rules.without(rules.sealed_editions_stay()),
        migrations.AlterField(
            model_name="registerentry",
            name="able",
            field=models.BooleanField(default=True, null=True),
        ),
        migrations.AlterField(
            model_name="registerentry",
            name="willing",
            field=models.BooleanField(default=True, null=True),
        ),
        rules.sealed_editions_stay(),
    ]
