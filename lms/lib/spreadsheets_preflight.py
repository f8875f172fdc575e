"""Look at an uploaded file before any spreadsheet parser sees it.

Knows nothing of Django: the reading child process imports it too. A refusal is a code; the
words that a user reads belong to `lms.lib.spreadsheets`.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

_CHUNK = 1 << 16
_MOST_HELD = 16
_DIRECTORY_BYTES_PER_MEMBER = 1 << 10
_MARKUP = (b"<", b"mime-version:", b"{\\rtf")
_OTHER_FORMATS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".et"})
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")  # tables exported as text are often called .xls
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    expat.ExpatError,
    NotImplementedError,
    struct.error,
    UnicodeError,
    ValueError,
)


class RefusedError(Exception):
    """The file is not read; `code` says why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Limits:
    file_bytes: int = 20 << 20
    unpacked_bytes: int = 200 << 20
    members: int = 200
    rows: int = 200_000
    columns: int = 100
    text_bytes: int = 100 << 20
    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60
    wall_seconds: int = 120


@dataclass
class Package:
    """What the scan of an .xlsx learnt of each sheet, by its name: its hidden rows (1-based), and
    the widths of its columns (counted from 0) where it sets them."""

    hidden_rows: dict[str, list[int]] = field(default_factory=dict)
    widths: dict[str, dict[int, float]] = field(default_factory=dict)


def detect_kind(data: bytes, filename: str, limits: Limits) -> str:
    """ "xlsx", "xls" or "text" by the bytes themselves; the name only tells WPS files apart."""
    if not data:
        raise RefusedError("FILE_EMPTY")
    if len(data) > limits.file_bytes:
        raise RefusedError("FILE_TOO_LARGE")
    suffix = Path(filename).suffix.lower()
    if data.startswith(_OLE):
        return _ole_kind(data, suffix)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    if data.startswith(_OTHER_FORMATS):
        raise RefusedError("FILE_NOT_A_TABLE")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise RefusedError("FILE_SAVE_AS_XLSX")
    if suffix in _WORKBOOK_SUFFIXES and b"\0" in data and not data.startswith(_UTF16_MARKS):
        raise RefusedError("FILE_DAMAGED")
    return "text"


def _ole_kind(data: bytes, suffix: str) -> str:
    if _ENCRYPTED_STREAM in data:
        raise RefusedError("FILE_ENCRYPTED")
    if suffix in {".et", ".ett", ".doc", ".wps", ".ppt"}:
        raise RefusedError("FILE_SAVE_AS_XLSX")
    return "xls"


