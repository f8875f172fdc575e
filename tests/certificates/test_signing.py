"""The electronic signature of a file: made once, checked by a program of other people."""

import hashlib
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.core.files.storage import default_storage
from django.db import IntegrityError

from certificates.actions import credential_signer, store_pdf, store_signed
from certificates.models import Certificate, Issuer, IssuerKey
from certificates.queries import file_check, signed_name
from certificates.signing import signer as signer_code
from certificates.signing.inspection import inspect
from lms.models import AuditEvent
from tests.certificates.rewriting import rewrite


def read(certificate) -> bytes:
    with default_storage.open(signed_name(certificate)) as file:
        return file.read()


@pytest.fixture
def drawn(certificate) -> Certificate:
    return store_pdf(certificate=certificate, actor=None)


@pytest.fixture
def signed(drawn) -> Certificate:
    return store_signed(certificate=drawn, actor=None)


def pdfsig(content: bytes, directory) -> str:
    path = directory / "checked.pdf"
    path.write_bytes(content)
    done = subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False
    )
    return done.stdout


def test_other_programs_find_the_signature_valid_and_the_file_whole(signed, tmp_path):
    report = pdfsig(read(signed), tmp_path)
    assert "Signature is Valid." in report
    assert "Total document signed" in report
    assert "ETSI.CAdES.detached" in report
    assert re.search(r"Signing Hash Algorithm: SHA-?256", report)
    path = tmp_path / "checked.pdf"
    done = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def test_other_programs_find_an_edit(signed, tmp_path):
    content = bytearray(read(signed))
    content[len(content) // 3] ^= 1
    assert "Signature is Valid." not in pdfsig(bytes(content), tmp_path)


def test_the_signature_stands_behind_the_drawn_bytes(signed):
    content = read(signed)
    with signed.pdf.open() as file:
        unsigned = file.read()
    assert content.startswith(unsigned)
    assert hashlib.sha256(unsigned).hexdigest() == signed.pdf_sha256
    assert hashlib.sha256(content).hexdigest() == signed.signed_sha256
    assert len(content) <= 60 * 1024


@pytest.mark.postgres
def test_a_file_is_signed_when_first_asked_for_and_only_once(
    client, drawn, county_clerk, monkeypatch
):
    client.force_login(county_clerk)
    address = f"/certificates/{drawn.pk}/pdf/"
    first = b"".join(client.get(address).streaming_content)

    def refuse(*args, **kwargs):
        raise AssertionError("signed twice")

    monkeypatch.setattr(signer_code.KeySigner, "sign_pdf", refuse)
    assert b"".join(client.get(address).streaming_content) == first
    drawn.refresh_from_db()
    assert hashlib.sha256(first).hexdigest() == drawn.signed_sha256
    assert AuditEvent.objects.filter(action="certificates.pdf_signed").count() == 1


def test_the_key_is_parsed_once_in_a_process(drawn, monkeypatch):
    other = Certificate.objects.exclude(pk=drawn.pk).get()
    store_signed(certificate=drawn, actor=None)
    parsed = []
    load = signer_code.load_der_private_key
    monkeypatch.setattr(
        signer_code, "load_der_private_key", lambda *a, **k: parsed.append(1) or load(*a, **k)
    )
    store_signed(certificate=store_pdf(certificate=other, actor=None), actor=None)
    assert parsed == []


@pytest.mark.postgres
def test_keys_are_made_at_first_use_and_kept_encrypted(signed):
    authority = IssuerKey.objects.get(purpose="AUTHORITY")
    key = IssuerKey.objects.get(issuer=signed.issuer)
    certificate = x509.load_der_x509_certificate(bytes(key.public))
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(bytes(authority.public)))
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert [one.value for one in common] == [signed.issuer.name]
    for row in (authority, key):
        # PKCS#8 begins so; its version and the algorithm's name are never in clear.
        assert bytes(row.sealed_private)[:1] == b"\x01"
        assert b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" not in bytes(row.sealed_private)


