"""Who is suspected to be the same person, and who is not."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from courses.actions import add_walk_in
from learners.actions import take_in_people
from learners.actions.imports import confirm_import, receive_roster
from learners.actions.merging import MergeError, merge_learners
from learners.actions.suspects import (
    ask_again,
    compare_learners,
    index_namesakes,
    suspect_pair,
    tell_apart,
)
from learners.models import Learner, SuspectedPair
from learners.queries import PersonFacts
from learners.queries.names import name_initials
from learners.tasks import check_roster, sweep_duplicates
from lms.lib import idnumbers
from lms.lib.periods import today
from tests import factories
from tests.learners.rosters import AS_OF, make_rows, make_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
BORN = date(1985, 6, 1)


def compared(*learners) -> set[tuple[str, str, tuple[str, ...]]]:
    """Both ways of finding find the same."""
    compare_learners(learners=[row.pk for row in learners], actor=None)
    found = pairs()
    SuspectedPair.objects.all().delete()
    sweep_duplicates()
    assert pairs() == found
    return found


def pairs():
    rows = SuspectedPair.objects.select_related("first", "second")
    return {(*sorted([row.first.name, row.second.name]), tuple(row.kinds)) for row in rows}


def make(name, phone="", born=BORN, **fields):
    fields = {"initials": name_initials(name)} | fields
    return factories.make_learner(name, phone=phone, born=born, **fields)


# --- the rules ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other", "kinds"),
    [
        ({"name": "张建国"}, {"name": "张建国"}, ("NAMESAKE",)),
        ({"name": "阿依古丽·买买提"}, {"name": "阿依古丽 买买提"}, ("NAMESAKE",)),
        ({"name": "张建国"}, {"name": "张建国", "born": date(1985, 6, 2)}, None),
        ({"name": "张建国"}, {"name": "张建军"}, None),
    ],
)
def test_namesakes_have_name_and_birth_date_in_common(regions, one, other, kinds):
    found = compared(make(**one), make(**other))
    assert {row[2] for row in found} == ({kinds} if kinds else set())


PHONE = "13912345678"


@pytest.mark.parametrize(
    ("one", "other", "suspected"),
    [
        # The same name: the number may have been mistyped with the birth date in it.
        ({"name": "王大明"}, {"name": "王大明", "born": date(1958, 6, 1)}, True),
        # A slip of the pen, and nothing that tells the two apart.
        ({"name": "张建国"}, {"name": "张建囯"}, True),
        # Of one household: other names, or names alike and other birth dates or sexes.
        ({"name": "王大明"}, {"name": "李秀英"}, False),
        ({"name": "王大明"}, {"name": "王小明"}, False),
        ({"name": "王大明"}, {"name": "王冬梅", "born": date(1987, 1, 1)}, False),
        ({"name": "王大明"}, {"name": "王冬梅", "sex": "F"}, False),
    ],
)
def test_a_telephone_counts_only_with_a_name(regions, one, other, suspected):
    found = compared(make(phone=PHONE, **one), make(phone=PHONE, **other))
    assert {row[2] for row in found} == ({("PHONE",)} if suspected else set())


def test_the_strongest_reason_stands_first(regions):
    found = compared(make("张建国", PHONE), make("张建国", PHONE))
    assert found == {("张建国", "张建国", ("NAMESAKE", "PHONE"))}


def test_families_that_share_a_telephone_do_not_flood_the_queue(regions):
    """Forty households of five, ten of which have the telephone of the village committee."""
    given = ("大明", "秀英", "冬梅", "建国", "小红")
    for house in range(40):
        surname = "王李张刘陈杨赵黄周吴"[house % 10]
        phone = "13800000000" if house < 10 else f"138000{house:05d}"
        for n, name in enumerate(given):
            make(f"{surname}{name}", phone, born=date(1950 + house, 1 + n, 1), sex="FM"[n % 2])
    sweep_duplicates()
    assert SuspectedPair.objects.count() == 0


def test_many_records_of_one_person_are_as_many_questions_not_more(regions):
    rows = [make("张建国") for _ in range(12)]
    compare_learners(learners=[row.pk for row in rows], actor=None)
    assert SuspectedPair.objects.count() == 11
    assert {pair.first_id for pair in SuspectedPair.objects.all()} == {min(row.pk for row in rows)}


# --- walk-ins -----------------------------------------------------------------------------------
def walk_in(trainer, name="张建国", **fields):
    run = factories.make_run(starts_on=today())
    session = factories.make_session(run, user=trainer)
    return run, add_walk_in(session=session, name=name, actor=trainer, **fields).learner


def test_a_walk_in_is_asked_about_at_once(regions, trainer):
    here, elsewhere = make("张建国"), make("张建国", code="653128100011", born=date(1990, 1, 1))
    walk_in(trainer)
    [pair] = SuspectedPair.objects.all()
    assert (pair.kind, {pair.first, pair.second} & {here, elsewhere}) == ("WALK_IN", {here})


def test_a_walk_in_who_was_on_the_list(regions, trainer):
    listed = make("张建国", code="653128100011")
    run = factories.make_run(starts_on=today())
    factories.make_enrolment(run, listed)
    session = factories.make_session(run, user=trainer)
    add_walk_in(session=session, name="张建国", actor=trainer)
    assert {pair.kind for pair in SuspectedPair.objects.all()} == {"WALK_IN"}


def test_a_name_that_many_bear_says_nothing(regions, trainer):
    for n in range(6):
        make("张伟", born=date(1980 + n, 1, 1))
    walk_in(trainer, "张伟")
    assert SuspectedPair.objects.count() == 0


def test_the_number_of_a_walk_in_is_met_again_on_a_roster(regions, trainer, county_clerk):
    number = factories.make_id_number(born=date(1970, 2, 3))
    walk_in(trainer, "张三丰", id_number=number)
    home = factories.make_region("411521001003")
    person = PersonFacts(name="张三丰", id_number=number, home=home)
    [taken] = take_in_people(
        people=[person],
        as_of=AS_OF,
        reach=["411521"],
        region=factories.make_region("411521"),
        actor=county_clerk,
    )
    compare_learners(learners=[taken.learner.pk], actor=county_clerk)
    assert {pair.kind for pair in SuspectedPair.objects.all()} == {"WALK_IN"}


# --- when -----------------------------------------------------------------------------------------
def test_an_import_is_followed_by_a_comparison(
    regions, county_clerk, django_capture_on_commit_callbacks
):
    known = make("张建国")
    content = make_xlsx(make_rows(300, 302))
    region = factories.make_region("411521")
    found = receive_roster(
        content=content, file_name="名单.xlsx", region=region, as_of=AS_OF, actor=county_clerk
    )
    found = check_roster(roster_import=found, actor=county_clerk)
    listed = found.rows.filter(verdict="OK").first().raw()["fields"]
    known.name = listed["name"]
    known.set_birth_date(idnumbers.birth_date(listed["id_number"]))
    known.save()
    with django_capture_on_commit_callbacks(execute=True):
        confirm_import(roster_import=found, actor=county_clerk)
    pair = SuspectedPair.objects.get()
    assert known in {pair.first, pair.second}
    assert pair.kind == "NAMESAKE"


def test_records_from_before_the_index_get_theirs(regions, capsys):
    rows = [make("张建国") for _ in range(2)]
    Learner.objects.update(namesake_index=None)
    call_command("find_duplicates")
    assert capsys.readouterr().out == "1 new pairs\n"
    for row in rows:
        old = bytes(row.namesake_index)
        row.refresh_from_db()
        assert bytes(row.namesake_index) == old
    assert index_namesakes() == 0


def test_a_new_name_is_a_new_namesake(regions, county_clerk):
    learner = make("张建囯")
    person = PersonFacts(
        name="张建国", id_number=learner.clear_id_number(), home=learner.home_region
    )
    region = factories.make_region("411521")
    take_in_people(
        people=[person], as_of=AS_OF, reach=["411521"], region=region, actor=county_clerk
    )
    learner.refresh_from_db()
    assert bytes(learner.namesake_index) == bytes(make("张建国").namesake_index)


# --- decisions ------------------------------------------------------------------------------------
@pytest.fixture
def pair(regions):
    compare_learners(learners=[make("张建国").pk, make("张建国").pk], actor=None)
    return SuspectedPair.objects.get()


def test_what_was_told_apart_is_not_asked_again(pair, county_clerk):
    tell_apart(pair=pair, reason="已电话核实，两人", actor=county_clerk)
    sweep_duplicates()
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == ("NOT_THE_SAME", county_clerk)
    ask_again(pair=pair, actor=county_clerk)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_at, pair.reason) == ("OPEN", None, "")


def test_what_was_decided_is_not_decided_again(pair, county_clerk):
    tell_apart(pair=pair, reason="两人", actor=county_clerk)
    with pytest.raises(MergeError) as refused:
        tell_apart(pair=pair, reason="两人", actor=county_clerk)
    assert refused.value.code == "DECIDED"


def test_two_people_need_a_reason(pair, county_clerk):
    with pytest.raises(MergeError) as refused:
        tell_apart(pair=pair, reason=" ", actor=county_clerk)
    assert refused.value.code == "NO_REASON"
    with pytest.raises(IntegrityError), transaction.atomic():
        SuspectedPair.objects.update(state="NOT_THE_SAME", decided_at="2026-01-01T00:00Z")


def test_a_merge_answers_the_question(pair, county_clerk):
    merge_learners(kept=pair.first, merged=pair.second, reason="同一人", actor=county_clerk)
    sweep_duplicates()
    assert [row.state for row in SuspectedPair.objects.all()] == ["MERGED"]


def test_a_pair_stands_once_and_in_order(pair, county_clerk):
    assert suspect_pair(one=pair.second, other=pair.first, actor=county_clerk) == pair
    with pytest.raises(IntegrityError), transaction.atomic():
        SuspectedPair.objects.update(first=F("second"), second=F("first"))
    with pytest.raises(MergeError):
        suspect_pair(one=pair.first, other=pair.first, actor=county_clerk)


def test_comparing_asks_the_database_as_often_for_three_as_for_thirty(regions):
    counts = []
    for size in (3, 30):
        rows = [make(f"学员{n}", f"1390000{n:04d}", provisional=n % 3 == 0) for n in range(size)]
        with CaptureQueriesContext(
            connection,
        ) as found:
            compare_learners(learners=[row.pk for row in rows], actor=None)
        counts.append(len(found))
        Learner.objects.update(phone_index=None, namesake_index=None, name="-", initials="")
    assert counts[0] == counts[1]


def test_walk_ins_of_a_name_are_not_looked_for_among_everybody():
    waiting = Learner.objects.live().filter(provisional=True)
    plan = waiting.filter(initials__in=["zs"], name__in=["张三"]).explain()
    assert "learner_walk_ins" in plan or connection.vendor == "postgresql"
