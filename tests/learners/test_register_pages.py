"""Pages of registers: fill an edition, look before sealing, the bridge, villages, composing."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from learners.actions import EntryFacts, adjust_entry, seal_edition
from learners.models import Register
from lms.lib.periods import today
from lms.lib.spreadsheets import read_workbook
from tests import factories
from tests.learners.registers import make_edition, make_register
from tests.searching import search, search_here

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]


@pytest.fixture
def clerk(signed_in, county_clerk):
    return signed_in(county_clerk)


def page(name, key):
    return reverse(f"learners:{name}", args=[key.pk])


def listed(response) -> set[str]:
    rows = response.context["table"].paginated_rows
    return {str(row.record.learner or row.record.household or row.record.village) for row in rows}


def sealed_with(*learners, **options):
    edition = make_edition(learners, **options)
    yesterday = timezone.now() - timedelta(days=1)
    return seal_edition(edition=edition, sealed_at=yesterday, actor=None)


# --- opening ---
def test_kinds_and_units_are_chosen_when_a_register_is_opened(clerk):
    data = {"purpose": "CADRES", "year": 2026, "region": "411521", "kinds": ["FIRST_SECRETARY"]}
    clerk.post(reverse("learners:register_create"), data)
    assert Register.objects.get().kinds == ["FIRST_SECRETARY"]
    data |= {"purpose": "ABLE_WILLING", "subject": "HOUSEHOLD"}
    clerk.post(reverse("learners:register_create"), data)
    found = Register.objects.get(purpose="ABLE_WILLING")
    assert (found.subject, found.kinds) == ("HOUSEHOLD", [])


# --- adding ---
def test_people_are_found_by_name_and_put_on_with_what_is_known(clerk):
    one = factories.make_learner("李建军", initials="ljj")
    two = factories.make_learner("李建国", initials="ljg")
    present = factories.make_learner("李在册", initials="lzc")
    factories.make_learner("李邻县", "411522001001", initials="llx")
    edition = make_edition([present])
    address = page("entry_add", edition)
    response = search_here(clerk, address, "l")
    assert {row.name for row in response.context["found"]} == {"李建军", "李建国"}
    assert one.clear_id_number() not in response.content.decode()
    said = {"able": "true", "willing": "false", "intention": "SHOP", "surveyed_by": "王村"}
    response = clerk.post(address, {"learner": [one.pk, two.pk], **said})
    assert response.url == page("register_detail", edition.register)
    found = edition.entries.get(learner=one)
    assert (found.able, found.willing, found.intention) == (True, False, "SHOP")
    assert edition.entries.count() == 3


def test_a_whole_number_is_posted_and_people_of_other_regions_are_not_added(clerk):
    learner = factories.make_learner()
    other = factories.make_learner("邻县人", "411522001001")
    edition = make_edition()
    address = page("entry_add", edition)
    clerk.post(address, {"number": learner.clear_id_number(), "able": "true", "willing": "true"})
    assert edition.entries.get().learner == learner
    response = clerk.post(address, {"number": other.clear_id_number()})
    assert response.status_code == 422
    assert "邻县人" not in response.content.decode()
    clerk.post(address, {"learner": [other.pk]})
    assert clerk.post(address, {"learner": ["x"]}).status_code == 200
    assert edition.entries.count() == 1


def test_a_village_and_a_household_are_added(clerk):
    villages = make_edition(purpose="QUALIFYING_VILLAGES")
    clerk.post(page("entry_add", villages), {"village": "411521100200", "reason": "通快递"})
    assert villages.entries.get().village.code == "411521100200"
    assert villages.entries.get().reason == "通快递"
    clerk.post(page("entry_add", villages), {"village": "411522001001"})
    assert villages.entries.count() == 1
    household = factories.make_household()
    homes = make_edition(subject="HOUSEHOLD")
    clerk.post(page("entry_add", homes), {"household": household.number, "able": "on"})
    assert homes.entries.get().household == household


def test_an_entry_is_changed_and_taken_off_while_the_edition_is_open(clerk):
    learner = factories.make_learner()
    edition = make_edition([learner], purpose="LEADERS")
    entry = edition.entries.get()
    data = {"category": "VETERAN", "project": "香菇", "yearly_income_yuan": "-1"}
    assert clerk.post(page("entry_update", entry), data).status_code == 422
    clerk.post(page("entry_update", entry), data | {"yearly_income_yuan": "52000"})
    entry.refresh_from_db()
    assert (entry.category, entry.project, entry.yearly_income_yuan) == ("VETERAN", "香菇", 52000)
    assert clerk.get(page("entry_remove", entry)).status_code == 405
    clerk.post(page("entry_remove", entry))
    assert not edition.entries.exists()


def test_a_sealed_entry_is_neither_changed_nor_taken_off(clerk):
    edition = sealed_with(factories.make_learner())
    entry = edition.entries.get()
    assert clerk.post(page("entry_update", entry), {"able": ""}).status_code == 422
    clerk.post(page("entry_remove", entry))
    entry.refresh_from_db()
    assert entry.able


# --- the list ---
def test_the_list_is_searched_and_filtered_by_what_the_register_keeps(clerk, monkeypatch):
    from django.db.models import Q

    one = factories.make_learner("李建军", initials="ljj")
    two = factories.make_learner("王小红", "411521100200", initials="wxh")
    facts = {two.pk: EntryFacts(able=False, willing=False)}
    edition = make_edition([one, two], facts=facts)
    monkeypatch.setattr("learners.queries.search.TRAINED", [lambda year: Q(name="李建军")])
    address = page("register_detail", edition.register)
    for query, found in (
        ("place=411521100", {"王小红"}),
        ("able=0", {"王小红"}),
        ("willing=1", {"李建军"}),
        ("trained=1", {"李建军"}),
        ("trained=0", {"王小红"}),
    ):
        assert listed(clerk.get(f"{address}?{query}")) == found, query
    for text, found in (("wx", {"王小红"}), (one.id_tail, {"李建军"}), ("没有", set())):
        assert listed(search(clerk, address, text)) == found, text
    assert clerk.get(f"{address}?kind=MANAGER").status_code == 400  # not kept by this register


def test_cadres_and_leaders_are_filtered_by_kind_and_category(clerk):
    one, two = factories.make_learner("甲"), factories.make_learner("乙")
    cadres = make_edition([one, two], purpose="CADRES", facts={one.pk: EntryFacts(kind="MANAGER")})
    leaders = make_edition(
        [one, two], purpose="LEADERS", facts={two.pk: EntryFacts(category="VETERAN")}
    )
    assert listed(clerk.get(page("register_detail", cadres.register) + "?kind=MANAGER")) == {"甲"}
    address = page("register_detail", leaders.register)
    assert listed(clerk.get(f"{address}?category=VETERAN")) == {"乙"}
    (sheet,) = read_workbook(clerk.get(f"{address}?export=xlsx").content, "x.xlsx").sheets
    assert sheet.rows[0][3:6] == ["类型", "项目", "年收入（元）"]
    text = str(sheet.rows)
    assert one.masked_id in text
    assert one.clear_id_number() not in text


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_an_open_edition(count, clerk, django_assert_max_num_queries):
    edition = make_edition([factories.make_learner() for _ in range(count)], purpose="CADRES")
    with django_assert_max_num_queries(18):
        clerk.get(page("register_detail", edition.register))


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_a_household_register(count, clerk, django_assert_max_num_queries):
    homes = [factories.make_household() for _ in range(count)]
    for home in homes:
        home.head = factories.make_learner(household=home)
        home.save()
    edition = sealed_with(*homes, subject="HOUSEHOLD")
    with django_assert_max_num_queries(20):
        clerk.get(page("register_detail", edition.register))


# --- proposals ---
def test_a_proposal_is_shown_before_anybody_is_added(clerk):
    factories.make_learner("新人")
    edition = make_edition()
    address = page("edition_propose", edition)
    assert clerk.get(address).context["proposal"] is None
    assert not clerk.get(address).context["form"].errors
    assert clerk.get(f"{address}?asked=1").context["form"].errors["groups"]
    response = clerk.get(f"{address}?groups=POOR")
    assert "新人" in response.content.decode()
    assert not edition.entries.exists()
    fill = page("edition_fill", edition)
    clerk.post(fill, {"groups": ["POOR"], "count": 2})  # somebody else changed the archive
    assert not edition.entries.exists()
    clerk.post(fill, {"groups": ["POOR"], "count": 1})
    assert edition.entries.count() == 1


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_a_proposal(count, clerk, django_assert_max_num_queries):
    for _ in range(count):
        factories.make_learner()
    edition = make_edition()
    with django_assert_max_num_queries(14):
        clerk.get(page("edition_propose", edition) + "?groups=POOR")


# --- sealing ---
def test_the_page_before_sealing_counts_by_township_and_warns(clerk):
    two = factories.make_learner("王小红", "411521100200")
    people = [factories.make_learner("李建军"), two]
    edition = make_edition(people, facts={two.pk: EntryFacts(willing=False)})
    response = clerk.get(page("edition_seal", edition))
    places = response.context["preview"].places
    assert [(row.name, row.numbers) for row in places] == [("丽水街道", (1,)), ("周党镇", (1,))]
    assert response.context["doubts"] == ["有 1 人无意愿。除非移出，否则仍计入分母。"]
    clerk.post(page("edition_seal", edition), {"count": 3})
    edition.refresh_from_db()
    assert not edition.is_sealed
    clerk.post(page("edition_seal", edition), {"count": 2})
    edition.refresh_from_db()
    assert edition.is_sealed


def test_an_empty_edition_offers_no_seal(clerk):
    edition = make_edition()
    response = clerk.get(page("edition_seal", edition))
    assert 'name="count"' not in response.content.decode()
    clerk.post(page("edition_seal", edition), {"count": 0})
    edition.refresh_from_db()
    assert not edition.is_sealed


def test_the_sealed_list_is_printed_masked_with_its_hash(clerk):
    learner = factories.make_learner("李建军")
    edition = sealed_with(learner)
    text = clerk.get(page("edition_print", edition)).content.decode()
    assert edition.sha256 in text
    assert learner.masked_id in text
    assert learner.clear_id_number() not in text
    assert clerk.get(page("edition_print", make_edition(purpose="LEADERS"))).status_code == 404


def test_the_hash_is_computed_again(clerk):
    edition = sealed_with(factories.make_learner())
    response = clerk.get(page("edition_verify", edition))
    assert response.context["found"].is_whole
    assert edition.sha256 in response.content.decode()


# --- the bridge ---
def test_the_bridge_shows_each_change_and_both_rates(clerk, county_clerk):
    one, two, late = (factories.make_learner(name) for name in ("甲", "乙", "丙"))
    edition = sealed_with(one, two)
    for subject, kind, reason in ((one, "REMOVE", "迁出"), (late, "ADD", "新识别")):
        adjust_entry(
            edition=edition,
            subject=subject,
            kind=kind,
            happened_on=today(),
            reason=reason,
            actor=county_clerk,
        )
    address = page("edition_bridge", edition)
    response = clerk.get(address)
    boxes = response.context["sum"]
    assert [box["value"] for box in boxes["terms"]] == [2, 1, 1]
    assert boxes["total"]["value"] == 2
    (line,) = response.context["coverage"]
    assert (line.sealed, line.members, line.sealed_done, line.done) == (2, 2, 0, 0)
    text = response.content.decode()
    for word in ("甲", "丙", "迁出", "新识别", str(county_clerk)):
        assert word in text
    yesterday = (today() - timedelta(days=1)).isoformat()
    before = clerk.get(f"{address}?as_of={yesterday}")
    assert before.context["sum"]["total"]["value"] == 2
    assert not before.context["bridge"].lines
    assert clerk.get(f"{address}?as_of=2026-99-99").status_code == 200
    (sheet,) = read_workbook(clerk.get(f"{address}?export=xlsx").content, "x.xlsx").sheets
    assert [row[1] for row in sheet.rows[1:]] == [-1, 1]


def test_the_places_of_the_bridge_add_up_to_its_boxes(clerk, county_clerk):
    """Column by column and line by line, also where two lines turned out to be one person."""
    one, two, away = (factories.make_learner(name) for name in "甲乙丙")
    away.home_region = factories.make_region("411521100200")
    away.save()
    edition = sealed_with(one, two, away)
    two.merged_into = one
    two.save()
    adjust_entry(
        edition=edition, subject=away, kind="REMOVE", happened_on=today(), reason="迁出",
        actor=county_clerk,
    )  # fmt: skip
    text = clerk.get(page("edition_bridge", edition)).content.decode()
    table = text[text.index("分辖区") :]
    lines = [[re.sub("<.*?>", "", cell) for cell in line] for line in rows_of(table)]
    figures = [[int(cell.replace("−", "-") or 0) for cell in line[1:]] for line in lines]
    *parts, total = figures
    assert [line[0] for line in lines] == ["丽水街道", "周党镇", "重复列名、只计一次", "合计"]
    assert [sum(column) for column in zip(*parts, strict=True)] == total == [2, 0, 1, 1]


def rows_of(table: str) -> list[list[str]]:
    body = table[table.index("<tbody>") : table.index("</table>")]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("</tr>")[:-1]]


@pytest.mark.parametrize("count", [3, 30])
def test_queries_of_the_bridge(count, clerk, django_assert_max_num_queries):
    people = [factories.make_learner() for _ in range(count)]
    edition = sealed_with(*people)
    for learner in people:
        adjust_entry(
            edition=edition,
            subject=learner,
            kind="REMOVE",
            happened_on=today(),
            reason="迁出",
            actor=None,
        )
    with django_assert_max_num_queries(30):
        clerk.get(page("edition_bridge", edition))


# --- villages from a workbook ---
def workbook(*rows) -> SimpleUploadedFile:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return SimpleUploadedFile("村名单.xlsx", stream.getvalue())


def test_villages_come_from_a_workbook_after_a_look(clerk):
    edition = make_edition([factories.make_region("411521001003")], purpose="QUALIFYING_VILLAGES")
    file = workbook(
        ["罗山县有条件的村名录"],
        ["序号", "所在乡镇", "行政村", "认定理由"],
        [1, "周党镇", "曹村", "通快递、有网店"],
        [2, "丽水街道", "邵洼社区", ""],
        [3, "丽水", "高湾社区居民委员会", ""],
        [4, "周党镇", "没有村", ""],
        [5, "无此镇", "曹村", ""],
        [6, "周党镇", "曹村村民委员会", ""],
        [7, "", "曹村", ""],
        ["合计", "", "5 个村", ""],
    )
    response = clerk.post(page("village_import", edition), {"file": file})
    rows = response.context["rows"]
    assert [(row.row, row.code[-4:], row.problem, row.is_present) for row in rows] == [
        (3, "0200", "", False),
        (4, "1003", "", True),
        (5, "1004", "", False),
        (6, "", "VILLAGE_UNKNOWN", False),
        (7, "", "TOWNSHIP_UNKNOWN", False),
        (8, "", "TWICE", False),
        (9, "", "TOWNSHIP_EMPTY", False),
    ]
    assert edition.entries.count() == 1
    signed = response.context["signed"]
    confirm = page("village_confirm", edition)
    clerk.post(confirm, {"signed": signed + "x"})
    assert edition.entries.count() == 1
    clerk.post(confirm, {"signed": signed})
    clerk.post(confirm, {"signed": signed})
    found = dict(edition.entries.values_list("village__code", "reason"))
    assert found == {
        "411521001003": "",
        "411521100200": "通快递、有网店",
        "411521001004": "",
    }


def test_only_villages_that_the_list_says_to_qualify_are_put_on(clerk):
    """A column of the form: no is left out, a blank is asked for, never taken for a yes."""
    edition = make_edition(purpose="QUALIFYING_VILLAGES")
    file = workbook(
        ["序号", "乡镇", "村", "是否有条件", "依据"],
        [1, "周党镇", "曹村", "是", "会议纪要"],
        [2, "丽水街道", "邵洼社区", "否", "无网络"],
        [3, "同上", "高湾社区", "", ""],
    )
    response = clerk.post(page("village_import", edition), {"file": file})
    rows = response.context["rows"]
    assert [(row.township, row.problem, row.is_left_out) for row in rows] == [
        ("周党镇", "", False),
        ("丽水街道", "", True),
        ("丽水街道", "NOT_SAID", False),
    ]
    assert "没有填明，系统不猜" in response.content.decode()
    clerk.post(page("village_confirm", edition), {"signed": response.context["signed"]})
    assert [entry.village.code for entry in edition.entries.all()] == ["411521100200"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["姓名", "身份证号"], ["李建军", "1"]], "没有找到同时含"),
        ([["乡镇", "村"]], "没有村"),
    ],
)
def test_a_file_that_is_no_list_of_villages_is_refused(clerk, rows, words):
    edition = make_edition(purpose="QUALIFYING_VILLAGES")
    response = clerk.post(page("village_import", edition), {"file": workbook(*rows)})
    assert response.status_code == 422
    assert words in response.content.decode()


def test_only_a_register_of_villages_takes_such_a_list(clerk):
    assert clerk.get(page("village_import", make_edition())).status_code == 404


# --- composing ---
def test_a_prefecture_unites_what_its_counties_sealed(signed_in):
    officer = factories.make_user("prefecture", ("CLERK", "4115"))
    client = signed_in(officer)
    one = sealed_with(factories.make_learner("甲"))
    two = sealed_with(factories.make_learner("乙", "411522001001"), code="411522")
    register = make_register("4115")
    address = page("edition_compose", register)
    assert client.get(address).context["count"] == 2
    assert client.post(address, {"parts": []}).status_code == 422
    client.post(address, {"parts": [one.pk, two.pk]})
    edition = register.editions.get()
    assert edition.is_sealed
    assert listed(client.get(page("register_detail", register))) == {"甲", "乙"}
    assert client.get(page("edition_verify", edition)).context["found"].is_whole
    assert client.get(page("edition_bridge", edition)).context["sum"]["total"]["value"] == 2
    assert client.get(page("edition_print", edition)).status_code == 200
