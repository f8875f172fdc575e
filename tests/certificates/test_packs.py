"""ZIPs and books: kept for a day, fetched by who asked while they still may."""

import os
import zipfile
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates import tasks as work
from certificates.actions import sweep_packs
from certificates.actions.packing import BOOK_REGION, FOLDER, PACK_RUN
from certificates.models import Certificate
from lms.lib.errors import ActionError
from lms.models import AuditEvent, TaskProgress
from regions.models import Region
from tests.certificates.rewriting import rewrite

pytestmark = [pytest.mark.usefixtures("media"), pytest.mark.postgres]
ADDRESSES = {PACK_RUN: "/certificates/runs/{}/pack/", BOOK_REGION: "/certificates/book/"}


@pytest.fixture
def packed(certificate, run, county_clerk, client, django_capture_on_commit_callbacks):
    def packed(kind=PACK_RUN) -> TaskProgress:
        client.force_login(county_clerk)
        with django_capture_on_commit_callbacks(execute=True):
            client.post(ADDRESSES[kind].format(run.pk))
        return TaskProgress.objects.get(kind=kind)

    return packed


def kept(settings) -> list[str]:
    return sorted(path.name for path in (settings.MEDIA_ROOT / FOLDER).glob("*"))


def sweep(capture):
    with capture(execute=True):
        return sweep_packs()


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_page_that_waits_for_a_pack_shows_it_and_asks_no_more(packed, client, kind):
    """Sent to the file itself, a browser stays on the page, and is sent there every two seconds."""
    pack = packed(kind)
    part = client.get(reverse("task_progress", args=[pack.pk]))
    assert (part.status_code, "HX-Redirect" in part) == (200, False)
    body = part.content.decode()
    assert f'href="{pack.result_url}"' in body
    assert "hx-get" not in body


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_pack_is_erased_when_its_day_is_over(
    packed, client, settings, kind, django_capture_on_commit_callbacks
):
    pack = packed(kind)
    assert sweep(django_capture_on_commit_callbacks) == 0
    assert len(kept(settings)) == 1
    TaskProgress.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    assert sweep(django_capture_on_commit_callbacks) == 1
    assert kept(settings) == []
    assert AuditEvent.objects.filter(action="certificates.pack_erased").count() == 1
    answer = client.get(pack.result_url)
    assert answer.status_code == 302
    assert "issue" in answer["Location"]
    assert sweep(django_capture_on_commit_callbacks) == 0


def test_the_packs_of_who_was_let_go_are_erased_at_once(
    packed, county_clerk, settings, django_capture_on_commit_callbacks
):
    packed()
    county_clerk.is_active = False
    county_clerk.save()
    assert sweep(django_capture_on_commit_callbacks) == 1
    assert kept(settings) == []


def test_a_file_that_nobody_knows_is_erased_too(db, settings, django_capture_on_commit_callbacks):
    folder = settings.MEDIA_ROOT / FOLDER
    folder.mkdir()
    for name, hours in (("old.zip", 25), ("new.zip", 1)):
        (folder / name).write_bytes(b"PK")
        then = (timezone.now() - timedelta(hours=hours)).timestamp()
        os.utime(folder / name, (then, then))
    sweep(django_capture_on_commit_callbacks)
    assert kept(settings) == ["new.zip"]


@pytest.mark.parametrize("kind", ADDRESSES)
def test_who_lost_the_right_does_not_fetch_what_they_asked_for(
    packed, run, county_clerk, client, kind
):
    pack = packed(kind)
    assert b"".join(client.get(pack.result_url).streaming_content).startswith(b"PK")
    [event] = AuditEvent.objects.filter(action="certificates.pack_fetched")
    assert event.region_path == run.host_region.path
    # A clerk still, of another county.
    county_clerk.grants.update(region=Region.objects.get(code="411522"))
    assert client.get(pack.result_url).status_code == 403
    county_clerk.grants.update(ends_on=date(2020, 1, 1))
    assert client.get(pack.result_url).status_code == 403


def test_an_erased_holder_is_left_out(packed, certificate):
    rewrite(Certificate.objects.filter(pk=certificate.pk), sealed_key=None, pdf="")
    pack = packed()
    assert (pack.state, pack.done_count) == ("DONE", 1)


def test_nothing_is_kept_when_somebody_is_erased_meanwhile(
    certificate, run, county_clerk, settings, monkeypatch
):
    def files(rows, seen):
        yield "1.pdf", b"%PDF"
        rewrite(Certificate.objects.filter(pk=certificate.pk), sealed_key=None)

    monkeypatch.setattr(work, "files_of", files)
    progress = TaskProgress.objects.create(
        kind=PACK_RUN, key="k", title="t", requested_by=county_clerk, args={"run": str(run.pk)}
    )
    with pytest.raises(ActionError) as error:
        work.pack_run(progress)
    assert error.value.code == "ERASED_MEANWHILE"
    assert kept(settings) == []


def test_a_book_is_made_outside_any_transaction(packed, monkeypatch, run, county_clerk):
    """On SQLite one transaction keeps every other writer waiting: for minutes, with a county."""
    from django.db import connection

    from certificates.queries import files as made

    inside = []
    real = made.render_book
    monkeypatch.setattr(
        made,
        "render_book",
        lambda *a, **k: inside.append(len(connection.savepoint_ids)) or real(*a, **k),
    )
    depth = len(connection.savepoint_ids)
    progress = TaskProgress.objects.create(
        kind=BOOK_REGION,
        key="k",
        title="t",
        requested_by=county_clerk,
        args={"region": "411521"},
    )
    packed()
    work.book_region(progress)
    assert inside == [depth]
    with zipfile.ZipFile(BytesIO(open_pack(progress))) as archive:
        assert archive.namelist() == ["1.pdf"]


def open_pack(progress: TaskProgress) -> bytes:
    from django.core.files.storage import default_storage

    with default_storage.open(progress.result["file"]) as file:
        return file.read()
