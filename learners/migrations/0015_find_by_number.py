"""A number is found by an index, also where it stands on a merged record.

Nearly every `merged_into` is empty: an index of all of them tempted SQLite to read everybody who
is live, and was written for each new learner. A row's import is found by `rosterrow_once`.
"""

import django.db.models.deletion
from django.db import migrations, models

from lms.lib.dbrules import VendorSQL

_MERGED = (
    "learners_learner_merged_into_id_2c73ce40",
    'CREATE INDEX "learners_learner_merged_into_id_2c73ce40" '
    'ON "learners_learner" ("merged_into_id")',
)
_IMPORT = (
    "learners_rosterrow_roster_import_id_56663c3d",
    'CREATE INDEX "learners_rosterrow_roster_import_id_56663c3d" '
    'ON "learners_rosterrow" ("roster_import_id")',
)
_DROP = [f'DROP INDEX IF EXISTS "{name}"' for name, _make in (_MERGED, _IMPORT)]
_MAKE = [make for _name, make in (_MERGED, _IMPORT)]


class Migration(migrations.Migration):
    dependencies = [("learners", "0014_overlap_by_learner")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "learner",
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_from",
                        to="learners.learner",
                    ),
                ),
                migrations.AlterField(
                    "rosterrow",
                    "roster_import",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="learners.rosterimport",
                    ),
                ),
            ],
            # Not by AlterField, for which SQLite would write the whole table anew.
            database_operations=[
                VendorSQL(
                    sqlite=_DROP,
                    postgresql=_DROP,
                    sqlite_reverse=_MAKE,
                    postgresql_reverse=_MAKE,
                )
            ],
        ),
        migrations.AddIndex(
            "learner",
            models.Index(
                fields=["merged_into"],
                name="learner_by_merged_into",
                condition=models.Q(merged_into__isnull=False),
            ),
        ),
        migrations.AddIndex(
            "learner",
            models.Index(
                fields=["id_index"],
                name="learner_merged_by_id",
                condition=models.Q(merged_into__isnull=False),
            ),
        ),
    ]
