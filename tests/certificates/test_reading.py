"""Records put together by hand are the records that Django reads."""

import json

import pytest
from django.db.models import Model

from certificates.queries.candidates import OWN, PERSON, canonical, personal_of
from certificates.queries.reading import bare
from courses.models import Enrolment
from learners.models import Learner, id_masker

pytestmark = pytest.mark.django_db


def said(record: Model) -> dict[str, object]:
    return {field.attname: getattr(record, field.attname) for field in record._meta.concrete_fields}


def test_they_say_what_django_reads(run, django_assert_num_queries):
    rows = Enrolment.objects.filter(run=run).order_by("pk")
    with django_assert_num_queries(1):
        found = bare(rows, OWN, learner=PERSON, home_region=("name",))
        names = [(one.learner.name, one.home_region.name, one.run_id) for one in found]
    plain = list(rows.select_related("learner", "home_region"))
    assert names == [(one.learner.name, one.home_region.name, one.run_id) for one in plain]
    assert found == plain
    for ours, theirs in zip(found, plain, strict=True):
        # What was not named is read when it is asked for.
        assert said(ours) == said(theirs)
        assert said(ours.learner) == said(theirs.learner)
        assert ours.learner.masked_id == theirs.learner.masked_id


def test_numbers_masked_in_a_row_are_the_masked_numbers(run):
    masked = id_masker()
    people = [one.learner for one in Enrolment.objects.filter(run=run).select_related("learner")]
    assert [masked(one) for one in people] == [one.masked_id for one in people]
    assert len({masked(one) for one in people}) > 1
    nameless = Learner(name="王")
    assert masked(nameless) == nameless.masked_id == "—"


def test_they_can_be_saved(run):
    [first, *_] = bare(Enrolment.objects.filter(run=run), OWN, learner=PERSON)
    learner = first.learner
    learner.name = "赵敏"
    learner.save(update_fields=["name"])
    assert Learner.objects.get(pk=learner.pk).name == "赵敏"


@pytest.mark.parametrize("name", ["李建军", '李"建\\军', "O'Neill </script>", "𬭎䶮"])
def test_the_sealed_part_is_canonical(name):
    text = personal_of(Learner(name=name, native_name="ئايگۈل"), "411***X", "00")
    assert json.loads(text)["name"] == name
    assert text == canonical(json.loads(text))