@pytest.mark.postgres
def test_an_issuer_has_one_key_at_a_time(signed):
    with pytest.raises(IntegrityError):
        IssuerKey.objects.create(
            issuer=signed.issuer, purpose="SIGNATURE", public=b"x", fingerprint="0" * 64
        )


@pytest.fixture
def licensed(tmp_path, settings) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "某某认证中心")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(
            x509.KeyUsage(True, True, False, False, False, False, False, False, False),
            critical=True,
        )
        .sign(key, SHA256())
    )
    lock = BestAvailableEncryption("口令".encode())
    file = pkcs12.serialize_key_and_certificates(b"LS", key, certificate, None, lock)
    (tmp_path / "LS.p12").write_bytes(file)
    settings.SIGNING_PKCS12_DIR = str(tmp_path)
    settings.SIGNING_PKCS12_PASSWORD = "口令"
    return certificate


def test_a_licensed_key_takes_the_place_of_ours(signed, licensed, tmp_path):
    other = Certificate.objects.exclude(pk=signed.pk).get()
    made = store_signed(certificate=store_pdf(certificate=other, actor=None), actor=None)
    fingerprint = licensed.fingerprint(SHA256()).hex()
    assert inspect(read(made)).signatures[0].signer == fingerprint
    assert "Signature is Valid." in pdfsig(read(made), tmp_path)
    assert credential_signer(issuer=made.issuer, actor=None).algorithm == "ES256"
    row = IssuerKey.objects.get(fingerprint=fingerprint)
    assert (row.sealed_private, row.retired_at) == (None, None)
    # What the old key signed stays checkable, and nobody's file was signed anew.
    assert file_check(read(signed)).is_signed
    assert file_check(read(made)).is_signed


# --- brought to the public page ---
def test_a_signed_file_is_recognised_by_hash_and_signature(signed):
    check = file_check(read(signed))
    assert (check.verdict, check.is_signed) == ("SAME", True)
    assert file_check(read(signed)[:-10]).verdict == "EDITED"


def test_what_was_added_after_the_signature_shows_and_so_does_the_record(signed):
    check = file_check(read(signed) + b"\n1 0 obj <</Type /Catalog>> endobj\n%%EOF")
    assert check.verdict == "EDITED"
    assert check.found.number == signed.number


def test_one_changed_byte_breaks_the_signature(signed):
    content = bytearray(read(signed))
    content[len(content) // 3] ^= 1
    (found,) = inspect(bytes(content)).signatures
    assert not found.is_intact
    assert file_check(bytes(content)).verdict == "EDITED"


def test_a_signature_of_ours_counts_even_where_the_hash_was_lost(signed):
    content = read(signed)
    rewrite(Certificate.objects.filter(pk=signed.pk), signed_sha256="", pdf_sha256="")
    check = file_check(content)
    assert (check.verdict, check.is_signed) == ("SAME", True)


def test_a_strangers_signature_over_our_file_is_an_edit(drawn, tmp_path):
    from certificates.signing.authority import make_authority, make_certificate

    authority = make_authority("别人", bits=2048)
    made = make_certificate("冒充者", prefix="LS", authority=authority, bits=2048)
    stranger = signer_code.KeySigner(made.private, made.certificate)
    with drawn.pdf.open() as file:
        content = stranger.sign_pdf(file.read(), number=drawn.number, issuer=drawn.issuer.name)
    (found,) = inspect(content).signatures
    assert found.is_intact
    check = file_check(content)
    assert (check.verdict, check.is_signed, check.found) == ("EDITED", False, None)


def test_an_issuers_key_is_only_its_own(signed, regions):
    from tests import factories

    neighbour = factories.make_issuer("411522", prefix="GS")
    credential_signer(issuer=neighbour, actor=None)
    keys = IssuerKey.objects.filter(purpose="SIGNATURE")
    assert keys.count() == Issuer.objects.count() == 2
    assert IssuerKey.objects.filter(purpose="AUTHORITY").count() == 1
