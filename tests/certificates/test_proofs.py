"""The signed root of a day, and what somebody without us can check with it."""

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import NameOID
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction

from certificates.actions import (
    credential_signer,
    make_daily_roots,
    rename_issuer,
    store_pdf,
    store_signed,
)
from certificates.models import Certificate, DailyRoot, IssuerKey
from certificates.queries import proof_of, signed_name
from certificates.signing import merkle
from certificates.signing.inspection import inspect
from lms.management.commands.run_worker import Housekeeping
from tests.certificates.rewriting import rewrite

SCRIPT = Path(__file__).resolve().parents[2] / "script" / "check_certificate.py"
DAY = date(2026, 3, 4)
CHINA = ZoneInfo("Asia/Shanghai")


def at(day: date, hour: int = 9):
    return time_machine.travel(
        datetime(day.year, day.month, day.day, hour, tzinfo=CHINA), tick=False
    )


@pytest.fixture
def issued(certificate) -> Certificate:
    """Two certificates of one day, one of them drawn."""
    moment = datetime(2026, 3, 4, 15, tzinfo=CHINA)
    rewrite(Certificate.objects.all(), issued_at=moment)
    return store_pdf(certificate=certificate, actor=None)


@pytest.fixture
def other(issued) -> Certificate:
    return Certificate.objects.exclude(pk=issued.pk).get()


# --- the tree ---
def rfc_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + rfc_root(leaves[:k]) + rfc_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", [*range(10), 33, 64, 100])
def test_the_tree_is_that_of_the_rfc(size):
    leaves = [merkle.leaf_hash(str(n).encode()) for n in range(size)]
    assert merkle.root_hash(leaves) == rfc_root(leaves)


def test_a_leaf_is_no_node():
    left, right = merkle.leaf_hash(b"1"), merkle.leaf_hash(b"2")
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


# --- the days ---
@pytest.mark.postgres
def test_a_day_is_signed_once_when_it_is_over(issued):
    with at(DAY, 23):
        assert make_daily_roots() == []
    with at(DAY + timedelta(days=1), 0):
        (root,) = make_daily_roots()
        assert make_daily_roots() == []
    statement = json.loads(root.statement)
    assert (statement["day"], statement["size"]) == ("2026-03-04", 2)
    key = IssuerKey.objects.get(purpose="ROOTS")
    Ed25519PublicKey.from_public_bytes(bytes(key.public)).verify(
        bytes.fromhex(root.signature), root.statement.encode()
    )


@pytest.mark.postgres
def test_missed_days_are_caught_up_and_chained(issued, other):
    rewrite(
        Certificate.objects.filter(pk=other.pk), issued_at=datetime(2026, 3, 7, 9, tzinfo=CHINA)
    )
    with at(date(2026, 4, 1)):
        first, second = make_daily_roots()
    assert [first.day, second.day] == [DAY, date(2026, 3, 7)]
    assert json.loads(first.statement)["previous"] == ""
    digest = sha256(first.statement.encode()).hexdigest()
    assert json.loads(second.statement)["previous"] == digest


@pytest.mark.postgres
def test_a_file_drawn_later_comes_under_a_later_root(issued, other):
    with at(DAY + timedelta(days=1)):
        make_daily_roots()
        store_pdf(certificate=other, actor=None)
        assert make_daily_roots() == []
    assert json.loads(proof_of(other)["leaf"])["pdf_sha256"] == ""
    with at(DAY + timedelta(days=2)):
        (root,) = make_daily_roots()
    assert (root.day, root.leaves.count()) == (DAY + timedelta(days=1), 1)
    other.refresh_from_db()
    assert json.loads(proof_of(other)["leaf"])["pdf_sha256"] == other.pdf_sha256


