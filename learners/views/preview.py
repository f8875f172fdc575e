"""How the preview of a roster is put into words: cells, chips, causes, counts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from learners.models import RosterImport, RosterRow
from learners.queries.matching import Difference
from learners.queries.rosters import PreviewRow
from learners.roster import normalise
from learners.roster.entries import CADRE_WORDS, CATEGORY_WORDS, entry_facts, one_of
from learners.roster.verdicts import Finding
from lms.lib import idnumbers
from lms.lib.spreadsheets import cell_text

#: What a chip says of each code, in five characters or fewer of Chinese.
CODE_WORDS = {
    "NAME_MISSING": gettext_lazy("No name"),
    "ID_MISSING": gettext_lazy("No ID number"),
    "ID_PRECISION_LOST": gettext_lazy("Digits lost"),
    "ID_LENGTH": gettext_lazy("ID length"),
    "ID_FORMAT": gettext_lazy("ID characters"),
    "ID_MASKED": gettext_lazy("ID masked"),
    "ID_DATE": gettext_lazy("ID birth date"),
    "ID_CHECKSUM": gettext_lazy("ID checksum"),
    "ID_UPGRADED_15": gettext_lazy("15 digits"),
    "DUP_IN_FILE": gettext_lazy("Duplicate"),
    "DUP_CONFLICT": gettext_lazy("ID conflict"),
    "TOWNSHIP_UNKNOWN": gettext_lazy("Township unknown"),
    "TOWNSHIP_AMBIGUOUS": gettext_lazy("Township ambiguous"),
    "VILLAGE_UNKNOWN": gettext_lazy("Village unknown"),
    "SEX_MISMATCH": gettext_lazy("Sex differs"),
    "BIRTH_MISMATCH": gettext_lazy("Birth differs"),
    "PHONE_MISSING": gettext_lazy("No telephone"),
    "PHONE_INVALID": gettext_lazy("Telephone wrong"),
    "PHONE_MULTIPLE": gettext_lazy("Two telephones"),
    "HOUSEHOLD_TYPE_UNKNOWN": gettext_lazy("Type unknown"),
    "AGE_OUT_OF_RANGE": gettext_lazy("Age"),
    "FIELDS_SWAPPED": gettext_lazy("Columns swapped"),
    "HIDDEN_ROW": gettext_lazy("Hidden row"),
    "KNOWN_ELSEWHERE": gettext_lazy("Registered elsewhere"),
    "title": gettext_lazy("Title row"),
    "info line": gettext_lazy("Info line"),
    "header": gettext_lazy("Header"),
    "blank": gettext_lazy("Blank row"),
    "total": gettext_lazy("Total row"),
    "footer": gettext_lazy("Footer"),
}
VERDICT_CHIPS = {
    "ERROR": ("bad", "cross"),
    "WARNING": ("warn", "alert"),
    "OK": ("good", "check"),
    "SKIPPED": ("mute", "minus"),
}
OUTCOME_CHIPS = {
    "CREATED": ("info", "plus"),
    "MATCHED": ("mute", "user"),
    "CHANGED": ("warn", "pencil"),
}
EXPECTED_WORDS = {
    "CREATED": pgettext_lazy("expected", "Will be created"),
    "MATCHED": pgettext_lazy("expected", "Already known"),
    "CHANGED": pgettext_lazy("expected", "Will be changed"),
}
MOST_WORDS = 3
#: An ID number or telephone in a column where none belongs: columns were swapped.
_STRAYED = re.compile(r"\d{11,18}[Xx]?", re.ASCII)


@dataclass(frozen=True)
class Cell:
    """One cell of the preview: what is shown, masked, and how it is tinted."""

    text: str
    tint: str


@dataclass(frozen=True)
class Line:
    """A row of the preview as the template draws it."""

    row: RosterRow
    css: str
    name: Cell
    number: Cell
    township: Cell
    village: Cell
    phone: Cell
    chip: tuple[str, str, str]
    #: What the import does with the person, or did; None where it does nothing.
    outcome: tuple[str, str, str] | None
    texts: list[str]


@dataclass(frozen=True)
class CountBox:
    verdict: str
    count: int
    title: str
    note: str
    kind: str
    icon: str


def line_of(found: PreviewRow, columns: Mapping[str, int], *, knows_created: bool = True) -> Line:
    """`knows_created`: whether "not known here" may be read as "known nowhere"."""
    verdict = found.row.verdict
    bad = "cell-bad" if verdict == "ERROR" else "cell-warn"
    tints = {entry.field: "cell-good" for entry in found.tidied}
    tints |= {finding.field: bad for finding in found.judged.findings}

    def cell(name: str) -> Cell:
        text = _shown(found, name, columns)
        return Cell(text or "—", tints.get(name, ""))

    return Line(
        row=found.row,
        css={"ERROR": "row-bad", "WARNING": "row-warn"}.get(verdict, ""),
        name=cell("name"),
        number=cell("id_number"),
        township=cell("township"),
        village=cell("village"),
        phone=cell("phone"),
        chip=(*VERDICT_CHIPS[verdict], _word(found)),
        outcome=_outcome(found, knows_created=knows_created),
        texts=_texts(found),
    )


def _outcome(found: PreviewRow, *, knows_created: bool) -> tuple[str, str, str] | None:
    name = found.row.outcome or found.known
    if not name or (name == "CREATED" and not found.row.outcome and not knows_created):
        return None
    word = RosterRow.Outcome(name).label if found.row.outcome else EXPECTED_WORDS[name]
    return (*OUTCOME_CHIPS[name], str(word))


def _shown(found: PreviewRow, name: str, columns: Mapping[str, int]) -> str:
    """What was understood of a clean row; of a faulty cell what stood there. Numbers masked."""
    fields = found.judged.fields
    faulty = next((one for one in found.judged.findings if one.field == name), None)
    text = fields.get(name) or ""
    if not text or faulty:
        text = _as_written(found, name, columns) or _part_of_address(faulty) or text
    if name == "id_number":
        return _masked_number(text)
    if name == "phone":
        return idnumbers.mask_phone(normalise.phone(text)[0] or text)
    return _STRAYED.sub(lambda number: idnumbers.mask_id(number[0]), text)


def _part_of_address(faulty: Finding | None) -> str:
    """Of a place that has no column of its own: the words that name none."""
    is_place = faulty is not None and faulty.field in {"township", "village"}
    return str(faulty.value or "") if faulty and is_place else ""


def _as_written(found: PreviewRow, name: str, columns: Mapping[str, int]) -> str:
    at = columns.get(name)
    cells = found.judged.cells
    value = cells[at] if at is not None and at < len(cells) else None
    if isinstance(value, float) and abs(value) >= 10**15:
        return f"{value:.5E}"  # as Excel shows it: 4.11521E+17
    return cell_text(value)


def _masked_number(text: str) -> str:
    """What is no number at all, such as a name or "to follow", is shown for what it is."""
    if not any(map(str.isdigit, text)) or ("E+" in text and len(text) < 13):
        return text
    return idnumbers.mask_id(text)


def _word(found: PreviewRow) -> str:
    if found.judged.findings:
        return str(CODE_WORDS[found.judged.findings[-1].code])
    if found.row.verdict == "SKIPPED":
        return str(CODE_WORDS.get(found.judged.skip_reason, found.judged.skip_reason))
    return str(RosterRow.Verdict(found.row.verdict).label)


def _texts(found: PreviewRow) -> list[str]:
    """Cause and remedy in words; what was tidied; what an import would change."""
    texts = [_with_value(finding) for finding in found.judged.findings]
    if found.tidied:
        texts.append(_("Tidied: %(what)s") % {"what": _("; ").join(map(_tidied, found.tidied))})
    if found.changes:
        what = _("; ").join(map(_changed, found.changes))
        text = _("Changed: %(what)s") if found.row.outcome else _("Will change: %(what)s")
        texts.append(text % {"what": what})
    if found.is_other_name and not found.row.outcome:
        texts.append(
            _(
                "In the archive this ID number belongs to a person of quite another name. Compare "
                "it with the identity card first: the import gives that person this name."
            )
        )
    if found.known == "MATCHED" and not found.row.outcome:
        texts.append(_("In the archive already, nothing changes."))
    texts.extend(_unread(found))
    if marks := found.judged.fields.get("attendance"):
        texts.extend(_attended(found, marks))
    return texts


def _unread(found: PreviewRow) -> list[str]:
    """Posts and categories that name no kind, or several: they are not recorded, and that is said.

    Most lists have neither column.
    """
    fields = found.judged.fields
    told = {
        "post": (
            CADRE_WORDS,
            _(
                "The post “%(text)s” names no single kind of cadre, so no role is recorded. Write "
                "one kind, or add the role on the person's page."
            ),
        ),
        "category": (
            CATEGORY_WORDS,
            _(
                "The category “%(text)s” is not one of the list, so it is left open. Write one of "
                "them, or choose it on the register."
            ),
        ),
    }
    texts = [
        words % {"text": text}
        for name, (kinds, words) in told.items()
        if (text := str(fields.get(name) or "")) and not one_of(kinds, text)
    ]
    return texts + _left_open(fields)


#: What a register keeps of a row's field: the field, and the column of the entry.
_KEPT = {
    **{name: name for name in ("able", "willing", "has_agreement", "drive_count")},
    **{name: f"{name}_yuan" for name in ("yearly_income", "shop_grant", "loan")},
}


def _left_open(fields: Mapping[str, Any]) -> list[str]:
    """Answers, amounts and counts that say something, but nothing that can be read."""
    said = [name for name in _KEPT if fields.get(name)]
    facts = entry_facts({name: fields[name] for name in said}) if said else {}
    words = _(
        "“%(text)s” under %(field)s could not be read, so it is left open. Write an amount as "
        "36000 or 3.6万, a count as a whole number, an answer as yes or no."
    )
    return [
        words % {"text": fields[name], "field": FIELD_WORDS[name]}
        for name in said
        if facts.get(_KEPT[name]) is None
    ]


def _attended(found: PreviewRow, marks: Sequence[Mapping[str, str]]) -> list[str]:
    """How many of the sheet's marks say present; a sign that means nothing known is named."""
    came = sum(entry["mark"] in ("present", "late") for entry in marks)
    texts = [_("Attended %(came)d of %(all)d.") % {"came": came, "all": len(marks)}]
    unknown = [entry["sign"] for entry in marks if entry.get("sign")]
    if unknown:
        signs = _(", ").join(dict.fromkeys(unknown))
        words = _(
            "The marks %(signs)s are not known and count as not attended; use √, late or leave."
        )
        texts.append(words % {"signs": signs})
    return texts


