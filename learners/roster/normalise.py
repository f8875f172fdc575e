"""What one cell means once the ways of writing it are taken away. Nothing here ever raises."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from lms.lib import idnumbers
from lms.lib.spreadsheets import Cell

_ALREADY_CLEAN = re.compile(r"[一-鿿]+|[A-Za-z0-9]+", re.ASCII)
_INVISIBLE = re.compile(
    r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\xad\x00-\x08\x0e-\x1f\x7f-\x9f]"
)
_BLANKS = re.compile(r"\s+")
_DASHES = re.compile(r"[\s\-‐-―−]+")
_HAN_NAME = re.compile(r"[一-鿿]{2,4}")
_HAN = re.compile(r"[㐀-鿿豈-\ufaff\U00020000-\U0003ffff]+")
_NAME_DOTS = re.compile(r"(?<=[^\x00-\x7f])\s*[•・.･‧·⋅∙]\s*(?=[^\x00-\x7f])")

_ROUND_DITTOS = "\u200b\ufeff \t\r\n\u3000\xa0"
DITTO_MARKS = frozenset({"同上", "〃", '"', "″", "“", "”", "′′", "〞", "仝上", "々"})

# In the order of GB/T 3304, whose two-digit codes count them.
_ETHNIC_NAMES = """
    汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲
    高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌
    普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴
    珞巴 基诺
"""
ETHNIC_CODES = {
    f"{name}族": f"{number:02d}" for number, name in enumerate(_ETHNIC_NAMES.split(), 1)
}
_ETHNIC_ALIASES = {"维族": "维吾尔族"}

HOUSEHOLD_TYPES: dict[str, tuple[str, ...]] = {
    "建档立卡贫困户": ("建档立卡", "贫困户", "建档立卡户"),
    "一般贫困户": ("一般贫困",),
    "低保贫困户": ("低保户", "低保贫困"),
    "特困供养贫困户": ("五保户", "特困户", "特困供养", "五保贫困户"),
    "脱贫户": ("脱贫人口", "已脱贫"),
    "脱贫不稳定户": ("脱贫监测户", "脱贫不稳定"),
    "边缘易致贫户": ("边缘户", "边缘易致贫"),
    "突发严重困难户": ("突发户", "突发困难户"),
    "一般农户": ("非贫困户", "普通农户"),
}
_TYPE_OF = {
    alias: official for official, others in HOUSEHOLD_TYPES.items() for alias in (official, *others)
}

_YES = frozenset(
    {
        "是",
        "有",
        "√",
        "✓",
        "✔",
        "☑",
        "1",
        "y",
        "yes",
        "true",
        "已结业",
        "结业",
        "合格",
        "已开",
        "已开设",
    }
)
_MARKS = {
    "present": "√ ✓ ✔ ☑ 到 1 签到 已到 出勤",
    "late": "迟 迟到",
    "leave": "假 请假 事假 病假",
    "absent": "× ✗ ✘ x X 缺 0 旷 缺勤 旷课 缺席",
}
ATTENDANCE_MARKS = {sign: mark for mark, signs in _MARKS.items() for sign in signs.split()}

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]\d{1,2}:.*)?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/.年]?(\d{1,2})月?", re.ASCII)
_DATE_RANGE = re.compile(
    r"(\d{4}\D\d{1,2}\D\d{1,2}日?)[-—–~至到]+(\d{4}\D\d{1,2}\D\d{1,2}日?)", re.ASCII
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(10_000, 80_000)

_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_HAN_TENS = re.compile(r"([一二三]?)十([一二三四五六七八九]?)(?=[月日])")

_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+", re.ASCII)
_COUNTRY_PREFIX = re.compile(r"(?:\+|00)?86(?=1[3-9]\d{9}$)", re.ASCII)
_PHONE_BREAKS = re.compile(r"[/、,，;；|\\和或\n]+")
_LONGEST_EXACT_NUMBER = 10**15


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=20_000)
def simplify(text: str) -> str:
    """Traditional characters as simplified ones, for headers, places and types only."""
    return text if text.isascii() else str(_converter().convert(text))


def cell_text(value: Cell) -> str:
    """The text of a cell, trimmed, half-width, without quotes put round it or invisible marks."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if _ALREADY_CLEAN.fullmatch(value) else _clean(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _LONGEST_EXACT_NUMBER:
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _clean(text: str) -> str:
    if text.strip() in DITTO_MARKS:
        return text.strip()
    return idnumbers.unwrap(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))


def is_ditto(value: Cell) -> bool:
    """Whether a cell says "as above"; asked before `cell_text`, to which a quote is wrapping."""
    return isinstance(value, str) and len(value) < 8 and value.strip(_ROUND_DITTOS) in DITTO_MARKS


def dittos_among(texts: set[str]) -> frozenset[str]:
    """Those that `is_ditto`, found without looking at each: the others begin or end with blanks."""
    blank = frozenset(_ROUND_DITTOS)
    padded = [text for text in texts if text and (text[0] in blank or text[-1] in blank)]
    return frozenset(texts & DITTO_MARKS).union(filter(is_ditto, padded))


