import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThan

import lms.lib.ids
from lms.lib.dbrules import append_only


class Migration(migrations.Migration):
    """An entry of support that was a mistake is struck out by a record of its own."""

    dependencies = [
        ("incubation", "0003_support_given"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SupportVoid",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lms.lib.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("voided_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "support",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="void",
                        to="incubation.supportgiven",
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "voided support",
                "ordering": ["-voided_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=GreaterThan(Length(Trim(models.F("reason"))), models.Value(0)),
                        name="supportvoid_has_reason",
                    )
                ],
            },
        ),
        append_only("incubation_supportvoid"),
    ]
