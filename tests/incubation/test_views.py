"""The worklist, the pages of a case, and what their forms refuse."""

import io
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from incubation.models import (
    Baseline,
    EarningsReport,
    FollowUpTask,
    IncubationCase,
    Shop,
    Visit,
)
from learners.models import Learner
from learners.queries import learner_timeline
from lms.lib.periods import local_date, today
from lms.lib.scope import Role
from lms.models import AuditEvent
from tests import factories
from tests.incubation.conftest import make_case, make_graduate
from tests.incubation.test_actions import report, shop_of, visit
from tests.searching import search

pytestmark = pytest.mark.django_db


def good_visit() -> dict[str, str]:
    return {"visited_on": today().isoformat(), "method": "DOOR", "finding": "RUNNING"}


@pytest.fixture
def phone(signed_in, field_worker):
    return signed_in(field_worker)


def at(name: str, *args) -> str:
    return reverse(f"incubation:{name}", args=args)


def stored() -> list[int]:
    models = (Visit, Shop, EarningsReport, Baseline, IncubationCase, AuditEvent)
    return [model.objects.count() for model in models]


# --- The worklist -------------------------------------------------------------------------------
def shown(client, **query) -> dict[str, int]:
    response = client.get(at("task_list"), query)
    counts = {name: count for name, _word, count in response.context["groups"]}
    return counts | {"shown": len(response.context["items"]), "group": response.context["group"]}


def test_the_worklist_counts_its_groups_and_opens_on_what_is_late(phone, case, field_worker):
    found = shown(phone)
    assert found == {
        "overdue": 2,
        "week": 0,
        "later": 4,
        "done": 0,
        "shown": 2,
        "group": "overdue",
    }
    for task in case.tasks.filter(due_on__lt=today()):
        visit(case, field_worker, task=task)
    assert shown(phone)["group"] == "later"
    assert shown(phone, group="done")["shown"] == 2


def test_mine_are_those_assigned_to_me_or_to_nobody(phone, case, regions):
    colleague = factories.make_user("", (Role.FIELD_WORKER, "411521"))
    make_case(assignee=colleague)
    make_case()
    assert shown(phone)["overdue"] == 4
    assert shown(phone, who="all")["overdue"] == 6


@pytest.mark.parametrize("query", [{"group": "x"}, {"page": "0"}, {"page": "abc"}, {"page": "9"}])
def test_a_worklist_that_is_none_is_not_found(phone, case, query):
    assert phone.get(at("task_list"), query).status_code == 404


def test_the_worklist_shows_no_number_of_anybody(phone, case):
    pages = [phone.get(at("task_list")), phone.get(at("case_detail", case.pk))]
    for page in pages:
        assert case.learner.clear_phone() not in page.content.decode()
        assert case.learner.clear_id_number() not in page.content.decode()
    assert case.learner.masked_phone in pages[1].content.decode()


# --- Visits -------------------------------------------------------------------------------------
def test_a_visit_from_the_worklist_comes_back_to_it(phone, case, field_worker):
    task = case.tasks.get(stage="MONTH_1")
    address = f"{at('visit_record', case.pk)}?task={task.pk}"
    assert str(task.pk) in phone.get(address).content.decode()
    response = phone.post(address, good_visit() | {"task": task.pk, "problem": "快递贵"})
    assert response.url == at("task_list")
    made = Visit.objects.get()
    assert (made.task, made.by, made.problem) == (task, field_worker, "快递贵")


def test_one_form_records_visit_shop_and_sales(phone, case):
    data = good_visit() | {
        "shop_platform": "DOUYIN",
        "shop_name": "罗山红薯",
        "shop_opened_on": today().isoformat(),
        "sales_month": f"{today():%Y-%m}",
        "sales_amount": "1.2万",
        "sales_grade": "2",
    }
    assert phone.post(at("visit_record", case.pk), data).status_code == 302
    sales = EarningsReport.objects.get()
    assert (sales.shop.name, sales.amount_yuan, sales.grade) == ("罗山红薯", 12_000, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"visited_on": "2999-01-01"}, "__all__"),
        ({"visited_on": "2001-01-01"}, "__all__"),
        ({"visited_on": "2026-02-30"}, "visited_on"),
        ({"visited_on": ""}, "visited_on"),
        ({"method": "PIGEON"}, "method"),
        ({"finding": ""}, "finding"),
        ({"problem": "长" * 301}, "problem"),
        ({"task": "00000000-0000-0000-0000-000000000000"}, "task"),
        ({"task": "x"}, "task"),
        ({"shop_name": "只有名字"}, "shop_platform"),
        ({"shop_platform": "TAOBAO"}, "shop_name"),
        ({"shop_url": "javascript:alert(1)"}, "shop_url"),
        ({"sales_amount": "1,2"}, "sales_amount"),
        ({"sales_amount": "5", "sales_month": ""}, "sales_month"),
        ({"sales_amount": "5", "sales_month": "2026-01"}, "__all__"),
        (
            {
                "shop_platform": "JD",
                "shop_name": "明天开",
                "shop_opened_on": "2999-01-01",
            },
            "__all__",
        ),
    ],
)
def test_a_visit_that_cannot_be_is_refused_with_all_its_parts(phone, case, changes, field):
    before = stored()
    response = phone.post(at("visit_record", case.pk), good_visit() | changes)
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert stored() == before


