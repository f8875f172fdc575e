"""Registers: filling, sealing, what is sealed stays, dated adjustments, the next edition."""

import hashlib
import hmac
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import time_machine
from django.db import DatabaseError, transaction

from learners.actions import (
    RegisterError,
    add_entries,
    adjust_entry,
    create_register,
    open_next_edition,
    remove_entry,
    seal_edition,
)
from learners.models import RegisterEdition, RegisterEntry
from learners.queries import canonical_form, edition_counts, entries_in_force
from tests import factories

pytestmark = pytest.mark.django_db
SEALED = datetime(2026, 2, 28, 16, 30, 5, 999, tzinfo=UTC)  # 1 March in Shanghai


def make_edition(*learners, purpose="ABLE_WILLING") -> RegisterEdition:
    register = create_register(
        purpose=purpose, year=2026, region=factories.make_region("411521"), actor=None
    )
    edition = register.editions.get()
    add_entries(edition=edition, subjects=learners, actor=None)
    return edition


def names(edition, day) -> set[str]:
    return {entry.learner.name for entry in entries_in_force(edition, day)}


def test_the_canonical_form_is_as_worked_out_by_hand(regions):
    learner = factories.make_learner("甲")
    edition = make_edition()
    salt = bytes(range(32))
    rows = [
        RegisterEntry(
            id=UUID("00000000-0000-7000-8000-00000000000b"),
            edition=edition,
            learner=learner,
            region_at_seal=learner.home_region,
            willing=False,
        ),
        RegisterEntry(
            id=UUID("00000000-0000-7000-8000-00000000000a"),
            edition=edition,
            village=regions["411521100200"],
            region_at_seal=regions["411521100200"],
        ),
    ]
    person = hmac.new(salt, str(learner.pk).encode(), hashlib.sha256).hexdigest()
    # printf 411521100200 | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102...1f
    village = "a73690a8d420fd9573ca6796296579786f856d4c2b7b2353a19427444712f28b"
    assert (
        canonical_form(edition, sealed_at=SEALED, salt=salt, entries=rows)
        == (
            "ABLE_WILLING|411521|2026|1|2026-02-28T16:30:05Z\n"
            f"00000000-0000-7000-8000-00000000000a|VILLAGE|{village}|411521100200|1|1\n"
            f"00000000-0000-7000-8000-00000000000b|LEARNER|{person}|411521001003|1|0\n"
        ).encode()
    )


def test_sealing_stores_bytes_salt_and_hash(county_clerk):
    edition = make_edition(factories.make_learner(), factories.make_learner())
    sealed = seal_edition(edition=edition, sealed_at=SEALED, actor=county_clerk)
    sealed.refresh_from_db()
    form = bytes(sealed.canonical)
    assert sealed.sha256 == hashlib.sha256(form).hexdigest()
    assert sealed.sealed_by == county_clerk
    entries = sealed.entries.select_related("village", "region_at_seal")
    assert form == canonical_form(
        sealed, sealed_at=sealed.sealed_at, salt=bytes(sealed.salt), entries=entries
    )
    assert form.count(b"\n") == 3
    assert len(sealed.salt) == 32


def test_an_empty_edition_is_not_sealed_and_a_sealed_one_not_again():
    with pytest.raises(RegisterError) as refused:
        seal_edition(edition=make_edition(), actor=None)
    assert refused.value.code == "EDITION_EMPTY"
    edition = make_edition(factories.make_learner(), purpose="CADRES")
    seal_edition(edition=edition, actor=None)
    with pytest.raises(RegisterError) as refused:
        seal_edition(edition=edition, actor=None)
    assert refused.value.code == "EDITION_SEALED"


@pytest.mark.postgres
@pytest.mark.parametrize(
    "what",
    ["update", "delete", "entry", "entry_kind", "entry_delete", "entry_insert", "entry_move"],
)
def test_the_database_refuses_to_change_what_is_sealed(what):
    edition = make_edition(factories.make_learner())
    other = factories.make_learner()
    opened = make_edition(other, purpose="CADRES")
    seal_edition(edition=edition, actor=None)
    entries = RegisterEntry.objects.filter(edition=edition)
    changes = {
        "update": lambda: RegisterEdition.objects.filter(pk=edition.pk).update(sha256="0" * 64),
        "delete": lambda: RegisterEdition.objects.filter(pk=edition.pk)._raw_delete("default"),
        "entry": lambda: entries.update(able=False),
        "entry_kind": lambda: entries.update(kind="VILLAGE_CADRE"),
        "entry_move": lambda: opened.entries.update(edition=edition),
        "entry_delete": lambda: entries._raw_delete("default"),
        "entry_insert": lambda: RegisterEntry.objects.create(
            edition=edition, learner=other, region_at_seal=other.home_region
        ),
    }
    with pytest.raises(DatabaseError, match="sealed"), transaction.atomic():
        changes[what]()


