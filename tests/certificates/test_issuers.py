"""Who signs: set up by an administrator, and the newest of a region counts."""

import io
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from certificates.actions import create_issuer, issue_certificates
from certificates.models import Certificate, Issuer
from certificates.queries import frozen_facts, issuer_for
from lms.models import AuditEvent
from tests import factories
from tests.quotas.counted import complete

LIST, NEW = "/certificates/issuers/", "/certificates/issuers/new/"
OFFICE = {"region": "411521", "name": "罗山县商务局", "letters": "LSSW"}


@pytest.fixture
def desk(administrator, signed_in):
    return signed_in(administrator)


def test_a_county_without_an_issuer_gets_one_and_issues(
    run, administrator, county_clerk, signed_in
):
    Issuer.objects.all().delete()
    page = signed_in(county_clerk).get(reverse("certificates:region_issue"))
    assert page.context["issuer"] is None

    desk = signed_in(administrator)
    assert desk.post(NEW, OFFICE).status_code == 302
    issuer = Issuer.objects.get()
    assert (issuer.region.code, issuer.name, issuer.prefix) == ("411521", "罗山县商务局", "LSSW")
    assert AuditEvent.objects.filter(action="certificates.issuer_created").count() == 1
    assert "罗山县商务局" in desk.get(LIST).content.decode()

    issue_certificates(run=run, issuer=issuer, issued_on=date(2026, 3, 4), actor=county_clerk)
    assert Certificate.objects.filter(number="LSSW-2026-000001").exists()


def test_the_newest_of_a_region_signs_and_old_certificates_keep_theirs(
    certificate, run, administrator
):
    newer = create_issuer(
        region=run.host_region, name="罗山县商务局", prefix="LSSW", actor=administrator
    )
    assert issuer_for(run.host_region) == newer
    certificate.refresh_from_db()
    assert certificate.issuer.prefix == "LS"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("letters", "ls"),
        ("letters", "L"),
        ("letters", "LS1"),
        ("letters", "LS"),  # another's
        ("name", "局"),
        ("name", "中" * 21),
        ("name", "商务局\U0003ffff"),
        ("region", "999999"),
    ],
)
def test_what_cannot_stand_in_a_seal_or_number_is_refused_at_its_field(run, desk, field, typed):
    page = desk.post(NEW, OFFICE | {field: typed})
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert Issuer.objects.count() == 1


def test_marks_that_turn_letters_round_are_taken_out_of_a_name(run, desk):
    desk.post(NEW, OFFICE | {"name": "罗山\u202e县商务局"})
    assert Issuer.objects.get(prefix="LSSW").name == "罗山县商务局"


@pytest.mark.parametrize("rows", [3, 30])
def test_the_list_asks_the_same_questions_for_few_and_for_many(
    rows, regions, desk, django_assert_num_queries
):
    for n in range(rows):
        factories.make_issuer(prefix=f"L{chr(65 + n // 26)}{chr(65 + n % 26)}")
    desk.get(LIST)
    with django_assert_num_queries(5):
        desk.get(LIST)


def test_issuers_are_searched_and_exported(desk, regions):
    wanted = factories.make_issuer(prefix="LSSW")
    factories.make_issuer(prefix="XYNC")
    page = desk.get(LIST, {"q": "LSS"})
    assert [row.record for row in page.context["table"].rows] == [wanted]
    book = load_workbook(io.BytesIO(b"".join(desk.get(LIST, {"export": "xlsx"}))))
    prefixes = [row[2] for row in book.active.iter_rows(values_only=True)]
    assert {"LSSW", "XYNC"} <= set(prefixes)


def test_a_class_without_an_issuer_says_so_and_offers_no_form(run, county_clerk, signed_in):
    address = reverse("certificates:run_issue", args=[run.pk])
    client = signed_in(county_clerk)
    assert 'name="issued_on"' in client.get(address).content.decode()
    Issuer.objects.all().delete()
    page = client.get(address).content.decode()
    assert "本地区没有发证单位" in page
    assert 'name="issued_on"' not in page
    assert 'name="enrolment"' not in page


def frozen(certificate) -> tuple:
    row = Certificate.objects.get(pk=certificate.pk)
    with row.pdf.open("rb") as file:
        return row.public_facts, row.chain_hash, row.pdf_sha256, file.read()


def test_an_office_that_is_renamed_signs_what_is_issued_from_then_on_alone(
    certificate, run, signed_in, administrator, county_clerk
):
    mine = signed_in(county_clerk)
    b"".join(mine.get(f"/certificates/{certificate.pk}/pdf/").streaming_content)
    before = frozen(certificate)
    unsigned = Certificate.objects.get(enrolment__learner__name="王秀兰")
    page = reverse("certificates:issuer_rename", args=[certificate.issuer_id])
    desk = signed_in(administrator)
    assert certificate.issuer.name in desk.get(page).content.decode()

    assert desk.post(page, {"name": "罗山县商务和数据局"}).status_code == 302
    late = factories.make_learner("赵敏")
    complete(late, run=run)
    stale = certificate.issuer  # as a task read it before the office was renamed
    [new] = issue_certificates(
        run=run, issuer=stale, issued_on=date(2026, 3, 5), actor=county_clerk
    )
    assert (new.number, frozen_facts(new)["issuer"]) == ("LS-2026-000003", "罗山县商务和数据局")
    assert frozen(certificate) == before
    assert "罗山县商务和数据局" not in unsigned.public_facts
    shown = Client().get(f"/v/{certificate.verify_code}").content.decode()
    assert stale.name in shown
    assert "罗山县商务和数据局" not in shown
    event = AuditEvent.objects.get(action="certificates.issuer_renamed")
    assert event.detail == {"prefix": "LS", "from": stale.name, "to": "罗山县商务和数据局"}


def test_its_own_name_again_is_no_new_one(certificate, desk):
    page = reverse("certificates:issuer_rename", args=[certificate.issuer_id])
    answer = desk.post(page, {"name": f" {certificate.issuer.name}\u200b"})
    assert list(answer.context["form"].errors) == ["name"]
    assert not AuditEvent.objects.filter(action="certificates.issuer_renamed").exists()


@pytest.mark.parametrize("typed", ["局", "中" * 21, "商务局\U0003ffff", "", "\u202e\u200b"])
def test_a_new_name_that_no_seal_can_bear_is_refused_at_its_field(certificate, desk, typed):
    page = reverse("certificates:issuer_rename", args=[certificate.issuer_id])
    answer = desk.post(page, {"name": typed})
    assert list(answer.context["form"].errors) == ["name"]
    assert Issuer.objects.get().name == certificate.issuer.name
