from importlib import import_module

from django.db import migrations, models

rules = import_module("learners.migrations.0007_register_subjects_and_parts")


class Migration(migrations.Migration):
    """Whether an agreement is signed may be unknown, as whether somebody is able or willing."""

    dependencies = [("learners", "0018_not_said")]

    operations = [
        rules.without(rules.sealed_editions_stay()),
        migrations.AlterField(
            model_name="registerentry",
            name="has_agreement",
            field=models.BooleanField(blank=True, null=True, verbose_name="agreement signed"),
        ),
        rules.sealed_editions_stay(),
    ]
