"""Tell the rows of people from titles, headers, blanks, totals and signatures."""

from __future__ import annotations

import re
from collections.abc import Sequence

from learners.roster.headers import Layout, is_repeated_header, names_person
from learners.roster.normalise import cell_text, id_number, squeeze
from lms.lib import idnumbers
from lms.lib.spreadsheets import Cell, MergedRange, Sheet

_TOTAL = re.compile(
    r".{0,14}(?:小计|合计|总计|共计|累计|人数|人次|[到勤课签]率)(?:[(]?(?:大写|小写)[)]?)?"
    r"(?:[:：]?[\d.,%]*[人户名次元]*|[:：]?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整]+)?"
)
_FOOTER = re.compile(
    r"(?:填表|制表|审核|审批|填报|复核|校对|统计|经办|负责)(?:人|单位|时间|日期|员)?(?:签字|签名)?[:：(]?|"
    r"(?:单位|分管)?(?:负责人|领导)|单位[:：(]|单位公章|联系人[:：]|备注[:：]|说明|填表说明|注[:：]|附注|注意|附[:：]|"
    r"日期[:：]|时间[:：]|签字|签章|[-—–]*以下空白|(?:以下|此页)无正文|第\d+页|共\d+页|"
    r"[(]?续表\d*[)]?$|[(]?[接转承][上下]页|(?:监督|举报|投诉|咨询|服务|报名|值班)(?:电话|热线)|"
    r"(?:主办|承办|协办|举办|培训|监督)(?:单位|机构)[:：(]|公示(?:期|时间|单位|日期)|附件\d*(?:[:：]|$)|"
    r"(?:已选择|查询到|共返回|共导出)\d+[行条]|[(]\d+(?:行|条|rows?)[)]|"
    r"总人数|(?:以上|本[页表]|全[村镇乡])?共计?\d+[人户名]|(?:应|实)到\d+[人名]"
)
# Nobody is called so, wherever in a text it stands: 村（居）委会盖章, 主要负责人（签字）.
_TO_SIGN = re.compile("签字|签名|签章|盖章|公章")
# Whoever signs, by office: 村支书：, 班主任（签字）：, 授课教师签名：
_SIGNED = re.compile(
    r"[^:：]{0,10}(?:人|员|师|主任|书记|支书|[村组镇乡校站局科股县]长|签名|签字|签章|盖章)"
    r"(?:[(]?签[字名章][)]?)?[:：]"
)
_INFO = re.compile(r"[:：]|^[(].*[)]$|单位|^\d{4}年\d{1,2}月(?:\d{1,2}日)?$")
_TITLE_WORD = re.compile(
    r"花名册|名单|统计表|登记表|签到表|台账|台帐|信息表|汇总表|一览表|明细表|报名表|学员表"
)
# 一、周党镇, （一）周党镇: the heading of a part, whichever column it stands in.
_PART = re.compile(r"[(]?[一二三四五六七八九十]+[)]?[、.,]|[(](?:[一二三四五六七八九十]+|\d+)[)]")
# A place, or a day, that stands alone in its row; names of people may end in 镇 or 乡.
_PLACE_ALONE = re.compile(".{2,12}(?:街道|苏木|办事处|[村居]委会|[村居]民委员会|人民政府)[:：]?")
_DAY_ALONE = re.compile(r"(?:(?:20)?\d\d)?年\d{0,2}月\d{0,2}日?|20\d\d([-./])\d{1,2}\1\d{1,2}")
# Words about the list. Two names in one cell may look like half of one, but end without a stop.
_SENTENCE = re.compile(r".{6,}[。;!]")
_CLAUSES = re.compile(r"\D{4,}[,、]\D{4,}")
# The line that programs draw under a header, or an empty row that somebody struck out.
_RULED = re.compile(r"[-–—=_~─━+]+")
_STEMS = frozenset({*"甲乙丙丁戊己", "栏次", "行次"})
_COUNTED = ("一二三四五六七八九十", "甲乙丙丁戊己庚辛壬癸", "abcdefghijklmnopqrstuvwxyz")
_FEWEST_NUMBERED = 3
_FEWEST_TITLES = 2
_PLACE_LIKE = frozenset({"serial", "county", "township", "village", "group", "remark"})


