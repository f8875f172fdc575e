import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.lib.scope import Role, Scope, outermost, prefix_end
from regions.models import Region
from tests import factories

codes = st.from_regex(r"[1-9][0-9]([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?", fullmatch=True)


@given(codes, codes)
def test_the_range_of_a_prefix_holds_exactly_what_begins_with_it(prefix, code):
    assert (prefix <= code < prefix_end(prefix)) == code.startswith(prefix)


@pytest.mark.parametrize(
    ("prefix", "end"), [("4115", "4116"), ("411529", "411530"), ("4199", "4200"), ("09", "10")]
)
def test_the_end_of_a_prefix_is_the_next_number_of_its_length(prefix, end):
    assert prefix_end(prefix) == end


def test_nested_prefixes_are_dropped():
    assert outermost(["411521", "41", "6531", "411522"]) == ("41", "6531")


def test_a_role_reaches_its_regions_and_no_others():
    scope = Scope(user_id=uuid.uuid4(), grants={Role.CLERK: ("411521",), Role.OFFICIAL: ("41",)})
    assert scope.covers("411521001", Role.CLERK)
    assert not scope.covers("411522001", Role.CLERK)
    assert scope.covers("411522001", Role.CLERK, Role.OFFICIAL)
    assert not scope.covers("4", Role.CLERK)
    assert scope.roles == (Role.CLERK, Role.OFFICIAL)


def test_nobody_without_a_grant_sees_a_region(regions):
    assert not Region.objects.visible_to(factories.make_user()).exists()


def test_a_grant_without_a_region_is_the_whole_country(regions):
    user = factories.make_user("", (Role.OFFICIAL, ""))
    assert Region.objects.visible_to(user).count() == len(regions)
