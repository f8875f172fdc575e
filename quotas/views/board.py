"""The completion board of a region, and its workbook."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.queries import current_region, signed_in_user
from lms.actions import ask_export
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.templatetags.ui import plain_number
from quotas import measures, tasks
from quotas.forms import BoardForm
from quotas.queries import words
from quotas.queries.board import Board, Choice, Tile
from quotas.queries.board import board as board_of
from quotas.queries.league import LeagueRow
from quotas.views.links import (
    READERS,
    board_url,
    explain_url,
    plan_classes_url,
    way_to,
)

#: Parameters of the page; anything else is refused.
KNOWN = {"region", *BoardForm.base_fields}


@dataclass(frozen=True)
class TileView:
    tile: Tile
    title: str
    figure: str
    unit: str
    sub: str
    none: str
    next: str
    chip: words.Chip | None
    href: str
    choose: str


@dataclass(frozen=True)
class RowView:
    row: LeagueRow
    href: str
    explain: str
    chip: words.Chip | None
    figure: str


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    region = current_region(request, *READERS)
    if set(request.GET) - KNOWN:
        raise BadRequest("unknown parameter")
    found = _board(request, BoardForm(request.GET))
    hero = found.hero
    context: dict[str, Any] = {
        "board": found,
        "region": region,
        "crumbs": way_to(user, region, found),
        "hero": _tile_view(found, hero) if hero else None,
        "tiles": [_tile_view(found, tile) for tile in found.others],
        "rows": [_row_view(found, row) for row in found.league.rows] if found.league else [],
        "children": words.CHILDREN.get(region.level, ""),
        "league_title": words.league_title(found),
        "most": _most(found),
        "has_targets": bool(found.league and found.league.handed_down),
        "decimals": words.decimals(hero.line.spec.measure) if hero else 0,
        "unit": words.counted_unit(hero.line.spec) if hero else "",
        "audiences": BoardForm.base_fields["audience"].choices,  # type: ignore[attr-defined]
        "plans": [(plan, words.plan_title(plan)) for plan in found.plans],
        "today": today(),
        "now": timezone.now() if found.as_of == today() else None,
        "edition": measures.rule_of(hero.line.spec.measure).edition if hero else None,
    }
    if found.finding is not None:
        context |= _finding(request, found)
    return render(request, "quotas/board.html", context)


@require_POST
def board_export(request: HttpRequest) -> HttpResponse:
    """Ask for the workbook of what the page shows; the worker reads it anew."""
    user = signed_in_user(request)
    region = current_region(request, *READERS)
    found = _board(request, BoardForm(request.POST))
    given = tasks.board_args(region, found)
    title = f"{region.name}-{_('Progress')}-{found.as_of.isoformat()}"
    try:
        export = ask_export(
            kind=tasks.EXPORT_BOARD,
            title=title,
            region_path=region.path,
            columns=tasks.board_columns(),
            args=given,
            total=0,
            actor=user,
        )
    except ActionError as error:
        messages.error(request, str(error.message))
        return redirect(f"{reverse('quotas:board')}?{urlencode({'region': region.code})}")
    assert export.progress is not None  # noqa: S101 - it was made with it
    return redirect("task_detail", pk=export.progress.pk)


def _board(request: HttpRequest, form: BoardForm) -> Board:
    if not form.is_valid():
        raise BadRequest(f"not a board: {', '.join(form.errors)}")
    user, region = signed_in_user(request), current_region(request, *READERS)
    return _found(lambda: board_of(user, region, form.choice()), form.choice())


def _found(read: Any, choice: Choice) -> Board:
    try:
        found: Board = read()
    except LookupError:
        raise Http404 from None
    return found


def _tile_view(found: Board, tile: Tile) -> TileView:
    line, progress = tile.line, tile.progress
    measure, target = line.spec.measure, progress.target
    figure, unit = progress.figure, str(measures.unit_of(line.spec.measure))
    if target is not None and not tile.is_coverage:
        unit = f"/ {words.number(target, measure)} {unit}"
    no_register = progress.standing == "no_denominator" or figure.state == "no_denominator"
    none = ""
    if figure.value is None:
        none = _("Register not sealed") if no_register else _("n/a")
    parts = [words.beside(line, figure)]
    if tile.is_coverage and target is not None and figure.value is not None:
        parts.append(_("target %(n)s %%") % {"n": plain_number(target)})
    elif progress.rate is not None:
        parts.append(_("%(rate)s %% of the target") % {"rate": plain_number(progress.rate, 1)})
    elif target is None:
        parts.append(_("no quota here"))
    return TileView(
        tile=tile,
        title=words.quota_title(line.quota),
        figure=words.number(figure.value, measure),
        unit=unit,
        sub=" · ".join(part for part in parts if part),
        none=none,
        next=_("Next: seal the register") if no_register else "",
        chip=words.chip(progress, points=True),
        href=explain_url(line, found.region, found.as_of, found.audience),
        choose=board_url(found.region, found, quota=str(line.quota.pk)),
    )


def _row_view(found: Board, row: LeagueRow) -> RowView:
    assert found.hero is not None  # noqa: S101 - rows come from the hero's league
    line = found.hero.line
    # Neither 本级 nor a dissolved region has a page that shows this row's figure.
    has_page = not row.is_own and row.region.ends_on is None
    return RowView(
        row=row,
        href=board_url(row.region, found) if has_page else "",
        explain=explain_url(line, row.region, found.as_of, found.audience)
        if has_page and row.has_facts
        else "",
        chip=words.chip(row.progress),
        figure=words.number(row.progress.figure.value, line.spec.measure),
    )


def _most(found: Board) -> float:
    """What fills a bar of a league without quotas: the highest row, or 100 of a rate."""
    if found.league is None or found.hero is None:
        return 0
    if found.hero.is_coverage:
        return 100
    values = (row.progress.figure.value or 0 for row in found.league.rows)
    return float(max(values, default=0))


def _finding(request: HttpRequest, found: Board) -> dict[str, Any]:
    """The first sentence: what, where to, what is missing, and where to act."""
    finding = found.finding
    assert finding is not None  # noqa: S101 - asked before
    links = []
    if finding.never_enrolled and finding.register_line:
        href = explain_url(
            finding.register_line, found.region, found.as_of, reason="never_enrolled"
        )
        words_of = _("%(n)s people of the register were never enrolled")
        links.append((href, words_of % {"n": plain_number(finding.never_enrolled)}))
    if found.league and found.league.idle:
        values = {
            "n": found.league.idle,
            "children": words.CHILDREN.get(found.region.level, ""),
        }
        links.append(("#league", _("%(n)s %(children)s added nothing this month") % values))
    chip = words.chip(finding.tile.progress)
    kind, icon = chip[:2] if chip else ("info", "info")
    return {
        "finding_kind": "info" if kind == "mute" else kind,
        "finding_icon": icon,
        "finding_title": words.finding_title(finding),
        "finding_text": words.finding_text(finding),
        "finding_links": links,
        "finding_button": plan_classes_url(request, signed_in_user(request), found.region)
        if kind in {"warn", "bad"}
        else None,
    }
