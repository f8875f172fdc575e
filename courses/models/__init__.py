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
    ParkedPicture,
    ParkedRow,
    SealKey,
    SessionEvidence,
    SyncBatch,
    TakenSeq,
)
from courses.models.worklist import CloseQuestion, MarkQuestion, SessionCheck

__all__ = [
    "ATTENDED",
    "AttendanceState",
    "AttendanceStatus",
    "BackupMark",
    "ClassSession",
    "ClassSessionQuerySet",
    "CloseQuestion",
    "CompletionRule",
    "Course",
    "CourseRun",
    "CourseRunQuerySet",
    "Enrolment",
    "EnrolmentQuerySet",
    "Instructor",
    "MarkEvent",
    "MarkQuestion",
    "ParkedPicture",
    "ParkedRow",
    "SealKey",
    "SessionCheck",
    "SessionEvidence",
    "SyncBatch",
    "TakenSeq",
    "TrainingSite",
]
