"""What can be done: plan, enrol, mark, close, correct, complete."""

from courses.actions.attendance import close_session, mark_rest_present, record_marks, void_mark
from courses.actions.checks import check_session, remove_evidence, show_evidence
from courses.actions.completion import complete_run
from courses.actions.corrections import accept_late_marks, confirm_marks, correct_mark
from courses.actions.custody import import_queue, mark_backup, resolve_parked, store_backup
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
from courses.actions.evidence import store_evidence
from courses.actions.marking import CONSEQUENCES, MarkError, MarkInput, MarksResult
from courses.actions.planning import (
    HalfDay,
    cancel_session,
    plan_session,
    plan_sessions,
    reschedule_session,
)
from courses.actions.reference import add_course, add_instructor, add_site
from courses.actions.repair import rebuild_projection
from courses.actions.rows import RowResult
from courses.actions.runs import cancel_run, edit_run, open_run, plan_run
from courses.actions.seals import ensure_seal_key, rotate_seal_key
from courses.actions.sync import Delivery, PushAnswer, push_events
from courses.actions.walkins import add_walk_in

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
    "push_events",
    "rebuild_projection",
    "record_marks",
    "remove_evidence",
    "reschedule_session",
    "resolve_parked",
    "retire_device",
    "rotate_seal_key",
    "show_evidence",
    "store_backup",
    "store_evidence",
    "void_mark",
    "withdraw_enrolment",
]
