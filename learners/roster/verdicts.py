"""The codes a row can get, how grave each is, and what to tell the clerk who must act on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Code:
    """`what` says what is wrong, `remedy` what to do next."""

    severity: Verdict
    what: Promise
    remedy: Promise


CODES: dict[str, Code] = {
    "NAME_MISSING": Code(
        Verdict.ERROR,
        _("The name is empty."),
        _("Enter the name as on the identity card."),
    ),
    "ID_MISSING": Code(
        Verdict.ERROR,
        _("The ID number is empty."),
        _("Enter the 18-character number from the identity card."),
    ),
    "ID_PRECISION_LOST": Code(
        Verdict.ERROR,
        _("The spreadsheet program turned the ID number into a number; its last digits are gone."),
        _("Set the column to text and type the whole number again from the identity card."),
    ),
    "ID_LENGTH": Code(
        Verdict.ERROR,
        _("The ID number is not 18 characters long."),
        _("Compare it with the identity card and complete it."),
    ),
    "ID_FORMAT": Code(
        Verdict.ERROR,
        _("The ID number contains a wrong character, such as O for 0 or l for 1."),
        _("Compare it with the identity card and type it again."),
    ),
    "ID_MASKED": Code(
        Verdict.ERROR,
        _("The ID number is masked with asterisks."),
        _("Enter the whole number; a masked one cannot be matched to a person."),
    ),
    "ID_DATE": Code(
        Verdict.ERROR,
        _("The birth date in the ID number does not exist or lies in the future."),
        _("Compare digits 7 to 14 with the identity card and correct them."),
    ),
    "ID_CHECKSUM": Code(
        Verdict.ERROR,
        _("The last character of the ID number does not fit; at least one digit is mistyped."),
        _("Compare it with the identity card digit by digit and correct it."),
    ),
    "TOWNSHIP_UNKNOWN": Code(
        Verdict.ERROR,
        _("The county has no such township."),
        _("Enter the township's official name; choose it from the list of the county."),
    ),
    "TOWNSHIP_AMBIGUOUS": Code(
        Verdict.ERROR,
        _("Two townships of the county fit this name."),
        _("Write the full name with its ending, such as town or township."),
    ),
    "DUP_IN_FILE": Code(
        Verdict.ERROR,
        _("This person stands in the file already; the first row was kept."),
        _("Delete this row; nothing is lost."),
    ),
    "DUP_CONFLICT": Code(
        Verdict.ERROR,
        _("Another row of the file has the same ID number with a different name."),
        _("Compare both rows with the identity cards and correct the wrong one."),
    ),
    # Never found by judging a file alone, only by comparing it with the archive.
    "KNOWN_ELSEWHERE": Code(
        Verdict.ERROR,
        _("This person is registered in another region already."),
        _("The row is not imported. Ask the office above both regions to move the person here."),
    ),
    "ID_UPGRADED_15": Code(
        Verdict.WARNING,
        _("The 15-digit ID number was converted to 18 characters."),
        _("Compare it with the present identity card."),
    ),
    "SEX_MISMATCH": Code(
        Verdict.WARNING,
        _("The sex differs from the ID number; the ID number was followed."),
        _("If the ID number is wrong, correct it."),
    ),
    "BIRTH_MISMATCH": Code(
        Verdict.WARNING,
        _("The birth date differs from the ID number; the ID number was followed."),
        _("If the ID number is wrong, correct it."),
    ),
    "AGE_OUT_OF_RANGE": Code(
        Verdict.WARNING,
        _("The person is younger than 16 or older than 65."),
        _("Check that the person may take part."),
    ),
    "VILLAGE_UNKNOWN": Code(
        Verdict.WARNING,
        _("The township has no such village, or the cell is empty; the village was left open."),
        _("Enter the village's official name or choose it later on the person's page."),
    ),
    "PHONE_MISSING": Code(
        Verdict.WARNING,
        _("The telephone number is empty."),
        _("Add it if there is one; without it no text message can be sent."),
    ),
    "PHONE_INVALID": Code(
        Verdict.WARNING,
        _("This is not an 11-digit mobile number; the telephone was left open."),
        _("Enter a mobile number of 11 digits."),
    ),
    "PHONE_MULTIPLE": Code(
        Verdict.WARNING,
        _("The cell holds two numbers; the first valid one was kept."),
        _("Check that it is the one to use."),
    ),
    "HOUSEHOLD_TYPE_UNKNOWN": Code(
        Verdict.WARNING,
        _("The household type is empty or not in the list; it was left open."),
        _("Enter a type from the list."),
    ),
    "FIELDS_SWAPPED": Code(
        Verdict.WARNING,
        _("The ID number and the telephone stood in each other's column and were exchanged."),
        _("Nothing needs doing if both are right now."),
    ),
    "HIDDEN_ROW": Code(
        Verdict.WARNING,
        _("The row is hidden in the sheet and was imported all the same."),
        _("Check that it was not meant to be left out."),
    ),
}

FILE_MESSAGES: dict[str, Promise] = {
    "HEADER_NOT_FOUND": _(
        "No sheet has a header row with both a name and an ID number column, so nobody was read. "
        "Name these two columns in the header row and upload the file again."
    ),
    "NO_PEOPLE": _(
        "The file has a header but not one person below it. "
        "Check that the filled-in version was saved, on a visible sheet, then upload it again."
    ),
    "REGION_UNKNOWN": _(
        "The chosen region is neither a county nor has counties below it. "
        "Choose the county, or the prefecture when the file holds several counties."
    ),
}


@dataclass(slots=True)
class Finding:
    """One code at one field; `value` is what stood there, `dup_of` the (sheet, row) kept."""

    code: str
    field: str
    value: str | int | None = None
    dup_of: tuple[str | None, int] | None = None

    @property
    def severity(self) -> Verdict:
        return CODES[self.code].severity

    def reason(self) -> str:
        """What is wrong and what to do, in the reader's language."""
        code = CODES[self.code]
        parts = [str(code.what)]
        if self.dup_of:
            sheet, row = self.dup_of
            place = (
                _("See row %(row)d.") if sheet is None else _("See sheet %(sheet)s, row %(row)d.")
            )
            parts.append(str(place) % {"sheet": sheet, "row": row})
        parts.append(str(code.remedy))
        text = parts[0]
        for part in parts[1:]:  # how two sentences meet is the language's own affair
            text = str(_("%(sentence)s %(next)s")) % {"sentence": text, "next": part}
        return text