def scan_package(data: bytes, limits: Limits) -> Package:
    """Walk a whole .xlsx once, unpacking in small pieces and keeping none of them."""
    _check_directory_size(data, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _scan_archive(archive, limits)
    except _DAMAGED as error:
        raise RefusedError("FILE_DAMAGED") from error
    except RuntimeError as error:  # zipfile's answer to a member with a password
        raise RefusedError("FILE_ENCRYPTED") from error


def _check_directory_size(data: bytes, limits: Limits) -> None:
    """Refuse a long list of members before zipfile builds an object for each of them."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or end + 22 > len(data):
        raise RefusedError("FILE_DAMAGED")
    members, size = struct.unpack_from("<HL", data, end + 10)
    if data[end - 20 : end - 16] == b"PK\x06\x07":
        (record,) = struct.unpack_from("<Q", data, end - 12)
        if data[record : record + 4] != b"PK\x06\x06" or record + 56 > len(data):
            raise RefusedError("FILE_DAMAGED")
        members, size = struct.unpack_from("<QQ", data, record + 32)
    if members > limits.members or size > limits.members * _DIRECTORY_BYTES_PER_MEMBER:
        raise RefusedError("FILE_TOO_MANY_PARTS")


def _scan_archive(archive: zipfile.ZipFile, limits: Limits) -> Package:
    members = archive.infolist()
    if len(members) > limits.members:
        raise RefusedError("FILE_TOO_MANY_PARTS")
    if sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise RefusedError("FILE_UNPACKS_TOO_LARGE")
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise RefusedError(
            "FILE_SAVE_AS_XLSX" if "xl/workbook.bin" in names else "FILE_NOT_A_TABLE"
        )
    budget = _Budget(limits.unpacked_bytes)
    sheet_names = _sheet_parts(archive, budget)
    package = Package()
    for member in members:
        if member.filename in sheet_names:
            scan = _SheetScan(limits)
            _scan_sheet(budget.pieces(archive, member), scan)
            package.hidden_rows[sheet_names[member.filename]] = scan.hidden_rows
            package.widths[sheet_names[member.filename]] = scan.widths
        elif member.filename.endswith((".xml", ".rels", ".vml")):
            _parse(budget.pieces(archive, member), None)
        else:
            for _piece in budget.pieces(archive, member):
                pass
    return package


class _Budget:
    """Counts what really comes out of the archive, for its directory may lie about sizes."""

    def __init__(self, unpacked_bytes: int) -> None:
        self.left = unpacked_bytes

    def pieces(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
        with archive.open(member) as stream:
            while piece := stream.read(_CHUNK):
                self.left -= len(piece)
                if self.left < 0:
                    raise RefusedError("FILE_UNPACKS_TOO_LARGE")
                yield piece


def _sheet_parts(archive: zipfile.ZipFile, budget: _Budget) -> dict[str, str]:
    """Member name -> sheet name, as the workbook's own list and its relations say."""
    titles: dict[str, str] = {}
    targets: dict[str, str] = {}

    def on_workbook(name: str, attributes: list[str]) -> None:
        if _local(name) == "sheet":
            known = _by_local_name(attributes)
            titles[known.get("id", "")] = known.get("name", "")

    def on_relation(name: str, attributes: list[str]) -> None:
        if _local(name) == "Relationship":
            known = _by_local_name(attributes)
            targets[known.get("Id", "")] = known.get("Target", "")

    _parse(budget.pieces(archive, archive.getinfo("xl/workbook.xml")), on_workbook)
    try:
        relations = archive.getinfo("xl/_rels/workbook.xml.rels")
    except KeyError as error:
        raise RefusedError("FILE_DAMAGED") from error
    _parse(budget.pieces(archive, relations), on_relation)
    return {
        posixpath.normpath(posixpath.join("/xl", targets[key]))[1:]: title
        for key, title in titles.items()
        if key in targets
    }


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _by_local_name(attributes: list[str]) -> dict[str, str]:
    return {
        _local(name): value for name, value in zip(attributes[::2], attributes[1::2], strict=True)
    }


def _refuse_doctype(*_: object) -> None:
    raise RefusedError("FILE_HAS_DOCTYPE")


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _parse(pieces: Iterator[bytes], start: Callable[[str, list[str]], None] | None) -> None:
    parser = _parser()
    parser.StartElementHandler = start
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _scan_sheet(pieces: Iterator[bytes], scan: _SheetScan) -> None:
    """Follow every element, but call into Python for those alone that could say anything.

    Most pieces hold nothing but shown rows and cells near the corner: one search tells, and the
    parser then only looks whether they are well formed.
    """
    parser, is_first, is_told_by_look = _parser(), True, False
    for piece in _whole_tags(pieces):
        if is_first:  # nothing is told by its look in other encodings than this
            is_first, is_told_by_look = False, bool(_IN_UTF8(piece))
            parser.StartElementHandler = scan.start
        elif is_told_by_look:
            is_whole = piece.startswith(b"<")  # else it may end a tag that began before it
            is_passed = is_whole and scan.pass_over(piece)
            parser.StartElementHandler = None if is_passed else scan.start
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _whole_tags(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut where a tag begins; a text or tag of great length is cut anywhere."""
    rest: list[bytes] = []
    for piece in pieces:
        at = piece.rfind(b"<")
        if at >= 0 and (rest or at):
            yield b"".join([*rest, piece[:at]])
            rest, piece = [], piece[at:]
        rest.append(piece)
        if len(rest) > _MOST_HELD:
            yield b"".join(rest)
            rest = []
    yield b"".join(rest)


_WIDEST = 255
_VALUES = frozenset({"v", "is", "f"})
# A1 to CV199999, with what of the limits this presumes.
_NEAR = r"(?:[AB]?[A-Z]|C[A-V])(?:[1-9][0-9]{0,4}|1[0-9]{5})"
_NEAR_COLUMNS, _NEAR_ROWS = 100, 199_999
_is_near = re.compile(_NEAR).fullmatch
_IN_UTF8 = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding=["']utf-8["']""", re.I).match
# The beginning of anything but an end, a near cell, a shown row, or an element that says nothing.
_find_telling = re.compile(
    rf"""<(?!/|c\ r="{_NEAR}"|v>|row\ r="[0-9]{{1,6}}"(?![^<]*hidden)
    |(?!(?:c|row|col)[\s/>])[A-Za-z0-9]+[\s/>])""".encode(),
    re.VERBOSE,
).search
_ROW = b'<row r="'
_row_at = re.compile(rb'<row r="([0-9]+)"').match


class _SheetScan:
    """Follows one sheet's cells: how far those with a value reach, and which rows are hidden.

    Cells that carry only a format are let through however far they reach; office programs write
    them up to the last column of the sheet when a whole row was formatted.
    """

    def __init__(self, limits: Limits) -> None:
        self.hidden_rows: list[int] = []
        self.widths: dict[int, float] = {}
        self._max_row = limits.rows
        self._columns = frozenset(_column_names(limits.columns))
        self._max_column = limits.columns
        self._is_roomy = limits.columns >= _NEAR_COLUMNS and limits.rows >= _NEAR_ROWS
        self._row = 0
        self._column = 0
        self._beyond = False

    def pass_over(self, piece: bytes) -> bool:
        """Whether no element of these bytes, cut between tags, need be looked at by `start`."""
        if self._beyond or not self._is_roomy or _find_telling(piece):
            return False
        row = _row_at(piece, piece.rfind(_ROW)) if _ROW in piece else None
        if row:  # those below it may have no number of their own
            self._row, self._column = int(row[1]), 0
        return True

    def start(self, name: str, attributes: list[str]) -> None:
        if name == "c":
            if self._is_roomy and attributes and attributes[0] == "r" and _is_near(attributes[1]):
                self._beyond = False
            else:
                self._cell(attributes)
        elif name in _VALUES:
            if self._beyond:
                raise RefusedError("FILE_TOO_MANY_CELLS")
        elif name == "row":
            self._start_row(attributes)
        elif name == "col":
            self._start_column(attributes)
        elif ":" in name:
            self.start(_local(name), attributes)
        else:
            self._beyond = False

    def _start_row(self, attributes: list[str]) -> None:
        known = dict(zip(attributes[::2], attributes[1::2], strict=True))
        self._row = int(known["r"]) if "r" in known else self._row + 1
        self._column = 0
        self._beyond = False
        if known.get("hidden") in ("1", "true"):
            self.hidden_rows.append(self._row)

    def _start_column(self, attributes: list[str]) -> None:
        """One width for a run of columns, which may reach to the end of the sheet."""
        known = dict(zip(attributes[::2], attributes[1::2], strict=True))
        width = float(known.get("width", "nan"))
        first, last = int(known.get("min", "1")), int(known.get("max", "0"))
        if 0 < width <= _WIDEST:
            for column in range(max(first, 1), min(last, self._max_column) + 1):
                self.widths[column - 1] = width

    def _cell(self, attributes: list[str]) -> None:
        reference = ""
        for at in range(0, len(attributes), 2):
            if attributes[at] == "r":
                reference = attributes[at + 1]
        if not reference:
            self._column += 1
            self._beyond = self._column > self._max_column or self._row > self._max_row
            return
        letters = reference.rstrip("0123456789")
        self._beyond = (
            letters not in self._columns or int(reference[len(letters) :]) > self._max_row
        )


def _column_names(count: int) -> Iterator[str]:
    for number in range(count):
        first, second = divmod(number, 26)
        yield (chr(64 + first) if first else "") + chr(65 + second)


def read_limited(stream: BinaryIO, limits: Limits) -> bytes:
    """At most one byte more than is allowed, so that a huge upload is not read to its end."""
    return stream.read(limits.file_bytes + 1)
