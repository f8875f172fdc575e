"""The register of personal places (learners.queries.erasing): this app's, and those below it."""

from collections.abc import Callable

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.utils.translation import pgettext_lazy

from accounts.models import User
from learners.models import (
    Consent,
    FactChange,
    HouseholdJoin,
    Membership,
    Merge,
    MergeChange,
    RegisterAdjustment,
    RegisterEntry,
    Reveal,
    RoleHeld,
    RosterImport,
    SuspectedPair,
)
from learners.queries.erasing import GONE, Fate, Personal, Place, Subject, columns_of, paths_of
from learners.queries.roster_traces import roster_traces
from lms.models import ExportFile

ROSTERS, EXPORTS, ACCOUNT, PERSON = (
    "learners.rosters", "lms.exports", "accounts.account", "learners.person",
)  # fmt: skip
SUSPICIONS, ENTRIES = "learners.suspicions", "learners.open_entries"


def counted(rows: Callable[[Subject], QuerySet[Model]]) -> Callable[[Subject], int]:
    return lambda subject: rows(subject).count()


def suspicions(subject: Subject) -> QuerySet[SuspectedPair]:
    mine = Q(first__in=subject.keys) | Q(second__in=subject.keys)
    return SuspectedPair.objects.filter(mine)


def open_entries(subject: Subject) -> QuerySet[RegisterEntry]:
    """Of registers that are not sealed yet: the person stands on them no more."""
    rows = RegisterEntry.objects.filter(edition__sealed_at__isnull=True)
    return rows.filter(Q(learner__in=subject.keys) | Q(household__in=subject.households))


def accounts_of(subject: Subject) -> QuerySet[User]:
    return User.objects.filter(learner__in=subject.keys)


def log_entries(subject: Subject) -> QuerySet[LogEntry]:
    kind = ContentType.objects.get_for_model(User)
    keys = [str(key) for key in accounts_of(subject).values_list("pk", flat=True)]
    return LogEntry.objects.filter(content_type=kind, object_id__in=keys)


def files_named_after(subject: Subject) -> QuerySet[RosterImport]:
    named = Q(pk__in=[])
    for one in subject.people:
        if one.name:
            named |= Q(file_name__contains=one.name)
    return RosterImport.objects.filter(named)


def exports_with(subject: Subject) -> QuerySet[ExportFile]:
    return ExportFile.objects.holding(paths_of(subject))


def _rosters(subject: Subject) -> int:
    return len(roster_traces(subject)) + files_named_after(subject).count()


_FACTS = (
    "id_cipher id_index id_tail name initials native_name sex birth_cipher namesake_index "
    "phone_cipher phone_index ethnicity education political_status disability disability_grade"
)
_DONE = ~Q(undo_reason="")

