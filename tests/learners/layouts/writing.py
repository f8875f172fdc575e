"""Rosters written by hand: every row stands beside the truth that the policy gives it.

The truth is stated, never read back: nothing here imports the product.
"""

import csv
import gzip
import io
import json
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import openpyxl
import xlsxwriter

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "regions" / "data"
ABOVE, LEFT = "^", "<"  # this cell is merged with the one above, to the left
ETHNIC = {"": "", "汉族": "01", "蒙古族": "02", "回族": "03", "藏族": "04", "维吾尔族": "05"}
FIELDS = {
    "NAME": ("name", "name"),
    "ID": ("id_number", "id"),
    "DUP": ("id_number", "id"),
    "FIELDS": ("id_number", "id"),
    "TOWNSHIP": ("township", "township"),
    "VILLAGE": ("village", "village"),
    "SEX": ("sex", "sex"),
    "BIRTH": ("birth_date", "birth"),
    "AGE": ("birth_date", "birth"),
    "PHONE": ("phone", "phone"),
    "HOUSEHOLD": ("household_type", "kind"),
    "HIDDEN": ("", ""),
}
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
GIVEN = ["玉兰", "志远", "秀珍", "建军", "春梅", "永福", "改芹", "德胜", "小燕", "国庆", "文", "静"]


class Formula(NamedTuple):
    """What a spreadsheet has computed, or not yet."""

    text: str
    value: str = ""


class Rich(NamedTuple):
    """Text of which the first part is bold."""

    bold: str
    rest: str


def _names():
    names = {}
    for file in ("regions.csv.gz", "villages_demo.csv.gz"):
        with gzip.open(DATA / file, "rt", encoding="utf-8") as stream:
            names.update((row["code"], row["name"]) for row in csv.DictReader(stream))
    return names


NAMES = _names()


