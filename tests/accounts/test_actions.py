"""Users and grants: what each action changes and what it leaves on the trail."""

from datetime import date, timedelta

import pytest

from accounts import actions
from accounts.models import Grant, User
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.scope import Role
from lms.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


def trail(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=f"accounts.{action}"))


def create(actor: User, **changes) -> tuple[User, str]:
    region = changes.pop("region", factories.make_region("411521"))
    fields = {"username": "wang.li", "display_name": "王丽", "role": Role.CLERK}
    return actions.create_user(
        **(fields | {"starts_on": today()} | changes), region=region, actor=actor
    )


def test_a_new_user_holds_the_grant_and_the_password(administrator):
    user, password = create(administrator)
    assert user.check_password(password)
    assert user.scope.covers("411521", Role.CLERK)
    assert not user.is_staff
    assert not user.is_superuser
    (event,) = trail("user_created")
    assert (event.actor, event.target_id, event.region_path) == (
        administrator,
        str(user.pk),
        "411521",
    )
    assert password not in str(AuditEvent.objects.values())


def test_passwords_are_random_and_long():
    passwords = {actions._random_password() for _n in range(50)}
    assert len(passwords) == 50
    assert {len(password.replace("-", "")) for password in passwords} == {16}


def test_a_taken_name_changes_nothing(administrator):
    create(administrator)
    before = AuditEvent.objects.count()
    with pytest.raises(ActionError) as error:
        create(administrator)
    assert error.value.code == "username_taken"
    assert User.objects.filter(username="wang.li").count() == 1
    assert AuditEvent.objects.count() == before


@pytest.mark.postgres
@pytest.mark.parametrize("code", ["411521", ""])
def test_the_same_grant_twice_in_one_time_is_refused(administrator, code):
    region = factories.make_region(code) if code else None
    user, _password = create(administrator, region=region)
    with pytest.raises(ActionError) as error:
        actions.add_grant(
            user=user,
            role=Role.CLERK,
            region=region,
            starts_on=today() + timedelta(days=400),
            actor=administrator,
        )
    assert error.value.code == "grant_overlaps"
    assert user.grants.count() == 1


def test_the_same_grant_at_another_time_is_fine(administrator, regions):
    user, _password = create(administrator, ends_on=today() + timedelta(days=9))
    actions.add_grant(
        user=user,
        role=Role.CLERK,
        region=regions["411521"],
        starts_on=today() + timedelta(days=10),
        actor=administrator,
    )
    assert user.grants.count() == 2
    assert len(trail("grant_added")) == 2


def test_ending_at_once_takes_the_role_away_now(administrator, county_clerk):
    actions.end_grant(grant=county_clerk.grants.get(), actor=administrator)
    fresh = User.objects.get(pk=county_clerk.pk)
    assert not fresh.scope.has(Role.CLERK)
    (event,) = trail("grant_ended")
    assert event.detail["role"] == "CLERK"
    assert event.detail["starts_on"] == "2000-01-01"


def test_a_grant_may_end_later(administrator, county_clerk):
    last_day = today() + timedelta(days=3)
    actions.end_grant(grant=county_clerk.grants.get(), last_day=last_day, actor=administrator)
    assert User.objects.get(pk=county_clerk.pk).scope.has(Role.CLERK)
    assert county_clerk.grants.get().ends_on == last_day


@pytest.mark.parametrize("starts_in", [0, 5])
def test_a_grant_that_never_held_a_day_is_taken_back(administrator, starts_in):
    user, _password = create(administrator, starts_on=today() + timedelta(days=starts_in))
    actions.end_grant(grant=user.grants.get(), actor=administrator)
    assert not user.grants.exists()
    (event,) = trail("grant_withdrawn")
    assert event.detail["region"] == "411521"


@pytest.mark.parametrize("ended", [True, False])
def test_the_past_of_a_grant_stays(administrator, county_clerk, ended):
    grant = county_clerk.grants.get()
    if ended:
        Grant.objects.filter(pk=grant.pk).update(ends_on=date(2020, 1, 1))
    before = grant.ends_on
    with pytest.raises(ActionError) as error:
        actions.end_grant(
            grant=grant, last_day=None if ended else date(2021, 1, 1), actor=administrator
        )
    assert error.value.code == ("grant_ended" if ended else "last_day_past")
    grant.refresh_from_db()
    assert grant.ends_on == (date(2020, 1, 1) if ended else before)


def test_nobody_locks_themselves_out(administrator):
    with pytest.raises(ActionError) as error:
        actions.end_grant(grant=administrator.grants.get(), actor=administrator)
    assert error.value.code == "own_grant"
    with pytest.raises(ActionError) as error:
        actions.deactivate_user(user=administrator, actor=administrator)
    assert error.value.code == "own_user"
    assert User.objects.get(pk=administrator.pk).is_active


def test_deactivating_and_back(administrator, county_clerk):
    actions.deactivate_user(user=county_clerk, actor=administrator)
    user = User.objects.get(pk=county_clerk.pk)
    assert not user.is_active
    assert not user.scope.roles
    assert not user.check_password("long-enough-password")
    password = actions.reactivate_user(user=user, actor=administrator)
    assert User.objects.get(pk=county_clerk.pk).check_password(password)
    assert [event.region_path for event in trail("user_deactivated")] == ["411521"]
    assert len(trail("user_reactivated")) == 1
