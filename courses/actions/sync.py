"""What tablets bring: every readable row is taken into custody, once, whatever the network did.

Order of locks: the tablet, the runs, the sessions, as everybody does who marks. A batch is one
transaction: a lost answer, a broken line and a killed process all amount to "send it again".
"""

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Device
from courses.actions.events import NewEvent
from courses.actions.held import Held, held_before
from courses.actions.intake import (
    Intake,
    Outcome,
    asked_of,
    lock_for,
    lock_for_rows,
    locks_at_once,
)
from courses.actions.plain import asked_of_plain, marks_in, plain_marks, take_plain
from courses.actions.rows import (
    ACCEPTED,
    DUPLICATE,
    PARKED,
    UNREADABLE,
    Read,
    RowResult,
    TabletRow,
    digest,
    kept,
    read_rows,
)
from courses.models import ClassSession, ParkedRow, TakenSeq
from courses.queries.batches import Known, answers_of, known_in, known_of, locked_device
from courses.queries.hints import hints_of_sealed
from courses.queries.tablets import reach, refusal, seqs_after
from lms.lib.bulk import moment
from lms.lib.ids import uuid7
from lms.lib.sets import Asked, ask, ask_at_once, key
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

Code = ParkedRow.Code
#: More in one batch is sent in halves.
MOST_ROWS = 50
MOST_SEQ = 2**53


@dataclass(frozen=True)
class Delivery:
    """What stands round the rows of a batch."""

    batch_id: UUID
    rows: Sequence[Any] = ()
    last_seq: int = 0
    pending: int = 0
    app_version: str = ""
    #: Somebody has read each of the rows as a plain mark.
    are_marks: bool = False

    @cached_property
    def plain(self) -> list[NewEvent]:
        """The rows, where there is nothing but plain marks; otherwise none. Look at it before
        anything is locked: it takes time."""
        return plain_marks(self.rows if self.are_marks else marks_in(self.rows))

    @cached_property
    def plain_sessions(self) -> set[UUID]:
        return set(map(UUID, {mark.session_id for mark in self.plain}))

    @cached_property
    def reads(self) -> list[Read]:
        return read_rows(self.rows)


@dataclass(frozen=True)
class PushAnswer:
    results: tuple[RowResult, ...]
    contig_seq: int
    durable_seq: int
    missing_seq: tuple[tuple[int, int], ...]
    directives: tuple[str, ...] = field(default=())


@transaction.atomic
def push_events(*, device_id: UUID, delivery: Delivery, actor: "User | None" = None) -> PushAnswer:
    """Take a batch into custody; `actor` is who brings a file, otherwise the tablet's trainer.

    What came before is answered as it was then. Nothing in a row fails the others.
    """
    started = time.perf_counter()
    locks = locks_at_once(delivery.plain_sessions)
    device, has_role = locked_device(device_id, locks)
    later: list[Asked] = []
    if refusal(device, has_role=has_role):
        results, seqs = _take_any(device, delivery, in_quarantine=True)
    else:
        results, seqs = _take(device, delivery, later, are_locked=bool(locks))
    answer = _answer(device, delivery, results, seqs)
    now = moment(timezone.now())
    contact = _contact(device, delivery, answer, now)
    if delivery.rows:
        counts = Counter([result.result for result in results])
        batch = _batch(device, delivery, counts, now, int((time.perf_counter() - started) * 1000))
        along = [*later, contact, batch]
        _audit(device, delivery, counts, actor or device.enrolled_by, along)
    else:
        ask_at_once(contact)
    if device.status != Device.Status.ACTIVE and actor is None:
        _note_wiping(device, is_empty=not _pending(delivery, answer))
    return answer


