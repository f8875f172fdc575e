"""Keys, roots of days and proofs, for whoever checks without us; and the holder's credential."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from accounts.queries import signed_in_user
from certificates.actions import credential_signer
from certificates.queries import (
    badge_of,
    issuer_profile,
    proof_of,
    public_keys,
    public_view,
    signed_day,
)
from certificates.signing.credential import signed
from certificates.views.certificates import visible_certificate
from certificates.views.checking import as_public, may_ask, slow_down
from lms.lib.verifycodes import normalise_code


@login_not_required
@require_GET
def verify_keys(request: HttpRequest) -> HttpResponse:
    """Every public key that signs, or did."""
    return _json(public_keys())


@login_not_required
@require_GET
def verify_issuer(request: HttpRequest, prefix: str) -> HttpResponse:
    """The issuer as its credentials name it."""
    return _json(issuer_profile(prefix))


@login_not_required
@require_GET
def verify_root(request: HttpRequest, day: str) -> HttpResponse:
    """The signed statement of a day, or of the latest one."""
    try:
        wanted = None if day == "latest" else date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    return _json(signed_day(wanted))


@login_not_required
@require_GET
def verify_proof(request: HttpRequest, code: str) -> HttpResponse:
    """The place of a certificate under the root of its day, for script/check_certificate.py."""
    if not may_ask(request):
        return slow_down(request)
    found = public_view(normalise_code(code))
    answer = _json(proof_of(found.certificate) if found else None)
    answer["Content-Disposition"] = 'attachment; filename="proof.json"'
    return answer


@require_GET
def certificate_credential(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The facts as a signed Open Badges credential; none where the personal part was erased."""
    user = signed_in_user(request)
    certificate = visible_certificate(user, certificate_id)
    values = badge_of(certificate)
    if values is None:
        raise Http404
    begins = int(datetime.fromisoformat(values["validFrom"]).timestamp())
    signer = credential_signer(issuer=certificate.issuer, actor=user)
    text = signed(values, signer=signer, not_before=begins)
    answer = HttpResponse(text, content_type="application/vc+jwt")
    answer["Content-Disposition"] = f'attachment; filename="{certificate.number}.jwt"'
    return answer


def _json(values: dict[str, Any] | None) -> HttpResponse:
    if values is None:
        return as_public(JsonResponse({"error": "not found"}, status=404))
    shown = JsonResponse(values, json_dumps_params={"ensure_ascii": False, "sort_keys": True})
    return as_public(shown)
