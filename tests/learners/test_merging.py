"""Two records become one person, and two again: by every column that points at a learner."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation

from courses.models import AttendanceState, Enrolment, MarkEvent
from incubation.models import IncubationCase, Shop
from incubation.queries import plan_on
from learners.actions.editions import adjust_entry, seal_edition
from learners.actions.merging import MergeError, merge_learners, undo_merge
from learners.models import (
    Household,
    Membership,
    Merge,
    RoleHeld,
    SuspectedPair,
)
from learners.queries.merging import merge_plan
from lms.models import AuditEvent
from tests import factories
from tests.learners.merged import DAY, differing, enrolment_of, hold_class, merge, snapshot
from tests.quotas.counted import add_entry, make_edition

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def refused(code, function, **arguments):
    before = snapshot()
    with pytest.raises(MergeError) as raised, transaction.atomic():
        function(**arguments)
    assert raised.value.code == code
    assert str(raised.value.message)
    assert differing(before, snapshot()) == set()


def undo(found, actor):
    return undo_merge(merge=found, reason="不是同一人", actor=actor)


def make_case(learner, **fields):
    return IncubationCase.objects.create(
        learner=learner,
        home_region=learner.home_region,
        opened_on=DAY,
        plan=plan_on(DAY),
        **fields,
    )


def make_shop(owner, name, operator=None):
    return Shop.objects.create(
        owner=owner,
        operator=operator,
        home_region=owner.home_region,
        platform="DOUYIN",
        name=name,
        opened_on=DAY,
    )


def make_everything(kept, merged, clerk, trainer):
    """Both have of everything, with and without a clash."""
    hold_class({kept: "PRESENT"}, trainer)
    hold_class({merged: "LATE"}, trainer, day=DAY + timedelta(days=30), finish=True)
    hold_class({kept: ["PRESENT", ""], merged: ["", "PRESENT"]}, trainer, day=date(2026, 5, 4))
    make_case(kept)
    make_case(merged)
    make_case(merged, closed_on=DAY)
    make_shop(merged, "大别山小店", operator=kept)
    make_shop(kept, "豫南小店", operator=merged)
    for learner in (kept, merged):
        role = {"role": "HOUSEHOLD_MEMBER", "region": learner.home_region}
        RoleHeld.objects.create(learner=learner, starts_on=DAY, **role)
    region = merged.home_region
    RoleHeld.objects.create(learner=merged, starts_on=DAY, role="VILLAGE_CADRE", region=region)
    Household.objects.filter(memberships__learner=merged).update(head=merged, inferred=True)
    make_edition([kept, merged])
    add_entry(make_edition([merged], sealed=False), kept)
    make_edition([merged], sealed=False)
    merged.user = factories.make_user("merged-user")
    merged.save(update_fields=["user"])
    earlier = factories.make_learner("张建", merged_into=merged)
    third = factories.make_learner("张建国")
    for one, other in ((kept, merged), (merged, third)):
        first, second = sorted([one, other], key=lambda row: row.pk)
        SuspectedPair.objects.create(first=first, second=second, kinds=["PHONE"], kind="PHONE")
    return earlier, third


# --- all of it --------------------------------------------------------------------------------
def test_everything_moves_and_an_undo_is_its_exact_inverse(two, county_clerk, trainer):
    kept, merged = two
    make_everything(kept, merged, county_clerk, trainer)
    before = snapshot()
    found = merge(kept, merged, county_clerk)
    after = snapshot()
    assert differing(before, after) == {
        "learners.Learner",
        "learners.Membership",
        "learners.Household",
        "learners.RoleHeld",
        "learners.RegisterEntry",
        "learners.SuspectedPair",
        "courses.Enrolment",
        "courses.AttendanceState",
        "incubation.IncubationCase",
        "incubation.Shop",
    }
    undo(found, county_clerk)
    assert differing(before, snapshot()) == set()
    assert [(e.action, e.actor) for e in AuditEvent.objects.filter(action__contains=".merge")] == [
        ("learners.merge_undone", county_clerk),
        ("learners.merged", county_clerk),
    ]


def test_a_second_merge_after_an_undo_does_the_same(two, county_clerk, trainer):
    kept, merged = two
    make_everything(kept, merged, county_clerk, trainer)
    undo(merge(kept, merged, county_clerk), county_clerk)
    merge(kept, merged, county_clerk)
    assert Merge.objects.filter(undone_at__isnull=True).count() == 1


def test_what_the_kept_person_has_afterwards(two, county_clerk, trainer):
    kept, merged = two
    earlier, third = make_everything(kept, merged, county_clerk, trainer)
    found = merge(kept, merged, county_clerk)
    for row in (kept, merged, earlier):
        row.refresh_from_db()
    assert {merged.merged_into, earlier.merged_into} == {kept}
    assert kept.enrolments.count() == 3
    assert kept.user.username == "merged-user"
    assert merged.user is None
    assert (kept.clear_phone(), kept.education) == ("13900001111", "初中")
    assert kept.cases.filter(closed_on__isnull=True).count() == 1
    assert kept.cases.count() == 3
    assert [(s.owner, s.operator) for s in Shop.objects.order_by("name")] == [(kept, None)] * 2
    assert sorted(kept.roles.values_list("role", flat=True)) == [
        "HOUSEHOLD_MEMBER",
        "VILLAGE_CADRE",
    ]
    first, second = sorted([kept, third], key=lambda row: row.pk)
    assert SuspectedPair.objects.filter(first=first, second=second, state="OPEN").exists()
    assert SuspectedPair.objects.get(state="MERGED").decided_by == county_clerk
    assert (found.made_by, found.reason) == (county_clerk, "身份证号录错一位")
    moved = found.changes.get(model="courses.Enrolment", after__has_key="learner_id")
    assert moved.before == {"learner_id": str(merged.pk)}


def test_the_plan_names_what_moves_before_anything_does(two, county_clerk, trainer):
    kept, merged = two
    make_everything(kept, merged, county_clerk, trainer)
    before = snapshot()
    plan = merge_plan(kept, merged)
    assert differing(before, snapshot()) == set()
    with translation.override("en"):
        lines = {str(group): len(steps) for group, steps in plan.lines}
    assert lines == {
        "Records merged earlier": 1,
        "Facts of the person": 2,
        "Households": 1,
        "Roles held": 2,
        "Registers not sealed yet": 2,
        "Classes, with attendance": 2,
        "Incubation cases, with visits": 2,
        "Shops, with what they earned": 2,
    }


# --- classes ------------------------------------------------------------------------------------
def test_in_one_class_attendance_is_put_together(two, county_clerk, trainer):
    """A walk-in by mistake: the listed person came, but was marked on a new card."""
    kept, merged = two
    said = {kept: ["PRESENT", ""], merged: ["", "PRESENT"]}
    run = hold_class(said, trainer, finish=True)
    assert enrolment_of(run, kept).status == "ENROLLED"
    found = merge(kept, merged, county_clerk)
    assert enrolment_of(run, kept).status == "COMPLETED"
    assert enrolment_of(run, merged).status == "WITHDRAWN"
    assert set(AttendanceState.objects.values_list("learner", "status")) == {(kept.pk, "PRESENT")}
    undo(found, county_clerk)
    assert enrolment_of(run, kept).status == "ENROLLED"


def test_marks_that_contradict_one_another_are_asked_about(two, county_clerk, trainer):
    kept, merged = two
    hold_class({kept: "ABSENT", merged: "PRESENT"}, trainer)
    refused(
        "TWO_MARKS", merge_learners, kept=kept, merged=merged, reason="同一人", actor=county_clerk
    )


def test_what_was_said_of_a_merged_record_stays_said(two, county_clerk, trainer):
    kept, merged = two
    hold_class({merged: "PRESENT"}, trainer)
    merge(kept, merged, county_clerk)
    assert set(MarkEvent.objects.filter(kind="mark").values_list("learner", flat=True)) == {
        merged.pk
    }
    assert AttendanceState.objects.get().learner == kept


def test_new_marks_in_a_class_that_moved_keep_the_merge(two, county_clerk, trainer):
    from courses.actions import correct_mark

    kept, merged = two
    run = hold_class({merged: "PRESENT"}, trainer)
    found = merge(kept, merged, county_clerk)
    session = run.sessions.get()
    correct_mark(session=session, learner=kept, status="LATE", reason="核对", actor=trainer)
    refused("MARKED_SINCE", undo_merge, merge=found, reason="误合并", actor=county_clerk)


# --- certificates ------------------------------------------------------------------------------
@pytest.fixture
def certified(two, county_clerk, trainer):
    """Both in one class, in which the record that would be merged holds a certificate."""
    from certificates.actions import issue_certificates

    kept, merged = two
    said = {kept: ["PRESENT", ""], merged: ["PRESENT", "PRESENT"]}
    run = hold_class(said, trainer, finish=True)
    issuer = factories.make_issuer()
    [made] = issue_certificates(run=run, issuer=issuer, issued_on=run.ends_on, actor=county_clerk)
    return made


def test_a_certificate_is_not_left_behind(two, certified, county_clerk):
    kept, merged = two
    refused(
        "CERTIFICATE_TWICE",
        merge_learners,
        kept=kept,
        merged=merged,
        reason="同一人",
        actor=county_clerk,
    )


def test_a_certificate_does_not_change_when_its_record_is_kept(two, certified, county_clerk):
    other, holder = two
    facts = (certified.public_facts, bytes(certified.sealed_facts), certified.chain_hash)
    merge(holder, other, county_clerk)
    certified.refresh_from_db()
    assert certified.enrolment.learner == holder
    assert (certified.public_facts, bytes(certified.sealed_facts), certified.chain_hash) == facts


def test_a_certificate_issued_since_keeps_the_merge(two, county_clerk, trainer):
    from certificates.actions import issue_certificates

    kept, merged = two
    run = hold_class({merged: "PRESENT"}, trainer, finish=True)
    found = merge(kept, merged, county_clerk)
    issuer = factories.make_issuer()
    issue_certificates(run=run, issuer=issuer, issued_on=run.ends_on, actor=county_clerk)
    refused("CERTIFIED_SINCE", undo_merge, merge=found, reason="误合并", actor=county_clerk)


# --- registers ------------------------------------------------------------------------------------
def test_a_sealed_edition_stays_and_is_adjusted_for_the_person(two, county_clerk):
    kept, merged = two
    edition = make_edition([merged])
    [entry] = edition.entries.all()
    merge(kept, merged, county_clerk)
    entry.refresh_from_db()
    assert entry.learner == merged
    adjustment = adjust_entry(
        edition=edition,
        subject=kept,
        kind="REMOVE",
        happened_on=timezone.localdate(),
        reason="外出务工",
        actor=county_clerk,
    )
    assert adjustment.entry == entry


def test_an_edition_sealed_since_keeps_the_merge(two, county_clerk):
    kept, merged = two
    edition = make_edition([merged], sealed=False)
    found = merge(kept, merged, county_clerk)
    seal_edition(edition=edition, actor=county_clerk)
    refused("DEPENDS", undo_merge, merge=found, reason="误合并", actor=county_clerk)


# --- homes --------------------------------------------------------------------------------------
def test_a_household_named_by_a_roster_outweighs_an_inferred_one(two, county_clerk):
    kept, merged = two
    Household.objects.filter(memberships__learner=kept).update(inferred=True)
    merge(kept, merged, county_clerk)
    kept.refresh_from_db()
    membership = Membership.objects.get()
    assert (membership.learner, kept.home_region.code) == (kept, "411521100200")


def test_a_membership_of_another_time_moves(two, county_clerk):
    kept, merged = two
    Membership.objects.filter(learner=kept).update(ends_on=date(2020, 1, 1))
    Membership.objects.filter(learner=merged).update(starts_on=date(2020, 1, 2))
    merge(kept, merged, county_clerk)
    assert kept.memberships.count() == 2


def test_the_head_of_a_household_with_others_is_not_merged_away(two, county_clerk):
    kept, merged = two
    household = merged.memberships.get().household
    household.head = merged
    household.save()
    factories.make_learner("其妻", "411521100200", household=household)
    refused(
        "HEAD_ELSEWHERE", merge_learners, kept=kept, merged=merged, reason="一", actor=county_clerk
    )
    merge(merged, kept, county_clerk)


# --- accounts, shops ----------------------------------------------------------------------------
def test_two_accounts_that_can_sign_in_are_one_too_many(two, county_clerk):
    kept, merged = two
    for n, learner in enumerate(two):
        learner.user = factories.make_user(f"user-{n}")
        learner.save(update_fields=["user"])
    refused(
        "BOTH_SIGN_IN", merge_learners, kept=kept, merged=merged, reason="一", actor=county_clerk
    )
    kept.user.is_active = False
    kept.user.save()
    found = merge(kept, merged, county_clerk)
    kept.refresh_from_db()
    assert kept.user == merged.user
    undo(found, county_clerk)
    kept.refresh_from_db()
    assert kept.user.username == "user-0"


def test_one_shop_recorded_twice_is_asked_about(two, county_clerk):
    kept, merged = two
    make_shop(kept, "小店")
    make_shop(merged, "小店")
    refused("SHOP_TWICE", merge_learners, kept=kept, merged=merged, reason="一", actor=county_clerk)


# --- who, when, in which order ------------------------------------------------------------------
def test_the_identified_record_is_kept(two, county_clerk):
    kept, _merged = two
    walk_in = factories.make_learner("张建国", provisional=True)
    refused(
        "KEPT_PROVISIONAL",
        merge_learners,
        kept=walk_in,
        merged=kept,
        reason="核实",
        actor=county_clerk,
    )
    merge(kept, walk_in, county_clerk)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_merge_needs_a_reason(two, county_clerk, reason):
    kept, merged = two
    refused(
        "NO_REASON", merge_learners, kept=kept, merged=merged, reason=reason, actor=county_clerk
    )


def test_a_record_is_not_merged_twice_or_into_itself(two, county_clerk):
    kept, merged = two
    refused("SAME_RECORD", merge_learners, kept=kept, merged=kept, reason="一", actor=county_clerk)
    merge(kept, merged, county_clerk)
    third = factories.make_learner()
    for one, other in ((third, merged), (merged, third)):
        refused(
            "ALREADY_MERGED",
            merge_learners,
            kept=one,
            merged=other,
            reason="一",
            actor=county_clerk,
        )


def test_merges_of_merges_lead_straight_to_the_person(two, county_clerk):
    kept, merged = two
    last = factories.make_learner("张建国")
    first = merge(kept, merged, county_clerk)
    second = merge(last, kept, county_clerk)
    merged.refresh_from_db()
    assert merged.merged_into == last
    refused("KEPT_MERGED", undo_merge, merge=first, reason="误", actor=county_clerk)
    undo(second, county_clerk)
    merged.refresh_from_db()
    assert merged.merged_into == kept
    undo(first, county_clerk)


def test_merges_into_one_person_are_undone_last_first(two, county_clerk):
    kept, merged = two
    first = merge(kept, merged, county_clerk)
    second = merge(kept, factories.make_learner("张建国"), county_clerk)
    refused("LATER_MERGE", undo_merge, merge=first, reason="误", actor=county_clerk)
    undo(second, county_clerk)
    undo(first, county_clerk)


@pytest.mark.parametrize(("days", "code"), [(29, ""), (31, "TOO_LATE")])
def test_a_merge_can_be_undone_for_thirty_days(two, county_clerk, days, code):
    kept, merged = two
    found = merge(kept, merged, county_clerk)
    Merge.objects.update(made_at=timezone.now() - timedelta(days=days))
    if code:
        refused(code, undo_merge, merge=found, reason="误", actor=county_clerk)
    else:
        undo(found, county_clerk)
        refused("UNDONE", undo_merge, merge=found, reason="误", actor=county_clerk)


def test_what_was_changed_since_is_not_put_back(two, county_clerk):
    kept, merged = two
    found = merge(kept, merged, county_clerk)
    kept.refresh_from_db()
    kept.set_phone("13700000000")
    kept.save(update_fields=["phone_cipher", "phone_index"])
    refused("DEPENDS", undo_merge, merge=found, reason="误", actor=county_clerk)


def test_a_merge_writes_few_queries_for_a_plan(two, django_assert_max_num_queries):
    kept, merged = two
    with django_assert_max_num_queries(22):
        merge_plan(kept, merged)
    assert connection.vendor in {"sqlite", "postgresql"}


def test_an_enrolment_of_another_class_counts_as_before(two, county_clerk, trainer):
    kept, merged = two
    run = hold_class({merged: "PRESENT"}, trainer, finish=True)
    merge(kept, merged, county_clerk)
    moved = enrolment_of(run, kept)
    assert (moved.status, moved.home_region) == ("COMPLETED", merged.home_region)
    assert not Enrolment.objects.filter(learner=merged).exists()
