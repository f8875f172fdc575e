"""Rows of rosters keep keyed hashes of whom they speak, so that erasing opens few of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learners", "0022_erasures")]
    operations = [
        migrations.AddField("rosterrow", "hints", models.BinaryField(null=True)),
    ]
