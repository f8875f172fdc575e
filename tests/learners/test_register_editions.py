"""Kinds and units, changing an open edition, the bridge, verification, composed editions."""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command

from learners.actions import (
    EntryFacts,
    RegisterError,
    add_entries,
    adjust_entry,
    change_entry,
    compose_edition,
    open_next_edition,
    seal_edition,
)
from learners.models import Learner, RegisterEdition, RoleHeld
from learners.queries import (
    edition_bridge,
    edition_counts,
    entries_in_force,
    propose,
    seal_preview,
    verify_edition,
)
from lms.models import AuditEvent
from tests import factories
from tests.learners.registers import make_edition, make_register

pytestmark = pytest.mark.django_db
SEALED = datetime(2026, 2, 28, 16, 30, 5, tzinfo=UTC)  # 1 March in Shanghai
LATER = datetime(2026, 3, 4, 16, 30, 5, tzinfo=UTC)


@pytest.fixture
def midyear():
    with time_machine.travel("2026-06-30T04:00:00Z", tick=False):
        yield


def adjust(edition, subject, kind, day, reason="核实"):
    return adjust_entry(
        edition=edition, subject=subject, kind=kind, happened_on=day, reason=reason, actor=None
    )


def hold(learner, role):
    RoleHeld.objects.create(
        learner=learner, role=role, region=learner.home_region, starts_on=date(2020, 1, 1)
    )
    return learner


def codes(rows) -> list[str]:
    return sorted(row.learner.name for row in rows.select_related("learner"))


# --- kinds and units ---
def test_each_cadre_rotates_as_one_kind_of_those_chosen():
    both = hold(hold(factories.make_learner(), "VILLAGE_CADRE"), "FIRST_SECRETARY")
    none = factories.make_learner()
    kinds = ["TOWNSHIP_CADRE", "FIRST_SECRETARY"]
    edition = make_edition([both, none], purpose="CADRES", kinds=kinds)
    found = dict(edition.entries.values_list("learner", "kind"))
    assert found == {both.pk: "FIRST_SECRETARY", none.pk: ""}
    assert [row.code for row in seal_preview(edition).doubts] == ["NO_KIND"]


def test_a_kind_that_is_not_listed_is_refused():
    learner = factories.make_learner()
    edition = make_edition([learner], purpose="CADRES", kinds=["MANAGER"])
    with pytest.raises(RegisterError) as refused:
        change_entry(
            entry=edition.entries.get(), facts=EntryFacts(kind="VILLAGE_CADRE"), actor=None
        )
    assert refused.value.code == "CADRE_KIND"
    with pytest.raises(RegisterError) as refused:
        make_register(purpose="LEADERS", kinds=["MANAGER"])
    assert refused.value.code == "CADRE_KINDS"


def test_a_register_holds_one_unit():
    household = factories.make_household()
    village = factories.make_region("411521100200")
    homes = make_edition([household], subject="HOUSEHOLD")
    people = make_edition()  # beside it, of the same region and year
    villages = make_edition([village], purpose="QUALIFYING_VILLAGES")
    assert homes.entries.get().region_at_seal == household.region
    assert villages.register.subject == "VILLAGE"
    for edition, subject in ((people, household), (homes, village), (villages, household)):
        with pytest.raises(RegisterError) as refused:
            add_entries(edition=edition, subjects=[subject], actor=None)
        assert refused.value.code == "OTHER_UNIT"


def test_changing_an_entry_says_which_columns_and_no_more(county_clerk):
    edition = make_edition([factories.make_learner()], purpose="LEADERS")
    facts = EntryFacts(category="VETERAN", yearly_income_yuan=Decimal("36000.00"), drive_count=5)
    change_entry(entry=edition.entries.get(), facts=facts, actor=county_clerk)
    entry = edition.entries.get()
    assert (entry.category, entry.yearly_income_yuan, entry.drive_count) == ("VETERAN", 36000, 5)
    detail = AuditEvent.objects.get(action="learners.register_entry_changed").detail
    assert detail == {
        "entry": str(entry.pk),
        "fields": ["category", "yearly_income_yuan", "drive_count"],
    }


def test_the_next_edition_keeps_what_was_said():
    learner = factories.make_learner()
    said = EntryFacts(willing=False, intention="SHOP", surveyed_by="张三", reason="外出")
    edition = make_edition([learner], facts={learner.pk: said})
    seal_edition(edition=edition, actor=None)
    entry = open_next_edition(register=edition.register, actor=None).entries.get()
    assert (entry.willing, entry.intention, entry.surveyed_by) == (False, "SHOP", "张三")


