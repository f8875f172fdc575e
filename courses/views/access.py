"""Who may do what with a run or a session: out of sight is 404, in sight without the right 403."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.queries import signed_in_user
from courses.models import ClassSession, CourseRun
from courses.queries import with_sequence
from lms.lib.scope import Role


def may_plan(user: User, run: CourseRun) -> bool:
    return user.scope.covers(run.host_region.path, Role.CLERK)


def may_mark(user: User, session: ClassSession) -> bool:
    """The trainer of the session, and the county's clerks, who enter paper sheets."""
    own = session.instructor.user_id == user.pk and user.scope.has(Role.TRAINER)
    return own or may_plan(user, session.run)


def seen_run(request: HttpRequest, pk: uuid.UUID) -> tuple[User, CourseRun]:
    user = signed_in_user(request)
    rows = CourseRun.objects.visible_to(user)
    rows = rows.select_related("course", "host_region__parent", "county", "completion_rule")
    return user, get_object_or_404(rows, pk=pk)


def planned_run(request: HttpRequest, pk: uuid.UUID) -> tuple[User, CourseRun]:
    user, run = seen_run(request, pk)
    if not may_plan(user, run):
        raise PermissionDenied
    return user, run


def seen_session(request: HttpRequest, pk: uuid.UUID) -> tuple[User, ClassSession]:
    user = signed_in_user(request)
    rows = with_sequence(ClassSession.objects.visible_to(user)).select_related(
        "run__course", "run__host_region__parent", "run__county", "site", "instructor"
    )
    return user, get_object_or_404(rows, pk=pk)


def marked_session(request: HttpRequest, pk: uuid.UUID) -> tuple[User, ClassSession]:
    user, session = seen_session(request, pk)
    if not may_mark(user, session):
        raise PermissionDenied
    return user, session


def planned_session(request: HttpRequest, pk: uuid.UUID) -> tuple[User, ClassSession]:
    user, session = seen_session(request, pk)
    if not may_plan(user, session.run):
        raise PermissionDenied
    return user, session
