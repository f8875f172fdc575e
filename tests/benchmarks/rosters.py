"""The roster that the import figures are measured with: 100,000 people of one real county."""

import csv
import gzip
import os
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from lms.lib.idnumbers import check_character
from lms.lib.spreadsheets import open_workbook
from regions.management.commands.load_regions import OURS

COUNTY = "411521"
AS_OF = date(2026, 3, 1)
#: Fewer rows only try the benchmark itself; its figures are of 100,000.
ROWS = int(os.environ.get("LMS_BENCH_ROWS", "100000"))
BAD_IDS = ROWS // 100
DUPLICATES = ROWS * 261 // 100_000
SAVED = ROWS - BAD_IDS - DUPLICATES
HEADER = ["序号", "姓名", "性别", "身份证号", "民族", "联系电话", "乡镇", "村", "户类型"]
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰玉华建国红梅春生志文海燕小云金凤"
_TYPES = [
    "建档立卡贫困户",
    "低保户",
    "脱贫户",
    "脱贫不稳定户",
    "边缘易致贫户",
    "一般农户",
    "五保户",
]


def places() -> Iterator[list[str]]:
    """code, parent, level, name of the county, those above it and everything under it."""
    above = {COUNTY[:2], COUNTY[:4]}
    for path in OURS:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for row in csv.reader(stream):
                if row[0] in above or row[0].startswith(COUNTY):
                    yield row


def rows() -> Iterator[list[str]]:
    """By township and village, as counties collect them; the wrong rows lie everywhere."""
    chance = random.Random(20261122)
    wrong = chance.sample(range(ROWS // 2, ROWS), BAD_IDS + DUPLICATES)
    broken, doubles = set(wrong[:BAD_IDS]), set(wrong[BAD_IDS:])
    names = {row[0]: row[3] for row in places()}
    villages = sorted(code for code in names if len(code) == 12)
    early: list[list[str]] = []
    numbers: set[str] = set()
    for at in range(ROWS):
        if at in doubles:
            yield [str(at + 1), *early[at % len(early)][1:]]
            continue
        village = villages[at * len(villages) // ROWS]
        number = _number(chance, numbers)
        row = [
            str(at + 1),
            chance.choice(_SURNAMES) + "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2)))),
            "男" if int(number[16]) % 2 else "女",
            _broken(number) if at in broken else number,
            chance.choices(("汉族", "回族", "满族"), (95, 4, 1))[0],
            f"1{chance.randrange(3_000_000_000, 9_999_999_999)}",
            names[village[:9]],
            names[village],
            chance.choice(_TYPES),
        ]
        if len(early) < 1000 and at not in broken:
            early.append(row)
        yield row


def _number(chance: random.Random, taken: set[str]) -> str:
    while True:
        born = date(1958, 1, 1) + timedelta(days=chance.randrange(17_500))
        first_17 = f"{COUNTY}{born:%Y%m%d}{chance.randrange(1000):03d}"
        if first_17 not in taken:
            taken.add(first_17)
            return first_17 + check_character(first_17)


def _broken(number: str) -> str:
    return number[:17] + ("0" if number[17] != "0" else "1")


def write_xlsx(path: Path) -> None:
    with open_workbook(path) as book:
        sheet = book.add_worksheet("花名册")
        for at, row in enumerate([HEADER, *rows()]):
            sheet.write_row(at, 0, row)


def write_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *rows()])
