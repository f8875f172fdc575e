"""Workbooks of the board and of an explanation. pandas stays in the worker: imported when run."""

import hashlib
import io
import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from lms.exports import keep_file, line, put_stamp, requested_export, stamp
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.models import ExportFile, TaskProgress, record_audit
from lms.tasks import work
from quotas import measures
from quotas.measures import coverage
from quotas.models import Quota
from quotas.queries import explained, words
from quotas.queries.board import Board, Choice, Tile, board
from quotas.queries.league import LeagueRow
from quotas.queries.lines import Line, line_at
from regions.models import Region

EXPORT_BOARD = "quotas.export_board"
EXPORT_EXPLAIN = "quotas.export_explain"
READERS = (Role.OFFICIAL, Role.CLERK, Role.INSPECTOR)
CHUNK = 500
Sheet = tuple[str, list[dict[str, Any]]]


def board_args(region: Region, found: Board) -> dict[str, str]:
    """What `export_board` needs to read the same board again."""
    return {
        "region": region.code,
        "as_of": found.as_of.isoformat(),
        "plan": str(found.plan.pk) if found.plan else "",
        "period": found.period.isoformat() if found.period else "",
        "audience": found.audience,
        "quota": str(found.hero.line.quota.pk) if found.hero else "",
    }


def board_columns() -> list[str]:
    """The tables of the workbook, as the audit line tells them."""
    return [_("Progress"), _("League"), _("Register bridge"), _("Counting rules")]


def explain_columns() -> list[str]:
    return [_("Equation"), _("List"), _("Counting rules")]


def _gone() -> ActionError:
    return ActionError(
        "OUT_OF_REACH", _("This region is no longer within your grants; nothing was exported.")
    )


def _region(user: User, code: str) -> Region:
    region = Region.objects.current().filter(code=code).first()
    if region is None or not user.scope.covers(region.path, *READERS):
        raise _gone()
    return region


@work(EXPORT_BOARD)
def export_board(progress: TaskProgress) -> None:
    """What the page showed, the league and the bridge of the register, under today's grants."""
    export, args = requested_export(progress), progress.args
    user = export.requested_by
    region = _region(user, args["region"])
    choice = Choice(
        as_of=date.fromisoformat(args["as_of"]),
        plan=uuid.UUID(args["plan"]) if args["plan"] else None,
        period=date.fromisoformat(args["period"]) if args["period"] else None,
        audience=args["audience"],
        quota=uuid.UUID(args["quota"]) if args["quota"] else None,
    )
    try:
        found = board(user, region, choice)
    except LookupError:
        raise _gone() from None
    sheets = [
        (_("Progress"), [_tile_cells(tile) for tile in found.tiles]),
        (_("League"), _league_cells(found)),
        (_("Register bridge"), _bridges(found)),
        (_("Counting rules"), [_rule_cells(tile.line, choice.as_of) for tile in found.tiles]),
    ]
    _store(progress, export, sheets)


def _tile_cells(tile: Tile) -> dict[str, Any]:
    return {_("Quota"): words.quota_title(tile.line.quota)} | _progress_cells(tile.line, tile)


def _progress_cells(line: Line, row: Tile | LeagueRow) -> dict[str, Any]:
    found = row.progress
    return {
        _("Unit"): str(measures.unit_of(line.spec.measure)),
        _("Target"): found.target,
        pgettext("quota", "Done"): found.figure.value,
        _("Numerator"): found.figure.numerator,
        _("Denominator"): found.figure.denominator,
        _("This month"): row.month,
        _("Rate %"): found.rate,
        _("Due %"): found.due if found.target is not None else None,
        _("Points against pace"): found.points,
        _("Still missing"): found.missing,
        _("Forecast"): found.forecast,
        pgettext("quota", "Verdict"): (words.chip(found) or ("", "", ""))[2],
    }


def _league_cells(found: Board) -> list[dict[str, Any]]:
    if found.league is None or found.hero is None:
        return []
    line, rows = found.hero.line, []
    for row in [*found.league.rows, found.league.total]:
        is_total = row is found.league.total
        name = row.region.name
        if row.is_own:
            name = _("%(region)s itself") % {"region": name}
        if is_total:
            name = _("%(region)s in all") % {"region": name}
        rows.append(
            {
                _("Rank"): row.rank,
                _("Moved"): row.moved,
                _("Region code"): row.region.code,
                _("Region"): name,
            }
            | _progress_cells(line, row)
        )
    return rows


def _bridges(found: Board) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for tile in found.tiles:
        if tile.is_coverage:
            rows += bridge(tile.line, found.as_of)
    return rows


def bridge(line: Line, as_of: date) -> list[dict[str, Any]]:
    """Sealed + added − removed = E, and who of E completed, by child region."""
    import pandas as pd

    columns = ["subject", "fact_path", "in_seal", "left_on", "completed_on"]
    entries = coverage.known(line.spec, line.region, as_of).values(*columns)
    frame = pd.DataFrame(list(entries), columns=columns)
    if frame.empty:
        return []
    # Who is in two registers counts once in each row and once in all, by an entry in force if any.
    frame = frame.sort_values("left_on", na_position="first", kind="stable")
    stays = frame["left_on"].isna()
    parts = pd.DataFrame(
        {
            "subject": frame["subject"],
            "child": [measures.child_key(path, line.region) for path in frame["fact_path"]],
            "sealed": frame["in_seal"].astype(int),
            "added": (~frame["in_seal"].astype(bool)).astype(int),
            "removed": (~stays).astype(int),
            "members": stays.astype(int),
            "completed": (stays & frame["completed_on"].notna()).astype(int),
        }
    )
    rows = parts.drop_duplicates(["child", "subject"]).drop(columns="subject")
    grouped = rows.groupby("child", sort=True).sum()
    grouped.loc[""] = parts.drop_duplicates("subject").drop(columns=["child", "subject"]).sum()
    named = Region.objects.filter(path__in=list(grouped.index))
    # The name of today, or the last one of a region that was dissolved.
    names = dict(named.order_by(F("ends_on").asc(nulls_last=True)).values_list("path", "name"))
    return [
        {
            _("Quota"): words.quota_title(line.quota),
            _("Region code"): path,
            _("Region"): names.get(str(path), _("In all")),
            _("Sealed"): int(row["sealed"]),
            _("Added"): int(row["added"]),
            _("Removed"): int(row["removed"]),
            _("Register in force"): int(row["members"]),
            _("Of them completed"): int(row["completed"]),
        }
        for path, row in grouped.iterrows()
    ]


