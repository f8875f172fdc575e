"""Pinyin initials of names: a search key, never shown."""

import re

#: Surnames whose reading begins with another letter than the character's usual one.
SURNAMES = {
    "单": "s", "曾": "z", "解": "x", "仇": "q", "区": "o", "查": "z", "乐": "y", "覃": "q",
    "翟": "z", "种": "c", "秘": "b", "繁": "p", "折": "s", "召": "s", "盖": "g", "朴": "p",
    "尉迟": "yc", "万俟": "mq", "长孙": "zs", "澹台": "tt",
}  # fmt: skip
_HAN_NAME = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]{2,4}")
_LONGEST = 60


def name_initials(name: str) -> str:
    """ "阿依古丽·买买提" -> "ayglmmt"; Latin letters stay, everything else is left out."""
    import pypinyin  # 20 MB of dictionaries: only where names are written

    surname = _surname(name)
    given = name[len(surname) :] if surname else name
    letters = pypinyin.lazy_pinyin(given, style=pypinyin.Style.FIRST_LETTER, strict=False)
    text = SURNAMES.get(surname, "") + "".join(letters)
    return re.sub("[^a-z]", "", text.lower())[:_LONGEST]


def _surname(name: str) -> str:
    if not _HAN_NAME.fullmatch(name):
        return ""
    return next((head for head in (name[:2], name[:1]) if head in SURNAMES), "")
