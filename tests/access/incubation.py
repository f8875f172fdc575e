"""Clerks and field workers write, officials read, everybody in their own regions."""

from datetime import timedelta

from courses.models import Enrolment
from incubation import actions
from lms.lib.periods import today
from tests import factories
from tests.access import Place, page

READ = {"clerk": 200, "official": 200, "province": 200, "field_worker": 200}
WRITE = {"clerk": 200, "field_worker": 200, "official": 403, "province": 403}
WRITTEN = WRITE | {"clerk": 302, "field_worker": 302}


def make(place: Place) -> dict[str, dict]:
    graduates = []
    for days_ago in (100, 90):
        learner = factories.make_learner("", place.village)
        completed_on = today() - timedelta(days=days_ago)
        run = factories.make_run(place.county, starts_on=completed_on, days=1)
        factories.make_enrolment(
            run, learner, status=Enrolment.Status.COMPLETED, completed_on=completed_on
        )
        graduates.append(learner)
    case = actions.open_case(
        learner=graduates[0],
        opened_on=today() - timedelta(days=95),
        assignee=place.field_worker,
        actor=place.field_worker,
    )
    shop = actions.open_shop(
        owner=graduates[0],
        facts=actions.ShopFacts("TAOBAO", "山货店", today() - timedelta(days=60)),
        actor=place.clerk,
    )
    household = graduates[0].memberships.get().household
    given = actions.record_support(
        household=household,
        learner=None,
        facts=actions.SupportFacts("GOODS", today(), "包装箱", "服务中心"),
        actor=place.clerk,
    )
    return {
        "given": {"pk": given.pk},
        "void": {"reason": "录入两次"},
        "household": {"pk": household.pk},
        "support": {
            "kind": "LOAN",
            "what": "小额信贷",
            "amount": "2万",
            "giver": "农商行",
            "given_on": today().isoformat(),
        },
        "case": {"pk": case.pk},
        "graduate": {"pk": graduates[1].pk},
        "opening": {"opened_on": today().isoformat(), "assignee": str(place.field_worker.pk)},
        "handing": {"assignee": str(place.field_worker.pk)},
        "visit": {
            "task": str(case.tasks.first().pk),
            "visited_on": today().isoformat(),
            "method": "DOOR",
            "finding": "RUNNING",
        },
        "shop": {"platform": "JD", "name": "新店", "opened_on": today().isoformat()},
        "earnings": {
            "shop": str(shop.pk),
            "kind": "SALES",
            "month": f"{today():%Y-%m}",
            "amount": "1.2万",
            "grade": "2",
        },
        "baseline": {"month": "2017-05", "amount": "800", "members": "4"},
    }


EXPECTED = {
    # Those without a worklist of their own are led on to the cases.
    "incubation:task_list": page(field_worker=200, clerk=302, official=302, province=302),
    "incubation:follow_up_list": [page(**READ), page(query="export=xlsx", **READ)],
    "incubation:case_list": [page(**READ), page(query="export=xlsx", **READ)],
    "incubation:shop_list": [page(**READ), page(query="export=xlsx", **READ)],
    "incubation:candidate_list": page(clerk=200, field_worker=200),
    "incubation:case_open": [
        page("graduate", **WRITE),
        page("graduate", method="post", data="opening", **WRITTEN),
    ],
    "incubation:case_detail": page("case", **READ),
    "incubation:case_assign": page(
        "case",
        method="post",
        data="handing",
        clerk=302,
        field_worker=403,
        official=403,
        province=403,
    ),
    "incubation:visit_record": [
        page("case", **WRITE),
        page("case", method="post", data="visit", **WRITTEN),
    ],
    "incubation:shop_create": [
        page("case", **WRITE),
        page("case", method="post", data="shop", **WRITTEN),
    ],
    "incubation:earnings_report": [
        page("case", **WRITE),
        page("case", method="post", data="earnings", **WRITTEN),
    ],
    "incubation:support_record": [
        page("household", **WRITE),
        page("household", method="post", data="support", **WRITTEN),
    ],
    "incubation:support_void": [
        page("given", **WRITE),
        page("given", method="post", data="void", **WRITTEN),
    ],
    "incubation:baseline_record": [
        page("case", **WRITE),
        page("case", method="post", data="baseline", **WRITTEN),
    ],
}
