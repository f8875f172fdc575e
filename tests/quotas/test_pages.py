"""The pages: what they say, to whom, and what they refuse."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.lib.scope import Role
from quotas import actions, measures
from quotas.models import CheckItem, CheckPlan, Measure
from tests import factories
from tests.quotas import counted
from tests.searching import search

pytestmark = pytest.mark.django_db
BOARD = "quotas:board"
AS_OF = "2026-06-30"


def board(client, **query):
    return client.get(reverse(BOARD), {"region": "411521", "as_of": AS_OF} | query)


def explain(client, quota, **query):
    address = reverse("quotas:explain", args=[quota.pk])
    return client.get(address, {"region": quota.region.code, "as_of": AS_OF} | query)


@pytest.fixture
def quota(regions):
    top = counted.make_quota(target=10, reserve=2, plan=counted.make_plan(demo_shift_years=4))
    for code, target in (("411521001", 5), ("411521100", 3)):
        counted.make_quota(plan=top.plan, code=code, target=target, parent=top)
    counted.train(factories.make_learner("阿依古丽·买买提"), code="411521001")
    counted.train(factories.make_learner("李建军"), code="411521100")
    counted.train(factories.make_learner("王秀兰"), code="411521100", status="ABSENT")
    return top


# --- the board ------------------------------------------------------------------------------------
def test_the_board_shows_what_the_measure_says(signed_in, county_official, quota):
    page = board(signed_in(county_official))
    found = page.context["board"]
    figure = measures.figure(quota, quota.region, date(2026, 6, 30))
    assert found.hero.progress.figure == figure
    assert figure.value == 2
    text = page.content.decode()
    assert reverse("quotas:explain", args=[quota.pk]) in text
    assert quota.plan.doc_no in text


@pytest.mark.parametrize("measure", [Measure.PERSON_TIMES, Measure.PEOPLE_TRAINED])
def test_a_zero_opens_only_where_there_is_somebody_to_explain(
    signed_in, county_official, regions, measure
):
    top = counted.make_quota(measure, target=10, attribution="host")
    same = {"plan": top.plan, "target": 5, "parent": top, "attribution": "host"}
    for code in ("411521001", "411521100"):
        counted.make_quota(measure, code=code, **same)
    client = signed_in(county_official)
    before = [view.explain for view in board(client).context["rows"]]
    assert not any(before)
    learner = factories.make_learner()
    counted.train(learner, code="411521100", status="ABSENT")
    rows = {view.row.region.code: view for view in board(client).context["rows"]}
    assert not rows["411521001"].explain
    assert client.get(rows["411521100"].explain).context["figure"].value == 0
    counted.train(learner, code="411521001")
    rows = {view.row.region.code: view for view in board(client).context["rows"]}
    assert rows["411521100"].explain


def test_a_row_leads_to_the_board_of_the_child(signed_in, county_official, quota):
    client = signed_in(county_official)
    row = next(v for v in board(client).context["rows"] if v.row.region.code == "411521001")
    child = client.get(row.href)
    assert child.context["region"].code == "411521001"
    assert child.context["board"].as_of == date(2026, 6, 30)
    village = board(client, region="411521001003")
    assert village.context["board"].league.rows == []


def test_the_figure_of_a_row_is_the_figure_that_it_leads_to(signed_in, county_official, quota):
    client = signed_in(county_official)
    for view in board(client).context["rows"]:
        page = client.get(view.explain)
        assert page.context["figure"].value == view.row.progress.figure.value


@pytest.mark.parametrize(
    "query",
    [
        {"as_of": "2026-02-30"},
        {"as_of": "soon"},
        {"plan": "x"},
        {"period": "1-1"},
        {"audience": "EVERYBODY"},
        {"sort": "password"},
        {"region__user__password": "x"},
        {"audience": "a\x00b"},
    ],
)
def test_a_parameter_that_makes_no_sense_is_400(signed_in, county_official, quota, query):
    assert board(signed_in(county_official), **query).status_code == 400


@pytest.mark.parametrize("query", [{"region": "411522"}, {"region": "41"}, {"region": "zz"}])
def test_another_region_is_not_found(signed_in, county_official, quota, query):
    assert board(signed_in(county_official), **query).status_code == 404
    assert explain(signed_in(county_official), quota, **query).status_code == 404


def test_a_period_or_plan_that_is_not_here_is_not_found(signed_in, county_official, quota):
    elsewhere = counted.make_quota(code="411522")
    client = signed_in(county_official)
    assert board(client, period="2031-12-31").status_code == 404
    assert board(client, plan=elsewhere.plan_id).status_code == 404


def test_a_day_to_come_is_today(signed_in, county_official, quota):
    page = board(signed_in(county_official), as_of="2999-01-01")
    assert page.context["board"].as_of == page.context["today"]


def test_without_a_plan_the_page_says_so(signed_in, county_official):
    page = board(signed_in(county_official))
    assert page.status_code == 200
    assert page.context["board"].plan is None


def test_no_denominator_is_words_and_no_bar(signed_in, county_official, regions):
    quota = counted.make_quota(Measure.ROSTER_COVERAGE, target=70)
    page = board(signed_in(county_official))
    assert page.context["board"].hero.progress.standing == "no_denominator"
    assert 'class="bullet"' not in page.content.decode()
    assert explain(signed_in(county_official), quota).status_code == 200


def test_a_tile_without_a_figure_opens_to_why(signed_in, county_official, quota):
    income = counted.make_quota(Measure.INCOME_RISE_YUAN, target=1000, plan=quota.plan)
    text = board(signed_in(county_official)).content.decode()
    address = reverse("quotas:explain", args=[income.pk])
    assert re.search(rf'class="tile-none tile-open" href="{address}', text)


def test_a_board_page_costs_the_same_at_any_number_of_rows(
    signed_in, county_official, quota, django_assert_max_num_queries
):
    client = signed_in(county_official)
    for n in range(30):
        code = f"4115212{n:02d}"
        counted.make_quota(plan=quota.plan, code=code, target=10, parent=quota)
    with django_assert_max_num_queries(30):
        assert len(board(client).context["rows"]) == 32


@pytest.mark.parametrize("measure", Measure.values)
def test_every_measure_has_a_board_and_an_explanation(signed_in, county_official, regions, measure):
    learner = counted.complete(factories.make_learner()).learner
    counted.make_shop(learner)
    household = learner.memberships.get().household
    counted.report(household, date(2026, 1, 1), 3000)
    counted.baseline(household, date(2019, 1, 1), 1000)
    edition = counted.make_edition([learner])
    made = counted.make_quota(measure, target=50, register_edition=edition)
    client = signed_in(county_official)
    assert board(client).status_code == 200
    page = explain(client, made)
    assert page.status_code == 200
    assert str(measures.rule_of(measure).text)[:20] in page.content.decode()
    assert page.context["total"]["value"] == 1


# --- explain --------------------------------------------------------------------------------------
def test_the_strip_adds_up_and_its_boxes_lead_to_their_people(signed_in, county_official, quota):
    client = signed_in(county_official)
    page = explain(client, quota)
    terms, total = page.context["terms"], page.context["total"]
    signs = [-term["value"] if term.get("sign") else term["value"] for term in terms]
    assert sum(signs) == total["value"] == page.context["figure"].value == 2
    for term in [*terms, total]:
        assert client.get(term["href"]).context["page"].paginator.count == term["value"]


def test_names_are_there_and_identity_numbers_are_masked(signed_in, county_official, quota):
    text = explain(signed_in(county_official), quota).content.decode()
    assert "阿依古丽·买买提" in text
    assert not re.search(r"\d{17}[\dX]", text)
    assert re.search(r"411\*+\d{3}[\dX]", text)


def test_who_is_not_to_be_seen_has_no_name_on_the_page(signed_in, inspector, quota):
    page = explain(signed_in(inspector), quota)
    assert page.context["page"].paginator.count == 3
    assert "阿依古丽" not in page.content.decode()


def test_unverified_walk_ins_stand_beside_the_persons(signed_in, county_official, quota):
    counted.train(factories.make_learner(provisional=True))
    page = explain(signed_in(county_official), quota)
    persons = page.context["persons"]
    assert (persons.people, persons.unverified, persons.times) == (2, 1, 2)
    assert persons.times + persons.unverified == page.context["figure"].value


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page": "-1"}, 404),
        ({"page": "1000000000"}, 404),
        ({"page": "abc"}, 404),
        ({"sort": "password"}, 400),
        ({"region__user__password": "x"}, 400),
        ({"verdict": "maybe"}, 400),
        ({"reason": "none-such"}, 400),
        ({"as_of": "x"}, 400),
        ({"audience": "a\x00b"}, 400),
        ({"reason": "\ud800".encode("utf-8", "surrogatepass")}, 400),
    ],
)
def test_bad_parameters_of_the_explanation(signed_in, county_official, quota, query, status):
    assert explain(signed_in(county_official), quota, **query).status_code == status


def test_a_quota_of_another_county_is_not_found(signed_in, county_official, province_officer):
    other = counted.make_quota(code="411522")
    query = {"region": "411521", "as_of": AS_OF}
    address = reverse("quotas:explain", args=[other.pk])
    assert signed_in(county_official).get(address, query).status_code == 404
    # Within reach, but the two have nothing to do with one another.
    assert signed_in(province_officer).get(address, query).status_code == 404
    assert explain(signed_in(province_officer), other).status_code == 200


def test_a_page_of_people_costs_the_same_at_any_number(
    signed_in, county_official, quota, django_assert_max_num_queries
):
    run = factories.make_run()
    for _n in range(40):
        counted.train(run=run)
    client = signed_in(county_official)
    with django_assert_max_num_queries(30):
        assert len(explain(client, quota).context["people"]) == 43


def test_verified_stands_beside_the_figure(signed_in, county_official, inspector, quota):
    plan, seed = actions.commit_check(
        region=quota.region,
        level=CheckPlan.Level.SPOT,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        n=2,
        actor=None,
    )
    items = actions.draw_check(plan=plan, seed=seed, inspectors=[inspector], actor=None)
    actions.record_finding(item=items[0], finding="CONFIRMED", actor=inspector)
    actions.record_finding(item=items[1], finding="UNREACHED", actor=inspector)
    page = explain(signed_in(county_official), quota, as_of="2999-01-01")
    assert (page.context["verified"].confirmed, page.context["verified"].checked) == (1, 1)


# --- plans ----------------------------------------------------------------------------------------
def test_the_tree_of_a_plan(signed_in, county_official, quota):
    page = signed_in(county_official).get(reverse("quotas:plan_detail", args=[quota.plan_id]))
    rows = [(row["branch"].quota.region.code, row["branch"].depth) for row in page.context["rows"]]
    assert rows == [("411521", 0), ("411521001", 1), ("411521100", 1)]
    assert page.context["rows"][0]["branch"].handed == 8


def cascade_data(**fields):
    return {"reserve": "2", "region_411521001": "4", "region_411521100": "4"} | fields


def test_a_clerk_hands_the_quota_of_the_county_down(signed_in, county_clerk, quota):
    address = reverse("quotas:quota_cascade", args=[quota.pk])
    client = signed_in(county_clerk)
    assert client.get(address).status_code == 200
    assert client.post(address, cascade_data()).status_code == 302
    assert sorted(quota.children.values_list("target", flat=True)) == [4, 4]
    wrong = client.post(address, cascade_data(reserve="1"))
    assert wrong.status_code == 200
    assert wrong.context["form"].non_field_errors()
    assert sorted(quota.children.values_list("target", flat=True)) == [4, 4]


def test_an_official_reads_only_and_a_neighbour_finds_nothing(
    signed_in, county_official, neighbour_clerk, quota
):
    address = reverse("quotas:quota_cascade", args=[quota.pk])
    assert signed_in(county_official).post(address, cascade_data()).status_code == 403
    assert signed_in(neighbour_clerk).post(address, cascade_data()).status_code == 404
    assert sorted(quota.children.values_list("target", flat=True)) == [3, 5]


# --- checks ---------------------------------------------------------------------------------------
@pytest.fixture
def item(quota, inspector):
    plan, seed = actions.commit_check(
        region=quota.region,
        level=CheckPlan.Level.SPOT,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        n=1,
        actor=None,
    )
    return actions.draw_check(plan=plan, seed=seed, inspectors=[inspector], actor=None)[0]


def test_an_inspector_sees_drawn_people_and_records_what_they_say(signed_in, inspector, item):
    client = signed_in(inspector)
    name = item.enrolment.learner.name
    page = client.get(reverse("quotas:check_list"))
    assert name in page.content.decode()
    assert item.enrolment.learner.clear_phone() not in page.content.decode()
    address = reverse("quotas:check_record", args=[item.pk])
    assert client.get(address).status_code == 200
    denied = client.post(address, {"finding": "DENIED", "note": ""})
    assert denied.status_code == 200
    assert "note" in denied.context["form"].errors
    assert client.post(address, {"finding": "DENIED", "note": "没去过"}).status_code == 302
    assert CheckItem.objects.get().finding == "DENIED"


def test_another_inspector_finds_nothing(signed_in, item):
    other = factories.make_user("other", (Role.INSPECTOR, "41"))
    client = signed_in(other)
    address = reverse("quotas:check_record", args=[item.pk])
    assert client.get(address).status_code == 404
    assert client.post(address, {"finding": "CONFIRMED"}).status_code == 404
    assert CheckItem.objects.get().finding == ""


def test_drawn_people_are_within_an_inspectors_reach(inspector, item):
    from learners.models import Learner

    assert list(Learner.objects.visible_to(inspector)) == [item.enrolment.learner]


def test_who_is_no_inspector_any_more_records_nothing(signed_in, inspector, item):
    """An official reads; that items were once drawn for the same person changes nothing."""
    inspector.grants.update(role=Role.OFFICIAL)
    address = reverse("quotas:check_record", args=[item.pk])
    client = signed_in(inspector)
    assert client.get(address).status_code == 403
    assert client.post(address, {"finding": "CONFIRMED"}).status_code == 403
    assert CheckItem.objects.get().finding == ""


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-31"])
def test_a_day_before_every_plan_is_no_fault_of_ours(signed_in, county_official, quota, day):
    client = signed_in(county_official)
    assert board(client, as_of=day).status_code in {200, 400}
    assert explain(client, quota, as_of=day).status_code in {200, 400}


def sheet_of(response) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    rows = [tuple(cell.value for cell in row) for row in book.active.rows]
    book.close()
    return rows


def test_an_official_finds_the_drawn_items_in_a_table(signed_in, county_official, item):
    client = signed_in(county_official)
    address = reverse("quotas:check_list")

    def found(**query) -> list:
        return [row.record for row in client.get(address, query).context["table"].rows]

    assert found() == [item]
    assert found(finding="TO_DO") == found(level="SPOT") == [item]
    assert found(finding="CONFIRMED") == found(level="SELF") == []
    _searched(client, address, item)
    rows = sheet_of(client.get(address, {"export": "xlsx"}))
    learner = item.enrolment.learner
    assert rows[1][0] == f"{learner.name} {learner.masked_id}"
    assert learner.clear_phone() not in str(rows)


def _searched(client, address: str, item: CheckItem) -> None:
    for text, expected in (
        (item.enrolment.run.course.title, [item]),
        (item.enrolment.learner.name, [item]),
        ("没有这个村", []),
    ):
        rows = search(client, address, text, finding="TO_DO").context["table"].rows
        assert [row.record for row in rows] == expected, text


def test_an_inspector_searches_own_items_and_takes_them_along(signed_in, inspector, item):
    other = factories.make_user("other", (Role.INSPECTOR, "41"))
    counted_too = counted.train(factories.make_learner("别人的"), code="411521001")
    CheckItem.objects.create(plan=item.plan, position=9, enrolment=counted_too, inspector=other)
    client, address = signed_in(inspector), reverse("quotas:check_table")
    assert f'href="{address}"' in client.get(reverse("quotas:check_list")).content.decode()
    page = client.get(address)
    assert [row.record for row in page.context["table"].rows] == [item]
    assert reverse("quotas:check_record", args=[item.pk]) in page.content.decode()
    _searched(client, address, item)
    head, row = sheet_of(client.get(address, {"export": "xlsx"}))
    assert len(head) == 6
    assert item.enrolment.learner.masked_id in row[0]
    CheckItem.objects.all().delete()
    assert "没有待查条目" in client.get(address).content.decode()


def test_plans_are_searched_filtered_and_exported(signed_in, county_official, quota):
    client = signed_in(county_official)
    address = reverse("quotas:plan_list")

    def found(**query) -> list:
        return [row.record for row in client.get(address, query).context["table"].rows]

    assert found() == found(state="in_force") == found(q=quota.plan.title) == [quota.plan]
    assert found(state="revised") == found(q="没有这个方案") == []
    assert sheet_of(client.get(address, {"export": "xlsx"}))[1][1] == quota.plan.title


def _queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_longer_lists_ask_nothing_more(client, county_official, item, inspector):
    """Of checks in hand, of checks as a table, and of plans."""

    def add(count: int) -> None:
        for _ in range(count):
            counted.make_quota(plan=counted.make_plan())
            other = counted.train(factories.make_learner(), code="411521001")
            CheckItem.objects.create(
                plan=item.plan,
                position=CheckItem.objects.count() + 1,
                enrolment=other,
                inspector=inspector,
            )

    def asked() -> dict[str, int]:
        found = {}
        for name in ("check_list", "check_table", "plan_list"):
            client.force_login(inspector if name == "check_table" else county_official)
            found[name] = _queries(client, reverse(f"quotas:{name}"))
        return found

    add(2)
    few = asked()
    add(27)
    assert asked() == few


def test_a_league_without_quotas_is_drawn_beside_its_highest(signed_in, province_officer, quota):
    counted.train(factories.make_learner("赵敏"), code="410122")
    page = board(signed_in(province_officer), region="41")
    assert not page.context["has_targets"]
    assert page.context["most"] == 2
    assert 'class="progress"' in page.content.decode()
    done = [view.row.progress.figure.value for view in page.context["rows"]]
    assert done == [2, 1], "by what was done, not by code"
