"""The blank forms: filled in and uploaded they are read without a question."""

from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from learners.models import Learner
from learners.queries.rosters import judged_row
from learners.roster.blanks import BLANKS
from lms.lib.scope import Role
from lms.lib.spreadsheets import read_workbook
from tests import factories
from tests.learners.rosters import checked, imported

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
FILLED = {
    "序号": "1",
    "姓名": "李建军",
    "性别": "男",
    "民族": "汉族",
    "文化程度": "初中",
    "联系电话": "13800000001",
    "乡镇": "丽水街道",
    "村": "邵洼社区",
    "户类型": "脱贫户",
    "户主": "李建军",
    "户编号": "0012",
    "与户主关系": "户主",
    "第1天上午": "√",
    "第1天下午": "迟到",
}
ROSTERS = [key for key, blank in BLANKS.items() if blank.is_roster]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def download(signed_in, county_clerk):
    client = signed_in(county_clerk)
    return lambda kind: client.get(reverse("learners:import_blank", args=[kind])).content


def filled(content: bytes, people: int = 2) -> bytes:
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book.worksheets[0]
    for n in range(1, people + 1):
        values = FILLED | {
            "身份证号": factories.make_id_number(n),
            "姓名": f"李建军{'一二'[n - 1]}",
        }
        for cell in sheet[3]:
            sheet.cell(3 + n, cell.column).value = values.get(cell.value)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("kind", ROSTERS)
def test_a_form_filled_in_is_imported_without_a_word(kind, download, county_clerk):
    found = imported(content=filled(download(kind)), name="表.xlsx", actor=county_clerk)
    people = found.rows.exclude(verdict="SKIPPED")
    assert [row.row for row in people] == [4, 5]
    allowed = set() if "户类型" in titles(kind) else {"HOUSEHOLD_TYPE_UNKNOWN"}
    assert {code for row in people for code in row.codes} <= allowed
    assert Learner.objects.count() == 2
    fields = judged_row(people[0]).fields
    assert (fields["township"], fields["village_code"]) == ("丽水街道", "411521001003")
    if kind == "attendance":
        marks = [entry["mark"] for entry in fields["attendance"]]
        assert marks[:2] == ["present", "late"]


def titles(kind: str) -> list[str]:
    return [column.title for column in BLANKS[kind].columns]


@pytest.mark.parametrize("kind", ROSTERS)
def test_an_empty_form_says_that_nobody_is_in_it(kind, download, county_clerk):
    """Neither the instructions nor the choices are read as people."""
    found = checked(content=download(kind), actor=county_clerk)
    assert (found.state, found.refusal) == ("REFUSED", "NO_PEOPLE")


@pytest.mark.parametrize("kind", BLANKS)
def test_drop_downs_text_columns_and_instructions(kind, download):
    book = openpyxl.load_workbook(BytesIO(download(kind)))
    form, instructions, choices = book.worksheets
    assert (instructions.title, choices.sheet_state) == ("填写说明", "hidden")
    assert [cell.value for cell in form[3]] == titles(kind)
    lists = {
        form.cell(3, column_of(rule)).value: offered(choices, rule.formula1)
        for rule in form.data_validations.dataValidation
    }
    assert lists["乡镇"] == ["丽水街道", "周党镇"]
    for column in BLANKS[kind].columns:
        if column.choices:
            assert lists[column.title] == list(column.choices)
    dimensions = form.column_dimensions.values()
    text = {at for one in dimensions for at in range(one.min, one.max + 1) if is_text(one)}
    assert text == set(range(1, len(titles(kind)) + 1))
    explained = [row[0].value for row in instructions.iter_rows()]
    assert explained[-len(titles(kind)) :] == titles(kind)


def is_text(dimension) -> bool:
    return dimension.number_format == "@"


def column_of(rule) -> int:
    return openpyxl.utils.range_boundaries(str(rule.sqref))[0]


def offered(sheet, formula: str) -> list[str]:
    cells = sheet[formula.partition("!")[2].replace("$", "")]
    return [cell.value for (cell,) in cells]


def test_the_upload_page_offers_every_form(signed_in, county_clerk):
    page = signed_in(county_clerk).get(reverse("learners:import_create")).content.decode()
    for kind in BLANKS:
        assert reverse("learners:import_blank", args=[kind]) in page
    unknown = reverse("learners:import_blank", args=["nonsense"])
    assert signed_in(county_clerk).get(unknown).status_code == 404


def test_a_clerk_of_a_prefecture_types_the_townships(signed_in):
    clerk = factories.make_user("prefecture", (Role.CLERK, "4115"))
    content = signed_in(clerk).get(reverse("learners:import_blank", args=["roster"])).content
    form = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    rules = form.data_validations.dataValidation
    assert rules
    assert "乡镇" not in {form.cell(3, column_of(rule)).value for rule in rules}
    assert read_workbook(content).sheets[0].rows[0][0] == "信阳市培训学员花名册"


@pytest.mark.parametrize("kind", BLANKS)
def test_a_blank_is_printed_on_one_sheet_of_a4_across(download, kind):
    for sheet in openpyxl.load_workbook(BytesIO(download(kind))).worksheets[:2]:
        page = sheet.page_setup
        assert (page.paperSize, page.orientation, page.fitToHeight) == (9, "landscape", 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
