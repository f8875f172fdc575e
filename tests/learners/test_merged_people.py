"""A merged record is met again: on rosters, at the door, on tablets, in figures, at sign-in."""

from datetime import date

import pytest
from django.urls import reverse

from certificates.models import Certificate
from courses.actions import add_walk_in, enrol_learners
from courses.models import AttendanceState, Enrolment, Instructor
from courses.queries import late_marks
from incubation.actions import IncubationError, open_case
from learners.actions import take_in_people
from learners.actions.merging import merge_learners, undo_merge
from learners.actions.sign_in import give_sign_in
from learners.models import Learner
from learners.queries import PersonFacts, find_by_number
from lms.lib.errors import ActionError
from lms.lib.periods import today
from quotas import measures
from quotas.models import Measure
from tests import factories
from tests.courses.tablets import bring, brought
from tests.learners.merged import hold_class
from tests.quotas.counted import make_edition, make_quota

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def merged_pair(regions, county_clerk):
    kept, merged = factories.make_learner("张建国"), factories.make_learner("张建囯")
    merge_learners(kept=kept, merged=merged, reason="同一人", actor=county_clerk)
    return kept, merged


def facts_of(learner, **changes):
    fields = {"name": learner.name, "home": learner.home_region}
    return PersonFacts(id_number=learner.clear_id_number(), **(fields | changes))


def take_in(people, actor):
    region = factories.make_region("411521")
    return take_in_people(
        people=people, as_of=date(2026, 5, 1), reach=["411521"], region=region, actor=actor
    )


def test_a_roster_with_the_other_number_finds_the_person(merged_pair, county_clerk):
    kept, merged = merged_pair
    own = facts_of(kept)
    other = facts_of(merged, phone="13912345678")
    taken = take_in([other, own], county_clerk)
    assert [row.learner for row in taken] == [kept, kept]
    kept.refresh_from_db()
    assert (kept.name, kept.clear_phone()) == ("张建国", "13912345678")
    assert Learner.objects.count() == 2


def test_a_search_for_either_number_finds_the_person(merged_pair, county_clerk):
    kept, merged = merged_pair
    for learner in (kept, merged):
        assert list(find_by_number(county_clerk, learner.clear_id_number())) == [kept]


@pytest.mark.parametrize("name", ["张建国", "张建囯"])
def test_a_walk_in_with_the_other_number_is_the_person(merged_pair, trainer, name):
    kept, merged = merged_pair
    session = factories.make_session(factories.make_run(starts_on=today()), user=trainer)
    enrolment = add_walk_in(
        session=session, name=name, id_number=merged.clear_id_number(), actor=trainer
    )
    assert enrolment.learner == kept


def test_enrolling_a_merged_record_enrols_the_person_once(merged_pair, county_clerk):
    kept, merged = merged_pair
    run = factories.make_run(starts_on=today(), status="OPEN")
    result = enrol_learners(run=run, learners=[merged, kept], actor=county_clerk)
    assert result.enrolled == 1
    assert Enrolment.objects.get().learner == kept


def test_a_tablet_that_still_knows_the_merged_record(regions, county_clerk, trainer):
    kept, merged = factories.make_learner(), factories.make_learner()
    run = factories.make_run(starts_on=today())
    session = factories.make_session(run, user=trainer)
    factories.make_enrolment(run, merged)
    found = merge_learners(kept=kept, merged=merged, reason="同一人", actor=county_clerk)
    pad = factories.make_device(trainer, "平板", "1" * 64)
    bring(pad, brought(session, merged, status="LATE"))
    assert AttendanceState.objects.values_list("learner", "status").get() == (kept.pk, "LATE")
    assert session.events.get().flags == []
    undo_merge(merge=found, reason="误合并", actor=county_clerk)
    assert AttendanceState.objects.values_list("learner", "status").get() == (merged.pk, "LATE")


def test_a_late_mark_of_a_merged_record_is_shown_of_the_person(regions, county_clerk, trainer):
    kept, merged = factories.make_learner("张建国"), factories.make_learner("张建囯")
    run = hold_class({merged: ""}, trainer)
    merge_learners(kept=kept, merged=merged, reason="同一人", actor=county_clerk)
    pad = factories.make_device(trainer, "平板", "1" * 64)
    session = run.sessions.get()
    Instructor.objects.filter(pk=session.instructor_id).update(user=trainer)
    bring(pad, brought(session, merged))
    assert [late.learner for late in late_marks(session)] == [kept]


