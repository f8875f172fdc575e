"""Many rows at once: what they have in common, and PostgreSQL's own form of them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DataError, connection

from lms.lib.binarycopy import packed
from lms.lib.bulk import insert_alike, moment

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
KINDS = {
    "id": "uuid",
    "name": "varchar(4)",
    "said": "text",
    "kept": "bytea",
    "small": "smallint",
    "large": "integer",
    "day": "date",
    "at": "timestamp with time zone",
}
SQLITE = {"id": "char(32)", "kept": "blob", "day": "text", "at": "text"}
FIRST, SECOND = "0190" + "0" * 27 + "1", "0190" + "f" * 28
AT = datetime(2026, 3, 4, 9, 30, 1, 250001, tzinfo=UTC)


@pytest.fixture
def table():
    names = KINDS | ({} if connection.vendor == "postgresql" else SQLITE)
    columns = ", ".join(f"{name} {kind}" for name, kind in names.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE alike ({columns}, CHECK (large > -10))")
        yield cursor


def test_rows_that_have_much_in_common_are_stored_as_given(table):
    rows = [(FIRST, "阿", "", b"\x00\\x", -1), (SECOND, "𬭎𬭎𬭎𬭎", "\\N\t\n", None, 2**31 - 1)]
    shared = {"small": 7, "day": "1999-12-31", "at": moment(AT)}
    insert_alike("alike", KINDS, rows, shared)
    table.execute(f"SELECT {', '.join(KINDS)} FROM alike ORDER BY large")
    alike = 7, date(1999, 12, 31), moment(AT)
    if connection.vendor != "postgresql":
        alike = 7, "1999-12-31", moment(AT)
    found = [
        (str(key).replace("-", ""), *texts, kept and bytes(kept), large, (small, day, at))
        for key, *texts, kept, small, large, day, at in table.fetchall()
    ]
    assert found == [(*rows[0], alike), (*rows[1], alike)]


def test_no_rows_are_no_rows(table):
    insert_alike("alike", KINDS, [], {"small": 1})
    table.execute("SELECT count(*) FROM alike")
    assert table.fetchone() == (0,)


def test_the_binary_form_leaves_the_tables_rules_in_force(table):
    if connection.vendor != "postgresql":
        assert packed(["smallint"], [(1,)], [("date", "2000-01-02")]).endswith(
            b"\0\x02\0\0\0\x02\0\x01\0\0\0\x04\0\0\0\x01\xff\xff"
        )
        return
    with pytest.raises(DataError):  # five letters where four have room
        insert_alike("alike", {"name": "varchar(4)"}, [("一二三四五",)], {})


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("UTC"), ZoneInfo("Asia/Shanghai")])
@pytest.mark.parametrize("part", [0, 250001])
def test_a_moment_is_spelled_as_django_spells_it(zone, part):
    when = datetime(2026, 3, 4, 9, 30, 1, part, tzinfo=zone)
    assert moment(when) == connection.ops.adapt_datetimefield_value(when)
