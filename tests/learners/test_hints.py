"""Erasing opens few sealed rows and leaves none out: what hints are held to."""

import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.models import ParkedRow
from courses.queries.codes import personal_qr
from courses.queries.erasing import rows_about
from courses.tasks import hint_custody
from learners.actions.erasing import erase_learner
from learners.actions.imports import abandon_import
from learners.actions.retention import erase_old_rosters
from learners.models import Learner, RosterFileHints, RosterImport, RosterRow, plain_name
from learners.queries import roster_traces as traces_module
from learners.queries.erasing import Subject, records_of, squeezed, subject_of
from learners.queries.hints import EVERY_ROW, LABEL, hinted_at, names_in, numbers_in, row_hinter
from learners.queries.roster_traces import is_mentioned, is_own, roster_traces
from learners.roster.normalise import cell_text
from lms.lib import crypto, hints
from tests import factories
from tests.courses.tablets import Tablet
from tests.learners.rosters import HEADER, checked, imported, load_places, make_rows

NAME, NUMBER, PHONE = "李建军", "41152119850601001X", "13911112222"
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
#: Signs that people and spreadsheets put between digits, before and behind them.
AROUND = ["", " ", "-", "\u3000", "\n", "\u200b", "'", "＂", "号", "x", "1", "｜", "㉑", "̈"]
#: As a number of the person may be written.
SPELLINGS = [
    NUMBER,
    NUMBER.lower(),
    NUMBER.translate(WIDE),
    " ".join(NUMBER),
    f"{NUMBER[:6]}-{NUMBER[6:14]}－{NUMBER[14:]}",
    f"身份证：{NUMBER}（本人）",
    f"{NUMBER}\n41152119900101002X",
    f'="{NUMBER}"',
    f"'{NUMBER}",
    f"7{NUMBER}7",
]


# --- what a hint must never miss ---
@given(
    st.sampled_from(SPELLINGS),
    st.lists(st.sampled_from(AROUND), min_size=2, max_size=6),
    st.text(max_size=30),
)
def test_a_number_found_in_a_text_is_among_its_numbers(number, around, other):
    """`Subject.is_number_in` decides; what it finds, the hints must have."""
    person = Subject(person=None, people=(), numbers=frozenset({NUMBER}))
    half = len(around) // 2
    for text in (
        "".join([*around[:half], number, *around[half:], other]),
        "".join([other, *around[:half], number[:9], *around[half:], number[9:]]),
    ):
        if person.is_number_in(text):
            assert NUMBER in numbers_in([text]), ascii(text)
        if person.is_number_in(cell_text(text)):
            assert NUMBER in numbers_in([text]), ascii(text)


@given(st.text(max_size=60) | st.integers() | st.floats() | st.none() | st.booleans())
def test_every_number_in_whatever_cell_is_among_its_numbers(cell):
    """Also where eighteen digits overlap, or come about as the text is cleaned."""
    stored = json.loads(json.dumps(cell))
    text = squeezed(cell_text(stored))
    for at in range(len(text) - 17):
        part = text[at : at + 18]
        if part[:17].isascii() and part[:17].isdigit() and part[17] in "0123456789X":
            assert part in numbers_in([cell])


@given(st.text(max_size=20), st.sampled_from(["", " ", "·", "　"]))
def test_one_name_spelt_in_two_ways_is_one_hint(name, between):
    said = between.join(name)
    if plain_name(said) == plain_name(name):
        assert names_in([said]) == names_in([name])


ROWS = {
    "own number": ({"name": "王五", "id_number": NUMBER}, ["王五", NUMBER]),
    "name and phone": ({"name": "李 建军", "phone": PHONE}, [NAME, PHONE]),
    "name and birth": ({"name": NAME, "birth_date": "1985-06-01"}, [NAME]),
    "head by number": ({"name": "王五", "id_number": "1", "head_of": NUMBER}, ["王五"]),
    "head by name": ({"name": "王五", "head_name": NAME, "village_code": "411521001003"}, []),
    **{f"cell {n}": ({}, [1, None, text]) for n, text in enumerate(SPELLINGS)},
}


