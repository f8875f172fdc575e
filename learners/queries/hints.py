"""What sealed rows say of whom, as keyed hashes: erasing opens the rows that may mean the person.

Of every number and name that `learners.queries.roster_traces` looks for in a row there is a hint
(tests/learners/test_hints.py holds it), so whoever is not hinted at is not there.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from unicodedata import is_normalized

from django.db.models import Q

from learners.models import plain_name
from learners.queries.erasing import WHOLE, Subject, squeezed
from learners.roster.normalise import cell_text
from lms.lib import hints, idnumbers
from lms.lib.spreadsheets import Workbook

LABEL = "learners.hints"
#: Not Q(), which is nothing at all beside another condition.
EVERY_ROW = Q(pk__isnull=False)
_DIGITS, _SHORTEST = 18, 10**17
#: Wherever eighteen signs could be a number, also across two of them.
_WITHIN = re.compile(r"(?=([0-9]{17}[0-9X]))")


def numbers_in(cells: Iterable[Any]) -> set[str]:
    """As `Subject.is_number_in` would find them, in cells or other texts."""
    found: set[str] = set()
    for cell in cells:
        if isinstance(cell, str):
            # Most are short, and get no longer when they are cleaned and squeezed.
            if len(cell) < _DIGITS and (cell.isascii() or is_normalized("NFKC", cell)):
                continue
            if WHOLE.fullmatch(cell):
                found.add(cell)
                continue
        elif cell is None or (type(cell) is int and abs(cell) < _SHORTEST):
            continue
        found.update(_WITHIN.findall(squeezed(cell_text(cell))))
        if isinstance(cell, str):  # cleaning takes signs out, and may join the others anew
            found.update(_WITHIN.findall(squeezed(cell)))
    return found


def names_in(names: Iterable[object]) -> set[str]:
    """With a sign before it, so that no name is a number."""
    plain = {plain_name(name) for name in names if name and isinstance(name, str)}
    return {f"={name}" for name in plain if name}


def row_hinter() -> Callable[[Mapping[str, Any], Sequence[Any]], bytes | None]:
    """Gives the hints of a row of a roster, for many of them: its fields and its cells."""
    packed = hints.packer(LABEL)

    def hints_of(fields: Mapping[str, Any], cells: Sequence[Any]) -> bytes | None:
        told = fields.get
        found = numbers_in([*cells, told("id_number") or "", told("head_of") or ""])
        return packed(found | names_in((told("name"), told("head_name"))))

    return hints_of


def hints_of_file(book: Workbook) -> bytes:
    """Of a whole file: numbers, and telephones, without which a name alone means nobody there."""
    words: set[str] = set()
    for sheet in book.sheets:
        for row in sheet.rows:
            words |= numbers_in(row)
            words.update(f"t{text}" for text in map(cell_text, row) if idnumbers.is_mobile(text))
    return hints.all_packed(words, LABEL)


def hinted_at(subject: Subject, *more: str) -> Q:
    """Rows, by their column `hints`, that may mean the person. What is no whole number may be part
    of any text, and leaves nothing out. `more`: other words of which there are hints."""
    if not all(WHOLE.fullmatch(number) for number in subject.numbers):
        return EVERY_ROW
    words = subject.numbers | names_in(subject.names) | set(more)
    return hints.may_hold("hints", words, LABEL)


def named_in_file(subject: Subject) -> Q:
    """Uploads whose file may mean the person, or was not looked through yet."""
    are_whole = all(WHOLE.fullmatch(number) for number in subject.numbers)
    if not are_whole or not all(map(idnumbers.is_mobile, subject.phones)):
        return EVERY_ROW
    words = subject.numbers | {f"t{phone}" for phone in subject.phones}
    return hints.may_hold("file_hints__hints", words, LABEL)
