"""Plain factories: each makes one valid record, and what it needs, from few arguments."""

from copy import copy
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.models import Device, Grant, User
from certificates.models import Issuer
from courses.models import (
    ClassSession,
    CompletionRule,
    Course,
    CourseRun,
    Enrolment,
    Instructor,
    TrainingSite,
)
from learners.models import Household, HouseholdStatus, Learner, Membership
from lms.lib.scope import Role
from regions.models import Region

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Above those that tests give by themselves: two people never get one identity number.
FIRST_NUMBER = 1001
_numbers = count(FIRST_NUMBER)
#: What `make_regions` made in this test: asking for it again and again was one query in eight.
_regions: dict[str, Region] = {}


def count_anew() -> None:
    """Number what is made from the first number again; no region is known."""
    global _numbers
    _numbers = count(FIRST_NUMBER)
    _regions.clear()


#: A small tree: two provinces, three counties, with real codes and names.
REGIONS = {
    "41": "河南省",
    "4115": "信阳市",
    "411521": "罗山县",
    "411521001": "丽水街道",
    "411521001003": "邵洼社区居民委员会",
    "411521001004": "高湾社区居民委员会",
    "411521100": "周党镇",
    "411521100200": "曹村村民委员会",
    "411522": "光山县",
    "411522001": "弦山街道",
    "411522001001": "东城社区居民委员会",
    "65": "新疆维吾尔自治区",
    "6531": "喀什地区",
    "653128": "岳普湖县",
    "653128100": "岳普湖镇",
    "653128100011": "团结路社区",
}
LEVELS = {2: 1, 4: 2, 6: 3, 9: 4, 12: 5}


def make_region(code: str, name: str = "") -> Region:
    """The region with `code`, and its ancestors, made once."""
    if code in _regions and not name:
        return _as_read(_regions[code])
    found = Region.objects.filter(code=code, ends_on__isnull=True).first()
    if found:
        return found
    shorter = [length for length in LEVELS if length < len(code)]
    parent = make_region(code[: max(shorter)]) if shorter else None
    return Region.objects.create(
        code=code,
        path=code,
        name=name or REGIONS.get(code, f"地区{code}"),
        level=LEVELS[len(code)],
        parent=parent,
        starts_on=date(2000, 1, 1),
    )


def make_regions() -> dict[str, Region]:
    """All of them: nearly every test asks for them."""
    if connection.vendor == "sqlite" and (found := _put_all()):
        _regions.update(_numbered_regions())
        return found
    found = _make_missing()
    _regions.update({code: _as_read(found[code]) for code in REGIONS})
    return found


def _make_missing() -> dict[str, Region]:
    """A statement for each level."""
    rows = Region.objects.filter(code__in=REGIONS, ends_on__isnull=True)
    found = {row.code: row for row in rows}
    for length in LEVELS:
        wanted = [code for code in REGIONS if len(code) == length and code not in found]
        made = Region.objects.bulk_create([_region(code, found) for code in wanted])
        found |= {row.code: row for row in made}
    return {code: found[code] for code in REGIONS}


def _put_all() -> dict[str, Region]:
    """Into an empty table, all in one statement that was worded once: with numbers of ours, after
    which SQLite goes on by itself (a sequence of PostgreSQL would not). Nothing where some are."""
    with connection.cursor() as cursor:
        if cursor.execute("SELECT 1 FROM regions_region LIMIT 1").fetchone():
            return {}
        cursor.execute(*_statement_for_all())
    found = {code: _as_read(region) for code, region in _numbered_regions().items()}
    for code, region in found.items():
        region.parent = found.get(code[: _above(code)])
    return found


@cache
def _numbered_regions() -> dict[str, Region]:
    """As the database knows them when they are saved; copied for each test."""
    made: dict[str, Region] = {}
    for number, code in enumerate(REGIONS, 1):
        made[code] = _region(code, made)
        made[code].pk = number
        made[code]._state.adding, made[code]._state.db = False, connection.alias
    return made


@cache
def _statement_for_all() -> tuple[str, list[Any]]:
    fields = Region._meta.concrete_fields
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    given = [
        field.get_db_prep_save(getattr(region, field.attname), connection)
        for region in _numbered_regions().values()
        for field in fields
    ]
    return f"INSERT INTO regions_region ({names}) VALUES {', '.join([row] * len(REGIONS))}", given


def _as_read(region: Region) -> Region:
    """Another object of the same row, which knows none of its relations."""
    read = copy(region)
    read._state.fields_cache.clear()
    return read


def _above(code: str) -> int:
    """How long the code of its parent is."""
    return max((length for length in LEVELS if length < len(code)), default=0)


def _region(code: str, found: dict[str, Region]) -> Region:
    above = _above(code)
    return Region(
        code=code,
        path=code,
        name=REGIONS[code],
        level=LEVELS[len(code)],
        parent=found[code[:above]] if above else None,
        starts_on=date(2000, 1, 1),
    )