# --- proposals ---
def test_a_proposal_tells_new_present_and_no_longer_eligible():
    poor, present = factories.make_learner("新"), factories.make_learner("在")
    moved = factories.make_learner(
        "走", "411521100200", household=factories.make_household("411521100200", "ORDINARY")
    )
    factories.make_learner("邻", "411522001001")
    edition = make_edition([present, moved])
    found = propose(edition, ["POOR"], date(2026, 6, 1))
    assert [row.name for row in found.fresh] == ["新"]
    assert [entry.learner.name for entry in found.gone] == ["走"]
    assert found.present == 1
    assert [(row.name, row.numbers) for row in found.places] == [
        ("丽水街道", (1, 1, 0)),
        ("周党镇", (0, 0, 1)),
    ]
    assert edition.entries.count() == 2  # asking adds nobody
    assert poor.pk


def test_what_is_doubtful_before_sealing():
    one = factories.make_learner("同名")
    two = factories.make_learner("同名")
    only_township = factories.make_learner("到镇", "411521001")
    gone = factories.make_learner("已并", merged_into=one)
    facts = {two.pk: EntryFacts(able=False, willing=False)}
    edition = make_edition([one, two, only_township, gone], facts=facts)
    Learner.objects.filter(pk=only_township.pk).update(phone_index=None)
    found = {row.code: row.count for row in seal_preview(edition).doubts}
    assert found == {"NO_VILLAGE": 1, "LOOK_ALIKE": 2, "MERGED": 1, "NOT_ABLE": 1, "NOT_WILLING": 1}


def test_sealing_writes_down_where_people_live_by_then():
    learner = factories.make_learner()
    edition = make_edition([learner])
    learner.home_region = factories.make_region("411521100200")
    learner.save()
    seal_edition(edition=edition, actor=None)
    assert edition.entries.get().region_at_seal.code == "411521100200"
    edition.refresh_from_db()
    assert b"|411521100200|" in bytes(edition.canonical)
    assert verify_edition(edition).is_whole


def test_what_changed_since_it_was_shown_is_not_sealed():
    edition = make_edition([factories.make_learner()])
    with pytest.raises(RegisterError) as refused:
        seal_edition(edition=edition, expected=2, actor=None)
    assert refused.value.code == "EDITION_CHANGED"


# --- after the seal ---
def test_changes_of_an_entry_follow_one_another(midyear):
    learner = factories.make_learner()
    edition = make_edition([learner])
    seal_edition(edition=edition, sealed_at=SEALED, actor=None)
    adjust(edition, learner, "REMOVE", date(2026, 4, 1))
    with pytest.raises(RegisterError) as refused:
        adjust(edition, learner, "REMOVE", date(2026, 3, 10))
    assert refused.value.code == "ADJUSTMENT_ORDER"
    adjust(edition, learner, "ADD", date(2026, 4, 1))  # a mistake is answered on the same day
    assert codes(entries_in_force(edition, date(2026, 4, 1))) == [learner.name]


def test_the_bridge_adds_up_on_every_day(midyear, county_clerk):
    first, second, third = (factories.make_learner(name) for name in "甲乙丙")
    third.home_region = factories.make_region("411521100200")
    third.save()
    edition = make_edition([first, second])
    seal_edition(edition=edition, sealed_at=SEALED, actor=None)
    adjust(edition, third, "ADD", date(2026, 3, 10), "迁入")
    adjust(edition, first, "REMOVE", date(2026, 3, 20), "迁出")
    adjust(edition, first, "ADD", date(2026, 4, 1), "迁入")
    for day, sums in {
        date(2026, 3, 1): (2, 0, 0, 2),
        date(2026, 3, 10): (2, 1, 0, 3),
        date(2026, 3, 20): (2, 1, 1, 2),
        date(2026, 4, 1): (2, 2, 1, 3),
    }.items():
        counts = edition_counts(edition, day)
        assert (counts.sealed, counts.added, counts.removed, counts.in_force) == sums
        assert counts.in_force == entries_in_force(edition, day).count()
    bridge = edition_bridge(edition, date(2026, 4, 1))
    assert [line.change for line in bridge.lines] == [1, -1, 1]
    assert [(row.name, row.added, row.removed) for row in bridge.by_reason] == [
        ("迁入", 2, 0),
        ("迁出", 0, 1),
    ]
    assert [(row.name, row.sealed, row.added, row.removed) for row in bridge.by_place] == [
        ("丽水街道", 2, 1, 1),
        ("周党镇", 0, 1, 0),
    ]
    assert sum(row.total for row in bridge.by_place) == bridge.counts.in_force


