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


def township_names(region: Region) -> list[str]:
    """The townships of a county in the order of their codes; of a wider region none."""
    if region.level != Region.Level.COUNTY:
        return []
    townships = Region.objects.current().filter(parent=region, level=Region.Level.TOWNSHIP)
    return list(townships.order_by("path").values_list("name", flat=True))
