"""Explain this number: from a figure to its people, and the files of both pages."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.queries import current_region, signed_in_user
from learners.models import Audience
from lms.actions import ask_export
from lms.lib.errors import ActionError
from quotas import measures, tasks
from quotas.forms import ExplainForm
from quotas.measures import REASONS, Account, Verdict
from quotas.models import Measure, Quota
from quotas.queries import explained, words
from quotas.queries.checks import verified
from quotas.queries.lines import Line, line_at
from quotas.queries.pace import progress
from quotas.views.links import READERS, board_url, explain_url, way_to

#: Parameters of the page; anything else is refused.
KNOWN = {"region", "as_of", "audience", "verdict", "reason", "page"}


@require_safe
def explain(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    line, form = _asked(request, pk, request.GET)
    given = form.cleaned_data
    as_of, verdict, reason = given["as_of"], given["verdict"], given["reason"]
    if set(request.GET) - KNOWN or (reason and reason not in REASONS):
        raise BadRequest("unknown parameter")
    figure = measures.figure(line.spec, line.region, as_of)
    account = measures.explain(line.spec, line.region, as_of)
    page = _page(request, explained.facts(line, as_of, verdict, reason))
    context = {
        "line": line,
        "quota": line.quota,
        "region": line.region,
        "as_of": as_of,
        "until": line.spec.until(as_of),
        "audience": given["audience"],
        "verdict": verdict,
        "reason": REASONS.get(reason),
        "figure": figure,
        "figure_words": words.number(figure.value, line.spec.measure),
        "title": words.quota_title(line.quota),
        "beside": words.beside(line, figure),
        "progress": progress(line.spec, figure, line.target, as_of),
        "crumbs": [*way_to(user, line.region), _board_step(line, as_of)],
        "people": explained.people(user, line, list(page.object_list), as_of),
        "page": page,
        "headings": explained.headings(line.spec.measure),
        "unit": words.counted_unit(line.spec),
        "rule": measures.rule_of(line.spec.measure),
        "attribution": words.attribution_words(line.spec),
        "verified": verified(line, as_of),
        "tabs": _tabs(account, verdict, reason),
        "seen_all": user.scope.covers(line.region.path, "OFFICIAL", "CLERK"),
        **_strip(line, account, as_of, given["audience"]),
        **_parts(line, figure.numerator, as_of, given["audience"]),
    }
    return render(request, "quotas/explain.html", context)


def _asked(request: HttpRequest, pk: UUID, given: Any) -> tuple[Line, ExplainForm]:
    """The quota as it is asked at the page's region; both must be within reach."""
    user = signed_in_user(request)
    region = current_region(request, *READERS)
    quotas = Quota.objects.visible_to(user).select_related(
        "region", "plan", "register_edition__register"
    )
    quota = get_object_or_404(quotas, pk=pk)
    if not (quota.region.covers(region) or region.covers(quota.region)):
        raise Http404
    form = ExplainForm(given)
    if not form.is_valid():
        raise BadRequest(f"not to be explained: {', '.join(form.errors)}")
    return line_at(quota, region, form.cleaned_data["audience"]), form


def _page(request: HttpRequest, rows: Any) -> "Page[Any]":
    try:
        return Paginator(rows, settings.PAGE_SIZE).page(request.GET.get("page", 1))
    except InvalidPage:
        raise Http404 from None


def _board_step(line: Line, as_of: Any) -> tuple[str, str]:
    return board_url(line.region, as_of=as_of.isoformat()), line.region.name


def _tabs(account: Account, verdict: str, reason: str) -> list[dict[str, Any]]:
    counts = {"": account.candidates} | {code: account.of(code) for code in Verdict.values}
    names = {"": _("All")} | {code: str(Verdict(code).label) for code in Verdict.values}
    return [
        {"code": code, "name": names[code], "n": n, "on": code == verdict and not reason}
        for code, n in counts.items()
    ]


def _strip(line: Line, account: Account, as_of: Any, audience: str) -> dict[str, Any]:
    """Candidates − one box per reason = what counts; for coverage E stands in between."""
    first = {
        Measure.ROSTER_COVERAGE: _("entries of the register"),
        Measure.SHOPS_OPENED: _("shops known"),
        Measure.INCOME_RISE_YUAN: _("households with figures"),
        Measure.PEOPLE_TRAINED: _("people enrolled"),
    }.get(Measure(line.spec.measure), _("enrolments"))

    def href(**more: str) -> str:
        return explain_url(line, line.region, as_of, audience, **more) + "#people"

    terms: list[dict[str, Any]] = [{"value": account.candidates, "label": first, "href": href()}]
    for reason, n in account.subtracted():
        box = {"value": n, "label": reason.label, "sign": "-", "href": href(reason=reason.code)}
        terms.append(box)
    label = _("counted %(unit)s") % {"unit": words.counted_unit(line.spec)}
    if line.spec.measure == Measure.INCOME_RISE_YUAN:
        label = _("households counted")
    total = {"value": account.counted, "label": label, "href": href(verdict="yes")}
    return {"terms": terms, "total": total}


def _parts(line: Line, total: int, as_of: Any, audience: str) -> dict[str, Any]:
    """Audiences that tie out, and how many persons the person-times are."""
    if line.spec.measure != Measure.PERSON_TIMES:
        return {"audiences": None, "persons": None}
    found = measures.audiences(line.spec, line.region, as_of)
    rows = [
        {
            "name": Audience(code).label,
            "n": n,
            "share": n * 100 / total if total else 0,
            "href": explain_url(line, line.region, as_of, code),
        }
        for code, n in sorted(found.items(), key=lambda item: -item[1])
    ]
    return {
        "audiences": rows,
        "ties_out": sum(found.values()) == total,
        "persons": measures.persons(line.spec, line.region, as_of),
    }


# --- files ----------------------------------------------------------------------------------------
@require_POST
def explain_export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the list with its reasons and the rule as a workbook."""
    user = signed_in_user(request)
    line, form = _asked(request, pk, request.POST)
    given = form.cleaned_data
    args = {
        "quota": str(line.quota.pk),
        "region": line.region.code,
        "as_of": given["as_of"].isoformat(),
        "audience": given["audience"],
    }
    title = f"{line.region.name}-{words.quota_title(line.quota)}-{args['as_of']}"
    try:
        export = ask_export(
            kind=tasks.EXPORT_EXPLAIN,
            title=title,
            region_path=line.region.path,
            columns=tasks.explain_columns(),
            args=args,
            total=0,
            actor=user,
        )
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect(explain_url(line, line.region, given["as_of"], given["audience"]))
    assert export.progress is not None  # noqa: S101 - it was made with it
    return redirect("task_detail", pk=export.progress.pk)
