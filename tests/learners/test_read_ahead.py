"""The next chunk is opened while one is written: a proposal that is checked, never a truth."""

import threading
from functools import partial

import pytest

from learners.actions import read_ahead
from learners.actions.imports import ImportRun, begin_import, confirm_import, import_chunk
from learners.models import Learner, RosterImport, RosterRow
from learners.tasks import run_import
from lms.lib import crypto
from tests.learners.rosters import checked, make_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]


@pytest.fixture
def begun(county_clerk):
    found = checked(make_rows(1, 30), actor=county_clerk)
    begin_import(roster_import=found, actor=county_clerk)
    return found


def taken():
    return RosterRow.objects.exclude(outcome="").count()


def test_each_row_is_opened_once_and_all_but_the_first_chunk_beside_the_writing(
    begun, county_clerk, monkeypatch
):
    opened = []
    real = read_ahead.learner_writer

    def noting():
        opened.append(threading.current_thread() is threading.main_thread())
        return real()

    monkeypatch.setattr(read_ahead, "learner_writer", noting)
    run = ImportRun.of(begun)
    with read_ahead.ReadAhead(run.reference) as run.ahead:
        while import_chunk(roster_import=begun, size=10, run=run, actor=county_clerk):
            pass
    assert opened == [True, False, False]
    assert (taken(), Learner.objects.count()) == (30, 30)
    assert {who.clear_id_number()[-4:] for who in Learner.objects.all()} == set(
        Learner.objects.values_list("id_tail", flat=True)
    )


def test_rows_that_another_worker_took_meanwhile_are_not_taken_again(begun, county_clerk):
    run = ImportRun.of(begun)
    with read_ahead.ReadAhead(run.reference) as run.ahead:
        assert import_chunk(roster_import=begun, size=10, run=run, actor=county_clerk) == 10
        assert import_chunk(roster_import=begun, size=5, actor=county_clerk) == 5
        assert import_chunk(roster_import=begun, size=10, run=run, actor=county_clerk) == 10
        assert import_chunk(roster_import=begun, size=10, run=run, actor=county_clerk) == 5
    assert RosterRow.objects.filter(outcome="CREATED").count() == Learner.objects.count() == 30


def test_after_a_chunk_that_was_rolled_back_nobody_is_passed_over(begun, county_clerk, monkeypatch):
    run = ImportRun.of(begun)
    with read_ahead.ReadAhead(run.reference) as run.ahead:
        import_chunk(roster_import=begun, size=10, run=run, actor=county_clerk)
        with monkeypatch.context() as patch:
            patch.setattr("learners.actions.imports._take_in", stop)
            with pytest.raises(InterruptedError):
                import_chunk(roster_import=begun, size=10, run=run, actor=county_clerk)
        run.begin_again()
        while import_chunk(roster_import=begun, size=10, run=run, actor=county_clerk):
            pass
    assert (taken(), Learner.objects.count()) == (30, 30)


def stop(*_given):
    raise InterruptedError


def test_a_row_that_cannot_be_opened_ends_the_work_and_what_came_before_it_stays(
    county_clerk, monkeypatch
):
    found = checked(make_rows(1, 30), actor=county_clerk)
    progress = confirm_import(roster_import=found, actor=county_clerk)
    monkeypatch.setattr("learners.tasks.import_chunk", partial(import_chunk, size=10))
    broken = found.rows.filter(position=25)
    kept = bytes(broken.get().raw_cipher)
    broken.update(raw_cipher=b"\x01" + b"0" * 60)
    with pytest.raises(crypto.DecryptError):
        run_import(progress)
    assert (taken(), Learner.objects.count()) == (20, 20)
    assert threading.active_count() == 1
    broken.update(raw_cipher=kept)
    run_import(progress)
    assert (taken(), Learner.objects.count()) == (30, 30)
    assert RosterImport.objects.get().state == "IMPORTED"