def _changed(change: Difference) -> str:
    return f"{FIELD_WORDS[change.field]} {change.old or '—'} → {change.new}"


FIELD_WORDS = {
    "name": gettext_lazy("Full name"),
    "phone": gettext_lazy("Telephone"),
    "home": gettext_lazy("Home"),
    "native_name": gettext_lazy("Name in own script"),
    "household_type": gettext_lazy("Household type"),
    "id_number": gettext_lazy("ID number"),
    "ethnic": gettext_lazy("Ethnicity"),
    "township": gettext_lazy("Township"),
    "village": gettext_lazy("Village"),
    "sex": gettext_lazy("Sex"),
    "serial": gettext_lazy("Serial number"),
    "county": gettext_lazy("County"),
    "group": gettext_lazy("Villagers' group"),
    "address": gettext_lazy("Address"),
    "education": gettext_lazy("Education"),
    "birth_date": gettext_lazy("Birth date"),
    "age": gettext_lazy("Age"),
    "train_date": gettext_lazy("Training date"),
    "train_start": gettext_lazy("Training begins"),
    "train_end": gettext_lazy("Training ends"),
    "train_term": gettext_lazy("Course run"),
    "completed": pgettext_lazy("column", "Completed"),
    "has_shop": gettext_lazy("Has a shop"),
    "shop_url": gettext_lazy("Shop address"),
    "household_no": gettext_lazy("Household number"),
    "head_name": gettext_lazy("Head"),
    "head_id": gettext_lazy("ID number of the head"),
    "relation": gettext_lazy("Relation to the head"),
    "disability": gettext_lazy("Disability"),
    "political_status": gettext_lazy("Political status"),
    "remark": gettext_lazy("Remark"),
    "reason": gettext_lazy("Reason"),
    "signature": gettext_lazy("Signature"),
    "able": gettext_lazy("Able"),
    "willing": gettext_lazy("Willing"),
    "intention": gettext_lazy("Intention"),
    "surveyed_by": gettext_lazy("Surveyed by"),
    "surveyed_on": gettext_lazy("Surveyed on"),
    "post": gettext_lazy("Post of a cadre"),
    "category": gettext_lazy("Category of a lead entrepreneur"),
    "project": gettext_lazy("Project"),
    "yearly_income": gettext_lazy("Yearly income"),
    "drive_count": gettext_lazy("Households led"),
    "drive_way": gettext_lazy("Way of leading"),
    "has_agreement": gettext_lazy("Agreement signed"),
    "shop_grant": gettext_lazy("Shop grant"),
    "loan": gettext_lazy("Small loan"),
}


