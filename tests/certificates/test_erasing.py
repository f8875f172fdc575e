"""A holder who was erased or merged: what goes, and what answers for ever."""

import hashlib
import re
import zlib
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from certificates.actions import (
    erase_holder,
    issue_certificates,
    make_daily_roots,
    reissue_certificate,
    revoke_certificate,
    store_pdf,
    store_signed,
)
from certificates.models import Certificate
from certificates.queries import personal_facts, proof_of, template_for
from certificates.queries.candidates import IS_ERASED, Sheet
from certificates.queries.waiting import waiting_in
from learners.actions.erasing import erase_learner
from lms.lib.errors import ActionError
from lms.models import AuditEvent, TaskProgress
from tests import factories
from tests.certificates.rewriting import rewrite
from tests.learners.merged import hold_class, merge

DAY = date(2026, 3, 4)
pytestmark = [pytest.mark.usefixtures("media"), pytest.mark.postgres]


@pytest.fixture
def erased(django_capture_on_commit_callbacks, county_clerk):
    def erased(certificate) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return erase_holder(
                learner=certificate.enrolment.learner, reason="ASKED", actor=county_clerk
            )

    return erased


@pytest.fixture
def handed_out(certificate, run, county_clerk, client, django_capture_on_commit_callbacks) -> bytes:
    """Drawn, signed, packed and bound; the signed bytes."""
    client.force_login(county_clerk)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/certificates/runs/{run.pk}/pack/")
        client.post("/certificates/book/")
    answer = client.get(f"/certificates/{certificate.pk}/pdf/")
    return b"".join(answer.streaming_content)


def unpacked(content: bytes) -> bytes:
    """A file with its packed parts in clear."""
    parts = [content]
    for start in re.finditer(rb"stream\r?\n", content):
        try:
            parts.append(zlib.decompressobj().decompress(content[start.end() :]))
        except zlib.error:
            continue
    return b"".join(parts)


def wide(word: str) -> bytes:
    return word.encode("utf-16-be")


def holding(folder: Path, *words: str) -> list[str]:
    """The files under a folder that hold one of the words, in the ways a PDF writes text."""
    wanted = [
        form.lower()
        for word in words
        for form in (word.encode(), wide(word), wide(word).hex().encode())
    ]
    files = [path for path in folder.rglob("*") if path.is_file()]
    texts = {path: unpacked(path.read_bytes()).lower() for path in files}
    return [path.name for path, text in texts.items() if any(form in text for form in wanted)]


