"""What people type into the pages of courses."""

from courses.forms.attendance import (
    NAMELESS,
    CloseForm,
    CorrectionForm,
    DeskForm,
    LostForm,
    ParkedForm,
    PhotoForm,
    PictureForm,
    QueueForm,
    WalkInForm,
    WorkFilters,
)
from courses.forms.runs import (
    CandidateFilters,
    CourseForm,
    PlaceForm,
    ReasonForm,
    RunDatesForm,
    RunFilters,
    RunForm,
    SessionForm,
    SessionsForm,
)

__all__ = [
    "NAMELESS",
    "CandidateFilters",
    "CloseForm",
    "CorrectionForm",
    "CourseForm",
    "DeskForm",
    "LostForm",
    "ParkedForm",
    "PhotoForm",
    "PictureForm",
    "PlaceForm",
    "QueueForm",
    "ReasonForm",
    "RunDatesForm",
    "RunFilters",
    "RunForm",
    "SessionForm",
    "SessionsForm",
    "WalkInForm",
    "WorkFilters",
]
