"""The frame of every page: product, sections by role, region switch, person."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, pgettext_lazy

from courses.queries.waiting import ANSWERED_KEY, waiting_work
from lms.lib.questions import rows_of, worded
from lms.lib.scope import Role, Scope
from regions.models import Region

#: The cookie that keeps big type on phone pages.
ELDER_COOKIE = "elder"
#: Where the session keeps the region looked at last (accounts.queries writes it).
REGION_KEY = "region"
#: Where accounts.queries says in `request.META` which region this very page is about.
PAGE_REGION = "LMS_REGION"
MOST_REGIONS = 200

OFFICE = (Role.OFFICIAL, Role.CLERK)


class Section(NamedTuple):
    """A word in the white row under the header; shown to those with one of `roles`. `waits`
    says how much waits there."""

    label: Any
    url_name: str
    roles: tuple[str, ...]
    waits: Callable[[Any, float], int] | None = None


class Tab(NamedTuple):
    label: Any
    icon: str
    url_name: str


#: At most eight for any one role.
SECTIONS = (
    Section(pgettext_lazy("section", "Progress"), "quotas:board", OFFICE),
    Section(pgettext_lazy("section", "Checks"), "quotas:check_list", (Role.INSPECTOR,)),
    Section(pgettext_lazy("section", "Learners"), "learners:learner_list", OFFICE),
    Section(pgettext_lazy("section", "Registers"), "learners:register_list", OFFICE),
    Section(pgettext_lazy("section", "Course runs"), "courses:run_list", OFFICE),
    Section(pgettext_lazy("section", "Today's sessions"), "courses:today", (Role.TRAINER,)),
    Section(
        pgettext_lazy("section", "Attendance to check"),
        "courses:work_list",
        (Role.CLERK, Role.TRAINER),
        waiting_work,
    ),
    Section(pgettext_lazy("section", "Tablets"), "courses:tablet_list", (Role.ADMINISTRATOR,)),
    Section(pgettext_lazy("section", "Certificates"), "certificates:certificate_list", OFFICE),
    Section(
        pgettext_lazy("section", "Incubation"), "incubation:task_list", (*OFFICE, Role.FIELD_WORKER)
    ),
    Section(
        pgettext_lazy("section", "People and grants"), "accounts:user_list", (Role.ADMINISTRATOR,)
    ),
    Section(pgettext_lazy("section", "Issuers"), "certificates:issuer_list", (Role.ADMINISTRATOR,)),
    Section(pgettext_lazy("section", "Audit trail"), "accounts:audit_list", (Role.ADMINISTRATOR,)),
    Section(pgettext_lazy("section", "Erasures"), "learners:erasure_list", (Role.ADMINISTRATOR,)),
)
#: The bottom bar of a trainee's phone.
TABS = (
    Tab(pgettext_lazy("section", "My certificates"), "award", "certificates:my_certificates"),
    Tab(pgettext_lazy("section", "My courses"), "book", "courses:my_courses"),
    Tab(pgettext_lazy("section", "Me"), "user", "accounts:my_account"),
)


@dataclass(frozen=True)
class Link:
    label: Any
    href: str
    is_current: bool = False
    icon: str = ""
    depth: int = 0
    #: Asked for only where the row of sections is drawn.
    count: Callable[[], int] | None = None


@dataclass
class Frame:
    """What base.html, tablet.html and phone.html draw round a page."""

    sections: list[Link] = field(default_factory=list)
    tabs: list[Link] = field(default_factory=list)
    person: str = ""
    role: Any = ""
    home: str = ""
    region_name: str = ""
    regions: list[Link] = field(default_factory=list)
    elder: bool = False
    staff: bool = False


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every template. `nav` is worked out only when a base template asks for it."""
    return {
        "product_name": settings.PRODUCT_NAME,
        "product_mark": settings.PRODUCT_MARK,
        "is_demo": settings.DEMO,
        "request_id": request.META.get("LMS_REQUEST_ID", ""),
        "nav": SimpleLazyObject(lambda: frame_of(request)),
    }


