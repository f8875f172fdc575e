"""Handing out: the register with signatures, the phone, and the desk."""

import gzip
import re
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.contrib.staticfiles import finders

from certificates.actions import issue_certificates
from certificates.models import Certificate, Issuer
from lms.models import AuditEvent, TaskProgress
from tests import factories

LIST, FIND = "/certificates/", "/certificates/find/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def certificate(run, county_clerk):
    issue_certificates(
        run=run, issuer=Issuer.objects.get(), issued_on=date(2026, 3, 4), actor=county_clerk
    )
    return Certificate.objects.get(enrolment__learner__name="李建军")


def test_the_register_has_a_line_to_sign_for_each_valid_certificate(
    certificate, run, county_clerk, signed_in
):
    client = signed_in(county_clerk)
    answer = client.get(f"/certificates/runs/{run.pk}/sheet/?format=xlsx")
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.active.values)
    assert [row[1] for row in rows[1:]] == ["LS-2026-000001", "LS-2026-000002"]
    assert {row[2] for row in rows[1:]} == {"李建军", "王秀兰"}
    whole = certificate.enrolment.learner.clear_id_number()
    assert all(whole not in map(str, row) for row in rows)
    printed = b"".join(client.get(f"/certificates/runs/{run.pk}/sheet/").streaming_content)
    assert printed.startswith(b"%PDF")
    formats = AuditEvent.objects.filter(action="certificates.sheet_printed")
    assert [e.detail for e in formats.order_by("seq")] == [
        {"count": 2, "format": "xlsx"},
        {"count": 2, "format": "pdf"},
    ]


@pytest.mark.parametrize("by", ["number", "name"])
def test_the_desk_finds_by_number_and_by_name_and_leaves_a_line(
    certificate, county_clerk, signed_in, by, caplog
):
    learner = certificate.enrolment.learner
    typed = learner.clear_id_number() if by == "number" else learner.name
    page = signed_in(county_clerk).post("/certificates/find/", {"q": typed})
    assert [c.number for c, facts in page.context["cards"]] == [certificate.number]
    [event] = AuditEvent.objects.filter(action="certificates.looked_up")
    assert event.detail == {"numbers": [certificate.number]}
    assert typed not in caplog.text


def test_the_desk_does_not_find_people_of_the_county_next_door(
    certificate, neighbour_clerk, signed_in
):
    typed = certificate.enrolment.learner.clear_id_number()
    page = signed_in(neighbour_clerk).post("/certificates/find/", {"q": typed})
    assert page.context["cards"] == []


def own(certificate, trainee):
    learner = certificate.enrolment.learner
    type(learner).objects.filter(user=trainee).update(user=None)
    learner.user = trainee
    learner.save()


def test_the_first_load_of_a_trainees_page_is_sixty_kilobytes_at_most(client, certificate, trainee):
    own(certificate, trainee)
    client.force_login(trainee)
    page = client.get("/certificates/mine/")
    body = page.content.decode()
    assert certificate.number in body
    assert "<script" not in body
    assert "<img" not in body
    assert first_load(page) <= 60 * 1024


def test_wechat_is_told_how_to_keep_the_certificate(client, certificate, trainee):
    own(certificate, trainee)
    client.force_login(trainee)
    body = client.get("/certificates/mine/").content.decode()
    assert "微信" in body
    assert f"/certificates/{certificate.pk}/picture/" in body
    page = client.get(f"/certificates/{certificate.pk}/picture/").content.decode()
    assert "微信" in page
    assert f'src="/certificates/{certificate.pk}/image/"' in page
    assert client.get(f"/certificates/{certificate.pk}/image/").content.startswith(b"\x89PNG")


def first_load(page) -> int:
    """Bytes over the line for a page and what it asks for at once, but for its pictures."""
    wanted = set(re.findall(r'(?:href|src)="/static/([^"#?]+)', page.content.decode()))
    assert wanted
    found = {
        Path(finders.find(name) or finders.find(re.sub(r"\.[0-9a-f]{12}\.", ".", name)))
        for name in wanted
    }
    for sheet in [path for path in found if path.suffix == ".css"]:
        asked = re.findall(r"""url\(["']?([^"')]+)""", sheet.read_text())
        found |= {(sheet.parent / name).resolve(strict=True) for name in asked}
    files = [gzip.compress(path.read_bytes()) for path in found]
    return len(gzip.compress(page.content)) + sum(map(len, files))


def test_pages_for_slow_lines_are_light(client, certificate, trainee):
    """At 2G's 5 kB a second: the page to check on and the one to save from in 3 s each, then the
    picture in half a minute."""
    own(certificate, trainee)
    assert first_load(client.get(f"/v/{certificate.verify_code}")) < 15_000
    assert first_load(client.get("/verify/")) < 15_000
    client.force_login(trainee)
    address = f"/certificates/{certificate.pk}"
    page = client.get(f"{address}/picture/")
    assert b"<script" not in page.content
    assert first_load(page) < 15_000
    assert len(client.get(f"{address}/image/").content) < 170_000


