"""Where classes know a person: pictures, rows in custody, words of corrections."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import pgettext_lazy

from courses.models import (
    ATTENDED,
    AttendanceState,
    ClassSession,
    Enrolment,
    MarkEvent,
    ParkedPicture,
    ParkedRow,
    SessionEvidence,
)
from courses.queries.codes import read_personal_qr
from courses.queries.hints import card_words
from courses.queries.seals import SealError, open_seal
from learners.queries.erasing import GONE, Fate, Personal, Place, Subject, columns_of
from learners.queries.hints import hinted_at
from lms.lib import crypto

PICTURES, CUSTODY = "courses.pictures", "courses.custody"
Kind = SessionEvidence.Kind


# --- pictures -------------------------------------------------------------------------------------
def sessions_of(subject: Subject) -> QuerySet[ClassSession]:
    """In whose photo the person may stand."""
    states = AttendanceState.objects.filter(learner__in=subject.keys, status__in=ATTENDED)
    return ClassSession.objects.filter(pk__in=states.values("session_id"))


def photos_with(subject: Subject) -> QuerySet[SessionEvidence]:
    rows = SessionEvidence.objects.filter(kind=Kind.PHOTO, session__in=sessions_of(subject))
    return rows.select_related("session__run__host_region")


def waiting_photos_with(subject: Subject) -> QuerySet[ParkedPicture]:
    rows = ParkedPicture.objects.waiting()
    return rows.filter(kind=Kind.PHOTO, session__in=sessions_of(subject))


# --- rows in custody ------------------------------------------------------------------------------
def rows_about(subject: Subject) -> list[ParkedRow]:
    """Rows that were sealed to the server, or came in pieces, and tell who somebody is: by what
    they became, and by what is in them. A whole mark names a key.

    To open a seal takes as long as to read five hundred rows: that is done where the hints may
    mean the person, or were never made.
    """
    pieces = Q(code=ParkedRow.Code.INCOMPLETE) | Q(raw__kind__isnull=True)
    events = MarkEvent.objects.filter(learner__in=subject.keys)
    is_theirs = Q(resolved_event__in=events) | Q(event_id__in=events.values("event_id"))
    sealed, about = Q(raw__has_key="sealed"), hinted_at(subject, *card_words(subject))
    wanted = (pieces & ~sealed) | (sealed & (about | is_theirs))
    rows = ParkedRow.objects.filter(wanted).order_by("pk")
    became = {key for pair in events.values_list("server_seq", "event_id") for key in pair} - {None}
    return [
        row
        for row in rows.iterator()
        if not became.isdisjoint((row.resolved_event_id, row.event_id)) or _tells(subject, row)
    ]


def _tells(subject: Subject, row: ParkedRow) -> bool:
    raw = row.raw if isinstance(row.raw, dict) else {}
    if "sealed" in raw:
        return _is_sealed_of(subject, raw["sealed"])
    text = json.dumps(row.raw, ensure_ascii=False)
    return subject.is_number_in(text) or any(phone in text for phone in subject.phones)


def _is_sealed_of(subject: Subject, sealed: Any) -> bool:
    try:
        said = open_seal(sealed)
    except (SealError, AttributeError, crypto.DecryptError):
        return False  # nobody can open it
    if not isinstance(said, Mapping):
        return False
    if read_personal_qr(str(said.get("qr") or "")) in subject.keys:
        return True
    number = str(said.get("id_number") or "")
    return subject.is_number_in(number) or subject.is_meant(
        said.get("name"), phone=said.get("phone"), number=number
    )


def decided_about(subject: Subject) -> QuerySet[ParkedRow]:
    """Rows about the person that somebody decided, with a reason in words."""
    keys = [str(key) for key in subject.keys]
    named = Q(raw__learner_id__in=keys) | Q(resolved_event__learner__in=subject.keys)
    return ParkedRow.objects.filter(named, resolved_at__isnull=False).exclude(reason=GONE)


def _in_custody(subject: Subject) -> int:
    rows = {row.pk for row in rows_about(subject)}
    return len(rows | set(decided_about(subject).values_list("pk", flat=True)))


def named_in(keys: frozenset[UUID]) -> Iterable[str]:
    """Where the person's classes are: their sheets and lists are files of there."""
    places = Enrolment.objects.filter(learner__in=keys)
    return set(places.values_list("run__host_region__path", flat=True))


# --- the register ---------------------------------------------------------------------------------
def places() -> list[Place]:
    return [
        Place(
            PICTURES,
            pgettext_lazy("erasing", "Class photos of sessions that the person attended"),
            Fate.KEPT,
            columns_of("courses.SessionEvidence", "file")
            + columns_of("courses.ParkedPicture", "file"),
            why=pgettext_lazy(
                "erasing",
                "They are the evidence of how many came, of the whole class: others stand on them.",
            ),
            is_photos=True,
            count=lambda subject: (
                photos_with(subject).count() + waiting_photos_with(subject).count()
            ),
        ),
        Place(
            CUSTODY,
            pgettext_lazy("erasing", "Rows of tablets in custody that say who the person is"),
            Fate.ERASED,
            columns_of("courses.ParkedRow", "raw hints reason"),
            count=_in_custody,
        ),
        Place(
            "courses.corrections",
            pgettext_lazy("erasing", "Why marks were corrected"),
            Fate.ERASED,
            columns_of("courses.MarkEvent", "reason"),
            personal=(Personal(MarkEvent, "learner", {"reason": GONE}, only=~Q(reason="")),),
        ),
        Place(
            "courses.marks",
            pgettext_lazy("erasing", "Marks, and the hashes of what tablets sent"),
            Fate.KEPT,
            columns_of("courses.MarkEvent", "body_sha256 app_version flags payload"),
            why=pgettext_lazy(
                "erasing",
                "Attendance is worked out from them. A walk-in's sealed cell is opened when it "
                "comes and not kept: the mark holds its hash alone.",
            ),
            count=lambda subject: MarkEvent.objects.filter(learner__in=subject.keys).count(),
        ),
        Place(
            "courses.enrolments",
            pgettext_lazy("erasing", "Enrolments and completions"),
            Fate.KEPT,
            why=pgettext_lazy(
                "erasing", "Person-times, people and completions are counted by them."
            ),
            count=lambda subject: Enrolment.objects.filter(learner__in=subject.keys).count(),
        ),
        Place(
            "courses.lists",
            pgettext_lazy("erasing", "Lists on tablets of the person's trainers"),
            Fate.EXPIRES,
            why=pgettext_lazy(
                "erasing",
                "The name goes at the next contact; a tablet without contact forgets it after 14 "
                "days.",
            ),
        ),
        Place(
            "courses.rest",
            "Classes, places, trainers, tablets' batches, hashes of pictures",
            Fate.NOBODY,
            (
                *columns_of("courses.Course", "title syllabus"),
                *columns_of("courses.TrainingSite", "name address"),
                *columns_of("courses.Instructor", "name"),
                *columns_of("courses.ParkedRow", "raw_sha256"),
                *columns_of("courses.SealKey", "public sealed_private"),
                *columns_of("courses.BackupMark", "reached"),
                *columns_of("courses.SessionEvidence", "source_sha256 sha256"),
                *columns_of("courses.ParkedPicture", "source_sha256 sha256 reason"),
                *columns_of("courses.SessionCheck", "reason"),
            ),
            why="A signature is the trainer's. A reason is of a class or of a picture as a whole.",
        ),
    ]
