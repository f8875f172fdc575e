"""What people type that no roster should hold, row by row of the matrix: cells, 12 to 24.

Where the matrix and the roster rules differ, the roster rules decide.
"""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from certificates.render import RenderError, RenderErrorCode, missing_glyphs
from certificates.render.typeset import Layer
from incubation.actions import EarningsFacts, IncubationError, report_earnings
from incubation.forms import parse_amount
from incubation.models import EarningsReport
from learners.models import Learner
from learners.queries.rosters import judged_row
from learners.roster import normalise
from lms.lib.idnumbers import check_character
from lms.lib.periods import today
from lms.lib.spreadsheets import guard_csv_cell
from regions.models import Region
from tests import factories
from tests.learners.rosters import HEADER, checked, imported, make_rows, make_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
NUMBER = factories.make_id_number(7)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def judged(**cells):
    """The one person of a roster in which these cells stand, judged."""
    (row,) = make_rows(7, 7, **cells)
    return judged_row(checked([row]).rows.exclude(verdict="SKIPPED").get())


def codes(**cells) -> list[str]:
    return [finding.code for finding in judged(**cells).findings]


def complete(first_17: str) -> str:
    return first_17 + check_character(first_17)


def test_row_12_a_number_whose_digits_are_lost():
    for lost in (4.11521198506010e17, "4.11521E+17", "6.53101E+17"):
        row = judged(id=lost)
        (finding,) = row.findings
        assert finding.code == "ID_PRECISION_LOST"
        assert "变成了数字" in finding.reason() or "数字" in finding.reason()
        assert not row.is_clean


@pytest.mark.parametrize(
    "written",
    [
        NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        f" {NUMBER[:6]} {NUMBER[6:14]}-{NUMBER[14:]}\u3000",
        f"'{NUMBER}",
        f'="{NUMBER}"',
        f"\u200b{NUMBER}\ufeff",
    ],
)
def test_row_13_ways_of_writing_a_number(written):
    row = judged(id=written)
    assert row.is_clean
    assert row.fields["id_number"] == NUMBER


def test_row_13_a_small_x():
    number = next(
        found for n in range(999) if (found := complete(f"41152119850601{n:03d}"))[-1] == "X"
    )
    for last in ("x", "х", "×"):
        assert judged(id=number[:17] + last).fields["id_number"] == number


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1"), "ID_CHECKSUM"),
        (complete("41152119850230011"), "ID_DATE"),
        (complete("41152120990601011"), "ID_DATE"),
        (NUMBER[:16], "ID_LENGTH"),
        (NUMBER[:16] + "O" + NUMBER[17], "ID_FORMAT"),
        (NUMBER[:6] + "*" * 8 + NUMBER[14:], "ID_MASKED"),
        ("", "ID_MISSING"),
    ],
)
def test_row_14_numbers_that_nobody_has(number, code):
    row = judged(id=number)
    (finding,) = row.findings
    assert (finding.code, row.is_clean) == (code, False)
    assert finding.reason()


def test_row_14_fifteen_digits_and_a_great_age_are_taken_with_a_reminder():
    row = judged(id=NUMBER[:6] + NUMBER[8:17])
    assert (row.fields["id_number"], row.is_clean) == (NUMBER, True)
    assert [finding.code for finding in row.findings] == ["ID_UPGRADED_15"]
    assert codes(id=complete("41152119000601011")) == ["AGE_OUT_OF_RANGE"]


@pytest.mark.parametrize("prefix", ["412922", "152624", "513321", "522201", "810000", "932682"])
def test_row_15_numbers_of_abolished_counties_and_from_outside(prefix):
    number = complete(f"{prefix}19850601011")
    row = judged(id=number)
    assert row.is_clean
    assert row.fields["id_number"] == number
    assert not row.findings


