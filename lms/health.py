"""Two questions of a supervisor: is the process alive, and may it be sent visitors?"""

import logging
import subprocess
from collections.abc import Callable
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lms.models import WorkerBeat

log = logging.getLogger(__name__)
#: Without these a certificate would show boxes instead of characters.
FONT_FAMILIES = ("Noto Sans CJK SC", "Noto Serif CJK SC")


@require_safe
@login_not_required
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; says nothing about what it depends on."""
    return JsonResponse({"live": True})


@require_safe
@login_not_required
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when everything that a visitor needs is there, else 503; booleans only."""
    found = {name: _holds(name, check) for name, check in CHECKS.items()}
    return JsonResponse(found, status=200 if all(found.values()) else 503)


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, OSError) as error:
        log.warning("readiness check %s failed: %s", name, type(error).__name__)
        return False


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        row: tuple[int] = cursor.fetchone()
    return row == (1,)


def migrations_are_applied() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def worker_is_alive() -> bool:
    limit = timezone.now() - timedelta(seconds=settings.TASK_HEARTBEAT_SECONDS)
    return WorkerBeat.objects.filter(at__gt=limit).exists()


@cache
def installed_fonts() -> frozenset[str]:
    listed = subprocess.run(
        ["fc-list", ":", "family"],  # noqa: S607
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return frozenset(
        name.strip() for line in listed.stdout.splitlines() for name in line.split(",")
    )


def fonts_are_there() -> bool:
    return installed_fonts().issuperset(FONT_FAMILIES)


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "migrations": migrations_are_applied,
    "worker": worker_is_alive,
    "fonts": fonts_are_there,
}
