"""Blank forms to fill in and upload: the columns that counties print, with drop-downs.

The words are those of the forms themselves, so they are data and not translated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from learners.roster.normalise import ETHNIC_CODES, HOUSEHOLD_TYPES
from lms.lib.spreadsheets import open_workbook

#: Rows that carry drop-downs; more may be filled in without.
ROWS = 2000
_FIRST_ROW = 3
_A4 = 9  # as the file format numbers sizes of paper
_CHOICES_SHEET = "选项"
_HELP_SHEET = "填写说明"
_TOWNSHIPS = "乡镇"
_YES_NO = ("是", "否")
_MARKS = ("√", "迟到", "请假", "缺")
_EDUCATION = (*("小学", "初中", "普通高中", "中等职业", "专科", "本科", "研究生", "其他"),)
_RELATIONS = (
    *("户主", "配偶", "子", "女", "孙子", "孙女", "父亲", "母亲", "祖父", "祖母"),
    *("兄", "弟", "姐", "妹", "其他"),
)
_LEADERS = (
    *("返乡创业青年", "脱贫致富带头人", "大学生村官", "第一书记", "退伍军人", "党员骨干"),
    *("巧媳妇", "残疾人", "益农信息社负责人", "网店负责人", "村淘店小二"),
)
_POSTS = ("乡镇干部", "村党支部书记", "村主任", "村干部", "第一书记", "驻村队员")
_PARTY = ("中共党员", "中共预备党员", "共青团员", "民主党派成员", "无党派人士", "群众")


@dataclass(frozen=True)
class Column:
    title: str
    width: int = 12
    choices: tuple[str, ...] = ()
    required: bool = False
    note: str = ""
    example: str = ""


@dataclass(frozen=True)
class Blank:
    """One kind of form. `is_roster`: its people are read by the roster importer."""

    key: str
    title: str
    use: str
    columns: tuple[Column, ...]
    is_roster: bool = True


_SERIAL = Column("序号", 6, note="从 1 开始的顺序号，可以不填。", example="1")
_NAME = Column("姓名", 14, required=True, note="与身份证一致。", example="阿依古丽·买买提")
_SEX = Column("性别", 6, ("男", "女"), note="从下拉列表选择；与身份证号不一致时以身份证号为准。")
_ID = Column(
    *("身份证号", 22),
    required=True,
    note="18 位，本列已设为文本，不会丢失末位数字；不得用星号遮盖。",
    example="（18 位号码）",
)
_ETHNIC = Column("民族", 12, tuple(ETHNIC_CODES), note="从下拉列表选择。", example="汉族")
_EDUCATED = Column("文化程度", 10, _EDUCATION, note="从下拉列表选择。", example="初中")
_PHONE = Column("联系电话", 14, note="11 位手机号，本列已设为文本。", example="（11 位手机号）")
_TOWN = Column(_TOWNSHIPS, 14, required=True, note="从下拉列表选择本县的乡镇、街道全称。")
_VILLAGE = Column("村", 20, note="行政村或社区的全称。", example="邵洼社区")
_TYPE = Column("户类型", 16, tuple(HOUSEHOLD_TYPES), note="从下拉列表选择。", example="脱贫户")
_REMARK = Column("备注", 16, note="可以不填。")
_HEAD = Column("户主", 12, note="户主姓名。", example="王建国")
_HOUSEHOLD = Column("户编号", 14, note="同一户填同一编号。", example="0012")
_RELATION = Column("与户主关系", 10, _RELATIONS, note="从下拉列表选择。", example="配偶")
_POST = Column("职务", 14, _POSTS, note="从下拉列表选择。", example="驻村队员")
_PERSON = (_SERIAL, _NAME, _SEX, _ID)
_PLACE = (_TOWN, _VILLAGE)


def _yes_no(title: str, note: str) -> Column:
    return Column(title, 10, _YES_NO, note=note, example="是")


def _half_days(days: int) -> tuple[Column, ...]:
    note = "到课打√；迟到、请假、缺从下拉列表选择；没有的半天删去整列。"
    return tuple(
        Column(f"第{day}天{half}", 9, _MARKS, note=note, example="√")
        for day in range(1, days + 1)
        for half in ("上午", "下午")
    )


BLANKS: dict[str, Blank] = {
    blank.key: blank
    for blank in (
        Blank(
            *("roster", "培训学员花名册", "登记参训人员，一人一行。"),
            (
                *(*_PERSON, _ETHNIC, _EDUCATED, _PHONE, *_PLACE, _TYPE),
                _yes_no("是否残疾", "有残疾证的填“是”。"),
                Column("培训期次", 12, note="参加的班次。", example="第3期"),
                _REMARK,
            ),
        ),
        Blank(
            *("attendance", "培训签到表", "登记每半天的到课情况。"),
            (_SERIAL, _NAME, _ID, *_PLACE, _PHONE, *_half_days(3), _REMARK),
        ),
        Blank(
            *("cadres", "干部轮训名录", "乡镇、村干部和第一书记、驻村队员轮训。"),
            (
                *(*_PERSON, *_PLACE, _POST),
                Column("政治面貌", 12, _PARTY, note="从下拉列表选择。", example="中共党员"),
                *(_PHONE, Column("班次", 12, note="参加的班次。", example="第1期"), _REMARK),
            ),
        ),
        Blank(
            *("able_willing", "有能力有意愿人员名录", "应训尽训的分母，一人一行。"),
            (
                *(_SERIAL, _HEAD, _HOUSEHOLD, _NAME, _SEX, _ID, _RELATION, _PHONE, *_PLACE, _TYPE),
                _yes_no("是否有能力", "有劳动能力和学习能力的填“是”。"),
                _yes_no("是否有意愿", "本人愿意参加培训的填“是”。"),
                Column("意向", 12, ("开网店", "供货", "就业"), note="从下拉列表选择。"),
                Column("调查人", 10, note="入户调查人姓名。"),
                *(Column("调查日期", 12, note="如 2026-03-01。", example="2026-03-01"), _REMARK),
            ),
        ),
        Blank(
            *("villages", "有条件的村名录", "带头人培育任务的分母，一村一行。"),
            (
                *(_SERIAL, *_PLACE, _yes_no("是否有条件", "具备网络、物流等条件的填“是”。")),
                *(Column("依据", 24, note="认定文件或会议纪要。"), _REMARK),
            ),
            is_roster=False,
        ),
        Blank(
            *("leaders", "带头人台账", "致富带头人和电商带头人，一人一行。"),
            (
                *(*_PERSON, _PHONE, *_PLACE),
                Column("带头人类型", 16, _LEADERS, note="从下拉列表选择。", example="返乡创业青年"),
                Column("项目", 16, note="从事的产业或经营项目。", example="网上销售山货"),
                Column("年收入（元）", 12, note="上一年度收入，只填数字。", example="36000"),
                Column("带动户数", 10, note="只填数字。", example="6"),
                Column("带动方式", 12, ("订单收购", "务工就业", "入股分红", "技术帮带", "其他")),
                *(_yes_no("是否签订协议", "与被带动户签有协议的填“是”。"), _REMARK),
            ),
        ),
    )
}


def write_blank(
    blank: Blank, target: Path | str | IO[bytes], *, county: str, townships: Sequence[str]
) -> None:
    """The form with its drop-downs, a sheet of instructions and a hidden one of choices."""
    with open_workbook(target) as book:
        formats = _formats(book)
        choices = {column.title: column.choices for column in blank.columns if column.choices}
        if townships:
            choices[_TOWNSHIPS] = tuple(townships)
        sheet = book.add_worksheet(blank.title)
        _write_form(sheet, blank, county, choices, formats)
        _write_help(book.add_worksheet(_HELP_SHEET), blank, formats)
        _write_choices(book.add_worksheet(_CHOICES_SHEET), choices)


def _formats(book: Any) -> dict[str, Any]:
    box = {"border": 1, "font_size": 11, "valign": "vcenter"}
    return {
        "title": book.add_format({"bold": True, "font_size": 16, "align": "center"}),
        "info": book.add_format({"font_size": 11}),
        "header": book.add_format(
            {**box, "bold": True, "bg_color": "#E7ECF3", "text_wrap": True, "align": "center"}
        ),
        "required": book.add_format(
            {**box, "bold": True, "bg_color": "#FCE9DA", "text_wrap": True, "align": "center"}
        ),
        "text": book.add_format({"num_format": "@", "font_size": 11}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top", "font_size": 11}),
    }


def _write_form(
    sheet: Any,
    blank: Blank,
    county: str,
    choices: dict[str, tuple[str, ...]],
    formats: dict[str, Any],
) -> None:
    last = len(blank.columns) - 1
    for at, column in enumerate(blank.columns):
        sheet.set_column(at, at, column.width, formats["text"])
    sheet.merge_range(0, 0, 0, last, f"{county}{blank.title}", formats["title"])
    sheet.write_string(1, 0, "填报单位：                    填报日期：", formats["info"])
    for at, column in enumerate(blank.columns):
        style = formats["required" if column.required else "header"]
        sheet.write_string(_FIRST_ROW - 1, at, column.title, style)
        if column.title in choices:
            sheet.data_validation(
                *(_FIRST_ROW, at, _FIRST_ROW + ROWS - 1, at),
                _validation(list(choices).index(column.title), len(choices[column.title])),
            )
    sheet.freeze_panes(_FIRST_ROW, 0)
    _set_paper(sheet)
    sheet.repeat_rows(_FIRST_ROW - 1)


def _set_paper(sheet: Any) -> None:
    """All columns on one sheet of A4: many forms are printed and filled in by hand first."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _validation(column: int, count: int) -> dict[str, Any]:
    """A list of its own on the hidden sheet: a list inside the rule holds 255 characters only."""
    letter = chr(ord("A") + column)
    return {
        "validate": "list",
        "source": f"={_CHOICES_SHEET}!${letter}$1:${letter}${count}",
        "error_type": "warning",
        "error_title": "不在列表中",
        "error_message": "请从下拉列表选择；列表中没有的，可以照实填写。",
    }


