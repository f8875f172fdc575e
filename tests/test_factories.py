"""What the factories hand out is what the database holds."""

import pytest

from regions.models import Region
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def known(region: Region) -> tuple[object, ...]:
    above = region.parent
    return region.pk, region.code, region.path, region.name, region.level, above and above.code


def test_regions_are_the_rows_that_were_put(regions):
    rows = {row.code: row for row in Region.objects.select_related("parent")}
    assert {code: known(region) for code, region in regions.items()} == {
        code: known(row) for code, row in rows.items()
    }
    asked = {code: factories.make_region(code) for code in regions}
    assert {code: known(row) for code, row in asked.items()} == {
        code: known(row) for code, row in rows.items()
    }


def test_a_changed_region_is_another_one_for_whoever_asks_next(regions):
    regions["411521"].name = "改名"
    assert factories.make_region("411521").name == "罗山县"


def test_regions_go_on_from_those_that_are_there():
    village = factories.make_region("411521001003")
    made = factories.make_regions()
    assert (made["411521001003"].pk, len(made)) == (village.pk, Region.objects.count())


def test_numbers_of_further_regions_are_free(regions):
    assert factories.make_region("42", "湖北省").pk not in {row.pk for row in regions.values()}
