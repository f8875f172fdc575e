"""The register of personal places: no column of text, JSON, bytes or files stands in none."""

from collections import Counter
from dataclasses import replace

import pytest
from django.apps import apps
from django.db import models

from learners.queries.erasing import ACTS, PLACES, Fate, declare

#: What can hold words, numbers or pictures. A choice is one of a list.
WORDY = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
    models.GenericIPAddressField,
)


def columns():
    return {
        f"{field.model._meta.app_label}.{model.__name__}.{field.name}": field
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, WORDY) and not field.is_relation
    }


def test_every_column_that_can_hold_words_has_a_place():
    declared = Counter(column for place in PLACES for column in place.columns)
    free = {name for name, field in columns().items() if not field.choices}
    assert not free - set(declared), "say in a Place what erasing does to these columns"
    assert not {name for name, times in declared.items() if times > 1}, "in two places"
    known = set(columns()) | {"learners.Learner.disability_grade"}
    assert not set(declared) - known, "no such column"


def test_every_place_says_what_becomes_of_it():
    keys = [place.key for place in PLACES]
    assert len(keys) == len(set(keys))
    for place in PLACES:
        does = place.personal or place.key in ACTS
        if place.fate is Fate.ERASED and place.key != "lms.files":
            assert does, f"{place.key}: nothing erases it"
        if place.fate is not Fate.ERASED:
            # Class photos alone are kept or erased, as the administrator chooses.
            assert bool(does) is place.is_photos, f"{place.key} is erased"
        if place.fate in (Fate.KEPT, Fate.EXPIRES):
            assert str(place.why), f"{place.key}: why does it stay?"


def test_a_place_is_declared_once():
    before = list(PLACES)
    declare(before)
    assert before == PLACES
    with pytest.raises(ValueError, match=r"learners\.person"):
        declare([replace(before[0], columns=("lms.AuditEvent.detail",))])


def test_what_is_blanked_is_in_the_register():
    for place in PLACES:
        for personal in place.personal:
            label = f"{personal.model._meta.app_label}.{personal.model.__name__}"
            for name in (*personal.blanks, *personal.files):
                assert f"{label}.{name}" in place.columns
