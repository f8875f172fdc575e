"""What an archive sheet prints of a person or household: tables that the apps above fill."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import get_template

from accounts.models import User
from learners.models import Household, Learner
from learners.queries.timeline import Panel


@dataclass(frozen=True)
class SheetTable:
    """`rows` are cells as text, one tuple a line; `none` is said where there is no line.

    `widths` are the shares of the columns: a sheet is laid out without measuring every cell.
    `figures` are the numbers of the columns that stand at the end of their cell, from 0.
    `left_out` counts older lines that a sheet has no room for.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    none: str
    widths: Sequence[int]
    figures: Sequence[int] = ()
    left_out: int = 0

    @property
    def columns(self) -> list[str]:
        """Widths in per cent."""
        whole = sum(self.widths)
        return [f"{width * 100 / whole:.2f}" for width in self.widths]

    @property
    def lines(self) -> list[list[tuple[str, bool]]]:
        return [
            [(cell, number in self.figures) for number, cell in enumerate(row)] for row in self.rows
        ]


#: Lines of a table on paper; what is older is counted, not printed.
SHEET_LINES = 40

#: Tables of a learner's sheet, in this order, filled in AppConfig.ready(); None = not to be seen
#: by this user.
LEARNER_TABLES: list[Callable[[Learner, User], SheetTable | None]] = []
#: The same for a household's sheet.
HOUSEHOLD_TABLES: list[Callable[[Household, User], SheetTable | None]] = []
#: Cards of a household's page, wide ones below the members.
HOUSEHOLD_PANELS: list[Callable[[Household, User], Panel | None]] = []


@lru_cache
def sheet_style() -> str:
    return str(get_template("learners/pdf/sheet.css").render())


def learner_tables(learner: Learner, user: User) -> list[SheetTable]:
    return [found for table in LEARNER_TABLES if (found := table(learner, user))]


def household_tables(household: Household, user: User) -> list[SheetTable]:
    return [found for table in HOUSEHOLD_TABLES if (found := table(household, user))]


def household_panels(household: Household, user: User) -> list[Panel]:
    return [found for panel in HOUSEHOLD_PANELS if (found := panel(household, user))]
