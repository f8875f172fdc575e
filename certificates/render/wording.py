"""The Chinese of the certificate: a legal text, so it is not translated and not configurable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from certificates.render.facts import CertificateFacts

TIE: Final = "\u00a0"  # a figure and its unit stay on one line
DIGITS: Final = "〇一二三四五六七八九"
# The word "certificate of completion" in the holder's own script, beside the English.
NATIVE_TITLES: Final = {"ug": "پۈتتۈرۈش گۇۋاھنامىسى", "bo": "མཐར་ཕྱིན་ལག་ཁྱེར།"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """The paragraph in parts: the course name is bold, and neither it nor the hours ever break."""

    before: str
    course: str
    closing: str
    hours: str
    after: str


def numeral(number: int) -> str:
    """1 to 99 as in dates: 十, 十四, 二十, 三十一."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return head + (DIGITS[ones] if ones else "")


def chinese_date(day: date) -> str:
    """2021-10-20 is 二〇二一年十月二十日."""
    year = "".join(DIGITS[int(digit)] for digit in f"{day.year:04d}")
    return f"{year}年{numeral(day.month)}月{numeral(day.day)}日"


def tied(figure: object, unit: str) -> str:
    return f"{figure}{TIE}{unit}"


def period(starts_on: date, ends_on: date) -> str:
    """Say year and month a second time only when they change."""
    first = (
        f"{tied(starts_on.year, '年')} {tied(starts_on.month, '月')} {tied(starts_on.day, '日')}"
    )
    if starts_on == ends_on:
        return first
    last = tied(ends_on.day, "日")
    if (starts_on.year, starts_on.month) != (ends_on.year, ends_on.month):
        last = f"{tied(ends_on.month, '月')} {last}"
    if starts_on.year != ends_on.year:
        last = f"{tied(ends_on.year, '年')} {last}"
    return f"{first}至 {last}"


def sentence(facts: CertificateFacts) -> Sentence:
    when = period(facts.starts_on, facts.ends_on)
    where = f"{facts.region}{facts.programme}"
    noun = "" if facts.programme or facts.course.endswith(("培训", "培训班")) else "培训"
    return Sentence(
        before=f"于 {when}参加{where}第{TIE}{tied(facts.run_number, '期')}",
        course=facts.course,
        closing=f"{noun}，",
        hours=f"修满 {facts.hours} 学时，",
        after="考核合格，准予结业。",
    )
