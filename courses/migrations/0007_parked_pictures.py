import django.db.models.deletion
import django.utils.timezone
import lms.lib.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_tablet_region"),
        ("courses", "0006_open_questions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ParkedPicture",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lms.lib.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("named_session", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("photo", "Class photo"), ("signature", "Signature")],
                        max_length=9,
                    ),
                ),
                ("source_sha256", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.FileField(blank=True, upload_to="custody/")),
                ("size", models.PositiveIntegerField()),
                ("width", models.PositiveSmallIntegerField()),
                ("height", models.PositiveSmallIntegerField()),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("quarantine", "From a tablet or person without rights"),
                            ("unknown_session", "Session not known"),
                            ("foreign_session", "Session of somebody else"),
                        ],
                        max_length=30,
                        verbose_name="reason",
                    ),
                ),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("taken_in", models.BooleanField(default=False)),
                (
                    "reason",
                    models.CharField(blank=True, max_length=200, verbose_name="reason given"),
                ),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parked_pictures",
                        to="accounts.device",
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parked_pictures",
                        to="courses.classsession",
                    ),
                ),
            ],
            options={
                "ordering": ["received_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("resolved_at__isnull", True)),
                        fields=["received_at"],
                        name="parkedpicture_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("device", "named_session", "kind", "source_sha256"),
                        name="parkedpicture_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("resolved_at__isnull", True),
                                ("resolved_by__isnull", True),
                                ("taken_in", False),
                                models.Q(("file", ""), _negated=True),
                            ),
                            models.Q(
                                ("file", ""),
                                ("resolved_at__isnull", False),
                                ("resolved_by__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="parkedpicture_resolved_whole",
                    ),
                ],
            },
        ),
    ]
