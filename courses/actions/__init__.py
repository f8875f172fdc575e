"""What can be done: plan, enrol, mark, close, correct, complete."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from courses.actions.attendance import close_session, mark_rest_present, record_marks, void_mark
from courses.actions.checks import check_session, remove_evidence, show_evidence
from courses.actions.completion import complete_run
from courses.actions.corrections import (
    accept_late_marks,
    confirm_marks,
    correct_mark,
    decide_head_count,
)
from courses.actions.devices import (
    EnrolledDevice,
    IssuedCode,
    enrol_device,
    issue_enrol_code,
    mark_device_lost,
    retire_device,
)
from courses.actions.enrolments import (
    EnrolResult,
    enrol_learners,
    promote_waiting,
    withdraw_enrolment,
)
from courses.actions.errors import CourseError
from courses.actions.marking import CONSEQUENCES, MarkError, MarkInput, MarksResult
from courses.actions.planning import (
    HalfDay,
    cancel_session,
    plan_session,
    plan_sessions,
    reschedule_session,
)
from courses.actions.reference import add_course, add_instructor, add_site
from courses.actions.repair import rebuild_projection, rebuild_projections
from courses.actions.runs import cancel_run, edit_run, open_run, plan_run
from courses.actions.seals import ensure_seal_key, rotate_seal_key
from courses.actions.walkins import add_walk_in

if TYPE_CHECKING:
    from courses.actions.apart import push_apart
    from courses.actions.custody import import_queue, mark_backup, resolve_parked, store_backup
    from courses.actions.evidence import store_evidence
    from courses.actions.pictures import receive_picture, resolve_picture, show_picture
    from courses.actions.rows import RowResult
    from courses.actions.sync import Delivery, PushAnswer, push_events

#: What brings the libraries of schemas and pictures with it, 12 MB that no background worker uses:
#: imported when somebody asks for it.
_LATER = {
    **dict.fromkeys(("import_queue", "mark_backup", "resolve_parked", "store_backup"), "custody"),
    **dict.fromkeys(("Delivery", "PushAnswer", "push_events"), "sync"),
    "push_apart": "apart",
    **dict.fromkeys(("receive_picture", "resolve_picture", "show_picture"), "pictures"),
    "RowResult": "rows",
    "store_evidence": "evidence",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "CONSEQUENCES",
    "CourseError",
    "Delivery",
    "EnrolResult",
    "EnrolledDevice",
    "HalfDay",
    "IssuedCode",
    "MarkError",
    "MarkInput",
    "MarksResult",
    "PushAnswer",
    "RowResult",
    "accept_late_marks",
    "add_course",
    "add_instructor",
    "add_site",
    "add_walk_in",
    "cancel_run",
    "cancel_session",
    "check_session",
    "close_session",
    "complete_run",
    "confirm_marks",
    "correct_mark",
    "decide_head_count",
    "edit_run",
    "enrol_device",
    "enrol_learners",
    "ensure_seal_key",
    "import_queue",
    "issue_enrol_code",
    "mark_backup",
    "mark_device_lost",
    "mark_rest_present",
    "open_run",
    "plan_run",
    "plan_session",
    "plan_sessions",
    "promote_waiting",
    "push_apart",
    "push_events",
    "rebuild_projection",
    "rebuild_projections",
    "receive_picture",
    "record_marks",
    "remove_evidence",
    "reschedule_session",
    "resolve_parked",
    "resolve_picture",
    "retire_device",
    "rotate_seal_key",
    "show_evidence",
    "show_picture",
    "store_backup",
    "store_evidence",
    "void_mark",
    "withdraw_enrolment",
]