def _rule_cells(line: Line, as_of: date) -> dict[str, Any]:
    rule, spec = measures.rule_of(line.spec.measure), line.spec
    return {
        _("Quota"): words.quota_title(line.quota),
        _("Measure code"): spec.measure,
        _("Counting rule"): str(rule.text),
        _("Edition"): rule.edition,
        _("Attribution"): words.attribution_words(spec),
        _("Plan"): words.plan_title(line.quota.plan),
        _("From"): spec.starts_on,
        _("Until"): spec.ends_on,
        _("As of"): as_of,
    }


@work(EXPORT_EXPLAIN)
def export_explain(progress: TaskProgress) -> None:
    """The equation, everybody counted or not with the reason, and the rule."""
    export, args = requested_export(progress), progress.args
    user = export.requested_by
    region, as_of = _region(user, args["region"]), date.fromisoformat(args["as_of"])
    quota = Quota.objects.visible_to(user).filter(pk=args["quota"]).first()
    if quota is None:
        raise _gone()
    line = line_at(quota, region, args["audience"])
    figure = measures.figure(line.spec, region, as_of)
    rows = _people_cells(progress, user, line, as_of)
    account = measures.explain(line.spec, region, as_of)
    sheets = [
        (_("Equation"), _equation_cells(line, account, figure)),
        (_("List"), rows),
        (_("Counting rules"), [_rule_cells(line, as_of)]),
    ]
    record_audit(
        "quotas.list_exported",
        actor=user,
        target=quota,
        region_path=region.path,
        detail={"count": len(rows), "as_of": as_of.isoformat()},
    )
    _store(progress, export, sheets)


def _equation_cells(line: Line, account: Any, figure: Any) -> list[dict[str, Any]]:
    item, amount = _("Item"), _("Amount")
    rows = [{item: _("Candidates"), amount: account.candidates}]
    rows += [{item: str(reason.label), amount: -n} for reason, n in account.subtracted()]
    rows.append({item: _("Counted"), amount: account.counted})
    rows.append({item: _("Figure"), amount: figure.value})
    rows.append({item: _("Unit"), amount: str(measures.unit_of(line.spec.measure))})
    return rows


def _people_cells(
    progress: TaskProgress, user: User, line: Line, as_of: date
) -> list[dict[str, Any]]:
    facts = explained.facts(line, as_of)
    count = len(facts) if isinstance(facts, list) else facts.count()
    if count > settings.EXPORT_MAX_ROWS:
        raise ActionError(
            "TOO_MANY",
            _("%(count)s rows are too many for one file. Open a region below and export that.")
            % {"count": count},
        )
    what, proof = explained.headings(line.spec.measure)
    rows: list[dict[str, Any]] = []
    for start in range(0, count, CHUNK):
        part = explained.people(user, line, list(facts[start : start + CHUNK]), as_of)
        rows += [_person_cells(person, what, proof) for person in part]
        progress.advance(min(start + CHUNK, count), count)
    return rows


def _person_cells(person: explained.Person, what: str, proof: str) -> dict[str, Any]:
    return {
        _("Name"): person.name or _("outside your reach"),
        _("Identity number"): person.mark,
        _("Home village"): person.place,
        _("Above it"): person.place_above,
        what: " ".join([person.what, person.what_more]).strip(),
        proof: person.proof,
        _("Verdict"): str(person.reason.verdict.label),
        _("Reason"): str(person.reason.label),
        _("Remark"): person.note,
    }


# --- files ----------------------------------------------------------------------------------------
def _store(progress: TaskProgress, export: ExportFile, sheets: list[Sheet]) -> None:
    """Write the workbook once; run again after a kill it replaces what was begun."""
    rows = [list(row.values()) for _name, table in sheets for row in table]
    texts = [[str(_cell(value)) for value in row] for row in rows]
    digest = hashlib.sha256(b"".join(map(line, texts))).hexdigest()
    content = workbook(sheets, export, len(rows), digest)
    keep_file(export, ContentFile(content), len(rows), digest)
    progress.done_count = progress.total_count = len(rows)


def workbook(sheets: list[Sheet], export: ExportFile, count: int, digest: str) -> bytes:
    """One sheet per table, stamped; what looks like a formula stays text."""
    import pandas as pd

    buffer = io.BytesIO()
    inert = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs={"options": inert}) as writer:
        for name, rows in sheets:
            frame = pd.DataFrame(
                [{key: _cell(value) for key, value in row.items()} for row in rows]
            )
            frame.to_excel(writer, sheet_name=name[:31], index=False, freeze_panes=(1, 0))
            writer.sheets[name[:31]].set_column(0, max(len(frame.columns) - 1, 0), 18)
        pages = [writer.sheets[name[:31]] for name, _rows in sheets]
        put_stamp(writer.book, pages, stamp(export, count, digest), export)
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    """Figures as numbers with all their digits, days in ISO form, everything else as it is."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
