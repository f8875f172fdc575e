"""A big archive for benchmarks: a province of people, written with plain inserts in about a minute.

Everything a page or a file reads is there as the product would have written it: encrypted cells,
blind indexes, households with their dated types, memberships. Names and numbers are invented.
"""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Model
from django.utils import timezone

from learners.models import (
    Household,
    HouseholdStatus,
    Learner,
    Membership,
    id_indexer,
    phone_indexer,
)
from learners.queries.names import name_initials
from lms.lib import crypto
from lms.lib.ids import uuid7
from lms.lib.periods import today
from regions.actions import load_regions
from regions.forms import RegionRow, read_rows
from regions.management.commands.load_regions import OURS
from regions.models import Region

PROVINCE, COUNTY = "41", "411521"
VILLAGES_A_TOWNSHIP = 20
PEOPLE_A_HOUSEHOLD = 4
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
GIVEN = (
    "建军小红秀英桂兰志强国庆海燕春梅玉珍文华明亮丽娟永福金凤德胜雪琴立新晓东红霞光荣"
    "长青淑芳卫民翠花守信彩云家兴爱国素梅正义敏慧东升月娥学文大伟振华美玲"
)
TYPES = ("LIFTED_OUT", "LIFTED_OUT", "LIFTED_OUT", "GENERAL_POOR", "ORDINARY")
CHUNK = 20_000


def load_province() -> list[tuple[int, str]]:
    """The real tree of one province down to townships, with invented villages; (id, path) of
    these."""
    rows = [row for row in read_rows(OURS[0]) if row.code.startswith(PROVINCE)]
    towns = [row.code for row in rows if len(row.code) == 9]
    rows += [
        RegionRow(line=0, code=f"{town}{n:03d}", level=5, name=f"第{n}村")
        for town in towns
        for n in range(200, 200 + VILLAGES_A_TOWNSHIP)
    ]
    load_regions(rows=rows, renamed_on=today(), actor=None)
    villages = Region.objects.filter(level=Region.Level.VILLAGE).order_by("path")
    return list(villages.values_list("pk", "path"))


def spread(villages: list[tuple[int, str]], count: int, in_county: int) -> list[int]:
    """The village of each household: `in_county` people in one county, the rest evenly."""
    own = [pk for pk, path in villages if path.startswith(COUNTY)]
    others = [pk for pk, path in villages if not path.startswith(COUNTY)]
    near, far = in_county // PEOPLE_A_HOUSEHOLD, (count - in_county) // PEOPLE_A_HOUSEHOLD
    return [own[n % len(own)] for n in range(near)] + [others[n % len(others)] for n in range(far)]


def insert(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Plain executemany; what a row does not name gets the field's default."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    defaults = {name: default_of(field) for name, field in fields.items() if not _is_serial(field)}
    columns = ", ".join(f'"{fields[name].column}"' for name in defaults)
    marks = ", ".join(["%s"] * len(defaults))
    sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({marks})'
    lines = (tuple((defaults | row).values()) for row in rows)
    with connection.cursor() as cursor:
        while chunk := list(islice(lines, CHUNK)):
            cursor.executemany(sql, chunk)


def _is_serial(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.BigAutoField)


def default_of(field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.DateTimeField) and not field.null:
        return field.get_db_prep_save(timezone.now(), connection)
    return None if field.primary_key else field.get_db_prep_save(field.get_default(), connection)


def key(value: Any) -> Any:
    """A UUID as this database stores it."""
    return value if connection.features.has_native_uuid_field else value.hex


class People:
    """The rows of an archive, household by household."""

    def __init__(self, homes: list[int]) -> None:
        self.chance = random.Random(20_261_122)
        #: Another benchmark may have filled the same database before.
        self.first = Household.objects.count()
        self.households = [(uuid7(), home) for home in homes]
        self.letters = {char: name_initials(char) for char in SURNAMES + GIVEN}
        self.members: list[tuple[Any, Any]] = []
        self.encrypt = crypto.encryptor()
        self.id_index, self.phone_index = id_indexer(), phone_indexer()

    def household_rows(self) -> Iterator[dict[str, Any]]:
        for n, (pk, home) in enumerate(self.households, self.first):
            yield {"id": key(pk), "number": f"B{n:09d}", "region_id": home}

    def status_rows(self) -> Iterator[dict[str, Any]]:
        since = date(2020, 1, 1).isoformat()
        for n, (pk, _home) in enumerate(self.households):
            yield {
                "household_id": key(pk),
                "type_id": TYPES[n % len(TYPES)],
                "starts_on": since,
                "ends_on": None,
            }

    def learner_rows(self) -> Iterator[dict[str, Any]]:
        for n, (household, home) in enumerate(self.households, self.first):
            for place in range(PEOPLE_A_HOUSEHOLD):
                pk = uuid7()
                self.members.append((key(pk), key(household)))
                yield self.learner(pk, home, n * PEOPLE_A_HOUSEHOLD + place)

    def learner(self, pk: Any, home: int, n: int) -> dict[str, Any]:
        number = f"{410_000 + n // 40_000:06d}19{60 + n % 40}0601{n // 40 % 1000:03d}{n % 10}"
        phone = f"139{n:08d}"
        name = self.chance.choice(SURNAMES) + "".join(
            self.chance.choices(GIVEN, k=1 if n % 3 == 0 else 2)
        )
        where = f"learners_learner.%s:{pk}"
        return {
            "id": key(pk),
            "id_cipher": self.encrypt(number, where % "id_cipher"),
            "id_index": self.id_index(f"{n:018d}"),
            "id_tail": number[-4:],
            "name": name,
            "initials": "".join(self.letters[char] for char in name),
            "sex": "MF"[n % 2],
            "phone_cipher": self.encrypt(phone, where % "phone_cipher"),
            "phone_index": self.phone_index(phone),
            "home_region_id": home,
        }

    def membership_rows(self) -> Iterator[dict[str, Any]]:
        since = date(2020, 1, 1).isoformat()
        for n, (learner, household) in enumerate(self.members):
            yield {
                "learner_id": learner,
                "household_id": household,
                "relation": "0" if n % PEOPLE_A_HOUSEHOLD == 0 else "8",
                "starts_on": since,
                "ends_on": None,
            }


@contextmanager
def bare_tables(*models: type[Model]) -> Iterator[None]:
    """SQLite fills a table without indexes and rules, and makes these afterwards, in a fraction of
    the time that it takes to keep them right row by row."""
    if connection.vendor != "sqlite":
        yield
        return
    names = [model._meta.db_table for model in models]
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') "
            f"AND sql IS NOT NULL AND tbl_name IN ({marks}) ORDER BY type",
            names,
        )
        found = cursor.fetchall()
        for statement in ("cache_size = -400000", "synchronous = OFF", "temp_store = MEMORY"):
            cursor.execute(f"PRAGMA {statement}")
        for kind, name, _sql in found:
            cursor.execute(f'DROP {kind} "{name}"')
        yield
        for _kind, _name, sql in found:
            cursor.execute(sql)
        for statement in ("cache_size = -2000", "synchronous = FULL", "temp_store = DEFAULT"):
            cursor.execute(f"PRAGMA {statement}")


def load_people(count: int, *, in_county: int) -> None:
    """`count` people of a province, `in_county` of them in COUNTY."""
    people = People(spread(load_province(), count, in_county))
    with bare_tables(Household, HouseholdStatus, Learner, Membership), transaction.atomic():
        insert(Household, people.household_rows())
        insert(HouseholdStatus, people.status_rows())
        insert(Learner, people.learner_rows())
        insert(Membership, people.membership_rows())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
