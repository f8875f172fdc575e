"""The Chinese of the certificate: what a design's fields become, and how dates are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from certificates.render.design import FIELD, Design
from certificates.render.facts import CertificateFacts

TIE: Final = "\u00a0"  # a figure and its unit stay on one line
DIGITS: Final = "〇一二三四五六七八九"
#: The word "certificate of completion" in the holder's own script, where the design has none.
NATIVE_TITLES: Final = {"ug": "پۈتتۈرۈش گۇۋاھنامىسى", "bo": "མཐར་ཕྱིན་ལག་ཁྱེར།"}
CLOSING: Final = re.compile("[，。；、：,.;:!！]*")
TRAININGS: Final = ("培训", "培训班")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of the paragraph. A course name is bold and bracketed, and one block with what
    closes it; a figure is one block with its unit."""

    text: str
    is_course: bool = False
    closing: str = ""


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


def plain_date(day: date) -> str:
    return f"{tied(day.year, '年')} {tied(day.month, '月')} {tied(day.day, '日')}"


def period(starts_on: date, ends_on: date) -> str:
    """Say year and month a second time only when they change."""
    first = plain_date(starts_on)
    if starts_on == ends_on:
        return first
    last = tied(ends_on.day, "日")
    if (starts_on.year, starts_on.month) != (ends_on.year, ends_on.month):
        last = f"{tied(ends_on.month, '月')} {last}"
    if starts_on.year != ends_on.year:
        last = f"{tied(ends_on.year, '年')} {last}"
    return f"{first}至 {last}"


VALUES: Final[dict[str, Callable[[CertificateFacts], str]]] = {
    "period": lambda facts: period(facts.starts_on, facts.ends_on),
    "starts_on": lambda facts: plain_date(facts.starts_on),
    "ends_on": lambda facts: plain_date(facts.ends_on),
    "issued_on": lambda facts: plain_date(facts.issued_on),
    "region": lambda facts: facts.region,
    "programme": lambda facts: facts.programme,
    "run": lambda facts: str(facts.run_number),
    "hours": lambda facts: facts.hours,
    "issuer": lambda facts: facts.issuer,
}
FIGURES: Final = re.compile(r" ?\{(run|hours)\} ?")


def sentence(facts: CertificateFacts, design: Design) -> tuple[Run, ...]:
    return tuple(_runs(FIGURES.sub(_tied_figure, design.sentence), facts))


def _tied_figure(found: re.Match[str]) -> str:
    return found[0].replace(" ", TIE)


def _runs(template: str, facts: CertificateFacts) -> Iterator[Run]:
    before, *rest = template.split("{course}")
    yield Run(filled(before, facts))
    for part in rest:
        closing = CLOSING.match(part)
        end = closing.end() if closing else 0
        yield Run(
            facts.course, is_course=True, closing=_noun(facts, design_says(part)) + part[:end]
        )
        if part[end:]:
            yield Run(filled(part[end:], facts))


def design_says(after: str) -> bool:
    """The template itself goes on with the word that a bare course name wants."""
    return after.startswith(TRAININGS)


def _noun(facts: CertificateFacts, said: bool) -> str:
    return "" if said or facts.programme or facts.course.endswith(TRAININGS) else "培训"


def filled(template: str, facts: CertificateFacts) -> str:
    return FIELD.sub(lambda found: VALUES[found[1]](facts), template)


def second_sentence(facts: CertificateFacts, design: Design) -> str:
    """Only figures go into it, dates with full stops: hyphens would turn them round in Uyghur."""
    figures = {
        "starts_on": f"{facts.starts_on:%Y.%m.%d}",
        "ends_on": f"{facts.ends_on:%Y.%m.%d}",
        "run": str(facts.run_number),
        "hours": facts.hours,
    }
    return FIELD.sub(lambda found: figures[found[1]], design.second_sentence)