def test_a_merged_record_gets_no_account_and_no_case(merged_pair, county_clerk):
    _kept, merged = merged_pair
    with pytest.raises(ActionError) as refused:
        give_sign_in(learner=merged, username="x", actor=county_clerk)
    assert refused.value.code == "MERGED"
    with pytest.raises(IncubationError) as refused:
        open_case(learner=merged, opened_on=today(), assignee=None, actor=county_clerk)
    assert refused.value.code == "merged"


def test_the_account_of_the_merged_record_sees_all_of_the_person(
    regions, county_clerk, trainee, trainer, signed_in
):
    mine, kept = trainee.learner, factories.make_learner("李建军")
    run = hold_class({kept: "PRESENT"}, trainer)
    merge_learners(kept=kept, merged=mine, reason="同一人", actor=county_clerk)
    seen = Enrolment.objects.visible_to(type(trainee).objects.get(pk=trainee.pk))
    assert [row.run for row in seen] == [run]
    assert Certificate.objects.visible_to(trainee).count() == 0
    assert signed_in(trainee).get(reverse("certificates:my_certificates")).status_code == 200


# --- figures --------------------------------------------------------------------------------------
def figures(**fields):
    found = {}
    for measure in (Measure.PERSON_TIMES, Measure.PEOPLE_TRAINED):
        quota = make_quota(measure, **fields)
        found[measure.value] = measures.figure(quota, quota.region, date(2026, 12, 31)).value
    return found


def test_a_merge_makes_two_people_one_and_leaves_person_times(regions, county_clerk, trainer):
    kept, merged = factories.make_learner(), factories.make_learner()
    hold_class({kept: "PRESENT", factories.make_learner(): "PRESENT"}, trainer)
    hold_class({merged: "PRESENT"}, trainer, day=date(2026, 4, 1))
    assert figures() == {"person_times": 3, "people_trained": 3}
    found = merge_learners(kept=kept, merged=merged, reason="同一人", actor=county_clerk)
    assert figures() == {"person_times": 3, "people_trained": 2}
    undo_merge(merge=found, reason="误合并", actor=county_clerk)
    assert figures() == {"person_times": 3, "people_trained": 3}


def test_an_identified_walk_in_counts_as_a_person(regions, county_clerk, trainer):
    known, walk_in = factories.make_learner(), factories.make_learner(provisional=True)
    hold_class({walk_in: "PRESENT"}, trainer)
    assert figures() == {"person_times": 1, "people_trained": 0}
    merge_learners(kept=known, merged=walk_in, reason="核实身份", actor=county_clerk)
    assert figures() == {"person_times": 1, "people_trained": 1}


def test_merged_twice_over_is_still_one_person(regions, county_clerk, trainer):
    first, second, third = (factories.make_learner("张伟") for _ in range(3))
    for n, learner in enumerate((first, second, third)):
        hold_class({learner: "PRESENT"}, trainer, day=date(2026, 4, 1 + n))
    merge_learners(kept=second, merged=first, reason="同一人", actor=county_clerk)
    merge_learners(kept=third, merged=second, reason="同一人", actor=county_clerk)
    assert figures() == {"person_times": 3, "people_trained": 1}


@pytest.mark.parametrize("listed", ["kept", "merged", "both"])
def test_a_sealed_member_is_covered_under_either_record(regions, county_clerk, trainer, listed):
    kept, merged = factories.make_learner(), factories.make_learner()
    entries = {"kept": [kept], "merged": [merged], "both": [kept, merged]}[listed]
    edition = make_edition(entries)
    hold_class({merged: "PRESENT"}, trainer, finish=True)
    merge_learners(kept=kept, merged=merged, reason="同一人", actor=county_clerk)
    quota = make_quota(Measure.ROSTER_COVERAGE, register_edition=edition, household_group="POOR")
    figure = measures.figure(quota, quota.region, date(2026, 12, 31))
    assert (figure.numerator, figure.denominator) == (1, 1)
