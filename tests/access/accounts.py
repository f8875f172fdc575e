"""Users, grants and the trail are for administrators of the region; home is for everybody."""

from datetime import date

from accounts.models import Grant
from lms.lib.scope import Role
from tests import factories
from tests.access import ROLES, Page, Place, page

EVERYBODY = dict.fromkeys(ROLES, 200)
GRANT = {"role": "TRAINER", "starts_on": "2026-01-01"}
#: Leads to the page of the role, or says that there is none; tests/accounts holds which.
LEADING_ON = dict.fromkeys(ROLES, frozenset({200, 302})) | {"anonymous": frozenset({302})}


def make(place: Place) -> dict[str, dict]:
    person = factories.make_user("", (Role.CLERK, place.county))
    leaver = factories.make_user("", (Role.CLERK, place.county), is_active=False)
    grant = Grant.objects.create(
        user=person,
        role=Role.FIELD_WORKER,
        region=factories.make_region(place.village),
        starts_on=date(2020, 1, 1),
    )
    return {
        "person": {"pk": person.pk},
        "leaver": {"pk": leaver.pk},
        "grant": {"pk": person.pk, "grant_pk": grant.pk},
        "new_user": {
            "username": f"new-{place.county}",
            "display_name": "新人",
            "region": place.county,
            **GRANT,
        },
        "new_grant": {"region": place.village, **GRANT},
    }


EXPECTED = {
    "home": Page(scoped=False, statuses=LEADING_ON),
    "accounts:my_account": page(**EVERYBODY),
    "accounts:user_list": [page(administrator=200), page(query="export=xlsx", administrator=200)],
    "accounts:audit_list": [page(administrator=200), page(query="export=xlsx", administrator=200)],
    "accounts:user_create": [
        page(administrator=200),
        page(method="post", data="new_user", administrator=200),
    ],
    "accounts:user_detail": page("person", administrator=200),
    "accounts:grant_create": page("person", method="post", data="new_grant", administrator=302),
    "accounts:grant_end": page("grant", method="post", administrator=302),
    "accounts:user_password": page("person", method="post", administrator=200),
    "accounts:user_deactivate": page("person", method="post", administrator=302),
    "accounts:user_reactivate": page("leaver", method="post", administrator=200),
}
