"""The facts of a certificate as an Open Badges 3.0 credential (a W3C Verifiable Credential),
signed as a VC-JWT: a compact JWS whose payload is the credential with the registered claims."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import load_der_x509_certificate

from certificates.signing.signer import Signer

CONTEXT: Final = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
ZONE: Final = "+08:00"
POINT_BYTES: Final = 32


def profile(*, address: str, name: str) -> dict[str, Any]:
    """The issuer, as its public address states it, too."""
    return {"id": address, "type": ["Profile"], "name": name}


def credential(
    facts: Mapping[str, Any], *, issuer: dict[str, Any], name: str, salt: str
) -> dict[str, Any]:
    """Of the public facts, and of the name its salted hash alone: whoever knows the name can
    compare it, and a badge that is shown around tells nobody."""
    begins = _moment(facts["issued_on"])
    kind = f"{issuer['id']}#{facts['course']}#{facts['hours']}"
    return {
        "@context": list(CONTEXT),
        "id": facts["verify_url"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{facts['course']} 结业证书",
        "issuer": issuer,
        "validFrom": begins,
        "awardedDate": begins,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [_identity(name, salt)],
            "activityStartDate": _moment(facts["starts_on"]),
            "activityEndDate": _moment(facts["ends_on"]),
            "creditsEarned": float(facts["hours"]),
            "licenseNumber": facts["number"],
            "achievement": {
                "id": f"urn:uuid:{uuid5(NAMESPACE_URL, kind)}",
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": facts["course"],
                "description": f"{facts['region']}{facts['programme']}：{facts['course']}",
                "criteria": {"narrative": f"修满 {facts['hours']} 学时，考核合格，准予结业。"},
                "creditsAvailable": float(facts["hours"]),
                "inLanguage": "zh-CN",
            },
        },
    }


def _identity(name: str, salt: str) -> dict[str, Any]:
    digest = hashlib.sha256(f"{name}{salt}".encode()).hexdigest()
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": f"sha256${digest}",
        "identityType": "name",
        "salt": salt,
    }


def _moment(day: str) -> str:
    return f"{day}T00:00:00{ZONE}"


def signed(values: dict[str, Any], *, signer: Signer, not_before: int) -> str:
    """Open Badges 3.0, section 8.2: the key stands in the header, so no network is needed."""
    header = {"alg": signer.algorithm, "typ": "JWT", "jwk": jwk(signer.certificate)}
    claims = values | {"iss": values["issuer"]["id"], "jti": values["id"], "nbf": not_before}
    message = f"{_part(header)}.{_part(claims)}"
    return f"{message}.{_base64(signer.sign(message.encode('ascii')))}"


def jwk(certificate: bytes) -> dict[str, str]:
    """The public key of a certificate as RFC 7517 writes it."""
    key = load_der_x509_certificate(certificate).public_key()
    kid = hashlib.sha256(certificate).hexdigest()
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        found = {"kty": "RSA", "alg": "RS256", "n": _number(numbers.n), "e": _number(numbers.e)}
    elif isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_numbers()
        x, y = (_base64(one.to_bytes(POINT_BYTES, "big")) for one in (point.x, point.y))
        found = {"kty": "EC", "alg": "ES256", "crv": "P-256", "x": x, "y": y}
    else:
        raise TypeError("neither RSA nor an elliptic curve")
    return found | {"use": "sig", "kid": kid}


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _part(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return _base64(text.encode())


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
