"""Nothing is entered in an index for a certificate that has no file yet and replaces none.

A new one has neither, and each such entry cost as much as one that is looked for. By its template
no certificate is looked for: a county's are read, and told apart by it.
"""

import django.db.models.deletion
from django.db import migrations, models

from lms.lib.dbrules import VendorSQL

TABLE = "certificates_certificate"
TEMPLATE = f"{TABLE}_template_id_c997eba3"
REPLACES = f"{TABLE}_replaces_id_key"
PLAIN = f"CREATE INDEX {TEMPLATE} ON {TABLE} (template_id)"


def filed(column: str, name: str) -> migrations.AddIndex:
    condition = models.Q((f"{column}__gt", ""))
    return migrations.AddIndex(
        "certificate", models.Index(fields=[column], condition=condition, name=name)
    )


class Migration(migrations.Migration):
    dependencies = [("certificates", "0010_indexes_that_earn")]

    operations = [
        migrations.RemoveIndex("certificate", "certificate_pdf_sha256"),
        migrations.RemoveIndex("certificate", "certificate_signed_sha256"),
        filed("pdf_sha256", "certificate_drawn_sha256"),
        filed("signed_sha256", "certificate_signed_sha256s"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "certificate",
                    "template",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="certificates.certificatetemplate",
                    ),
                )
            ],
            database_operations=[
                # SQLite makes the rule of one successor with the table: there it stays as it is.
                VendorSQL(
                    sqlite=[f"DROP INDEX {TEMPLATE}"],
                    sqlite_reverse=[PLAIN],
                    postgresql=[
                        f"DROP INDEX {TEMPLATE}",
                        f"ALTER TABLE {TABLE} DROP CONSTRAINT {REPLACES}",
                        f"CREATE UNIQUE INDEX {REPLACES} ON {TABLE} (replaces_id) "
                        "WHERE replaces_id IS NOT NULL",
                    ],
                    postgresql_reverse=[
                        f"DROP INDEX {REPLACES}",
                        f"ALTER TABLE {TABLE} ADD CONSTRAINT {REPLACES} UNIQUE (replaces_id)",
                        PLAIN,
                    ],
                )
            ],
        ),
    ]
