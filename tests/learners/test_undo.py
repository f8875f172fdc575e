"""Taking a whole import back, and what keeps it from being taken back."""

from datetime import timedelta
from functools import partial

import pytest
from django.apps import apps
from django.db import connection, models

from learners import tasks
from learners.actions import add_entries, create_register, seal_edition
from learners.actions import undo as undo_actions
from learners.actions.imports import begin_import, import_chunk, receive_roster
from learners.actions.steps import RosterError
from learners.actions.undo import begin_undo, undo_chunk, undo_import
from learners.models import (
    Household,
    HouseholdStatus,
    Learner,
    Membership,
    RegisterEntry,
    RoleHeld,
    RosterImport,
    RosterRow,
)
from learners.queries.dependants import Belongings, dependants, relations_to
from learners.tasks import check_roster
from lms.models import AuditEvent, TaskProgress
from lms.tasks import restart_stale, run_progress
from tests import factories
from tests.learners.rosters import AS_OF, HEADER, imported, make_rows, make_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
TABLES = (Learner, Household, HouseholdStatus, Membership, RoleHeld, RegisterEntry)
LATER = AS_OF + timedelta(days=30)
FULL_HEADER = [*HEADER, "户编号", "与户主关系", "民族", "文化程度"]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def everything() -> dict[str, list]:
    """All that the archive holds, byte by byte."""
    return {
        model.__name__: [
            {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row}
            for row in (sorted(values.items()) for values in model.objects.order_by("pk").values())
        ]
        for model in TABLES
    }


def take_in(rows, *, as_of=AS_OF, header=HEADER, size=500, actor, edition=None) -> RosterImport:
    found = receive_roster(
        content=make_xlsx(rows, header),
        file_name="名单.xlsx",
        region=factories.make_region("411521"),
        as_of=as_of,
        edition=edition,
        actor=actor,
    )
    check_roster(roster_import=found, actor=actor)
    begin_import(roster_import=found, actor=actor)
    while import_chunk(roster_import=found, size=size, actor=actor):
        pass
    found.refresh_from_db()
    assert found.state == "IMPORTED"
    return found


def take_back(found: RosterImport, actor, size=500) -> RosterImport:
    begin_undo(roster_import=found, reason="传错了文件", actor=actor)
    while undo_chunk(roster_import=found, size=size, actor=actor):
        pass
    found.refresh_from_db()
    return found


def refusal(found: RosterImport, actor) -> RosterError:
    before = everything()
    with pytest.raises(RosterError) as caught:
        begin_undo(roster_import=found, reason="传错了文件", actor=actor)
    found.refresh_from_db()
    assert (found.state, everything()) == ("IMPORTED", before)
    return caught.value


def test_what_an_import_made_goes_with_it(county_clerk):
    register = create_register(
        purpose="ABLE_WILLING", year=2026, region=factories.make_region("411521"), actor=None
    )
    edition = register.editions.get()
    before = everything()
    found = imported(make_rows(1, 7), actor=county_clerk, edition=edition)
    assert (Learner.objects.count(), edition.entries.count()) == (7, 7)
    undone = take_back(found, county_clerk, size=3)
    assert undone.state == "UNDONE"
    assert everything() == before
    assert undone.summary["undone"] == {"CREATED": 7}
    assert not undone.rows.exclude(outcome="", learner=None, before_cipher=None).exists()
    event = AuditEvent.objects.get(action="learners.roster_undone")
    assert event.detail == {"CREATED": 7}
    assert "传错了文件" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


def household_rows(first: int, last: int, **changes) -> list[list]:
    """Two people to a household; the one with the odd number is its head."""
    rows = []
    for row in make_rows(first, last, **changes):
        pair = (row[0] + 1) // 2
        rows.append([*row, f"H{pair}", "户主" if row[0] % 2 else "配偶", "", ""])
    return rows


