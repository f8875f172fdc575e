"""The lists of what is in custody: found, narrowed, taken along, and paged like every other."""

from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from courses.models import MarkEvent, ParkedPicture, ParkedRow, SessionEvidence
from lms.lib.ids import uuid7
from tests import factories
from tests.courses.tablets import new_id
from tests.courses.test_worklist import park_picture

pytestmark = pytest.mark.django_db
PAGES = ["parked_list", "picture_list"]


@pytest.fixture
def device(trainer):
    return factories.make_device(trainer, "罗山-01", uuid7().hex * 2)


def park_row(device, session=None, code="foreign_session", **said):
    raw = {"kind": "mark", "status": "LATE", "t_ms": 1_795_300_000_000} | said
    return ParkedRow.objects.create(
        device=device, raw=raw, raw_sha256=uuid7().hex, code=code, session=session
    )


def park(name: str, device, session) -> None:
    if name == "parked_list":
        park_row(device, session)
    else:
        park_picture(device, session)


def at(name: str, device) -> str:
    return reverse(f"courses:{name}", args=[device.pk])


def listed(page) -> set:
    return {row.record.pk for row in page.context["table"].page.object_list}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, {0, 1, 2}),
        ({"q": "电商"}, {0}),
        ({"q": "王老师"}, {0}),
        ({"code": "unknown_session"}, {1, 2}),
        ({"q": "电商", "code": "unknown_session"}, set()),
    ],
)
def test_rows_are_searched_and_filtered(clerk, device, session, query, wanted):
    course = session.run.course
    type(course).objects.filter(pk=course.pk).update(title="电商直播")
    type(session.instructor).objects.filter(pk=session.instructor_id).update(name="王老师")
    rows = [park_row(device, session)]
    rows += [park_row(device, code="unknown_session", t_ms=n) for n in (1, 2)]
    assert listed(clerk.get(at("parked_list", device), query)) == {rows[n].pk for n in wanted}


def test_pictures_are_filtered_by_kind(clerk, device, session):
    park_picture(device, session)
    park_picture(device, session)
    second = ParkedPicture.objects.order_by("pk").last()
    ParkedPicture.objects.filter(pk=second.pk).update(kind="signature")
    assert listed(clerk.get(at("picture_list", device), {"kind": "signature"})) == {second.pk}
    page = clerk.get(at("picture_list", device))
    assert len(listed(page)) == 2
    assert "&lt;" not in page.content.decode(), "marks of its language shown as words"


@pytest.mark.parametrize("name", PAGES)
def test_they_go_to_excel_as_they_are_shown(clerk, device, session, name):
    park(name, device, session)
    answer = clerk.get(at(name, device), {"export": "xlsx"})
    header, row = openpyxl.load_workbook(BytesIO(answer.content)).active.values
    said = dict(zip(header, row, strict=True))
    assert session.run.title in said["课次"]
    assert "<" not in "".join(map(str, row))
    if name == "parked_list":
        assert row[0].startswith("考勤：迟到")
    else:
        assert len(header) == 4  # nobody looks at a picture from a sheet


@pytest.mark.parametrize("name", PAGES)
def test_the_trainer_ticks_nothing_and_looks_at_no_picture(
    signed_in, trainer, device, session, name
):
    park(name, device, session)
    page = signed_in(trainer).get(at(name, device)).content.decode()
    assert "checkbox" not in page
    assert "picture_file" not in page
    assert "<form" not in page.split('id="results"')[1].split("</main>")[0]


def test_what_was_ticked_stays_ticked_when_something_lacks(clerk, device, session):
    first, second = park_row(device, session), park_row(device, session, t_ms=1)
    answer = clerk.post(at("parked_list", device), {"row": second.pk, "answer": "take_in"})
    page = answer.content.decode()
    assert f'value="{second.pk}" form="decide" checked' in page
    assert f'value="{first.pk}" form="decide">' in page


def test_a_row_says_whom_it_is_about_where_that_may_be_seen(clerk, device, session, learner):
    """Nobody can ask the trainer about a mark without knowing whose it is."""
    stranger = factories.make_learner("外县人", "653128101001")
    for named in (learner.pk, stranger.pk, "no-id", None):
        park_row(device, session, learner_id=named and str(named))
    page = clerk.get(at("parked_list", device)).content.decode()
    assert f"{learner.name} · 考勤：迟到" in page
    assert stranger.name not in page


def test_a_row_of_another_tablet_is_not_decided_here(clerk, trainer, device):
    other = park_row(factories.make_device(trainer, "别的", uuid7().hex * 2))
    facts = {"row": other.pk, "answer": "set_aside", "reason": "因为"}
    assert "刚被别人裁定" in clerk.post(at("parked_list", device), facts).content.decode()
    assert clerk.post(at("parked_list", device), facts | {"row": "x"}).status_code == 200
    assert ParkedRow.objects.waiting().count() == 1


def test_who_names_the_class_has_the_row_taken_in(clerk, tablet, session, learner):
    tablet.results(tablet.mark(new_id(), learner))
    row = ParkedRow.objects.get()
    facts = {"row": row.pk, "answer": "take_in", "reason": "换了班次"}
    address = at("parked_list", row.device)
    clerk.post(address, facts)
    assert ParkedRow.objects.waiting().count() == 1
    clerk.post(address, facts | {"session": session.pk})
    assert MarkEvent.objects.get().session == session


def test_who_names_the_class_has_the_picture_taken_in(clerk, device, session):
    park_picture(device, code="unknown_session")
    found = ParkedPicture.objects.get()
    facts = {"picture": found.pk, "answer": "take_in", "reason": "换了班次"}
    clerk.post(at("picture_list", device), facts)
    assert not SessionEvidence.objects.exists()
    clerk.post(at("picture_list", device), facts | {"session": session.pk})
    assert SessionEvidence.objects.get().session == session


def test_more_than_a_page_can_all_be_reached(clerk, device, session, settings):
    settings.PAGE_SIZE = 2
    rows = {park_row(device, session, t_ms=n).pk for n in range(1, 6)}
    address = at("parked_list", device)
    assert rows == {pk for n in (1, 2, 3) for pk in listed(clerk.get(address, {"page": n}))}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("count", [3, 30])
def test_queries_do_not_grow(clerk, device, session, django_assert_max_num_queries, name, count):
    for _n in range(count):
        park(name, device, session)
    with django_assert_max_num_queries(18):
        assert len(listed(clerk.get(at(name, device)))) == count
