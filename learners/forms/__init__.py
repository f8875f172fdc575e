"""What the pages of the archive, of imports and of registers take in."""

from learners.forms.erasing import EraseForm, FindToEraseForm
from learners.forms.fields import (
    offer_several,
)
from learners.forms.imports import (
    TOO_LARGE,
    ColumnsForm,
    PlacesForm,
    UploadForm,
    VillageListForm,
)
from learners.forms.people import (
    ConsentForm,
    EndRoleForm,
    ExportForm,
    FindForm,
    IdentifyForm,
    JoinForm,
    MoveForm,
    PersonForm,
    RevealForm,
    RoleForm,
    WithdrawForm,
)
from learners.forms.registers import (
    AddForm,
    AdjustForm,
    ComposeForm,
    EntryForm,
    FillForm,
    RegisterForm,
    SubjectForm,
)

__all__ = [
    "TOO_LARGE",
    "AddForm",
    "AdjustForm",
    "ColumnsForm",
    "ComposeForm",
    "ConsentForm",
    "EndRoleForm",
    "EntryForm",
    "EraseForm",
    "ExportForm",
    "FillForm",
    "FindForm",
    "FindToEraseForm",
    "IdentifyForm",
    "JoinForm",
    "MoveForm",
    "PersonForm",
    "PlacesForm",
    "RegisterForm",
    "RevealForm",
    "RoleForm",
    "SubjectForm",
    "UploadForm",
    "VillageListForm",
    "WithdrawForm",
    "offer_several",
]
