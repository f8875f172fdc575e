"""Quotas are read by officials, clerks and inspectors of the region; a clerk hands down."""

from datetime import date

from quotas.models import CheckItem, CheckPlan, Measure
from tests import factories
from tests.access import Place, page
from tests.quotas import counted


def make(place: Place) -> dict[str, dict]:
    quota = counted.make_quota(code=place.county)
    counted.make_quota(Measure.ROSTER_COVERAGE, place.county, 70, plan=quota.plan)
    enrolment = counted.train(factories.make_learner(code=place.village), place.county)
    check = CheckPlan.objects.create(
        region=quota.region,
        level=CheckPlan.Level.SPOT,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        seed_commitment="0" * 64,
        n=1,
    )
    item = CheckItem.objects.create(
        plan=check, position=1, enrolment=enrolment, inspector=factories.make_user()
    )
    return {
        "quota": {"pk": quota.pk},
        "plan": {"pk": quota.plan_id},
        "item": {"pk": item.pk},
        "found": {"finding": "CONFIRMED"},
        "cascade": {"reserve": "100"},
    }


READERS = {"clerk": 200, "official": 200, "province": 200, "inspector": 200}
ASKERS = dict.fromkeys(READERS, 302)

EXPECTED = {
    "quotas:board": page(**READERS),
    "quotas:board_export": page(method="post", **ASKERS),
    "quotas:explain": page("quota", **READERS),
    "quotas:explain_export": page("quota", method="post", **ASKERS),
    "quotas:plan_list": page(**READERS),
    "quotas:plan_detail": page("plan", **READERS),
    "quotas:quota_cascade": [
        page("quota", clerk=200, official=403, province=403, inspector=403),
        page("quota", method="post", data="cascade", clerk=302, official=403, inspector=403),
    ],
    "quotas:check_list": page(**READERS),
    "quotas:check_table": [page(inspector=200), page(query="export=xlsx", inspector=200)],
    # Drawn for somebody else: clerks and officials see it in the list, nobody here may record it.
    "quotas:check_record": [
        page("item", clerk=403, official=403, province=403, inspector=404),
        page("item", method="post", data="found", clerk=403, official=403, inspector=404),
    ],
}
