"""Entries of the list of work: what happened, what to do, and the decision one tap away."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Device, User
from courses.models import (
    AttendanceStatus,
    ClassSession,
    MarkEvent,
    MarkQuestion,
    ParkedPicture,
    ParkedRow,
    SessionCheck,
)
from courses.queries.waiting import ANSWERED_KEY
from courses.queries.worklist import Work, closes_said, marks_said, questioned, unseen_since
from courses.views.access import may_mark
from learners.models import Learner
from lms.lib.scope import Role
from lms.templatetags.ui import gap

#: Names in one sentence; who wants the others opens the session.
MOST_NAMES = 5


@dataclass(frozen=True)
class Button:
    value: str
    label: str
    is_main: bool = False


@dataclass(frozen=True)
class Decision:
    """A form with a reason; each button is one answer."""

    href: str
    buttons: Sequence[Button]
    hidden: Sequence[tuple[str, object]] = ()


@dataclass(frozen=True)
class Item:
    key: str
    title: str
    line: str
    what: str
    advice: str
    chip: tuple[str, str, str]
    said: Sequence[str] = ()
    decision: Decision | None = None
    links: Sequence[tuple[str, str, str]] = field(default_factory=list)


def work_items(user: User, kind: Work, rows: Sequence[Any]) -> list[Item]:
    return BUILDERS[kind](user, rows)


def session_line(session: ClassSession) -> str:
    starts = timezone.localtime(session.starts_at)
    return f"{session.run.title} · {starts:%Y-%m-%d %H:%M} · {session.instructor.name}"


def held_line(session: ClassSession) -> str:
    """For an entry whose title is the run."""
    starts = timezone.localtime(session.starts_at)
    return f"{starts:%Y-%m-%d %H:%M} · {session.instructor.name} · {session.site.name}"


def mark_words(event: MarkEvent) -> str:
    """09:02 Present · Tablet one · Wang (qr)"""
    said = event.get_status_display() if event.status else event.get_kind_display()
    at = timezone.localtime(datetime.fromtimestamp(event.t_ms / 1000, UTC))
    where = event.device.label if event.device else _("on the server")
    return f"{at:%m-%d %H:%M} {said} · {where} · {event.actor.display_name}"


# --- doubts about marks ---------------------------------------------------------------------------
def _conflicts(user: User, rows: Sequence[MarkQuestion]) -> list[Item]:
    said = marks_said(rows)
    return [_conflict(user, row, said.get((row.session_id, row.learner_id), [])) for row in rows]


def _conflict(user: User, row: MarkQuestion, said: list[MarkEvent]) -> Item:
    session, learner = row.session, row.learner
    is_closed = session.status == ClassSession.Status.CLOSED
    statuses = list(dict.fromkeys(event.status for event in said if event.status))
    buttons = [
        Button(status, _("“%(mark)s” holds") % {"mark": AttendanceStatus(status).label})
        for status in statuses
    ]
    href = reverse("courses:session_answer", args=[session.pk])
    decision = Decision(href, buttons, [("learner", learner.pk)])
    if is_closed:
        advice = _("Ask the trainer or look at the paper sheet, then say which mark holds and why.")
    else:
        advice = _("The session is not closed yet. Close it first, then decide.")
    return Item(
        key=f"conflict-{row.pk}",
        title=f"{learner.name} {learner.id_tail}".strip(),
        line=session_line(session),
        what=_("Marks of this person disagree, or one took back another tablet's mark:"),
        advice=advice,
        chip=("warn", "swap", _("Two answers")),
        said=[mark_words(event) for event in said],
        decision=decision if is_closed and buttons and may_mark(user, session) else None,
        links=[_session_link(session)],
    )


def _late(user: User, rows: Sequence[ClassSession]) -> list[Item]:
    people = questioned(rows, MarkQuestion.Kind.LATE)
    return [_late_item(user, session, people.get(session.pk, [])) for session in rows]


def _late_item(user: User, session: ClassSession, asked: list[MarkQuestion]) -> Item:
    words = ngettext(
        "Marks of %(n)d person came after the close and change nothing yet: %(names)s.",
        "Marks of %(n)d people came after the close and change nothing yet: %(names)s.",
        len(asked),
    )
    buttons = [
        Button("accept", _("Let the late marks hold"), is_main=True),
        Button("keep", _("Leave it as it was closed")),
    ]
    return Item(
        key=f"late-{session.pk}",
        title=session.run.title,
        line=held_line(session),
        what=words % {"n": len(asked), "names": _names(asked)},
        advice=_(
            "Usually a second tablet was without signal. Let them hold if these people were "
            "there; to decide one by one, open the session."
        ),
        chip=("warn", "clock", _("After the close")),
        decision=_of_people(user, session, asked, buttons),
        links=[_session_link(session)],
    )


def _clock(user: User, rows: Sequence[ClassSession]) -> list[Item]:
    people = questioned(rows, MarkQuestion.Kind.CLOCK)
    return [_clock_item(user, session, people.get(session.pk, [])) for session in rows]


def _clock_item(user: User, session: ClassSession, asked: list[MarkQuestion]) -> Item:
    words = ngettext(
        "The mark of %(n)d person comes from a tablet whose clock could not be trusted: %(names)s.",
        "Marks of %(n)d people come from a tablet whose clock could not be trusted: %(names)s.",
        len(asked),
    )
    return Item(
        key=f"clock-{session.pk}",
        title=session.run.title,
        line=held_line(session),
        what=words % {"n": len(asked), "names": _names(asked)},
        advice=_(
            "Present and absent do not hang on the clock; which of two marks is later does. "
            "Compare with the paper sheet, then confirm, and set the tablet's clock."
        ),
        chip=("warn", "hourglass", _("Wrong clock")),
        decision=_of_people(
            user, session, asked, [Button("keep", _("Confirm these marks"), is_main=True)]
        ),
        links=[_session_link(session)],
    )


def _closes(user: User, rows: Sequence[ClassSession]) -> list[Item]:
    said = closes_said(rows)
    return [_closed_twice(user, session, said.get(session.pk, [])) for session in rows]


def _closed_twice(user: User, session: ClassSession, closes: list[MarkEvent]) -> Item:
    """One answer for each count, the one that holds now first."""
    holds = session.head_count or 0
    counts = dict.fromkeys([holds, *(_heads_in(event) for event in closes)])
    by_count = {heads: [e for e in closes if _heads_in(e) == heads] for heads in counts}
    buttons = [
        Button(str(found[0].event_id), _("%(heads)d heads hold") % {"heads": heads})
        for heads, found in by_count.items()
        if found
    ]
    href = reverse("courses:session_heads", args=[session.pk])
    return Item(
        key=f"close-{session.pk}",
        title=session.run.title,
        line=held_line(session),
        what=_(
            "Two tablets closed this session and counted other heads. The earlier close holds "
            "until somebody decides: %(heads)d heads."
        )
        % {"heads": holds},
        advice=_(
            "Ask who counted the room, look at the class photo and the paper sheet, then say "
            "which count holds. Marks stay as they are."
        ),
        chip=("warn", "users", _("Closed twice")),
        said=[close_words(event) for event in closes],
        decision=Decision(href, buttons) if _supervises(user, session) else None,
        links=[_session_link(session)],
    )


def _heads_in(close: MarkEvent) -> int:
    return int(close.payload.get("head_count") or 0)


def close_words(close: MarkEvent) -> str:
    """11-22 10:31 26 heads · Tablet one · Wang · received 11-30 08:00"""
    at = timezone.localtime(datetime.fromtimestamp(close.t_ms / 1000, UTC))
    where = close.device.label if close.device else _("on the server")
    values = {"heads": _heads_in(close), "at": timezone.localtime(close.received_at)}
    counted = _("%(heads)d heads") % values
    came = _("received %(at)s") % {"at": f"{values['at']:%m-%d %H:%M}"}
    return f"{at:%m-%d %H:%M} {counted} · {where} · {close.actor.display_name} · {came}"


def _of_people(
    user: User, session: ClassSession, asked: list[MarkQuestion], buttons: list[Button]
) -> Decision | None:
    if session.status != ClassSession.Status.CLOSED or not may_mark(user, session):
        return None
    href = reverse("courses:session_answer", args=[session.pk])
    return Decision(href, buttons, [("learner", row.learner_id) for row in asked])


def _names(asked: Sequence[MarkQuestion]) -> str:
    names = "、".join(row.learner.name for row in asked[:MOST_NAMES])
    if len(asked) > MOST_NAMES:
        return _("%(names)s and others") % {"names": names}
    return names


def _session_link(session: ClassSession) -> tuple[str, str, str]:
    return (reverse("courses:session_correct", args=[session.pk]), "list", _("See the session"))


# --- rows in custody, walk-ins, tablets -----------------------------------------------------------
def parked_reasons() -> dict[str, tuple[str, str]]:
    """What happened, and what to do about it, for each reason."""
    code = ParkedRow.Code
    return {
        code.QUARANTINE: (
            _("The tablet is reported lost, or its trainer has no rights any more."),
            _("Ask the trainer whether these marks are theirs, then take them in or set aside."),
        ),
        code.UNKNOWN_SESSION: (
            _("The session that the tablet names is not known here."),
            _("Find out which class it was. If it was deleted, mark on the session's page."),
        ),
        code.FOREIGN_SESSION: (
            _("The session belongs to another trainer."),
            _("If this trainer stood in that day, take the marks in; if not, set them aside."),
        ),
        code.UNKNOWN_LEARNER: (
            _("The person that the tablet names is not known here."),
            _("Usually a walk-in whose row is still on its way: have the tablet upload again."),
        ),
        code.SEAL_UNREADABLE: (
            _("A walk-in's sealed row cannot be opened."),
            _("Ask the trainer who it was, add the person on the session's page, set this aside."),
        ),
        code.BODY_DIFFERS: (
            _("Two different rows carry one identifier: a fault of the app."),
            _("Compare with the session's marks, correct there if need be, and tell the support."),
        ),
        code.SEQ_REUSED: (
            _("Two tablets count under one name: one was restored from the other's backup."),
            _("The tablet enrols again by itself. Take in what belongs to the class."),
        ),
        code.INCOMPLETE: (
            _("The row lacks something that a mark needs."),
            _("Ask the trainer, correct on the session's page, and set this aside."),
        ),
        code.FAILED: (
            _("The server stumbles over this row: a fault of the system, not of the trainer."),
            _("Tell the support; after the next update take it in. Until then it is kept here."),
        ),
    }


def _parked(user: User, rows: Sequence[dict[str, Any]]) -> list[Item]:
    reasons = parked_reasons()
    return [_parked_item(group, *reasons[ParkedRow.Code(group["code"])]) for group in rows]


def _parked_item(group: dict[str, Any], what: str, advice: str) -> Item:
    words = ngettext("%(n)d row.", "%(n)d rows.", group["count"]) % {"n": group["count"]}
    href = reverse("courses:parked_list", args=[group["device"]])
    return Item(
        key=f"parked-{group['device']}-{group['code']}",
        title=group["device__label"],
        line=f"{group['trainer']} · {timezone.localtime(group['last']):%Y-%m-%d %H:%M}",
        what=f"{words}{gap(words)}{what}",
        advice=advice,
        chip=("warn", "box", str(ParkedRow.Code(group["code"]).label)),
        links=[(f"{href}?code={group['code']}", "check", _("Look and decide"))],
    )


def _pictures(user: User, rows: Sequence[dict[str, Any]]) -> list[Item]:
    reasons = parked_reasons()
    return [_picture_item(group, reasons[ParkedRow.Code(group["code"])][0]) for group in rows]


def _picture_item(group: dict[str, Any], what: str) -> Item:
    words = ngettext("%(n)d picture.", "%(n)d pictures.", group["count"]) % {"n": group["count"]}
    href = reverse("courses:picture_list", args=[group["device"]])
    return Item(
        key=f"picture-{group['device']}-{group['code']}",
        title=group["device__label"],
        line=f"{group['trainer']} · {timezone.localtime(group['last']):%Y-%m-%d %H:%M}",
        what=f"{words} {what}",
        advice=_(
            "Look at each: taken in, it is evidence of its class; set aside, it is erased for "
            "good. The reason is kept."
        ),
        chip=("warn", "image", str(ParkedPicture.Code(group["code"]).label)),
        links=[(href, "check", _("Look and decide"))],
    )


def _walk_ins(user: User, rows: Sequence[Learner]) -> list[Item]:
    return [_walk_in(learner) for learner in rows]


def _walk_in(learner: Learner) -> Item:
    came: Any = getattr(learner, "came_on")  # noqa: B009
    known = learner.id_tail or _("no number taken")
    return Item(
        key=f"walkin-{learner.pk}",
        title=learner.name,
        line=_("came on %(day)s · last four: %(tail)s") % {"day": came, "tail": known},
        what=_("Came to class without being on the list. Counts in person-times, not in persons."),
        advice=_(
            "Search first: this may be somebody of the archive. Joining the two can be undone "
            "for 30 days."
        ),
        chip=("info", "user", _("Identify")),
        links=[
            (reverse("learners:learner_identify", args=[learner.pk]), "search", _("Identify")),
        ],
    )


def _tablets(user: User, rows: Sequence[Device]) -> list[Item]:
    may_import = user.scope.has(Role.CLERK, Role.ADMINISTRATOR)
    return [_tablet(device, may_import) for device in rows]


def _tablet(device: Device, may_import: bool) -> Item:
    heard = timezone.localtime(device.last_seen_at or device.enrolled_at)
    days = (timezone.now() - heard).days
    values = {"days": days, "n": device.reported_pending}
    if device.reported_pending:
        what = _("%(n)d marks wait on it; not heard of for %(days)d days.") % values
    elif heard < unseen_since():
        what = _("Not heard of for %(days)d days.") % values
    else:
        what = _("Some of its marks have not arrived; not heard of for %(days)d days.") % values
    return Item(
        key=f"tablet-{device.pk}",
        title=device.label,
        line=f"{device.enrolled_by.display_name} · {heard:%Y-%m-%d %H:%M}",
        what=what,
        advice=_(
            "Call the trainer: bring the tablet to a network and upload, or export the queue and "
            "send the file. Report it lost only when it is gone."
        ),
        chip=("bad", "tablet", _("Marks waiting"))
        if device.reported_pending
        else ("warn", "tablet", _("Not seen")),
        links=[
            (reverse("courses:tablet_detail", args=[device.pk]), "tablet", _("See the tablet")),
            *(
                [(reverse("courses:queue_import"), "upload", _("Take in a queue file"))]
                if may_import
                else []
            ),
        ],
    )


# --- what closed sessions lack --------------------------------------------------------------------
def _heads(user: User, rows: Sequence[ClassSession]) -> list[Item]:
    return [_heads_item(user, session) for session in rows]


def _heads_item(user: User, session: ClassSession) -> Item:
    values = {"heads": session.head_count, "marks": getattr(session, "in_room")}  # noqa: B009
    return Item(
        key=f"heads-{session.pk}",
        title=session.run.title,
        line=held_line(session),
        what=_("%(heads)d heads were counted; by the marks %(marks)d were in the room.") % values,
        advice=_(
            "Correct the marks that are wrong. If the difference is right, for example a guest, "
            "say so."
        ),
        chip=("warn", "users", _("Head count differs")),
        decision=_check(user, session, SessionCheck.Kind.HEADS, _("The difference stays")),
        links=[_session_link(session)],
    )


def _photos(user: User, rows: Sequence[ClassSession]) -> list[Item]:
    return [_photo_item(user, session) for session in rows]


def _photo_item(user: User, session: ClassSession) -> Item:
    add = (reverse("courses:evidence_add", args=[session.pk]), "camera", _("Add the photo"))
    return Item(
        key=f"photo-{session.pk}",
        title=session.run.title,
        line=held_line(session),
        what=_("The session was closed without a class photo."),
        advice=_("Add the photo if there is one; if not, say why."),
        chip=("mute", "image", _("No class photo")),
        decision=_check(user, session, SessionCheck.Kind.PHOTO, _("There is no photo")),
        links=[add] if may_mark(user, session) else [_session_link(session)],
    )


def _check(user: User, session: ClassSession, kind: str, label: str) -> Decision | None:
    if not _supervises(user, session):
        return None
    href = reverse("courses:session_check", args=[session.pk])
    return Decision(href, [Button(kind, label)])


def _supervises(user: User, session: ClassSession) -> bool:
    """Not the trainer, whose count it is."""
    return user.scope.covers(session.run.host_region.path, Role.CLERK)


BUILDERS: dict[Work, Callable[[User, Sequence[Any]], list[Item]]] = {
    Work.CONFLICT: _conflicts,
    Work.LATE: _late,
    Work.CLOCK: _clock,
    Work.CLOSE: _closes,
    Work.PARKED: _parked,
    Work.PICTURE: _pictures,
    Work.WALK_IN: _walk_ins,
    Work.TABLET: _tablets,
    Work.HEADS: _heads,
    Work.PHOTO: _photos,
}


def count_again(request: HttpRequest) -> None:
    """What the navigation says of this person's work is counted anew, by whichever process."""
    request.session[ANSWERED_KEY] = time.time()