@pytest.mark.parametrize("case", ROWS)
def test_a_row_that_means_the_person_is_hinted_at(case, db, regions):
    learner = factories.make_learner(NAME, "411521001003", phone=PHONE)
    learner.set_id_number(NUMBER)
    learner.save()
    person = subject_of([learner])
    fields, cells = ROWS[case]
    plain = json.dumps({"fields": fields, "cells": cells}, ensure_ascii=False)
    if not case.startswith("cell"):
        assert is_own(person, plain) or is_mentioned(person, plain)
    kept = row_hinter()(fields, cells)
    index = crypto.indexer(LABEL)
    words = person.numbers | names_in(person.names)
    assert any(index(word)[: hints.SIZE] in kept for word in words)


# --- what is opened ---
@pytest.fixture
def opened(monkeypatch):
    """How many rows of rosters, and how many seals, are opened."""
    counts = {"rows": 0, "seals": 0}
    make, unseal = crypto.decryptor, "courses.queries.erasing._is_sealed_of"
    really = rows_about.__globals__["_is_sealed_of"]

    def decryptor():
        decrypt = make()

        def decrypt_one(*args):
            counts["rows"] += 1
            return decrypt(*args)

        return decrypt_one

    def is_sealed_of(*args):
        counts["seals"] += 1
        return really(*args)

    monkeypatch.setattr(traces_module.crypto, "decryptor", decryptor)
    monkeypatch.setattr(unseal, is_sealed_of)
    return counts


@pytest.fixture
def learner(settings, tmp_path, regions):
    settings.MEDIA_ROOT = tmp_path
    load_places("411521")
    return factories.make_learner(NAME, "411521001003", phone=PHONE)


def person_of(learner: Learner) -> Subject:
    return subject_of(records_of(learner))


def upload(learner: Learner, clerk) -> None:
    """Rows that mean the person in every way, among those of others."""
    number, home = learner.clear_id_number(), ["丽水街道", "邵洼社区居民委员会", "脱贫户"]
    header = [*HEADER, "户主姓名", "户主身份证号"]
    others = [[*row, "", ""] for row in make_rows(11, 40)]
    child = factories.make_id_number()
    meaning = [
        [1, NAME, number, PHONE, *home, "", ""],
        [2, NAME, "", PHONE, *home, "", ""],
        [3, "李小妹", child, "", *home, NAME, number.translate(WIDE)],
        [4, "合计", f"见{number}", "", *home, "", ""],
        [5, "李小弟", factories.make_id_number(), "", *home, NAME, ""],
    ]
    checked([*others, *meaning], header=header, actor=clerk)
    imported([[*meaning[0]], *others], header=header, actor=clerk)


@pytest.fixture
def custody(learner, trainer):
    """Sealed rows of the person in every way, and of thirty others."""
    tablet, nowhere = Tablet(trainer), uuid4()
    number = learner.clear_id_number()
    tablet.send(
        tablet.walk_in(nowhere, name=NAME, phone=PHONE),
        tablet.walk_in(nowhere, name="建军", id_number=f"号码 {number.translate(WIDE)}"),
        tablet.walk_in(nowhere, qr=personal_qr(learner.pk)),
        tablet.row("mark", nowhere, said=f"{NAME} {number}"),
        *(
            tablet.walk_in(nowhere, name=f"别人{n}", id_number=factories.make_id_number())
            for n in range(30)
        ),
    )
    return tablet


