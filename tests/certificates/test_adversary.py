"""Somebody who wants a certificate that is not theirs, or to know whose there are."""

import json
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certificates.actions import issue_certificates, make_daily_roots, store_pdf, store_signed
from certificates.models import Certificate, Issuer
from certificates.queries import all_facts
from lms.models import TaskProgress
from tests import factories
from tests.certificates.rewriting import rewrite
from tests.certificates.test_verify import personal_values_in
from tests.quotas.counted import complete

pytestmark = pytest.mark.usefixtures("media")
DAY = date(2026, 3, 4)


@pytest.fixture
def theirs(run, neighbour_clerk) -> Certificate:
    """A certificate of the county next door."""
    other = factories.make_run("411522", starts_on=date(2026, 3, 2), status="CLOSED")
    complete(factories.make_learner("孙丽", "411522001001"), "411522", run=other)
    issuer = factories.make_issuer("411522", prefix="GS")
    [made] = issue_certificates(run=other, issuer=issuer, issued_on=DAY, actor=neighbour_clerk)
    return made


def issued_to(name: str, run, actor) -> Certificate:
    learner = factories.make_learner(name)
    complete(learner, run=run)
    issue_certificates(run=run, issuer=Issuer.objects.get(), issued_on=DAY, actor=actor)
    return Certificate.objects.get(enrolment__learner=learner)


# --- to enumerate ---
def test_numbers_and_ids_are_no_way_in(client, certificate):
    for typed in (certificate.number, str(certificate.pk), certificate.chain_hash, "1", "%"):
        assert client.get(f"/v/{typed}").status_code == 404, typed
        assert client.get(f"/v/{typed}/proof.json").status_code == 404, typed
    for part in ("", "pdf/", "image/", "credential/", "copies/archive/"):
        answer = client.get(f"/certificates/{certificate.pk}/{part}")
        assert answer.status_code == 302
        assert "/accounts/login/" in answer["Location"]


def test_what_is_public_of_a_day_names_nobody(client, certificate):
    rewrite(Certificate.objects.all(), issued_at="2026-03-04T02:00:00Z")
    make_daily_roots()
    for address in ("/verify/days/latest.json", "/verify/keys.json", "/verify/issuers/LS.json"):
        body = client.get(address).content.decode()
        for told in (certificate.number, certificate.verify_code, "李建军", str(certificate.pk)):
            assert told not in body, address
    proof = client.get(f"/v/{certificate.verify_code}/proof.json").content.decode()
    assert "李" not in proof
    # The leaf is made of digests, in which anybody's last four digits stand by chance.
    assert personal_values_in(json.loads(proof)["leaf"]) == personal_values_in(proof) == []


def test_codes_have_nothing_to_do_with_each_other(run, certificate):
    codes = list(Certificate.objects.values_list("verify_code", flat=True))
    assert len(set(codes)) == len(codes)
    assert not any(code[:6] == other[:6] for code in codes for other in codes if code != other)


# --- to reach the county next door ---
def test_nobody_of_the_county_next_door_is_issued_by_ticking_them(
    run, theirs, county_clerk, signed_in, django_capture_on_commit_callbacks
):
    alien = theirs.enrolment
    rewrite(Certificate.objects.filter(pk=theirs.pk), status="REVOKED", status_on=DAY)
    form = {
        "issuer": Issuer.objects.get(prefix="LS").pk,
        "issued_on": "2026-03-04",
        "enrolment": [str(alien.pk)],
    }
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(county_clerk).post(f"/certificates/runs/{run.pk}/issue/", form)
    assert Certificate.objects.filter(enrolment=alien).count() == 1
    assert not Certificate.objects.filter(issuer__prefix="LS").exists()


def test_nobody_signs_with_the_issuer_of_the_county_next_door(run, theirs, county_clerk, signed_in):
    form = {"issuer": theirs.issuer_id, "issued_on": "2026-03-04"}
    for address in (f"/certificates/runs/{run.pk}/issue/", "/certificates/issue/"):
        page = signed_in(county_clerk).post(address, form)
        assert "issuer" in page.context["form"].errors
    assert not TaskProgress.objects.exists()


# --- to forge ---
def bring(client, content: bytes):
    return client.post("/verify/file/", {"file": SimpleUploadedFile("证书.pdf", content)})


def test_a_signature_cut_out_of_one_file_proves_no_other(client, certificate):
    """Our signature of one certificate behind the bytes of another."""
    other = Certificate.objects.exclude(pk=certificate.pk).get()
    files = {}
    for row in (certificate, other):
        drawn = store_pdf(certificate=row, actor=None)
        with drawn.pdf.open() as file:
            plain = file.read()
        store_signed(certificate=row, actor=None)
        with drawn.pdf.storage.open(f"certificates/signed/{row.pk}.pdf") as file:
            files[row.pk] = plain, file.read()
    plain, _signed = files[other.pk]
    own_plain, own_signed = files[certificate.pk]
    grafted = plain + own_signed[len(own_plain) :]
    page = bring(client, grafted)
    assert page.context["file"].verdict == "EDITED"
    swapped = own_signed.replace(certificate.number.encode(), other.number.encode())
    if swapped != own_signed:
        assert bring(client, swapped).context["file"].verdict == "EDITED"


# --- to break it by a name ---
@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("李\u202e军\u202c明", "李军明"),
        ("李\u200b\u200d军\ufeff", "李军"),
        ("李\x00\x07军\n明", "李军明"),
        ("\u2066李军\u2069", "李军"),
    ],
)
def test_marks_that_turn_letters_round_are_not_printed(run, county_clerk, client, name, printed):
    certificate = issued_to(name.replace("\x00", ""), run, county_clerk)
    assert all_facts(certificate).name.replace(" ", "") == printed
    assert store_pdf(certificate=certificate, actor=None).pdf_sha256
    page = client.post(f"/v/{certificate.verify_code}", {"name": printed})
    assert page.context["name_answer"] == "AGREES"
    body = page.content.decode()
    assert not set("\u202e\u202c\u2066\u2069\u200b\ufeff") & set(body)


def test_a_name_of_sixty_letters_gets_none_and_is_told_why(run, county_clerk, signed_in):
    learner = factories.make_learner("阿" * 60)
    complete(learner, run=run)
    issue_certificates(run=run, issuer=Issuer.objects.get(), issued_on=DAY, actor=county_clerk)
    assert not Certificate.objects.filter(enrolment__learner=learner).exists()
    page = signed_in(county_clerk).get(f"/certificates/runs/{run.pk}/issue/")
    [row] = [c for c in page.context["others"] if c.enrolment.learner == learner]
    assert str(row.why_not) in page.content.decode()


def test_a_name_is_no_formula_in_the_register(run, county_clerk, signed_in):
    certificate = issued_to("=1+1", run, county_clerk)
    answer = signed_in(county_clerk).get(f"/certificates/runs/{run.pk}/sheet/?format=xlsx")
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    [cell] = [row[2] for row in sheet.iter_rows() if row[1].value == certificate.number]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_name_is_no_markup_on_any_page(run, county_clerk, signed_in):
    certificate = issued_to("<b>李</b>", run, county_clerk)
    client = signed_in(county_clerk)
    for address in (f"/certificates/{certificate.pk}/", "/certificates/"):
        assert "<b>李</b>" not in client.get(address).content.decode()
    printed = client.get(f"/certificates/runs/{run.pk}/sheet/")
    assert b"".join(printed.streaming_content).startswith(b"%PDF")
