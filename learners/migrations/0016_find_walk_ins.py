"""Walk-ins of a name are found among the walk-ins, not among everybody with these initials."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learners", "0015_find_by_number")]
    operations = [
        migrations.AddIndex(
            "learner",
            models.Index(
                fields=["initials"],
                name="learner_walk_ins",
                condition=models.Q(provisional=True),
            ),
        ),
    ]
