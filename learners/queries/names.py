"""Pinyin initials of names: a search key, never shown."""

import re
from collections.abc import Container
from functools import cache, lru_cache

#: Surnames whose reading begins with another letter than the character's usual one.
SURNAMES = {
    "单": "s", "曾": "z", "解": "x", "仇": "q", "区": "o", "查": "z", "乐": "y", "覃": "q",
    "翟": "z", "种": "c", "秘": "b", "繁": "p", "折": "s", "召": "s", "盖": "g", "朴": "p",
    "尉迟": "yc", "万俟": "mq", "长孙": "zs", "澹台": "tt",
}  # fmt: skip
_HAN_NAME = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]{2,4}")
_LONGEST = 60
_LONGEST_CHECKED = 4
_PLAIN = re.compile("[a-z]{,60}")
_OTHER = re.compile("[^a-z]")


def name_initials(name: str) -> str:
    """ "阿依古丽·买买提" -> "ayglmmt"; Latin letters stay, everything else is left out."""
    surname = _surname(name)
    given = name[len(surname) :] if surname else name
    text = SURNAMES.get(surname, "") + _letters(given)
    return text if _PLAIN.fullmatch(text) else _OTHER.sub("", text.lower())[:_LONGEST]


@lru_cache(maxsize=20_000)
def _letters(given: str) -> str:
    """Character by character where no phrase of the dictionary could read one otherwise."""
    if len(given) <= _LONGEST_CHECKED and not _holds_phrase(given):
        return "".join(map(_read, given))
    return _read(given)


@lru_cache(maxsize=20_000)
def _read(text: str) -> str:
    import pypinyin  # 20 MB of dictionaries: only where names are written

    return "".join(pypinyin.lazy_pinyin(text, style=pypinyin.Style.FIRST_LETTER, strict=False))


def _holds_phrase(text: str) -> bool:
    phrases = _phrases()
    return any(
        text[first:last] in phrases
        for first in range(len(text) - 1)
        for last in range(first + 2, len(text) + 1)
    )


@cache
def _phrases() -> Container[str]:
    from pypinyin.constants import PHRASES_DICT

    found: Container[str] = PHRASES_DICT
    return found


def _surname(name: str) -> str:
    if not _HAN_NAME.fullmatch(name):
        return ""
    return next((head for head in (name[:2], name[:1]) if head in SURNAMES), "")
