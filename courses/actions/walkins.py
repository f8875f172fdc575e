"""Somebody who is not on the list stands in the room: never a refusal, always a record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.actions.errors import CourseError
from courses.actions.marking import MarkInput, _locked_session, _require_markable, _store
from courses.models import AttendanceStatus, ClassSession, CourseRun, Enrolment, MarkEvent
from courses.queries import frozen_facts
from courses.queries.codes import read_personal_qr
from courses.queries.seals import SealError, open_seal
from learners.actions.suspects import compare_learners
from learners.models import Learner, id_index, plain_name
from learners.queries.matching import live_people
from learners.queries.names import name_initials
from lms.lib import crypto, idnumbers
from lms.lib.ids import uuid7
from lms.lib.periods import today
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

Status = Enrolment.Status
#: What is not as it should be with what a tablet brings; the person is recorded all the same.
NAME_MISSING, NUMBER_WRONG, NAME_DIFFERS = "name_missing", "id_number_wrong", "name_differs"
PHONE_WRONG, PROVISIONAL = "phone_wrong", "provisional"
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Opened:
    """Who a sealed walk-in turned out to be."""

    learner_id: UUID
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Person:
    name: str
    id_number: str
    phone: str


@transaction.atomic
def add_walk_in(
    *,
    session: ClassSession,
    name: str,
    id_number: str = "",
    phone: str = "",
    status: str = AttendanceStatus.PRESENT,
    event_id: UUID | None = None,
    actor: "User",
) -> Enrolment:
    """Enrol who came and mark them, in one step; `event_id` makes sending it twice harmless.

    A valid ID number of a known learner is that learner; anybody else becomes a provisional
    learner, who counts in person-times but not in persons until identified.
    """
    run = CourseRun.objects.select_for_update(of=("self",)).get(pk=session.run_id)
    session = _locked_session(session)
    event_id = event_id or uuid7()
    done = MarkEvent.objects.filter(event_id=event_id, session=session).first()
    if done is not None:
        assert done.learner is not None  # noqa: S101 - held by a constraint of the table
        who = done.learner.merged_into_id or done.learner_id
        return Enrolment.objects.get(run=run, learner=who)
    person = _checked(name, id_number, phone)
    learner = _known_learner(person) or _provisional_learner(session, person)
    enrolment = _enrol(run, session, learner)
    method = MarkEvent.Method.ID_CARD if person.id_number else MarkEvent.Method.NAME
    mark = MarkInput(learner_id=learner.pk, status=status, method=method, event_id=event_id)
    _require_markable(session, [mark])
    _store(session, [mark], actor)
    if learner.provisional:
        compare_learners(learners=[learner.pk], actor=actor)
    record_audit(
        "courses.walk_in_added",
        actor=actor,
        target=session,
        region_path=session.run.host_region.path,
        detail={"enrolment": str(enrolment.pk), "provisional": learner.provisional},
    )
    return enrolment


def open_walk_in(
    session: ClassSession, sealed: Mapping[str, Any], named: Learner | None = None
) -> Opened | None:
    """Enrol whom a tablet let in; the caller has locked the run. None: the seal cannot be opened.

    Nothing is refused any more, as nobody who was asked stands there: what is wrong is a flag.
    `named` is whom a supervisor knows it to be.
    """
    if named is not None:
        learner, flags = named.merged_into or named, set[str]()
    else:
        try:
            said = open_seal(sealed)
        except SealError:
            return None
        learner, flags = _whoever(session, said if isinstance(said, dict) else {})
    _enrol(session.run, session, learner)
    if learner.provisional:
        flags.add(PROVISIONAL)
    return Opened(learner.pk, tuple(sorted(flags)))


def unlike_anybody(opened: Iterable[Opened], actor: "User") -> None:
    """Put those who may be somebody known on the list of suspects."""
    new = [one.learner_id for one in opened if PROVISIONAL in one.flags]
    if new:
        compare_learners(learners=new, actor=actor)


def _whoever(session: ClassSession, said: Mapping[str, Any]) -> tuple[Learner, set[str]]:
    """By the code on their card, by the number, or a provisional learner."""
    if learner := _by_card(_text(said, "qr")):
        return learner, set()
    person, flags = _as_said(said)
    if NUMBER_WRONG not in flags and person.id_number:
        try:
            if found := _known_learner(person):
                return found, flags
        except CourseError:
            flags.add(NAME_DIFFERS)
    return _provisional_learner(session, person), flags


def _as_said(said: Mapping[str, Any]) -> tuple[_Person, set[str]]:
    flags = set()
    name, phone = " ".join(_text(said, "name").split()), _text(said, "phone").strip()
    number = idnumbers.normalise(_text(said, "id_number"))
    if not name:
        flags.add(NAME_MISSING)
    if number and idnumbers.find_problem(number, as_of=today()):
        flags.add(NUMBER_WRONG)
    elif len(number) == 15:
        number = idnumbers.upgrade_15(number)
    if phone and not idnumbers.is_mobile(phone):
        flags.add(PHONE_WRONG)
        phone = ""
    return _Person(name or gettext("Name not given"), number, phone), flags


def _text(said: Mapping[str, Any], key: str) -> str:
    """What a database can hold of a text that came sealed."""
    value = said.get(key)
    text = value if isinstance(value, str) else ""
    return "".join(x for x in text if x.isprintable() or x == " ")[:_LONGEST_NAME]


def _by_card(code: str) -> Learner | None:
    learner_id = read_personal_qr(code)
    rows = Learner.objects.select_related("home_region", "merged_into__home_region")
    found = rows.filter(pk=learner_id).first() if learner_id else None
    return found and (found.merged_into or found)


def _checked(name: str, id_number: str, phone: str) -> _Person:
    name, number = " ".join(name.split()), idnumbers.normalise(id_number)
    if not name:
        raise CourseError("NO_NAME", _("Enter the name of the person who came."))
    if number and idnumbers.find_problem(number, as_of=today()):
        raise CourseError(
            "ID_NUMBER",
            _("This ID number cannot be right. Check it, or leave it empty for now."),
        )
    if len(number) == 15:
        number = idnumbers.upgrade_15(number)
    if phone and not idnumbers.is_mobile(phone):
        raise CourseError("PHONE", _("A mobile number has 11 digits. Check it, or leave it empty."))
    return _Person(name, number, phone)


def _known_learner(person: _Person) -> Learner | None:
    """By ID number, wherever the learner lives; the name must be the same person's."""
    if not person.id_number:
        return None
    index = id_index(person.id_number)
    rows = Learner.objects.numbered([index]).select_related("home_region__parent")
    found = live_people(rows).get(index)
    if found is not None and not _goes_by(found, index, person.name):
        raise CourseError(
            "NAME_DIFFERS",
            _(
                "This ID number is on record under another name. Check name and number; "
                "if you are not sure, leave the number empty."
            ),
        )
    return found


