"""The regions that a roster of one county or prefecture may name."""

from learners.roster.places import Places
from regions.models import Region


def places_of(region: Region) -> Places:
    above = Region.objects.current().filter(code__in=region.ancestor_codes())
    rows = (above | Region.objects.current().within(region)).order_by("path")
    found = rows.values_list("code", "parent__code", "level", "name")
    return Places((code, parent or "", level, name) for code, parent, level, name in found)
