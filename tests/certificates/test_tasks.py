"""Long work on certificates: what a kill between two files leaves behind."""

import pytest
from django.db import connection

from certificates import tasks
from certificates.actions import erase_holder
from certificates.models import Certificate
from certificates.queries import files
from certificates.render import render_pdf
from lms.models import TaskProgress


def test_a_file_and_the_word_of_it_are_kept_together(
    certificate, run, county_clerk, media, monkeypatch
):
    progress = TaskProgress.objects.create(
        kind=tasks.PACK_RUN, key="k", args={"run": str(run.pk)}, requested_by=county_clerk
    )
    advance = TaskProgress.advance

    def cut_short(self, done, total=None):
        if done == 2:
            raise ConnectionError
        advance(self, done, total)

    monkeypatch.setattr(TaskProgress, "advance", cut_short)
    with pytest.raises(ConnectionError):
        tasks.pack_run(progress)
    progress.refresh_from_db()
    assert Certificate.objects.exclude(pdf="").count() == progress.done_count == 1


def test_nobody_waits_while_a_file_is_drawn(certificate, run, county_clerk, media, monkeypatch):
    """A transaction round the drawing keeps every other writer on SQLite out for minutes."""
    progress = TaskProgress.objects.create(
        kind=tasks.PACK_RUN, key="k", args={"run": str(run.pk)}, requested_by=county_clerk
    )
    outside, seen = len(connection.savepoint_ids), []

    def watched(*args, **kwargs):
        seen.append(len(connection.savepoint_ids))
        return render_pdf(*args, **kwargs)

    monkeypatch.setattr(files, "render_pdf", watched)
    tasks.pack_run(progress)
    assert seen == [outside, outside]


def test_who_is_erased_while_a_class_is_drawn_stops_nobody_elses(
    certificate, run, county_clerk, media, monkeypatch
):
    args = {"run": str(run.pk), "issuer": str(certificate.issuer_id), "issued_on": "2026-03-04"}
    progress = TaskProgress.objects.create(
        kind=tasks.ISSUE_RUN, key="k", args=args, requested_by=county_clerk
    )
    other = Certificate.objects.exclude(pk=certificate.pk).get()
    store = tasks.store_pdf

    def stored(**given):
        kept = store(**given)
        erase_holder(learner=other.enrolment.learner, reason="ASKED", actor=None)
        return kept

    monkeypatch.setattr(tasks, "store_pdf", stored)
    tasks.issue_run(progress)
    assert Certificate.objects.exclude(pdf="").get() == certificate
