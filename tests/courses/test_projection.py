"""The merge rule: a table of cases, and what must hold for any set of events."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.projection import Event, SessionState, project

ANNA, BERT = UUID(int=101), UUID(int=102)
PAD, SLATE = UUID(int=201), UUID(int=202)


def mark(n: int, status: str = "PRESENT", **fields) -> Event:
    fields = {"kind": "mark", "source": "trainer", "t_ms": n, "learner": ANNA} | fields
    return Event(event_id=UUID(int=n), status=status, **fields)


def void(n: int, target: int, **fields) -> Event:
    return mark(n, "", kind="void", target=UUID(int=target), **fields)


def close(n: int, *saw: int, **fields) -> Event:
    seen = frozenset(UUID(int=i) for i in saw)
    return mark(n, "", kind="close", learner=None, saw=seen, **fields)


def ids(*numbers: int) -> frozenset[UUID]:
    return frozenset(UUID(int=n) for n in numbers)


CASES: dict[str, tuple[list[Event], str, bool]] = {
    "one mark": ([mark(1)], "PRESENT", False),
    "later of one rank": ([mark(1), mark(2, "LATE")], "LATE", False),
    "equal time: greater id": ([mark(2, "LATE", t_ms=5), mark(1, t_ms=5)], "LATE", False),
    "rank beats time": ([mark(1, "LATE"), mark(2, source="self")], "LATE", False),
    "automatic is weakest": (
        [mark(9, "ABSENT", source="auto"), mark(1, source="self")],
        "PRESENT",
        False,
    ),
    "override beats a wrong clock": (
        [mark(1, "LEAVE", source="override"), mark(2, t_ms=9**15)],
        "LEAVE",
        False,
    ),
    "void of the same device": ([mark(1), void(2, 1)], "", False),
    "void of another device, same rank": (
        [mark(1, device=PAD, seq=1), void(2, 1, device=SLATE, seq=1)],
        "PRESENT",
        True,
    ),
    "void of another device, higher rank": (
        [mark(1, source="self", device=PAD, seq=1), void(2, 1, device=SLATE, seq=1)],
        "",
        False,
    ),
    "void brings back what was before": (
        [mark(1), mark(2, "LATE", base=UUID(int=1)), void(3, 2)],
        "PRESENT",
        False,
    ),
    "void of an unknown mark waits": ([void(2, 1, device=PAD, seq=1)], "", False),
    "void of a void has no effect": ([mark(1), void(2, 1), void(3, 2)], "", True),
    "void for another learner has no effect": (
        [mark(1), void(2, 1, learner=BERT)],
        "PRESENT",
        False,
    ),
    "base beats a clock that runs ahead": (
        [
            mark(1, t_ms=9**12, device=PAD, seq=1),
            mark(2, "LATE", base=UUID(int=1), device=SLATE, seq=1),
        ],
        "LATE",
        False,
    ),
    "base reaches through a voided mark": (
        [
            mark(1, t_ms=90, device=PAD, seq=1),
            mark(2, "LATE", base=UUID(int=1)),
            void(3, 2),
            mark(4, "LEAVE", base=UUID(int=2)),
        ],
        "LEAVE",
        False,
    ),
    "base of a lower rank drops nothing": (
        [mark(1), mark(2, "LATE", base=UUID(int=1), source="self")],
        "PRESENT",
        False,
    ),
    "two devices disagree": (
        [mark(1, device=PAD, seq=1), mark(2, "LATE", device=SLATE, seq=1)],
        "LATE",
        True,
    ),
    "two devices agree": (
        [mark(1, device=PAD, seq=1), mark(2, device=SLATE, seq=1)],
        "PRESENT",
        False,
    ),
    "an override settles two devices": (
        [
            mark(1, device=PAD, seq=1),
            mark(2, "LATE", device=SLATE, seq=1),
            mark(3, source="override"),
        ],
        "PRESENT",
        False,
    ),
    "a forged circle of bases drops nothing": (
        [mark(1, base=UUID(int=2)), mark(2, "LATE", base=UUID(int=1))],
        "LATE",
        False,
    ),
    "a walk-in came": ([mark(1, "", kind="walkin")], "PRESENT", False),
    "late after a close": (
        [mark(1), close(2, 1), mark(3, "LATE", device=PAD, seq=1)],
        "PRESENT",
        True,
    ),
    "late though its clock says earlier": (
        [mark(5), close(6, 5), mark(1, "LATE", device=PAD, seq=1)],
        "PRESENT",
        True,
    ),
    "late void": ([mark(1), close(2, 1), void(3, 1)], "PRESENT", True),
    "seen by the close": (
        [close(2, 3), mark(3, "LATE", device=PAD, seq=1)],
        "LATE",
        False,
    ),
    "earlier seq of the closing device": (
        [close(9, device=PAD, seq=4), mark(3, device=PAD, seq=3)],
        "PRESENT",
        False,
    ),
    "later seq of the closing device": (
        [close(9, device=PAD, seq=4), mark(3, device=PAD, seq=5)],
        "",
        True,
    ),
    "server's mark that the tablet's close did not see": (
        [close(9, device=PAD, seq=4), mark(3)],
        "",
        True,
    ),
    "override after the close": (
        [mark(1), close(2, 1), mark(3, "LEAVE", source="override")],
        "LEAVE",
        False,
    ),
    "an override settles the late events it saw": (
        [
            mark(1),
            close(2, 1),
            mark(3, "LATE", device=PAD, seq=1),
            mark(4, "LATE", source="override", saw=ids(1, 3)),
        ],
        "LATE",
        False,
    ),
    "an override does not settle what came after it": (
        [
            mark(1),
            close(2, 1),
            mark(4, "LATE", source="override", saw=ids(1)),
            mark(5, "LEAVE", device=PAD, seq=1),
        ],
        "LATE",
        True,
    ),
    "of two closes the least in time holds": (
        [close(7, 1), close(5, device=PAD, seq=9), mark(1, device=SLATE, seq=1)],
        "",
        True,
    ),
    "a trainer's void does not reopen": ([close(2), void(3, 2, learner=None), mark(4)], "", True),
    "an override reopens": (
        [close(2), void(3, 2, learner=None, source="override"), mark(4)],
        "PRESENT",
        False,
    ),
}


@pytest.mark.parametrize("case", CASES, ids=list(CASES))
def test_cases(case):
    events, status, conflict = CASES[case]
    state = project(events).learners[ANNA]
    assert (state.status, state.conflict) == (status, conflict)


def test_the_close_that_holds_is_named():
    state = project([close(7), close(5), mark(6)])
    assert state.closed_by.event_id == UUID(int=5)
    assert [event.event_id for event in state.late] == [UUID(int=6), UUID(int=7)]


def test_the_clock_of_the_winner_is_told():
    assert project([mark(1, clock_suspect=True)]).learners[ANNA].clock_suspect
    assert not project([mark(1, clock_suspect=True), mark(2)]).learners[ANNA].clock_suspect


# --- for any set of events --------------------------------------------------------------------
STATUSES = ["PRESENT", "LATE", "LEFT_EARLY", "LEAVE", "ABSENT"]
IDS = st.integers(1, 12).map(lambda n: UUID(int=n))


@st.composite
def events(draw) -> list[Event]:
    """Up to a dozen events of two learners, three devices and the server, clocks at will."""
    found = []
    for n in sorted(draw(st.sets(st.integers(1, 12), min_size=1))):
        kind = draw(st.sampled_from(["mark", "mark", "mark", "void", "walkin", "close"]))
        device = draw(st.sampled_from([None, PAD, SLATE]))
        found.append(
            Event(
                event_id=UUID(int=n),
                kind=kind,
                source=draw(st.sampled_from(["auto", "self", "trainer", "override"]))
                if kind != "close"
                else "trainer",
                t_ms=draw(st.integers(0, 6)),
                learner=None if kind == "close" else draw(st.sampled_from([ANNA, BERT])),
                status=draw(st.sampled_from(STATUSES)) if kind == "mark" else "",
                device=device,
                seq=n if device else None,
                base=draw(st.none() | IDS),
                target=draw(IDS) if kind == "void" else None,
                saw=frozenset(draw(st.sets(IDS))),
            )
        )
    return found


SHUFFLED = st.randoms(use_true_random=False)
Projection = Callable[[Sequence[Event]], object]


def check_order_is_nothing(projection: Projection, found: list[Event], random) -> None:
    mixed = [*found, *random.sample(found, len(found) // 2)]
    random.shuffle(mixed)
    assert projection(mixed) == projection(found)


@settings(max_examples=300, deadline=None)
@given(events(), SHUFFLED)
def test_order_and_repetition_are_nothing(found, random):
    check_order_is_nothing(project, found, random)


def drawn(random: Random) -> list[Event]:
    """As `events`, without what finds the smallest set: a hundredth of the time for each."""
    numbers = sorted(random.sample(range(1, 13), random.randint(1, 12)))
    found = []
    for n in numbers:
        kind = random.choice(["mark", "mark", "mark", "void", "walkin", "close"])
        device = random.choice([None, PAD, SLATE])
        sources = ["trainer"] if kind == "close" else ["auto", "self", "trainer", "override"]
        found.append(
            Event(
                event_id=UUID(int=n),
                kind=kind,
                source=random.choice(sources),
                t_ms=random.randint(0, 6),
                learner=None if kind == "close" else random.choice([ANNA, BERT]),
                status=random.choice(STATUSES) if kind == "mark" else "",
                device=device,
                seq=n if device else None,
                base=random.choice([None, UUID(int=random.randint(1, 12))]),
                target=UUID(int=random.randint(1, 12)) if kind == "void" else None,
                saw=ids(*random.sample(range(1, 13), random.randint(0, 6))),
            )
        )
    return found


def test_order_and_repetition_are_nothing_for_thousands():
    for seed in range(6000):
        random = Random(seed)
        check_order_is_nothing(project, drawn(random), random)


@settings(max_examples=150, deadline=None)
@given(events())
def test_nothing_vanishes_without_a_void(found):
    """A learner with a timely mark that no void names has a state."""
    state = project(found)
    late = {event.event_id for event in state.late}
    named = {event.target for event in found if event.kind == "void"}
    for event in found:
        if event.is_mark and event.event_id not in late | named:
            assert state.learners[event.learner].winner is not None


@settings(max_examples=150, deadline=None)
@given(events(), st.sampled_from(STATUSES))
def test_an_override_beats_all_clocks(found, status):
    rest = [event for event in found if event.source != "override"]
    final = Event(UUID(int=99), "mark", "override", -1, ANNA, status)
    assert project([*rest, final]).learners[ANNA].winner == final


@settings(max_examples=150, deadline=None)
@given(events())
def test_what_comes_after_a_close_changes_nothing(found):
    """Taking the late events away leaves every winner as it is."""
    state = project(found)
    timely = [event for event in found if event not in state.late]
    before = {learner: own.winner for learner, own in state.learners.items() if own.winner}
    after = {learner: own.winner for learner, own in project(timely).learners.items() if own.winner}
    assert before == after


@settings(max_examples=150, deadline=None)
@given(events())
def test_late_events_are_conflicts_until_an_override_saw_them(found):
    state = project(found)
    for event in state.late:
        if event.learner is None:
            continue
        deciders = [e for e in found if e.source == "override" and e.learner == event.learner]
        if not any(event.event_id in e.saw | {e.base, e.target} for e in deciders):
            assert state.learners[event.learner].conflict


def test_base_that_is_ignored_would_be_found_out():
    found = CASES["base beats a clock that runs ahead"][0]
    without = project([replace(event, base=None) for event in found])
    assert without.learners[ANNA].status == "PRESENT"
    assert isinstance(without, SessionState)
