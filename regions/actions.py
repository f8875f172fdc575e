"""Changes of the region tree."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from lms.lib.periods import day_before
from lms.models import record_audit
from regions.forms import RegionRow, refuse
from regions.models import Region, RegionSuccession

if TYPE_CHECKING:
    from accounts.models import User

#: Before any record of ours: regions that were there when the system came.
FROM_THE_START = date(2000, 1, 1)
BATCH = 1000


@dataclass(frozen=True)
class LoadCounts:
    added: int
    renamed: int
    unchanged: int


@transaction.atomic
def load_regions(
    *,
    rows: Sequence[RegionRow],
    renamed_on: date,
    starts_on: date = FROM_THE_START,
    actor: "User | None",
) -> LoadCounts:
    """Add the regions that are new; where an open region has another name now, end it and open its
    successor on `renamed_on`. Regions that the rows do not name stay as they are."""
    known = {region.code: region for region in Region.objects.current()}
    _check_parents(rows, known)
    added = [row for row in rows if row.code not in known]
    renamed = [row for row in rows if row.code in known and known[row.code].name != row.name]
    _check_renames(renamed, known, renamed_on)
    _add(added, known, starts_on)
    for row in renamed:
        _rename(known[row.code], row.name, renamed_on)
    counts = LoadCounts(len(added), len(renamed), len(rows) - len(added) - len(renamed))
    if added or renamed:
        record_audit("regions.regions_loaded", actor=actor, detail=asdict(counts))
    return counts


def _check_parents(rows: Sequence[RegionRow], known: Iterable[str]) -> None:
    codes = {row.code for row in rows} | set(known)
    refuse(
        [
            f"line {row.line}: there is no region {row.parent_code} above {row.code}"
            for row in rows
            if row.parent_code and row.parent_code not in codes
        ]
    )


def _check_renames(rows: Sequence[RegionRow], known: dict[str, Region], day: date) -> None:
    refuse(
        [
            f"line {row.line}: {row.code} was opened on {known[row.code].starts_on}, "
            f"so it cannot change its name on {day}"
            for row in rows
            if known[row.code].starts_on >= day
        ]
    )


def _add(rows: Sequence[RegionRow], known: dict[str, Region], starts_on: date) -> None:
    for level in Region.Level.values:
        made = Region.objects.bulk_create(
            [
                Region(
                    code=row.code,
                    path=row.code,
                    name=row.name,
                    level=row.level,
                    parent=known.get(row.parent_code),
                    is_statistical=row.is_statistical,
                    starts_on=starts_on,
                )
                for row in rows
                if row.level == level
            ],
            batch_size=BATCH,
        )
        known.update((region.code, region) for region in made)


def _rename(old: Region, name: str, day: date) -> None:
    old.ends_on = day_before(day)
    old.save(update_fields=["ends_on"])
    new = Region.objects.create(
        code=old.code,
        path=old.path,
        name=name,
        level=old.level,
        parent=Region.objects.current().filter(code=old.code[: -_last_digits(old)]).first(),
        is_statistical=old.is_statistical,
        starts_on=day,
    )
    old.children.current().update(parent=new)
    RegionSuccession.objects.create(
        old=old, new=new, happened_on=day, kind=RegionSuccession.Kind.RENAMED
    )


def _last_digits(region: Region) -> int:
    above = region.ancestor_codes()
    return len(region.code) - (len(above[-1]) if above else 0)
