"""The public page: what it answers, what it never shows, how often it answers."""

import re
from io import BytesIO

import pikepdf
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from certificates.actions import revoke_certificate, store_pdf
from certificates.models import Certificate
from certificates.views import checking as page_code
from learners.models import Learner
from tests.certificates.rewriting import rewrite
from tests.chance import without_drawn

NOW = "2026-11-22T01:00:00Z"


@pytest.fixture
def pdf(certificate) -> bytes:
    with store_pdf(certificate=certificate, actor=None).pdf.open() as file:
        return file.read()


@pytest.fixture
def other(certificate) -> Certificate:
    return Certificate.objects.exclude(pk=certificate.pk).get()


def bring(client, content: bytes, name: str = "证书.pdf"):
    return client.post("/verify/file/", {"file": SimpleUploadedFile(name, content)})


def ask_name(client, certificate, name: str):
    page = client.post(f"/v/{certificate.verify_code}", {"name": name})
    return page.context["name_answer"]


def saved_again(pdf: bytes) -> bytes:
    """As an editor saves it: the same looks, other bytes."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        opened.pages[0].contents_add(b"q 1 0 0 rg 0 0 40 40 re f Q")
        opened.save(out)
    return out.getvalue()


def marked(certificate, status: str, **fields) -> Certificate:
    rows = Certificate.objects.filter(pk=certificate.pk)
    rewrite(rows, status=status, status_on="2026-06-01", reason="姓名写错", **fields)
    return rows.get()


def erase(certificate) -> None:
    rewrite(Certificate.objects.filter(pk=certificate.pk), sealed_key=None)


def bare(page) -> tuple[int, bytes]:
    """Status and bytes without what differs from answer to answer."""
    noise = rb"[a-f0-9]{12}"
    return page.status_code, re.sub(noise, b"", page.content)


# --- by code ---
def test_a_code_is_read_in_any_case_and_with_lookalikes(client, certificate):
    rewrite(Certificate.objects.filter(pk=certificate.pk), verify_code="0123ABCD1050")
    full_width = "０１２３－ａｂｃｄ－１０５０"
    for typed in ("0123abcd1050", "O1Z3".replace("Z", "2") + "-abcd-lO5o", full_width):
        for prefix in ("v", "V"):
            page = client.get(f"/{prefix}/{typed}")
            assert page.context["found"].number == "LS-2026-000001", typed


def test_unknown_malformed_and_endless_codes_get_one_and_the_same_page(client, certificate):
    code = certificate.verify_code
    one_off = code[:-1] + ("0" if code[-1] != "0" else "1")
    wrong = ("0" * 12, one_off, "7KQ2-M9XD", "x" * 10_000, "李建军", "%00x"[3:])
    assert len({bare(client.get(f"/v/{typed}")) for typed in wrong}) == 1
    assert client.get(f"/v/{one_off}").status_code == 404


def test_an_unknown_code_costs_the_same_queries_and_decryptions(
    client, certificate, monkeypatch, django_assert_num_queries
):
    from lms.lib import crypto

    opened = []
    open_with = crypto.open_with
    monkeypatch.setattr(crypto, "open_with", lambda *a, **k: opened.append(1) or open_with(*a, **k))
    client.get("/v/" + "0" * 12)
    costs = []
    for code in (certificate.verify_code, "0" * 12, "x"):
        opened.clear()
        with django_assert_num_queries(1):
            client.get(f"/v/{code}")
        costs.append(len(opened))
    assert costs == [1, 1, 1]


@pytest.mark.parametrize("typed", ["{printed}", " {lower} ", "HTTP://HOST/V/{code}", "{code}/"])
def test_a_typed_code_leads_to_its_page(client, certificate, typed):
    typed = typed.format(
        code=certificate.verify_code,
        lower=certificate.verify_code.lower(),
        printed=certificate.printed_code.lower(),
    )
    answer = client.get("/verify/", {"code": typed})
    assert answer.headers["Location"] == f"/v/{certificate.verify_code}"


def test_what_is_no_code_leads_to_the_page_of_unknown_ones(client, db):
    for typed in ("李建军", "x" * 10_000, "../../etc"):
        assert client.get("/verify/", {"code": typed}).headers["Location"] == "/v/0"


def test_a_revoked_certificate_answers_for_ever(client, certificate, county_clerk):
    revoke_certificate(certificate=certificate, reason="姓名写错", actor=county_clerk)
    page = client.get(f"/v/{certificate.verify_code}")
    assert page.status_code == 200
    assert page.context["found"].certificate.status == "REVOKED"
    assert "姓名写错" not in page.content.decode()


def test_a_replaced_one_tells_the_day_and_neither_number_nor_link_of_the_new(
    client, certificate, other
):
    marked(certificate, "REPLACED")
    rewrite(Certificate.objects.filter(pk=other.pk), replaces=certificate)
    body = client.get(f"/v/{certificate.verify_code}").content.decode()
    assert "2026-06-01" in body
    for told in (other.number, other.verify_code, str(other.pk)):
        assert told not in body


def test_the_learners_record_may_change_merge_or_go(client, certificate):
    before = bare(client.get(f"/v/{certificate.verify_code}"))[1]
    learner = certificate.enrolment.learner
    kept = Learner.objects.exclude(pk=learner.pk).first()
    Learner.objects.filter(pk=learner.pk).update(name="改名", merged_into=kept)
    after = bare(client.get(f"/v/{certificate.verify_code}"))[1]
    moment = rb"\d\d:\d\d:\d\d|\d\d:\d\d"
    assert re.sub(moment, b"", before) == re.sub(moment, b"", after)
    erase(certificate)
    page = client.get(f"/v/{certificate.verify_code}")
    assert (page.status_code, page.context["found"].masked_name) == (200, "—")
    assert ask_name(client, certificate, "李建军") == "ERASED"


# --- by name ---
@pytest.mark.parametrize("typed", ["李建军", " 李 建军 ", "李·建军"])
def test_the_full_name_agrees(client, certificate, typed):
    assert ask_name(client, certificate, typed) == "AGREES"


@pytest.mark.parametrize("typed", ["李军", "李*军", "李建国", "·", "x" * 10_000])
def test_another_name_differs(client, certificate, typed):
    assert ask_name(client, certificate, typed) == "DIFFERS"


def test_a_typed_name_is_not_shown_again(client, certificate):
    page = client.post(f"/v/{certificate.verify_code}", {"name": "王小明"})
    assert "王小明" not in page.content.decode()


def test_a_name_posted_to_an_unknown_code_gets_the_page_of_unknown_ones(client, certificate):
    posted = client.post("/v/" + "0" * 12, {"name": "李建军"})
    assert bare(posted) == bare(client.get("/v/" + "0" * 12))


# --- by file ---
def test_the_issued_file_is_recognised(client, certificate, pdf):
    page = bring(client, pdf)
    assert page.context["file"].verdict == "SAME"
    assert page.context["found"].number == certificate.number
    revoked = marked(certificate, "REVOKED")
    page = bring(client, pdf)
    assert page.context["found"].certificate.status == revoked.status


@pytest.mark.parametrize("edit", [saved_again, lambda pdf: pdf + b"\n%", lambda pdf: pdf[:-2]])
def test_an_edited_file_is_called_so_and_shows_no_record(client, certificate, pdf, edit):
    page = bring(client, edit(pdf))
    assert (page.status_code, page.context["file"].verdict) == (200, "EDITED")
    assert page.context["found"] is None
    assert certificate.verify_code not in page.content.decode()


def test_a_strangers_file_is_unknown(client, certificate):
    out = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(out)
    page = bring(client, out.getvalue())
    assert (page.status_code, page.context["file"].verdict) == (404, "UNKNOWN")


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"\x89PNG\r\n", b"<html>", b"", b"x" * 5000])
def test_what_is_no_pdf_is_refused_in_words(client, db, content):
    page = bring(client, content, "证书.pdf")
    assert page.status_code == 400
    assert page.context["file_form"].errors["file"]


def test_a_file_above_the_limit_is_refused(client, db):
    page = bring(client, b"%PDF-1.7\n" + b"0" * (2 * 1024 * 1024))
    assert page.status_code == 400
    assert bring(client, b"%PDF-1.7\n" + b"0" * (3 * 1024 * 1024)).status_code == 413


def test_a_brought_file_touches_no_disk(client, certificate, pdf, monkeypatch, settings):
    from django.core.files import uploadhandler

    def refuse(*args, **kwargs):
        raise AssertionError("a file was written")

    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", refuse)
    before = sorted(settings.MEDIA_ROOT.rglob("*"))
    page = bring(client, b"%PDF-1.7\n" + b"0" * (2 * 1024 * 1024 - 100))
    assert page.status_code == 404
    assert sorted(settings.MEDIA_ROOT.rglob("*")) == before


@pytest.mark.parametrize(
    "hostile",
    [
        b"%PDF-1.7 /ByteRange [0 10 999999999 999999999]",
        b"%PDF-1.7 /ByteRange [0 35 36 2] <zz>" * 400,
        b"%PDF-1.7 " + b"stream\n" * 200_000,
        b"%PDF-1.7 <FEFF" + b"0" * 399 + b">",
    ],
)
def test_a_hostile_file_is_unknown(client, db, hostile):
    assert bring(client, hostile).context["file"].verdict == "UNKNOWN"


def test_packed_parts_are_unpacked_only_up_to_a_limit(client, db):
    import tracemalloc
    import zlib

    bomb = zlib.compress(b"\0" * 200_000_000, 9)
    tracemalloc.start()
    bring(client, b"%PDF-1.7\nstream\n" + bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


def test_browsers_may_post_from_a_page_that_sends_no_referrer(certificate, pdf):
    """They say "Origin: null" then; and a visitor gets no cookie."""
    strict = Client(enforce_csrf_checks=True, headers={"origin": "null"})
    assert bring(strict, pdf).context["file"].verdict == "SAME"
    assert ask_name(strict, certificate, "李建军") == "AGREES"
    assert not strict.cookies


# --- how often ---
@time_machine.travel(NOW, tick=False)
def test_guessing_is_slowed_down(client, certificate):
    answers = [client.get("/v/" + "0" * 12).status_code for _ in range(31)]
    assert answers == [404] * 30 + [429]
    assert bring(client, b"%PDF-").status_code == 429


@time_machine.travel(NOW, tick=False)
def test_guessing_from_many_addresses_is_slowed_down(client, certificate, monkeypatch):
    monkeypatch.setattr(page_code, "VERIFY_ALL_PER_MINUTE", 5)
    answers = [
        client.get("/v/" + "0" * 12, REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(6)
    ]
    assert answers == [404] * 5 + [429]


@time_machine.travel(NOW, tick=False)
def test_names_are_not_guessed_from_many_addresses(client, certificate, monkeypatch):
    monkeypatch.setattr(page_code, "NAMES_PER_HOUR", 3)
    address = f"/v/{certificate.verify_code}"
    answers = [
        client.post(address, {"name": "王"}, REMOTE_ADDR=f"10.0.0.{n}").status_code
        for n in range(4)
    ]
    assert answers == [200] * 3 + [429]
    assert client.get(address).status_code == 200


# --- what is never shown ---
def personal_values() -> set[str]:
    """Every personal field of everybody in the database, as it could be written."""
    values = set()
    for learner in Learner.objects.select_related("home_region", "user"):
        born = learner.clear_birth_date()
        region = learner.home_region
        values |= {
            learner.name,
            learner.native_name,
            learner.clear_id_number(),
            learner.masked_id,
            learner.id_tail,
            learner.clear_phone(),
            learner.masked_phone,
            region.name,
            region.code,
            str(learner.pk),
            learner.user.username if learner.user else "",
            born.isoformat() if born else "",
            f"{born:%Y%m%d}" if born else "",
            f"{born.year}年" if born else "",
        }
    return values - {""}


def without_codes(text: str) -> str:
    """Nor what else is drawn."""
    for code in Certificate.objects.values_list("verify_code", flat=True):
        text = text.replace(code, "")
    return without_drawn(text)


def personal_values_in(text: str) -> list[str]:
    text = without_codes(text)
    return [value for value in personal_values() if value in text]


def variants(client, certificate, pdf):
    """Every page that a visitor can get, by name."""
    address = f"/v/{certificate.verify_code}"
    yield "form", client.get("/verify/")
    for status in ("VALID", "REPLACED", "REVOKED"):
        marked(certificate, status)
        yield status, client.get(address)
        yield f"{status} agrees", client.post(address, {"name": "李建军"})
        yield f"{status} differs", client.post(address, {"name": "王秀兰"})
        yield f"{status} no name", client.post(address, {"name": ""})
        yield f"{status} file", bring(client, pdf)
    yield "edited", bring(client, saved_again(pdf))
    yield "unknown file", bring(client, b"%PDF-1.7")
    yield "no file", bring(client, b"x")
    yield "unknown", client.get("/v/" + "0" * 12)
    erase(certificate)
    yield "erased", client.get(address)
    yield "erased name", client.post(address, {"name": "李建军"})
    yield "many", [client.get(address) for _ in range(40)][-1]


@time_machine.travel(NOW, tick=False)
def test_no_page_shows_anything_personal(client, certificate, trainee, pdf):
    learner = certificate.enrolment.learner
    learner.native_name = "ئايشەم"
    learner.save()
    hidden = personal_values() | {str(certificate.pk), str(certificate.enrolment_id)}
    assert len(hidden) > 15
    seen = {}
    for name, page in variants(client, certificate, pdf):
        seen[name] = page.status_code
        head = "".join(f"{key}: {value}\n" for key, value in page.items())
        body = without_codes(head + page.content.decode())
        assert [value for value in hidden if value in body] == [], name
        assert page["X-Robots-Tag"] == "noindex, nofollow", name
        assert page["Referrer-Policy"] == "no-referrer", name
        assert "no-store" in page["Cache-Control"], name
    assert seen["many"] == 429
    assert {seen["VALID"], seen["REPLACED"], seen["REVOKED"], seen["edited"]} == {200}


def test_no_address_lists_certificates(client, certificate):
    for name in ("verify", "verify_file"):
        body = client.get(reverse(name)).content.decode()
        assert certificate.number not in body
        assert certificate.verify_code not in body
