"""Indexes that no question uses are gone: each cost every certificate its place in it.

Nothing asks for numbers or codes by how they begin, and an issuer's certificates are found by the
index of its chain. On SQLite there never were the first two.
"""

import django.db.models.deletion
from django.db import migrations, models

from lms.lib.dbrules import VendorSQL

TABLE = "certificates_certificate"
LIKE = {
    f"{TABLE}_number_5a831df7_like": "number",
    f"{TABLE}_verify_code_2656fabb_like": "verify_code",
}
ISSUER = f"{TABLE}_issuer_id_624ed33e"
PATTERN = [
    f"CREATE INDEX {name} ON {TABLE} ({column} varchar_pattern_ops)"
    for name, column in LIKE.items()
]
PLAIN = f"CREATE INDEX {ISSUER} ON {TABLE} (issuer_id)"


class Migration(migrations.Migration):
    dependencies = [("certificates", "0009_copies")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "certificate",
                    "issuer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="certificates.issuer",
                    ),
                )
            ],
            database_operations=[
                VendorSQL(
                    sqlite=[f"DROP INDEX {ISSUER}"],
                    sqlite_reverse=[PLAIN],
                    postgresql=[f"DROP INDEX {name}" for name in (*LIKE, ISSUER)],
                    postgresql_reverse=[*PATTERN, PLAIN],
                )
            ],
        )
    ]
