"""What waits for the supervisor of classes: doubts about marks, rows in custody, walk-ins,
tablets, and what closed sessions lack. Each kind is one query, whatever the list shows of it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Device
from courses.models import (
    AttendanceStatus,
    ClassSession,
    CloseQuestion,
    CourseRun,
    Enrolment,
    MarkEvent,
    MarkQuestion,
    ParkedPicture,
    ParkedRow,
    SessionCheck,
    SessionEvidence,
)
from learners.models import Learner
from lms.lib.periods import today
from lms.lib.questions import Question
from lms.lib.scope import HasScope, Role, Scope, under

IN_ROOM = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)


class Work(TextChoices):
    CONFLICT = "conflict", _("Two answers")
    LATE = "late", _("After the close")
    CLOCK = "clock", _("Wrong clock")
    CLOSE = "close", _("Closed twice")
    PARKED = "parked", _("In custody")
    PICTURE = "picture", _("Pictures in custody")
    WALK_IN = "walkin", _("Walk-ins")
    TABLET = "tablet", _("Tablets")
    HEADS = "heads", _("Head counts")
    PHOTO = "photo", _("No photo")


@dataclass(frozen=True)
class Narrowing:
    """The filters of the list: a region path, a trainer, and words that a class or tablet bears;
    "" and None filter nothing."""

    path: str = ""
    trainer: UUID | None = None
    words: str = ""
    #: Since when a tablet is silent, and may hold marks no longer: as the settings have it, now.
    unseen: datetime | None = None
    waiting: datetime | None = None

    def of_sessions(self, prefix: str = "") -> Q:
        found = under(f"{prefix}run__host_region__path", [self.path])
        if self.trainer:
            found &= Q(**{f"{prefix}instructor__user": self.trainer})
        return found & self._named(f"{prefix}run__course__title", f"{prefix}instructor__name")

    def of_devices(self, prefix: str = "") -> Q:
        found = under(f"{prefix}region__path", [self.path])
        if self.trainer:
            found &= Q(**{f"{prefix}enrolled_by": self.trainer})
        return found & self._named(f"{prefix}label", f"{prefix}enrolled_by__display_name")

    def _named(self, *fields: str) -> Q:
        """Every word stands in one of them."""
        found = Q()
        for word in self.words.split():
            either = Q()
            for one in fields:
                either |= Q(**{f"{one}__icontains": word})
            found &= either
        return found


EVERYTHING = Narrowing()


def work_sessions(user: HasScope, narrowing: Narrowing = EVERYTHING) -> QuerySet[ClassSession]:
    """The sessions whose marks `user` may settle: hosted in a clerk's regions, or one's own."""
    scope = user.scope
    own = under("run__host_region__path", scope.prefixes(Role.CLERK))
    if scope.has(Role.TRAINER):
        own |= Q(instructor__user_id=scope.user_id)
    rows = ClassSession.objects.visible_to(user).filter(own, narrowing.of_sessions())
    rows = rows.exclude(run__status=CourseRun.Status.CANCELLED)
    return rows.exclude(status=ClassSession.Status.CANCELLED)


# --- doubts about marks ---------------------------------------------------------------------------
def _settled_sessions(user: HasScope, narrowing: Narrowing) -> QuerySet[ClassSession]:
    """While a class is being held its trainer settles things on the spot."""
    over = Q(status=ClassSession.Status.CLOSED) | Q(held_on__lt=today())
    return work_sessions(user, narrowing).filter(over)


def conflicts(user: HasScope, narrowing: Narrowing) -> QuerySet[MarkQuestion]:
    """A person at a time: two tablets disagree, each may be right."""
    sessions = _settled_sessions(user, narrowing)
    rows = MarkQuestion.objects.visible_to(user).filter(kind=MarkQuestion.Kind.CONFLICT)
    rows = rows.filter(session__in=sessions).select_related(
        "learner",
        "session__run__course",
        "session__run__host_region",
        "session__instructor",
        "session__site",
    )
    return rows.order_by("-session__starts_at", "learner__name", "pk")


def _sessions_with(kind: str) -> Callable[[HasScope, Narrowing], QuerySet[ClassSession]]:
    def found(user: HasScope, narrowing: Narrowing) -> QuerySet[ClassSession]:
        asked = MarkQuestion.objects.filter(session=OuterRef("pk"), kind=kind)
        rows = _settled_sessions(user, narrowing).filter(Exists(asked))
        return _drawn(rows)

    return found


def closed_twice(user: HasScope, narrowing: Narrowing) -> QuerySet[ClassSession]:
    """Two closes of one class count other heads."""
    asked = CloseQuestion.objects.filter(session=OuterRef("pk"))
    return _drawn(_settled_sessions(user, narrowing).filter(Exists(asked)))


def closes_said(sessions: Collection[ClassSession]) -> dict[UUID, list[MarkEvent]]:
    """What each close of these sessions said, in the order of time; decisions left out."""
    rows = MarkEvent.objects.filter(session__in=sessions, kind=MarkEvent.Kind.CLOSE)
    rows = rows.exclude(source=MarkEvent.Source.OVERRIDE).select_related("device", "actor")
    found: dict[UUID, list[MarkEvent]] = {}
    for row in rows.order_by("t_ms", "event_id"):
        found.setdefault(row.session_id, []).append(row)
    return found


def _drawn(rows: QuerySet[ClassSession]) -> QuerySet[ClassSession]:
    rows = rows.select_related("run__course", "run__host_region", "instructor", "site")
    return rows.order_by("-starts_at", "pk")


def questioned(sessions: Collection[ClassSession], kind: str) -> dict[UUID, list[MarkQuestion]]:
    """The people of each session about whom this is asked, by name."""
    rows = MarkQuestion.objects.filter(session__in=sessions, kind=kind)
    found: dict[UUID, list[MarkQuestion]] = {}
    for row in rows.select_related("learner").order_by("learner__name", "pk"):
        found.setdefault(row.session_id, []).append(row)
    return found


def marks_said(
    questions: Collection[MarkQuestion],
) -> dict[tuple[UUID, UUID], list[MarkEvent]]:
    """What was said of each person of each question, in the order of time."""
    rows = MarkEvent.objects.filter(session__in={row.session_id for row in questions})
    rows = rows.annotate(person=Coalesce("learner__merged_into_id", "learner_id"))
    rows = rows.filter(person__in={row.learner_id for row in questions})
    found: dict[tuple[UUID, UUID], list[MarkEvent]] = {}
    for row in rows.select_related("device", "actor").order_by("t_ms", "event_id"):
        found.setdefault((row.session_id, getattr(row, "person")), []).append(row)  # noqa: B009
    return found


# --- rows in custody, walk-ins, tablets -----------------------------------------------------------
def _parked(user: HasScope, narrowing: Narrowing) -> QuerySet[ParkedRow]:
    return ParkedRow.objects.visible_to(user).waiting().filter(narrowing.of_devices("device__"))


def parked_groups(user: HasScope, narrowing: Narrowing) -> QuerySet[Any, Any]:
    """Rows that wait, by tablet and reason: one decision usually settles them all."""
    return _grouped(_parked(user, narrowing))


def _pictures(user: HasScope, narrowing: Narrowing) -> QuerySet[ParkedPicture]:
    rows = ParkedPicture.objects.visible_to(user).waiting()
    return rows.filter(narrowing.of_devices("device__"))


def picture_groups(user: HasScope, narrowing: Narrowing) -> QuerySet[Any, Any]:
    """Photos and signatures that wait, by tablet and reason as well."""
    return _grouped(_pictures(user, narrowing))


def _grouped(waiting: QuerySet[Any]) -> QuerySet[Any, Any]:
    rows = waiting.order_by()
    groups = rows.values("device", "device__label", "code", "device__enrolled_by")
    names = {"trainer": F("device__enrolled_by__display_name")}
    found: QuerySet[Any, Any] = groups.annotate(
        **names, count=Count("pk"), first=Min("received_at"), last=Max("received_at")
    ).order_by("-last", "device", "code")
    return found


def walk_ins(user: HasScope, narrowing: Narrowing) -> QuerySet[Learner]:
    """People who came unannounced and of whom nobody has said yet who they are."""
    sessions = work_sessions(user, narrowing).values("run")
    came = Enrolment.objects.filter(learner=OuterRef("pk"), run__in=sessions)
    home = under("home_region__path", user.scope.prefixes(Role.CLERK))
    rows = Learner.objects.visible_to(user).live().filter(home, provisional=True)
    rows = rows.annotate(came_on=Subquery(came.order_by("-enrolled_on").values("enrolled_on")[:1]))
    found: Any = rows.filter(Q(("came_on__isnull", False)))
    ordered: QuerySet[Learner] = found.order_by("-came_on", "name", "pk")
    return ordered


def unseen_since() -> Any:
    return timezone.now() - timedelta(days=settings.TABLET_UNSEEN_DAYS)


def waiting_since() -> Any:
    return timezone.now() - timedelta(hours=settings.TABLET_WAITING_HOURS)


def tablets_to_ask(user: HasScope, narrowing: Narrowing) -> QuerySet[Device]:
    """In use, and not heard of for days, or holding marks since yesterday."""
    seen = Coalesce("last_seen_at", "enrolled_at")
    rows = Device.objects.visible_to(user).filter(narrowing.of_devices())
    rows = rows.filter(status=Device.Status.ACTIVE).annotate(heard=seen)
    silent = Q(("heard__lt", narrowing.unseen or unseen_since()))
    holding = Q(("heard__lt", narrowing.waiting or waiting_since())) & MARKS_WAITING
    rows = rows.filter(silent | holding).select_related("enrolled_by", "region")
    found: Any = rows
    ordered: QuerySet[Device] = found.order_by("heard", "label", "pk")
    return ordered


#: A tablet said that it holds marks, or a gap shows that it does.
MARKS_WAITING = Q(reported_pending__gt=0) | Q(reported_last_seq__gt=F("contig_seq"))


# --- what closed sessions lack --------------------------------------------------------------------
def _recently_closed(user: HasScope, narrowing: Narrowing) -> QuerySet[ClassSession]:
    first = today() - timedelta(days=settings.WORKLIST_DAYS)
    rows = work_sessions(user, narrowing).filter(held_on__gte=first)
    return _drawn(rows.filter(status=ClassSession.Status.CLOSED))


def with_in_room(rows: QuerySet[ClassSession]) -> QuerySet[ClassSession]:
    """Adds `in_room`, who should be in the room by the marks, and `difference` of the heads."""
    here = Enrolment.objects.filter(
        Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=OuterRef("held_on")),
        run=OuterRef("run_id"),
        enrolled_on__lte=OuterRef("held_on"),
        learner__states__session=OuterRef("pk"),
        learner__states__status__in=IN_ROOM,
    )
    here = here.exclude(status=Enrolment.Status.WAITING).order_by()
    counted = here.values("run").annotate(n=Count("learner", distinct=True)).values("n")
    rows = rows.annotate(in_room=Coalesce(Subquery(counted), 0))
    return rows.annotate(difference=F("head_count") - F("in_room"))


def differing_heads(user: HasScope, narrowing: Narrowing) -> QuerySet[ClassSession]:
    rows = with_in_room(_recently_closed(user, narrowing).filter(head_count__isnull=False))
    known = SessionCheck.objects.filter(
        session=OuterRef("pk"),
        kind=SessionCheck.Kind.HEADS,
        difference=OuterRef("difference"),
    )
    return rows.exclude(Q(("difference", 0))).exclude(Exists(known))


def head_difference(session: ClassSession) -> int:
    """Heads counted less those who should be in the room; 0 while it is not closed."""
    rows = with_in_room(ClassSession.objects.filter(pk=session.pk))
    return int(getattr(rows.get(), "difference", None) or 0)


def without_photo(user: HasScope, narrowing: Narrowing) -> QuerySet[ClassSession]:
    photos = SessionEvidence.objects.filter(session=OuterRef("pk"), kind=SessionEvidence.Kind.PHOTO)
    known = SessionCheck.objects.filter(session=OuterRef("pk"), kind=SessionCheck.Kind.PHOTO)
    return _recently_closed(user, narrowing).exclude(Exists(photos)).exclude(Exists(known))


# --- all of it ------------------------------------------------------------------------------------
Source = Callable[[HasScope, Narrowing], QuerySet[Any, Any]]
SOURCES: dict[Work, Source] = {
    Work.CONFLICT: conflicts,
    Work.LATE: _sessions_with(MarkQuestion.Kind.LATE),
    Work.CLOCK: _sessions_with(MarkQuestion.Kind.CLOCK),
    Work.CLOSE: closed_twice,
    Work.PARKED: parked_groups,
    Work.PICTURE: picture_groups,
    Work.WALK_IN: walk_ins,
    Work.TABLET: tablets_to_ask,
    Work.HEADS: differing_heads,
    Work.PHOTO: without_photo,
}


def work_rows(user: HasScope, kind: Work, narrowing: Narrowing) -> QuerySet[Any, Any]:
    return SOURCES[kind](user, narrowing)


def work_counts(user: HasScope, narrowing: Narrowing = EVERYTHING) -> dict[Work, int]:
    """How many entries each kind has, in one query."""
    if narrowing.trainer or narrowing.words:
        found = dict(_counts(user, narrowing))
    else:
        scope = user.scope
        roles = (tuple(scope.grants.items()), scope.is_trainee)
        question = _worded_counts(*roles, narrowing.path, today(), settings.WORKLIST_DAYS)
        unseen, waiting = unseen_since(), waiting_since()
        found = dict(question(person=scope.user_id, unseen=unseen, waiting=waiting))
    return {kind: found.get(kind.value, 0) for kind in Work}


def _counts(user: HasScope, narrowing: Narrowing) -> QuerySet[Any, Any]:
    first, *others = (_counted(kind, user, narrowing) for kind in Work)
    found: QuerySet[Any, Any] = first.union(*others, all=True)
    return found


@dataclass(frozen=True)
class _Somebody:
    scope: Scope


@lru_cache(maxsize=500)
def _worded_counts(
    grants: tuple[tuple[str, tuple[str, ...]], ...],
    is_trainee: bool,
    path: str,
    _day: date,
    _days: int,
) -> Question:
    """What everybody with these grants asks there on that day: the same but for who asks, and
    when. Ten parts take Django longer to word than the database to count."""

    def build(person: UUID, unseen: datetime, waiting: datetime) -> QuerySet[Any, Any]:
        somebody = _Somebody(Scope(person, dict(grants), is_trainee))
        return _counts(somebody, Narrowing(path, unseen=unseen, waiting=waiting))

    early, late = datetime(1, 1, 2, tzinfo=UTC), datetime(1, 1, 3, tzinfo=UTC)
    return Question(build, person=UUID(int=1), unseen=early, waiting=late)


#: What is counted by tablet and reason.
_WAITING: dict[Work, Source] = {Work.PARKED: _parked, Work.PICTURE: _pictures}


def _counted(kind: Work, user: HasScope, narrowing: Narrowing) -> Any:
    """(kind, count), or nothing where there is nothing."""
    counted: Any = Count("pk")
    if kind in _WAITING:
        rows: QuerySet[Any, Any] = _WAITING[kind](user, narrowing)
        group = Concat(Cast("device_id", CharField()), "code", output_field=CharField())
        counted = Count(group, distinct=True)
    else:
        rows = work_rows(user, kind, narrowing)
    named = rows.order_by().annotate(work=Value(kind.value, output_field=CharField()))
    return named.values("work").annotate(n=counted).values_list("work", "n")
