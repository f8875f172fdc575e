"""Who gets what from every address: the tables that tests/test_access.py walks.

Each app has one module here, tests/access/<app>.py, with two things:

    from tests import factories
    from tests.access import Place, page, public

    def make(place: Place) -> dict[str, dict]:
        '''The records that addresses need, made in one county; called once for the county of
        the cast and once for the county next door.'''
        run = factories.make_run(place.county)
        factories.make_session(run, user=place.trainer)
        return {"run": {"pk": run.pk}, "new_run": {"course": factories.make_course().pk, ...}}

    EXPECTED = {
        "courses:run_list": page(clerk=200, official=200, province=200),
        "courses:run_detail": page("run", clerk=200, official=200, trainer=200, province=200),
        "courses:run_cancel": page("run", method="post", data="new_run", clerk=302),
        "courses:run_update": [page("run", clerk=200), page("run", method="post", clerk=302)],
        "certificates:verify": public("code"),
    }

`page(target, ...)`: `target` names the entry of `make` that holds the address's keyword arguments;
`data` (a dict, or the name of another entry) is what is posted; `query` is put behind a "?".
The keywords are the statuses for the roles in ROLES on a record of *their own* county. A role that
is not named is refused: 403 on an address without a record, 403 or 404 on one with a record (name
the role to pin it). `anonymous`, unless named, is sent to the sign-in page (302). From that table
the test also derives, and checks, without a word from you:

- the same address with a record of the county next door: 404 for everybody who works in the first
  county (403 stays allowed for a role that is refused at home), and the neighbour's clerk gets
  what the clerk gets at home; `province` and `inspector` reach both counties and get the same;
- the same address with a record that does not exist: 404 wherever the own record gives 2xx or 3xx;
- a GET on a row that is only `method="post"`: 405 for whoever may post;
- that the security headers stand on every answer.

Say `scoped=False` for an address whose target belongs to no county (a course, a template).
Requests run in a transaction that is rolled back, so a posting row may change what it likes.
An address that no table names fails test_every_address_is_in_a_table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User

#: Names of the rows' columns; the cast of conftest, by role.
ROLES = {
    "trainee": "a learner's own user",
    "trainer": "Role.TRAINER over 411521",
    "clerk": "Role.CLERK over 411521",
    "neighbour": "Role.CLERK over 411522",
    "field_worker": "Role.FIELD_WORKER over 411521",
    "inspector": "Role.INSPECTOR over 41",
    "official": "Role.OFFICIAL over 411521",
    "province": "Role.OFFICIAL over 41",
    "administrator": "Role.ADMINISTRATOR over 411521",
}
#: Names of other people's packages; only "behind sign-in, or meant to be open" is checked.
FOREIGN = ("admin:", "account_", "mfa_")
#: Foreign addresses that must work before one is signed in.
FOREIGN_OPEN = {
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_request_login_code",
    "account_confirm_login_code",
    "mfa_authenticate",
    "admin:login",
}


REFUSED = frozenset({403, 404})


@dataclass(frozen=True)
class Place:
    """One county with a village and people of its own to hang records on."""

    county: str
    village: str
    clerk: User
    trainer: User
    field_worker: User
    official: User
    administrator: User
    #: A signed-in learner; `trainee.learner` is the record.
    trainee: User


@dataclass(frozen=True)
class Page:
    target: str = ""
    method: str = "get"
    data: str | Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    scoped: bool = True
    statuses: Mapping[str, frozenset[int]] = field(default_factory=dict)


def page(
    target: str = "",
    *,
    method: str = "get",
    data: str | Mapping[str, Any] = "",
    query: str = "",
    scoped: bool = True,
    **statuses: int,
) -> Page:
    unknown = set(statuses) - set(ROLES) - {"anonymous"}
    if unknown:
        raise ValueError(f"no such role: {sorted(unknown)}")
    refused = REFUSED if target else frozenset({403})
    full = dict.fromkeys(ROLES, refused) | {"anonymous": frozenset({302})}
    full |= {role: frozenset({status}) for role, status in statuses.items()}
    if "neighbour" not in statuses and not (target and scoped):
        full["neighbour"] = full["clerk"]
    elif "neighbour" not in statuses and is_served(full["clerk"]):
        full["neighbour"] = frozenset({404})
    return Page(target, method, data or {}, query, scoped, full)


def public(target: str = "", *, status: int = 200, **options: Any) -> Page:
    """Open to everybody, signed in or not; has no county."""
    everybody = dict.fromkeys(["anonymous", *ROLES], status)
    return page(target, scoped=False, **options, **everybody)


def is_served(statuses: frozenset[int]) -> bool:
    return max(statuses) < 400