ERASED = [
    Place(
        PERSON,
        pgettext_lazy("erasing", "Records of the person: name, numbers, birth date, facts"),
        Fate.ERASED,
        columns_of("learners.Learner", _FACTS),
        count=lambda subject: len(subject.people),
    ),
    Place(
        ACCOUNT,
        pgettext_lazy("erasing", "Account to sign in, with its addresses"),
        Fate.ERASED,
        (
            *columns_of("accounts.User", "username display_name email password"),
            *columns_of("account.EmailAddress", "email"),
            *columns_of("account.EmailConfirmation", "key"),
            *columns_of("admin.LogEntry", "object_repr change_message"),
        ),
        count=counted(accounts_of),
    ),
    Place(
        "learners.changes",
        pgettext_lazy("erasing", "Corrections: old and new values, and why"),
        Fate.ERASED,
        columns_of("learners.FactChange", "changes reason"),
        personal=(Personal(FactChange, "learner", {"changes": {}, "reason": GONE}),),
    ),
    Place(
        "learners.reveals",
        pgettext_lazy("erasing", "What the numbers were shown for"),
        Fate.ERASED,
        columns_of("learners.Reveal", "note"),
        personal=(Personal(Reveal, "learner", {"note": GONE}),),
    ),
    Place(
        "learners.merges",
        pgettext_lazy("erasing", "Merges of records: values moved, and why"),
        Fate.ERASED,
        (
            *columns_of("learners.MergeChange", "before after"),
            *columns_of("learners.Merge", "reason undo_reason"),
        ),
        personal=(
            Personal(MergeChange, "merge__kept", {"before": {}, "after": {}}),
            Personal(MergeChange, "merge__merged", {"before": {}, "after": {}}),
            Personal(Merge, "kept", {"reason": GONE}),
            Personal(Merge, "merged", {"reason": GONE}),
            Personal(Merge, "kept", {"undo_reason": GONE}, only=_DONE),
            Personal(Merge, "merged", {"undo_reason": GONE}, only=_DONE),
        ),
        count=lambda subject: Merge.objects.filter(
            Q(kept__in=subject.keys) | Q(merged__in=subject.keys)
        ).count(),
    ),
    Place(
        SUSPICIONS,
        pgettext_lazy("erasing", "Questions whether two records are one person"),
        Fate.ERASED,
        columns_of("learners.SuspectedPair", "kinds reason"),
        count=counted(suspicions),
    ),
    Place(
        "learners.joins",
        pgettext_lazy("erasing", "Why households of the person were joined"),
        Fate.ERASED,
        columns_of("learners.HouseholdJoin", "reason"),
        personal=(
            Personal(HouseholdJoin, "into__memberships__learner", {"reason": GONE}),
            Personal(HouseholdJoin, "source__memberships__learner", {"reason": GONE}),
        ),
    ),
    Place(
        ROSTERS,
        pgettext_lazy("erasing", "Uploaded rosters: rows, sample rows, and files that wait"),
        Fate.ERASED,
        (
            *columns_of("learners.RosterRow", "raw_cipher hints before_cipher"),
            *columns_of("learners.RosterImport", "file file_name reading_cipher"),
            *columns_of("learners.RosterFileHints", "hints"),
            *columns_of("lms.TaskProgress", "title"),
        ),
        count=_rosters,
    ),
    Place(
        ENTRIES,
        pgettext_lazy("erasing", "Entries of registers that are not sealed"),
        Fate.ERASED,
        count=counted(open_entries),
    ),
    Place(
        "learners.entry_words",
        pgettext_lazy("erasing", "What sealed registers and their adjustments say in words"),
        Fate.ERASED,
        (
            *columns_of("learners.RegisterEntry", "reason project drive_way"),
            *columns_of("learners.RegisterAdjustment", "reason"),
        ),
        personal=(
            Personal(
                RegisterEntry,
                "learner",
                {"reason": "", "project": "", "drive_way": ""},
                households="household",
                only=Q(edition__sealed_at__isnull=False) & ~Q(reason="", project="", drive_way=""),
            ),
            Personal(
                RegisterAdjustment,
                "entry__learner",
                {"reason": GONE},
                households="entry__household",
            ),
        ),
    ),
    Place(
        EXPORTS,
        pgettext_lazy("erasing", "Files made for download that may hold the person"),
        Fate.ERASED,
        columns_of("lms.ExportFile", "file link_sha256"),
        count=counted(exports_with),
    ),
    Place(
        "lms.files",
        pgettext_lazy("erasing", "Files waiting to be removed from the disk"),
        Fate.ERASED,
        columns_of("lms.FileToRemove", "name"),
    ),
]

