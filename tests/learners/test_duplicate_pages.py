"""The queue of suspected duplicates, two records side by side, and what merging shows."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from learners.actions.merging import merge_learners
from learners.actions.suspects import compare_learners, tell_apart
from learners.models import Learner, Merge, SuspectedPair
from learners.queries.names import name_initials
from lms.models import AuditEvent
from tests import factories
from tests.learners.merged import hold_class
from tests.searching import search

pytestmark = [pytest.mark.django_db]
LIST = "learners:duplicate_list"


def make_pair(name="张建国", **fields) -> SuspectedPair:
    """Two people of the same name and birth date."""
    initials = name_initials(name)
    two = [factories.make_learner(name, initials=initials, **fields) for _ in range(2)]
    compare_learners(learners=[row.pk for row in two], actor=None)
    return SuspectedPair.objects.get(first=min(row.pk for row in two))


@pytest.fixture
def pair(regions):
    return make_pair()


def detail(pair, keep=""):
    return reverse("learners:duplicate_detail", args=[pair.pk]) + (f"?keep={keep}" if keep else "")


def names(response):
    return [row.record.pk for row in response.context["table"].page.object_list]


# --- the queue ------------------------------------------------------------------------------------
def test_the_queue_shows_what_is_open_and_can_be_filtered(pair, county_clerk, signed_in):
    other = make_pair("李秀英", phone="")
    apart = make_pair("王大明", phone="")
    tell_apart(pair=apart, reason="两人", actor=county_clerk)
    client = signed_in(county_clerk)
    asked = {
        "": {pair, other},
        "?state=NOT_THE_SAME": {apart},
        "?kind=PHONE": {pair},
        "?kind=NAMESAKE": {pair, other},
        "?kind=WALK_IN": set(),
    }
    for query, expected in asked.items():
        found = names(client.get(reverse(LIST) + query))
        assert set(found) == {row.pk for row in expected}, query
    for text, expected in {"lxy": other, "李": other, pair.second.id_tail: pair}.items():
        assert names(search(client, reverse(LIST), text)) == [expected.pk], text
    assert client.get(reverse(LIST) + "?kind=X").context["listing"].is_invalid


@pytest.mark.postgres
def test_the_filter_reads_every_reason_on_both_engines(pair, county_clerk, signed_in):
    client = signed_in(county_clerk)
    assert names(client.get(reverse(LIST) + "?kind=PHONE")) == [pair.pk]


def test_who_sees_half_a_pair_sees_none_of_it(pair, neighbour_clerk, signed_in):
    Learner.objects.filter(pk=pair.first_id).update(
        home_region=factories.make_region("411522001001")
    )
    client = signed_in(neighbour_clerk)
    assert names(client.get(reverse(LIST))) == []
    assert client.get(detail(pair)).status_code == 404


def test_an_empty_queue_says_when_records_are_compared(regions, county_clerk, signed_in):
    page = signed_in(county_clerk).get(reverse(LIST))
    assert page.context["listing"].count == 0
    assert str(page.context["listing"].empty_title) in page.content.decode()


def test_the_export_is_masked(pair, county_clerk, signed_in):
    response = signed_in(county_clerk).get(reverse(LIST) + "?export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response)))
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row]
    assert any("*" in cell for cell in cells)
    assert not any(pair.first.clear_id_number() in cell for cell in cells)
    assert AuditEvent.objects.filter(action="lms.list_exported").count() == 1


def test_as_many_queries_for_thirty_pairs_as_for_three(regions, county_clerk, signed_in):
    client, counts = signed_in(county_clerk), []
    client.get(reverse(LIST))  # what the header counts is kept for two minutes
    for size in (3, 30):
        while SuspectedPair.objects.count() < size:
            make_pair(f"学员{SuspectedPair.objects.count()}", phone="")
        with CaptureQueriesContext(connection) as queries:
            assert len(names(client.get(reverse(LIST)))) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_of_learners_leads_clerks_to_the_queue(
    pair, county_clerk, county_official, signed_in
):
    page = signed_in(county_clerk).get(reverse("learners:learner_list"))
    assert reverse(LIST) in page.content.decode()
    page = signed_in(county_official).get(reverse("learners:learner_list"))
    assert reverse(LIST) not in page.content.decode()


# --- side by side -------------------------------------------------------------------------------
def test_two_records_are_compared_masked(pair, county_clerk, signed_in):
    page = signed_in(county_clerk).get(detail(pair))
    facts = {str(fact.label): fact for fact in page.context["facts"]}
    assert len([fact for fact in facts.values() if fact.differs]) == 2  # number and household
    text = page.content.decode()
    for learner in (pair.first, pair.second):
        assert learner.clear_id_number() not in text
        assert learner.clear_phone() not in text


def test_what_will_move_is_listed_before_the_click(pair, county_clerk, trainer, signed_in):
    run = hold_class({pair.second: "PRESENT"}, trainer)
    client = signed_in(county_clerk)
    assert run.dated_title in client.get(detail(pair, "first")).content.decode()
    plans = [client.get(detail(pair, keep)).context["plan"] for keep in ("first", "second")]
    moved = [{type(step.row).__name__ for step in plan.steps} for plan in plans]
    assert ["Enrolment" in kinds for kinds in moved] == [True, False]
    assert Merge.objects.count() == 0


def test_merging_and_undoing_by_hand(pair, county_clerk, signed_in):
    client = signed_in(county_clerk)
    merge_page = reverse("learners:duplicate_merge", args=[pair.pk])
    answer = client.post(merge_page, {"keep": "second", "reason": "电话核实"})
    assert answer.url == reverse("learners:learner_detail", args=[pair.second_id])
    merge = Merge.objects.get()
    assert (merge.kept, merge.merged, merge.made_by) == (pair.second, pair.first, county_clerk)
    # The record that was merged leads to the person, whose timeline tells of it.
    old = client.get(reverse("learners:learner_detail", args=[pair.first_id]), follow=True)
    assert old.redirect_chain[0][0] == answer.url
    assert detail(pair) in old.content.decode()
    undo_page = reverse("learners:merge_undo", args=[merge.pk])
    assert undo_page in client.get(detail(pair)).content.decode()
    client.post(undo_page, {"reason": "误合并"})
    merge.refresh_from_db()
    assert merge.undone_by == county_clerk
    assert client.get(detail(pair)).context["is_open"]


def test_after_thirty_days_no_undo_is_offered(pair, county_clerk, signed_in):
    merge = merge_learners(kept=pair.first, merged=pair.second, reason="一", actor=county_clerk)
    Merge.objects.update(made_at=timezone.now() - timezone.timedelta(days=31))
    page = signed_in(county_clerk).get(detail(pair)).content.decode()
    assert reverse("learners:merge_undo", args=[merge.pk]) not in page


def test_a_refusal_says_why_and_offers_no_button(pair, county_clerk, trainer, signed_in):
    hold_class({pair.first: "ABSENT", pair.second: "PRESENT"}, trainer)
    page = signed_in(county_clerk).get(detail(pair))
    [refusal] = page.context["plan"].refusals
    assert refusal.code == "TWO_MARKS"
    assert reverse("learners:duplicate_merge", args=[pair.pk]) not in page.content.decode()
    page = signed_in(county_clerk).post(
        reverse("learners:duplicate_merge", args=[pair.pk]), {"keep": "first", "reason": "一"}
    )
    assert page.url == detail(pair, "first")
    assert Merge.objects.count() == 0


def test_telling_apart_and_asking_again(pair, county_clerk, signed_in):
    client = signed_in(county_clerk)
    client.post(reverse("learners:duplicate_apart", args=[pair.pk]), {"reason": "两人"})
    pair.refresh_from_db()
    assert pair.state == "NOT_THE_SAME"
    client.post(reverse("learners:duplicate_again", args=[pair.pk]))
    pair.refresh_from_db()
    assert pair.state == "OPEN"


def test_a_pair_across_two_counties_is_merged_by_the_level_above(
    pair, county_clerk, trainer, signed_in
):
    """The clerk sees the neighbour's person, who was in a class here, and may not change them."""
    hold_class({pair.second: "PRESENT"}, trainer)
    Learner.objects.filter(pk=pair.second_id).update(
        home_region=factories.make_region("411522001001")
    )
    client = signed_in(county_clerk)
    page = client.get(detail(pair))
    assert (page.status_code, page.context["may_merge"]) == (200, False)
    address = reverse("learners:duplicate_merge", args=[pair.pk])
    assert client.post(address, {"keep": "first", "reason": "一"}).status_code == 403
    above = factories.make_user("prefecture", ("CLERK", "4115"))
    assert signed_in(above).post(address, {"keep": "first", "reason": "一"}).status_code == 302
    assert Merge.objects.count() == 1


