"""Long work on certificates: what a kill between two files leaves behind."""

import pytest

from certificates import tasks
from certificates.models import Certificate
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
