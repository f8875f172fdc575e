"""Rows over which the server stumbled; rows in custody are found by what they are called."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_tablet_region"),
        ("courses", "0009_fewer_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="parkedrow",
            name="code",
            field=models.CharField(
                choices=[
                    ("quarantine", "From a tablet or person without rights"),
                    ("unknown_session", "Session not known"),
                    ("foreign_session", "Session of somebody else"),
                    ("unknown_learner", "Person not known"),
                    ("seal_unreadable", "Walk-in cannot be opened"),
                    ("id_reused_different_body", "Two rows under one identifier"),
                    ("seq_reused", "Two tablets with one name"),
                    ("incomplete", "Row is not complete"),
                    ("failed", "Row that breaks the server"),
                ],
                max_length=30,
                verbose_name="reason",
            ),
        ),
        migrations.AddIndex(
            model_name="parkedrow",
            index=models.Index(fields=["event_id"], name="parkedrow_event"),
        ),
    ]
