"""What people do with plans: lay them down, hand quotas down, check what was counted."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import MarkEvent
from learners.models import RegisterEdition
from lms.lib.errors import ActionError
from lms.lib.scope import Role
from lms.models import record_audit
from quotas.models import CheckItem, CheckPlan, Measure, Plan, Quota
from quotas.queries.checks import commitment, counted_enrolments, population_of, sample
from quotas.queries.plans import is_sum
from regions.models import Region

if TYPE_CHECKING:
    from courses.models import Enrolment


class QuotaError(ActionError):
    """A plan, quota or check that would not be right."""


# --- plans ----------------------------------------------------------------------------------------
@transaction.atomic
def create_plan(
    *,
    title: str,
    doc_no: str = "",
    issued_on: date | None = None,
    starts_on: date,
    ends_on: date,
    demo_shift_years: int = 0,
    actor: User | None,
) -> Plan:
    if ends_on < starts_on:
        raise QuotaError("ENDS_FIRST", _("A plan ends after it starts: check the two dates."))
    plan = Plan.objects.create(
        title=title,
        doc_no=doc_no,
        issued_on=issued_on,
        starts_on=starts_on,
        ends_on=ends_on,
        demo_shift_years=demo_shift_years,
    )
    record_audit("quotas.plan_created", actor=actor, target=plan)
    return plan


@transaction.atomic
def revise_plan(
    *, plan: Plan, title: str, doc_no: str, issued_on: date | None, actor: User | None
) -> Plan:
    """The next edition with the same quotas; the old edition stays as it was."""
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if Plan.objects.filter(supersedes=plan).exists():
        raise QuotaError("SUPERSEDED", _("This edition was revised already: revise the newest."))
    revised = Plan.objects.create(
        title=title,
        doc_no=doc_no,
        issued_on=issued_on,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        edition=plan.edition + 1,
        supersedes=plan,
        demo_shift_years=plan.demo_shift_years,
    )
    copies: dict[object, Quota] = {}
    for quota in plan.quotas.order_by("region__level"):
        old, parent = quota.pk, copies.get(quota.parent_id)
        quota.pk, quota.plan, quota.parent = Quota().pk, revised, parent
        quota._state.adding = True
        quota.save()
        copies[old] = quota
    record_audit("quotas.plan_revised", actor=actor, target=revised, detail={"of": str(plan.pk)})
    return revised


# --- quotas ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class QuotaTerms:
    """What a quota asks, apart from where."""

    measure: str
    target: Decimal
    starts_on: date
    ends_on: date
    attribution: str = Quota.Attribution.HOME
    kind: str = Quota.Kind.ABSOLUTE
    audience: str = ""
    household_group: str = ""
    base_starts_on: date | None = None
    base_ends_on: date | None = None
    register_edition: RegisterEdition | None = None


@transaction.atomic
def add_quota(*, plan: Plan, region: Region, terms: QuotaTerms, actor: User | None) -> Quota:
    _require_sane(terms)
    if terms.register_edition is not None:
        _require_same_line(region, terms.register_edition)
    quota = Quota(plan=plan, region=region, **vars(terms))
    try:
        with transaction.atomic():
            quota.save(force_insert=True)
    except IntegrityError:
        message = _("This plan asks this of the region in this period already. Change that quota.")
        raise QuotaError("ASKED_ALREADY", message) from None
    record_audit(
        "quotas.quota_added",
        actor=actor,
        target=quota,
        region_path=region.path,
        detail={"measure": terms.measure, "target": str(terms.target)},
    )
    return quota


def _require_sane(terms: QuotaTerms) -> None:
    if terms.ends_on < terms.starts_on:
        raise QuotaError("ENDS_FIRST", _("A quota ends after it starts: check the two dates."))
    if terms.target <= 0:
        raise QuotaError("NOTHING_ASKED", _("A target is more than nought."))
    is_coverage = terms.measure == Measure.ROSTER_COVERAGE
    if is_coverage != (terms.kind == Quota.Kind.COVERAGE):
        raise QuotaError("KIND", _("Coverage is asked for as coverage, in per cent."))
    if is_coverage and terms.target > 100:
        raise QuotaError("OVER_100", _("Coverage is at most 100 %."))
    _require_sealed(terms.register_edition)


def _require_sealed(edition: RegisterEdition | None) -> None:
    if edition is not None and not edition.is_sealed:
        raise QuotaError(
            "NOT_SEALED",
            _("Only a sealed register is a denominator. Seal the edition first, then attach it."),
        )


def _require_same_line(region: Region, edition: RegisterEdition) -> None:
    home = edition.register.region
    if not (region.covers(home) or home.covers(region)):
        raise QuotaError("ELSEWHERE", _("This register belongs to another region."))


@transaction.atomic
def attach_edition(*, quota: Quota, edition: RegisterEdition, actor: User | None) -> Quota:
    """Give a coverage quota its denominator."""
    quota = _locked(quota)
    if quota.measure != Measure.ROSTER_COVERAGE:
        raise QuotaError("NO_COVERAGE", _("Only coverage is measured against a register."))
    _require_sealed(edition)
    _require_same_line(quota.region, edition)
    quota.register_edition = edition
    quota.save(update_fields=["register_edition"])
    record_audit(
        "quotas.edition_attached",
        actor=actor,
        target=quota,
        region_path=quota.region.path,
        detail={"edition": str(edition.pk), "sha256": edition.sha256},
    )
    return quota


@transaction.atomic
def cascade_quota(
    *, quota: Quota, targets: Mapping[Region, Decimal], reserve: Decimal, actor: User | None
) -> list[Quota]:
    """Hand `quota` down to children: their targets + the reserve = its own, or nothing happens.

    A child that is not named, or has nought, has no quota of its own.
    """
    quota = _locked(quota)
    _require_children(quota, targets)
    if is_sum(quota):
        _require_sum(quota, targets.values(), reserve)
    kept = [region for region, target in targets.items() if target > 0]
    _drop_others(quota, kept)
    quota.reserve = reserve if is_sum(quota) else Decimal(0)
    quota.save(update_fields=["reserve"])
    children = [_set_child(quota, region, targets[region]) for region in kept]
    record_audit(
        "quotas.quota_cascaded",
        actor=actor,
        target=quota,
        region_path=quota.region.path,
        detail={
            "reserve": str(quota.reserve),
            "targets": {region.code: str(targets[region]) for region in kept},
        },
    )
    return children


def _locked(quota: Quota) -> Quota:
    rows = Quota.objects.select_for_update(of=("self",)).select_related("region", "plan")
    return rows.get(pk=quota.pk)


def _require_children(quota: Quota, targets: Mapping[Region, Decimal]) -> None:
    if any(region.parent_id != quota.region_id for region in targets):
        raise QuotaError("NOT_A_CHILD", _("A quota is handed down to the regions right below."))
    if any(target < 0 for target in targets.values()):
        raise QuotaError("NEGATIVE", _("A target is not negative."))


def _require_sum(quota: Quota, targets: Iterable[Decimal], reserve: Decimal) -> None:
    handed = sum(targets, Decimal(0))
    difference = quota.target - reserve - handed
    if reserve < 0:
        raise QuotaError("NEGATIVE", _("A reserve is not negative."))
    if difference:
        raise QuotaError("DOES_NOT_ADD_UP", _difference(quota.target, handed, reserve, difference))


def _difference(
    target: Decimal, handed: Decimal, reserve: Decimal, difference: Decimal
) -> str | Promise:
    numbers = {
        "handed": f"{handed:,.0f}",
        "reserve": f"{reserve:,.0f}",
        "target": f"{target:,.0f}",
        "difference": f"{abs(difference):,.0f}",
    }
    if difference > 0:
        return (
            _(
                "Handed down %(handed)s + reserve %(reserve)s is %(difference)s less than the "
                "quota of %(target)s. Hand down the rest or put it into the reserve."
            )
            % numbers
        )
    return (
        _(
            "Handed down %(handed)s + reserve %(reserve)s is %(difference)s more than the quota "
            "of %(target)s. Lower a target or the reserve."
        )
        % numbers
    )


def _drop_others(quota: Quota, kept: Sequence[Region]) -> None:
    others = quota.children.exclude(region__in=kept)
    if Quota.objects.filter(parent__in=others).exists():
        raise QuotaError(
            "HANDED_ON", _("A region that handed its quota on cannot lose it: clear that first.")
        )
    others.delete()


def _set_child(quota: Quota, region: Region, target: Decimal) -> Quota:
    child = quota.children.filter(region=region).first()
    if child is None:
        terms = {
            field: getattr(quota, field)
            for field in (
                "plan", "measure", "audience", "household_group", "starts_on", "ends_on", "kind",
                "attribution", "register_edition", "base_starts_on", "base_ends_on",
            )
        }  # fmt: skip
        return Quota.objects.create(parent=quota, region=region, target=target, **terms)
    handed = child.children.aggregate(handed=Sum("target"))["handed"]
    if handed is not None and is_sum(child) and handed + child.reserve != target:
        raise QuotaError(
            "HANDED_ON",
            _("%(region)s has handed its quota on: its parts must be changed with it.")
            % {"region": region.name},
        )
    child.target = target
    child.save(update_fields=["target"])
    return child


# --- checks ---------------------------------------------------------------------------------------
@transaction.atomic
def commit_check(
    *,
    region: Region,
    level: str,
    starts_on: date,
    ends_on: date,
    n: int,
    seed: str = "",
    actor: User | None,
) -> tuple[CheckPlan, str]:
    """Announce a check: the hash of a seed is published, the seed itself is handed back.

    Whoever knows the seed cannot change the sample any more, and nobody else can foretell it.
    """
    if n < 1:
        raise QuotaError("NO_ITEMS", _("A check has at least one item."))
    if ends_on < starts_on:
        raise QuotaError("ENDS_FIRST", _("A check ends after it starts: check the two dates."))
    seed = seed or secrets.token_hex(16)
    plan = CheckPlan.objects.create(
        region=region,
        level=level,
        starts_on=starts_on,
        ends_on=ends_on,
        n=n,
        seed_commitment=commitment(seed),
    )
    record_audit(
        "quotas.check_committed",
        actor=actor,
        target=plan,
        region_path=region.path,
        detail={"n": n, "commitment": plan.seed_commitment},
    )
    return plan, seed


@transaction.atomic
def draw_check(
    *, plan: CheckPlan, seed: str, inspectors: Sequence[User], actor: User | None
) -> list[CheckItem]:
    """Publish the seed and draw n counted enrolments of the plan's period, each to an inspector.

    The sample is a function of the seed and the population alone: anybody can draw it again.
    """
    plan = (
        CheckPlan.objects.select_for_update(of=("self",)).select_related("region").get(pk=plan.pk)
    )
    _require_drawable(plan, seed, inspectors)
    population = population_of(plan)
    drawn = sample(population, seed, plan.n)
    by_key = {str(row.pk): row for row in counted_enrolments(plan)}
    items = [
        CheckItem(
            plan=plan,
            position=position,
            enrolment=by_key[key],
            inspector=_inspector_for(by_key[key], inspectors, position),
        )
        for position, key in enumerate(drawn, 1)
    ]
    CheckItem.objects.bulk_create(items)
    plan.seed, plan.population = seed, len(population)
    plan.save(update_fields=["seed", "population"])
    record_audit(
        "quotas.check_drawn",
        actor=actor,
        target=plan,
        region_path=plan.region.path,
        detail={"population": len(population), "n": len(items), "seed": seed},
    )
    return items


def _require_drawable(plan: CheckPlan, seed: str, inspectors: Sequence[User]) -> None:
    if plan.seed:
        raise QuotaError("DRAWN", _("This check was drawn already; a sample is drawn once."))
    if commitment(seed) != plan.seed_commitment:
        raise QuotaError("OTHER_SEED", _("This is not the seed that was published beforehand."))
    if not inspectors:
        raise QuotaError("NO_INSPECTOR", _("Name at least one inspector."))
    path = plan.region.path
    if not all(inspector.scope.covers(path, Role.INSPECTOR) for inspector in inspectors):
        raise QuotaError("NOT_AN_INSPECTOR", _("Items go to inspectors of this region only."))


def _inspector_for(enrolment: "Enrolment", inspectors: Sequence[User], position: int) -> User:
    """In turn, but never who marked the person or teaches the run: nobody checks own work."""
    involved = set(
        MarkEvent.objects.filter(
            session__run_id=enrolment.run_id, learner_id=enrolment.learner_id
        ).values_list("actor_id", flat=True)
    ) | set(enrolment.run.sessions.values_list("instructor__user_id", flat=True))
    free = [inspector for inspector in inspectors if inspector.pk not in involved]
    if not free:
        raise QuotaError(
            "OWN_WORK",
            _("Every named inspector took part in a drawn class. Name one who did not."),
        )
    return free[position % len(free)]


@transaction.atomic
def record_finding(*, item: CheckItem, finding: str, note: str = "", actor: User) -> CheckItem:
    """What an inspector found out about an item drawn for them."""
    item = (
        CheckItem.objects.select_for_update(of=("self",))
        .select_related("plan__region")
        .get(pk=item.pk)
    )
    if item.inspector_id != actor.pk:
        raise QuotaError("NOT_YOURS", _("This item was drawn for another inspector."))
    if finding not in CheckItem.Finding.values:
        raise QuotaError("NO_FINDING", _("Choose what you found."))
    if finding == CheckItem.Finding.DENIED and not note.strip():
        raise QuotaError("NO_NOTE", _("Write down what the person said, in a few words."))
    before = item.finding
    item.finding, item.note, item.checked_at = finding, note.strip(), timezone.now()
    item.save(update_fields=["finding", "note", "checked_at"])
    record_audit(
        "quotas.finding_recorded",
        actor=actor,
        target=item,
        region_path=item.plan.region.path,
        detail={"before": before, "finding": finding},
    )
    return item
