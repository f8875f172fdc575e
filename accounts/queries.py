"""Which regions a person works in, and which of them a page is about."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import Http404, HttpRequest

from accounts.models import Grant, User
from lms.lib.periods import today, valid_on
from lms.lib.scope import Role, Scope, under
from lms.models import AuditEvent
from regions.models import Region

#: Where the session keeps the code of the region that was looked at last.
REGION_KEY = "region"
#: Where `request.META` keeps the code of the region that this very page is about.
PAGE_REGION = "LMS_REGION"


def signed_in_user(request: HttpRequest) -> User:
    """The user of a request behind sign-in (LoginRequiredMiddleware lets nobody else through)."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def regions_granted(user: User, *roles: str) -> list[Region]:
    """Where `user` starts as one of `roles`: each granted region; provinces for the country."""
    prefixes = user.scope.prefixes(*roles)
    found = Region.objects.current()
    if "" in prefixes:
        return list(found.filter(level=Region.Level.PROVINCE))
    return list(found.filter(path__in=prefixes))


def current_region(request: HttpRequest, *roles: str) -> Region:
    """The region that a page is about, for a user with one of `roles`.

    `?region=CODE` inside the grants (404 outside them), remembered for the pages that follow;
    else the remembered one; else the first grant. A grant for the whole country starts at its
    first province: `regions_granted` is the list to choose from. 403 without any of the roles.
    The header of the page names the answer.
    """
    user = signed_in_user(request)
    if not user.scope.has(*roles):
        raise PermissionDenied
    region = _region_of(request, user, *roles)
    request.META[PAGE_REGION] = region.code
    return region


def _region_of(request: HttpRequest, user: User, *roles: str) -> Region:
    if asked := request.GET.get("region", ""):
        region = _granted(user, roles, asked)
        if region is None:
            raise Http404
        request.session[REGION_KEY] = region.code
        return region
    if remembered := request.session.get(REGION_KEY):
        region = _granted(user, roles, remembered)
        if region is not None:
            return region
    granted = regions_granted(user, *roles)
    if not granted:
        raise Http404
    return granted[0]


def _granted(user: User, roles: Iterable[str], code: str) -> Region | None:
    granted = Region.objects.current().filter(under("path", user.scope.prefixes(*roles)))
    return granted.filter(code=code).first()


def administered(scope: Scope, grant: Grant) -> bool:
    """Whether the person of `scope` may give, end or see this grant."""
    return scope.covers(grant.region.path if grant.region else "", Role.ADMINISTRATOR)


def may_manage(actor: User, user: User) -> bool:
    """Whether `actor` administers every region where `user` still acts or will act.

    Otherwise an administrator of one county could take over, through a new password, somebody
    who also holds a grant elsewhere.
    """
    if user.is_superuser and not actor.is_superuser:
        return False
    open_grants = user.grants.exclude(ends_on__lt=today()).select_related("region")
    return all(administered(actor.scope, grant) for grant in open_grants)


def home_path(user: User) -> str:
    """The region on whose audit trail a person's sign-ins stand: that of the first grant."""
    paths = user.grants.filter(valid_on(today())).order_by("region__path")
    return paths.values_list("region__path", flat=True).first() or ""


def user_rows(actor: User) -> QuerySet[User]:
    """Users whom an administrator sees, each with `roles_held`: today's grants that the
    administrator may know of."""
    known = under("region__path", actor.scope.prefixes(Role.ADMINISTRATOR))
    held = Grant.objects.filter(known, valid_on(today())).select_related("region")
    prefetch = Prefetch("grants", held.order_by("role", "region__path"), to_attr="roles_held")
    return User.objects.visible_to(actor).prefetch_related(prefetch).order_by("username")


def audit_rows(actor: User) -> QuerySet[AuditEvent]:
    """The trail of an administrator's regions, newest first, each with its `region_name`."""
    names = Region.objects.filter(path=OuterRef("region_path")).order_by("-starts_on")
    return (
        AuditEvent.objects.visible_to(actor)
        .select_related("actor")
        .annotate(region_name=Subquery(names.values("name")[:1]))
    )