@pytest.mark.postgres
def test_a_signed_day_cannot_be_changed(issued):
    with at(DAY + timedelta(days=1)):
        (root,) = make_daily_roots()
    for change in (
        lambda: DailyRoot.objects.update(signature="0"),
        lambda: root.leaves.update(leaf_hash="0"),
        lambda: root.leaves.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_worker_signs_days():
    duties = {duty: every for every, duty in Housekeeping(life=_NoLife()).duties}
    assert duties[make_daily_roots] <= 6 * 3600


class _NoLife:
    def beat(self):
        return None


# --- the script ---
class Handed:
    """A file and its proof in the hands of somebody without us."""

    def __init__(self, directory: Path, certificate: Certificate) -> None:
        self.file, self.proof = directory / "certificate.pdf", directory / "proof.json"
        self.proof.write_text(json.dumps(proof_of(certificate)))
        with default_storage.open(signed_name(certificate)) as signed:
            self.file.write_bytes(signed.read())
        self.key = bytes(IssuerKey.objects.get(purpose="ROOTS").public).hex()

    def check(self) -> tuple[int, str]:
        command = [sys.executable, "-I", str(SCRIPT), self.file, self.proof, "--key", self.key]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def edit_proof(self, **changed) -> None:
        self.proof.write_text(json.dumps(json.loads(self.proof.read_text()) | changed))


@pytest.fixture
def handed(issued, other, tmp_path) -> Handed:
    store_signed(certificate=issued, actor=None)
    with at(DAY + timedelta(days=1)):
        make_daily_roots()
    return Handed(tmp_path, issued)


def test_the_script_needs_nothing_of_ours():
    import ast

    names = set()
    for node in ast.walk(ast.parse(SCRIPT.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    assert names - sys.stdlib_module_names == {"cryptography"}


def test_who_was_renamed_signs_what_a_day_has_proven_with_the_key_of_that_day(
    issued, other, administrator, tmp_path
):
    with at(DAY + timedelta(days=1)):
        make_daily_roots()
    old = issued.issuer.name
    rename_issuer(issuer=issued.issuer, name="罗山县商务和数据局", actor=administrator)
    store_signed(certificate=issued, actor=None)
    handed = Handed(tmp_path, issued)
    code, said = handed.check()
    assert code == 0, said
    assert subject(issued) == old
    assert credential_signer(issuer=issued.issuer, actor=None).fingerprint != leaf_signer(issued)


def leaf_signer(certificate) -> str:
    return certificate.leaves.get().signer


def subject(certificate) -> str:
    """In whose name the stored file is signed."""
    with default_storage.open(signed_name(certificate)) as file:
        signer = inspect(file.read()).signatures[0].signer
    key = IssuerKey.objects.get(fingerprint=signer)
    names = x509.load_der_x509_certificate(bytes(key.public)).subject
    return names.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def test_the_script_accepts_the_signed_and_the_drawn_file(handed, issued):
    code, said = handed.check()
    assert code == 0, said
    assert issued.number in said
    assert "李" not in said
    with issued.pdf.open() as drawn:
        handed.file.write_bytes(drawn.read())
    assert handed.check()[0] == 0


def test_the_script_refuses_edited_and_foreign_files(handed):
    content = handed.file.read_bytes()
    flipped = bytearray(content)
    flipped[len(flipped) // 3] ^= 1
    added = content + b"\n1 0 obj <</Type /Page>> endobj\n%%EOF\n"
    forged = added + b"/ByteRange [0 4 6 %d] <>" % (len(added) + 24 - 6)
    for other in (bytes(flipped), added, forged, content[:-1], b"%PDF-1.7\n%%EOF"):
        handed.file.write_bytes(other)
        code, said = handed.check()
        assert code == 1, said


def test_the_script_refuses_a_strangers_signature_behind_our_file(handed, issued):
    from certificates.signing.authority import make_authority
    from certificates.signing.signer import KeySigner

    made = make_authority("冒充者", bits=2048)
    stranger = KeySigner(made.private, made.certificate)
    with issued.pdf.open() as drawn:
        content = stranger.sign_pdf(drawn.read(), number=issued.number, issuer="冒充者")
    handed.file.write_bytes(content)
    code, said = handed.check()
    assert (code, "another key" in said) == (1, True), said


def test_the_script_refuses_a_forged_proof(handed, other):
    proof = json.loads(handed.proof.read_text())
    for change in (
        {"leaf": proof["leaf"].replace("48", "96").replace("LS-2026-000001", "LS-2026-000009")},
        {"position": proof["position"] ^ 1},
        {"path": []},
        {"path": proof["path"] * 2},
        {"statement": proof["statement"].replace("2026-03-04", "2026-03-05")},
        {"signature": "00" * 64},
        {"leaf": proof_of(other)["leaf"]},
    ):
        handed.edit_proof(**(proof | change))
        code, said = handed.check()
        assert code == 1, (change, said)
    handed.edit_proof(**proof)
    handed.key = "11" * 32
    assert handed.check()[0] == 1


def test_the_script_says_when_it_cannot_tell(handed):
    handed.proof.write_text("{}")
    assert handed.check()[0] == 2
