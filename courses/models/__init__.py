"""Courses, runs, sessions, enrolments, and attendance as events with a projection."""

from courses.models.attendance import ATTENDED, AttendanceState, AttendanceStatus, MarkEvent
from courses.models.enrolments import Enrolment, EnrolmentQuerySet
from courses.models.planning import (
    ClassSession,
    ClassSessionQuerySet,
    CompletionRule,
    Course,
    CourseRun,
    CourseRunQuerySet,
    Instructor,
    TrainingSite,
)
from courses.models.tablets import (
    BackupMark,
    ParkedRow,
    SealKey,
    SessionEvidence,
    SyncBatch,
    TakenSeq,
)

__all__ = [
    "ATTENDED",
    "AttendanceState",
    "AttendanceStatus",
    "BackupMark",
    "ClassSession",
    "ClassSessionQuerySet",
    "CompletionRule",
    "Course",
    "CourseRun",
    "CourseRunQuerySet",
    "Enrolment",
    "EnrolmentQuerySet",
    "Instructor",
    "MarkEvent",
    "ParkedRow",
    "SealKey",
    "SessionEvidence",
    "SyncBatch",
    "TakenSeq",
    "TrainingSite",
]