def squeeze(text: str) -> str:
    return _BLANKS.sub("", text)


def person_name(value: Cell) -> str:
    """Han names lose inner blanks, minority names get one kind of dot; characters stay."""
    if isinstance(value, str) and _HAN_NAME.fullmatch(value):
        return value
    text = _NAME_DOTS.sub("·", cell_text(value))
    solid = squeeze(text)
    if 2 <= len(solid) <= 3 and _HAN.fullmatch(solid):
        return solid
    return _BLANKS.sub(" ", text)


def id_number(value: Cell) -> str:
    if isinstance(value, str):
        return idnumbers.normalise(value)
    return cell_text(value)


def has_lost_digits(value: Cell, number: str, *, is_csv: bool) -> bool:
    """Whether a spreadsheet program turned the ID into a number and rounded it."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) >= _LONGEST_EXACT_NUMBER
    if not number.isdigit() and _SCIENTIFIC.fullmatch(number):
        return True
    return (
        is_csv
        and len(number) == 18
        and number.endswith("000")
        and number.isascii()
        and number.isdigit()
        and not idnumbers.is_checksum_right(number)
    )


def phone(value: Cell) -> tuple[str, str]:
    """The mobile number and what is wrong: "", MISSING, INVALID or MULTIPLE."""
    if isinstance(value, str) and idnumbers.is_mobile(value):
        return value, ""
    text = cell_text(value)
    if not text:
        return "", "MISSING"
    number = _one_phone(text)
    if number:
        return number, ""
    parts = [part for part in _PHONE_BREAKS.split(text) if part.strip()]
    if len(parts) == 1:
        parts = _split_run(text)
    valid = [found for part in parts if (found := _one_phone(part))]
    if len(parts) > 1 and valid:
        return valid[0], "MULTIPLE"
    return "", "INVALID"


def _one_phone(text: str) -> str:
    if idnumbers.is_mobile(text):
        return text
    number = _COUNTRY_PREFIX.sub("", _DASHES.sub("", text).removesuffix(".0"))
    return number if idnumbers.is_mobile(number) else ""


def _split_run(text: str) -> list[str]:
    """Two numbers with only blanks, or nothing, between them."""
    parts = text.split()
    if len(parts) > 1 and any(_one_phone(part) for part in parts):
        return parts
    solid = _DASHES.sub("", text)
    return [solid[:11], solid[11:]] if len(solid) == 22 else [text]


@lru_cache(maxsize=2_000)
def sex(value: Cell) -> str:
    text = squeeze(cell_text(value))
    return text[:1] if text in ("男性", "女性", "男人", "女人") else text


@lru_cache(maxsize=2_000)
def ethnic(value: Cell) -> str:
    """The official name of an ethnic group, or the text itself where there is none."""
    name = simplify(squeeze(cell_text(value)))
    name = _ETHNIC_ALIASES.get(name, name)
    return f"{name}族" if f"{name}族" in ETHNIC_CODES else name


@lru_cache(maxsize=2_000)
def household_type(value: Cell) -> str:
    return _TYPE_OF.get(simplify(squeeze(cell_text(value))), "")


@lru_cache(maxsize=2_000)
def is_yes(value: Cell) -> bool:
    return squeeze(cell_text(value)).lower() in _YES


@lru_cache(maxsize=2_000)
def attendance_mark(value: Cell) -> str:
    """present, late, leave or absent; "" for a blank or an unknown sign."""
    return ATTENDANCE_MARKS.get(squeeze(cell_text(value)), "")


def _with_digits(text: str) -> str:
    """二〇二六年三月十五日 as 2026年3月15日."""
    if "年" not in text:
        return text
    tens = _HAN_TENS.sub(lambda found: (found[1] or "一") + (found[2] or "〇"), text)
    return tens.translate(_HAN_DIGITS)


def day(value: Cell) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return _day_of_text(cell_text(value))


@lru_cache(maxsize=20_000)
def _day_of_text(text: str) -> date | None:
    solid = _with_digits(squeeze(text) if "日" in text or ":" not in text else text)
    found = _DATE.fullmatch(solid) or _COMPACT_DATE.fullmatch(solid)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
        if _SERIAL.fullmatch(solid) and int(float(solid)) in _SERIALS:
            return _SERIAL_ZERO + timedelta(days=int(float(solid)))
    except ValueError:
        pass
    return None


def year_and_month(value: Cell) -> tuple[int, int] | None:
    """What a birth-date cell says of year and month, even where it gives no day."""
    found = day(value)
    if found:
        return found.year, found.month
    month = _MONTH.fullmatch(_with_digits(squeeze(cell_text(value))))
    if month and 1 <= int(month[2]) <= 12:
        return int(month[1]), int(month[2])
    return None


def day_range(value: Cell) -> tuple[date, date] | None:
    found = _DATE_RANGE.fullmatch(squeeze(cell_text(value)))
    first, last = (day(found[1]), day(found[2])) if found else (None, None)
    return (first, last) if first and last else None