def reason_above_header(row: Sequence[Cell]) -> str:
    """What a row above the header is, by its first words."""
    text = next((squeeze(cell_text(value)) for value in row if cell_text(value)), "")
    if not text:
        return "blank"
    return "info line" if _INFO.search(text) and not _TITLE_WORD.search(text) else "title"


class HeaderRows:
    """The rows of a header, to be known again on the next printed page, also those of them that
    name no field."""

    def __init__(self, sheet: Sheet, layout: Layout) -> None:
        rows = sheet.rows[max(layout.first_row - 1, 0) : layout.last_row]
        self._rows = {texts for row in rows if len(texts := _texts(row)) >= _FEWEST_TITLES}

    def has(self, row: Sequence[Cell], layout: Layout) -> bool:
        number = row[layout.columns["id_number"]]
        if isinstance(number, int | float) or (isinstance(number, str) and number[:1].isdigit()):
            return False
        return _texts(row) in self._rows


def _texts(row: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(squeeze(text) for value in row if (text := cell_text(value)))


def merged_across(merged: Sequence[MergedRange]) -> frozenset[int]:
    """Rows in which one cell reaches over three or more columns: titles, totals, signatures."""
    return frozenset(
        span.first_row
        for span in merged
        if span.last_column - span.first_column >= 2 and span.last_row == span.first_row
    )


def skip_reason(row: Sequence[Cell], layout: Layout, *, is_merged_across: bool) -> str:
    """Why a row below the header is no person, or "" for a person."""
    columns = layout.columns
    number = row[columns["id_number"]]
    name = row[columns["name"]]
    if isinstance(number, str) and len(number) >= 15 and number[:1].isdigit() and name is not None:
        return ""
    texts = {at: text for at, value in enumerate(row) if (text := cell_text(value))}
    if not texts:
        return "blank"
    if all(_RULED.fullmatch(squeeze(text)) for text in texts.values()):
        return "info line"
    if is_repeated_header(row, layout) or names_person(row):
        return "header"
    if idnumbers.looks_like_id_number(id_number(number)):
        return ""
    if is_numbering(list(texts.values())):
        return "header"
    if isinstance(number, float | int):
        return ""
    return _reason_without_number(texts, columns, is_merged_across=is_merged_across)


def is_numbering(texts: list[str]) -> bool:
    """A row that numbers the columns, as official tables have below their header: 1, 2, 3."""
    written = [text.strip("()[]").removesuffix("栏").lower() for text in texts]
    if len(written) >= _FEWEST_NUMBERED and any("".join(written) in row for row in _COUNTED):
        return True
    numbers = [text for text in written if text not in _STEMS]
    if len(numbers) < _FEWEST_NUMBERED or not all(text.isdecimal() for text in numbers):
        return False
    first = int(numbers[0])
    return [int(text) for text in numbers] == list(range(first, first + len(numbers)))


def _reason_without_number(
    texts: dict[int, str], columns: dict[str, int], *, is_merged_across: bool
) -> str:
    name = texts.get(columns["name"], "")
    if any(_TOTAL.fullmatch(squeeze(text)) for text in texts.values()):
        return "total"
    judged = [name] if name else list(texts.values())
    if any(_is_footer(squeeze(text)) for text in judged):
        return "footer"
    if set(texts) == {columns.get("serial")}:
        (text,) = texts.values()
        return "blank" if text.isdigit() else _kind_of_line(text)
    if len(texts) == 1:
        return _reason_of_single(next(iter(texts.items())), columns, is_merged_across)
    return ""


def _is_footer(text: str) -> bool:
    return bool(_FOOTER.match(text) or _SIGNED.match(text) or _TO_SIGN.search(text))


def _reason_of_single(
    cell: tuple[int, str], columns: dict[str, int], is_merged_across: bool
) -> str:
    at, text = cell
    field = next((name for name, column in columns.items() if column == at), "")
    solid = squeeze(text)
    if (
        _PART.match(text)
        or _PLACE_ALONE.fullmatch(solid)
        or _DAY_ALONE.fullmatch(solid)
        or is_merged_across
        or _TITLE_WORD.search(text)
        or _SENTENCE.fullmatch(solid)
        or (field != "name" and _CLAUSES.fullmatch(solid))
        or field in _PLACE_LIKE
        or not field
    ):
        return _kind_of_line(text)
    return ""


def _kind_of_line(text: str) -> str:
    return "title" if _TITLE_WORD.search(text) else "info line"
