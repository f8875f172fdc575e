"""Copies for an archive and for screen readers: offered, and known again when somebody asks."""

import json
from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from certificates.models import CertificateCopy
from lms.models import AuditEvent

pytestmark = pytest.mark.usefixtures("media")
KINDS = ("archive", "accessible")


@pytest.fixture
def copy(certificate, county_clerk, signed_in):
    def copy(kind: str) -> bytes:
        return signed_in(county_clerk).get(f"/certificates/{certificate.pk}/copies/{kind}/").content

    return copy


def check(client, content: bytes):
    return client.post("/verify/file/", {"file": SimpleUploadedFile("证书.pdf", content)})


def test_both_are_offered_where_the_certificate_stands(certificate, county_clerk, signed_in):
    page = signed_in(county_clerk).get(f"/certificates/{certificate.pk}/").content.decode()
    for kind in KINDS:
        assert f'href="/certificates/{certificate.pk}/copies/{kind}/"' in page


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_is_the_same_each_time_and_is_recognised(client, certificate, copy, kind):
    content = copy(kind)
    assert copy(kind) == content
    assert CertificateCopy.objects.get().kind == kind.upper()
    [event] = AuditEvent.objects.filter(action="certificates.copy_made")
    assert event.detail["number"] == certificate.number
    client.logout()
    page = check(client, content)
    assert (page.status_code, page.context["file"].verdict) == (200, "SAME")
    assert page.context["file"].is_copy
    assert page.context["found"].number == certificate.number
    assert certificate.enrolment.learner.name not in page.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_an_edited_copy_is_none_of_ours(client, certificate, copy, kind):
    with pikepdf.open(BytesIO(copy(kind))) as opened:
        opened.pages[0].contents_add(b"q 1 0 0 rg 0 0 40 40 re f Q")
        out = BytesIO()
        opened.save(out)
    page = check(client, out.getvalue())
    assert page.context["file"].verdict == "EDITED"
    assert page.context["found"] is None


def test_what_was_not_handed_out_by_us_is_not_recognised(client, certificate, copy):
    """The renderer is public: a file made by somebody else from the same facts is no copy."""
    from certificates.queries import copy_of

    content = copy_of(certificate, CertificateCopy.Kind.ARCHIVE)
    assert check(client, content).context["file"].verdict == "EDITED"


def test_the_copy_for_an_archive_holds_the_facts_and_no_salt(copy):
    with pikepdf.open(BytesIO(copy("archive"))) as opened:
        [name] = opened.attachments
        facts = json.loads(opened.attachments[name].get_file().read_bytes())
    assert facts["name"] == "李建军"
    assert "salt" not in facts


def test_there_is_no_other_kind(certificate, county_clerk, signed_in):
    address = f"/certificates/{certificate.pk}/copies/colour/"
    assert signed_in(county_clerk).get(address).status_code == 404


@pytest.mark.postgres
def test_the_hash_of_a_copy_stays(certificate, copy):
    copy("archive")
    with pytest.raises(DatabaseError), transaction.atomic():
        CertificateCopy.objects.update(sha256="0" * 64)
    with pytest.raises(DatabaseError), transaction.atomic():
        CertificateCopy.objects.all().delete()