def make_user(name: str = "", *grants: tuple[str, str], **fields: Any) -> User:
    """`grants` are (role, region code) pairs, valid since 2000."""
    n = next(_numbers)
    user = User(username=name or f"user{n}", display_name=name or f"用户{n}", **fields)
    user.set_password("long-enough-password")
    user.save()
    for role, code in grants:
        Grant.objects.create(
            user=user,
            role=role,
            region=make_region(code) if code else None,
            starts_on=date(2000, 1, 1),
        )
    return user


def make_id_number(n: int | None = None, *, born: date = date(1985, 6, 1), sex: str = "M") -> str:
    """A valid number, another for each `n`."""
    n = n if n is not None else next(_numbers)
    order = n % 500 * 2 + (sex == "M")
    body = f"{411521 + n // 500}{born:%Y%m%d}{order:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
    return body + check


def make_household(code: str = "411521001003", type_code: str = "GENERAL_POOR") -> Household:
    region = make_region(code)
    household = Household.objects.create(number=f"{code}-{next(_numbers)}", region=region)
    HouseholdStatus.objects.create(
        household=household, type_id=type_code, starts_on=date(2014, 1, 1)
    )
    return household


def make_learner(
    name: str = "",
    code: str = "411521001003",
    *,
    household: Household | None = None,
    phone: str = "13800000617",
    born: date = date(1985, 6, 1),
    **fields: Any,
) -> Learner:
    n = next(_numbers)
    learner = Learner(
        name=name or f"学员{n}", home_region=make_region(code), sex=fields.pop("sex", "M"), **fields
    )
    if not learner.provisional:
        learner.set_id_number(make_id_number(n, born=born))
        learner.set_birth_date(born)
    learner.set_phone(phone)
    learner.save()
    Membership.objects.create(
        learner=learner,
        household=household or make_household(code),
        starts_on=date(2014, 1, 1),
    )
    return learner


def make_course(title: str = "", **fields: Any) -> Course:
    fields = {"audience": "HOUSEHOLD_MEMBER", "hours": 16} | fields
    return Course.objects.create(title=title or f"网店开设与直播{next(_numbers)}", **fields)


def make_run(
    code: str = "411521", *, starts_on: date = date(2026, 3, 2), days: int = 3, **fields: Any
) -> CourseRun:
    region = make_region(code)
    fields = {
        "status": CourseRun.Status.RUNNING,
        "completion_rule": CompletionRule.objects.get(edition=1),
        "number": next(_numbers),
    } | fields
    return CourseRun.objects.create(
        course=fields.pop("course", None) or make_course(),
        host_region=region,
        county=make_region(code[:6]),
        year=starts_on.year,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=days - 1),
        **fields,
    )


def make_session(
    run: CourseRun, day: date | None = None, *, at: time = time(9), user: User | None = None
) -> ClassSession:
    n = next(_numbers)
    instructor = Instructor.objects.filter(user=user).first() if user else None
    instructor = instructor or Instructor.objects.create(
        name=f"讲师{n}", region=run.host_region, user=user
    )
    site = TrainingSite.objects.create(region=run.host_region, name=f"培训基地{n}")
    starts_at = datetime.combine(day or run.starts_on, at, SHANGHAI)
    return ClassSession.objects.create(
        run=run,
        site=site,
        instructor=instructor,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
    )


def make_enrolment(run: CourseRun, learner: Learner | None = None, **fields: Any) -> Enrolment:
    """Enrolled on the run's first day, frozen from the learner as enrolling does."""
    household, type_code = None, None
    if learner is None:
        household, type_code = make_household(), "GENERAL_POOR"
        learner = make_learner(household=household)
    elif not {"household", "household_type"} <= fields.keys():
        membership = learner.memberships.select_related("household").order_by("starts_on").last()
        household = membership.household if membership else None
        status = household.statuses.order_by("starts_on").last() if household else None
        type_code = status.type_id if status else None
    if "household_type" not in fields:
        fields["household_type_id"] = type_code
    fields = {
        "source": Enrolment.Source.REGISTER,
        "enrolled_on": run.starts_on,
        "home_region": learner.home_region,
        "household": household,
        "age_band": learner.age_band_on(run.starts_on),
    } | fields
    return Enrolment.objects.create(run=run, learner=learner, **fields)


def make_issuer(code: str = "411521", prefix: str = "LS") -> Issuer:
    region = make_region(code)
    return Issuer.objects.create(
        region=region, name=f"{region.name}电子商务服务中心", prefix=prefix
    )


STAFF_ROLES = [role for role in Role.values if role != Role.TRAINEE]


def make_device(trainer: User, label: str = "平板一", token_sha256: str = "a" * 64) -> Device:
    region = trainer.grants.get().region
    return Device.objects.create(
        label=label, token_sha256=token_sha256, enrolled_by=trainer, region=region
    )
