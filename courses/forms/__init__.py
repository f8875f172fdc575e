"""What people type into the pages of courses."""

from courses.forms.attendance import (
    CloseForm,
    CorrectionForm,
    DeskForm,
    LostForm,
    PhotoForm,
    QueueForm,
    WalkInForm,
    WorkFilters,
)
from courses.forms.custody import NAMELESS, CustodyForm, ParkedForm, PictureForm, session_title
from courses.forms.runs import (
    CandidateFilters,
    CourseFilters,
    CourseForm,
    PlaceForm,
    ReasonForm,
    RunDatesForm,
    RunFilters,
    RunForm,
    RunPeopleFilters,
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
    "CustodyForm",
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
    "RunPeopleFilters",
    "SessionForm",
    "SessionsForm",
    "WalkInForm",
    "WorkFilters",
    "session_title",
]
