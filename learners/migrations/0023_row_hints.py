"""Rows of rosters, and files that wait, keep keyed hashes of whom they speak, so that erasing opens
few of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learners", "0022_erasures")]
    operations = [
        migrations.AddField("rosterrow", "hints", models.BinaryField(null=True)),
        migrations.CreateModel(
            name="RosterFileHints",
            fields=[
                (
                    "roster_import",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="file_hints",
                        serialize=False,
                        to="learners.rosterimport",
                    ),
                ),
                ("hints", models.BinaryField()),
            ],
        ),
    ]