@pytest.mark.parametrize("as_of", [AS_OF, LATER])
@pytest.mark.parametrize("size", [500, 3])
def test_what_an_import_changed_is_as_it_was(as_of, size, county_clerk):
    """Names, telephones, homes, households, types, roles, heads; on the same day and later."""
    take_in(household_rows(1, 8), header=FULL_HEADER, actor=county_clerk)
    take_in(make_rows(20, 24, village=""), actor=county_clerk)
    before = everything()
    changed = [
        *household_rows(1, 2, name="改了名", type="一般农户"),
        *[[*row[:-2], "汉族", "初中"] for row in household_rows(3, 4)],
        *household_rows(5, 6, village="高湾社区居民委员会"),
        # Somebody new in a household that was there before, which changes its type.
        *[[*row, "H4", "子", "", ""] for row in make_rows(99, 99, type="低保贫困户")],
        *[[*row, "H98", "户主", "", ""] for row in make_rows(98, 98)],
        *[[*row, "", "", "", ""] for row in make_rows(20, 24, phone="13911112222")],
    ]
    found = take_in(changed, as_of=as_of, header=FULL_HEADER, size=size, actor=county_clerk)
    assert set(found.rows.values_list("outcome", flat=True)) >= {"CREATED", "CHANGED"}
    assert everything() != before
    assert take_back(found, county_clerk, size=size).state == "UNDONE"
    assert everything() == before


def test_imports_are_taken_back_the_latest_first(county_clerk):
    empty = everything()
    first = take_in(make_rows(1, 4), actor=county_clerk)
    after_first = everything()
    changes = make_rows(1, 4, phone="13911112222")
    second = take_in(changes, as_of=LATER, actor=county_clerk)
    assert refusal(first, county_clerk).code == "IN_USE"
    take_back(second, county_clerk)
    assert everything() == after_first
    take_back(first, county_clerk)
    assert everything() == empty


def test_a_roster_that_found_everybody_known_keeps_no_trace_and_goes_at_once(county_clerk):
    take_in(make_rows(1, 4), actor=county_clerk)
    before = everything()
    again = take_in(make_rows(1, 4), actor=county_clerk)
    assert not RosterRow.objects.filter(before_cipher__isnull=False).exists()
    take_back(again, county_clerk)
    assert everything() == before


def test_traces_are_encrypted(county_clerk):
    take_in(make_rows(1, 1, name="旧的姓名"), actor=county_clerk)
    take_in(make_rows(1, 1, name="新的姓名"), as_of=LATER, actor=county_clerk)
    row = RosterRow.objects.get(before_cipher__isnull=False)
    assert "旧的姓名".encode() not in bytes(row.before_cipher)
    assert "旧的姓名" in str(row.trace())


# --- what keeps an import from being taken back ---
def enrol(learner):
    factories.make_enrolment(factories.make_run(), learner=learner)


def seal(learner):
    region = factories.make_region("411521")
    register = create_register(purpose="LEADERS", year=2026, region=region, actor=None)
    edition = register.editions.get()
    add_entries(edition=edition, subjects=[learner], actor=None)
    seal_edition(edition=edition, actor=None)


def put_household_on_a_register(learner):
    region = factories.make_region("411521")
    register = create_register(
        purpose="ABLE_WILLING", year=2026, region=region, subject="HOUSEHOLD", actor=None
    )
    household = learner.memberships.get().household
    add_entries(edition=register.editions.get(), subjects=[household], actor=None)


def merge(learner):
    other = factories.make_learner("重复的人", "411521001003")
    Learner.objects.filter(pk=other.pk).update(merged_into=learner)


def merge_away(learner):
    other = factories.make_learner("留下的人", "411521001003")
    Learner.objects.filter(pk=learner.pk).update(merged_into=other)


def sign_in(learner):
    Learner.objects.filter(pk=learner.pk).update(user=factories.make_user("trainee7"))


def move(learner):
    learner.memberships.update(ends_on=LATER)


def give_a_role(learner):
    RoleHeld.objects.create(
        learner=learner, role="LEAD_ENTREPRENEUR", region=learner.home_region, starts_on=LATER
    )


def join(learner):
    other = factories.make_learner("后来的人", "411521001003")
    other.memberships.update(household=learner.memberships.get().household)


