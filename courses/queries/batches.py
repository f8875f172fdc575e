"""All that judging a batch of a tablet asks of the database, in one question.

What comes back travels as JSON text, one column a list: the driver makes no object of any of it,
and one way to the database costs as much as all the reading. Ask after the locks are held.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from accounts.models import Device, User
from courses.models import ClassSession, CourseRun
from courses.projection import Event
from courses.queries.events import EVENT_COLUMNS, event_of
from lms.lib.periods import today
from lms.lib.records import part_of
from lms.lib.sets import ask, day, key, set_of
from regions.models import Region

#: Sub-selects of one row each, never joins: a join of small tables is planned to read all of them.
_DEVICE = (
    "SELECT d.id, d.status, d.enrolled_by_id, d.region_id, d.app_version, d.reported_last_seq,"
    " d.contig_seq, d.durable_seq,"
    " (SELECT u.is_active FROM accounts_user u WHERE u.id = d.enrolled_by_id),"
    " (SELECT r.path FROM regions_region r WHERE r.id = d.region_id),"
    " (SELECT COUNT(*) FROM accounts_grant g WHERE g.user_id = d.enrolled_by_id"
    " AND g.role = 'TRAINER' AND g.starts_on <= %s AND (g.ends_on IS NULL OR g.ends_on >= %s)),"
    " {by index} FROM accounts_device d WHERE d.id = %s{lock d}"
)

#: The same, and once it is locked the locks of these numbers, which are given in their order.
_DEVICE_THEN_OTHERS = (
    "WITH device AS MATERIALIZED (" + _DEVICE + ") SELECT device.*,"  # noqa: S608
    " (SELECT COUNT(pg_advisory_xact_lock(others.number)) FROM unnest(%s::bigint[]) others(number)"
    " WHERE device.id IS NOT NULL) FROM device"
)


def locked_device(device_id: UUID, then: Sequence[int] = ()) -> tuple[Device, bool]:
    """One batch of a tablet at a time: its numbers are counted without a gap. Also whether its
    trainer still is one. `then`: numbers of PostgreSQL's locks to take after the tablet's.

    Of the tablet, its trainer and its region only what a batch asks; the rest loads when used.
    """
    now = today()
    given = (now, now, device_id)
    rows = ask(_DEVICE_THEN_OTHERS, *given, set_of(then)) if then else ask(_DEVICE, *given)
    if not rows:
        raise Device.DoesNotExist
    pk, status, trainer, region, app_version, last_seq, contig_seq, durable_seq, *more = rows[0]
    is_active, path, has_role, *_locks = more
    device = part_of(
        Device,
        id=key(pk),
        status=status,
        enrolled_by_id=key(trainer),
        region_id=region,
        app_version=app_version,
        reported_last_seq=last_seq,
        contig_seq=contig_seq,
        durable_seq=durable_seq,
    )
    device.enrolled_by = part_of(User, id=key(trainer), is_active=bool(is_active))
    device.region = part_of(Region, id=region, path=path)
    return device, bool(is_active and has_role)


#: Few rows, found by keys, and everything else is joined to these alone: whatever statistics say,
#: there is no plan that reads a table. `merged`: records that were merged into these persons.
_GIVEN = (
    "WITH named AS MATERIALIZED (SELECT id, merged_into_id,"
    " COALESCE(merged_into_id, id) AS person FROM learners_learner WHERE id {among}),"
    " merged AS MATERIALIZED (SELECT id, merged_into_id FROM learners_learner"
    " WHERE merged_into_id {within person FROM named}),"
    " sessions AS MATERIALIZED (SELECT id, run_id, status, held_on, head_count"
    " FROM courses_classsession WHERE id {among}),"
    " enrolled AS MATERIALIZED (SELECT learner_id, run_id, enrolled_on, withdrawn_on"
    " FROM courses_enrolment WHERE run_id {within run_id FROM sessions} AND status <> 'WAITING')"
)
#: Own is what one teaches, and every other session of such a run.
_SESSIONS = (
    "(SELECT {rows key s.id; key s.run_id; word s.status; day s.held_on; number? s.head_count;"
    " word (SELECT r.status FROM courses_courserun r WHERE r.id = s.run_id);"
    " truth EXISTS (SELECT 1 FROM courses_classsession o WHERE o.run_id = s.run_id"
    " AND o.instructor_id = (SELECT i.id FROM courses_instructor i WHERE i.user_id = %s))}"
    " FROM sessions s)"
)
_STORED = (
    "(SELECT {rows key event_id; number server_seq; word body_sha256; key? device_id; number? seq}"
    " FROM courses_markevent WHERE event_id {among} OR (device_id = %s AND seq {among}))"
)
_PEOPLE = (
    "(SELECT {rows key n.id; key? n.merged_into_id; key? e.run_id; day? e.enrolled_on;"
    " day? e.withdrawn_on} FROM named n LEFT JOIN enrolled e ON e.learner_id = n.person)"
)
_PERSON = (
    "COALESCE((SELECT m.merged_into_id FROM merged m WHERE m.id = e.learner_id), e.learner_id)"
)
_EVENTS = (
    "(SELECT {rows key e.session_id; " + EVENT_COLUMNS.format(person=_PERSON) + "}"  # noqa: S608
    " FROM courses_markevent e"
    " WHERE e.session_id {within id FROM sessions} AND (e.learner_id IS NULL OR e.learner_id IN"
    " (SELECT person FROM named UNION ALL SELECT id FROM merged)))"
)
#: `IS TRUE`: a condition that is not made a join, which by the learner reads all evenings' states.
_STATES = (
    "(SELECT {rows key session_id; key learner_id; number event_id; word status; truth conflict;"
    " truth clock_suspect} FROM courses_attendancestate"
    " WHERE session_id {within id FROM sessions}"
    " AND (learner_id IN (SELECT person FROM named)) IS TRUE)"
)
_SEQS = (
    "(SELECT {rows number n.seq} FROM"
    " (SELECT seq FROM courses_markevent WHERE device_id = %s AND seq > %s"
    " UNION SELECT seq FROM courses_takenseq WHERE device_id = %s AND seq > %s) n)"
)
#: Waiting, or set aside: what somebody decided holds when it comes once more.
_WAITING = (
    "(SELECT COUNT(*) FROM courses_parkedrow WHERE resolved_event_id IS NULL AND event_id {among})"
)
_ALL = (_SESSIONS, _STORED, _PEOPLE, _EVENTS, _STATES, _SEQS, _WAITING)
_QUESTION = f"{_GIVEN} SELECT {', '.join(_ALL)}"

#: (event_id, status, conflict, clock_suspect)
State = tuple[int, str, bool, bool]


@dataclass(frozen=True)
class Asked:
    """What the rows of a batch name: sets of keys and numbers (`lms.lib.sets.set_of`)."""

    events: str
    seqs: str
    sessions: str
    learners: str


@dataclass(frozen=True)
class Answers:
    """As the database wrote them: rows of JSON, in the order of the columns above."""

    sessions: list[list[Any]]
    stored: list[list[Any]]
    people: list[list[Any]]
    events: list[list[Any]]
    states: list[list[Any]]
    #: Numbers above the tablet's contiguous one that are here.
    seqs: list[int]
    #: Whether one of the events waits for a person's decision, or was set aside by one.
    is_awaited: bool


@dataclass
class Known:
    """The same as objects. `events` and `states` are of the sessions and persons asked about."""

    sessions: dict[UUID, ClassSession]
    #: Of these the trainer is the teacher.
    own: set[UUID]
    stored: list[tuple[UUID, int, str, UUID | None, int | None]]
    people: list[tuple[UUID, UUID | None, UUID | None, date | None, date | None]]
    events: list[tuple[UUID, int, Event]]
    states: list[tuple[UUID, UUID, State]]
    #: Numbers above the tablet's contiguous one that are here.
    seqs: list[int]
    #: Whether one of the events waits for a person's decision, or was set aside by one.
    is_awaited: bool

    def of(
        self, session: UUID, persons: Collection[UUID]
    ) -> tuple[dict[int, Event], dict[UUID, State]]:
        """What was said of these, closes included, and what is written down of them."""
        events = {
            number: event
            for own, number, event in self.events
            if own == session and (event.learner is None or event.learner in persons)
        }
        states = {
            who: state for own, who, state in self.states if own == session and who in persons
        }
        return events, states


def answers_of(device: Device, author: User, asked: Asked) -> Answers:
    after = (device.pk, device.contig_seq)
    given = (
        *(asked.learners, asked.sessions, author.pk),
        *(asked.events, device.pk, asked.seqs),
        *(*after, *after, asked.events),
    )
    *lists, waiting = ask(_QUESTION, *given)[0]
    found = [json.loads(one) if one else [] for one in lists]
    sessions, stored, people, events, states, seqs = found
    numbers = [seq for (seq,) in seqs]
    return Answers(sessions, stored, people, events, states, numbers, bool(waiting))


def known_of(device: Device, author: User, asked: Asked) -> Known:
    return known_in(answers_of(device, author, asked))


def known_in(answers: Answers) -> Known:
    return Known(
        sessions={key(row[0]): _session(row) for row in answers.sessions},
        own={key(row[0]) for row in answers.sessions if row[6]},
        stored=[(key(row[0]), row[1], row[2], key(row[3]), row[4]) for row in answers.stored],
        people=[(*map(key, row[:3]), *map(day, row[3:])) for row in answers.people],
        events=[(key(row[0]), row[1], event_of(row[1:])) for row in answers.events],
        states=[(key(row[0]), key(row[1]), _state(row[2:])) for row in answers.states],
        seqs=answers.seqs,
        is_awaited=answers.is_awaited,
    )


def _session(row: Iterable[Any]) -> ClassSession:
    pk, run, status, held_on, head_count, run_status, _own = row
    found = part_of(
        ClassSession,
        id=key(pk),
        run_id=key(run),
        held_on=day(held_on),
        status=status,
        head_count=head_count,
    )
    found.run = part_of(CourseRun, id=key(run), status=run_status)
    return found


def _state(row: Iterable[Any]) -> State:
    event, status, conflict, clock_suspect = row
    return (event, status, bool(conflict), bool(clock_suspect))