def test_the_shop_of_somebody_else_is_not_taken(phone, case, field_worker):
    other = shop_of(make_graduate(), field_worker)
    data = {"shop": other.pk, "kind": "SALES", "month": "2026-01", "amount": "5", "grade": "1"}
    response = phone.post(at("earnings_report", case.pk), data)
    assert "shop" in response.context["form"].errors
    assert not EarningsReport.objects.exists()


def test_nothing_more_than_the_form_is_taken(phone, case, regions, field_worker):
    extra = {"by": "1", "case": "x", "recorded_at": "2001-01-01", "home_region": "65"}
    data = {"platform": "JD", "name": "店", "opened_on": today(), "owner": "x", "household": ""}
    phone.post(at("visit_record", case.pk), good_visit() | extra)
    phone.post(at("shop_create", case.pk), data | extra)
    made = Visit.objects.get()
    assert (made.by, local_date(made.recorded_at)) == (field_worker, today())
    shop = Shop.objects.get()
    assert (shop.owner, shop.home_region) == (case.learner, case.home_region)


def test_markup_in_a_field_is_shown_as_text(phone, case):
    bad = "<script>alert(1)</script>{{7*7}}'; DROP TABLE"
    phone.post(at("visit_record", case.pk), good_visit() | {"problem": bad, "next_step": bad})
    phone.post(at("shop_create", case.pk), {"platform": "JD", "name": bad, "opened_on": today()})
    page = phone.get(at("case_detail", case.pk)).content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}") == 3


# --- Earnings and baselines -----------------------------------------------------------------------
def earn(client, case, **changes):
    data = {"shop": "", "kind": "INCOME", "month": "2026-01", "amount": "1,200", "grade": "2"}
    return client.post(at("earnings_report", case.pk), data | changes)


def test_a_household_reports_its_income(phone, case):
    assert earn(phone, case).url == at("case_detail", case.pk)
    made = EarningsReport.objects.get()
    assert (made.shop, made.amount_yuan, made.month) == (None, 1200, date(2026, 1, 1))
    assert made.household == case.learner.memberships.get().household


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "-5"}, "__all__"),
        ({"amount": "1e12"}, "amount"),
        ({"amount": "1,2万"}, "amount"),
        ({"amount": "很多"}, "amount"),
        ({"amount": "99999999999999999999999999"}, "__all__"),
        ({"amount": "1" * 31}, "amount"),
        ({"month": "2999-01"}, "__all__"),
        ({"month": "2026-13"}, "month"),
        ({"month": "一月"}, "month"),
        ({"kind": "SALES"}, "__all__"),
        ({"kind": "THEFT"}, "kind"),
        ({"grade": "9"}, "grade"),
        ({"grade": ""}, "grade"),
    ],
)
def test_earnings_that_cannot_be(phone, case, changes, field):
    before = stored()
    response = earn(phone, case, **changes)
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert stored() == before


def test_who_belongs_to_no_household_is_told(phone, case):
    case.learner.memberships.all().delete()
    response = earn(phone, case)
    assert response.context["form"].errors["__all__"]
    assert phone.get(at("case_detail", case.pk)).status_code == 200


def test_the_case_page_shows_what_stands(phone, case, field_worker):
    shop = shop_of(case.learner, field_worker)
    report(shop, field_worker, 3, 800)
    report(shop, field_worker, 1, 999)
    context = phone.get(at("case_detail", case.pk)).context
    assert [r.amount_yuan for r in context["reports"]] == [Decimal(800)]
    assert (context["chart"].total_yuan, context["chart"].reported) == (800, 1)
    assert context["chart"].values[-1] == 800
    assert context["chart"].kinds[-1] == 1


