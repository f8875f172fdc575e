import gzip
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from lms.models import AuditEvent
from regions.models import Region, RegionSuccession
from tests import factories

pytestmark = pytest.mark.django_db
HEADER = "code,parent_code,level,name\n"


@pytest.fixture
def write(tmp_path):
    def write(text, name="regions.csv"):
        path = tmp_path / name
        data = (HEADER + text).encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


@pytest.mark.postgres
def test_the_regions_that_come_with_the_product(capsys):
    call_command("load_regions")
    assert "51105 added, 0 renamed, 0 unchanged" in capsys.readouterr().out
    by_level = {level: Region.objects.filter(level=level).count() for level in range(1, 6)}
    assert by_level == {1: 31, 2: 342, 3: 2978, 4: 41352, 5: 6402}
    village = Region.objects.get(code="411521001003")
    assert village.name == "邵洼社区居民委员会"
    assert [village.parent.name, village.parent.parent.name] == ["丽水街道", "罗山县"]
    assert village.starts_on == date(2000, 1, 1)
    assert Region.objects.within(Region.objects.get(code="653128")).count() == 1 + 9 + 107
    statistical = Region.objects.filter(is_statistical=True)
    assert statistical.filter(level=2).count() == 9
    assert statistical.filter(level=3).count() == 124
    assert not Region.objects.get(code="411521").is_statistical

    call_command("load_regions")
    assert "0 added, 0 renamed, 51105 unchanged" in capsys.readouterr().out
    assert AuditEvent.objects.filter(action="regions.regions_loaded").count() == 1


def test_if_empty_leaves_what_is_there(regions):
    call_command("load_regions", if_empty=True)
    assert Region.objects.count() == len(regions)


def test_a_new_name_is_a_new_row_and_the_old_one_ends(write, regions):
    old = regions["411521"]
    path = write(
        "411521,4115,3,罗山市\n411521001,411521001,4,丽水街道\n".replace(
            "411521001,411521001", "411521001,411521"
        )
    )
    call_command("load_regions", path, as_of=date(2026, 7, 1))
    old.refresh_from_db()
    new = Region.objects.current().get(code="411521")
    assert (old.name, old.ends_on) == ("罗山县", date(2026, 6, 30))
    assert (new.name, new.starts_on, new.parent.code) == ("罗山市", date(2026, 7, 1), "4115")
    assert Region.objects.get(code="411521001").parent == new
    succession = RegionSuccession.objects.get()
    assert (succession.old, succession.new, succession.kind) == (old, new, "RENAMED")


def test_a_gzipped_file_of_ones_own_with_a_new_village(write, regions):
    path = write("411521001009,411521001,5,新村村民委员会\n", "more.csv.gz")
    call_command("load_regions", path, as_of=date(2026, 7, 1))
    village = Region.objects.get(code="411521001009")
    assert (village.parent.code, village.starts_on) == ("411521001", date(2026, 7, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("411523,4115,3,新县\n4115x4,4115,3,某县\n", "line 3: code 4115x4 must have 6 digits"),
        ("411523,4114,3,新县\n", "line 2: parent 4114 does not fit"),
        ("411523,4115,9,新县\n", "line 2: level 9"),
        ("411523,4115,3,\n", "line 2: the name"),
        ("411523,4115,3\n", "line 2: 3 cells instead of 4"),
        ("411523,4115,3,新县\n411523,4115,3,新县\n", "line 3: code 411523 stands on line 2"),
        ("411523,4115,3,新县\n422801001,422801,4,某镇\n", "line 3: there is no region 422801"),
        ("411521,4115,3,罗山市\n", "line 2: 411521 was opened on 2000-01-01"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_stored(write, regions, text, said):
    with pytest.raises(CommandError, match=said):
        call_command("load_regions", write(text), as_of=date(1999, 1, 1))
    assert Region.objects.count() == len(regions)


def test_only_the_first_problems_are_listed(write, regions):
    path = write("x,,1,某省\n" * 14)
    with pytest.raises(CommandError, match="and 4 more"):
        call_command("load_regions", path)


def test_a_file_that_is_none_is_refused(tmp_path, write, regions):
    for path, said in (
        (tmp_path / "absent.csv", "cannot read"),
        (write("", "broken.csv.gz"), "cannot read"),
        (write("", "other.csv"), "columns must be"),
    ):
        if path.name == "broken.csv.gz":
            path.write_bytes(b"\x1f\x8bbroken")
        if path.name == "other.csv":
            path.write_text("a,b\n")
        with pytest.raises(CommandError, match=said):
            call_command("load_regions", path)


def test_a_region_is_within_what_is_above_it(regions):
    inside = Region.objects.within(regions["4115"])
    assert {region.code[:4] for region in inside} == {"4115"}
    assert inside.count() == 10
    assert regions["41"].covers(regions["411521001003"])
    assert not regions["411521"].covers(regions["411522"])


def test_a_region_is_visible_inside_any_grant(regions):
    user = factories.make_user("u", ("CLERK", "411522"), ("INSPECTOR", "6531"))
    assert {region.code for region in Region.objects.visible_to(user)} == {
        code for code in regions if code.startswith(("411522", "6531"))
    }
