"""What a set of attendance events says: a pure function, without a database and without order.

The rule, for one session:

* A void strikes out a mark of the same session and learner if it came from the same device or has
  a higher rank; it may arrive before its target. Any other void is kept without effect and is a
  conflict. Marks made on the server come from one device, the server.
* The session is closed by its live `close` of least (t_ms, event_id). Only an override strikes out
  a close: what was closed is never reopened without a reason.
* A close of rank override closes nothing: it says which of several head counts holds. The last one
  of these decides.
* Under a close, an event of a rank below override is late unless the close saw it, or its device is
  the closing one and its seq is an earlier one. Late events are kept, are conflicts, and change
  nothing.
* A mark is superseded when a live mark of at least its rank names it through the chain of `base`.
* The winner is the greatest (rank, t_ms, event_id) of the rest. Remaining marks of the winner's
  rank that come from different devices and disagree are a conflict.
* An override settles the conflicts that its author saw.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

RANKS = {"auto": 0, "self": 1, "trainer": 2, "override": 3}
OVERRIDE = RANKS["override"]
#: Kinds that say a status of somebody.
MARKS = frozenset({"mark", "walkin"})
#: A walk-in that says no status came to the lesson.
WALK_IN_STATUS = "PRESENT"


@dataclass(slots=True, eq=False)
class Event:
    """One event of a session. `saw` = what a close or an override had before it.

    Keys are UUIDs, or texts in one spelling; those are in the same order. Nobody changes one that
    was projected; it is not frozen, as making hundreds of those for a batch takes twice as long.
    """

    event_id: UUID
    kind: str
    source: str
    t_ms: int
    learner: UUID | None = None
    status: str = ""
    device: UUID | None = None
    seq: int | None = None
    base: UUID | None = None
    target: UUID | None = None
    saw: frozenset[UUID] = frozenset()
    clock_suspect: bool = False
    head_count: int | None = None

    @property
    def rank(self) -> int:
        return RANKS[self.source]

    @property
    def is_mark(self) -> bool:
        return self.kind in MARKS and self.learner is not None


@dataclass(slots=True)
class LearnerState:
    """`winner` is None while nothing that counts was said of the learner (not marked). As with
    events, nobody changes one."""

    winner: Event | None
    status: str
    conflict: bool
    clock_suspect: bool
    late: tuple[Event, ...] = ()


@dataclass(frozen=True)
class SessionState:
    learners: dict[UUID, LearnerState] = field(default_factory=dict)
    closed_by: Event | None = None
    late: tuple[Event, ...] = ()
    #: The override that says which head count holds.
    counted_by: Event | None = None

    @property
    def is_closed(self) -> bool:
        return self.closed_by is not None

    @property
    def head_count(self) -> int | None:
        if self.closed_by is None:
            return None
        return (self.counted_by or self.closed_by).head_count

    @property
    def is_closed_twice(self) -> bool:
        """Another close counts other heads, and nobody has decided about it yet."""
        seen = self.counted_by.saw if self.counted_by else frozenset()
        closes = [
            event for event in (self.closed_by, *self.late) if event and event.kind == "close"
        ]
        return any(
            event.event_id not in seen and event.head_count != self.head_count for event in closes
        )


def project(events: Iterable[Event]) -> SessionState:
    """The state that `events` (all of one session) amount to."""
    known = {event.event_id: event for event in events}
    close = _closing(known)
    late = {i for i, event in known.items() if close is not None and _is_late(event, close)}
    by_learner: dict[UUID, dict[UUID, Event]] = {}
    for event in known.values():
        if event.learner is not None:
            by_learner.setdefault(event.learner, {})[event.event_id] = event
    learners = {learner: _of_learner(own, late) for learner, own in by_learner.items()}
    counted = [e for e in known.values() if e.kind == "close" and e.rank == OVERRIDE]
    counted_by = max(counted, key=_by_time, default=None)
    return SessionState(learners, close, _sorted(known[i] for i in late), counted_by)


def _closing(known: dict[UUID, Event]) -> Event | None:
    struck = {e.target for e in known.values() if e.kind == "void" and e.rank == OVERRIDE}
    closes = [
        e
        for e in known.values()
        if e.kind == "close" and e.rank < OVERRIDE and e.event_id not in struck
    ]
    return min(closes, key=_by_time, default=None)


def _is_late(event: Event, close: Event) -> bool:
    if event is close or event.rank >= OVERRIDE or event.event_id in close.saw:
        return False
    if close.device is None or event.device != close.device:
        return True
    return event.seq is None or close.seq is None or event.seq >= close.seq


def _of_learner(own: dict[UUID, Event], late: Collection[UUID]) -> LearnerState:
    if _are_simple(own, late):
        return _of_simple_marks(own.values())
    timely = {i: event for i, event in own.items() if i not in late}
    voids = [event for event in timely.values() if event.kind == "void"]
    struck = {void.target for void in voids if _strikes(void, timely)}
    idle = {void.event_id for void in voids if _is_idle(void, timely)}
    live = [e for i, e in timely.items() if e.is_mark and i not in struck]
    gone = {i for event in live for i in _superseded_by(event, own)}
    heads = [event for event in live if event.event_id not in gone]
    winner = max(heads, key=_by_rank, default=None)
    late_here = [own[i] for i in own if i in late]
    questions = idle | {event.event_id for event in late_here}
    open_questions = questions - _settled([*live, *voids])
    return LearnerState(
        winner=winner,
        status=(winner.status or WALK_IN_STATUS) if winner else "",
        conflict=bool(open_questions) or _disagree(heads, winner),
        clock_suspect=winner.clock_suspect if winner else False,
        late=_sorted(e for e in late_here if e.event_id in open_questions),
    )


def _are_simple(own: Mapping[UUID, Event], late: Collection[UUID]) -> bool:
    """Marks in time that name no other one. Written out: an evening asks it of each person."""
    for event_id, event in own.items():
        if event.kind not in MARKS or event.base in own or event_id in late:
            return False
    return True


def _of_simple_marks(events: Collection[Event]) -> LearnerState:
    """The usual case, and a quick one: what the rule says where nothing strikes or replaces."""
    if len(events) == 1:
        [winner], conflict = events, False
    else:
        winner = max(events, key=_by_rank)
        conflict = _disagree(events, winner)
    return LearnerState(winner, winner.status or WALK_IN_STATUS, conflict, winner.clock_suspect)


def _strikes(void: Event, own: dict[UUID, Event]) -> bool:
    target = own.get(void.target) if void.target else None
    if target is None or not target.is_mark:
        return False
    return void.device == target.device or void.rank > target.rank


def _is_idle(void: Event, own: dict[UUID, Event]) -> bool:
    """Without effect for good; a void whose target is still on its way is not (yet) a question."""
    return void.target in own and not _strikes(void, own)


def _superseded_by(event: Event, own: dict[UUID, Event]) -> Iterator[UUID]:
    chain = list(_base_chain(event, own))
    if event in chain:
        return  # A circle was forged; naming oneself must not make a mark vanish.
    for older in chain:
        if event.rank >= older.rank:
            yield older.event_id


def _base_chain(event: Event, own: dict[UUID, Event]) -> Iterator[Event]:
    seen: set[UUID] = set()
    base = event.base
    while base is not None and base not in seen and base in own:
        seen.add(base)
        yield own[base]
        base = own[base].base


def _settled(effective: Iterable[Event]) -> set[UUID | None]:
    """What the authors of overrides in force had seen when they decided."""
    settled: set[UUID | None] = set()
    for event in effective:
        if event.rank == OVERRIDE:
            settled |= event.saw | {event.base, event.target}
    return settled


def _disagree(heads: Iterable[Event], winner: Event | None) -> bool:
    if winner is None:
        return False
    rank = winner.rank
    equals = [event for event in heads if RANKS[event.source] == rank]
    statuses = {event.status or WALK_IN_STATUS for event in equals}
    # Two statuses and two devices always hold a pair that differs in both.
    return len(statuses) > 1 and len({event.device for event in equals}) > 1


def _sorted(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=_by_time))


def _by_rank(event: Event) -> tuple[int, int, UUID]:
    return (RANKS[event.source], event.t_ms, event.event_id)


def _by_time(event: Event) -> tuple[int, UUID]:
    return (event.t_ms, event.event_id)
