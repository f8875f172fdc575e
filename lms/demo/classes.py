"""Course runs past, running and coming, with their marks; the same on every machine."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from accounts.models import User
from courses.actions import (
    HalfDay,
    MarkInput,
    add_course,
    add_instructor,
    add_site,
    add_walk_in,
    cancel_run,
    close_session,
    complete_run,
    enrol_learners,
    open_run,
    plan_run,
    plan_sessions,
    record_marks,
)
from courses.models import (
    AttendanceStatus,
    ClassSession,
    Course,
    CourseRun,
    Enrolment,
    Instructor,
    TrainingSite,
)
from courses.queries import active_enrolments
from learners.models import Audience, Learner
from lms.demo.cast import region

Status = AttendanceStatus
MORNING = HalfDay(time(9), time(11, 15))
AFTERNOON = HalfDay(time(14, 30), time(16, 45))
HALF_DAYS = (MORNING, AFTERNOON)
#: In each run the 6th person, the 23rd and so on come to no session at all.
NO_SHOW_EVERY, NO_SHOW = 17, 5
#: How often each mark falls; the rest is absence.
WEIGHTS = ((Status.PRESENT, 86), (Status.LATE, 5), (Status.LEAVE, 4), (Status.ABSENT, 5))
COURSES = (
    ("网店开设与直播", Audience.HOUSEHOLD_MEMBER, 12),
    ("农产品网货包装", Audience.HOUSEHOLD_MEMBER, 12),
    ("短视频与直播带货", Audience.PRACTITIONER, 12),
    ("店铺运营与客服", Audience.PRACTITIONER, 12),
    ("电商扶贫政策与管理", Audience.MANAGER, 12),
)


@dataclass
class School:
    """What a county's classes share."""

    code: str
    clerk: User
    instructors: Sequence[Instructor]
    site: TrainingSite
    dice: random.Random
    taught: int = 0

    def next_instructor(self) -> Instructor:
        self.taught += 1
        return self.instructors[self.taught % len(self.instructors)]


def make_courses(actor: User) -> list[Course]:
    return [
        add_course(title=title, audience=audience, hours=hours, actor=actor)
        for title, audience, hours in COURSES
    ]


def make_school(code: str, clerk: User, trainer: User | None = None) -> School:
    place = region(code)
    names = ("赵老师", "钱老师") if trainer is None else ("张老师", "刘老师")
    teachers = [add_instructor(name=name, region=place, actor=clerk) for name in names]
    site = add_site(name=f"{place.name}电商培训基地", region=place, actor=clerk)
    # The same dice for a county on every machine; nothing here is secret.
    return School(code, clerk, teachers, site, random.Random(code))  # noqa: S311


def hold_run(
    school: School,
    course: Course,
    first: date,
    people: Sequence[Learner],
    *,
    host: str = "",
    walk_in: str = "",
) -> CourseRun:
    """A two-day run that is over: marked, closed, completed. `walk_in` came unannounced."""
    run = prepare_run(school, course, first, people, host=host)
    sessions = list(run.sessions.all())
    if walk_in:
        add_walk_in(session=sessions[0], name=walk_in, actor=school.clerk)
    for session in sessions:
        _hold_session(school, session)
    complete_run(run=run, actor=school.clerk)
    return run


def prepare_run(
    school: School,
    course: Course,
    first: date,
    people: Sequence[Learner],
    *,
    host: str = "",
    instructor: Instructor | None = None,
) -> CourseRun:
    """A two-day run with its sessions and enrolments, nothing marked yet."""
    run = plan_run(
        course=course,
        host_region=region(host or school.code),
        starts_on=first,
        ends_on=first + timedelta(days=1),
        capacity=max(40, len(people)),
        actor=school.clerk,
    )
    open_run(run=run, actor=school.clerk)
    plan_sessions(
        run=run,
        dates=[first, first + timedelta(days=1)],
        half_days=HALF_DAYS,
        site=school.site,
        instructor=instructor or school.next_instructor(),
        actor=school.clerk,
    )
    enrol_learners(
        run=run,
        learners=people,
        source=Enrolment.Source.REGISTER,
        enrolled_on=first,
        actor=school.clerk,
    )
    return run


def call_off(run: CourseRun, school: School) -> None:
    cancel_run(run=run, reason="场地停电，改期另行通知", actor=school.clerk)


def _hold_session(school: School, session: ClassSession) -> None:
    known = active_enrolments(session).filter(learner__provisional=False)
    expected = known.order_by("learner__id_tail", "pk")
    marks = [
        MarkInput(learner_id=row.learner_id, status=status)
        for n, row in enumerate(expected)
        if (status := _throw(school.dice)) != Status.ABSENT and n % NO_SHOW_EVERY != NO_SHOW
    ]
    record_marks(session=session, marks=marks, actor=school.clerk)
    in_room = sum(mark.status != Status.LEAVE for mark in marks)
    close_session(session=session, head_count=in_room, actor=school.clerk)


def _throw(dice: random.Random) -> str:
    (found,) = dice.choices([s for s, _w in WEIGHTS], [w for _s, w in WEIGHTS])
    return found
