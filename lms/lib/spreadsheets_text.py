"""Tables that come as text: which encoding, which delimiter, and what their records are."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from lms.lib.spreadsheets_preflight import Limits, RefusedError

_DELIMITERS = ",\t;|"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_LINES = 50


def decode_text(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding; never a guess that would store garbled names."""
    text, encoding = _decode(data)
    if "\0" in text:
        raise RefusedError("TEXT_HAS_NUL")
    return text, encoding


def _decode(data: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decode_as(data, (encoding,))
    if b"\0" in data:
        return _decode_utf16_without_bom(data)
    text, encoding = _decode_as(data, ("utf-8", "gbk", "gb18030"))
    if encoding != "utf-8" and _is_damaged_utf8(data):
        raise RefusedError("TEXT_ENCODING")
    return text, encoding


def _decode_as(data: bytes, encodings: tuple[str, ...]) -> tuple[str, str]:
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise RefusedError("TEXT_ENCODING")


def _decode_utf16_without_bom(data: bytes) -> tuple[str, str]:
    """ASCII characters of a table leave zero bytes, all of them on one side."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    encoding = "utf-16-be" if even > odd else "utf-16-le"
    text, _encoding = _decode_as(data, (encoding,)) if len(data) % 2 == 0 else ("", "")
    if not any(delimiter in text for delimiter in _DELIMITERS):
        raise RefusedError("TEXT_HAS_NUL")
    return text, encoding


def _is_damaged_utf8(data: bytes) -> bool:
    """Nearly everything reads as UTF-8, so a second reading as GBK would only garble it.

    Of true GBK text more than half of the bytes make no UTF-8.
    """
    wide = sum(1 for byte in data if byte >= 0x80)
    read = data.decode("utf-8", "replace")
    wrong = read.count("�")
    return bool(wide) and wrong * 5 < wide


def find_delimiter(text: str) -> str:
    """The character that splits most of the first lines into the same, largest number of cells."""
    sample = text[:65_536].splitlines()[:_SAMPLE_LINES]
    best, best_score = ",", 0
    for delimiter in _DELIMITERS:
        counts = sorted(line.count(delimiter) for line in sample if line.strip())
        score = counts[len(counts) // 2] if counts else 0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def read_records(text: str, limits: Limits) -> Iterator[list[str | None]]:
    """Records as a CSV reader counts them; an empty cell is None."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text), strict=True)
    try:
        for number, record in enumerate(reader, 1):
            if number > limits.rows or len(record) > limits.columns:
                _refuse_overlong(record, number, limits)
            yield [cell or None for cell in record[: limits.columns]]
    except csv.Error as error:
        raise RefusedError("TEXT_QUOTES", str(reader.line_num)) from error


def _refuse_overlong(record: list[str], number: int, limits: Limits) -> None:
    """Empty cells beyond the limit are what a spreadsheet program leaves behind."""
    if (number > limits.rows and any(record)) or any(record[limits.columns :]):
        raise RefusedError("FILE_TOO_MANY_CELLS")
