"""What the counting tests build: attendance, completions, registers, earnings, quotas."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import User
from courses.models import AttendanceState, ClassSession, CourseRun, Enrolment, MarkEvent
from incubation.models import Baseline, EarningsReport, Shop
from learners.models import (
    Household,
    Learner,
    Register,
    RegisterAdjustment,
    RegisterEdition,
    RegisterEntry,
)
from lms.lib.ids import uuid7
from quotas.models import Measure, Plan, Quota
from tests import factories

DAY = date(2026, 3, 2)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def actor():
    return User.objects.filter(username="actor").first() or factories.make_user("actor")


def mark(session: ClassSession, learner: Learner, status: str = "PRESENT") -> None:
    event = MarkEvent.objects.create(
        session=session,
        learner=learner,
        kind="mark",
        status=status,
        source="trainer",
        actor=actor(),
        wall_ms=0,
        t_ms=0,
        body_sha256="0" * 64,
    )
    AttendanceState.objects.create(session=session, learner=learner, event=event, status=status)


def close(session: ClassSession) -> None:
    session.status = ClassSession.Status.CLOSED
    session.save()


def make_closed_session(run: CourseRun, day: date | None = None) -> ClassSession:
    session = factories.make_session(run, day)
    close(session)
    return session


def train(
    learner: Learner | None = None,
    code: str = "411521",
    *,
    day: date = DAY,
    run: CourseRun | None = None,
    status: str = "PRESENT",
    **fields: Any,
) -> Enrolment:
    """`learner` attended one closed session of a run on `day`."""
    run = run or factories.make_run(code, starts_on=day, **fields)
    session = run.sessions.first() or make_closed_session(run)
    enrolment = factories.make_enrolment(run, learner)
    mark(session, enrolment.learner, status)
    return enrolment


def complete(
    learner: Learner, code: str = "411521", *, day: date = DAY, **fields: Any
) -> Enrolment:
    enrolment = train(learner, code, day=day, **fields)
    enrolment.status, enrolment.completed_on = Enrolment.Status.COMPLETED, day
    enrolment.save()
    return enrolment


def make_edition(
    subjects: list[Learner | Household], code: str = "411521", *, sealed: bool = True
) -> RegisterEdition:
    region = factories.make_region(code)
    register, _made = Register.objects.get_or_create(
        purpose=Register.Purpose.ABLE_WILLING, year=2026, region=region
    )
    edition = RegisterEdition.objects.create(register=register, no=register.editions.count() + 1)
    for subject in subjects:
        add_entry(edition, subject)
    if sealed:
        edition.sealed_at, edition.sha256 = timezone.now(), "a" * 64
        edition.save()
    return edition


def add_entry(edition: RegisterEdition, subject: Learner | Household, **fields: Any):
    named = {"learner": subject} if isinstance(subject, Learner) else {"household": subject}
    region = subject.home_region if isinstance(subject, Learner) else subject.region
    return RegisterEntry.objects.create(edition=edition, region_at_seal=region, **(named | fields))


def adjust(entry: RegisterEntry, kind: str, day: date) -> None:
    RegisterAdjustment.objects.create(entry=entry, kind=kind, happened_on=day, reason="核实")


def make_shop(owner: Learner, day: date = DAY, **fields: Any) -> Shop:
    membership = owner.memberships.first()
    return Shop.objects.create(
        owner=owner,
        home_region=owner.home_region,
        household=membership.household,
        platform="DOUYIN",
        name=f"小店{uuid7()}",
        opened_on=day,
        **fields,
    )


def report(household: Household, month: date, amount: int, grade: int = 3, **fields: Any):
    return EarningsReport.objects.create(
        household=household,
        month=month,
        kind="INCOME",
        amount_yuan=Decimal(amount),
        grade=grade,
        reported_by=actor(),
        **fields,
    )


def baseline(household: Household, month: date, amount: int, members: int = 4) -> Baseline:
    return Baseline.objects.create(
        household=household, month=month, amount_yuan=Decimal(amount), members=members
    )


def make_plan(**fields: Any) -> Plan:
    fields = {"title": "电商培训实施方案", "doc_no": "测〔2026〕1号"} | fields
    fields = {"starts_on": YEAR[0], "ends_on": YEAR[1]} | fields
    return Plan.objects.create(**fields)


def make_quota(
    measure: str = Measure.PERSON_TIMES, code: str = "411521", target: int = 100, **fields: Any
) -> Quota:
    kinds = {Measure.ROSTER_COVERAGE: "COVERAGE"}
    fields = {
        "kind": kinds.get(measure, "ABSOLUTE"),
        "starts_on": YEAR[0],
        "ends_on": YEAR[1],
        "attribution": "host" if measure == Measure.PERSON_TIMES else "home",
    } | fields
    return Quota.objects.create(
        plan=fields.pop("plan", None) or make_plan(),
        measure=measure,
        region=factories.make_region(code),
        target=Decimal(target),
        **fields,
    )


def days_after(day: date, n: int) -> date:
    return day + timedelta(days=n)