def _goes_by(learner: Learner, index: bytes, name: str) -> bool:
    """By their own name, or by the one under which this number stood before a merge."""
    records = [learner, *learner.merged_from.filter(id_index=index)]
    return plain_name(name) in {plain_name(record.name) for record in records}


def _provisional_learner(session: ClassSession, person: _Person) -> Learner:
    """No id_index: who this is has not been confirmed. A number given is kept for whoever does."""
    learner = Learner(
        name=person.name,
        initials=name_initials(person.name),
        home_region=session.run.host_region,
        provisional=True,
    )
    if person.id_number:
        where = f"learners_learner.id_cipher:{learner.pk}"
        learner.id_cipher = crypto.encrypt(person.id_number, where=where)
        learner.id_tail = person.id_number[-4:]
    learner.set_phone(person.phone)
    learner.save(force_insert=True)
    return learner


def _enrol(run: CourseRun, session: ClassSession, learner: Learner) -> Enrolment:
    """In the room is enrolled: the capacity of the run does not send anybody away."""
    found = Enrolment.objects.filter(run=run, learner=learner).first()
    if found is None:
        return Enrolment.objects.create(
            run=run,
            learner=learner,
            source=Enrolment.Source.WALK_IN,
            enrolled_on=session.held_on,
            **vars(frozen_facts([learner], run.starts_on)[learner.pk]),
        )
    if found.status == Status.WAITING:
        found.status, found.enrolled_on = Status.ENROLLED, session.held_on
    elif found.status == Status.WITHDRAWN:
        found.status, found.withdrawn_on = Status.ENROLLED, None
    found.enrolled_on = min(found.enrolled_on, session.held_on)
    found.save(update_fields=["status", "withdrawn_on", "enrolled_on"])
    return found
