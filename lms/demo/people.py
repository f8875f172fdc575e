"""The three rosters, taken in by the importer, and the registers sealed from them."""

from datetime import date
from pathlib import Path

from django.db.models import QuerySet

from accounts.models import User
from learners.actions.editions import seal_edition
from learners.actions.imports import begin_import, import_chunk, receive_roster
from learners.actions.registers import create_register
from learners.models import Learner, Register, RegisterEdition, RosterImport
from learners.tasks import check_roster
from lms.demo.cast import region

ROSTERS = Path(__file__).parent / "rosters"


def import_county(
    *, file_name: str, code: str, as_of: date, year: int, actor: User
) -> RegisterEdition:
    """Import a county's roster onto its register of able and willing people, and seal it."""
    register = create_register(
        purpose=Register.Purpose.ABLE_WILLING, year=year, region=region(code), actor=actor
    )
    edition = register.editions.get()
    content = (ROSTERS / file_name).read_bytes()
    roster = receive_roster(
        content=content,
        file_name=file_name,
        region=region(code),
        as_of=as_of,
        edition=edition,
        actor=actor,
    )
    roster = check_roster(roster_import=roster, actor=actor)
    begin_import(roster_import=roster, actor=actor)
    while import_chunk(roster_import=roster, actor=actor):
        pass
    return seal_edition(edition=edition, actor=actor)


def leave_one_to_check(*, file_name: str, code: str, as_of: date, actor: User) -> RosterImport:
    """An upload that is checked and waits for its clerk's confirmation."""
    roster = receive_roster(
        content=(ROSTERS / file_name).read_bytes(),
        file_name=f"补报_{file_name}",
        region=region(code),
        as_of=as_of,
        actor=actor,
    )
    return check_roster(roster_import=roster, actor=actor)


def people_of(code: str) -> QuerySet[Learner]:
    """Those whose identity is known."""
    people = Learner.objects.within(region(code)).live().filter(provisional=False)
    return people.order_by("home_region__path", "id_tail")
