"""Who gets what from the addresses of courses."""

from datetime import time

from courses.actions import MarkInput, close_session, record_marks
from courses.models import MarkEvent, ParkedPicture, ParkedRow, SessionEvidence
from lms.lib.ids import uuid7
from lms.lib.periods import today
from tests import factories
from tests.access import Place, page, public


def make(place: Place) -> dict[str, dict]:
    run = factories.make_run(place.county, starts_on=today(), status="OPEN")
    session = factories.make_session(run, user=place.trainer)
    other = factories.make_session(run, at=time(14), user=place.trainer)
    learner = factories.make_learner(code=place.village)
    enrolment = factories.make_enrolment(run, learner)
    mark = MarkInput(learner_id=learner.pk, status="PRESENT")
    record_marks(session=other, marks=[mark], actor=place.trainer)
    close_session(session=other, head_count=1, actor=place.trainer)
    tablet = factories.make_device(place.trainer, token_sha256=uuid7().hex.ljust(64, "0"))
    parked = ParkedRow.objects.create(
        device=tablet, raw={"kind": "mark"}, raw_sha256=uuid7().hex, code="quarantine"
    )
    picture = ParkedPicture.objects.create(
        device=tablet,
        named_session=other.pk,
        session=other,
        kind="photo",
        source_sha256=uuid7().hex,
        file="custody/none.jpg",
        size=1,
        width=1,
        height=1,
        code="quarantine",
    )
    close = MarkEvent.objects.get(session=other, kind="close")
    photo = SessionEvidence.objects.create(
        session=other,
        kind="photo",
        source_sha256=uuid7().hex,
        sha256="",
        file="evidence/none.jpg",
        width=1,
        height=1,
        added_by=place.trainer,
    )
    draft = factories.make_run(place.county, starts_on=today(), status="DRAFT")
    factories.make_session(draft, at=time(19), user=place.trainer)
    course = factories.make_course()
    return {
        "run": {"pk": run.pk},
        "draft": {"pk": draft.pk},
        "session": {"pk": session.pk},
        "evidence": {"session_id": session.pk, "kind": "photo"},
        "closed": {"pk": other.pk},
        "tablet": {"pk": tablet.pk},
        "learner": {"pk": learner.pk},
        "photo": {"pk": other.pk, "evidence": photo.pk},
        "sheet": {"pk": run.pk, "what": "sheet"},
        "cards": {"pk": run.pk, "what": "cards"},
        "answer": {"answer": "LATE", "learner": learner.pk, "reason": "核对签到表"},
        "checked": {"answer": "photo", "reason": "没有拍照"},
        "lost": {"reason": "stolen"},
        "picture": {"pk": tablet.pk, "picture": picture.pk},
        "erased": {"picture": picture.pk, "answer": "set_aside", "reason": "不是本班"},
        "holds": {"answer": close.event_id, "reason": "核对签到表"},
        "set_aside": {"row": parked.pk, "answer": "set_aside", "reason": "不是本班"},
        "enrolment": {"pk": run.pk, "enrolment": enrolment.pk},
        "new_run": {
            "course": course.pk,
            "host_region": place.county,
            "starts_on": str(today()),
            "ends_on": str(today()),
            "capacity": 40,
        },
        "dates": {"starts_on": str(today()), "ends_on": str(run.ends_on), "capacity": 30},
        "sessions": {
            "dates": [str(today())],
            "half_days": ["evening"],
            "new_site": "新基地",
            "new_instructor": "新讲师",
        },
        "moved": {
            "day": str(today()),
            "starts": "07:00",
            "ends": "08:00",
            "site": session.site_id,
            "instructor": session.instructor_id,
        },
        "mark": {"learner": learner.pk, "status": "LATE", "event_id": uuid7()},
        "heads": {"head_count": 0, "known": 0, "close": 1, "signed": "x"},
        "correction": {"learner": learner.pk, "status": "LATE", "reason": "核对签到表"},
        "reason": {"reason": "停电"},
        "walk_in": {"name": "来客", "status": "PRESENT", "event_id": uuid7()},
        "late": {"event": str(uuid7()), "reason": "晚传"},
    }


TABLET = {"clerk": 200, "trainer": 200, "administrator": 200}
CLERKS = {"clerk": 200}
EVERYBODY = {"clerk": 200, "official": 200, "province": 200, "trainer": 200}
MARKERS = {"clerk": 200, "trainer": 200, "official": 403, "province": 403}
MARKED = {"clerk": 302, "trainer": 302, "official": 403, "province": 403}
READ_ONLY = {"official": 403, "province": 403, "trainer": 403}


def planning(target: str, data: str) -> list:
    """A page with a form that only the county's clerk gets."""
    return [
        page(target, clerk=200, **READ_ONLY),
        page(target, method="post", data=data, clerk=302, **READ_ONLY),
    ]


