"""What people type into the pages of courses."""

from courses.forms.attendance import (
    NAMELESS,
    CloseForm,
    CorrectionForm,
    DeskForm,
    LostForm,
    ParkedForm,
    PhotoForm,
    QueueForm,
    WalkInForm,
    WorkFilters,
)
from courses.forms.runs import (
    CandidateFilters,
    CourseFilters,
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
    "CourseFilters",
    "CourseForm",
    "DeskForm",
    "LostForm",
    "ParkedForm",
    "PhotoForm",
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