def test_row_16_twice_in_the_file_and_known_in_another_county(
    signed_in, county_clerk, django_capture_on_commit_callbacks
):
    elsewhere = factories.make_learner("外县的人", "411522001001", phone="13911112222")
    elsewhere.set_id_number(factories.make_id_number(3))
    elsewhere.save()
    twin, other_name = make_rows(1, 1), make_rows(1, 1, name="另一个名字")
    found = checked([*make_rows(1, 3), *twin, *other_name], actor=county_clerk)
    errors = found.rows.filter(verdict="ERROR").values_list("row", "codes")
    assert dict(errors) == {4: ["KNOWN_ELSEWHERE"], 5: ["DUP_IN_FILE"], 6: ["DUP_CONFLICT"]}
    address = reverse("learners:import_detail", args=[found.pk])
    page = signed_in(county_clerk).get(address).content.decode()
    assert "已在其他地区登记" in page
    assert "外县的人" not in page
    assert elsewhere.masked_phone not in page
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(county_clerk).post(reverse("learners:import_confirm", args=[found.pk]))
    elsewhere.refresh_from_db()
    assert (elsewhere.name, elsewhere.home_region.code) == ("外县的人", "411522001001")
    assert Learner.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("李𬭚", "李𬭚"),
        ("王" * 60, "王" * 60),
        ("ئابدۇراخمان تۇرسۇن", "ئابدۇراخمان تۇرسۇن"),
        ("张😀伟", "张😀伟"),
        ("张\u200b伟", "张伟"),
        ("\u202e张伟明\u202c", "张伟明"),
        ("张伟\x07明", "张伟明"),
    ],
)
def test_row_17_names_as_they_are_without_what_cannot_be_seen(name, kept, county_clerk):
    imported(make_rows(1, 1, name=name), actor=county_clerk)
    assert Learner.objects.get().name == kept


def test_row_17_a_name_that_no_certificate_can_draw_is_told():
    assert missing_glyphs("李𬭎 ئابدۇراخمان") == ""
    assert missing_glyphs("张😀伟") == "😀"


FORMULAS = ['=HYPERLINK("http://x","y")', "@SUM(1)", "\t=1+1", "-2+3", "+1", "=cmd|' /C calc'!A0"]


def test_row_18_formulas_are_text_in_the_archive_and_in_every_file(signed_in, county_clerk):
    rows = [make_rows(n, n, name=text)[0] for n, text in enumerate(FORMULAS, 1)]
    found = imported([*rows, [9, "=1+1", "", "", "", "", ""]], actor=county_clerk)
    names = set(Learner.objects.values_list("name", flat=True))
    assert names == {text.strip() for text in FORMULAS}
    client = signed_in(county_clerk)
    files = [
        client.get(reverse("learners:import_errors", args=[found.pk])),
        client.get(reverse("learners:import_rows", args=[found.pk])),
    ]
    # The file of learners is made by the worker: test_exports holds the same of it.
    texts = []
    for file in files:
        book = openpyxl.load_workbook(io.BytesIO(file.content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
        assert not any(cell.hyperlink for cell in cells)
        texts += [cell.value for cell in cells]
    assert {text.strip() for text in FORMULAS} <= set(texts)
    for text in FORMULAS:
        assert guard_csv_cell(text) == f"'{text}"


MARKUP = ["<script>alert(1)</script>", "{{7*7}}", "'; DROP TABLE learners_learner; --"]


@pytest.mark.parametrize("text", MARKUP)
def test_row_19_markup_is_shown_as_it_was_typed(text, signed_in, county_clerk):
    row = [1, text, factories.make_id_number(1), text, "丽水街道", text, text]
    found = imported([row], actor=county_clerk)
    learner = Learner.objects.get()
    client = signed_in(county_clerk)
    for address in (
        reverse("learners:import_detail", args=[found.pk]),
        reverse("learners:learner_detail", args=[learner.pk]),
        reverse("learners:learner_list"),
    ):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "49" not in learner.name
        assert learner.name.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;") in page


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<link rel="stylesheet" href="https://example.com/a.css">',
    ],
)
def test_row_20_a_certificate_fetches_no_file_and_no_address(markup):
    with pytest.raises(RenderError) as caught:
        Layer(f"<html><body>{markup}</body></html>", "landscape")
    assert caught.value.code == RenderErrorCode.FORBIDDEN_RESOURCE


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026.3.5", date(2026, 3, 5)),
        ("2026年3月5日", date(2026, 3, 5)),
        ("二〇二六年三月五日", date(2026, 3, 5)),
        ("二○二六年十二月二十一日", date(2026, 12, 21)),
        ("二〇二六年十月三十日", date(2026, 10, 30)),
        (46000, date(2025, 12, 9)),
        ("46000", date(2025, 12, 9)),
        # Year first or last, nobody can tell; and a day that does not exist.
        ("26/3/5", None),
        ("3/5/2026", None),
        ("2026-02-30", None),
        ("二〇二六年三月", None),
    ],
)
def test_row_21_days_are_read_or_left_open_never_guessed(written, day):
    assert normalise.day(written) == day