@pytest.mark.parametrize(
    "happen",
    [
        *(enrol, seal, put_household_on_a_register, merge, merge_away),
        *(sign_in, move, give_a_role, join),
    ],
)
def test_an_import_on_which_something_depends_stays(happen, county_clerk):
    found = take_in(make_rows(1, 3), actor=county_clerk)
    happen(found.rows.filter(outcome="CREATED").first().learner)
    error = refusal(found, county_clerk)
    assert error.code == "IN_USE"
    assert " 1" in str(error.message)


def test_an_edition_that_was_sealed_stays(county_clerk):
    register = create_register(
        purpose="ABLE_WILLING", year=2026, region=factories.make_region("411521"), actor=None
    )
    edition = register.editions.get()
    found = take_in(make_rows(1, 3), actor=county_clerk, edition=edition)
    seal_edition(edition=edition, actor=county_clerk)
    assert refusal(found, county_clerk).code == "IN_USE"


def test_later_changes_are_not_overwritten(county_clerk):
    take_in(make_rows(1, 2), actor=county_clerk)
    found = take_in(make_rows(1, 2, phone="13911112222"), as_of=LATER, actor=county_clerk)
    learner = Learner.objects.get(id_index=found.rows.exclude(learner=None)[0].learner.id_index)
    learner.set_phone("13733334444")
    learner.save()
    assert refusal(found, county_clerk).code == "CHANGED_SINCE"


@pytest.fixture
def note():
    """A table of tomorrow that points at people, of which undoing has never heard."""

    class Note(models.Model):
        about = models.ForeignKey(Learner, models.CASCADE, related_name="+")

        class Meta:
            app_label = "learners"
            verbose_name = "note"

        def __str__(self):
            return ""

    with connection.cursor() as cursor:
        kind = "uuid" if connection.vendor == "postgresql" else "char(32)"
        cursor.execute(f"CREATE TABLE learners_note (id integer primary key, about_id {kind})")
    yield Note
    del apps.all_models["learners"]["note"]
    apps.clear_cache()


def test_a_foreign_key_that_is_new_protects_its_people(note, county_clerk):
    found = take_in(make_rows(1, 3), actor=county_clerk)
    learner = found.rows.filter(outcome="CREATED").first().learner
    note.objects.create(pk=1, about=learner)
    assert (note, "about") in set(relations_to(Learner))
    belongings = Belongings(found, found.rows.exclude(outcome=""))
    assert [one.count for one in dependants(belongings)] == [1]
    assert refusal(found, county_clerk).code == "IN_USE"
    note.objects.all().delete()
    assert take_back(found, county_clerk).state == "UNDONE"


def test_every_relation_to_people_and_households_is_looked_at():
    """Counted from the other side: over all fields of all models."""
    for target in (Learner, Household):
        pointing = {
            (model, field.name)
            for model in apps.get_models(include_auto_created=True)
            for field in model._meta.get_fields()
            if getattr(field, "remote_field", None)
            and field.concrete
            and not field.many_to_many
            and field.related_model is target
        }
        assert set(relations_to(target)) == pointing


# --- in the worker ---
def test_it_needs_a_reason_a_finished_import_and_its_rows(county_clerk):
    found = take_in(make_rows(1, 2), actor=county_clerk)
    for reason, code in ((" ", "REASON_MISSING"), ("x", "ROWS_ERASED"), ("x", "WRONG_STATE")):
        if code == "ROWS_ERASED":
            found.rows.all().delete()
        if code == "WRONG_STATE":
            RosterImport.objects.update(state="ABANDONED")
        with pytest.raises(RosterError) as caught:
            begin_undo(roster_import=found, reason=reason, actor=county_clerk)
        assert caught.value.code == code


