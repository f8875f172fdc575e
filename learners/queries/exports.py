"""The rows of a file of learners, some thousands at a time, without a record object of each."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from learners.models import Audience, Learner, LearnerQuerySet, Membership, RoleHeld, Sex
from learners.queries.households import names_of_types
from lms.lib import crypto, idnumbers
from lms.lib.periods import today, valid_on
from regions.models import Region

BATCH = 1000
KEY_BYTES = 16
FIELDS = ("pk", "name", "sex", "id_cipher", "phone_cipher", "education", "home_region_id")
Places = tuple[str, str, str]


def export_columns() -> list[str]:
    return [
        _("Full name"),
        _("Sex"),
        _("ID number"),
        _("Telephone"),
        _("Education"),
        _("County"),
        _("Township"),
        pgettext("place", "Village"),
        _("Household number"),
        _("Household type"),
        _("Roles"),
    ]


def export_batches(rows: LearnerQuerySet, *, is_unmasked: bool) -> Iterator[list[tuple[str, ...]]]:
    """Rows under `export_columns`, in the order of the list.

    The order is read once, as keys of 16 bytes; then each batch is a short read of its own, so
    that a long file neither fills the memory nor keeps others from writing.
    """
    keys = bytearray()
    ordered = rows.order_by("home_region__path", "name", "pk").values_list("pk", flat=True)
    for pk in ordered.iterator(chunk_size=BATCH):
        keys += pk.bytes
    for start in range(0, len(keys), BATCH * KEY_BYTES):
        part = keys[start : start + BATCH * KEY_BYTES]
        pks = [
            UUID(bytes=bytes(part[at : at + KEY_BYTES])) for at in range(0, len(part), KEY_BYTES)
        ]
        yield _batch(pks, is_unmasked)


def _batch(pks: list[UUID], is_unmasked: bool) -> list[tuple[str, ...]]:
    # The keys come from rows that the requester may see.
    people = {row[0]: row for row in Learner.objects.filter(pk__in=pks).values_list(*FIELDS)}
    places = _places({row[-1] for row in people.values()})
    numbers, types, roles = _household_numbers(pks), names_of_types(pks), _roles(pks)
    sexes: dict[str, str] = {value: str(label) for value, label in Sex.choices}
    found: list[tuple[str, ...]] = []
    for pk in pks:
        if pk not in people:
            continue
        _pk, name, sex, id_cipher, phone_cipher, education, home = people[pk]
        where = f"learners_learner.%s:{pk}"
        number = crypto.decrypt(id_cipher, where=where % "id_cipher") if id_cipher else ""
        phone = crypto.decrypt(phone_cipher, where=where % "phone_cipher") if phone_cipher else ""
        if not is_unmasked:
            number, phone = idnumbers.mask_id(number), idnumbers.mask_phone(phone)
        more = (numbers.get(pk, ""), types.get(pk, ""), roles.get(pk, ""))
        found.append((name, sexes.get(sex, ""), number, phone, education, *places[home], *more))
    return found


def _places(homes: set[int]) -> dict[int, Places]:
    """Home region -> names of its county, township and village; "" below where it lies."""
    rows = Region.objects.filter(pk__in=homes).values_list(
        "pk", "level", "name", "parent__name", "parent__parent__name"
    )
    return {pk: _place(level, name, above or "", top or "") for pk, level, name, above, top in rows}


def _place(level: int, name: str, above: str, top: str) -> Places:
    match level:
        case Region.Level.VILLAGE:
            return (top, above, name)
        case Region.Level.TOWNSHIP:
            return (above, name, "")
    return (name, "", "")


def _household_numbers(pks: list[UUID]) -> dict[UUID, str]:
    rows = Membership.objects.filter(valid_on(today()), learner__in=pks)
    return dict(rows.values_list("learner_id", "household__number"))


def _roles(pks: list[UUID]) -> dict[UUID, str]:
    labels = {value: str(label) for value, label in Audience.choices}
    rows = RoleHeld.objects.filter(valid_on(today()), learner__in=pks)
    held: dict[UUID, list[str]] = defaultdict(list)
    for pk, role in rows.exclude(role=Audience.HOUSEHOLD_MEMBER).values_list("learner_id", "role"):
        held[pk].append(labels[role])
    return {pk: "、".join(sorted(set(names))) for pk, names in held.items()}