EXPECTED = {
    # Tablets show a token; to everybody else these say that they know no such tablet.
    "attendance_api:enrol": public(status=400, method="post"),
    "attendance_api:snapshot": public(status=401),
    "attendance_api:push": public(status=401, method="post"),
    "attendance_api:evidence": public("evidence", status=401, method="post"),
    "courses:today": page(trainer=200),
    "courses:run_list": [
        page(clerk=200, official=200, province=200, trainer=200),
        page(query="export=xlsx", clerk=200, official=200, province=200, trainer=200),
    ],
    "courses:run_create": [
        page(clerk=200),
        page(method="post", data="new_run", clerk=302, neighbour=200),
    ],
    "courses:run_detail": page("run", **EVERYBODY),
    "courses:run_people": [
        page("run", **EVERYBODY),
        page("run", query="export=xlsx", **EVERYBODY),
    ],
    "courses:run_update": planning("run", "dates"),
    "courses:run_open": page("draft", method="post", clerk=302, **READ_ONLY),
    "courses:run_cancel": planning("run", "reason"),
    "courses:run_complete": [
        page("run", clerk=200, **READ_ONLY),
        page("run", method="post", clerk=302, **READ_ONLY),
    ],
    "courses:run_enrol": page("run", clerk=200, **READ_ONLY),
    "courses:run_promote": page("run", method="post", clerk=302, **READ_ONLY),
    "courses:enrolment_withdraw": page("enrolment", method="post", clerk=302, **READ_ONLY),
    "courses:session_create": planning("run", "sessions"),
    "courses:session_update": planning("session", "moved"),
    "courses:session_cancel": planning("session", "reason"),
    "courses:session_roll_call": page("session", **MARKERS),
    "courses:session_mark": page("session", method="post", data="mark", **MARKED),
    "courses:session_mark_rest": page("session", method="post", **MARKED),
    "courses:session_close": [
        page("session", **MARKERS),
        # The name that is typed is nobody's: the page says so.
        page("session", method="post", data="heads", **MARKERS),
    ],
    "courses:session_correct": [
        page("closed", **EVERYBODY),
        page("closed", method="post", data="correction", **MARKED),
    ],
    "courses:session_accept_late": page("closed", method="post", data="late", **MARKED),
    "courses:walk_in_create": [
        page("session", **MARKERS),
        page("session", method="post", data="walk_in", **MARKED),
    ],
    "courses:session_desk": [
        page("session", **MARKERS),
        page(
            "session",
            method="post",
            data={"name": "来客"},
            clerk=422,
            trainer=422,
            official=403,
            province=403,
        ),
    ],
    "courses:session_answer": page("closed", method="post", data="answer", **MARKED),
    "courses:session_check": page("closed", method="post", data="checked", clerk=302, **READ_ONLY),
    "courses:session_heads": page("closed", method="post", data="holds", clerk=302, **READ_ONLY),
    "courses:evidence_add": [
        page("closed", **MARKERS),
        page("closed", method="post", **MARKERS),
    ],
    # The file itself is not there; who may see it is told so.
    "courses:evidence_file": page("photo", clerk=410, official=410, province=410, trainer=410),
    "courses:evidence_remove": planning("photo", "reason"),
    "courses:run_print": [
        page("sheet", method="post", clerk=302, trainer=302, official=403, province=403),
        page("cards", method="post", clerk=302, trainer=302, official=403, province=403),
    ],
    "courses:learner_card": page("learner", clerk=200, official=200, province=200, trainer=200),
    "courses:work_list": page(clerk=200, trainer=200),
    "courses:tablet_list": [
        page(clerk=200, trainer=200, administrator=200),
        page(query="export=xlsx", clerk=200, trainer=200, administrator=200),
    ],
    "courses:tablet_enrol": [page(trainer=200), page(method="post", trainer=302)],
    "courses:queue_import": [
        page(clerk=200, administrator=200),
        page(method="post", clerk=422, administrator=422),
    ],
    "courses:tablet_detail": page("tablet", **TABLET),
    "courses:tablet_lose": [
        page("tablet", **TABLET),
        page("tablet", method="post", data="lost", clerk=302, trainer=302, administrator=302),
    ],
    "courses:tablet_retire": [
        page("tablet", **TABLET),
        page("tablet", method="post", clerk=302, trainer=302, administrator=302),
    ],
    "courses:parked_list": [
        page("tablet", **TABLET),
        page(
            "tablet",
            method="post",
            data="set_aside",
            clerk=302,
            trainer=403,
            administrator=302,
        ),
    ],
    # The file itself is not there; who may not decide is told so before it is looked for.
    "courses:picture_file": page("picture", clerk=404, trainer=403, administrator=404),
    "courses:picture_list": [
        page("tablet", **TABLET),
        page("tablet", method="post", data="erased", clerk=302, trainer=403, administrator=302),
    ],
    "courses:course_list": page(clerk=200, official=200, province=200),
    "courses:course_create": [
        page(clerk=200),
        page(
            method="post",
            data={"title": "电商入门", "audience": "HOUSEHOLD_MEMBER", "hours": 8},
            clerk=302,
        ),
    ],
    "tablet_shell": public(),
    "tablet_worker": public(),
    "tablet_manifest": public(),
}
