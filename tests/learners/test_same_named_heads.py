"""A household is named by its head inside the village; two heads may bear one name."""

import pytest
from django.test import override_settings

from learners.models import Household, Learner, Membership
from tests import factories
from tests.learners.people import make_facts, take_in
from tests.learners.rosters import checked, imported, make_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
HEADER = ["姓名", "身份证号", "乡镇", "村", "户主", "与户主关系"]


def row(n, name, head, relation, village="邵洼社区居民委员会"):
    return [name, factories.make_id_number(n), "丽水街道", village, head, relation]


ROWS = [
    row(1, "张伟", "张伟", "户主"),
    row(2, "李娜", "张伟", "配偶"),
    row(3, "张伟", "张伟", "户主"),
    row(4, "王芳", "张伟", "配偶"),
    row(5, "张小军", "张伟", "长子"),
    row(6, "赵敏", "张伟", "配偶", village="高湾社区居民委员会"),
]


def households():
    found = {}
    for held in Membership.objects.filter(ends_on=None).select_related("learner"):
        found.setdefault(held.household_id, set()).add(held.learner.id_tail)
    return sorted(sorted(members) for members in found.values())


def tails(*numbers):
    return sorted(factories.make_id_number(n)[-4:] for n in numbers)


@pytest.fixture(autouse=True)
def media(tmp_path):
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


@pytest.mark.parametrize("size", [500, 2, 1])
def test_two_heads_of_one_name_in_a_village_are_two_households(size, county_clerk):
    imported(content=make_xlsx(ROWS, HEADER), actor=county_clerk, size=size)
    assert households() == sorted([tails(1, 2), tails(3, 4, 5), tails(6)])
    heads = Household.objects.filter(head__isnull=False)
    assert sorted(heads.values_list("head__id_tail", flat=True)) == tails(1, 3)
    assert not Household.objects.filter(number__contains=factories.make_id_number(3)).exists()


def test_the_same_file_again_moves_nobody_in_whatever_order(county_clerk):
    imported(content=make_xlsx(ROWS, HEADER), actor=county_clerk)
    before = households()
    imported(content=make_xlsx([*ROWS[2:5], *ROWS[:2]], HEADER), actor=county_clerk)
    assert households() == before
    assert Household.objects.count() == 3
    assert Learner.objects.count() == 6


def test_a_column_with_the_heads_number_tells_without_their_row(county_clerk):
    header = [*HEADER, "户主身份证号"]
    head = [factories.make_id_number(1), factories.make_id_number(3)]
    rows = [
        [*ROWS[0], head[0]],
        [*ROWS[3], head[1]],
        [*ROWS[2], head[1]],
        [*ROWS[1], head[0]],
    ]
    found = checked(content=make_xlsx(rows, header), actor=county_clerk)
    assert found.summary["counts"]["clean_rows"] == 4
    imported(content=make_xlsx(rows, header), actor=county_clerk)
    assert households() == sorted([tails(1, 2), tails(3, 4)])


def test_one_head_keeps_the_plain_name_of_the_household():
    take_in(make_facts(1, name="张伟", head_name="张伟", head_number=factories.make_id_number(1)))
    take_in(make_facts(2, head_name="张伟", relation="配偶"))
    assert Household.objects.count() == 1
