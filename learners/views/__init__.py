from learners.views.blanks import (
    import_blank,
)
from learners.views.duplicates import (
    duplicate_again,
    duplicate_apart,
    duplicate_create,
    duplicate_detail,
    duplicate_list,
    duplicate_merge,
    learner_identify,
    merge_undo,
)
from learners.views.editions import (
    edition_bridge_page,
    edition_compose,
    edition_open,
    edition_print,
    edition_seal,
    edition_verify,
)
from learners.views.entries import (
    edition_fill,
    edition_propose,
    entry_add,
    entry_adjust,
    entry_remove,
    entry_update,
)
from learners.views.erasing import (
    erasure_find,
    erasure_list,
    learner_erase,
)
from learners.views.finding import (
    learner_export,
    learner_find,
    learner_list,
)
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
    import_undo,
)
from learners.views.mapping import (
    import_columns,
    import_forget,
    import_places,
)
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
    register_create,
    register_detail,
    register_list,
)
from learners.views.reveal import (
    learner_reveal,
    learner_sheet,
)
from learners.views.rows import (
    import_rows,
)
from learners.views.village_lists import (
    village_confirm,
    village_import,
)

__all__ = [
    "consent_give",
    "consent_withdraw",
    "duplicate_again",
    "duplicate_apart",
    "duplicate_create",
    "duplicate_detail",
    "duplicate_list",
    "duplicate_merge",
    "edition_bridge_page",
    "edition_compose",
    "edition_fill",
    "edition_open",
    "edition_print",
    "edition_propose",
    "edition_seal",
    "edition_verify",
    "entry_add",
    "entry_adjust",
    "entry_remove",
    "entry_update",
    "erasure_find",
    "erasure_list",
    "household_change",
    "household_detail",
    "household_join",
    "household_join_undo",
    "household_sheet",
    "import_abandon",
    "import_blank",
    "import_columns",
    "import_confirm",
    "import_create",
    "import_detail",
    "import_errors",
    "import_forget",
    "import_list",
    "import_places",
    "import_rows",
    "import_undo",
    "learner_detail",
    "learner_erase",
    "learner_export",
    "learner_find",
    "learner_identify",
    "learner_list",
    "learner_reveal",
    "learner_sheet",
    "learner_update",
    "merge_undo",
    "register_create",
    "register_detail",
    "register_list",
    "role_add",
    "role_end",
    "village_confirm",
    "village_import",
]