@pytest.mark.parametrize("broken_at", [0, 1, 2])
def test_undoing_that_was_killed_goes_on(
    broken_at, county_clerk, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(tasks, "undo_chunk", partial(undo_chunk, size=4))
    found = take_in(make_rows(1, 10), actor=county_clerk)
    real, calls = undo_actions._take_back, []

    class Killed(BaseException):
        pass

    def dying(*args):
        real(*args)
        calls.append(1)
        if len(calls) == broken_at + 1:
            raise Killed

    monkeypatch.setattr(undo_actions, "_take_back", dying)
    progress = undo_import(roster_import=found, reason="重传", actor=county_clerk)
    with pytest.raises(Killed):
        run_progress.call(str(progress.pk))
    assert Learner.objects.count() == 10 - 4 * broken_at
    TaskProgress.objects.update(heartbeat_at="2020-01-01T00:00:00Z")
    with django_capture_on_commit_callbacks(execute=True):
        restart_stale()
    found.refresh_from_db()
    assert (found.state, found.progress.state) == ("UNDONE", "DONE")
    assert found.progress.done_count == found.progress.total_count == 10
    assert not Learner.objects.exists()
    assert not Household.objects.exists()


def test_asking_twice_is_one_task(county_clerk):
    found = take_in(make_rows(1, 3), actor=county_clerk)
    first = undo_import(roster_import=found, reason="重传", actor=county_clerk)
    assert undo_import(roster_import=found, reason="重传", actor=county_clerk) == first
    assert AuditEvent.objects.filter(action="learners.undo_asked").count() == 1


def test_what_came_to_depend_on_it_on_the_way_stops_it(county_clerk):
    found = take_in(make_rows(1, 6), actor=county_clerk)
    begin_undo(roster_import=found, reason="重传", actor=county_clerk)
    undo_chunk(roster_import=found, size=2, actor=county_clerk)
    learner = found.rows.get(position=1).learner
    factories.make_enrolment(factories.make_run(), learner=learner)
    undo_chunk(roster_import=found, size=2, actor=county_clerk)
    with pytest.raises(RosterError) as caught:
        undo_chunk(roster_import=found, size=2, actor=county_clerk)
    assert caught.value.code == "IN_USE"
    assert Learner.objects.count() == 2
    learner.enrolments.all().delete()
    assert undo_chunk(roster_import=found, size=2, actor=county_clerk) == 2


def test_the_same_file_can_be_imported_again(county_clerk):
    found = take_in(make_rows(1, 3), actor=county_clerk)
    take_back(found, county_clerk)
    again = take_in(make_rows(1, 3), actor=county_clerk)
    assert again.rows.filter(outcome="CREATED").count() == 3
    assert Learner.objects.count() == 3


def test_a_household_older_than_the_import_stays(county_clerk):
    home = factories.make_household("411521001003")
    Household.objects.update(number="411521001003/H1")
    found = take_in(household_rows(1, 2), header=FULL_HEADER, actor=county_clerk)
    assert home.memberships.count() == 2
    take_back(found, county_clerk)
    assert list(Household.objects.values_list("pk", "head")) == [(home.pk, None)]


def test_posts_of_cadres_go_with_the_import(county_clerk):
    """Of somebody new and of somebody known; a role held before stays as it was."""
    header = [*HEADER, "职务"]
    take_in(make_rows(1, 2), actor=county_clerk)
    known = Learner.objects.order_by("pk").first()
    RoleHeld.objects.create(
        learner=known, role="MANAGER", region=known.home_region, starts_on=AS_OF
    )
    before = everything()
    posts = ["企业管理", "村支书", "第一书记"]
    rows = [[*row, post] for row, post in zip(make_rows(1, 3), posts, strict=True)]
    found = take_in(rows, header=header, as_of=LATER, actor=county_clerk)
    held = RoleHeld.objects.exclude(role="HOUSEHOLD_MEMBER").values_list("role", "starts_on")
    assert sorted(held) == [
        ("FIRST_SECRETARY", LATER), ("MANAGER", AS_OF), ("VILLAGE_CADRE", LATER)
    ]  # fmt: skip
    assert take_back(found, county_clerk).state == "UNDONE"
    assert everything() == before


def test_a_role_given_since_keeps_an_import_with_posts(county_clerk):
    row = [*make_rows(1, 1)[0], "村支书"]
    found = take_in([row], header=[*HEADER, "职务"], actor=county_clerk)
    learner = Learner.objects.get()
    RoleHeld.objects.create(
        learner=learner, role="MANAGER", region=learner.home_region, starts_on=LATER
    )
    assert refusal(found, county_clerk).code == "IN_USE"
