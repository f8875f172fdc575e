"""Rows as a roster would bring them."""

from datetime import date

from learners.actions import take_in_people
from learners.models import HouseholdType
from learners.queries import PersonFacts
from tests import factories

DAY = date(2026, 3, 1)


def make_facts(n: int, name: str = "", home: str = "411521001003", **fields) -> PersonFacts:
    type_code = fields.pop("type_code", "GENERAL_POOR")
    return PersonFacts(
        name=name or f"学员{n}",
        id_number=factories.make_id_number(n),
        home=factories.make_region(home),
        phone=fields.pop("phone", f"1380000{n:04d}"),
        household_type=HouseholdType.objects.get(pk=type_code) if type_code else None,
        **fields,
    )


def take_in(*people: PersonFacts, as_of: date = DAY, reach=("411521",), actor=None):
    region = factories.make_region("411521")
    return take_in_people(people=people, as_of=as_of, reach=reach, region=region, actor=actor)