def frame_of(request: HttpRequest) -> Frame:
    elder = request.COOKIES.get(ELDER_COOKIE) == "1"
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Frame(elder=elder, home="/")
    scope = user.scope
    name, regions = regions_to_choose(request, scope)
    return Frame(
        sections=sections_for(request, scope),
        tabs=tabs_for(request) if scope.is_trainee else [],
        person=user.get_full_name(),
        role=next((Role(role).label for role in scope.roles), ""),
        home="/",
        region_name=name,
        regions=regions,
        elder=elder,
        staff=user.is_staff,
    )


def address(url_name: str) -> str:
    """Its address, or "" while no app has a page of this name."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _links(request: HttpRequest, found: list[tuple[Any, str, str]]) -> list[Link]:
    """Mark the entry whose address is the longest beginning of this page's, else the same app."""
    hrefs = [(label, address(name), icon, name) for label, name, icon in found]
    hrefs = [entry for entry in hrefs if entry[1]]
    inside = [href for _label, href, _icon, _name in hrefs if request.path.startswith(href)]
    current = max(inside, key=len, default="")
    if not current and request.resolver_match is not None:
        app = request.resolver_match.namespace
        same = [href for _label, href, _icon, name in hrefs if app and name.startswith(f"{app}:")]
        current = same[0] if same else ""
    return [Link(label, href, href == current, icon) for label, href, icon, _name in hrefs]


def sections_for(request: HttpRequest, scope: Scope) -> list[Link]:
    shown = [s for s in SECTIONS if scope.has(*s.roles)]
    links = _links(request, [(s.label, s.url_name, "") for s in shown])
    answered_at = float(request.session.get(ANSWERED_KEY, 0.0))
    whose = (request.user, answered_at)
    counts = {address(s.url_name): partial(s.waits, *whose) for s in shown if s.waits}
    return [replace(link, count=counts.get(link.href)) for link in links]


def tabs_for(request: HttpRequest) -> list[Link]:
    return _links(request, [(tab.label, tab.url_name, tab.icon) for tab in TABS])


def _children(paths: list[str]) -> Q:
    """Down to townships. By key: an index answers each part of the question, where a join of the
    table with itself would read all regions for every page."""
    parents = Region.objects.filter(path__in=paths)
    return Q(parent__in=parents.values("pk"), level__lte=Region.Level.TOWNSHIP)


@lru_cache(maxsize=500)
def _offered(prefixes: tuple[str, ...], current: str) -> tuple[str, tuple[Any, ...]]:
    """The question for code, name and level of the regions offered there; the same for many."""
    wanted = Q(level=Region.Level.PROVINCE) if "" in prefixes else Q(path__in=prefixes)
    wanted |= _children([path for path in prefixes if path])
    if current:
        line = [current[:length] for length in (2, 4, 6, 9, 12) if length <= len(current)]
        wanted |= Q(path__in=[path for path in line if path.startswith(prefixes)])
        wanted |= _children([current])
    rows = Region.objects.current().filter(wanted, is_statistical=False).order_by("path")
    return worded(rows.values_list("code", "name", "level")[:MOST_REGIONS])


def regions_to_choose(request: HttpRequest, scope: Scope) -> tuple[str, list[Link]]:
    """The name of the current region and the ones to switch to, in one query.

    Offered are the granted regions, what lies directly under them and under the current one, and
    the way from the grant down to the current one; never anything outside the grants.
    """
    prefixes = scope.prefixes(*scope.grants)
    if not prefixes:
        return "", []
    current = str(request.session.get(REGION_KEY, "")) if hasattr(request, "session") else ""
    if not scope.covers(current, *scope.grants):
        current = ""
    country = "" in prefixes
    found = rows_of(*_offered(prefixes, current))
    if not found:
        return "", []
    if prefixes == ("",):
        # Pages that need one region say which; the others are about the whole country.
        current = str(request.META.get(PAGE_REGION, ""))
    else:
        current = current or next((code for code, _name, _level in found if code in prefixes), "")
    top = min(level for _code, _name, level in found)
    links = [Link(name, code, code == current, depth=level - top) for code, name, level in found]
    first = gettext("Whole country") if country and not current else str(found[0][1])
    return next((str(link.label) for link in links if link.is_current), first), links
