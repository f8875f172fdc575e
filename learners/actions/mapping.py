"""Say how a roster is to be read: its columns, and the places that its texts stand for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.actions.imports import RosterError, ask_for_check
from learners.models import RosterFileHints, RosterImport, RosterLayout
from learners.queries.mapping import titles_at
from learners.roster.answers import PlaceQuestion, SheetAnswer, fingerprint
from lms.models import TaskProgress, record_audit

if TYPE_CHECKING:
    from accounts.models import User

State = RosterImport.State


@transaction.atomic
def ask_for_columns(
    *,
    roster_import: RosterImport,
    reading: dict[str, Any],
    hints: bytes | None = None,
    actor: "User | None",
) -> RosterImport:
    """The columns are not certain: keep what the page of columns shows, and no row. `hints`: of
    whom the file speaks, for it waits until somebody answers."""
    roster_import = _locked(roster_import)
    if roster_import.state != State.UPLOADED:
        return roster_import
    roster_import.state = State.UNSURE
    roster_import.set_reading(reading)
    roster_import.save(update_fields=["state", "reading_cipher"])
    if hints is not None:
        kept = RosterFileHints.objects.filter(roster_import=roster_import)
        if not kept.update(hints=hints):
            RosterFileHints.objects.create(roster_import=roster_import, hints=hints)
    doubts = sorted({doubt[0] for sheet in reading["sheets"] for doubt in sheet["doubts"]})
    _audit("learners.columns_asked", roster_import, actor, doubts=doubts)
    return roster_import


@transaction.atomic
def answer_columns(
    *,
    roster_import: RosterImport,
    sheets: Mapping[str, SheetAnswer],
    remember: bool,
    actor: "User",
) -> TaskProgress:
    """Judge the file again by these columns; `remember` them for files with the same titles."""
    roster_import = _open_for_answers(roster_import)
    reading = roster_import.reading()
    stored = {name: answer.as_json() for name, answer in sheets.items()}
    roster_import.answers = {**roster_import.answers, "sheets": stored}
    remembered = 0
    if remember:
        for sheet in reading["sheets"]:
            answer = sheets.get(sheet["name"])
            remembered += bool(answer and _remember(roster_import, sheet, answer, actor))
    _audit(
        "learners.columns_answered",
        roster_import,
        actor,
        sheets=len(stored),
        remembered=remembered,
    )
    return _judge_again(roster_import, actor)


def _remember(
    roster_import: RosterImport, sheet: Mapping[str, Any], answer: SheetAnswer, actor: "User"
) -> bool:
    if not answer.last_row:
        return False
    known = fingerprint(titles_at(sheet, answer.first_row, answer.last_row).titles)
    if known:
        # The township is this file's own; the next one may come from another.
        stored = {**answer.as_json(), "township": ""}
        RosterLayout.objects.update_or_create(
            region=roster_import.region,
            fingerprint=known,
            defaults={"answer": stored, "updated_by": actor, "updated_at": timezone.now()},
        )
    return bool(known)


@transaction.atomic
def answer_places(
    *, roster_import: RosterImport, picked: Mapping[PlaceQuestion, str], actor: "User"
) -> TaskProgress:
    """Judge the file again with the places that were picked; earlier picks stay."""
    roster_import = _open_for_answers(roster_import)
    earlier = {tuple(entry[:3]): entry for entry in roster_import.answers.get("places", [])}
    new: dict[tuple[str, ...], Sequence[str]] = {
        tuple(question): [*question, code] for question, code in picked.items()
    }
    roster_import.answers = {**roster_import.answers, "places": list({**earlier, **new}.values())}
    _audit("learners.places_picked", roster_import, actor, picked=len(new))
    return _judge_again(roster_import, actor)


@transaction.atomic
def forget_layouts(
    *, roster_import: RosterImport, layouts: Sequence[RosterLayout], actor: "User"
) -> int:
    """The next file with these headings is read by its titles again, or asked about."""
    keys = [layout.pk for layout in layouts]
    rows = RosterLayout.objects.filter(pk__in=keys, region=roster_import.region)
    count, _by_model = rows.delete()
    _audit("learners.columns_forgotten", roster_import, actor, layouts=count)
    return count


# --- what they share ---
def _open_for_answers(roster_import: RosterImport) -> RosterImport:
    roster_import = _locked(roster_import)
    if roster_import.state not in {State.UNSURE, State.CHECKED}:
        raise RosterError(
            "WRONG_STATE",
            _("This import is at another step by now. Open it again to see where it stands."),
        )
    if not roster_import.file:
        raise RosterError(
            "FILE_GONE",
            _("The file of this import is no longer kept. Upload it again."),
        )
    return roster_import


def _judge_again(roster_import: RosterImport, actor: "User") -> TaskProgress:
    roster_import.rows.all().delete()
    roster_import.state = State.UPLOADED
    roster_import.save(update_fields=["state", "answers"])
    return ask_for_check(roster_import=roster_import, actor=actor)


def _locked(roster_import: RosterImport) -> RosterImport:
    rows = RosterImport.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("region", "uploaded_by", "progress").get(pk=roster_import.pk)


def _audit(action: str, roster_import: RosterImport, actor: "User | None", **detail: Any) -> None:
    record_audit(
        action,
        actor=actor,
        target=roster_import,
        region_path=roster_import.region.path,
        detail=detail,
    )
