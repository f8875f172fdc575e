"""That somebody was erased is kept, with its reason; and more words may go with a person."""

from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
import lms.lib.ids
from django.conf import settings
from django.db import migrations, models

from lms.lib.dbrules import VendorSQL, append_only, erasable

before = import_module("learners.migrations.0007_register_subjects_and_parts")
WORDS = ("reason", "project", "drive_way")
ENTRY = (
    "id", "edition_id", "learner_id", "household_id", "village_id", "region_at_seal_id", "able",
    "willing", "kind", "intention", "surveyed_by", "surveyed_on", "category", "yearly_income_yuan",
    "drive_count", "has_agreement", "shop_grant_yuan", "loan_yuan", "in_seal",
)  # fmt: skip
RULE = "registerentry_sealed_update"


def words_may_go() -> VendorSQL:
    """An entry of a sealed edition stays as it is, but for its words, which may be blanked: they
    are no part of the canonical form."""
    sealed = " OR ".join(before.IS_SEALED.format(key=f"{row}.edition_id") for row in ("OLD", "NEW"))

    def refused(same: str) -> str:
        # Never unknown: NULL is another word.
        blanked = " AND ".join(f"NEW.{name} {same} ''" for name in WORDS)
        others = " AND ".join(f"NEW.{name} {same} OLD.{name}" for name in ENTRY)
        return f"({sealed}) AND NOT ({blanked} AND {others})"

    def lite(condition: str) -> list[str]:
        return [
            f"DROP TRIGGER IF EXISTS {RULE}",
            f"CREATE TRIGGER {RULE} BEFORE UPDATE ON learners_registerentry WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{before.SEALED}'); END",
        ]

    def post(condition: str) -> list[str]:
        return [
            f"CREATE OR REPLACE FUNCTION learners_{RULE}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {condition} THEN RAISE EXCEPTION '{before.SEALED}' "
            "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$"
        ]

    return VendorSQL(
        sqlite=lite(refused("IS")),
        sqlite_reverse=lite(f"({sealed})"),
        postgresql=post(refused("IS NOT DISTINCT FROM")),
        postgresql_reverse=post(f"({sealed})"),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("learners", "0021_erasing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lms.lib.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("ASKED", "The person asked for it"),
                            ("WRONG", "The wrong person was entered"),
                            ("ORDERED", "A court or an authority ordered it"),
                            ("OVER", "The time for keeping it is over"),
                        ],
                        max_length=8,
                        verbose_name="reason",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "photos",
                    models.BooleanField(default=False, verbose_name="class photos removed"),
                ),
                ("counts", models.JSONField(default=dict)),
                (
                    "erased_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="erased"),
                ),
                (
                    "erased_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "learner",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="erasure",
                        to="learners.learner",
                    ),
                ),
            ],
            options={
                "verbose_name": "erasure",
                "verbose_name_plural": "erasures",
                "ordering": ["-erased_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ("ASKED", "WRONG", "ORDERED", "OVER"))),
                        name="erasure_reason_of_the_list",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("photos", True), ("reason", "WRONG"), _negated=True),
                        name="erasure_by_mistake_keeps_photos",
                    ),
                ],
            },
        ),
        append_only("learners_erasure"),
        erasable(
            "learners_registeradjustment",
            kept=("id", "entry_id", "kind", "happened_on", "recorded_by_id", "recorded_at"),
            blanks={"reason": "—"},
        ),
        words_may_go(),
    ]
