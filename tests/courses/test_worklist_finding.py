"""The supervisor's list: entries are found by words, and taken along in a file."""

from io import BytesIO

import openpyxl
import pytest

from courses.models import ClassSession
from courses.queries import waiting
from courses.queries.worklist import Work, work_counts
from lms.models import AuditEvent
from tests.courses.test_worklist import LIST, fill

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts_kept():
    waiting._kept.clear()


def entries(clerk, **query) -> set[str]:
    page = clerk.get(LIST, query)
    assert page.status_code == 200
    return {
        item.key.split("-")[0] for _v, _l, _c, items in page.context["groups"] for item in items
    }


def test_entries_are_searched_by_class_tablet_and_trainer(trainer, tablets, clerk):
    fill(trainer, tablets, 1)
    everything = entries(clerk)
    title = ClassSession.objects.get().run.course.title
    of_classes = {"conflict", "late", "clock", "close", "walkin", "heads", "photo"}
    assert everything == of_classes | {"parked", "picture", "tablet"}
    assert entries(clerk, q=title) == of_classes
    assert entries(clerk, q="旧平板0") == {"parked", "picture", "tablet"}
    assert entries(clerk, q=f"{title} {trainer.display_name} nobody") == set()
    page = clerk.get(LIST, {"q": "旧平板0"})
    assert page.context["total"] == 3


@pytest.mark.parametrize("kind", ["", "parked"])
def test_entries_go_to_excel(trainer, tablets, clerk, kind):
    fill(trainer, tablets, 2)
    answer = clerk.get(LIST, {"kind": kind, "export": "xlsx"})
    header, *rows = openpyxl.load_workbook(BytesIO(answer.content)).active.values
    counted = work_counts(answer.wsgi_request.user)
    assert len(rows) == (counted[Work.PARKED] if kind else sum(counted.values()))
    assert len(header) == 6
    assert "<" not in "".join(str(cell) for row in rows for cell in row)
    [event] = AuditEvent.objects.filter(action="lms.list_exported")
    assert event.detail["count"] == len(rows)


def test_too_many_entries_for_a_file_are_told(trainer, tablets, clerk, settings):
    settings.EXPORT_MAX_ROWS = 3
    fill(trainer, tablets, 1)
    page = clerk.get(LIST, {"export": "xlsx"}, follow=True)
    assert "请先筛选" in page.content.decode()
    assert clerk.get(LIST, {"export": "csv"}).status_code == 404


def test_a_trainer_searches_own_classes_and_chooses_no_place(signed_in, trainer, tablets):
    fill(trainer, tablets, 1)
    page = signed_in(trainer).get(LIST, {"q": "旧平板0"})
    assert list(page.context["form"].fields) == ["kind", "q"]
