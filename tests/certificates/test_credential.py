"""The holder's Open Badges credential, and the public addresses of keys, days and proofs."""

import json
from base64 import urlsafe_b64decode
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from certificates.actions import credential_signer, make_daily_roots
from certificates.models import Certificate
from certificates.queries import badge_of, personal_facts
from tests.certificates.rewriting import rewrite
from tests.certificates.test_verify import personal_values_in

NEXT_DAY = datetime(2026, 3, 5, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def opened(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def number(part: str) -> int:
    return int.from_bytes(opened(part), "big")


@pytest.fixture
def issued(certificate) -> Certificate:
    rewrite(Certificate.objects.all(), issued_at=datetime(2026, 3, 4, 15, tzinfo=NEXT_DAY.tzinfo))
    certificate.refresh_from_db()
    return certificate


@pytest.fixture
def token(issued, county_clerk, signed_in) -> str:
    answer = signed_in(county_clerk).get(f"/certificates/{issued.pk}/credential/")
    assert answer["Content-Type"] == "application/vc+jwt"
    return answer.content.decode()


def test_the_credential_is_signed_by_the_key_that_its_issuer_publishes(client, token):
    head, body, signature = token.split(".")
    header, claims = json.loads(opened(head)), json.loads(opened(body))
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    key = RSAPublicNumbers(number(header["jwk"]["e"]), number(header["jwk"]["n"])).public_key()
    key.verify(opened(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), SHA256())
    profile = client.get(claims["iss"].partition("8000")[2] or claims["iss"]).json()
    assert profile["id"] == claims["iss"] == claims["issuer"]["id"]
    assert header["jwk"] in profile["keys"]
    assert claims["jti"] == claims["id"]
    assert claims["nbf"] == datetime.fromisoformat(claims["validFrom"]).timestamp()


def test_the_credential_states_the_facts_and_of_the_name_a_hash(token, issued):
    from hashlib import sha256

    claims = json.loads(opened(token.split(".")[1]))
    subject = claims["credentialSubject"]
    facts = json.loads(issued.public_facts)
    assert subject["licenseNumber"] == issued.number
    assert subject["achievement"]["name"] == facts["course"]
    assert subject["creditsEarned"] == float(facts["hours"])
    (identity,) = subject["identifier"]
    digest = sha256(f"李建军{identity['salt']}".encode()).hexdigest()
    assert identity["identityHash"] == f"sha256${digest}"
    text = opened(token.split(".")[1]).decode()
    assert personal_values_in(text) == []
    # With the salt of the commitment anybody could try names on what the root publishes.
    assert personal_facts(issued)["salt"] not in text


def test_the_same_certificate_gives_the_same_credential(token, issued, county_clerk, signed_in):
    answer = signed_in(county_clerk).get(f"/certificates/{issued.pk}/credential/")
    assert answer.content.decode() == token


def test_an_erased_holder_has_no_credential(issued, county_clerk, signed_in):
    rewrite(Certificate.objects.filter(pk=issued.pk), sealed_key=None)
    assert signed_in(county_clerk).get(f"/certificates/{issued.pk}/credential/").status_code == 404
    issued.refresh_from_db()
    assert badge_of(issued) is None


# --- public addresses ---
def test_keys_are_published_without_their_private_parts(client, issued):
    credential_signer(issuer=issued.issuer, actor=None)
    with time_machine.travel(NEXT_DAY, tick=False):
        make_daily_roots()
    keys = client.get("/verify/keys.json").json()
    assert len(keys["days"][0]["public_key"]) == 64
    kinds = {one["purpose"]: one["pem"] for one in keys["certificates"]}
    authority, issuer = (
        x509.load_pem_x509_certificate(kinds[kind].encode()) for kind in ("AUTHORITY", "SIGNATURE")
    )
    issuer.verify_directly_issued_by(authority)
    assert "PRIVATE" not in json.dumps(keys)


def test_days_and_proofs_are_there_for_anyone(client, issued):
    address = f"/v/{issued.verify_code.lower()}/proof.json"
    assert client.get(address).status_code == 404
    with time_machine.travel(NEXT_DAY, tick=False):
        make_daily_roots()
    day = client.get("/verify/days/2026-03-04.json").json()
    assert client.get("/verify/days/latest.json").json() == day
    proof = client.get(address).json()
    assert proof["statement"] == day["statement"]
    text = json.dumps([day, proof], ensure_ascii=False)
    assert personal_values_in(text) == []
    for wrong in ("2026-03-05", "2026-13-99", "x"):
        assert client.get(f"/verify/days/{wrong}.json").status_code == 404


def test_an_unknown_code_has_no_proof_and_an_unknown_prefix_no_issuer(client, issued):
    answers = [client.get(f"/v/{code}/proof.json") for code in ("0" * 12, "x", "李建军")]
    assert {(a.status_code, a.content) for a in answers} == {(404, b'{"error": "not found"}')}
    assert client.get("/verify/issuers/ZZ.json").status_code == 404


@time_machine.travel(NEXT_DAY, tick=False)
def test_proofs_are_asked_for_as_rarely_as_pages(client, issued):
    answers = [client.get("/v/" + "0" * 12 + "/proof.json").status_code for _ in range(31)]
    assert answers == [404] * 30 + [429]