def test_no_file_with_the_number_of_an_erased_holder_remains(
    certificate, handed_out, erased, settings
):
    """The name stands in glyphs; the number stands in clear in every file of the certificate."""
    store_pdf(certificate=Certificate.objects.exclude(pk=certificate.pk).get(), actor=None)
    before = holding(settings.MEDIA_ROOT, certificate.number)
    assert len(before) >= 3, before
    assert erased(certificate) == 1
    assert (
        holding(settings.MEDIA_ROOT, certificate.number, certificate.enrolment.learner.name) == []
    )
    assert not list(settings.MEDIA_ROOT.rglob(f"*{certificate.pk}*"))
    # Other people's files stay, packs of theirs are made anew.
    others = [path.suffix for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert others == [".pdf"]
    assert not TaskProgress.objects.filter(result__has_key="file").exists()
    events = AuditEvent.objects.filter(action="certificates.holder_erased")
    assert [event.detail["number"] for event in events] == [certificate.number]


def test_what_a_killed_attempt_left_goes_too(certificate, erased, settings):
    folder = settings.MEDIA_ROOT / "certificates"
    folder.mkdir()
    (folder / f"{certificate.pk}_x8Tq2Lm.pdf").write_bytes(b"%PDF")
    erased(certificate)
    assert list(folder.iterdir()) == []


def test_files_stay_while_the_erasure_may_still_be_rolled_back(certificate, county_clerk, settings):
    stored = store_pdf(certificate=certificate, actor=None)
    erase_holder(learner=certificate.enrolment.learner, reason="ASKED", actor=county_clerk)
    assert (settings.MEDIA_ROOT / stored.pdf.name).exists()


def test_an_erased_certificate_answers_and_its_chain_stays_whole(
    client, certificate, handed_out, erased
):
    rewrite(Certificate.objects.all(), issued_at="2026-03-04T02:00:00Z")
    make_daily_roots()
    certificate.refresh_from_db()
    proof = proof_of(certificate)
    erased(certificate)
    after = Certificate.objects.get(pk=certificate.pk)
    assert personal_facts(after) == {}
    client.logout()
    page = client.get(f"/v/{certificate.verify_code}")
    assert page.status_code == 200
    assert (page.context["found"].number, page.context["found"].masked_name) == (
        certificate.number,
        "—",
    )
    assert page.context["found"].certificate.status == "VALID"
    assert "李" not in page.content.decode()
    asked = client.post(f"/v/{certificate.verify_code}", {"name": "李建军"})
    assert asked.context["name_answer"] == "ERASED"
    # Who kept the file may still have it checked, and the proof of its day holds.
    brought = client.post("/verify/file/", {"file": SimpleUploadedFile("证书.pdf", handed_out)})
    assert brought.context["file"].verdict == "SAME"
    assert proof_of(after) == proof
    link = "\n".join(["", after.number, after.public_facts, after.commitment])
    if after.chain_no == 1:
        assert hashlib.sha256(link.encode()).hexdigest() == after.chain_hash
    other = Certificate.objects.exclude(pk=certificate.pk).get()
    assert personal_facts(other)


def test_no_page_draws_an_erased_certificate_again(client, certificate, county_clerk, erased):
    erased(certificate)
    client.force_login(county_clerk)
    own = f"/certificates/{certificate.pk}/"
    page = client.get(own)
    assert page.status_code == 200
    for part in ("pdf", "image", "credential", "copies/archive", "copies/accessible"):
        assert client.get(f"{own}{part}/").status_code == 404, part
        assert f'href="{own}{part}/"' not in page.content.decode(), part
    assert "reissue" not in page.content.decode()
    for action in (store_pdf, store_signed):
        with pytest.raises(ActionError):
            action(certificate=certificate, actor=None)
    with pytest.raises(ActionError) as error:
        reissue_certificate(
            certificate=certificate,
            reason="补发",
            issued_on=DAY,
            actor=county_clerk,
        )
    assert error.value.code == "ERASED"


def test_the_others_of_a_class_are_drawn_and_packed_all_the_same(
    client, certificate, run, county_clerk, erased, django_capture_on_commit_callbacks
):
    erased(certificate)
    client.force_login(county_clerk)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/certificates/runs/{run.pk}/pack/")
        client.post("/certificates/book/")
    done = TaskProgress.objects.values_list("state", "done_count")
    assert set(done) == {("DONE", 1)}
    sheet = client.get(f"/certificates/runs/{run.pk}/sheet/")
    assert b"".join(sheet.streaming_content).startswith(b"%PDF")


def test_every_certificate_of_a_person_goes_the_revoked_and_the_replaced_as_well(
    certificate, county_clerk, erased
):
    revoke_certificate(certificate=certificate, reason="误发", actor=county_clerk)
    reissue_certificate(certificate=certificate, reason="复核", issued_on=DAY, actor=county_clerk)
    assert erased(certificate) == 2
    assert Certificate.objects.filter(sealed_key__isnull=False).count() == 1
    assert erased(certificate) == 0


def test_an_erasure_asks_for_a_reason(certificate, county_clerk):
    with pytest.raises(ActionError):
        erase_holder(learner=certificate.enrolment.learner, reason=" ", actor=county_clerk)
    assert Certificate.objects.filter(sealed_key=None).count() == 0


def test_the_command_of_the_operator(certificate, county_clerk):
    learner, out = str(certificate.enrolment.learner_id), StringIO()
    call_command("erase_holder", learner, by=county_clerk.username, reason="ASKED", stdout=out)
    assert out.getvalue().startswith("1 certificates")
    for wrong in ({"by": "nobody"}, {"reason": " "}):
        given = {"by": county_clerk.username, "reason": "本人申请"} | wrong
        with pytest.raises(CommandError):
            call_command("erase_holder", learner, **given)
    for unknown in ("x", "0190a000-0000-7000-8000-000000000000"):
        with pytest.raises(CommandError):
            call_command("erase_holder", unknown, by=county_clerk.username, reason="ASKED")


# --- merged ---
def test_a_merge_leaves_the_certificate_and_its_page_as_they_were(
    client, certificate, county_clerk, erased
):
    stored = store_pdf(certificate=certificate, actor=None)
    merged = certificate.enrolment.learner
    kept = factories.make_learner("李建钧")
    before = client.get(f"/v/{certificate.verify_code}").context["found"]
    merge(kept, merged, county_clerk)
    after = Certificate.objects.get(pk=certificate.pk)
    assert after.enrolment.learner == kept
    assert (after.pdf_sha256, after.public_facts) == (stored.pdf_sha256, stored.public_facts)
    assert personal_facts(after)["name"] == "李建军"
    found = client.get(f"/v/{certificate.verify_code}").context["found"]
    assert (found.masked_name, found.number) == (before.masked_name, before.number)
    assert (
        client.post(f"/v/{certificate.verify_code}", {"name": "李建军"}).context["name_answer"]
        == "AGREES"
    )
    # Asked for under either record, the person is erased whole.
    client.force_login(county_clerk)
    assert erased(certificate) == 1


def test_who_was_merged_gets_no_certificate_of_their_own(regions, county_clerk):
    """Both sat in one class: one place stays with the merged record and is never certified."""
    kept, merged = factories.make_learner("赵敏"), factories.make_learner("赵敏")
    run = hold_class({kept: "PRESENT", merged: "PRESENT"}, county_clerk, finish=True)
    merge(kept, merged, county_clerk)
    made = issue_certificates(
        run=run, issuer=factories.make_issuer(), issued_on=DAY, actor=county_clerk
    )
    assert [row.enrolment.learner for row in made] == [kept]


def test_who_was_erased_gets_no_certificate_any_more(regions, county_clerk, administrator):
    """There is no name to print; the page of the county says so, and so does that of the class."""
    gone, other = factories.make_learner("赵敏"), factories.make_learner("钱进")
    run = hold_class({gone: "PRESENT", other: "PRESENT"}, county_clerk, finish=True)
    erase_learner(learner=gone, reason="ASKED", actor=administrator)
    issuer = factories.make_issuer()
    sheet = Sheet(issuer, template_for(run.host_region), DAY)
    county = waiting_in(run.host_region, issuer, user=county_clerk, sheet=sheet)
    assert (county.eligible_count, county.reasons) == (1, [(str(IS_ERASED), 1)])
    assert {one.why_not for one in county.blocked} == {IS_ERASED}
    made = issue_certificates(run=run, issuer=issuer, issued_on=DAY, actor=county_clerk)
    assert [row.enrolment.learner for row in made] == [other]
