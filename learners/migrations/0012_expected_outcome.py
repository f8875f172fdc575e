"""What an import would do with each row, as the file was checked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learners", "0011_undo_imports")]
    operations = [
        migrations.AddField(
            model_name="rosterrow",
            name="expected",
            field=models.CharField(
                blank=True,
                choices=[
                    ("CREATED", "Created"),
                    ("MATCHED", "Already known"),
                    ("CHANGED", "Changed"),
                ],
                max_length=8,
            ),
        ),
    ]