# --- rows -----------------------------------------------------------------------------------------
def _take(
    device: Device, delivery: Delivery, later: list[Asked], *, are_locked: bool
) -> tuple[list[RowResult], list[int]]:
    """What became of each row, and the numbers above the contiguous one that are here now. What is
    put into `later` is to be written with the last of the batch."""
    if not delivery.plain:
        return _take_any(device, delivery)
    if not are_locked:
        lock_for(delivery.plain_sessions)
    answers = answers_of(device, device.enrolled_by, asked_of_plain(delivery.plain))
    batch = (delivery.batch_id, delivery.app_version)
    taken = take_plain(device, delivery.plain, answers, *batch, later)
    return taken or _take_any(device, delivery, known_in(answers))


def _take_any(
    device: Device, delivery: Delivery, known: Known | None = None, *, in_quarantine: bool = False
) -> tuple[list[RowResult], list[int]]:
    """`known`: what was asked about these rows already, under their locks."""
    reads = delivery.reads
    whole = [read.row for read in reads if read.row is not None]
    waiting = [] if in_quarantine else waiting_for(whole, device.enrolled_by)
    if known is None:
        if not in_quarantine and whole:
            lock_for_rows([*whole, *(row for _parked, row in waiting)])
        known = known_of(device, device.enrolled_by, asked_of(whole))
    held = held_before(reads) if known.is_awaited else {}
    sorted_out = _SortedOut.of(device, reads, known, held, in_quarantine=in_quarantine)
    intake = Intake(device, device.enrolled_by, delivery.batch_id, delivery.app_version)
    outcomes = intake.take([read.row for read in sorted_out.fresh if read.row is not None], known)
    parked = dict(sorted_out.parked)
    for position, read in enumerate(reads):
        if read.event_id in outcomes and outcomes[read.event_id].code and position not in parked:
            parked[position] = outcomes[read.event_id].code
    _park(device, reads, parked)
    _give_numbers(device, sorted_out.renumbered)
    if parked or known.is_awaited:
        settle_parked(outcomes, device.enrolled_by)
    take_waiting(waiting, device.enrolled_by)
    results = [
        _result(position, read, parked.get(position, ""), outcomes, sorted_out)
        for position, read in enumerate(reads)
    ]
    if parked or sorted_out.renumbered or waiting:
        return results, seqs_after(device.pk, device.contig_seq)
    new = {read.row.seq for read in sorted_out.fresh if read.row is not None}
    return results, sorted(seq for seq in new.union(known.seqs) if seq > device.contig_seq)


@dataclass
class _SortedOut:
    """What is to be done with each row, before anything is stored."""

    fresh: list[Read] = field(default_factory=list)
    #: By position in the batch, with the reason.
    parked: dict[int, str] = field(default_factory=dict)
    #: event id -> server_seq of what is here already.
    known: dict[UUID, int] = field(default_factory=dict)
    renumbered: list[int] = field(default_factory=list)
    #: Positions of rows that stand in the batch a second time.
    repeated: set[int] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        device: Device,
        reads: Sequence[Read],
        known: Known,
        held: Mapping[int, Held],
        *,
        in_quarantine: bool,
    ) -> "_SortedOut":
        found = cls()
        stored = _Stored.of(device, known)
        for position, read in enumerate(reads):
            if read.event_id is None:
                continue
            if read.row is None:
                found.parked[position] = Code.QUARANTINE if in_quarantine else Code.INCOMPLETE
            elif read.event_id in stored.bodies:
                found._again(position, read, stored)
            elif in_quarantine:
                found.parked[position] = Code.QUARANTINE
            elif position in held and held[position].is_final_for(device):
                found.parked[position] = held[position].code
            elif read.row.seq in stored.seqs:
                found.parked[position] = Code.SEQ_REUSED
            else:
                found.fresh.append(read)
                stored.bodies[read.event_id] = read.body
                stored.seqs.add(read.row.seq)
        return found

    def _again(self, position: int, read: Read, stored: "_Stored") -> None:
        assert read.event_id is not None and read.row is not None  # noqa: S101, PT018 - as asked
        if stored.bodies[read.event_id] != read.body:
            self.parked[position] = Code.BODY_DIFFERS
            return
        if read.event_id in stored.numbers:
            self.known[read.event_id] = stored.numbers[read.event_id]
        else:
            self.repeated.add(position)
        if read.row.seq not in stored.seqs:
            self.renumbered.append(read.row.seq)


