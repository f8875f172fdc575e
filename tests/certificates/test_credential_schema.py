"""The credential against what the tables of Open Badges 3.0 ask: see open_badges.json."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from certificates.signing.credential import credential, profile
from tests.certificates.schema import Checker
from tests.certificates.test_credential import opened

CHECKER = Checker(json.loads(Path(__file__).with_name("open_badges.json").read_text()))
FACTS = {
    "verify_url": "HTTPS://NONGPEI.EXAMPLE.CN/V/7KQ2M9XD4TRA",
    "course": "网店开设与直播",
    "hours": "48",
    "issued_on": "2026-03-04",
    "starts_on": "2026-03-02",
    "ends_on": "2026-03-03",
    "number": "LS-2026-000001",
    "region": "罗山县",
    "programme": "农村电子商务培训",
}


@pytest.fixture
def made() -> dict[str, Any]:
    issuer = profile(address="https://nongpei.example.cn/verify/issuers/LS.json", name="罗山县")
    return credential(FACTS, issuer=issuer, name="李建军", salt="6f1c")


def test_the_credential_is_as_the_specification_says(made):
    assert list(CHECKER.faults(made)) == []


@pytest.mark.django_db
def test_what_is_handed_out_is_so_too(certificate, county_clerk, signed_in):
    token = signed_in(county_clerk).get(f"/certificates/{certificate.pk}/credential/").content
    claims = json.loads(opened(token.decode().split(".")[1]))
    assert {"iss", "jti", "nbf"} <= claims.keys()
    assert list(CHECKER.faults(claims)) == []


def drop(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(values: dict[str, Any]) -> None:
        for name in path[:-1]:
            values = values[name]
        del values[path[-1]]

    return change


def put(value: object, *path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(values: Any) -> None:
        for name in path[:-1]:
            values = values[name]
        values[path[-1]] = value

    return change


SUBJECT = "credentialSubject"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (drop(SUBJECT, "achievement", "criteria"), "achievement.criteria: missing"),
        (put({}, SUBJECT, "achievement", "criteria"), "criteria: meets none"),
        (lambda values: values["@context"].reverse(), "@context[0]: not https://www.w3.org"),
        (drop("issuer", "id"), "issuer: meets none"),
        (drop("validFrom"), "validFrom: missing"),
        (put("2026-03-04", "validFrom"), "does not match"),
        (put(["VerifiableCredential"], "type"), "type: contains none"),
        (put([], SUBJECT, "identifier"), "credentialSubject: meets none"),
        (put("name", SUBJECT, "identifier", 0, "hashed"), "not of type boolean"),
        (put("李建军", SUBJECT, "identifier", 0, "identityHash"), "does not match"),
        (put("48", SUBJECT, "creditsEarned"), "not of type number"),
        (put("Zertifikat", SUBJECT, "achievement", "achievementType"), "meets none"),
        (put("李建军", SUBJECT, "name"), "name: not known"),
    ],
)
def test_what_is_not_so_is_found(made, change, fault):
    broken = deepcopy(made)
    change(broken)
    assert fault in "\n".join(CHECKER.faults(broken))