def test_a_baseline_is_recorded(phone, case):
    data = {"month": "2017-05", "amount": "0.08万", "members": "4"}
    assert phone.post(at("baseline_record", case.pk), data).status_code == 302
    assert Baseline.objects.get().amount_yuan == 800
    for bad in ({"members": "0"}, {"members": "31"}, {"month": "2999-01"}, {"amount": "-1"}):
        assert phone.post(at("baseline_record", case.pk), data | bad).status_code == 200
    assert Baseline.objects.count() == 1


# --- Opening and handing over -------------------------------------------------------------------
def test_a_case_is_opened_from_the_list_of_candidates(phone, graduate, field_worker):
    rows = phone.get(at("candidate_list")).context["table"].rows
    assert [row.record for row in rows] == [graduate]
    page = phone.get(at("case_open", graduate.pk))
    assert page.context["form"].fields["assignee"].initial == field_worker.pk
    data = {"opened_on": today(), "assignee": field_worker.pk}
    made = phone.post(at("case_open", graduate.pk), data)
    assert made.url == at("case_detail", IncubationCase.objects.get().pk)
    again = phone.post(at("case_open", graduate.pk), data)
    assert again.context["form"].errors["__all__"]
    assert IncubationCase.objects.count() == 1


def test_an_assignee_from_elsewhere_is_not_taken(signed_in, graduate, case, county_clerk):
    elsewhere = factories.make_user("", (Role.FIELD_WORKER, "411522"))
    client = signed_in(county_clerk)
    other = make_graduate()
    data = {"opened_on": today(), "assignee": elsewhere.pk}
    assert "assignee" in client.post(at("case_open", other.pk), data).context["form"].errors
    client.post(at("case_assign", case.pk), {"assignee": elsewhere.pk})
    case.refresh_from_db()
    assert case.assignee != elsewhere


def test_somebody_without_a_class_has_no_case(signed_in, county_clerk, phone):
    newcomer = factories.make_learner()
    data = {"opened_on": today(), "assignee": ""}
    assert phone.post(at("case_open", newcomer.pk), data).status_code == 404
    client = signed_in(county_clerk)
    assert client.post(at("case_open", newcomer.pk), data).context["form"].errors["__all__"]
    assert not IncubationCase.objects.exists()


def test_a_case_assigned_elsewhere_is_written_by_its_field_worker(phone, field_worker, regions):
    case = make_case(code="411522001001")
    assert phone.get(at("case_detail", case.pk)).status_code == 404
    assert phone.post(at("visit_record", case.pk), good_visit()).status_code == 404
    IncubationCase.objects.filter(pk=case.pk).update(assignee=field_worker)
    assert phone.post(at("visit_record", case.pk), good_visit()).status_code == 302
    assert [row.record for row in phone.get(at("case_list")).context["table"].rows] == [case]


# --- Lists --------------------------------------------------------------------------------------
def test_the_list_of_cases_filters(signed_in, county_clerk, case, field_worker, regions):
    other = make_case(make_graduate("王小花", "411521100200"), days_ago=0)
    client = signed_in(county_clerk)

    def found(**query) -> set[IncubationCase]:
        return {row.record for row in client.get(at("case_list"), query).context["table"].rows}

    assert found() == {case, other}
    assert found(state="overdue") == {case}
    assert found(state="unassigned") == {other}
    typed = search(client, at("case_list"), "小花", state="open")
    assert {row.record for row in typed.context["table"].rows} == {other}
    assert found(assignee="field") == {case}
    assert found(region="411521100") == {other}
    IncubationCase.objects.filter(pk=other.pk).update(closed_on=today())
    assert found(state="closed", region="411521") == {other}