def found_in(learner: Learner) -> tuple:
    traces = roster_traces(person_of(learner))
    return set(traces.own), set(traces.others), traces.imports


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_rows_found_are_those_of_opening_every_one(learner, county_clerk, opened, monkeypatch):
    upload(learner, county_clerk)
    opened["rows"] = 0
    found = found_in(learner)
    narrowed = opened["rows"]
    with monkeypatch.context() as wide:
        wide.setattr(traces_module, "hinted_at", lambda subject: EVERY_ROW)
        assert found == found_in(learner)
    assert len(found[0]) >= 3
    assert len(found[1]) >= 1
    assert narrowed <= 6 < 60 < opened["rows"] - narrowed


@pytest.mark.postgres
@pytest.mark.django_db
def test_rows_without_hints_are_opened_and_found(learner, county_clerk, opened):
    upload(learner, county_clerk)
    found = found_in(learner)
    RosterRow.objects.update(hints=None)
    opened["rows"] = 0
    assert found_in(learner) == found
    assert opened["rows"] > 60


def mistyped(number: str, home) -> Learner:
    """A tablet's walk-in keeps the number as it was typed."""
    stranger = Learner(name="王五", home_region=home, provisional=True)
    where = f"learners_learner.id_cipher:{stranger.pk}"
    stranger.id_cipher = crypto.encrypt(number, where=where)
    stranger.save(force_insert=True)
    return stranger


@pytest.mark.postgres
@pytest.mark.django_db
def test_what_is_no_whole_number_leaves_nothing_unopened(custody, learner, county_clerk, opened):
    """It may stand inside any text, but not inside another number: others were born that day."""
    number = learner.clear_id_number()[:15]
    upload(learner, county_clerk)
    stranger = mistyped(number, learner.home_region)
    opened["rows"] = 0
    assert found_in(stranger) == (set(), set(), set())
    assert rows_about(person_of(stranger)) == []
    assert (opened["rows"] > 60, opened["seals"]) == (True, 33)
    custody.send(custody.walk_in(uuid4(), name="王", id_number=f"证 {number}"))
    assert len(rows_about(person_of(stranger))) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("scrap", ["1", "19850601", "1985-06-01", "13812345678"])
def test_a_scrap_of_a_number_takes_nobody_elses_rows(learner, county_clerk, scrap):
    """ "1" stands in every row, a birth date in those of strangers: alone it means nobody."""
    upload(learner, county_clerk)
    stranger = mistyped(scrap, learner.home_region)
    assert found_in(stranger) == (set(), set(), set())
    person = person_of(stranger)
    assert not person.is_number_in(f"1985-06-01 {scrap}")
    assert person.is_meant("王五", number=scrap)
    assert not person.is_meant("李四", number=scrap)


@pytest.mark.django_db
def test_somebody_elses_row_keeps_no_hint_of_who_was_erased(learner, county_clerk, administrator):
    upload(learner, county_clerk)
    person = person_of(learner)
    looked_for = RosterRow.objects.filter(hinted_at(person), hints__isnull=False)
    assert looked_for.count() >= 4
    others = len(roster_traces(person).others)
    erase_learner(learner=learner, reason="ASKED", actor=administrator)
    assert others
    # The namesake who is no head of this household's row stays what they were.
    kept = [row.raw() for row in looked_for]
    assert all(learner.clear_id_number() not in str(row) for row in kept)
    assert len(kept) <= 1


# --- custody ---
@pytest.mark.postgres
@pytest.mark.django_db
def test_the_seals_opened_are_few_and_the_rows_found_the_same(
    custody, learner, opened, monkeypatch
):
    found = [row.pk for row in rows_about(person_of(learner))]
    assert (len(found), opened["seals"]) == (4, 3)
    with monkeypatch.context() as wide:
        wide.setattr("courses.queries.erasing.hinted_at", lambda *said: EVERY_ROW)
        assert [row.pk for row in rows_about(person_of(learner))] == found
    assert opened["seals"] == 3 + 33


