"""What an import changed, read back from the traces that it left."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from learners.models import HouseholdType, RosterRow
from learners.queries.matching import Difference, ethnic_name, place_name
from learners.queries.traces import split_key
from lms.lib import crypto, idnumbers
from regions.models import Region

_SHOWN = {"name": "name", "education": "education", "native_name": "native_name"}


def past_changes(rows: Sequence[RosterRow]) -> dict[UUID, list[Difference]]:
    """By row: what a screen may show of what it changed; telephone numbers are masked."""
    traces = {row.pk: row.trace() for row in rows if row.before_cipher is not None}
    if not traces:
        return {}
    regions = _regions(traces.values())
    types = dict(HouseholdType.objects.values_list("pk", "name"))
    return {pk: _differences(trace, regions, types) for pk, trace in traces.items()}


def _regions(traces: Any) -> dict[str, str]:
    keys = {
        state["home_region_id"]
        for trace in traces
        for key, change in trace.items()
        for state in change
        if state and key.startswith("learner:")
    }
    found = Region.objects.filter(pk__in=keys).select_related("parent")
    return {str(region.pk): place_name(region) for region in found}


def _differences(
    trace: Mapping[str, Any], regions: Mapping[str, str], types: Mapping[str, str]
) -> list[Difference]:
    found: list[Difference] = []
    for key, (before, after) in trace.items():
        kind, pk = split_key(key)
        if kind == "learner" and before and after:
            found += _of_learner(pk, before, after, regions)
        elif kind == "status" and after and (before or {}).get("type_id") != after["type_id"]:
            old = _type_before(trace, after["household_id"])
            found.append(Difference("household_type", types.get(old, ""), types[after["type_id"]]))
    return found


def _of_learner(
    pk: str, before: dict[str, Any], after: dict[str, Any], regions: Mapping[str, str]
) -> list[Difference]:
    pairs = [
        (shown, before[name] or "", after[name] or "")
        for name, shown in _SHOWN.items()
        if before[name] != after[name]
    ]
    if before["ethnicity"] != after["ethnicity"]:
        pairs.append(("ethnic", ethnic_name(before["ethnicity"]), ethnic_name(after["ethnicity"])))
    if before["phone_index"] != after["phone_index"]:
        old, new = (_phone(pk, state["phone_cipher"]) for state in (before, after))
        pairs.append(("phone", old, new))
    if before["home_region_id"] != after["home_region_id"]:
        old, new = (regions.get(str(state["home_region_id"]), "") for state in (before, after))
        pairs.append(("home", old, new))
    return [Difference(*pair) for pair in pairs]


def _phone(pk: str, cipher: str | None) -> str:
    if not cipher:
        return ""
    where = f"learners_learner.phone_cipher:{pk}"
    return idnumbers.mask_phone(crypto.decrypt(bytes.fromhex(cipher), where=where))


def _type_before(trace: Mapping[str, Any], household: str) -> str:
    """The type that ended, or was written over, when the new one began."""
    states = [
        before
        for key, (before, _after) in trace.items()
        if key.startswith("status:") and before and before["household_id"] == household
    ]
    return str(states[-1]["type_id"]) if states else ""