def test_the_holder_takes_the_credential_along(client, certificate, trainee):
    own(certificate, trainee)
    client.force_login(trainee)
    mine = client.get("/certificates/mine/").content.decode()
    address = f"/certificates/{certificate.pk}/credential/"
    assert f'href="{address}"' in mine
    answer = client.get(address)
    assert answer["Content-Type"] == "application/vc+jwt"
    assert "attachment" in answer["Content-Disposition"]


def test_picture_and_pdf_are_two_taps_away_and_drawn_when_asked_for(client, certificate, trainee):
    own(certificate, trainee)
    client.force_login(trainee)
    mine = client.get("/certificates/mine/").content.decode()
    assert f'href="/certificates/{certificate.pk}/picture/"' in mine
    page = client.get(f"/certificates/{certificate.pk}/picture/").content.decode()
    assert f'src="/certificates/{certificate.pk}/image/"' in page
    picture = client.get(f"/certificates/{certificate.pk}/image/")
    assert picture["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert Certificate.objects.get(pk=certificate.pk).pdf
    other = Certificate.objects.exclude(pk=certificate.pk).get()
    assert client.get(f"/certificates/{other.pk}/image/").status_code == 404


def test_a_county_is_issued_in_the_background_and_a_double_click_is_one(
    run, county_clerk, signed_in, django_capture_on_commit_callbacks
):
    client = signed_in(county_clerk)
    page = client.get("/certificates/issue/")
    assert page.context["waiting"].eligible_count == 2
    form = {"issuer": Issuer.objects.get().pk, "issued_on": "2026-03-04"}
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            client.post("/certificates/issue/", form)
    assert TaskProgress.objects.get().state == "DONE"
    assert Certificate.objects.exclude(pdf="").count() == 2
    assert client.get("/certificates/issue/").context["waiting"].eligible_count == 0


def test_the_page_of_a_county_asks_as_much_for_many_classes(
    run, county_clerk, signed_in, django_assert_max_num_queries
):
    client = signed_in(county_clerk)
    client.get("/certificates/issue/")
    with django_assert_max_num_queries(22):
        client.get("/certificates/issue/")


def test_a_new_certificate_is_issued_from_the_page_of_the_old_one(
    certificate, county_clerk, signed_in
):
    form = {"reason": "姓名更正", "issued_on": "2026-03-05"}
    answer = signed_in(county_clerk).post(f"/certificates/{certificate.pk}/reissue/", form)
    new = Certificate.objects.get(replaces=certificate)
    assert answer.headers["Location"] == f"/certificates/{new.pk}/"
    certificate.refresh_from_db()
    assert certificate.status == "REPLACED"


def test_a_class_as_zip_and_a_county_as_book_are_made_once_and_fetched_by_who_asked(
    certificate, run, county_clerk, neighbour_clerk, client, django_capture_on_commit_callbacks
):
    client.force_login(county_clerk)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/certificates/runs/{run.pk}/pack/")
        client.post("/certificates/book/")
    pack, book = TaskProgress.objects.order_by("created_at")
    assert (pack.state, book.state) == ("DONE", "DONE")
    names = []
    for progress in (pack, book):
        answer = client.get(progress.result_url)
        with zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))) as archive:
            names.append(archive.namelist())
            assert archive.read(names[-1][0]).startswith(b"%PDF")
    assert names == [["LS-2026-000001.pdf", "LS-2026-000002.pdf"], ["1.pdf"]]
    client.force_login(neighbour_clerk)
    assert client.get(pack.result_url).status_code == 404


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_the_register_has_a_name_for_old_programs_and_for_new_ones(
    run, certificate, county_clerk, signed_in, kind
):
    address = f"/certificates/runs/{run.pk}/sheet/?format={kind}"
    said = signed_in(county_clerk).get(address)["Content-Disposition"]
    assert f"filename=\"download-2026-33.{kind}\"; filename*=utf-8''%E5%8F%91" in said


def test_the_list_and_the_desk_show_the_name_on_the_paper_with_the_one_of_now(
    certificate, signed_in, county_clerk
):
    learner = certificate.enrolment.learner
    masked = learner.masked_id
    learner.name = "李建筠"
    learner.set_id_number(factories.make_id_number(7777))
    learner.save()
    desk = signed_in(county_clerk)
    found = desk.post(FIND, {"q": "李建筠"})
    for page in (desk.get(LIST), found):
        text = page.content.decode()
        assert "李建军" in text
        assert "现用姓名：李建筠" in text or "Name by now: 李建筠" in text
        assert masked in text
        assert learner.masked_id not in text
    assert desk.get(LIST).content.decode().count("李建筠") == 1  # not for the others
    sheet = openpyxl.load_workbook(BytesIO(desk.get(LIST, {"export": "xlsx"}).content)).active
    assert "李建军（李建筠）" in [cell.value for row in sheet.iter_rows() for cell in row]
