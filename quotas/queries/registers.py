"""What stands beside a register: its coverage, of the sealed edition and of the register today."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from learners.models import Register, RegisterEdition
from learners.queries import CoverageLine
from lms.lib.scope import HasScope
from quotas import measures
from quotas.measures.facts import Figure, Spec
from quotas.models import Measure, Quota
from quotas.queries.words import quota_title

HOME = "home"


def coverage_of(edition: RegisterEdition, user: HasScope, as_of: date) -> list[CoverageLine]:
    """The rate over the register's year, and of each quota of which it is the denominator."""
    register = edition.register
    if not edition.is_sealed or register.subject == Register.Subject.VILLAGE:
        return []
    whole_year = Spec(
        measure=Measure.ROSTER_COVERAGE,
        starts_on=date(register.year, 1, 1),
        ends_on=date(register.year, 12, 31),
        attribution=HOME,
        editions=(edition.pk,),
    )
    title = _("Completed a run in %(year)s") % {"year": register.year}
    found = [_line(title, measures.figure(whole_year, register.region, as_of))]
    quotas = Quota.objects.visible_to(user).filter(register_edition=edition)
    for quota in quotas.select_related("region", "plan"):
        figure = measures.figure(quota, quota.region, as_of)
        href = f"{reverse('quotas:explain', args=[quota.pk])}?as_of={as_of.isoformat()}"
        period = f"{quota.starts_on.isoformat()} ~ {quota.ends_on.isoformat()}"
        words = f"{quota.plan.title} · {quota_title(quota)} · {period}"
        found.append(_line(words, figure, href))
    return found


def _line(title: str, figure: Figure, href: str = "") -> CoverageLine:
    beside: dict[str, Any] = figure.beside
    return CoverageLine(
        title=title,
        sealed_done=beside.get("sealed_done", 0),
        sealed=beside.get("sealed", 0),
        done=figure.numerator,
        members=figure.denominator or 0,
        sealed_rate=beside.get("sealed_rate"),
        rate=None if figure.value is None else Decimal(figure.value),
        href=href,
    )
