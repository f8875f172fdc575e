"""A person may be erased, and with them the words of tables that are only added to."""

from django.db import migrations, models

from lms.lib.dbrules import VendorSQL

EMPTY, GONE = "{}", "—"
TABLES = {
    "learners_reveal": (
        ("id", "learner_id", "reason", "form", "actor_id", "revealed_at", "audit_event_id"),
        {"note": GONE},
    ),
    "learners_factchange": (
        ("id", "learner_id", "actor_id", "changed_at"),
        {"changes": EMPTY, "reason": GONE},
    ),
    "learners_mergechange": (
        ("id", "merge_id", "model", "row"),
        {"before": EMPTY, "after": EMPTY},
    ),
}


def erasable(table: str) -> VendorSQL:
    """UPDATE and DELETE stay refused, but for the one that leaves nothing of the words."""
    kept, blanks = TABLES[table]
    message = f"{table} is append-only"
    columns = ", ".join(f'"{name}"' for name in blanks)
    others = ", ".join(f'"{name}"' for name in kept)
    lite = " AND ".join(f"NEW.\"{name}\" = '{value}'" for name, value in blanks.items())
    post = " AND ".join(f"NEW.\"{name}\"::text = '{value}'" for name, value in blanks.items())
    return VendorSQL(
        sqlite=[
            f"DROP TRIGGER {table}_no_update",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {others} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
            f"CREATE TRIGGER {table}_only_erased BEFORE UPDATE OF {columns} ON {table} "
            f"WHEN NOT ({lite}) BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ],
        sqlite_reverse=[
            f"DROP TRIGGER IF EXISTS {table}_only_erased",
            f"DROP TRIGGER IF EXISTS {table}_no_update",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ],
        postgresql=[
            f"DROP TRIGGER {table}_append_only ON {table}",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OF {others} OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
            f"CREATE TRIGGER {table}_only_erased BEFORE UPDATE OF {columns} ON {table} "
            f"FOR EACH ROW WHEN (NOT ({post})) EXECUTE FUNCTION {table}_refuse()",
        ],
        postgresql_reverse=[
            f"DROP TRIGGER {table}_only_erased ON {table}",
            f"DROP TRIGGER {table}_append_only ON {table}",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("learners", "0020_walk_ins_of_home")]
    operations = [
        migrations.AddField(
            "learner", "erased_at", models.DateTimeField(null=True, editable=False)
        ),
        *(erasable(table) for table in TABLES),
    ]
