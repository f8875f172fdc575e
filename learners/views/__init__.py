from learners.views.finding import learner_export, learner_find, learner_list
from learners.views.imports import (
    import_abandon,
    import_confirm,
    import_create,
    import_detail,
    import_errors,
    import_list,
)
from learners.views.people import household_detail, learner_detail
from learners.views.registers import (
    edition_fill,
    edition_open,
    edition_seal,
    entry_adjust,
    register_create,
    register_detail,
    register_list,
)

__all__ = [
    "edition_fill",
    "edition_open",
    "edition_seal",
    "entry_adjust",
    "household_detail",
    "import_abandon",
    "import_confirm",
    "import_create",
    "import_detail",
    "import_errors",
    "import_list",
    "learner_detail",
    "learner_export",
    "learner_find",
    "learner_list",
    "register_create",
    "register_detail",
    "register_list",
]