def test_actions_refuse_to_change_a_sealed_list():
    edition = make_edition(factories.make_learner())
    seal_edition(edition=edition, actor=None)
    with pytest.raises(RegisterError) as refused:
        add_entries(edition=edition, subjects=[factories.make_learner()], actor=None)
    assert refused.value.code == "EDITION_SEALED"
    with pytest.raises(RegisterError):
        remove_entry(entry=edition.entries.get(), actor=None)


def test_who_is_on_the_register_day_by_day():
    first, second, third = (factories.make_learner(name) for name in "甲乙丙")
    edition = make_edition(first, second)
    seal_edition(edition=edition, sealed_at=SEALED, actor=None)

    def adjust(subject, kind, day):
        adjust_entry(
            edition=edition,
            subject=subject,
            kind=kind,
            happened_on=day,
            reason="迁入迁出",
            actor=None,
        )

    with time_machine.travel("2026-06-30T04:00:00Z", tick=False):
        adjust(third, "ADD", date(2026, 3, 10))
        adjust(first, "REMOVE", date(2026, 3, 20))
        adjust(first, "ADD", date(2026, 4, 1))
        adjust(third, "REMOVE", date(2026, 4, 2))
    assert names(edition, date(2026, 3, 9)) == {"甲", "乙"}
    assert names(edition, date(2026, 3, 10)) == {"甲", "乙", "丙"}
    assert names(edition, date(2026, 3, 20)) == {"乙", "丙"}
    assert names(edition, date(2026, 4, 1)) == {"甲", "乙", "丙"}
    assert names(edition, date(2026, 4, 2)) == {"甲", "乙"}
    counts = edition_counts(edition, date(2026, 3, 20))
    assert (counts.sealed, counts.added, counts.removed, counts.in_force) == (2, 1, 1, 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": "  "}, "ADJUSTMENT_REASON"),
        ({"happened_on": date(2026, 2, 28)}, "ADJUSTMENT_DATE"),
        ({"happened_on": date(2027, 1, 1)}, "ADJUSTMENT_DATE"),
        ({"kind": "ADD"}, "NOTHING_TO_ADJUST"),
    ],
)
def test_what_an_adjustment_must_have(changes, code):
    learner = factories.make_learner()
    edition = make_edition(learner)
    seal_edition(edition=edition, sealed_at=SEALED, actor=None)
    facts = {
        "subject": learner,
        "kind": "REMOVE",
        "happened_on": date(2026, 3, 10),
        "reason": "迁出",
    }
    with time_machine.travel("2026-06-30T04:00:00Z", tick=False):
        with pytest.raises(RegisterError) as refused:
            adjust_entry(edition=edition, actor=None, **(facts | changes))
        assert refused.value.code == code
        adjust_entry(edition=edition, actor=None, **facts)


def test_the_next_edition_begins_with_those_in_force():
    first, second = factories.make_learner("甲"), factories.make_learner("乙")
    edition = make_edition(first, second)
    with pytest.raises(RegisterError):
        open_next_edition(register=edition.register, actor=None)
    sealed = seal_edition(edition=edition, actor=None)
    adjust_entry(
        edition=sealed,
        subject=first,
        kind="REMOVE",
        happened_on=sealed.sealed_at.astimezone(factories.SHANGHAI).date(),
        reason="迁出",
        actor=None,
    )
    following = open_next_edition(register=sealed.register, actor=None)
    assert following.no == 2
    assert {entry.learner.name for entry in following.entries.all()} == {"乙"}


def test_a_register_exists_once_per_year_and_entries_once_per_edition():
    learner = factories.make_learner()
    edition = make_edition(learner)
    assert add_entries(edition=edition, subjects=[learner], actor=None) == 0
    with pytest.raises(RegisterError):
        make_edition()
