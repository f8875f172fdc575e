from learners.queries.households import (
    household_on,
    household_type_on,
    household_types_on,
    households_on,
)
from learners.queries.matching import Difference, KnownPeople, PersonFacts, known_people, place_name
from learners.queries.places import places_of
from learners.queries.registers import (
    EditionCounts,
    Subject,
    canonical_form,
    edition_counts,
    entries_in_force,
    fill_subjects,
    sealed_edition,
)
from learners.queries.search import (
    TRAINED,
    find_by_number,
    holding_role,
    of_household_type,
    search_learners,
    trained,
)
from learners.queries.timeline import (
    PANELS,
    TIMELINE,
    Panel,
    Timeline,
    TimelineRow,
    learner_timeline,
)

__all__ = [
    "PANELS",
    "TIMELINE",
    "TRAINED",
    "Difference",
    "EditionCounts",
    "KnownPeople",
    "Panel",
    "PersonFacts",
    "Subject",
    "Timeline",
    "TimelineRow",
    "canonical_form",
    "edition_counts",
    "entries_in_force",
    "fill_subjects",
    "find_by_number",
    "holding_role",
    "household_on",
    "household_type_on",
    "household_types_on",
    "households_on",
    "known_people",
    "learner_timeline",
    "of_household_type",
    "place_name",
    "places_of",
    "sealed_edition",
    "search_learners",
    "trained",
]