@pytest.mark.postgres
@pytest.mark.django_db
def test_rows_of_before_are_opened_until_the_worker_has_looked(custody, learner, opened):
    kept = dict(ParkedRow.objects.values_list("pk", "hints"))
    ParkedRow.objects.update(hints=None)
    found = [row.pk for row in rows_about(person_of(learner))]
    assert (len(found), opened["seals"]) == (4, 33)
    assert hint_custody() == 33
    assert {k: v and sorted(bytes(v)) for k, v in kept.items()} == {
        key: said and sorted(bytes(said))
        for key, said in ParkedRow.objects.values_list("pk", "hints")
    }
    assert hint_custody() == 0


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_row_that_was_erased_gets_no_hints_again(custody, learner, administrator):
    from courses.actions.custody import keep_hints
    from courses.queries.hints import hints_to_come

    ParkedRow.objects.update(hints=None)
    found = hints_to_come()
    erase_learner(learner=learner, reason="ASKED", actor=administrator)
    assert keep_hints(found=found) == 30
    assert not ParkedRow.objects.filter(raw__has_key="erased", hints__isnull=False).exists()


@pytest.mark.django_db
def test_a_seal_of_no_key_of_ours_has_no_hints_and_is_tried_each_time(custody, learner, opened):
    row = custody.walk_in(uuid4(), name=NAME, phone=PHONE)
    row["sealed"]["key"] = str(uuid4())
    custody.send(row)
    assert ParkedRow.objects.get(event_id=row["event_id"]).hints is None
    assert len(rows_about(person_of(learner))) == 4
    assert opened["seals"] == 4


@pytest.mark.django_db
def test_too_many_words_leave_no_hints():
    words = {f"n{n}" for n in range(hints.MOST + 1)}
    packed = hints.packer(LABEL)
    assert packed(words) is None
    words.pop()
    assert len(packed(words) or b"") == hints.SIZE * hints.MOST


# --- files that wait ---
def unsure(clerk, rows=()) -> RosterImport:
    """Two columns could each be the telephone, so somebody is asked."""
    people = [[*row, f"1390000{n:04d}"] for n, row in enumerate([*make_rows(51, 53), *rows])]
    return checked(people, header=[*HEADER, "手机号码"], actor=clerk)


@pytest.fixture
def read(monkeypatch):
    """Which files are read."""
    names, really = [], traces_module.read_workbook
    monkeypatch.setattr(
        traces_module,
        "read_workbook",
        lambda content, name: (names.append(name), really(content, name))[1],
    )
    return names


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("said", ["number", "name and phone"])
def test_of_the_files_that_wait_those_are_read_that_may_name_the_person(
    said, learner, county_clerk, read
):
    home = ["丽水街道", "邵洼社区居民委员会", "脱贫户"]
    number = f"证件 {learner.clear_id_number().translate(WIDE)}"
    row = [1, "某人", number, "", *home] if said == "number" else [1, NAME, "", PHONE, *home]
    naming, other = unsure(county_clerk, [row]), unsure(county_clerk)
    assert {naming.state, other.state} == {RosterImport.State.UNSURE}
    assert roster_traces(person_of(learner)).files == {naming.pk}
    assert len(read) == 1
    RosterFileHints.objects.all().delete()
    assert roster_traces(person_of(learner)).files == {naming.pk}
    assert len(read) == 3


@pytest.mark.django_db
def test_a_file_is_read_where_a_telephone_may_be_written_in_any_way(learner, county_clerk, read):
    unsure(county_clerk)
    learner.set_phone("0376-2123456")
    learner.save()
    assert roster_traces(person_of(learner)).files == set()
    assert len(read) == 1


@pytest.mark.django_db
def test_hints_of_a_file_go_with_it(county_clerk):
    kept = unsure(county_clerk)
    assert RosterFileHints.objects.get().roster_import == kept
    abandon_import(roster_import=kept, actor=county_clerk)
    assert not RosterFileHints.objects.exists()
    old = unsure(county_clerk)
    RosterImport.objects.filter(pk=old.pk).update(uploaded_at="2020-01-01T00:00:00Z")
    erase_old_rosters()
    assert not RosterFileHints.objects.exists()
