from courses.views.closing import evidence_add, evidence_file, evidence_remove, session_close
from courses.views.custody import parked_list, picture_file, picture_list
from courses.views.desk import session_desk
from courses.views.people import run_people
from courses.views.planning import (
    enrolment_withdraw,
    run_enrol,
    run_promote,
    session_cancel,
    session_create,
    session_update,
)
from courses.views.queues import queue_import
from courses.views.roll_call import (
    session_accept_late,
    session_correct,
    session_mark,
    session_mark_rest,
    session_roll_call,
    today,
    walk_in_create,
)
from courses.views.runs import (
    course_create,
    course_list,
    run_cancel,
    run_complete,
    run_create,
    run_detail,
    run_list,
    run_open,
    run_update,
)
from courses.views.sheets import learner_card, run_print
from courses.views.tablet import tablet_manifest, tablet_shell, tablet_worker
from courses.views.tablets import (
    tablet_detail,
    tablet_enrol,
    tablet_list,
    tablet_lose,
    tablet_retire,
)
from courses.views.worklist import session_answer, session_check, session_heads, work_list

__all__ = [
    "course_create",
    "course_list",
    "enrolment_withdraw",
    "evidence_add",
    "evidence_file",
    "evidence_remove",
    "learner_card",
    "parked_list",
    "picture_file",
    "picture_list",
    "queue_import",
    "run_cancel",
    "run_complete",
    "run_create",
    "run_detail",
    "run_enrol",
    "run_list",
    "run_open",
    "run_people",
    "run_print",
    "run_promote",
    "run_update",
    "session_accept_late",
    "session_answer",
    "session_cancel",
    "session_check",
    "session_close",
    "session_correct",
    "session_create",
    "session_desk",
    "session_heads",
    "session_mark",
    "session_mark_rest",
    "session_roll_call",
    "session_update",
    "tablet_detail",
    "tablet_enrol",
    "tablet_list",
    "tablet_lose",
    "tablet_manifest",
    "tablet_retire",
    "tablet_shell",
    "tablet_worker",
    "today",
    "walk_in_create",
    "work_list",
]
