"""The whole demonstration in order: people, classes, certificates, aftercare, plans."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count

from accounts.models import User
from certificates.actions import create_issuer, issue_certificates, store_pdf
from certificates.models import Certificate, Issuer
from courses.actions import add_instructor
from courses.models import ClassSession, Course, CourseRun, Enrolment
from learners.models import Learner, RegisterEdition
from lms.demo import aftercare, cast, classes, plans, tablets
from lms.demo.cast import region, user
from lms.demo.doubles import leave_doubles
from lms.demo.people import import_county, leave_one_to_check, people_of
from lms.lib.periods import today

Say = Callable[[str], object]
LUOSHAN, YUEPUHU, ZHUOZI = "411521", "653128", "150921"
ROSTER = {
    LUOSHAN: "p1_luoshan_households.xlsx",
    YUEPUHU: "p2_yuepuhu_gbk.csv",
    ZHUOZI: "p3_zhuozi_by_township.xlsx",
}
#: How many people a demonstration run has.
RUN_SIZE = 36
#: One run of 岳普湖县 that did not take place.
CALLED_OFF = 4


def is_built() -> bool:
    return User.objects.filter(username="admin").exists()


@transaction.atomic
def build(say: Say) -> None:
    """Make everything once, or nothing if it is interrupted; a second call does nothing."""
    if is_built():
        return
    say("people who sign in")
    sign_ins = cast.make_staff()
    courses = classes.make_courses(user("luoshan"))
    say("罗山县: roster, register, classes")
    edition = _people(LUOSHAN, user("luoshan"), first_year=today().year - 1)
    luoshan = _luoshan_classes(courses)
    _luoshan_aftercare(luoshan)
    say("岳普湖县: roster, register, classes")
    _people(YUEPUHU, user("yuepuhu"), first_year=today().year - 2)
    _yuepuhu_classes(courses)
    say("卓资县: roster, register, classes, shops, follow-ups")
    _people(ZHUOZI, user("zhuozi-jingban"), first_year=today().year - 2)
    _zhuozi_aftercare(courses)
    say("plans and quotas")
    plans.henan(edition, user("shengban"))
    plans.yuepuhu(user("kaohe"))
    plans.zhuozi(user("wulanchabu"))
    say("certificates")
    certificates = _certificates(luoshan[-2:], user("luoshan"))
    plans.spot_check(user("ducha"), user("shengban"))
    holder = certificates[0].enrolment.learner
    sign_ins.append(cast.make_trainee(holder, user("luoshan")))
    leave_one_to_check(
        file_name=ROSTER[LUOSHAN], code=LUOSHAN, as_of=today(), actor=user("luoshan")
    )
    top_up(say)
    say("two tablets")
    _tablets(courses)
    say("records to compare")
    trained = people_of(LUOSHAN).filter(enrolments__status="COMPLETED").distinct()
    leave_doubles(LUOSHAN, list(trained[:2]), as_of=today(), actor=user("luoshan"))
    cast.write_sign_ins(sign_ins)


def top_up(say: Say) -> None:
    """Two sessions for the trainer today, whatever day it is."""
    trainer = user("laoshi")
    held_today = ClassSession.objects.filter(instructor__user=trainer, held_on=today())
    if held_today.exclude(status=ClassSession.Status.CANCELLED).count() >= 2:
        return
    say("two sessions today")
    school = classes.make_school(LUOSHAN, user("luoshan"), trainer)
    instructor = add_instructor(
        name=trainer.display_name,
        region=region(LUOSHAN),
        user=trainer,
        actor=user("luoshan"),
    )
    course = Course.objects.get(title="短视频与直播带货")
    people = _never_trained(LUOSHAN, 28)
    classes.prepare_run(school, course, today(), people, instructor=instructor)


def _people(code: str, clerk: User, *, first_year: int) -> RegisterEdition:
    return import_county(
        file_name=ROSTER[code],
        code=code,
        as_of=date(first_year, 1, 1),
        year=first_year,
        actor=clerk,
    )


def _never_trained(code: str, count: int) -> list[Learner]:
    """Those who were in fewest runs so far, never-trained ones first."""
    people = people_of(code).annotate(runs=Count("enrolments"))
    return list(people.order_by("runs", "id_tail", "pk")[:count])


def _luoshan_classes(courses: Sequence[Course]) -> list[CourseRun]:
    """Three runs last year, three this year, one ahead; a few people are never invited."""
    school = classes.make_school(LUOSHAN, user("luoshan"))
    last, this = today().year - 1, today().year
    days = [date(last, 4, 8), date(last, 7, 15), date(last, 10, 14), date(this, 3, 10)]
    days += [date(this, 6, 9), date(this, 9, 16)]
    sizes = (34, 34, 30, 16, 14, 10)
    held = [(day, size) for day, size in zip(days, sizes, strict=True) if _is_over(day)]
    runs = []
    for n, (day, size) in enumerate(held):
        people = _never_trained(LUOSHAN, size)
        # Somebody of the archive comes to the last one without being on its list.
        walk_in = people_of(LUOSHAN).exclude(pk__in=[x.pk for x in people]).first()
        name = walk_in.name if walk_in and n == len(held) - 1 else ""
        runs.append(classes.hold_run(school, courses[n % 2], day, people, walk_in=name))
    ahead = today() + timedelta(days=9)
    classes.prepare_run(school, courses[1], ahead, _never_trained(LUOSHAN, 20))
    return runs


def _tablets(courses: Sequence[Course]) -> None:
    """In a class of people who were trained before, so that no plan moves."""
    trainer, clerk = user("laoshi"), user("luoshan")
    school = classes.make_school(LUOSHAN, clerk, trainer)
    teacher = add_instructor(
        name=trainer.display_name, region=region(LUOSHAN), user=trainer, actor=clerk
    )
    known = people_of(LUOSHAN).filter(enrolments__status="COMPLETED").distinct()
    tablets.leave_tablets(school, courses[1], teacher, list(known[20:44]))


def _is_over(day: date) -> bool:
    return day < today() - timedelta(days=3)


def _yuepuhu_classes(courses: Sequence[Course]) -> None:
    """Runs in the townships over three years."""
    school = classes.make_school(YUEPUHU, user("yuepuhu"))
    townships = list(region(YUEPUHU).children.filter(ends_on__isnull=True).order_by("path"))
    # Backwards from last week, so that this month has something to show.
    for n in reversed(range(22)):
        day = today() - timedelta(days=6 + 43 * n)
        host = townships[n * 2 % len(townships)].code
        people = _never_trained(YUEPUHU, RUN_SIZE)
        if n == CALLED_OFF:
            run = classes.prepare_run(school, courses[2], day, people, host=host)
            classes.call_off(run, school)
        else:
            classes.hold_run(school, courses[2 + n % 3], day, people, host=host)


def _zhuozi_aftercare(courses: Sequence[Course]) -> None:
    clerk, worker = user("zhuozi-jingban"), user("zhuozi")
    school = classes.make_school(ZHUOZI, clerk)
    first = date(today().year - 2, 5, 14)
    for n in range(4):
        people = _never_trained(ZHUOZI, RUN_SIZE)
        classes.hold_run(school, courses[n % 2], first + timedelta(days=120 * n), people)
    done = list(
        Enrolment.objects.filter(run__county__code=ZHUOZI)
        .completed()
        .select_related("learner__home_region")
        .order_by("completed_on", "learner__id_tail", "pk")
    )
    shops = aftercare.open_shops(done[::2], clerk, school.dice)
    aftercare.follow_up(done[:26], worker, clerk, school.dice)
    aftercare.earn(shops[:24], worker, school.dice)
    aftercare.support(done[:30], clerk)


def _luoshan_aftercare(runs: Sequence[CourseRun]) -> None:
    """A few shops and allowances, so that the county that is shown first has both."""
    clerk = user("luoshan")
    done = list(
        Enrolment.objects.filter(run=runs[0])
        .completed()
        .select_related("learner__home_region")
        .order_by("learner__id_tail", "pk")[:8]
    )
    dice = random.Random(411521)  # noqa: S311 - the same demonstration every day
    shops = aftercare.open_shops(done[:5], clerk, dice)
    aftercare.earn(shops, clerk, dice)
    aftercare.support(done, clerk)


def _certificates(runs: Sequence[CourseRun], clerk: User) -> list[Certificate]:
    county = region(LUOSHAN)
    issuer: Issuer = create_issuer(
        region=county, name="罗山县电子商务服务中心", prefix="LS", actor=clerk
    )
    made: list[Certificate] = []
    for run in runs:
        made += issue_certificates(run=run, issuer=issuer, issued_on=run.ends_on, actor=clerk)
    for certificate in made:
        store_pdf(certificate=certificate, actor=clerk)
    return made
