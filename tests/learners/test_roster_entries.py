"""What rows of the registers' own files say of their people, and that it reaches the edition."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from learners.models import RoleHeld
from learners.queries import canonical_form, seal_preview
from learners.roster.blanks import BLANKS
from learners.roster.entries import (
    CADRE_WORDS,
    CATEGORY_WORDS,
    INTENTION_WORDS,
    entry_facts,
    is_meant,
    one_of,
    whole,
    yuan,
)
from tests import factories
from tests.learners.registers import make_edition
from tests.learners.rosters import AS_OF, checked, imported, make_xlsx

PLACE = ["丽水街道", "邵洼社区居民委员会"]
HEAD = ["姓名", "身份证号", "乡镇", "村"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("第一书记", "FIRST_SECRETARY"),
        ("曹村驻村第一书记", "FIRST_SECRETARY"),
        ("村支书", "VILLAGE_CADRE"),
        ("曹村村主任", "VILLAGE_CADRE"),
        ("乡镇干部", "TOWNSHIP_CADRE"),
        ("周党镇镇长", "TOWNSHIP_CADRE"),
        ("商务局负责人", "COMMERCE_HEAD"),
        ("县分管领导", "COUNTY_LEADER"),
        ("管理人员", "MANAGER"),
        ("从业人员", "PRACTITIONER"),
        ("第一书记兼村支书", ""),  # two kinds: never guessed
        ("党员", ""),
        ("", ""),
    ],
)
def test_the_kind_of_a_cadre(text, kind):
    assert one_of(CADRE_WORDS, text) == kind


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("返乡创业青年", "RETURNED_YOUTH"),
        ("脱贫致富带头人", "PATHFINDER"),
        ("大学生村官", "GRADUATE_OFFICIAL"),
        ("第一书记", "FIRST_SECRETARY"),
        ("退伍军人", "VETERAN"),
        ("党员骨干", "PARTY_MEMBER"),
        ("巧媳妇", "CRAFTSWOMAN"),
        ("残疾人", "DISABLED"),
        ("益农信息社负责人", "STATION_OWNER"),
        ("网店负责人", "STATION_OWNER"),
        ("村淘店小二", "SHOP_ASSISTANT"),
        ("返鄉創業青年", "RETURNED_YOUTH"),
        ("退伍军人、党员", ""),
    ],
)
def test_the_category_of_a_candidate(text, category):
    assert one_of(CATEGORY_WORDS, text) == category


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("36000", Decimal(36000)),
        ("3.6万元", Decimal(36000)),
        ("3.6万", Decimal(36000)),
        ("36,000元", Decimal(36000)),
        ("三万", None),
        ("3-5万", None),
        ("", None),
        ("9" * 20, None),
    ],
)
def test_amounts_are_read_or_left_open(text, amount):
    assert yuan(text) == amount


def test_counts_are_read_or_left_open():
    assert [whole(text) for text in ("12", "12户", "约12", "")] == [12, 12, None, None]


def test_a_blank_under_able_is_not_known_and_a_missing_column_says_nothing():
    assert entry_facts({"able": "", "willing": "有意愿"}) == {"able": None, "willing": True}
    assert entry_facts({"able": "待定", "willing": "否"}) == {"able": None, "willing": False}
    assert entry_facts({"name": "甲"}) == {}
    assert entry_facts({"able": "能", "willing": "不愿意"}) == {"able": True, "willing": False}


@pytest.fixture
def import_onto(db):
    factories.make_regions()

    def run(edition, header, *rows):
        people = [
            [f"学员{chr(0x4E00 + n)}", factories.make_id_number(700 + n), *PLACE, *row]
            for n, row in enumerate(rows)
        ]
        imported(content=make_xlsx(people, header=[*HEAD, *header]), edition=edition)
        return list(edition.entries.order_by("learner__name"))

    return run


def test_the_register_of_the_able_and_willing(import_onto):
    header = ["户编号", "是否有能力", "是否有意愿", "意向", "调查人", "调查日期"]
    one, two = import_onto(
        make_edition(),
        header,
        ["4115-1", "是", "是", "开网店", "张三", "2026-02-01"],
        ["4115-1", "是", "", "供货", "张三", ""],
    )
    assert (one.able, one.willing, one.intention) == (True, True, "SHOP")
    assert (one.surveyed_by, one.surveyed_on) == ("张三", date(2026, 2, 1))
    assert (two.able, two.willing, two.intention, two.surveyed_on) == (True, None, "SUPPLY", None)
    # Nobody who was not asked is invited, and whoever seals is told.
    doubts = {doubt.code: doubt.count for doubt in seal_preview(one.edition).doubts}
    assert (doubts.get("NOT_SAID"), doubts.get("NOT_WILLING")) == (1, None)
    form = canonical_form(
        one.edition, sealed_at=timezone.now(), salt=b"x", entries=one.edition.entries.all()
    )
    assert sorted(line[-3:] for line in form.decode().splitlines()[1:]) == ["1|-", "1|1"]


def test_of_a_register_of_households_each_is_put_on_once(import_onto):
    homes = make_edition(subject="HOUSEHOLD")
    (entry,) = import_onto(homes, ["户编号", "是否有能力"], ["4115-1", "是"], ["4115-1", "否"])
    assert (entry.household.number, entry.able) == ("411521001003/4115-1", True)


def test_the_register_of_cadres(import_onto):
    edition = make_edition(purpose="CADRES", kinds=["VILLAGE_CADRE", "FIRST_SECRETARY"])
    entries = import_onto(edition, ["职务"], ["村支书"], ["第一书记"], ["镇长"])
    assert sorted(entry.kind for entry in entries) == ["", "FIRST_SECRETARY", "VILLAGE_CADRE"]
    held = RoleHeld.objects.exclude(role="HOUSEHOLD_MEMBER").order_by("role")
    assert list(held.values_list("role", "region__code", "starts_on", "ends_on")) == [
        ("FIRST_SECRETARY", "411521001003", AS_OF, None),
        ("TOWNSHIP_CADRE", "411521001", AS_OF, None),
        ("VILLAGE_CADRE", "411521001003", AS_OF, None),
    ]


def test_the_ledger_of_candidates_with_a_plain_type_column(import_onto):
    edition = make_edition(purpose="LEADERS")
    header = [
        "类型",
        "项目",
        "年收入（万元）",
        "带动户数",
        "带动方式",
        "是否签订协议",
        "网店开设补助",
    ]
    row = ["返乡创业青年", "香菇种植", "3.6", "12", "务工", "是", "0.5万"]
    (entry,) = import_onto(edition, header, row)
    assert (entry.category, entry.project) == ("RETURNED_YOUTH", "香菇种植")
    assert (entry.yearly_income_yuan, entry.drive_count) == (36000, 12)
    assert (entry.drive_way, entry.has_agreement) == ("务工", True)
    assert entry.shop_grant_yuan == 5000


def test_a_blank_under_agreement_is_no_no(import_onto):
    edition = make_edition(purpose="LEADERS")
    signed, unsaid, unsigned = import_onto(
        edition,
        ["带头人类型", "是否签订协议"],
        ["巧媳妇", "是"],
        ["巧媳妇", ""],
        ["巧媳妇", "未签"],
    )
    said = [entry.has_agreement for entry in (signed, unsaid, unsigned)]
    assert said == [True, None, False]


def test_every_choice_of_the_blank_forms_is_understood():
    """What our own drop-downs offer must never be passed over."""
    columns = [column for blank in BLANKS.values() for column in blank.columns]
    choices = {column.title: column.choices for column in columns}
    kinds = {text: one_of(CADRE_WORDS, text) for text in choices["职务"]}
    categories = {text: one_of(CATEGORY_WORDS, text) for text in choices["带头人类型"]}
    assert all(kinds.values()), kinds
    assert all(categories.values()), categories
    assert all(one_of(INTENTION_WORDS, text) for text in choices["意向"])
    assert [is_meant(text) for text in choices["是否有能力"]] == [True, False]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("村党支部书记", "VILLAGE_CADRE"),
        ("村党总支书记兼村主任", "VILLAGE_CADRE"),
        ("党支部书记、村委会主任", "VILLAGE_CADRE"),
        ("嘎查长", "VILLAGE_CADRE"),
        ("镇党委副书记", "TOWNSHIP_CADRE"),
        ("副县长", "COUNTY_LEADER"),
        ("县商务局副局长", "COMMERCE_HEAD"),
        ("县商务局负责人", "COMMERCE_HEAD"),
        ("驻村帮扶工作队队员", "WORK_TEAM_MEMBER"),
        # Neither a head nor one kind only: nothing is guessed.
        ("商务局工作人员", ""),
        ("第一书记、驻村工作队队长", ""),
        ("扶贫专干", ""),
    ],
)
def test_posts_as_lists_of_cadres_write_them(text, kind):
    assert one_of(CADRE_WORDS, text) == kind


def test_a_post_that_names_no_kind_is_said_in_the_preview(signed_in, county_clerk, regions):
    people = [["甲某", factories.make_id_number(9), *PLACE, "扶贫专干", "党员、退伍军人"]]
    header = [*HEAD, "职务", "带头人类型"]
    found = checked(content=make_xlsx(people, header=header), actor=county_clerk)
    page = signed_in(county_clerk).get(reverse("learners:import_detail", args=[found.pk]))
    (line,) = page.context["lines"]
    assert any("“扶贫专干”对不上唯一的干部类别" in text for text in line.texts)
    assert any("“党员、退伍军人”对不上" in text for text in line.texts)


def test_what_cannot_be_read_for_a_register_is_said_in_the_preview(
    signed_in, county_clerk, regions
):
    header = [*HEAD, "年收入（元）", "带动户数", "是否签订协议"]
    rows = [
        ["甲某", factories.make_id_number(8), *PLACE, "约三万", "约5户", "待签"],
        ["乙某", factories.make_id_number(9), *PLACE, "3.6万", "5户", ""],
        ["丙某", factories.make_id_number(10), *PLACE, "-5", "", "否"],
    ]
    found = checked(content=make_xlsx(rows, header=header), actor=county_clerk)
    page = signed_in(county_clerk).get(reverse("learners:import_detail", args=[found.pk]))
    left_open = [
        [text.split("栏的")[1].split("无法识别")[0] for text in line.texts if "无法识别" in text]
        for line in page.context["lines"]
    ]
    assert left_open == [["“待签”", "“约5户”", "“约三万”"], [], ["“-5”"]]
