"""How quotas, figures and standings are named, the same on page and in workbook."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from learners.models import Audience, HouseholdGroup, RegisterEdition
from lms.templatetags.ui import plain_number
from quotas import measures
from quotas.measures import Figure, Number, Spec
from quotas.models import Measure, Plan, Quota
from quotas.queries.board import Board, Finding
from quotas.queries.lines import Line
from quotas.queries.pace import Progress, Standing

#: Standing → kind and icon of its chip.
CHIPS = {
    Standing.DONE: ("good", "star"),
    Standing.ON_PACE: ("good", "check"),
    Standing.SLOW: ("warn", "clock"),
    Standing.BEHIND: ("bad", "down"),
    Standing.NO_DENOMINATOR: ("mute", "minus"),
    Standing.NO_DATA: ("mute", "minus"),
}
Chip = tuple[str, str, str]
#: The children of a level, as a league is called.
CHILDREN = {
    1: gettext_lazy("prefectures"),
    2: gettext_lazy("counties"),
    3: gettext_lazy("townships"),
    4: gettext_lazy("villages"),
}


def quota_title(quota: Quota) -> str:
    """The measure, whom it is about, and whether it runs over years."""
    parts = [str(Measure(quota.measure).label)]
    if quota.audience:
        parts.append(str(Audience(quota.audience).label))
    if quota.household_group:
        parts.append(str(HouseholdGroup(quota.household_group).label))
    title = " · ".join(parts)
    return (
        _("%(title)s (cumulative)") % {"title": title}
        if quota.kind == Quota.Kind.CUMULATIVE
        else title
    )


def plan_title(plan: Plan) -> str:
    """The document's number first, as people ask for it; else the title."""
    name = plan.doc_no or plan.title
    return (
        _("%(name)s · edition %(n)s") % {"name": name, "n": plan.edition}
        if plan.edition > 1
        else name
    )


def attribution_words(spec: Spec) -> str:
    if spec.attribution == Quota.Attribution.HOST:
        return _("Counted by host region.")
    return _("Counted by home region.")


def number(value: Number | None, measure: str) -> str:
    """A figure in the decimals of its measure."""
    if value is None:
        return "—"
    return plain_number(value, decimals(measure))


def decimals(measure: str) -> int:
    return {Measure.ROSTER_COVERAGE: 1, Measure.INCOME_RISE_YUAN: 2}.get(Measure(measure), 0)


def chip(progress: Progress, *, points: bool = False) -> Chip | None:
    """Shape and word; with `points`, by how much where something is short."""
    if not progress.standing:
        return None
    standing = Standing(progress.standing)
    kind, icon = CHIPS[standing]
    word = str(standing.label)
    if points and progress.points is not None:
        short = {"points": plain_number(-progress.points, 1)}
        if standing == Standing.SLOW:
            word = pgettext("quota", "%(points)s points short") % short
        elif standing == Standing.BEHIND:
            word = _("%(points)s points behind") % short
    return kind, icon, word


def counted_unit(spec: Spec) -> str:
    """What is counted: for coverage the members, not the per cent."""
    if spec.measure == Measure.ROSTER_COVERAGE:
        return pgettext("quota", "members")
    return str(measures.unit_of(spec.measure))


def beside(line: Line, figure: Figure) -> str:
    """One line under a figure: its parts, and whatever the rule wants to stand beside it."""
    measure = line.spec.measure
    if measure == Measure.ROSTER_COVERAGE:
        return _coverage_beside(line, figure)
    if measure == Measure.INCOME_RISE_YUAN and figure.value is not None:
        return _income_beside(figure)
    return ""


def _coverage_beside(line: Line, figure: Figure) -> str:
    if figure.denominator is None:
        return _("Without a denominator there is no rate, and no 0 %.")
    words = _("%(done)s / %(members)s members") % {
        "done": plain_number(figure.numerator),
        "members": plain_number(figure.denominator),
    }
    edition = line.quota.register_edition
    if edition is not None and line.spec.editions == (edition.pk,):
        words += " · " + edition_words(edition)
    if (rate := figure.beside.get("sealed_rate")) is not None:
        words += " · " + _("sealed edition alone %(rate)s %%") % {"rate": plain_number(rate, 1)}
    return words


def edition_words(edition: RegisterEdition) -> str:
    return _("sealed register, edition %(no)s") % {"no": edition.no}


def _income_beside(figure: Figure) -> str:
    words = _("mean of %(n)s households · %(rate)s %% at or above 300 yuan · in all %(total)s yuan")
    parts = [
        words
        % {
            "n": plain_number(figure.denominator or 0),
            "rate": plain_number(figure.beside["enough_rate"], 1),
            "total": plain_number(figure.beside["total_yuan"]),
        }
    ]
    part_year = figure.beside["part_year"]
    if part_year:
        parts.append(_("%(n)s of them part-year") % {"n": plain_number(part_year)})
    return " · ".join(parts)


# --- the finding ----------------------------------------------------------------------------------
def finding_title(found: Finding) -> str:
    progress = found.tile.progress
    values: dict[str, str] = {
        "name": quota_title(found.tile.line.quota),
        "points": plain_number(abs(progress.points or Decimal(0)), 1),
    }
    sentences = {
        Standing.DONE: _("%(name)s: the quota is met."),
        Standing.ON_PACE: _("%(name)s is on pace, %(points)s points ahead of the plan."),
        Standing.SLOW: _("%(name)s is a little slow, %(points)s points behind the plan."),
        Standing.BEHIND: _("%(name)s is %(points)s points behind the plan."),
        Standing.NO_DENOMINATOR: _("%(name)s has no denominator: the register is not sealed."),
        Standing.NO_DATA: _("%(name)s cannot be computed yet."),
    }
    return sentences[Standing(progress.standing)] % values


def finding_text(found: Finding) -> str:
    """Where it is heading and what that leaves undone."""
    progress, spec = found.tile.progress, found.tile.line.spec
    parts = []
    if progress.forecast is not None and progress.standing != Standing.DONE:
        parts.append(
            _("At the pace of the last 90 days %(day)s will see %(amount)s (%(rate)s %%)")
            % {
                "day": day_words(spec.ends_on),
                "amount": _amount(spec, progress.forecast),
                "rate": plain_number(progress.forecast_rate or 0, 1),
            }
        )
    if found.short is not None and found.short > 0:
        missing = _("still missing %(n)s %(unit)s")
        parts.append(missing % {"n": plain_number(found.short), "unit": counted_unit(spec)})
    if found.classes:
        parts.append(_("about %(n)s classes of 40") % {"n": plain_number(found.classes)})
    return pgettext("punctuation", ", ").join(parts) + _(".") if parts else ""


def _amount(spec: Spec, value: Number) -> str:
    unit = str(measures.unit_of(spec.measure))
    return f"{number(value, spec.measure)} {unit}"


def day_words(day: date) -> str:
    return _("%(month)s/%(day)s") % {"month": day.month, "day": day.day}


def league_title(found: Board) -> str:
    if found.hero is None:
        return ""
    values = {
        "children": CHILDREN.get(found.region.level, ""),
        "name": quota_title(found.hero.line.quota),
    }
    return _("%(name)s of the %(children)s") % values
