"""The merge rule as data, which the tablet's code is held to as well (frontend's tests read it)."""

import json
import random
from pathlib import Path
from uuid import UUID

import pytest

from courses.projection import Event, project

CASES = json.loads((Path(__file__).parent / "merge_cases.json").read_text())["cases"]


def uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def event(row: dict) -> Event:
    return Event(
        event_id=UUID(row["event_id"]),
        kind=row["kind"],
        source=row["source"],
        t_ms=row["t_ms"],
        learner=uuid(row["learner_id"]),
        status=row["status"],
        device=uuid(row["device"]),
        seq=row["seq"],
        base=uuid(row["base"]),
        target=uuid(row["target"]),
        saw=frozenset(map(UUID, row.get("saw", ()))),
        head_count=row.get("head_count"),
    )


def said(events: list[Event]) -> dict:
    state = project(events)
    return {
        "learners": {
            str(learner): {
                "status": own.status,
                "event": str(own.winner.event_id) if own.winner else None,
                "conflict": own.conflict,
            }
            for learner, own in state.learners.items()
        },
        "closed_by": str(state.closed_by.event_id) if state.closed_by else None,
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_cases(case):
    events = [event(row) for row in case["events"]]
    assert said(events) == case["expected"]
    random.Random(len(events)).shuffle(events)
    assert said([*events, *events[:3]]) == case["expected"]
