"""The rows of a file of learners, some thousands at a time, without a record object of each."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from learners.models import Audience, Learner, LearnerQuerySet, Membership, RoleHeld, Sex
from lms.lib import crypto, idnumbers
from lms.lib.periods import today, valid_on
from regions.models import Region

BATCH = 500
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


class Repeated:
    """One question asked again for each batch: compiled once, since that costs more than the
    answer, and its rows come as the database keeps them (a UUID is text on SQLite)."""

    def __init__(self, ask: Callable[[list[UUID]], QuerySet[Any, Any]]) -> None:
        self.ask = ask
        self.sql, self.params, self.start, self.count = "", list[Any](), 0, 0

    def __call__(self, keys: list[Any]) -> list[tuple[Any, ...]]:
        if len(keys) != self.count:
            pks = [key if isinstance(key, UUID) else UUID(key) for key in keys]
            self.sql, params = self.ask(pks).query.sql_with_params()
            self.params, self.count = list(params), len(keys)
            self.start = self.params.index(keys[0])
        self.params[self.start : self.start + self.count] = keys
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def export_batches(rows: LearnerQuerySet, *, is_unmasked: bool) -> Iterator[list[tuple[str, ...]]]:
    """Rows under `export_columns`, in the order of the list.

    The order is read once, as keys of 16 bytes; then each batch is a short read of its own, so
    that a long file neither fills the memory nor keeps others from writing.
    """
    order = bytearray()
    ordered = rows.order_by("home_region__path", "name", "pk").values_list("pk", flat=True)
    for pk in ordered.iterator(chunk_size=BATCH):
        order += pk.bytes
    reader = Reader(is_unmasked)
    for start in range(0, len(order), BATCH * KEY_BYTES):
        part = bytes(order[start : start + BATCH * KEY_BYTES])
        yield reader.batch([part[at : at + KEY_BYTES] for at in range(0, len(part), KEY_BYTES)])


class Reader:
    def __init__(self, is_unmasked: bool) -> None:
        day = today()
        living = Membership.objects.filter(valid_on(day))
        held = RoleHeld.objects.filter(valid_on(day)).exclude(role=Audience.HOUSEHOLD_MEMBER)
        typed = living.filter(valid_on(day, "household__statuses__"))
        type_name = "household__statuses__type__name"
        # The keys come from rows that the requester may see.
        self.people = Repeated(lambda pks: Learner.objects.filter(pk__in=pks).values_list(*FIELDS))
        self.households = Repeated(
            lambda pks: living.filter(learner__in=pks).values_list(
                "learner_id", "household__number"
            )
        )
        self.types = Repeated(
            lambda pks: typed.filter(learner__in=pks).values_list("learner_id", type_name)
        )
        self.roles = Repeated(
            lambda pks: held.filter(learner__in=pks).values_list("learner_id", "role")
        )
        self.is_unmasked = is_unmasked
        self.sexes: dict[str, str] = {value: str(label) for value, label in Sex.choices}

    def batch(self, order: list[bytes]) -> list[tuple[str, ...]]:
        native = connection.features.has_native_uuid_field
        keys: list[Any] = [UUID(bytes=key) if native else key.hex() for key in order]
        people = {row[0]: row for row in self.people(keys)}
        places = _places({row[-1] for row in people.values()})
        numbers, types = dict(self.households(keys)), dict(self.types(keys))
        roles = _joined(self.roles(keys))
        found: list[tuple[str, ...]] = []
        for key in keys:
            if key not in people:
                continue
            _key, name, sex, id_cipher, phone_cipher, education, home = people[key]
            number, phone = self.numbers(key, id_cipher, phone_cipher)
            facts = (name, self.sexes.get(sex, ""), number, phone, education)
            more = (numbers.get(key, ""), types.get(key, ""), roles.get(key, ""))
            found.append((*facts, *places[home], *more))
        return found

    def numbers(self, key: Any, id_cipher: Any, phone_cipher: Any) -> tuple[str, str]:
        pk = str(key) if isinstance(key, UUID) else dashed(key)
        number, phone = "", ""
        if id_cipher:
            number = crypto.decrypt(id_cipher, where=f"learners_learner.id_cipher:{pk}")
        if phone_cipher:
            phone = crypto.decrypt(phone_cipher, where=f"learners_learner.phone_cipher:{pk}")
        if self.is_unmasked:
            return number, phone
        return idnumbers.mask_id(number), idnumbers.mask_phone(phone)


def dashed(key: str) -> str:
    """A UUID of 32 digits as `str` writes it."""
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


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


def _joined(rows: list[tuple[Any, ...]]) -> dict[Any, str]:
    labels = {value: str(label) for value, label in Audience.choices}
    held: dict[Any, set[str]] = defaultdict(set)
    for key, role in rows:
        held[key].add(labels[role])
    return {key: "、".join(sorted(names)) for key, names in held.items()}
