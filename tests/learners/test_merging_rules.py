"""What holds whoever merges: a rule for every column, and what the database itself refuses."""

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.test.utils import isolate_apps

from learners.models import (
    Learner,
    MergeChange,
)
from learners.queries.merging import RULES, columns_to_learner
from tests import factories
from tests.learners.merged import merge

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


# --- every column has a rule ----------------------------------------------------------------------
def test_every_column_that_points_at_a_learner_has_a_rule():
    assert set(RULES) == columns_to_learner(apps.get_models(include_auto_created=True))


@isolate_apps("learners")
def test_a_new_column_without_a_rule_is_found():
    class Prize(models.Model):
        winner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
        twin = models.OneToOneField(Learner, models.CASCADE, related_name="+")
        guests = models.ManyToManyField(Learner, related_name="+")

        class Meta:
            app_label = "learners"

        def __str__(self):
            return "a prize"

    through = Prize.guests.through
    found = columns_to_learner([Prize, through])
    assert {name for _label, name in found} == {"winner", "twin", "guests", "learner"}
    assert not found & set(RULES)


# --- what the database holds --------------------------------------------------------------------
def test_the_database_refuses_chains(two):
    kept, merged = two
    Learner.objects.filter(pk=merged.pk).update(merged_into=kept)
    third = factories.make_learner()
    for wrong in (
        lambda: Learner.objects.filter(pk=third.pk).update(merged_into=merged),
        lambda: Learner.objects.filter(pk=kept.pk).update(merged_into=third),
        lambda: Learner.objects.filter(pk=third.pk).update(merged_into=third),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_the_database_refuses_to_change_what_a_merge_wrote_down(two, county_clerk):
    merge(*two, county_clerk)
    with pytest.raises(IntegrityError), transaction.atomic():
        MergeChange.objects.update(before={})
    with pytest.raises(IntegrityError), transaction.atomic():
        MergeChange.objects.all()._raw_delete(using="default")


def test_the_database_refuses_a_second_live_record_of_one_number(two):
    kept, merged = two
    with pytest.raises(IntegrityError), transaction.atomic():
        Learner.objects.filter(pk=merged.pk).update(id_index=kept.id_index)
    Learner.objects.filter(pk=merged.pk).update(merged_into=kept)
    Learner.objects.filter(pk=merged.pk).update(id_index=kept.id_index)
