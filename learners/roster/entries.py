"""What a row of a roster says for a register: able, willing, kind of cadre, category, project."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from learners.roster.normalise import cell_text, is_yes, simplify, squeeze

#: Values of learners.models.Audience, from the surest wording to the vaguest.
CADRE_WORDS: dict[str, tuple[str, ...]] = {
    "FIRST_SECRETARY": ("第一书记",),
    "COUNTY_LEADER": (
        "分管领导", "分管县长", "分管副县长", "县领导", "县长", "旗长", "副区长", "县委常委",
        "旗委常委",
    ),
    # Not whoever works there: the course is for those who are in charge.
    "COMMERCE_HEAD": (
        "商务局负责人", "商务局主要负责人", "商务局局长", "商务局副局长", "商务局党组书记",
        "商务主管部门负责人",
    ),
    "WORK_TEAM_MEMBER": (
        "驻村工作队", "驻村帮扶工作队", "帮扶工作队", "工作队员", "工作队成员", "驻村队员",
        "帮扶队员",
    ),
    "TOWNSHIP_CADRE": (
        "乡镇干部", "镇干部", "乡干部", "乡镇长", "镇长", "乡长", "街道干部", "镇党委", "乡党委",
        "乡镇党委", "街道党工委", "镇政府", "乡政府", "街道办事处", "乡镇干事", "包村干部",
        "苏木干部", "苏木达",
    ),
    "VILLAGE_CADRE": (
        "村干部", "村支书", "村支部书记", "村主任", "村委主任", "村会计", "村文书", "村副主任",
        "村委委员", "两委", "社区干部", "村书记", "村党支部", "村党总支", "村委会", "村民委员会",
        "居委会", "社区书记", "社区主任", "社区党支部", "嘎查长", "嘎查达", "嘎查书记", "嘎查干部",
        "嘎查支部书记", "嘎查党支部", "村妇联", "村妇女主任", "村监委", "村务监督",
    ),
    "MANAGER": ("管理人员", "企业管理", "负责人"),
    "PRACTITIONER": ("从业人员", "从业者", "网店从业"),
}  # fmt: skip
#: Values of learners.models.LeaderCategory.
CATEGORY_WORDS: dict[str, tuple[str, ...]] = {
    "RETURNED_YOUTH": ("返乡创业青年", "返乡青年", "返乡创业", "返乡农民工"),
    "PATHFINDER": ("脱贫致富带头人", "致富带头人"),
    "GRADUATE_OFFICIAL": ("大学生村官", "村官"),
    "FIRST_SECRETARY": ("第一书记",),
    "VETERAN": ("退伍军人", "退役军人", "复员军人", "转业军人", "退役士兵", "退伍士兵"),
    "PARTY_MEMBER": ("党员骨干", "党员"),
    "CRAFTSWOMAN": ("巧媳妇",),
    "DISABLED": ("残疾人", "残疾"),
    "STATION_OWNER": ("益农信息社", "网店负责人", "信息社负责人"),
    "SHOP_ASSISTANT": ("村淘店小二", "店小二", "村小二"),
}
INTENTION_WORDS: dict[str, tuple[str, ...]] = {
    "SHOP": ("开网店", "开设网店", "开店", "网店", "电商创业"),
    "SUPPLY": ("供货", "供应", "提供货源"),
    "JOB": ("就业", "务工", "上班"),
}
_ABLE_OR_WILLING = frozenset(
    {
        *("能", "能够", "可以", "具备", "有能力", "愿意", "有意愿", "愿"),
        *("符合", "有条件", "符合条件", "具备条件", "已签", "已签订"),
    }
)
_NO_WORDS = """
    否 无 没有 没 不 不是 0 n no × ✗ ✘ x 不能 不可以 不具备 无能力 没有能力 没能力
    不愿意 不愿 无意愿 没有意愿 没意愿 不符合 无条件 没有条件 没条件 不符合条件 不具备条件
    未签 未签订 没签
"""
_NEITHER = frozenset(_NO_WORDS.split())
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_TEN_THOUSAND = 10_000
_TEXTS = {"surveyed_by": 60, "project": 120, "drive_way": 120}
_MOST_YUAN = Decimal(10**11)


def one_of(words: Mapping[str, tuple[str, ...]], text: str) -> str:
    """The value whose wording stands in `text`, "" when none or several do."""
    solid = simplify(squeeze(text))
    found = [value for value, wordings in words.items() if solid in wordings]
    return found[0] if len(found) == 1 else _only_within(words, solid)


def _only_within(words: Mapping[str, tuple[str, ...]], solid: str) -> str:
    """A wording that is a part of another one that stands there says nothing of its own."""
    inside = [
        (value, word) for value, wordings in words.items() for word in wordings if word in solid
    ]
    values = {
        value
        for value, word in inside
        if not any(word != longer and word in longer for _value, longer in inside)
    }
    return values.pop() if len(values) == 1 else ""


def yuan(text: str) -> Decimal | None:
    """An amount in yuan; 万 counts ten thousand; anything else than one amount is none."""
    solid = squeeze(text).replace(",", "").replace("，", "").replace("元", "").removeprefix("¥")
    factor = _TEN_THOUSAND if solid.endswith("万") else 1
    solid = solid.rstrip("万")
    if not _NUMBER.fullmatch(solid):
        return None
    try:
        amount = (Decimal(solid) * factor).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return amount if amount < _MOST_YUAN else None


def whole(text: str) -> int | None:
    solid = squeeze(text).removesuffix("户")
    return int(solid) if solid.isascii() and solid.isdigit() and len(solid) < 7 else None


def is_meant(text: str) -> bool | None:
    """None where the cell is blank or says something else than yes or no."""
    solid = simplify(squeeze(text)).lower()
    if is_yes(text) or solid in _ABLE_OR_WILLING:
        return True
    return False if solid in _NEITHER else None


def entry_facts(fields: Mapping[str, Any]) -> dict[str, Any]:
    """By the columns of a register entry; a column that the file lacks is not in it.

    Somebody is able or willing, or not, only where the list says so: a blank is not known.
    """
    text = {name: cell_text(value) for name, value in fields.items() if isinstance(value, str)}
    found: dict[str, Any] = {
        name: is_meant(text[name]) for name in ("able", "willing") if name in text
    }
    found |= {name: text[name][:most] for name, most in _TEXTS.items() if name in text}
    for name, column, words in (
        ("kind", "post", CADRE_WORDS),
        ("intention", "intention", INTENTION_WORDS),
        ("category", "category", CATEGORY_WORDS),
    ):
        if value := one_of(words, text.get(column, "")):
            found[name] = value
    for name in ("yearly_income", "shop_grant", "loan"):
        if name in text:
            found[f"{name}_yuan"] = yuan(text[name])
    if "drive_count" in text:
        found["drive_count"] = whole(text["drive_count"])
    if "has_agreement" in text:
        found["has_agreement"] = is_meant(text["has_agreement"])
    if fields.get("surveyed_on"):
        found["surveyed_on"] = date.fromisoformat(str(fields["surveyed_on"]))
    return found