KEPT = [
    Place(
        "learners.sealed_entries",
        pgettext_lazy("erasing", "Entries of sealed registers"),
        Fate.KEPT,
        columns_of("learners.RegisterEntry", "surveyed_by"),
        why=pgettext_lazy(
            "erasing",
            "A rate is measured by them. They hold no name, and of the person a keyed hash alone.",
        ),
        count=lambda subject: RegisterEntry.objects.filter(
            learner__in=subject.keys, edition__sealed_at__isnull=False
        ).count(),
    ),
    Place(
        "learners.editions",
        "Sealed editions",
        Fate.NOBODY,
        columns_of("learners.RegisterEdition", "salt canonical sha256"),
        why="The canonical form holds keyed hashes of record keys, no number and no name.",
    ),
    Place(
        "learners.history",
        pgettext_lazy("erasing", "Household, roles and home region, with their dates"),
        Fate.KEPT,
        columns_of("learners.Household", "number"),
        why=pgettext_lazy("erasing", "Households, audiences and leaders are counted by them."),
        count=lambda subject: (
            Membership.objects.filter(learner__in=subject.keys).count()
            + RoleHeld.objects.filter(learner__in=subject.keys).count()
        ),
    ),
    Place(
        "learners.consents",
        pgettext_lazy("erasing", "Consents given and withdrawn"),
        Fate.KEPT,
        columns_of("learners.Consent", "text_edition"),
        why=pgettext_lazy(
            "erasing", "They show that the data could be used until now: purpose and dates."
        ),
        count=lambda subject: Consent.objects.filter(learner__in=subject.keys).count(),
    ),
    Place(
        "lms.trail",
        pgettext_lazy("erasing", "Lines of the audit trail"),
        Fate.KEPT,
        (
            *columns_of(
                "lms.AuditEvent", "action target_type target_id region_path detail request_id"
            ),
            *columns_of("lms.AuditSeal", "seal"),
        ),
        why=pgettext_lazy(
            "erasing", "They are sealed in a chain and hold nothing personal: who did what, when."
        ),
    ),
    Place(
        "learners.erasure",
        "That somebody was erased",
        Fate.NOBODY,
        columns_of("learners.Erasure", "note counts"),
        why="The action refuses the person's own words in the note.",
    ),
]

EXPIRES = [
    Place(
        "sessions",
        pgettext_lazy("erasing", "A sign-in of the person that is still open"),
        Fate.EXPIRES,
        columns_of("sessions.Session", "session_key session_data"),
        why=pgettext_lazy("erasing", "It opens nothing any more, and is gone after 12 hours."),
    ),
    Place(
        "backups",
        pgettext_lazy("erasing", "Backups"),
        Fate.EXPIRES,
        why=pgettext_lazy(
            "erasing",
            "Gone after 35 days at most; after a restore the list of erasures is replayed.",
        ),
    ),
]

NOBODY = [
    Place("framework", "Rights, kinds of record, queued work", Fate.NOBODY, (
        *columns_of("admin.LogEntry", "object_id"),
        *columns_of("auth.Permission", "name codename"),
        *columns_of("auth.Group", "name"),
        *columns_of("contenttypes.ContentType", "app_label model"),
        *columns_of(
            "django_tasks_database.DBTaskResult",
            "args_kwargs task_path worker_ids queue_name backend_name return_value "
            "exception_class_path traceback",
        ),
    ), why="A queued task names the key of its progress alone, and catches what it raises."),
    Place("lms.work", "Work, kept filters, exports", Fate.NOBODY, (
        *columns_of("lms.TaskProgress", "kind key args result result_url error"),
        *columns_of("lms.WorkerBeat", "name"),
        *columns_of("lms.SavedFilter", "page name query"),
        *columns_of("lms.ExportFile", "title region_path reason columns sha256"),
    ), why="Keys and counts; a filter keeps nothing typed; an export is of many people."),
    Place("regions", "Regions", Fate.NOBODY, (
        *columns_of("regions.Region", "code path name"),
        *columns_of("regions.ServicePoint", "name"),
    )),
    Place("accounts.staff", "Tablets and codes of staff", Fate.NOBODY, (
        *columns_of("accounts.Device", "label token_sha256 app_version"),
        *columns_of("accounts.EnrolCode", "code_sha256"),
    )),
    Place("learners.rest", "Kinds, hashes, verdicts, layouts", Fate.NOBODY, (
        *columns_of("learners.HouseholdType", "code name"),
        *columns_of("learners.RosterImport", "file_sha256 refusal summary answers undo_reason"),
        *columns_of("learners.RosterLayout", "fingerprint answer"),
        *columns_of("learners.RosterRow", "sheet codes"),
        *columns_of("learners.MergeChange", "model row"),
        *columns_of("learners.HouseholdJoin", "moved"),
        *columns_of("learners.Register", "kinds"),
    ), why="Of a file or of headings as a whole; keys of rows."),
]  # fmt: skip


def own_places() -> list[Place]:
    return [*ERASED, *KEPT, *EXPIRES, *NOBODY]
