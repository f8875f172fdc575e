"""What a tablet needs on the server: a trainer's classes of today with sixty people, and codes.

Steps of tests.e2e.cast, run in the product's own settings.
"""

from datetime import datetime, time, timedelta
from itertools import product
from pathlib import Path
from typing import Any

VILLAGES = ("411521001003", "411521001201", "411521001002")
FIRST = [
    *("阿卜杜热合曼", "阿依古丽", "艾力", "布威海丽其", "古丽米热", "哈斯耶提", "凯丽比努尔"),
    *("买买提明", "努尔曼古丽", "帕提古丽", "热依汗古丽", "图尔荪", "吾买尔", "早热古丽"),
    *("迪丽努尔", "萨拉买提", "玉素甫"),
]
LAST = ["图尔荪", "买买提", "亚森", "阿吉"]
HAN = ["李建军", "马小龙", "陈静", "杜娟", "王海燕", "张春梅", "赵国强", "周敏"]
PEOPLE = 60
#: A class at midnight makes everybody late; those of the day's last minutes nobody, whenever the
#: tests run, as one is late after a quarter of an hour.
MIDNIGHT, MINUTE = time(0), timedelta(minutes=1)


def names() -> list[str]:
    return [*HAN, *(f"{first}·{last}" for last, first in product(LAST, FIRST))][:PEOPLE]


def tablet_class(sessions: str = "6", codes: str = "12") -> dict[str, Any]:
    """Sessions of one run today, one after the other; in the first one everybody is late."""
    from courses.actions import add_instructor, add_site, issue_enrol_code
    from courses.queries.codes import personal_qr
    from learners.queries.names import name_initials
    from lms.lib.periods import today
    from lms.lib.scope import Role
    from tests import factories

    trainer = factories.make_user("laoshi-pingban", (Role.TRAINER, "411521"))
    trainer.display_name = "王老师"
    trainer.save()
    course = factories.make_course("直播带货")
    run = factories.make_run("411521", starts_on=today(), course=course, number=41)
    add_instructor(name="王老师", region=run.host_region, user=trainer, actor=trainer)
    add_site(name="罗山县电商培训基地", region=run.host_region, actor=trainer)
    held = [add_class(run, n, int(sessions)) for n in range(int(sessions))]
    people = []
    for n, name in enumerate(names()):
        initials = name_initials(name)
        learner = factories.make_learner(name, village_of(n), initials=initials)
        factories.make_enrolment(run, learner)
        people.append(
            {
                "id": str(learner.pk),
                "name": name,
                "number": learner.clear_id_number(),
                "qr": personal_qr(learner.pk),
            }
        )
    return {
        "sessions": [str(session.pk) for session in held],
        "people": people,
        "codes": [issue_enrol_code(actor=trainer).text for _ in range(int(codes))],
    }


def add_class(run: Any, n: int, of: int) -> Any:
    from courses.models import ClassSession, Instructor, TrainingSite
    from tests.factories import SHANGHAI

    midnight = datetime.combine(run.starts_on, MIDNIGHT, SHANGHAI)
    starts_at = midnight + timedelta(days=1) - MINUTE * (of - n) if n else midnight
    return ClassSession.objects.create(
        run=run,
        site=TrainingSite.objects.get(region=run.host_region),
        instructor=Instructor.objects.get(name="王老师"),
        starts_at=starts_at,
        ends_at=starts_at + MINUTE,
    )


def village_of(n: int) -> str:
    return VILLAGES[n % len(VILLAGES)]


def tablet_lost(device: str) -> dict[str, Any]:
    from accounts.models import Device, User
    from courses.actions import mark_device_lost

    trainer = User.objects.get(username="laoshi-pingban")
    mark_device_lost(device=Device.objects.get(pk=device), actor=trainer)
    return {}


def tablet_queue(path: str) -> dict[str, Any]:
    """An exported file, imported as the office does it."""
    from accounts.models import User
    from courses.actions import import_queue
    from courses.queries.queues import read_queue

    trainer = User.objects.get(username="laoshi-pingban")
    found = import_queue(queue=read_queue(Path(path).read_bytes(), trainer), actor=trainer)
    return {"counts": found.counts, "pictures": found.pictures}
