"""Checking a certificate: public, without sign-in, and nothing personal on any page."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates.forms import VERIFY_FILE_BYTES, VerifyFileForm, VerifyForm, VerifyNameForm
from certificates.queries import FileVerdict, PublicView, file_check, name_answer, public_view
from lms.lib.bodies import body_at_most
from lms.lib.throttle import allow, client_address
from lms.lib.verifycodes import normalise_code

VERIFY_PER_MINUTE = 30
#: Of all visitors together: about a million a day, as the length of a code is reckoned for.
VERIFY_ALL_PER_MINUTE = 700
#: Names tried on one certificate, from wherever they come.
NAMES_PER_HOUR = 20
MULTIPART_BYTES = 64 * 1024


@login_not_required
@require_GET
def verify(request: HttpRequest) -> HttpResponse:
    """Type a code; it is looked up by its own short address, like a scanned one."""
    form = VerifyForm(request.GET or None)
    if form.is_bound and form.is_valid():
        # The address that a QR code holds may be pasted as well.
        typed = form.cleaned_data["code"].rstrip("/").rpartition("/")[2]
        return redirect("verify_code", code=normalise_code(typed) or "0")
    return as_public(render(request, "certificates/verify.html", _forms(form=form)))


# A page without referrer posts with "Origin: null", which the guard against forged forms refuses.
# Here is nothing to guard: no answer depends on who asks, and no post changes anything.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Valid, replaced, revoked or unknown; malformed codes get the page of unknown ones.

    A posted name is answered with "agrees" or "differs", on the same page.
    """
    if not may_ask(request):
        return slow_down(request)
    code = normalise_code(code)
    found = public_view(code)
    answer = ""
    if found and request.method == "POST":
        form = VerifyNameForm(request.POST)
        if form.is_valid():
            if not allow(f"verify-name:{code}", limit=NAMES_PER_HOUR, seconds=3600):
                return slow_down(request)
            answer = name_answer(found.certificate, form.cleaned_data["name"])
    return _answer(request, found, name_answer=answer)


@csrf_exempt
@body_at_most(VERIFY_FILE_BYTES + MULTIPART_BYTES)
@login_not_required
@require_POST
def verify_file(request: HttpRequest) -> HttpResponse:
    """Compare a PDF with what was issued; it is read in memory and forgotten."""
    if not may_ask(request):
        return slow_down(request)
    form = VerifyFileForm(request.POST, request.FILES)
    if not form.is_valid():
        context = _forms(file_form=form)
        return as_public(render(request, "certificates/verify.html", context, status=400))
    check = file_check(form.cleaned_data["file"])
    return _answer(request, check.found, file=check, is_edited=check.verdict == FileVerdict.EDITED)


def _answer(request: HttpRequest, found: PublicView | None, **more: Any) -> HttpResponse:
    context = _forms() | {
        "found": found,
        "name_form": VerifyNameForm(),
        "checked_at": timezone.now(),
        **more,
    }
    if found:
        context["address"] = reverse("verify_code", args=[found.certificate.verify_code])
    status = 200 if found or more.get("is_edited") else 404
    return as_public(render(request, "certificates/verify_code.html", context, status=status))


def _forms(
    *, form: VerifyForm | None = None, file_form: VerifyFileForm | None = None
) -> dict[str, Any]:
    return {"form": form or VerifyForm(), "file_form": file_form or VerifyFileForm()}


def may_ask(request: HttpRequest) -> bool:
    """Who asks too often is not counted against everybody."""
    address = client_address(request)
    return allow(f"verify:{address}", limit=VERIFY_PER_MINUTE, seconds=60) and allow(
        "verify-all", limit=VERIFY_ALL_PER_MINUTE, seconds=60
    )


def slow_down(request: HttpRequest) -> HttpResponse:
    return as_public(render(request, "certificates/verify_slow_down.html", status=429))


def as_public(response: HttpResponse) -> HttpResponse:
    """Out of search engines and caches, and without a trace in other sites' logs."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
