"""Keep the queue of records that may be one person: fill it, decide, ask again."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.actions.merging import MergeError
from learners.models import Learner, SuspectedPair
from learners.queries.suspects import CHUNK, STRENGTH, Suspicion, suspicions_about
from lms.models import record_audit

if TYPE_CHECKING:
    from accounts.models import User

State = SuspectedPair.State


@transaction.atomic
def compare_learners(*, learners: Collection[UUID], actor: "User | None") -> int:
    """Compare a few people (a chunk of an import, a walk-in) with everybody who may be them."""
    return note_suspicions(suspicions=suspicions_about(learners), actor=actor)


@transaction.atomic
def note_suspicions(*, suspicions: Sequence[Suspicion], actor: "User | None") -> int:
    """Put new pairs on the queue; what was decided stays decided. Returns how many are new."""
    firsts = {suspicion.first for suspicion in suspicions}
    rows = SuspectedPair.objects.filter(first__in=firsts)
    known = {(row.first_id, row.second_id): row for row in rows}
    fresh = [one for one in suspicions if (one.first, one.second) not in known]
    SuspectedPair.objects.bulk_create(
        [
            SuspectedPair(
                first_id=one.first, second_id=one.second, kinds=one.kinds, kind=one.kinds[0]
            )
            for one in fresh
        ],
        ignore_conflicts=True,
        batch_size=CHUNK,
    )
    for one in suspicions:
        _add_kinds(known.get((one.first, one.second)), one)
    if fresh:
        detail = {"pairs": len(fresh)}
        record_audit("learners.duplicates_suspected", actor=actor, detail=detail)
    return len(fresh)


def _add_kinds(pair: SuspectedPair | None, found: Suspicion) -> None:
    if pair is None or pair.state != State.OPEN or set(found.kinds) <= set(pair.kinds):
        return
    every = {*pair.kinds, *found.kinds}
    pair.kinds = [kind for kind in STRENGTH if kind in every]
    pair.kind = pair.kinds[0]
    pair.save(update_fields=["kinds", "kind"])


@transaction.atomic
def suspect_pair(*, one: Learner, other: Learner, actor: "User") -> SuspectedPair:
    """Somebody looks at these two: the pair is there, and open."""
    if one.pk == other.pk or one.merged_into_id or other.merged_into_id:
        raise MergeError(
            "ALREADY_MERGED", _("These are one record already. Choose two different people.")
        )
    first, second = sorted((one.pk, other.pk))
    pair, _made = SuspectedPair.objects.get_or_create(
        first_id=first,
        second_id=second,
        defaults={"kinds": [SuspectedPair.Kind.WALK_IN], "kind": SuspectedPair.Kind.WALK_IN},
    )
    record_audit(
        "learners.duplicates_suspected",
        actor=actor,
        target=pair,
        region_path=one.home_region.path,
        detail={"pairs": 1},
    )
    return pair


@transaction.atomic
def tell_apart(*, pair: SuspectedPair, reason: str, actor: "User") -> SuspectedPair:
    """They are two people; the pair is not asked about again."""
    pair = _locked(pair)
    _require(pair, State.OPEN)
    if not reason.strip():
        raise MergeError("NO_REASON", _("Say how you know that these are two people."))
    pair.state, pair.reason = State.NOT_THE_SAME, reason.strip()
    return _decided(pair, "learners.duplicates_told_apart", actor)


@transaction.atomic
def ask_again(*, pair: SuspectedPair, actor: "User") -> SuspectedPair:
    """Take back that they are two people."""
    pair = _locked(pair)
    _require(pair, State.NOT_THE_SAME)
    pair.state, pair.reason = State.OPEN, ""
    return _decided(pair, "learners.duplicates_asked_again", actor)


def _locked(pair: SuspectedPair) -> SuspectedPair:
    rows = SuspectedPair.objects.select_for_update(of=("self",))
    return rows.select_related("first__home_region").get(pk=pair.pk)


def _require(pair: SuspectedPair, state: str) -> None:
    if pair.state != state:
        raise MergeError(
            "DECIDED",
            _("This pair was decided meanwhile. Open the list again to see where it stands."),
        )


def _decided(pair: SuspectedPair, action: str, actor: "User") -> SuspectedPair:
    is_open = pair.state == State.OPEN
    pair.decided_by, pair.decided_at = (None, None) if is_open else (actor, timezone.now())
    pair.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    path = pair.first.home_region.path
    record_audit(action, actor=actor, target=pair, region_path=path)
    return pair


@transaction.atomic
def index_namesakes(*, actor: "User | None" = None) -> int:
    """Give some records from before the index theirs; returns how many, 0 when all have it."""
    rows = list(
        Learner.objects.select_for_update(of=("self",), no_key=True).filter(
            birth_cipher__isnull=False, namesake_index__isnull=True
        )[:CHUNK]
    )
    for row in rows:
        row.set_name(row.name)
    Learner.objects.bulk_update(rows, ["namesake_index"])
    if rows:
        record_audit("learners.namesakes_indexed", actor=actor, detail={"people": len(rows)})
    return len(rows)
