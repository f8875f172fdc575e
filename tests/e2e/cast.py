"""What is there before a journey begins, made by the product's own actions.

Runs as a program of the product's settings: `python -m tests.e2e.cast STEP JSON`; prints JSON.
"""

import json
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import django

from tests.e2e import tablet_cast

COUNTY = "411521"
#: role, user name, shown name; each for 罗山县.
PEOPLE = (
    ("CLERK", "jingban", "经办 陈静"),
    ("TRAINER", "laoshi", "讲师 李老师"),
    ("FIELD_WORKER", "zhucun", "驻村 王队长"),
    ("OFFICIAL", "kaohe", "考核 王建国"),
)


def lay_down() -> dict[str, Any]:
    """Staff, an instructor who is the trainer, a course, an issuer, a plan with five quotas."""
    from accounts.actions import create_user
    from accounts.models import User
    from certificates.actions import create_issuer
    from courses.actions import add_course, add_instructor, add_site
    from lms.lib.periods import today
    from lms.lib.scope import Role
    from regions.models import Region

    county = Region.objects.current().get(code=COUNTY)
    passwords = {}
    for role, username, name in PEOPLE:
        _user, passwords[username] = create_user(
            username=username,
            display_name=name,
            role=Role[role],
            region=county,
            starts_on=date(2020, 1, 1),
            actor=None,
        )
    clerk, trainer = User.objects.get(username="jingban"), User.objects.get(username="laoshi")
    add_instructor(name="李老师", region=county, user=trainer, actor=clerk)
    add_site(name="罗山县电商培训基地", region=county, actor=clerk)
    add_course(title="网店开设与直播", audience="HOUSEHOLD_MEMBER", hours=8, actor=clerk)
    create_issuer(region=county, name="罗山县电子商务服务中心", prefix="LS", actor=clerk)
    _plan(county, User.objects.get(username="kaohe"))
    return {"passwords": passwords, "today": today().isoformat()}


def _plan(county: Any, actor: Any) -> None:
    from lms.lib.periods import today
    from quotas.actions import QuotaTerms, add_quota, create_plan
    from quotas.models import Measure, Quota

    first = date(today().year, 1, 1)
    last = date(today().year, 12, 31)
    plan = create_plan(title="罗山县电商培训年度计划", starts_on=first, ends_on=last, actor=actor)
    for measure, target, kind, attribution in (
        (Measure.PERSON_TIMES, 20, Quota.Kind.ABSOLUTE, Quota.Attribution.HOST),
        (Measure.PEOPLE_TRAINED, 10, Quota.Kind.ABSOLUTE, Quota.Attribution.HOME),
        (Measure.ROSTER_COVERAGE, 70, Quota.Kind.COVERAGE, Quota.Attribution.HOME),
        (Measure.SHOPS_OPENED, 2, Quota.Kind.ABSOLUTE, Quota.Attribution.HOME),
        (Measure.INCOME_RISE_YUAN, 300, Quota.Kind.ABSOLUTE, Quota.Attribution.HOME),
    ):
        terms = QuotaTerms(
            measure=measure,
            target=Decimal(target),
            starts_on=first,
            ends_on=last,
            attribution=attribution,
            kind=kind,
        )
        add_quota(plan=plan, region=county, terms=terms, actor=actor)


def attach_register() -> dict[str, Any]:
    """The sealed edition becomes the denominator of the coverage quota."""
    from accounts.models import User
    from learners.models import RegisterEdition
    from quotas.actions import attach_edition
    from quotas.models import Measure, Quota

    quota = Quota.objects.get(measure=Measure.ROSTER_COVERAGE)
    edition = RegisterEdition.objects.get(sealed_at__isnull=False)
    attach_edition(quota=quota, edition=edition, actor=User.objects.get(username="kaohe"))
    return {"sha256": edition.sha256}


def give_sign_in(name: str) -> dict[str, Any]:
    """A trainee's own user name and password."""
    from accounts.models import User
    from learners.actions.sign_in import give_sign_in as give
    from learners.models import Learner

    learner = Learner.objects.get(name=name)
    clerk = User.objects.get(username="jingban")
    user, password = give(learner=learner, username="xueyuan", actor=clerk)
    return {"username": user.username, "password": password}


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    "lay_down": lay_down,
    "attach_register": attach_register,
    "give_sign_in": give_sign_in,
    "tablet_class": tablet_cast.tablet_class,
    "tablet_lost": tablet_cast.tablet_lost,
    "tablet_queue": tablet_cast.tablet_queue,
}

if __name__ == "__main__":
    django.setup()
    step, given = sys.argv[1:]
    json.dump(STEPS[step](**json.loads(given)), sys.stdout)
