"""What rows in custody that are sealed to the server say of whom, as keyed hashes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from courses.models import ParkedRow
from courses.queries.codes import read_personal_qr
from courses.queries.seals import SealError, open_seal
from learners.queries.erasing import Subject
from learners.queries.hints import LABEL, names_in, numbers_in
from lms.lib import crypto, hints


def hints_of_sealed(raw: Any) -> bytes | None:
    """None for a row that is not sealed, and where the seal cannot be opened now."""
    if not isinstance(raw, Mapping) or "sealed" not in raw:
        return None
    try:
        said = open_seal(raw["sealed"])
    except (SealError, AttributeError, crypto.DecryptError):
        return None
    if not isinstance(said, Mapping):
        return b""
    words = numbers_in([str(said.get("id_number") or "")]) | names_in([said.get("name")])
    if whose := read_personal_qr(str(said.get("qr") or "")):
        words.add(str(whose))
    return hints.packer(LABEL)(words)


def hints_to_come() -> dict[UUID, bytes]:
    """Of rows that were kept before there were hints, or whose seal opens only now."""
    rows = ParkedRow.objects.filter(hints__isnull=True, raw__has_key="sealed").order_by("pk")
    found = ((key, hints_of_sealed(raw)) for key, raw in rows.values_list("pk", "raw").iterator())
    return {key: said for key, said in found if said is not None}


def card_words(subject: Subject) -> set[str]:
    """The codes on the person's cards, among the words of hints."""
    return {str(key) for key in subject.keys}