def test_the_list_of_follow_ups_filters_and_is_exported(
    signed_in, county_clerk, case, field_worker, regions
):
    other = make_case(make_graduate("王小花", "411521100200"), days_ago=0)
    client = signed_in(county_clerk)

    def of(cases, **query) -> list[str]:
        rows = client.get(at("follow_up_list"), query).context["table"].rows
        assert {row.record.case for row in rows} == set(cases), query
        return [row.record.stage for row in rows]

    assert len(of({case, other})) == case.tasks.count() + other.tasks.count()
    assert of({case}, group="overdue") == ["MONTH_1", "MONTH_3"]
    of({case, other}, group="later", region="411521")
    of({other}, who="nobody")
    of(set(), who="mine")
    of(set(), group="done")
    assert of({case, other}, stage="YEAR_1") == ["YEAR_1", "YEAR_1"]
    of({case}, due_until=today().isoformat())
    of({other}, region="411521100")
    typed = search(client, at("follow_up_list"), "小花", stage="MONTH_1", region="411521")
    assert [row.record.case for row in typed.context["table"].rows] == [other]
    answer = client.get(
        at("follow_up_list"), {"export": "xlsx", "stage": "MONTH_1", "region": "411521"}
    )
    lines = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    assert [line[0] for line in lines[1:]] == [case.learner.name, "王小花"]
    assert lines[1][3] == case.tasks.get(stage="MONTH_1").due_on.isoformat()


def test_follow_ups_without_any_say_what_makes_them(signed_in, county_clerk, regions):
    page = signed_in(county_clerk).get(at("follow_up_list")).content.decode()
    assert "结业" in page
    assert "还没有" in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page": "1e9"}, 404),
        ({"sort": "learner__phone_index"}, 404),
        ({"learner__user__password": "x"}, 400),
        ({"region": "411522"}, 404),
        ({"q": "\ud800"}, 400),
    ],
)
@pytest.mark.parametrize("name", ["follow_up_list", "case_list", "shop_list", "candidate_list"])
def test_lists_refuse_what_they_do_not_know(signed_in, county_clerk, name, query, status):
    if "q" in query:
        query = "q=%ED%A0%80"
        assert signed_in(county_clerk).get(f"{at(name)}?{query}").status_code == status
        return
    assert signed_in(county_clerk).get(at(name), query).status_code == status


def test_lists_ask_the_database_as_often_for_30_as_for_3(
    phone, field_worker, regions, django_assert_max_num_queries
):
    """All lists of the same thirty, which take longer to make than to list."""
    lists = ["task_list", "follow_up_list", "case_list", "shop_list", "candidate_list"]
    counts = []
    for more in (3, 27):
        for _n in range(more):
            case = make_case(assignee=field_worker)
            shop = shop_of(case.learner, field_worker)
            report(shop, field_worker, 2, 100)
            make_graduate()
        for name in lists:
            # A case has six follow-ups: one stage of them is as many rows as elsewhere.
            query = {"stage": "MONTH_1"} if name == "follow_up_list" else {}
            phone.get(at(name), query)
            with django_assert_max_num_queries(14) as asked:
                phone.get(at(name), query)
            counts.append((name, len(asked)))
    assert counts[:5] == counts[5:]


def test_the_page_of_a_case_asks_as_often_for_many_visits(
    phone, case, field_worker, django_assert_max_num_queries
):
    counts = []
    for more in (3, 27):
        for n in range(more):
            visit(case, field_worker)
            shop = shop_of(case.learner, field_worker, name=f"店{more}-{n}")
            report(shop, field_worker, 2, 100)
        with django_assert_max_num_queries(22) as asked:
            phone.get(at("case_detail", case.pk))
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- On the learner's page ------------------------------------------------------------------------
def test_the_timeline_of_a_learner_tells_of_the_case(
    case, field_worker, county_clerk, neighbour_clerk
):
    task = case.tasks.get(stage="MONTH_1")
    visit(case, field_worker, task=task)
    report(shop_of(case.learner, field_worker), field_worker, 2, 100)
    seen = learner_timeline(case.learner, county_clerk, today=today())
    assert len([row for row in seen.future if row.kind == "pin" and not row.done]) == 4
    late = [row for row in seen.past if row.chip and row.chip[0] == "bad"]
    assert [row.on for row in late] == [case.tasks.get(stage="MONTH_3").due_on]
    kinds = {row.kind for row in seen.past}
    assert {"flag", "pin", "shop", "chart"} <= kinds
    unseen = learner_timeline(case.learner, neighbour_clerk, today=today())
    assert not {"flag", "pin", "shop", "chart"} & {row.kind for row in unseen.past + unseen.future}


def test_done_tasks_count_once(case, field_worker):
    task = case.tasks.get(stage="MONTH_1")
    visit(case, field_worker, task=task)
    seen = learner_timeline(case.learner, field_worker, today=today())
    rows = [row for row in [*seen.future, *seen.past] if row.kind == "pin"]
    assert len(rows) == FollowUpTask.objects.count()
    assert Learner.objects.visible_to(field_worker).get() == case.learner
    assert timedelta(0) < today() - task.due_on
