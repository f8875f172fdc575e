from datetime import timedelta

import pytest
from django.utils import timezone

from learners.actions.retention import erase_old_rosters
from learners.models import Learner, RosterImport
from lms.models import AuditEvent
from tests.learners.rosters import checked, imported, load_places, make_rows

State = RosterImport.State


@pytest.fixture
def roster(regions, county_clerk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    load_places("411521")
    return imported(make_rows(1, 3), actor=county_clerk)


def age(roster, **fields):
    days = {name: timezone.now() - timedelta(days=days) for name, days in fields.items()}
    RosterImport.objects.filter(pk=roster.pk).update(**days)


def test_rows_go_ninety_days_after_confirming_and_people_stay(roster):
    # Three people and the line of headings.
    people = Learner.objects.count()
    age(roster, confirmed_at=89)
    assert (erase_old_rosters(), roster.rows.count()) == (0, 4)
    age(roster, confirmed_at=91)
    assert (erase_old_rosters(), roster.rows.count()) == (1, 0)
    assert Learner.objects.count() == people
    assert AuditEvent.objects.get(action="learners.roster_erased").detail == {"rows": 4}
    assert erase_old_rosters() == 0


def test_rows_that_were_given_up_go_after_a_week(roster):
    RosterImport.objects.filter(pk=roster.pk).update(state=State.ABANDONED)
    age(roster, uploaded_at=6)
    assert erase_old_rosters() == 0
    age(roster, uploaded_at=8)
    assert (erase_old_rosters(), roster.rows.count()) == (1, 0)


def test_an_upload_that_nobody_confirms_is_given_up_with_its_file(
    regions, county_clerk, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    load_places("411521")
    roster = checked(make_rows(1, 3), actor=county_clerk)
    age(roster, uploaded_at=89)
    assert erase_old_rosters() == 0
    age(roster, uploaded_at=91)
    with django_capture_on_commit_callbacks(execute=True):
        assert (erase_old_rosters(), roster.rows.count()) == (1, 0)
    roster.refresh_from_db()
    assert (roster.state, roster.file.name, roster.reading_cipher) == ("ABANDONED", "", None)
    assert not list(tmp_path.rglob("*.upload"))