def _write_help(sheet: Any, blank: Blank, formats: dict[str, Any]) -> None:
    _set_paper(sheet)
    for at, width in enumerate((16, 8, 56, 22)):
        sheet.set_column(at, at, width)
    lines = [
        f"{blank.title}：{blank.use}",
        "一人一行，不留空行；不要改动表头文字，可以调整列的顺序、增加列。",
        "填好后在“上传名单”页面上传本文件；本说明不会被导入。",
    ]
    if not blank.is_roster:
        lines[1:] = ["一村一行，不留空行；不要改动表头文字。"]
    for at, line in enumerate(lines):
        sheet.write_string(at, 0, line)
    start = len(lines) + 1
    for at, title in enumerate(("列", "必填", "怎么填", "例子")):
        sheet.write_string(start, at, title, formats["header"])
    for row, column in enumerate(blank.columns, start + 1):
        cells = (column.title, "必填" if column.required else "", column.note, column.example)
        for at, text in enumerate(cells):
            sheet.write_string(row, at, text, formats["wrapped"])


def _write_choices(sheet: Any, choices: dict[str, tuple[str, ...]]) -> None:
    lists = list(choices.values())
    for row in range(max(map(len, lists), default=0)):
        for at, words in enumerate(lists):
            if row < len(words):
                sheet.write_string(row, at, words[row])
    sheet.hide()
