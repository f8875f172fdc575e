"""Where uploaded rosters speak of a person: rows of their own, rows of others, sample rows, files.

Rows are encrypted and name nobody until they are taken in. Of the person's county and of every
upload that waits those are opened whose hints (learners.queries.hints) may mean the person, or that
have none. They are kept for 90 days at most.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from learners.models import RosterImport, RosterRow
from learners.queries.erasing import Subject
from learners.queries.hints import hinted_at, named_in_file
from learners.roster.normalise import cell_text
from lms.lib import crypto
from lms.lib.spreadsheets import FileError, read_workbook

State = RosterImport.State
_COUNTY = 6
#: Rows are not stored yet, or may be judged anew: the file is what counts.
UNREAD = (State.UPLOADED, State.UNSURE)
_CHUNK = 2000


@dataclass
class RosterTraces:
    #: Rows that are the person's.
    own: list[UUID] = field(default_factory=list)
    #: Rows of others that name them, as the head of a household.
    others: list[UUID] = field(default_factory=list)
    #: Uploads whose stored rows or sample rows may name them.
    imports: set[UUID] = field(default_factory=set)
    #: Uploads not read yet, whose file names them.
    files: set[UUID] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.own) + len(self.others) + len(self.files)


def roster_traces(subject: Subject) -> RosterTraces:
    """Looked for once."""
    if "rosters" not in subject.found:
        subject.found["rosters"] = _traces(subject)
    found: RosterTraces = subject.found["rosters"]
    return found


def _traces(subject: Subject) -> RosterTraces:
    found = RosterTraces()
    _look_in_rows(subject, found)
    unread = RosterImport.objects.filter(named_in_file(subject), state__in=UNREAD)
    for roster in unread.exclude(file=""):
        if _is_in_file(subject, roster):
            found.files.add(roster.pk)
    return found


def looked_through(subject: Subject) -> QuerySet[RosterImport]:
    """Uploads of the counties in which the person lives or was entered, of the regions above
    them, and everywhere those that wait."""
    wanted = Q(state__in=[State.UPLOADED, State.UNSURE, State.CHECKED, State.IMPORTING])
    for county in {one.home_region.path[:_COUNTY] for one in subject.people}:
        above = [county[:length] for length in range(len(county) + 1)]
        wanted |= Q(region__path__in=above) | Q(region__path__startswith=county)
    return RosterImport.objects.filter(wanted)


def _look_in_rows(subject: Subject, found: RosterTraces) -> None:
    # Their keys first: with OR between two tables every row of every upload would be read.
    rosters = list(looked_through(subject).values_list("pk", flat=True))
    near = RosterRow.objects.filter(roster_import__in=rosters).filter(hinted_at(subject))
    taken = RosterRow.objects.filter(learner__in=subject.keys)
    for key, roster in taken.values_list("pk", "roster_import_id"):
        found.own.append(key)
        found.imports.add(roster)
    columns = ("pk", "roster_import_id", "raw_cipher")
    decrypt = crypto.decryptor()
    others = near.exclude(learner__in=subject.keys).values_list(*columns)
    for key, roster, cipher in others.iterator(chunk_size=_CHUNK):
        plain = decrypt(bytes(cipher), RosterRow.where(key))
        if is_own(subject, plain):
            found.own.append(key)
        elif is_mentioned(subject, plain):
            found.others.append(key)
        else:
            continue
        found.imports.add(roster)


def is_own(subject: Subject, plain: str) -> bool:
    """Whether a row, as it is stored, is about the person."""
    content = json.loads(plain)
    fields = content["fields"]
    number = str(fields.get("id_number") or "")
    if number in subject.numbers:
        return True
    born, phone = fields.get("birth_date") or "", fields.get("phone") or ""
    if subject.is_meant(fields.get("name"), phone=phone, born=born, number=number):
        return True
    # Nothing was understood of a row that is skipped: its cells are as they came.
    return not number and any(subject.is_number_in(cell_text(cell)) for cell in content["cells"])


def is_mentioned(subject: Subject, plain: str) -> bool:
    """As the head of somebody else's household."""
    content = json.loads(plain)
    fields = content["fields"]
    if any(subject.is_number_in(cell_text(cell)) for cell in content["cells"]):
        return True
    if str(fields.get("head_of") or "") in subject.numbers:
        return True
    home = subject.person.home_region.code
    lives = (fields.get("village_code"), fields.get("township_code"))
    return subject.is_named(fields.get("head_name")) and home in lives


def without(subject: Subject, content: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of somebody else's row when the person is taken out of it."""
    fields = dict(content["fields"])
    for name in ("head_name", "head_of", "head_id"):
        if name in fields and _names(subject, fields[name]):
            fields[name] = ""
    cells = [None if _names(subject, cell) else cell for cell in content["cells"]]
    findings = [
        [code, name, None if _names(subject, value) else value, dup]
        for code, name, value, dup in content["findings"]
    ]
    meant = content["meant"]
    if isinstance(meant, dict):
        meant = {key: value for key, value in meant.items() if not _names(subject, value)}
    return {**content, "fields": fields, "cells": cells, "findings": findings, "meant": meant}


def _names(subject: Subject, value: object) -> bool:
    if isinstance(value, float | int) and not isinstance(value, bool):
        value = cell_text(value)
    if not isinstance(value, str):
        return False
    return subject.is_number_in(value) or subject.is_named(value)


def _is_in_file(subject: Subject, roster: RosterImport) -> bool:
    try:
        book = read_workbook(roster.read_file(), roster.file_name)
    except (FileError, OSError):
        return False  # nobody can read it, and its rows will never be
    for sheet in book.sheets:
        for row in sheet.rows:
            texts = [cell_text(cell) for cell in row if cell is not None]
            if any(map(subject.is_number_in, texts)):
                return True
            if any(map(subject.is_named, texts)) and not subject.phones.isdisjoint(texts):
                return True
    return False