@dataclass
class _Stored:
    """Of the events that have an id or a number of the batch's rows."""

    bodies: dict[UUID, str] = field(default_factory=dict)
    numbers: dict[UUID, int] = field(default_factory=dict)
    seqs: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, device: Device, known: Known) -> "_Stored":
        found = cls()
        for event_id, server_seq, body, device_id, seq in known.stored:
            found.bodies[event_id], found.numbers[event_id] = body, server_seq
            if device_id == device.pk and seq is not None:
                found.seqs.add(seq)
        return found


def _park(device: Device, reads: Sequence[Read], parked: Mapping[int, str]) -> None:
    """Keep each such row once, with its number."""
    if not parked:
        return
    _give_numbers(device, [n for position in parked if (n := _number_of(reads[position]))])
    held = held_before(reads)
    rows = [(reads[position], code) for position, code in parked.items() if position not in held]
    named = {read.row.session_id for read, _code in rows if read.row}
    there = set(ClassSession.objects.filter(pk__in=named).values_list("pk", flat=True))
    ParkedRow.objects.bulk_create(
        [_parked_row(device, read, code, there) for read, code in rows], ignore_conflicts=True
    )


def _number_of(read: Read) -> int | None:
    """That of a row which is not whole too, or the tablet would be asked for it for ever."""
    if read.row is not None:
        return read.row.seq
    said = read.raw.get("seq") if isinstance(read.raw, Mapping) else None
    return said if type(said) is int and 1 <= said <= MOST_SEQ else None


def _parked_row(device: Device, read: Read, code: str, there: Collection[UUID]) -> ParkedRow:
    raw = kept(read)
    session = read.row.session_id if read.row and read.row.session_id in there else None
    return ParkedRow(
        device=device,
        raw=raw,
        raw_sha256=digest(raw),
        hints=hints_of_sealed(raw),
        event_id=read.event_id,
        session_id=session,
        code=code,
    )


def _give_numbers(device: Device, seqs: Collection[int]) -> None:
    TakenSeq.objects.bulk_create(
        [TakenSeq(device=device, seq=seq) for seq in seqs], ignore_conflicts=True
    )


_WAITING = (
    "SELECT id FROM courses_parkedrow WHERE resolved_at IS NULL AND event_id {among} AND code <> %s"
)


def settle_parked(outcomes: Mapping[UUID, Outcome], actor: "User") -> None:
    """Rows that waited, and became events by themselves in the meantime."""
    taken = [event_id for event_id, outcome in outcomes.items() if outcome.server_seq]
    if not taken:
        return
    found = [key(row[0]) for row in ask(_WAITING, taken, Code.BODY_DIFFERS.value)]
    for row in ParkedRow.objects.filter(pk__in=found) if found else ():
        outcome = outcomes[row.event_id] if row.event_id else Outcome()
        row.resolved_at, row.resolved_by = timezone.now(), actor
        row.resolved_event_id = outcome.server_seq
        row.reason = gettext("It came once more, and could be taken in then.")
        row.save()


Waiting = list[tuple[ParkedRow, TabletRow]]


def waiting_for(rows: Sequence[TabletRow], trainer: "User") -> Waiting:
    """Rows that came before the walk-in whom they name."""
    walk_ins = {str(row.event_id) for row in rows if row.is_walk_in}
    if not walk_ins:
        return []
    parked = ParkedRow.objects.waiting().filter(
        code=Code.UNKNOWN_LEARNER, device__enrolled_by=trainer
    )
    found = [row for row in parked.select_related("device") if row.raw["learner_id"] in walk_ins]
    reads = read_rows([row.raw for row in found])
    return [(one, read.row) for one, read in zip(found, reads, strict=True) if read.row]


def take_waiting(waiting: Waiting, trainer: "User") -> None:
    for parked, row in waiting:
        settle_parked(Intake(parked.device, trainer).take([row]), trainer)


