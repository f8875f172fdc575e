"""Addresses from a figure to its people and from a region to its children."""

from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from lms.lib.scope import Role
from quotas.queries.board import Board
from quotas.queries.lines import Line
from regions.models import Region

READERS = (Role.OFFICIAL, Role.CLERK, Role.INSPECTOR)
Step = tuple[str, str]


def explain_url(line: Line, region: Region, as_of: date, audience: str = "", **more: str) -> str:
    given = {"region": region.code, "as_of": as_of.isoformat()} | more
    if audience:
        given["audience"] = audience
    return f"{reverse('quotas:explain', args=[line.quota.pk])}?{urlencode(given)}"


def board_url(region: Region, found: Board | None = None, **more: str) -> str:
    """The board of `region`, with what the filter bar of `found` says."""
    given = {"region": region.code}
    if found is not None:
        given["as_of"] = found.as_of.isoformat()
        if found.plan is not None:
            given["plan"] = str(found.plan.pk)
        if found.period is not None:
            given["period"] = found.period.isoformat()
        if found.audience:
            given["audience"] = found.audience
        if found.hero is not None:
            given["quota"] = str(found.hero.line.quota.pk)
    return f"{reverse('quotas:board')}?{urlencode(given | more)}"


def way_to(user: User, region: Region, found: Board | None = None) -> list[Step]:
    """Crumbs from the user's grant down to above `region`; placeholder levels are left out.

    A quota of one region is not one of the regions above, so the hero is the page's own choice.
    """
    above = (
        Region.objects.visible_to(user)
        .current()
        .filter(path__in=region.ancestor_codes(), is_statistical=False)
    )
    allowed = [row for row in above if user.scope.covers(row.path, *READERS)]
    if found is None:
        return [(board_url(row), row.name) for row in allowed]
    return [(board_url(row, as_of=found.as_of.isoformat()), row.name) for row in allowed]


def plan_classes_url(request: HttpRequest, user: User, region: Region) -> Step | None:
    """Where a clerk of the region opens a class."""
    if not user.scope.covers(region.path, Role.CLERK):
        return None
    try:
        return reverse("courses:run_create"), _("Plan a class")
    except NoReverseMatch:
        return None
