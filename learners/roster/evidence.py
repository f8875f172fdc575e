"""What the values of a column say about it, whatever its title."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from learners.roster import normalise
from learners.roster.places import UNKNOWN, Places
from lms.lib import idnumbers
from lms.lib.spreadsheets import Cell, Sheet

SAMPLED_ROWS = 200
#: From this share on the values alone tell the field; below it they only raise a question.
STRONG, WEAK = 0.8, 0.5
_FEWEST = 2
_LOST_DIGITS = range(10**16, 10**18)
_MASKED = re.compile(r"[1-9]\d{5}\d*\*{4,}[\dX]*", re.ASCII)
# The hundred most frequent surnames, which nine of ten people bear, and those of two characters.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
    "万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝"
    "包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾"
    "尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和"
    "仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚"
    "皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬"
    "来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾"
    "茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由"
)
_HAN_NAME = re.compile(r"[㐀-鿿\U00020000-\U0003ffff]{2,4}")
_DOTTED_NAME = re.compile(r"[㐀-鿿]{1,12}(?:·[㐀-鿿]{1,12})+")
_NO_NAME = re.compile(
    r"[镇乡村县市区]$|街道|社区|嘎查|苏木|户$|族$|[男女]$|小学|初中|高中|大专|本科|文盲"
)


class Evidence:
    """Asks a county's places, and the rules for numbers and names, what a column holds."""

    def __init__(self, places: Places | None = None, counties: Sequence[str] = ()) -> None:
        self._places = places
        self._counties = tuple(counties)
        self._villages: frozenset[str] | None = None
        self._tests: dict[str, Callable[[Cell], bool]] = {
            "id_number": is_id_like,
            "phone": lambda value: bool(normalise.phone(value)[0]),
            "name": is_name_like,
            "household_type": lambda value: bool(normalise.household_type(value)),
            "sex": lambda value: normalise.sex(value) in ("男", "女"),
            "ethnic": lambda value: normalise.ethnic(value) in normalise.ETHNIC_CODES,
            "birth_date": lambda value: _is_long(value) and bool(normalise.year_and_month(value)),
        }
        if places:
            self._tests |= {
                "township": self._is_township,
                "village": self._is_village,
                "address": self._is_address,
            }

    def knows(self, name: str) -> bool:
        return name in self._tests

    def fields(self) -> tuple[str, ...]:
        return tuple(self._tests)

    def share(self, name: str, values: Sequence[Cell]) -> float:
        """Which share of the values could stand in the field's column."""
        if len(values) < _FEWEST and name not in ("id_number", "phone"):
            return 0.0
        test = self._tests[name]
        return sum(map(test, values)) / len(values) if values else 0.0

    def township_of_sheet(self, sheet_name: str) -> bool:
        """Whether the sheet's name says in which township its people live, clear or not."""
        if not self._places or not sheet_name:
            return False
        found = (self._places.township_of_sheet(sheet_name, code) for code in self._counties)
        return any(match.problem != UNKNOWN.problem for match in found)

    def _is_township(self, value: Cell) -> bool:
        text = normalise.cell_text(value)
        if not self._places or not 2 <= len(text) <= 24:
            return False
        matches = (self._places.find_township(text, code) for code in self._counties)
        return any(match.problem != UNKNOWN.problem for match in matches)

    def _is_village(self, value: Cell) -> bool:
        text = normalise.cell_text(value)
        if not self._places or len(text) < 2:
            return False
        if self._villages is None:
            self._villages = self._places.village_keys(self._counties)
        return self._places.village_key(text) in self._villages

    def _is_address(self, value: Cell) -> bool:
        text = normalise.cell_text(value)
        if not self._places or len(text) < 5:
            return False
        read = self._places.read_address(text, self._counties)
        return read.township.problem != UNKNOWN.problem and bool(read.rest)


def is_id_like(value: Cell) -> bool:
    """An ID number, also one that is masked or that lost its last digits."""
    if isinstance(value, float | int):
        return not isinstance(value, bool) and _in_lost_digits(value)
    text = normalise.id_number(value)
    if not idnumbers.looks_like_id_number(text):
        return bool(_MASKED.fullmatch(text)) or _is_rounded(text)
    full = idnumbers.upgrade_15(text) if len(text) == 15 else text
    return idnumbers.birth_date(full) is not None


def _in_lost_digits(value: float) -> bool:
    return _LOST_DIGITS.start <= value < _LOST_DIGITS.stop


def _is_rounded(text: str) -> bool:
    return bool(re.fullmatch(r"[1-9]\.\d+[eE]\+1[67]", text))


def is_name_like(value: Cell) -> bool:
    if not isinstance(value, str):
        return False
    text = normalise.person_name(value)
    if _DOTTED_NAME.fullmatch(text):
        return True
    return bool(_HAN_NAME.fullmatch(text)) and text[0] in _SURNAMES and not _NO_NAME.search(text)


def _is_long(value: Cell) -> bool:
    """A date, or text of a date's length; a short number is something else."""
    return not isinstance(value, float | int) and len(normalise.cell_text(value)) >= 6


def column_values(sheet: Sheet, column: int, *, below: int) -> list[Cell]:
    """The filled cells of a column in the first rows under row `below` (1-based)."""
    rows = sheet.rows[below : below + SAMPLED_ROWS]
    cells = (row[column] for row in rows if column < len(row))
    return [cell for cell in cells if normalise.cell_text(cell) and not normalise.is_ditto(cell)]
