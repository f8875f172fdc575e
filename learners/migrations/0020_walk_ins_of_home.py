"""The walk-ins of a county are found among the walk-ins, not among everybody of the county."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learners", "0019_agreement_not_said")]
    operations = [
        migrations.AddIndex(
            "learner",
            models.Index(
                fields=["home_region"],
                name="learner_walk_ins_of_home",
                condition=models.Q(provisional=True),
            ),
        ),
    ]
