"""A file of 100,000 learners, masked: filters, reading, decryption, masking, workbook, audit.

The peer writes the same rows with openpyxl from a text file, in a process of its own as well.
"""

import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
from django.core.files.storage import default_storage
from django.test import override_settings

from accounts.models import Grant, User
from learners.queries import export_columns
from learners.tasks import EXPORT_LEARNERS
from lms.actions import ask_export
from lms.lib.scope import Role
from regions.models import Region
from tests.benchmarks import Figure
from tests.benchmarks.archive import PROVINCE, load_people
from tests.benchmarks.peers.openpyxl_writing import QUOTED_CELLS
from tests.benchmarks.processes import answer_of

PEOPLE = int(os.environ.get("LMS_BENCH_EXPORT", "100000"))
USERNAME = "bench-exporter"


def run() -> Iterator[Figure]:
    load_people(PEOPLE, in_county=PEOPLE // 10)
    officer = User.objects.create(username=USERNAME, display_name="导出")
    region = Region.objects.get(code=PROVINCE)
    Grant.objects.create(
        user=officer, role=Role.OFFICIAL, region=region, starts_on=date(2000, 1, 1)
    )
    ours = answer_of("tests.benchmarks.exporting", asked_for(officer))
    assert ours["rows"] == PEOPLE, ours
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "rows.tsv"
        check_and_copy(default_storage.path(ours["file"]), source)
        target = str(Path(directory) / "peer.xlsx")
        peer = answer_of("tests.benchmarks.peers.openpyxl_writing", str(source), target)
    assert peer["rows"] == PEOPLE + 1
    per_second = round(PEOPLE / peer["seconds"])
    name = "openpyxl write_only"
    quoted = round(QUOTED_CELLS / len(export_columns()))
    if per_second < quoted / 2:
        name += f" (VOID: below half of its {quoted} rows/s; the machine was not free)"
    yield Figure(
        "export_xlsx.rows_per_second", round(PEOPLE / ours["seconds"]), "rows/s", name, per_second
    )
    yield Figure("export_xlsx.rss_mb", ours["rss_mb"], "MB", name, peer["rss_mb"])


def asked_for(officer: User) -> str:
    """What the page does before the worker begins; nobody is there to begin at once."""
    nobody = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    with override_settings(TASKS=nobody):
        export = ask_export(
            kind=EXPORT_LEARNERS,
            title="bench",
            region_path=PROVINCE,
            columns=export_columns(),
            args={"region": PROVINCE, "query": ""},
            total=PEOPLE,
            actor=officer,
        )
    return str(export.progress_id)


def check_and_copy(path: str, target: Path) -> None:
    """Every cell is text (no formula, no number), every number keeps its 18 places."""
    book = openpyxl.load_workbook(path, read_only=True)
    with target.open("w", encoding="utf-8") as lines:
        for position, row in enumerate(book.worksheets[0].iter_rows()):
            assert all(cell.value is None or cell.data_type in "si" for cell in row)
            texts = [str(cell.value or "") for cell in row]
            assert position == 0 or len(texts[2]) == 18, texts
            lines.write("\t".join(texts) + "\n")
