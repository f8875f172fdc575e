"""Which role the post of a cadre is, as a row of a roster says it, and for which region."""

from typing import Any

from learners.models import Audience, Register, RegisterEdition, RosterImport, RosterRow
from learners.roster.entries import CADRE_WORDS, one_of

#: Length of the path of the region that somebody with a role works for; others for their home.
_LENGTHS = {
    Audience.COUNTY_LEADER: 6,
    Audience.COMMERCE_HEAD: 6,
    Audience.TOWNSHIP_CADRE: 9,
}
ROLES = tuple(CADRE_WORDS)


def says_posts(roster_import: RosterImport) -> bool:
    """Whether the file has a column for posts, or is for cadres and has one for types of people."""
    layouts = roster_import.summary.get("layouts", [])
    names = {name for layout in layouts for name in layout.get("columns", {})}
    if "post" in names:
        return True
    edition = roster_import.summary.get("edition")
    if not edition or "household_type" not in names:
        return False
    cadres = RegisterEdition.objects.filter(register__purpose=Register.Purpose.CADRES)
    return cadres.filter(pk=edition).exists()


def role_of(row: RosterRow) -> str:
    """The role that a row's post names, "" where it names none or several."""
    raw = row.raw()
    text = str(raw["fields"].get("post") or "")
    if not text:
        text = _type_cell(row, raw["cells"])
    return one_of(CADRE_WORDS, text) if text else ""


def _type_cell(row: RosterRow, cells: list[object]) -> str:
    """Rosters of cadres often call the kind of cadre a type of person."""
    layouts = row.roster_import.summary.get("layouts", [])
    layout: dict[str, Any] = next((one for one in layouts if one["sheet"] == row.sheet), {})
    at = layout.get("columns", {}).get("household_type")
    return str(cells[at] or "") if at is not None and at < len(cells) else ""


def region_of_role(role: str, home: str) -> str:
    """The path of the region, of a home's path."""
    return home[: _LENGTHS.get(Audience(role), len(home))]
