"""Counting facts by child region and by as-of day: one pass over one queryset of facts.

The queryset of a measure is wrapped, not rewritten, so what is counted here is what the explain
page lists. It is materialised because each fact's date is a subquery of its own, which both
databases would otherwise evaluate again for every column that names it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from regions.models import Region

#: How long the code of a region's child is, by the region's own level.
CHILD_LENGTH = {1: 4, 2: 6, 3: 9, 4: 12}
WHOLE = ""


@dataclass(frozen=True)
class Column:
    """`%(start)s` is the period's first day, `%(until)s` the last day that counts (the as-of day
    or, if that is earlier, the period's end), `%(as_of)s` the as-of day itself."""

    condition: str
    #: The column whose distinct values are counted; "" counts rows.
    distinct: str = ""

    def sql(self) -> str:
        counted = f"DISTINCT {self.distinct}" if self.distinct else "*"
        return f"COUNT({counted}) FILTER (WHERE {self.condition})"


def child_key(path: str, region: Region) -> str:
    """The child that `path` lies in; the region's own path for what is attached to itself."""
    length = CHILD_LENGTH.get(region.level, len(region.path))
    return path[:length] if len(path) >= length else region.path


def tally(
    facts: "QuerySet[Any, Any]",
    columns: Sequence[Column],
    *,
    period: tuple[date, date],
    cuts: Sequence[date],
    region: Region | None = None,
) -> dict[str, list[tuple[int, ...]]]:
    """For each key, for each cut, the columns' counts.

    Keys are the paths of `region`'s children, and its own path for facts attached to itself; with
    no region there is the one key WHOLE.
    """
    try:
        inner, given = facts.query.sql_with_params()
    except EmptyResultSet:
        return {}
    length = CHILD_LENGTH.get(region.level, len(region.path)) if region else 0
    key = f"SUBSTR(fact_path, 1, {length})" if region else "''"
    counts, params = _counts(columns, period, cuts)
    sql = (
        f"WITH facts AS MATERIALIZED ({inner}) SELECT {key}, {', '.join(counts)} "  # noqa: S608 - the texts are ours, the values are parameters
        "FROM facts GROUP BY 1"
    )
    found: dict[str, list[tuple[int, ...]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [*given, *params])
        for path, *numbers in cursor.fetchall():
            own = region is not None and len(path) < length
            found[region.path if own and region else path] = _by_cut(numbers, len(columns))
    return found


def _counts(
    columns: Sequence[Column], period: tuple[date, date], cuts: Sequence[date]
) -> tuple[list[str], list[Any]]:
    adapt = connection.ops.adapt_datefield_value
    sql: list[str] = []
    params: list[Any] = []
    for cut in cuts:
        days = {"start": period[0], "until": min(period[1], cut), "as_of": cut}
        for column in columns:
            text, order = _positional(column.sql())
            sql.append(text)
            params += [adapt(days[name]) for name in order]
    return sql, params


def _positional(text: str) -> tuple[str, list[str]]:
    """Named parameters as `%s` and their order: the wrapped query has positional ones."""
    order: list[str] = []
    while "%(" in text:
        before, _, rest = text.partition("%(")
        name, _, after = rest.partition(")s")
        order.append(name)
        text = f"{before}%s{after}"
    return text, order


def _by_cut(numbers: list[int], width: int) -> list[tuple[int, ...]]:
    return [tuple(numbers[at : at + width]) for at in range(0, len(numbers), width)]


def count_by(facts: "QuerySet[Any, Any]", column: str) -> dict[Any, int]:
    """How many facts carry each value of an annotation."""
    return dict(_grouped(facts, [column], f"SELECT {column}, COUNT(*) FROM facts GROUP BY 1"))  # noqa: S608 - our own names


def count_times(facts: "QuerySet[Any, Any]") -> dict[int, int]:
    """In how many facts a subject stands → how many subjects do."""
    sql = (
        "SELECT times, COUNT(*) FROM (SELECT COUNT(*) AS times FROM facts GROUP BY subject) AS t "
        "GROUP BY times ORDER BY times"
    )
    return dict(_grouped(facts, ["subject"], sql))


def _grouped(facts: "QuerySet[Any, Any]", columns: list[str], sql: str) -> list[tuple[Any, int]]:
    try:
        inner, params = facts.order_by().values("pk", *columns).query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"WITH facts AS MATERIALIZED ({inner}) {sql}", params)
        rows: list[tuple[Any, int]] = cursor.fetchall()
    return rows
