"""Records that may be one person, as counties have them: what the queue of duplicates is for."""

from datetime import date

from accounts.models import User
from learners.actions import take_in_people
from learners.actions.suspects import compare_learners
from learners.models import Learner
from learners.queries import PersonFacts
from lms.demo.cast import region
from lms.lib import idnumbers


def leave_doubles(code: str, people: list[Learner], *, as_of: date, actor: User) -> None:
    """The first of `people` again with a slip in the number, the second with one in the year."""
    first, second = people
    number, other = first.clear_id_number(), second.clear_id_number()
    doubles = [
        _again(first, f"{number[:14]}{(int(number[14:17]) + 2) % 1000:03d}"),
        _again(second, f"{other[:6]}{int(other[6:10]) + 1}{other[10:17]}", second.clear_phone()),
    ]
    taken = take_in_people(
        people=doubles, as_of=as_of, reach=[code], region=region(code), actor=actor
    )
    found = [row.learner.pk for row in taken if row.learner]
    compare_learners(learners=found, actor=actor)


def _again(learner: Learner, first_17: str, phone: str = "") -> PersonFacts:
    number = first_17 + idnumbers.check_character(first_17)
    return PersonFacts(name=learner.name, id_number=number, home=learner.home_region, phone=phone)
