"""The regions that a roster of one county or prefecture may name."""

from learners.roster.places import Places
from regions.models import Region


def places_of(region: Region) -> Places:
    current = Region.objects.current()
    above = current.filter(code__in=region.ancestor_codes())
    # By their neighbours' names rows are told that stand in the file of another county.
    beside = current.filter(parent=region.parent_id, level=region.level)
    rows = (above | beside | current.within(region)).order_by("path")
    found = rows.values_list("code", "parent__code", "level", "name")
    return Places((code, parent or "", level, name) for code, parent, level, name in found)
