"""Migration operations for rules that the database itself holds, on SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class VendorSQL(migrations.RunSQL):
    """SQL of ours in both dialects; one statement a list item."""

    reduces_to_sql = True

    def __init__(
        self,
        *,
        sqlite: Sequence[str],
        postgresql: Sequence[str],
        sqlite_reverse: Sequence[str] = (),
        postgresql_reverse: Sequence[str] = (),
    ) -> None:
        super().__init__(list(sqlite), list(sqlite_reverse))
        self.by_vendor = {
            "sqlite": (list(sqlite), list(sqlite_reverse)),
            "postgresql": (list(postgresql), list(postgresql_reverse)),
        }

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        raise NotImplementedError("written by hand into migrations, never generated")

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.by_vendor[schema_editor.connection.vendor][0]:
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.by_vendor[schema_editor.connection.vendor][1]:
            schema_editor.execute(statement, params=None)


def append_only(table: str) -> VendorSQL:
    """UPDATE and DELETE on `table` are refused with "<table> is append-only"."""
    message = f"{table} is append-only"
    lite = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for verb in ("UPDATE", "DELETE")
    ]
    return VendorSQL(
        sqlite=lite,
        sqlite_reverse=[
            f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("update", "delete")
        ],
        postgresql=[
            (
                f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"
            ),
            (
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
            ),
        ],
        postgresql_reverse=[
            f"DROP TRIGGER {table}_append_only ON {table}",
            f"DROP FUNCTION {table}_refuse()",
        ],
    )


def erasable(table: str, *, kept: Sequence[str], blanks: Mapping[str, str]) -> VendorSQL:
    """Of an append-only table: UPDATE and DELETE stay refused, but for the one that leaves nothing
    of the words. `blanks`: what stands in these columns then, as text; `kept`: all the others.

    Compared so that NULL is another word: nothing is refused where a condition is unknown.
    """
    message = f"{table} is append-only"
    columns = ", ".join(f'"{name}"' for name in blanks)
    others = ", ".join(f'"{name}"' for name in kept)
    lite = " AND ".join(f"NEW.\"{name}\" IS '{value}'" for name, value in blanks.items())
    post = " AND ".join(
        f"NEW.\"{name}\"::text IS NOT DISTINCT FROM '{value}'" for name, value in blanks.items()
    )
    return VendorSQL(
        sqlite=[
            f"DROP TRIGGER {table}_no_update",
            (
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {others} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ),
            (
                f"CREATE TRIGGER {table}_only_erased BEFORE UPDATE OF {columns} ON {table} "
                f"WHEN NOT ({lite}) BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ),
        ],
        sqlite_reverse=[
            f"DROP TRIGGER IF EXISTS {table}_only_erased",
            f"DROP TRIGGER IF EXISTS {table}_no_update",
            (
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ),
        ],
        postgresql=[
            f"DROP TRIGGER {table}_append_only ON {table}",
            (
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OF {others} OR DELETE "
                f"ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
            ),
            (
                f"CREATE TRIGGER {table}_only_erased BEFORE UPDATE OF {columns} ON {table} "
                f"FOR EACH ROW WHEN (NOT ({post})) EXECUTE FUNCTION {table}_refuse()"
            ),
        ],
        postgresql_reverse=[
            f"DROP TRIGGER {table}_only_erased ON {table}",
            f"DROP TRIGGER {table}_append_only ON {table}",
            (
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
            ),
        ],
    )


def no_overlap(
    table: str,
    keys: Sequence[str],
    *,
    starts: str = "starts_on",
    ends: str = "ends_on",
    moments: bool = False,
    where: str = "TRUE",
) -> VendorSQL:
    """No two rows with equal `keys` overlap in time.

    Dates are inclusive at both ends and an open end is NULL; moments (`moments=True`) exclude the
    end. `where` is SQL on unqualified columns that both rows must meet. An exclusion constraint on
    PostgreSQL, a pair of triggers on SQLite (where one writer at a time makes them exact). The
    first key is the one with the fewest rows to a value.
    """
    name = f"{table}_no_overlap"
    kind, bounds = ("tstzrange", "[)") if moments else ("daterange", "[]")
    far = "'9999-12-31'"
    less = "<" if moments else "<="
    # A plus keeps SQLite from searching by any but the first key: it would take the index of a
    # region, under which thousands stand, as readily as that of the one person.
    first, *others = keys
    same = " AND ".join([f"o.{first} = NEW.{first}", *(f"+o.{key} = NEW.{key}" for key in others)])
    clash = (
        f"SELECT RAISE(ABORT, '{name}') FROM {table} o WHERE {same} AND o.id <> NEW.id "
        f"AND o.{starts} {less} COALESCE(NEW.{ends}, {far}) "
        f"AND NEW.{starts} {less} COALESCE(o.{ends}, {far})"
    )
    if where != "TRUE":
        clash += f" AND o.id IN (SELECT id FROM {table} WHERE {where})"
    lite = [
        f"CREATE TRIGGER {name}_{verb.lower()} AFTER {verb} ON {table} "
        + (f"WHEN NEW.id IN (SELECT id FROM {table} WHERE {where}) " if where != "TRUE" else "")
        + f"BEGIN {clash}; END"
        for verb in ("INSERT", "UPDATE")
    ]
    equal = ", ".join(f"{key} WITH =" for key in keys)
    return VendorSQL(
        sqlite=lite,
        sqlite_reverse=[f"DROP TRIGGER IF EXISTS {name}_{verb}" for verb in ("insert", "update")],
        postgresql=[
            "CREATE EXTENSION IF NOT EXISTS btree_gist",
            (
                f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist "
                f"({equal}, {kind}({starts}, {ends}, '{bounds}') WITH &&) WHERE ({where})"
            ),
        ],
        postgresql_reverse=[f"ALTER TABLE {table} DROP CONSTRAINT {name}"],
    )
