"""Who saw a person's numbers lately."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from learners.models import Learner, Reveal

RECENT_DAYS = 30
SHOWN = 5


@dataclass(frozen=True)
class RecentReveals:
    days: int
    count: int
    people: int
    newest: list[Reveal]


def recent_reveals(learner: Learner) -> RecentReveals:
    since = timezone.now() - timedelta(days=RECENT_DAYS)
    rows = learner.reveals.filter(revealed_at__gte=since)
    actors = list(rows.values_list("actor_id", flat=True))
    newest = list(rows.select_related("actor")[:SHOWN]) if actors else []
    return RecentReveals(RECENT_DAYS, len(actors), len(set(actors)), newest)
