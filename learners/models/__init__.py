from learners.models.imports import RosterImport, RosterRow
from learners.models.people import (
    LEARNER_REACH,
    AgeBand,
    Audience,
    Household,
    HouseholdGroup,
    HouseholdStatus,
    HouseholdType,
    Learner,
    Membership,
    RoleHeld,
    Sex,
    id_index,
    phone_index,
)
from learners.models.registers import (
    Register,
    RegisterAdjustment,
    RegisterEdition,
    RegisterEntry,
)

__all__ = [
    "LEARNER_REACH",
    "AgeBand",
    "Audience",
    "Household",
    "HouseholdGroup",
    "HouseholdStatus",
    "HouseholdType",
    "Learner",
    "Membership",
    "Register",
    "RegisterAdjustment",
    "RegisterEdition",
    "RegisterEntry",
    "RoleHeld",
    "RosterImport",
    "RosterRow",
    "Sex",
    "id_index",
    "phone_index",
]
