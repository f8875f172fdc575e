from learners.views.blanks import import_blank
from learners.views.imports import (
    import_abandon,
    import_confirm,
    import_create,
    import_detail,
    import_errors,
    import_list,
    import_undo,
)
from learners.views.people import household_detail, learner_detail, learner_find, learner_list
from learners.views.registers import (
    edition_fill,
    edition_open,
    edition_seal,
    entry_adjust,
    register_create,
    register_detail,
    register_list,
)
from learners.views.rows import import_rows

__all__ = [
    "edition_fill",
    "edition_open",
    "edition_seal",
    "entry_adjust",
    "household_detail",
    "import_abandon",
    "import_blank",
    "import_confirm",
    "import_create",
    "import_detail",
    "import_errors",
    "import_list",
    "import_rows",
    "import_undo",
    "learner_detail",
    "learner_find",
    "learner_list",
    "register_create",
    "register_detail",
    "register_list",
]