def _result(
    position: int,
    read: Read,
    code: str,
    outcomes: Mapping[UUID, Outcome],
    sorted_out: _SortedOut,
) -> RowResult:
    if code:
        return RowResult(read.named, PARKED, code=code)
    if read.event_id is None:
        return RowResult(read.named, UNREADABLE)
    if read.event_id in sorted_out.known:
        return RowResult(read.named, DUPLICATE, sorted_out.known[read.event_id])
    outcome = outcomes[read.event_id]
    result = DUPLICATE if position in sorted_out.repeated else ACCEPTED
    return RowResult(read.named, result, outcome.server_seq, note=",".join(outcome.flags))


# --- answer ---------------------------------------------------------------------------------------
def _answer(
    device: Device, delivery: Delivery, results: Sequence[RowResult], seqs: list[int]
) -> PushAnswer:
    device.reported_last_seq = max(device.reported_last_seq, delivery.last_seq)
    device.contig_seq, gaps = reach(device.contig_seq, seqs, delivery.last_seq)
    return PushAnswer(
        results=tuple(results),
        contig_seq=device.contig_seq,
        durable_seq=device.durable_seq,
        missing_seq=tuple(gaps),
        directives=_directives(device, delivery, results),
    )


def _directives(
    device: Device, delivery: Delivery, results: Sequence[RowResult]
) -> tuple[str, ...]:
    found = []
    if any(result.code == Code.SEQ_REUSED for result in results):
        found.append("reenrol")
    if device.status != Device.Status.ACTIVE:
        found.append("wipe_after_ack")
    if _version(delivery.app_version) < _version(settings.TABLET_OLDEST_APP):
        found.append("update_app")
    return tuple(found)


def _version(text: str) -> tuple[int, ...]:
    """(1, 4, 0) of "1.4.0"; what is no version is the newest, as nobody gains from nagging it."""
    parts = text.split("-")[0].split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else (10**9,)


def _contact(device: Device, delivery: Delivery, answer: PushAnswer, now: Any) -> Asked:
    version = delivery.app_version[:20] or device.app_version
    told = (now, _pending(delivery, answer), device.reported_last_seq, device.contig_seq, version)
    return _CONTACT, (*told, device.pk)


def _pending(delivery: Delivery, answer: PushAnswer) -> int:
    """What the tablet holds besides."""
    here = sum([result.result != UNREADABLE for result in answer.results])
    return max(delivery.pending - here, 0)


def _note_wiping(device: Device, *, is_empty: bool) -> None:
    """A tablet that holds nothing any more wipes itself; one that speaks of marks did not. What is
    in a file is on the tablet as well."""
    rows = Device.objects.filter(pk=device.pk)
    if is_empty:
        rows.filter(wiped_at=None).update(wiped_at=timezone.now())
    else:
        rows.exclude(wiped_at=None).update(wiped_at=None)


_CONTACT = (
    "UPDATE accounts_device SET last_seen_at = %s, reported_pending = %s, reported_last_seq = %s,"
    " contig_seq = %s, app_version = %s WHERE id = %s"
)
_BATCH = (
    "INSERT INTO courses_syncbatch (id, device_id, batch_id, received_at, accepted, duplicate,"
    " parked, unreadable, ms) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def _batch(
    device: Device, delivery: Delivery, counts: Counter[str], now: Any, took_ms: int
) -> Asked:
    found = [counts[result] for result in (ACCEPTED, DUPLICATE, PARKED, UNREADABLE)]
    return _BATCH, (uuid7(), device.pk, delivery.batch_id, now, *found, took_ms)


def _audit(
    device: Device,
    delivery: Delivery,
    counts: Counter[str],
    actor: "User",
    along: Sequence[Asked],
) -> None:
    record_audit(
        "courses.events_pushed",
        actor=actor,
        target=device,
        region_path=device.region.path,
        detail={"batch": str(delivery.batch_id), **counts},
        along=along,
    )