def _with_value(finding: Finding) -> str:
    """For what has no column in the table, what stood in the file goes with the reason."""
    reason = finding.reason()
    if finding.field in {"household_type", "sex"} and finding.value:
        return _("“%(value)s”: %(reason)s") % {"value": finding.value, "reason": reason}
    return reason


def _tidied(entry: Any) -> str:
    if entry.field in {"id_number", "phone"}:
        return str(FIELD_WORDS[entry.field])
    return _("“%(before)s” → “%(after)s”") % {"before": entry.before, "after": entry.after}


def count_boxes(roster_import: RosterImport, counts: Mapping[str, int]) -> list[CountBox]:
    summary = roster_import.summary
    if "layouts" not in summary:
        return []
    tidied = _("%(count)d of them were tidied") % {"count": summary.get("tidied_rows", 0)}
    by_code = summary["words"]
    return [
        CountBox("OK", counts["OK"], _("Can be imported"), tidied, "good", "check"),
        CountBox(
            "WARNING",
            counts["WARNING"],
            _("With a reminder, can be imported"),
            _code_note(by_code["WARNING"]),
            "warn",
            "alert",
        ),
        CountBox(
            "ERROR",
            counts["ERROR"],
            _("To be corrected, not imported now"),
            _code_note(by_code["ERROR"]),
            "bad",
            "cross",
        ),
        CountBox(
            "SKIPPED",
            counts["SKIPPED"],
            _("Skipped"),
            _code_note(by_code["SKIPPED"]),
            "mute",
            "minus",
        ),
    ]


def _code_note(counts: Mapping[str, int]) -> str:
    most = sorted(counts.items(), key=lambda item: -item[1])
    words = [f"{CODE_WORDS.get(code, code)} {count}" for code, count in most[:MOST_WORDS]]
    if len(most) > MOST_WORDS:
        rest = sum(count for _code, count in most[MOST_WORDS:])
        words.append(_("other %(count)d") % {"count": rest})
    return " · ".join(words)
