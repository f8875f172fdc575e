"""Read the tables that people upload, and write the tables that they download.

`read_workbook` never trusts a file: see `spreadsheets_preflight` for what is looked at first
and `spreadsheets_child` for the process in which a workbook is parsed.
"""

from __future__ import annotations

import dataclasses
import io
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.lib.spreadsheets_preflight import Limits, RefusedError, detect_kind, read_limited
from lms.lib.spreadsheets_text import decode_text, read_records

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Cell = str | float | int | bool | date | None

_PROJECT = Path(__file__).resolve().parents[2]
_CHILD = (sys.executable, "-m", "lms.lib.spreadsheets_child")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")
_LONGEST_CELL = 32_767

MESSAGES: dict[str, StrPromise] = {
    "FILE_EMPTY": _("The file is empty (0 bytes). Check that it was saved, then upload it again."),
    "FILE_TOO_LARGE": _(
        "The file is larger than 20 MB. Remove pictures or split it, then upload it again."
    ),
    "FILE_UNPACKS_TOO_LARGE": _(
        "The file unpacks to more than 200 MB, which no roster does. "
        "Copy the rows into a new workbook, save it as .xlsx and upload that."
    ),
    "FILE_TOO_MANY_PARTS": _(
        "The file holds too many parts (more than 200). "
        "Copy the rows into a new workbook, save it as .xlsx and upload that."
    ),
    "FILE_TOO_MANY_CELLS": _(
        "A sheet goes beyond the limit of 200,000 rows or 100 columns. "
        "Delete what stands far right or far below, or split the table, then upload it again."
    ),
    "FILE_TOO_COMPLEX": _(
        "The file could not be read within the memory and time allowed. "
        "Copy the rows into a new workbook, save it as .xlsx and upload that."
    ),
    "FILE_HAS_DOCTYPE": _(
        "The file contains a document type declaration, which no office program writes. "
        "It was refused for safety. Copy the rows into a new workbook and upload that."
    ),
    "FILE_ENCRYPTED": _(
        "The file is protected with a password and cannot be read. "
        "Remove the password in the office program, save it and upload it again."
    ),
    "FILE_SAVE_AS_XLSX": _(
        "This kind of file cannot be read. "
        "Open it in Excel or WPS, choose Save as, type Excel workbook (.xlsx), and upload that."
    ),
    "FILE_NOT_A_TABLE": _(
        "The file is not a table (it may be a PDF, a picture or an archive). "
        "Upload an Excel workbook (.xlsx) or a CSV file."
    ),
    "FILE_DAMAGED": _(
        "The file is damaged or incomplete. "
        "Open it in Excel or WPS, save it again as .xlsx and upload that."
    ),
    "TEXT_HAS_NUL": _(
        "The text file contains zero bytes and cannot be read. "
        "Save it as an Excel workbook (.xlsx) and upload that."
    ),
    "TEXT_ENCODING": _(
        "The encoding of the text file could not be recognised, so names would be garbled. "
        "Save it as an Excel workbook (.xlsx) or as CSV UTF-8 and upload that."
    ),
    "TEXT_QUOTES": _(
        "The quotation marks near line %(detail)s of the text file do not match. "
        "Correct them, or save the table as an Excel workbook (.xlsx), and upload that."
    ),
}