def test_row_21_a_birth_date_that_differs_is_told_and_the_number_wins():
    header = [*HEADER, "出生年月"]
    (row,) = make_rows(7, 7)
    for written, expected in (
        ("1985年6月", []),
        ("一九八五年六月", []),
        ("二〇二六年三月", ["BIRTH_MISMATCH"]),
        ("26/3/5", []),
    ):
        found = checked(content=make_xlsx([[*row, written]], header))
        stored = found.rows.exclude(verdict="SKIPPED").get()
        assert stored.codes == expected, written
        assert judged_row(stored).fields["birth_date"] == "1985-06-01"


def test_row_21_the_day_of_the_roster_is_asked_again(signed_in, county_clerk):
    address = reverse("learners:import_create")
    for written in ("26/3/5", "2026-02-30", "二〇二六年三月"):
        answer = signed_in(county_clerk).post(address, {"as_of": written})
        assert answer.status_code == 422
        assert answer.context["form"].errors["as_of"]


@pytest.mark.parametrize(
    ("written", "phone", "expected"),
    [
        ("+86 138 0000 0007", "13800000007", []),
        ("0086-13800000007", "13800000007", []),
        ("１３８００００ ０００７", "13800000007", []),
        (13800000007, "13800000007", []),
        ("138000000071", "", ["PHONE_INVALID"]),
        ("0376-2121212", "", ["PHONE_INVALID"]),
        ("13800000007/13911112222", "13800000007", ["PHONE_MULTIPLE"]),
        ("", "", ["PHONE_MISSING"]),
    ],
)
def test_row_22_telephones(written, phone, expected):
    row = judged(phone=written)
    assert row.fields["phone"] == phone
    assert [finding.code for finding in row.findings] == expected


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1.2万", Decimal(12_000)),
        ("１２，０００元", Decimal(12_000)),
        # A comma between one digit and another could mean 1.2 or 12.
        ("1,2万", None),
        ("一万二", None),
        ("约三千", None),
        ("1e12", None),
    ],
)
def test_row_23_incomes_are_read_or_refused(typed, amount):
    assert parse_amount(typed) == amount


@pytest.mark.parametrize(("typed", "code"), [("-5", "negative"), ("1000000000000", "too_high")])
def test_row_23_incomes_out_of_range_are_refused(typed, code, county_clerk):
    household = factories.make_household()
    facts = EarningsFacts(
        today(), EarningsReport.Kind.INCOME, parse_amount(typed), EarningsReport.Grade.SPOKEN
    )
    with pytest.raises(IncubationError) as caught:
        report_earnings(household=household, facts=facts, actor=county_clerk)
    assert caught.value.code == f"amount_{code}"
    assert not EarningsReport.objects.exists()


def test_row_24_places_are_never_the_first_that_fits(county_clerk):
    """An unknown place, one that fits two, and two villages of one name in different townships."""
    factories.make_region("411521101", "周党乡")
    factories.make_region("411521101200", "曹村村民委员会")
    for written, expected in (
        ({"township": "没有镇"}, ["TOWNSHIP_UNKNOWN"]),
        ({"township": "周党"}, ["TOWNSHIP_AMBIGUOUS"]),
        ({"township": "", "village": "曹村"}, ["TOWNSHIP_UNKNOWN"]),
        ({"township": "周党镇", "village": "没有村"}, ["VILLAGE_UNKNOWN"]),
    ):
        row = judged(**written)
        assert [finding.code for finding in row.findings] == expected
        assert not row.fields.get("village_code")
    for township in ("周党镇", "周党乡"):
        row = judged(township=township, village="曹村")
        home = Region.objects.get(code=row.fields["village_code"])
        assert home.parent.name == township


def test_row_24_a_county_that_fits_nothing_stands_in_no_other(county_clerk):
    (row,) = make_rows(7, 7)
    found = checked(content=make_xlsx([[*row, "光山县"]], [*HEADER, "县"]))
    stored = found.rows.exclude(verdict="SKIPPED").get()
    assert stored.verdict == "ERROR"
    assert stored.codes == ["TOWNSHIP_UNKNOWN"]
