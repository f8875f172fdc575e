"""What tablets leave behind in a county: two of them, marks that disagree or came late, a row in
custody, a walk-in, a class photo. Through the actions that tablets and the office use."""

import hashlib
import io
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import Device, User
from courses.actions import (
    Delivery,
    add_walk_in,
    cancel_session,
    enrol_device,
    issue_enrol_code,
    mark_device_lost,
    push_events,
    receive_picture,
    store_evidence,
)
from courses.models import AttendanceStatus, ClassSession, Course, Instructor, SessionEvidence
from courses.queries.drawing import drawn_anew
from learners.models import Learner
from lms.demo import classes
from lms.lib.ids import uuid7
from lms.lib.periods import today

Status = AttendanceStatus
APP = "1.0.0"
#: Who of the class is not simply there: by the order of the list.
EXCEPTIONS = {3: Status.LATE, 7: Status.LEAVE, 11: Status.ABSENT}


class Pad:
    """A tablet that speaks the protocol."""

    def __init__(self, trainer: User, label: str) -> None:
        code = issue_enrol_code(actor=trainer)
        self.device = enrol_device(code=code.text, label=label, app_version=APP).device
        self.numbers = count(1)

    def row(self, session: ClassSession, kind: str, minutes: int, **said: Any) -> dict[str, Any]:
        at = int((session.starts_at + timedelta(minutes=minutes)).timestamp() * 1000)
        return {
            "event_id": str(uuid7()),
            "seq": next(self.numbers),
            "kind": kind,
            "session_id": str(session.pk),
            "source": "trainer",
            "wall_ms": at,
            "skew_ms": 0,
            "t_ms": at,
        } | said

    def mark(
        self, session: ClassSession, learner: Learner, status: str, **said: Any
    ) -> dict[str, Any]:
        said = {"learner_id": str(learner.pk), "status": status, "method": "name"} | said
        return self.row(session, "mark", 5, **said)

    def push(self, *rows: dict[str, Any], pending: int = 0) -> None:
        last = max((row["seq"] for row in rows), default=0)
        delivery = Delivery(uuid7(), rows, last_seq=last, pending=pending, app_version=APP)
        push_events(device_id=self.device.pk, delivery=delivery)


def leave_tablets(
    school: classes.School, course: Course, teacher: Instructor, people: Sequence[Learner]
) -> None:
    """A class of the day before yesterday, marked on two tablets; the second came late."""
    trainer = teacher.user
    assert trainer is not None  # noqa: S101 - the demonstration made them one
    first = today() - timedelta(days=2)
    run = classes.prepare_run(school, course, first, people, instructor=teacher)
    one, two = Pad(trainer, "周党镇一号平板"), Pad(trainer, "周党镇二号平板")
    morning, afternoon, *others = run.sessions.order_by("starts_at")
    for session in others:
        cancel_session(session=session, reason="讲师另有培训任务", actor=school.clerk)
    _hold(one, morning, people, trainer)
    two.push(
        two.mark(morning, people[1], Status.LEAVE),
        two.mark(morning, people[11], Status.PRESENT),
    )
    came = uuid7()
    add_walk_in(
        session=afternoon,
        name="郭小满",
        phone="13800000617",
        event_id=came,
        actor=school.clerk,
    )
    marks = [one.mark(afternoon, person, Status.PRESENT) for person in people[:-1]]
    answers = [two.mark(afternoon, people[4], Status.LEAVE)]
    doubtful = [two.mark(afternoon, people[-1], Status.PRESENT, skew_ms=None)]
    lost = {**two.mark(afternoon, people[2], Status.PRESENT), "session_id": str(uuid7())}
    one.push(*marks)
    again = two.row(afternoon, "close", 150, head_count=len(people) - 1, saw=[])
    two.push(*answers, *doubtful, lost, again, pending=7)
    saw = [str(came), *(row["event_id"] for row in (*answers, *doubtful))]
    one.push(one.row(afternoon, "close", 130, head_count=len(people) - 2, saw=saw))
    _lose(Pad(trainer, "周党镇三号平板"), morning, school.clerk)
    _seen(one.device, hours=2)
    _seen(two.device, hours=52)


def _hold(pad: Pad, session: ClassSession, people: Sequence[Learner], trainer: User) -> None:
    marks = [
        pad.mark(session, person, EXCEPTIONS.get(n, Status.PRESENT))
        for n, person in enumerate(people)
        if EXCEPTIONS.get(n) != Status.ABSENT
    ]
    photo = class_photo()
    store_evidence(
        session=session,
        picture=drawn_anew(photo, SessionEvidence.Kind.PHOTO),
        device=pad.device,
        actor=trainer,
    )
    in_room = sum(mark["status"] != Status.LEAVE for mark in marks)
    close = pad.row(
        session,
        "close",
        130,
        head_count=in_room,
        saw=[],
        photo_sha256=hashlib.sha256(photo).hexdigest(),
    )
    pad.push(*marks[:20])
    pad.push(*marks[20:], close)


def _lose(pad: Pad, session: ClassSession, clerk: User) -> None:
    """Reported lost with a photo on it, which it brings all the same."""
    lost = mark_device_lost(device=pad.device, reason="stolen", actor=clerk)
    photo = class_photo("#3f5d4a")
    drawn = drawn_anew(photo, SessionEvidence.Kind.PHOTO)
    receive_picture(device=lost, session_id=session.pk, picture=drawn)
    _seen(lost, hours=80)


def _seen(device: Device, *, hours: int) -> None:
    Device.objects.filter(pk=device.pk).update(last_seen_at=timezone.now() - timedelta(hours=hours))


def class_photo(board: str = "#23423a") -> bytes:
    """A drawn class: wall, banner, rows of people without faces."""
    image = Image.new("RGB", (1280, 860), "#e9e2d3")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 640, 1280, 860), fill="#b99b74")
    draw.rectangle((140, 60, 1140, 160), fill="#b3261e")
    draw.rectangle((420, 220, 860, 420), fill=board)
    coats = ("#33546f", "#6b4f3a", "#4d6b45", "#7a3b45", "#44515b")
    for row in range(3):
        for place in range(9):
            x, y = 110 + place * 130 + row * 20, 470 + row * 120
            draw.ellipse((x - 26, y - 70, x + 26, y - 14), fill="#d9b08c")
            draw.rounded_rectangle((x - 46, y - 10, x + 46, y + 90), 22, fill=coats[place % 5])
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()