def number(body):
    """A whole ID number from its first 17 digits."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def wide(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


class Page:
    """One sheet, or a whole text file."""

    def __init__(self, roster, name, columns, *, hidden=False, left=0, serial=None, always=()):
        self.roster, self.name, self.columns = roster, name, columns
        self.hidden, self.left, self.serial, self.always = hidden, left, serial, tuple(always)
        self.rows, self.hidden_rows, self.people = [], [], 0

    def skip(self, reason, *cells, hidden=False):
        """A row that is no person; cells only from the first column on."""
        self._add(list(cells), hidden)
        if not self.hidden:
            self.roster.skipped.append(
                {"sheet": self.name, "row": len(self.rows), "reason": reason}
            )

    def ignored(self, *cells):
        """A row of a sheet that is left out as a whole."""
        self._add(list(cells), False)

    def person(self, name, body, phone, place, kind, /, *warnings, **more):
        """The truth by position; by keyword what the file has instead of it."""
        self.people += 1
        error, dup = more.pop("error", ""), more.pop("dup", None)
        stated = more.pop("truth", {})
        hidden, marks = more.pop("hidden", False), more.pop("attended", None)
        ethnic = more.pop("truth_ethnic", "汉族" if "ethnic" in self.columns else "")
        truth = {
            "name": name,
            "sex": "男" if int(body[16]) % 2 else "女",
            "id_number": number(body),
            "birth_date": f"{body[6:10]}-{body[10:12]}-{body[12:14]}",
            "ethnic": ethnic,
            "ethnic_code": ETHNIC[ethnic],
            "phone": phone,
            "county_code": place[:6],
            "township": NAMES[place[:9]],
            "township_code": place[:9],
            "village": NAMES[place] if len(place) == 12 else "",
            "village_code": place if len(place) == 12 else "",
            "household_type": kind,
            **stated,
        }
        if marks:
            truth["attendance_rate"], truth["attendance_qualified"] = marks
        cells = self._cells(truth, more)
        self._add([cells.get(column) for column in self.columns], hidden)
        return self._judge(truth, cells, [*warnings, *self.always], error, dup)

    def fill(self, places, kind, /, *warnings, **more):
        """Plain people, one a place, to whom nothing happens but what is said here."""
        for place in places:
            n = self.roster.next_plain()
            name = SURNAMES[n % 30] + GIVEN[n % 12]
            body = f"{place[:6]}19{66 + n % 29}{n % 12 + 1:02d}{n % 28 + 1:02d}{n:03d}"
            self.person(name, body, f"1547{n * 7919 % 10**7:07d}", place, kind, *warnings, **more)

    def _cells(self, truth, more):
        serial = self.serial(len(self.rows) + 1) if self.serial else self.people
        cells = {
            "serial": serial,
            "name": truth["name"],
            "sex": truth["sex"],
            "id": truth["id_number"],
            "birth": truth["birth_date"],
            "ethnic": truth["ethnic"],
            "phone": truth["phone"] or None,
            "county": NAMES[truth["county_code"]],
            "township": truth["township"],
            "village": truth["village"] or None,
            "kind": truth["household_type"] or None,
        }
        unknown = set(more) - set(self.columns)
        assert not unknown, unknown
        return cells | more

    def _add(self, cells, hidden):
        self.rows.append([None] * self.left + cells)
        if hidden:
            self.hidden_rows.append(len(self.rows))

    def _judge(self, truth, cells, warnings, error, dup):
        at = {"sheet": self.name, "row": len(self.rows)}
        if self.hidden:
            return at
        found = [(code, "warning") for code in warnings]
        if error:
            found = [(error, "error")]
        else:
            _check(truth, warnings, self.roster.as_of)
            self.roster.clean.append({**at, **truth})
        for code, severity in found:
            field, column = FIELDS[code.split("_")[0]]
            value = cells.get(column)
            value = value.isoformat() if isinstance(value, date) else value
            row = {**at, "severity": severity, "code": code, "field": field, "value": value}
            self.roster.errors.append(row | ({"dup_of": dup} if dup else {}))
        return at


def _check(truth, warnings, as_of):
    """Slips of the hand: the warnings and the fields of a row must tell the same story."""
    born = date.fromisoformat(truth["birth_date"])
    age = as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
    told = {
        "AGE_OUT_OF_RANGE": age < 16 or age > 65,
        "VILLAGE_UNKNOWN": not truth["village"],
        "HOUSEHOLD_TYPE_UNKNOWN": not truth["household_type"],
    }
    for code, holds in told.items():
        assert holds == (code in warnings), (truth, code, age)
    no_phone = {"PHONE_MISSING", "PHONE_INVALID"} & set(warnings)
    assert bool(no_phone) == (not truth["phone"]), (truth, warnings)


class Roster:
    """A file, and what the importer has to say of it."""

    def __init__(self, file, description, region, as_of):
        self.file, self.description, self.region = file, description, region
        self.as_of = date.fromisoformat(as_of)
        self.pages, self.clean, self.errors, self.skipped = [], [], [], []
        self.plain = int(file[:2]) * 40

    def next_plain(self):
        self.plain += 1
        return self.plain

    def page(self, name, columns, **more):
        self.pages.append(Page(self, name, columns.split(), **more))
        return self.pages[-1]

    def text(self, delimiter, encoding, *, newline="\r\n", quoted=False):
        stream = io.StringIO()
        quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
        writer = csv.writer(stream, delimiter=delimiter, lineterminator=newline, quoting=quoting)
        (page,) = self.pages
        writer.writerows(page.rows)
        self._write(stream.getvalue().encode(encoding))

    def workbook(self):
        stream = io.BytesIO()
        options = {"strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(stream, options) as book:
            book.set_properties({"created": datetime(2021, 1, 1)})  # noqa: DTZ001
            formats = {
                "day": book.add_format({"num_format": "yyyy-mm-dd"}),
                "bold": book.add_format({"bold": True}),
            }
            for page in self.pages:
                sheet = book.add_worksheet(page.name)
                _write_sheet(sheet, page, formats)
            first = next(p for p in self.pages if not p.hidden)
            book.get_worksheet_by_name(first.name).activate()
        self._write(stream.getvalue())

    def saved_by_openpyxl(self):
        """As other programs save: no value beside a formula, dates and numbers as they come."""
        book = openpyxl.Workbook()
        book.remove(book.active)
        for page in self.pages:
            sheet = book.create_sheet(page.name)
            sheet.sheet_state = "hidden" if page.hidden else "visible"
            for row in page.hidden_rows:
                sheet.row_dimensions[row].hidden = True
            for row, cells in enumerate(page.rows):
                for column, value in enumerate(cells):
                    if value in (None, ABOVE, LEFT):
                        continue
                    at = {"row": row + 1, "column": column + 1}
                    sheet.cell(**at, value=value.text if isinstance(value, Formula) else value)
                    low, right = _span(page.rows, row, column)
                    if (low, right) != (row, column):
                        sheet.merge_cells(
                            start_row=row + 1,
                            start_column=column + 1,
                            end_row=low + 1,
                            end_column=right + 1,
                        )
        stream = io.BytesIO()
        book.save(stream)
        self._write(_without_days(stream))

    def _write(self, content):
        (HERE / self.file).write_bytes(content)
        truth = {
            "file": self.file,
            "description": self.description,
            "as_of": self.as_of.isoformat(),
            "county_code": self.region,
            "policy": "RULES.md v1",
            "counts": self._counts(),
            "clean": self.clean,
            "errors": self.errors,
            "skipped": self.skipped,
        }
        text = json.dumps(truth, ensure_ascii=False, indent=1)
        # One row a line: a person reads it.
        text = re.sub(r"\n   +(?=[\"}])", " ", text)
        text = re.sub(r"\n  (?=})", " ", text)
        (HERE / f"{self.file}.truth.json").write_text(text + "\n", encoding="utf-8")

    def _counts(self):
        rejected = [row for row in self.errors if row["severity"] == "error"]
        codes = [row["code"] for row in self.errors]
        return {
            "person_rows": len(self.clean) + len(rejected),
            "clean_rows": len(self.clean),
            "rejected_rows": len(rejected),
            "warnings": len(self.errors) - len(rejected),
            "skipped_rows": len(self.skipped),
            "by_code": {code: codes.count(code) for code in sorted(set(codes))},
        }


def _without_days(stream):
    """The same package whenever it is made."""
    made = io.BytesIO()
    with zipfile.ZipFile(stream) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as kept:
        for part in given.infolist():
            content = given.read(part)
            if part.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2021-01-01T00:00:00Z", content)
            kept.writestr(zipfile.ZipInfo(part.filename), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _write_sheet(sheet, page, formats):
    if page.hidden == "very":
        sheet.very_hidden()
    elif page.hidden:
        sheet.hide()
    for row in page.hidden_rows:
        sheet.set_row(row - 1, None, None, {"hidden": True})
    for row, cells in enumerate(page.rows):
        for column, value in enumerate(cells):
            last = _span(page.rows, row, column)
            if value not in (None, ABOVE, LEFT) and last != (row, column):
                sheet.merge_range(row, column, *last, "")
            _write_cell(sheet, row, column, value, formats)


def _write_cell(sheet, row, column, value, formats):
    if isinstance(value, Formula):
        sheet.write_formula(row, column, value.text, None, value.value)
    elif isinstance(value, Rich):
        sheet.write_rich_string(row, column, formats["bold"], value.bold, value.rest)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value, formats["day"])
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value not in (None, ABOVE, LEFT):
        sheet.write_string(row, column, value)


def _span(rows, row, column):
    """The last cell of the merged range that begins here."""
    right = column
    while right + 1 < len(rows[row]) and rows[row][right + 1] == LEFT:
        right += 1
    low = row
    while low + 1 < len(rows) and column < len(rows[low + 1]) and rows[low + 1][column] == ABOVE:
        low += 1
    return low, right
