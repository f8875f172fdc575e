"""Local dates and dated rows. Every date of the job is a date in Asia/Shanghai."""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def today() -> date:
    return timezone.localdate()


def local_date(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def shift_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 where the year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def days_between(first: date, last: date) -> int:
    """Both days counted."""
    return (last - first).days + 1


def day_before(day: date) -> date:
    return day - timedelta(days=1)


def valid_on(day: date, prefix: str = "") -> Q:
    """Rows of a dated table that hold on `day`; `prefix` is a lookup path such as "roles__"."""
    started = Q(**{f"{prefix}starts_on__lte": day})
    open_end = Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": day})
    return started & open_end


class Dated(models.Model):
    """`starts_on`..`ends_on`, both inclusive; NULL = still open."""

    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="%(class)s_ends_after_start",
            )
        ]

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