def test_a_record_merged_elsewhere_says_so(pair, county_clerk, signed_in):
    merge_learners(kept=pair.first, merged=pair.second, reason="一", actor=county_clerk)
    Learner.objects.filter(pk=pair.first_id).update(
        home_region=factories.make_region("411522001001")
    )
    page = signed_in(county_clerk).get(reverse("learners:learner_detail", args=[pair.second_id]))
    assert page.status_code == 200
    assert "learners/learner_merged.html" in {template.name for template in page.templates}


# --- walk-ins -------------------------------------------------------------------------------------
def test_a_walk_in_is_searched_compared_and_identified(regions, county_clerk, trainer, signed_in):
    known = factories.make_learner("张建国", initials="zjg")
    walk_in = factories.make_learner("张健国", initials="zjg", provisional=True)
    hold_class({walk_in: "PRESENT"}, trainer)
    client = signed_in(county_clerk)
    page = reverse("learners:learner_identify", args=[walk_in.pk])
    assert (
        page in client.get(reverse("learners:learner_detail", args=[walk_in.pk])).content.decode()
    )
    for data in ({"name": "zjg"}, {"number": known.clear_id_number()}):
        assert known.pk in {row.pk for row, _type in client.post(page, data).context["found"]}
    assert client.post(page, {}).status_code == 422
    answer = client.post(
        reverse("learners:duplicate_create"), {"one": walk_in.pk, "other": known.pk}
    )
    pair = SuspectedPair.objects.get()
    assert answer.url == detail(pair)
    assert client.get(answer.url).context["kept"] == known
    client.post(reverse("learners:duplicate_merge", args=[pair.pk]), {"keep": "", "reason": "核实"})
    assert known.enrolments.count() == 1
    assert client.get(page).status_code == 404


def test_only_walk_ins_are_identified(pair, county_clerk, signed_in):
    page = reverse("learners:learner_identify", args=[pair.first_id])
    assert signed_in(county_clerk).get(page).status_code == 404
