"""Rosters in the database: the samples' regions, small files, uploads."""

import csv
from datetime import date
from io import BytesIO

import xlsxwriter

from learners.actions.imports import begin_import, import_chunk, receive_roster
from learners.tasks import check_roster
from regions.models import Region
from tests import factories
from tests.learners.roster_cases import FIXTURES

AS_OF = date(2026, 3, 1)
HEADER = ["序号", "姓名", "身份证号", "联系电话", "乡镇", "村", "户类型"]


def load_places(prefix: str) -> Region:
    """The real regions of one county, with those above it."""
    with (FIXTURES / "places.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in sorted(rows, key=lambda row: len(row["code"])):
        code = row["code"]
        if code.startswith(prefix) or prefix.startswith(code):
            region = factories.make_region(code, row["name"])
            Region.objects.filter(pk=region.pk).update(name=row["name"])
    # The small tree of the factories has a township that the county has under another code.
    made_up = Region.objects.within(Region.objects.get(code=prefix))
    made_up = made_up.exclude(code__in=[row["code"] for row in rows])
    made_up.filter(level=5).delete()
    made_up.delete()
    return Region.objects.get(code=prefix)


def make_rows(first: int, last: int, **changes) -> list[list]:
    """Faultless people of 罗山县, numbered."""
    row = {"phone": "", "township": "丽水街道", "village": "邵洼社区居民委员会", "type": "脱贫户"}
    rows = []
    for n in range(first, last + 1):
        found = {
            "serial": n,
            "name": f"学员{chr(0x4E00 + n)}",
            "id": factories.make_id_number(n),
            **row,
            "phone": f"1380000{n:04d}",
            **changes,
        }
        rows.append(list(found.values()))
    return rows


def make_xlsx(rows, header=HEADER, sheet="名单") -> bytes:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet(sheet)
        for at, row in enumerate([header, *rows]):
            page.write_row(at, 0, row)
    return stream.getvalue()


def make_import(
    rows=None, *, content=None, name="名单.xlsx", actor=None, edition=None, header=HEADER
):
    return receive_roster(
        content=make_xlsx(rows, header) if content is None else content,
        file_name=name,
        region=factories.make_region("411521"),
        as_of=AS_OF,
        edition=edition,
        actor=actor,
    )


def checked(*args, **kwargs):
    roster_import = make_import(*args, **kwargs)
    return check_roster(roster_import=roster_import, actor=kwargs.get("actor"))


def imported(*args, size=500, **kwargs):
    roster_import = checked(*args, **kwargs)
    begin_import(roster_import=roster_import, actor=kwargs.get("actor"))
    while import_chunk(roster_import=roster_import, size=size, actor=kwargs.get("actor")):
        pass
    roster_import.refresh_from_db()
    return roster_import
