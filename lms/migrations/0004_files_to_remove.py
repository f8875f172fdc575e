"""Files that could not be removed at once are tried again."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lms", "0003_saved_filters_and_exports")]
    operations = [
        migrations.CreateModel(
            name="FileToRemove",
            fields=[
                (
                    "name",
                    models.CharField(max_length=200, primary_key=True, serialize=False),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
    ]
