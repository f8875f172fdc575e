import hashlib
import json
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from certificates.actions import issue_certificates, revoke_certificate, store_pdf
from certificates.models import Certificate, Issuer
from certificates.queries import all_facts, candidates, personal_facts
from courses.models import AttendanceState, Enrolment
from lms.lib.errors import ActionError
from lms.models import AuditEvent
from tests import factories
from tests.certificates.test_verify import personal_values_in
from tests.quotas.counted import complete

DAY = date(2026, 3, 4)


@pytest.fixture
def issue(county_clerk):
    def issue(run, day=DAY):
        return issue_certificates(
            run=run, issuer=Issuer.objects.get(prefix="LS"), issued_on=day, actor=county_clerk
        )

    return issue


def test_those_who_completed_get_one_and_only_one(run, issue):
    assert sorted(c.enrolment.learner.name for c in issue(run)) == ["李建军", "王秀兰"]
    assert issue(run) == []
    assert Certificate.objects.count() == 2


def test_numbers_run_without_a_gap_by_issuer_and_year(run, issue):
    first = [c.number for c in issue(run)]
    complete(factories.make_learner("赵敏"), run=run)
    second = [c.number for c in issue(run)]
    complete(factories.make_learner("孙丽"), run=run)
    third = [c.number for c in issue(run, date(2027, 1, 5))]
    assert first == ["LS-2026-000001", "LS-2026-000002"]
    assert second == ["LS-2026-000003"]
    assert third == ["LS-2027-000001"]


def test_a_rolled_back_issue_leaves_no_gap(run, issue):
    def issue_and_fail():
        with transaction.atomic():
            issue(run)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        issue_and_fail()
    assert issue(run)[0].number == "LS-2026-000001"


def test_the_facts_do_not_follow_the_learner(run, issue):
    certificate = next(c for c in issue(run) if c.enrolment.learner.name == "李建军")
    learner = certificate.enrolment.learner
    learner.name = "李建国"
    learner.save()
    assert all_facts(Certificate.objects.get(pk=certificate.pk)).name == "李建军"


def test_the_public_part_holds_nothing_personal(run, issue):
    for certificate in issue(run):
        learner = certificate.enrolment.learner
        assert learner.name not in certificate.public_facts
        assert personal_values_in(certificate.public_facts) == []
        assert personal_facts(certificate)["name"] == learner.name


def test_destroying_the_key_erases_the_person_and_keeps_the_rest(run, issue):
    certificate = issue(run)[0]
    before = (certificate.number, certificate.public_facts, certificate.chain_hash)
    certificate.sealed_key = None
    certificate.save(update_fields=["sealed_key"])
    again = Certificate.objects.get(pk=certificate.pk)
    assert personal_facts(again) == {}
    assert (again.number, again.public_facts, again.chain_hash) == before


def test_the_chain_binds_every_certificate_to_the_one_before(run, issue):
    issue(run)
    previous = ""
    for n, c in enumerate(Certificate.objects.order_by("chain_no"), start=1):
        link = "\n".join([previous, c.number, c.public_facts, c.commitment])
        assert (c.chain_no, c.chain_hash) == (n, hashlib.sha256(link.encode()).hexdigest())
        previous = c.chain_hash


def test_the_commitment_is_of_the_personal_part_with_its_salt(run, issue):
    certificate = issue(run)[0]
    sealed = json.dumps(
        personal_facts(certificate), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert certificate.commitment == hashlib.sha256(sealed.encode()).hexdigest()
    assert len(personal_facts(certificate)["salt"]) == 32


def test_why_somebody_gets_none(run, county_clerk):
    provisional = factories.make_learner("现场补录", provisional=True)
    complete(provisional, run=run)
    complete(factories.make_learner("李\U0010ffff"), run=run)
    with override("en"):
        found = candidates(run, user=county_clerk)
        why = {c.enrolment.learner.name: str(c.why_not) for c in found}
    assert why["李建军"] == ""
    assert why["张伟"] == "has not completed the run"
    assert why["现场补录"] == "identity not confirmed yet"
    assert "\U0010ffff" in why["李\U0010ffff"]


def test_a_name_too_long_for_the_sheet_costs_no_number(run, issue):
    complete(factories.make_learner("阿" * 60), run=run)
    assert len(issue(run)) == 2


def test_a_pdf_is_drawn_once(run, issue, county_clerk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    certificate = issue(run)[0]
    stored = store_pdf(certificate=certificate, actor=county_clerk)
    with stored.pdf.open() as drawn:
        content = drawn.read()
    assert content.startswith(b"%PDF")
    assert hashlib.sha256(content).hexdigest() == stored.pdf_sha256
    assert store_pdf(certificate=certificate, actor=county_clerk).pdf.name == stored.pdf.name
    assert AuditEvent.objects.filter(action="certificates.pdf_stored").count() == 1


def test_a_revoked_certificate_stays_and_its_holder_does_not_come_back_by_itself(
    run, issue, county_clerk
):
    certificate = issue(run)[0]
    revoke_certificate(certificate=certificate, reason="姓名写错", actor=county_clerk)
    with pytest.raises(ActionError) as caught:
        revoke_certificate(certificate=certificate, reason="再来", actor=county_clerk)
    assert caught.value.code == "NOT_VALID"
    assert issue(run) == []
    with override("en"):
        found = {c.enrolment.pk: str(c.why_not) for c in candidates(run, user=county_clerk)}
    assert "LS-2026-000001 was revoked" in found[certificate.enrolment_id]
    assert Certificate.objects.get(number="LS-2026-000001").status == Certificate.Status.REVOKED


def test_revoking_needs_a_reason(run, issue, county_clerk):
    with pytest.raises(ActionError) as caught:
        revoke_certificate(certificate=issue(run)[0], reason="  ", actor=county_clerk)
    assert caught.value.code == "NO_REASON"


@pytest.mark.postgres
def test_the_database_refuses_a_second_valid_certificate(run, issue):
    certificate = issue(run)[0]
    twin = Certificate.objects.get(pk=certificate.pk)
    twin.pk, twin.number, twin.verify_code, twin.chain_no = None, "LS-2026-900000", "0" * 12, 99
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


def test_a_correction_that_undoes_a_completion_leaves_a_line(run, issue, county_clerk):
    from certificates.actions import note_correction

    certificate = issue(run)[0]
    enrolment = certificate.enrolment
    note_correction(enrolment=enrolment, actor=county_clerk)
    assert not AuditEvent.objects.filter(action="certificates.review_needed").exists()
    enrolment.status, enrolment.completed_on = Enrolment.Status.ENROLLED, None
    enrolment.save()
    note_correction(enrolment=enrolment, actor=county_clerk)
    assert AuditEvent.objects.filter(action="certificates.review_needed").count() == 1


def test_a_certificate_is_not_dated_before_the_completion(run, issue):
    with pytest.raises(ActionError) as error:
        issue(run, date(2026, 3, 1))
    assert error.value.code == "BEFORE_COMPLETION"
    assert not Certificate.objects.exists()
    assert issue(run, date(2026, 3, 2))


def test_a_correction_that_changes_the_hours_calls_for_a_review(run, issue, county_clerk):
    from certificates.actions import note_correction

    certificate = issue(run)[0]
    enrolment = certificate.enrolment
    AttendanceState.objects.filter(learner=enrolment.learner).update(status="ABSENT")
    note_correction(enrolment=enrolment, actor=county_clerk)
    assert AuditEvent.objects.filter(action="certificates.review_needed").count() == 1
