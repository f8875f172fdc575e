"""Courses, sites and instructors."""

from typing import TYPE_CHECKING

from django.db import transaction

from courses.models import Course, Instructor, TrainingSite
from lms.models import record_audit
from regions.models import Region

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def add_course(
    *, title: str, audience: str, hours: int, syllabus: str = "", actor: "User"
) -> Course:
    course = Course.objects.create(title=title, audience=audience, hours=hours, syllabus=syllabus)
    record_audit("courses.course_added", actor=actor, target=course)
    return course


@transaction.atomic
def add_site(*, name: str, region: Region, address: str = "", actor: "User") -> TrainingSite:
    """The site of that name in the region, made unless it is there."""
    site, _created = TrainingSite.objects.get_or_create(
        region=region, name=name, defaults={"address": address}
    )
    record_audit("courses.site_added", actor=actor, target=site, region_path=region.path)
    return site


@transaction.atomic
def add_instructor(
    *, name: str, region: Region, user: "User | None" = None, actor: "User"
) -> Instructor:
    """`user` lets the instructor sign in and mark the sessions taught."""
    if user is not None:
        found = Instructor.objects.filter(user=user).first()
        if found is not None:
            return found
    instructor = Instructor.objects.create(name=name, region=region, user=user)
    record_audit(
        "courses.instructor_added", actor=actor, target=instructor, region_path=region.path
    )
    return instructor
