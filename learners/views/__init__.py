from learners.views.households import (
    household_detail,
    household_join,
    household_join_undo,
    household_sheet,
)
from learners.views.imports import (
    import_abandon,
    import_confirm,
    import_create,
    import_detail,
    import_errors,
    import_list,
)
from learners.views.people import learner_find, learner_list
from learners.views.person import (
    consent_give,
    consent_withdraw,
    household_change,
    learner_detail,
    learner_update,
    role_add,
    role_end,
)
from learners.views.registers import (
    edition_fill,
    edition_open,
    edition_seal,
    entry_adjust,
    register_create,
    register_detail,
    register_list,
)
from learners.views.reveal import learner_reveal, learner_sheet

__all__ = [
    "consent_give",
    "consent_withdraw",
    "edition_fill",
    "edition_open",
    "edition_seal",
    "entry_adjust",
    "household_change",
    "household_detail",
    "household_join",
    "household_join_undo",
    "household_sheet",
    "import_abandon",
    "import_confirm",
    "import_create",
    "import_detail",
    "import_errors",
    "import_list",
    "learner_detail",
    "learner_find",
    "learner_list",
    "learner_reveal",
    "learner_sheet",
    "learner_update",
    "register_create",
    "register_detail",
    "register_list",
    "role_add",
    "role_end",
]