class FileError(Exception):
    """The whole file is refused; `message` says what is wrong, why, and what to do next."""

    def __init__(self, code: str, message: Promise | str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self._message = message

    @property
    def message(self) -> str:
        text = str(self._message)
        return text % {"detail": self.detail} if "%(detail)s" in text else text


class MergedRange(NamedTuple):
    """Rows are 1-based as users see them, columns 0-based as `Sheet.rows` holds them."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass
class Sheet:
    """`rows[0]` is row 1. Cells keep the type that the file gave them; an empty one is None."""

    name: str | None
    visible: bool = True
    rows: list[list[Cell]] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    merged: list[MergedRange] = field(default_factory=list)
    #: Of the columns (counted from 0) that the file gives one.
    widths: dict[int, float] = field(default_factory=dict)


@dataclass
class Workbook:
    sheets: list[Sheet]
    filename: str = ""
    kind: str = "xlsx"
    encoding: str = ""


def read_workbook(
    source: Path | bytes | BinaryIO, filename: str = "", limits: Limits | None = None
) -> Workbook:
    """Every sheet of an .xlsx, .xls, CSV or tab-separated file; raises only `FileError`."""
    limits = limits or Limits()
    try:
        data, filename = _take(source, filename, limits)
        kind = detect_kind(data, filename, limits)
        if kind == "text":
            return _read_text(data, filename, limits)
        return Workbook(_read_in_child(data, kind, limits), filename, kind)
    except RefusedError as refusal:
        raise FileError(refusal.code, MESSAGES[refusal.code], refusal.detail) from refusal


def _take(source: Path | bytes | BinaryIO, filename: str, limits: Limits) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, filename
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return read_limited(stream, limits), filename or source.name
    return read_limited(source, limits), filename


def _read_text(data: bytes, filename: str, limits: Limits) -> Workbook:
    text, encoding = decode_text(data)
    rows = cast(list[list[Cell]], list(read_records(text, limits)))
    if not any(any(row) for row in rows):
        raise RefusedError("FILE_EMPTY")
    return Workbook([Sheet(None, rows=rows)], filename, "csv", encoding)


def _read_in_child(data: bytes, kind: str, limits: Limits) -> list[Sheet]:
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            [*_CHILD, kind, json.dumps(dataclasses.asdict(limits))],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_PROJECT,
            env={"PYTHONUTF8": "1"},
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedError("FILE_TOO_COMPLEX") from error
    return list(_sheets(done.stdout))


def _sheets(output: bytes) -> Iterator[Sheet]:
    """Rebuild the sheets; an answer without its last line comes from a child that died."""
    sheet: Sheet | None = None
    for line in io.BytesIO(output):  # not split at once: that would hold it all twice
        message = _parse_line(line)
        if "error" in message:
            raise RefusedError(message["error"])
        if "rows" in message and sheet:
            sheet.rows.extend(message["rows"])
            continue
        if sheet:
            yield sheet
        if "end" in message:
            return
        sheet = Sheet(
            message["sheet"],
            message["visible"],
            hidden_rows=frozenset(message["hidden"]),
            merged=[_merged(first, last) for first, last in message["merged"]],
            widths=dict(message.get("widths", ())),
        )
    raise RefusedError("FILE_TOO_COMPLEX")


def _parse_line(line: bytes) -> dict[str, Any]:
    try:
        return cast(dict[str, Any], json.loads(line, object_hook=_typed))
    except ValueError as error:
        raise RefusedError("FILE_TOO_COMPLEX") from error


def _typed(message: dict[str, Any]) -> Any:
    if "date" not in message:
        return message
    moment = datetime.fromisoformat(message["date"])
    return moment if moment.time() != datetime.min.time() else moment.date()


def _merged(first: list[int], last: list[int]) -> MergedRange:
    return MergedRange(first[0] + 1, first[1], last[0] + 1, last[1])


def open_workbook(target: Path | str | IO[bytes]) -> xlsxwriter.Workbook:
    """A workbook for writing in which text stays text: no formula, no link, no lost digits.

    Rows must be written top to bottom; each is flushed when the next one begins.
    """
    return xlsxwriter.Workbook(
        str(target) if isinstance(target, Path) else target,
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "constant_memory": True,
        },
    )


def write_rows_xlsx(
    target: Path | str | IO[bytes], rows: Iterable[Iterable[Cell]], sheet_name: str = "Sheet1"
) -> None:
    """One sheet, every cell as text, so that an 18-digit number keeps all its digits."""
    with open_workbook(target) as workbook:
        sheet = workbook.add_worksheet(sheet_name)
        text_format = workbook.add_format({"num_format": "@"})
        for row_number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write_string(row_number, column, cell_text(value), text_format)


def cell_text(value: Cell) -> str:
    """A cell as the text to write; characters that no file can hold are replaced."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return text.encode("utf-8", "replace").decode()[:_LONGEST_CELL]


def guard_csv_cell(text: str) -> str:
    """Keep a spreadsheet program from reading a CSV cell as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