def test_a_merged_person_counts_once_in_the_bridge(midyear):
    one, two = factories.make_learner(), factories.make_learner()
    edition = make_edition([one, two])
    seal_edition(edition=edition, sealed_at=SEALED, actor=None)
    Learner.objects.filter(pk=two.pk).update(merged_into=one)
    counts = edition_counts(edition, date(2026, 4, 1))
    assert (counts.sealed, counts.merged, counts.in_force) == (2, 1, 1)


# --- verification ---
def test_bytes_that_were_tampered_with_are_found():
    edition = make_edition([factories.make_learner()])
    seal_edition(edition=edition, actor=None)
    edition.refresh_from_db()
    call_command("verify_registers")
    edition.canonical = bytes(edition.canonical).replace(b"|1|1\n", b"|1|0\n")
    found = verify_edition(edition)
    assert (found.bytes_match, found.rows_match, found.lines) == (False, True, 1)


def test_the_command_fails_for_rows_that_are_not_the_sealed_ones(capsys):
    edition = make_edition([factories.make_learner()])
    RegisterEdition.objects.filter(pk=edition.pk).update(
        sealed_at=SEALED, canonical=b"x\n", sha256=hashlib.sha256(b"x\n").hexdigest(), salt=b"s"
    )
    with pytest.raises(CommandError):
        call_command("verify_registers")
    assert capsys.readouterr().out.startswith("BROKEN")


# --- composed editions ---
@pytest.fixture
def counties(midyear):
    """Two counties' editions; 两 stands on both, on the second later."""
    shared = factories.make_learner("两")
    first = make_edition([factories.make_learner("甲"), shared])
    first = seal_edition(edition=first, sealed_at=SEALED, actor=None)
    shared.home_region = factories.make_region("411522001001")
    shared.save()
    second = make_edition([factories.make_learner("乙", "411522001001"), shared], code="411522")
    second = seal_edition(edition=second, sealed_at=LATER, actor=None)
    return first, second, shared


def test_a_composed_edition_lists_each_once_and_hashes_their_hashes(counties):
    first, second, _shared = counties
    whole = compose_edition(register=make_register("4115"), parts=[second, first], actor=None)
    whole.refresh_from_db()
    head, *rows = bytes(whole.canonical).decode().splitlines()
    assert head.startswith("ABLE_WILLING|4115|2026|1|")
    assert rows == sorted(
        f"{part.pk}|EDITION|{part.sha256}|{part.register.region.code}|1" for part in (first, second)
    )
    assert whole.sha256 == hashlib.sha256(bytes(whole.canonical)).hexdigest()
    assert verify_edition(whole).is_whole


@pytest.mark.postgres
def test_who_is_on_two_lists_counts_once_where_they_came_last(counties):
    first, second, shared = counties
    whole = compose_edition(register=make_register("4115"), parts=[first, second], actor=None)
    day = date(2026, 6, 1)
    rows = entries_in_force(whole, day)
    assert codes(rows) == ["两", "乙", "甲"]
    assert rows.get(learner=shared).region_at_seal.code == "411522001001"
    counts = edition_counts(whole, day)
    assert (counts.sealed, counts.merged, counts.in_force) == (4, 1, 3)
    adjust(second, shared, "REMOVE", date(2026, 5, 1))
    assert entries_in_force(whole, day).get(learner=shared).region_at_seal.code == "411521001003"
    bridge = edition_bridge(whole, day)
    assert [line.change for line in bridge.lines] == [0]  # still on the other list
    adjust(first, shared, "REMOVE", date(2026, 5, 2))
    assert codes(entries_in_force(whole, day)) == ["乙", "甲"]
    assert edition_counts(whole, day).in_force == 2


def test_what_cannot_be_united(counties):
    first, second, _shared = counties
    register = make_register("4115")
    opened = make_edition(code="411521", purpose="LEADERS")
    for parts, code in (
        ([], "NO_PARTS"),
        ([first, opened], "UNFIT_PART"),
        ([first, first], "UNFIT_PART"),
    ):
        with pytest.raises(RegisterError) as refused:
            compose_edition(register=register, parts=parts, actor=None)
        assert refused.value.code == code
    whole = compose_edition(register=register, parts=[first, second], actor=None)
    with pytest.raises(RegisterError) as refused:
        adjust(whole, factories.make_learner(), "ADD", date(2026, 6, 30))
    assert refused.value.code == "EDITION_COMPOSED"
    again = compose_edition(register=register, parts=[first], actor=None)
    assert (again.no, again.is_sealed) == (2, True)
