"""The columns of the lists of users and of the trail."""

import uuid
from functools import cache
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_tables2 import Column

from accounts.models import Grant, User
from lms.lib.scope import Role
from lms.lists import DayColumn, ListTable
from lms.models import AuditEvent
from lms.templatetags.ui import chip

#: What the codes of the trail are called; one without a name stands as it is.
ACTION_WORDS: dict[str, Any] = {
    "accounts.grant_added": gettext_lazy("Role granted"),
    "accounts.grant_ended": gettext_lazy("Role ended"),
    "accounts.grant_withdrawn": gettext_lazy("Role taken back before it held"),
    "accounts.password_set": gettext_lazy("Password set"),
    "accounts.sign_in_failed": gettext_lazy("Sign-in failed"),
    "accounts.signed_in": gettext_lazy("Signed in"),
    "accounts.signed_out": gettext_lazy("Signed out"),
    "accounts.trainee_created": gettext_lazy("Trainee's sign-in created"),
    "accounts.user_created": gettext_lazy("User created"),
    "accounts.user_deactivated": gettext_lazy("User deactivated"),
    "accounts.user_reactivated": gettext_lazy("User let in again"),
    "certificates.copy_made": gettext_lazy("Copy of a certificate made"),
    "certificates.holder_erased": gettext_lazy("Holder of a certificate erased"),
    "certificates.issued": gettext_lazy("Certificates issued"),
    "certificates.issuer_created": gettext_lazy("Issuer created"),
    "certificates.issuer_renamed": gettext_lazy("Issuer renamed"),
    "certificates.looked_up": gettext_lazy("Certificates looked up at the desk"),
    "certificates.pack_erased": gettext_lazy("File of certificates erased"),
    "certificates.pack_fetched": gettext_lazy("File of certificates downloaded"),
    "certificates.packed": gettext_lazy("File of certificates made"),
    "certificates.pdf_signed": gettext_lazy("Certificate file signed"),
    "certificates.pdf_stored": gettext_lazy("Certificate file stored"),
    "certificates.reissued": gettext_lazy("Certificate issued anew"),
    "certificates.review_needed": gettext_lazy("Certificate to be reviewed"),
    "certificates.revoked": gettext_lazy("Certificate revoked"),
    "certificates.sheet_printed": gettext_lazy("Register of certificates printed"),
    "certificates.template_made": gettext_lazy("Template of certificates made"),
    "certificates.template_put_in_use": gettext_lazy("Template of certificates put in use"),
    "certificates.template_withdrawn": gettext_lazy("Template of certificates withdrawn"),
    "courses.course_added": gettext_lazy("Course added"),
    "courses.enrolment_withdrawn": gettext_lazy("Enrolment withdrawn"),
    "courses.instructor_added": gettext_lazy("Instructor added"),
    "courses.late_marks_accepted": gettext_lazy("Late marks accepted"),
    "courses.learners_enrolled": gettext_lazy("Learners enrolled"),
    "courses.mark_corrected": gettext_lazy("Mark corrected"),
    "courses.marks_recorded": gettext_lazy("Marks recorded"),
    "courses.projection_rebuilt": gettext_lazy("Attendance worked out anew"),
    "courses.run_cancelled": gettext_lazy("Run cancelled"),
    "courses.run_completed": gettext_lazy("Completion worked out"),
    "courses.run_edited": gettext_lazy("Run changed"),
    "courses.run_opened": gettext_lazy("Run opened"),
    "courses.run_planned": gettext_lazy("Run planned"),
    "courses.session_cancelled": gettext_lazy("Session cancelled"),
    "courses.session_closed": gettext_lazy("Session closed"),
    "courses.session_planned": gettext_lazy("Session planned"),
    "courses.sessions_planned": gettext_lazy("Sessions planned"),
    "courses.session_rescheduled": gettext_lazy("Session rescheduled"),
    "courses.site_added": gettext_lazy("Training site added"),
    "courses.waiting_promoted": gettext_lazy("Waiting person moved up"),
    "courses.walk_in_added": gettext_lazy("Walk-in added"),
    "incubation.baseline_recorded": gettext_lazy("Baseline recorded"),
    "incubation.case_assigned": gettext_lazy("Case handed over"),
    "incubation.case_opened": gettext_lazy("Case opened"),
    "incubation.earnings_reported": gettext_lazy("Earnings reported"),
    "incubation.shop_opened": gettext_lazy("Shop recorded"),
    "incubation.visit_recorded": gettext_lazy("Visit recorded"),
    "learners.check_asked": gettext_lazy("Check of a roster asked for"),
    "learners.edition_opened": gettext_lazy("Register edition opened"),
    "learners.edition_sealed": gettext_lazy("Register edition sealed"),
    "learners.error_workbook_downloaded": gettext_lazy("Error workbook downloaded"),
    "learners.import_abandoned": gettext_lazy("Roster abandoned"),
    "learners.import_confirmed": gettext_lazy("Roster confirmed"),
    "learners.people_taken_in": gettext_lazy("People taken in"),
    "learners.preview_exported": gettext_lazy("Preview of a roster exported"),
    "learners.register_adjusted": gettext_lazy("Register adjusted"),
    "learners.register_created": gettext_lazy("Register created"),
    "learners.register_entry_removed": gettext_lazy("Register entry removed"),
    "learners.register_filled": gettext_lazy("Register filled"),
    "learners.roster_checked": gettext_lazy("Roster checked"),
    "learners.roster_erased": gettext_lazy("Roster erased when its time was over"),
    "learners.roster_file_erased": pgettext_lazy("trail", "File of a roster erased"),
    "learners.roster_imported": gettext_lazy("Roster imported"),
    "learners.roster_received": gettext_lazy("Roster received"),
    "learners.roster_refused": gettext_lazy("Roster refused"),
    "learners.roster_undone": gettext_lazy("Import taken back"),
    "learners.sign_in_given": gettext_lazy("Sign-in given to a learner"),
    "learners.undo_asked": gettext_lazy("Taking an import back asked for"),
    "learners.undo_begun": gettext_lazy("Taking an import back begun"),
    "certificates.book_region": pgettext_lazy("trail", "Book of certificates of a region made"),
    "certificates.day_signed": pgettext_lazy("trail", "Certificates of a day signed"),
    "certificates.key_taken_in_use": pgettext_lazy("trail", "Signing key taken into use"),
    "certificates.pack_run": pgettext_lazy("trail", "Certificates of a run packed"),
    "courses.backup_marked": pgettext_lazy("trail", "Backup begun"),
    "courses.backup_stored": pgettext_lazy("trail", "Backup stored"),
    "courses.device_enrolled": pgettext_lazy("trail", "Tablet enrolled"),
    "courses.device_lost": pgettext_lazy("trail", "Tablet reported lost"),
    "courses.device_retired": pgettext_lazy("trail", "Tablet retired"),
    "courses.enrol_code_issued": pgettext_lazy("trail", "Code for a tablet issued"),
    "courses.evidence_removed": pgettext_lazy("trail", "Photo removed"),
    "courses.evidence_shown": pgettext_lazy("trail", "Photo looked at"),
    "courses.head_count_decided": pgettext_lazy("trail", "Head count decided"),
    "courses.marks_confirmed": pgettext_lazy("trail", "Marks confirmed"),
    "courses.parked_picture_shown": pgettext_lazy("trail", "Photo in custody looked at"),
    "courses.parked_row_erased": pgettext_lazy("trail", "Row in custody erased"),
    "courses.custody_hinted": pgettext_lazy("trail", "Sealed rows made findable for erasing"),
    "courses.parked_row_resolved": pgettext_lazy("trail", "Row in custody decided"),
    "courses.picture_parked": pgettext_lazy("trail", "Photo taken into custody"),
    "courses.picture_resolved": pgettext_lazy("trail", "Photo in custody decided"),
    "courses.row_failed": pgettext_lazy("trail", "Row that breaks the server kept apart"),
    "courses.queue_imported": pgettext_lazy("trail", "Queue file taken in"),
    "courses.seal_key_made": pgettext_lazy("trail", "Key for walk-ins made"),
    "courses.session_checked": pgettext_lazy("trail", "Session checked"),
    "incubation.support_recorded": pgettext_lazy("trail", "Support recorded"),
    "incubation.support_voided": pgettext_lazy("trail", "Support struck out"),
    "learners.check_roster": pgettext_lazy("trail", "Roster being checked"),
    "learners.import_roster": pgettext_lazy("trail", "Roster being imported"),
    "learners.undo_import": pgettext_lazy("trail", "Import being undone"),
    "learners.columns_answered": pgettext_lazy("trail", "Columns answered"),
    "learners.columns_asked": pgettext_lazy("trail", "Columns asked"),
    "learners.columns_forgotten": pgettext_lazy("trail", "Remembered columns forgotten"),
    "learners.consent_given": pgettext_lazy("trail", "Consent given"),
    "learners.consent_withdrawn": pgettext_lazy("trail", "Consent withdrawn"),
    "learners.duplicates_asked_again": pgettext_lazy("trail", "Possible duplicates asked again"),
    "learners.duplicates_told_apart": pgettext_lazy("trail", "Told apart"),
    "learners.edition_composed": pgettext_lazy("trail", "Edition composed"),
    "learners.edition_printed": pgettext_lazy("trail", "Edition printed"),
    "learners.household_changed": pgettext_lazy("trail", "Household changed"),
    "learners.household_join_undone": pgettext_lazy("trail", "Join of households undone"),
    "learners.household_sheet_printed": pgettext_lazy("trail", "Household sheet printed"),
    "learners.households_joined": pgettext_lazy("trail", "Households joined"),
    "learners.identity_revealed": pgettext_lazy("trail", "Number seen in full"),
    "learners.learner_erased": pgettext_lazy("trail", "Person erased"),
    "learners.learner_sheet_printed": pgettext_lazy("trail", "Archive printed"),
    "learners.merge_undone": pgettext_lazy("trail", "Merge undone"),
    "learners.merged": pgettext_lazy("trail", "Records merged"),
    "learners.namesakes_indexed": pgettext_lazy("trail", "Names indexed"),
    "learners.person_corrected": pgettext_lazy("trail", "Facts corrected"),
    "learners.places_picked": pgettext_lazy("trail", "Places picked"),
    "learners.posts_held": pgettext_lazy("trail", "Posts recorded"),
    "learners.register_entry_changed": pgettext_lazy("trail", "Entry of a register changed"),
    "learners.role_ended": pgettext_lazy("trail", "Role of a person ended"),
    "learners.role_held": pgettext_lazy("trail", "Role of a person recorded"),
    "learners.find_duplicates": pgettext_lazy("trail", "Search for duplicates"),
    "lms.export_asked": gettext_lazy("File of people asked for"),
    "lms.export_downloaded": gettext_lazy("File of people downloaded"),
    "lms.export_downloaded_again": gettext_lazy("File of people downloaded again"),
    "lms.export_erased": gettext_lazy("File of people erased"),
    "lms.export_link_given": gettext_lazy("Link to a file of people given"),
    "lms.export_made": gettext_lazy("File of people made"),
    "lms.filter_deleted": gettext_lazy("Kept filter deleted"),
    "lms.filter_saved": gettext_lazy("Filter kept"),
    "lms.list_exported": gettext_lazy("List exported"),
    "lms.task_started": gettext_lazy("Background work started"),
    "courses.evidence_stored": gettext_lazy("Photo kept"),
    "courses.events_pushed": gettext_lazy("Marks of a tablet received"),
    "learners.duplicates_suspected": gettext_lazy("Possible duplicates found"),
    "quotas.check_committed": gettext_lazy("Check committed"),
    "quotas.check_drawn": gettext_lazy("Check sample drawn"),
    "quotas.edition_attached": gettext_lazy("Register edition attached"),
    "quotas.finding_recorded": gettext_lazy("Finding recorded"),
    "quotas.list_exported": gettext_lazy("List exported"),
    "quotas.plan_created": gettext_lazy("Plan created"),
    "quotas.plan_revised": gettext_lazy("Plan revised"),
    "quotas.quota_added": gettext_lazy("Quota added"),
    "quotas.quota_cascaded": gettext_lazy("Quota cascaded"),
    "regions.regions_loaded": gettext_lazy("Regions loaded"),
}
#: Words for the kinds of record whose model has none.
KIND_WORDS: dict[str, Any] = {
    "accounts.enrolcode": pgettext_lazy("trail", "code for a tablet"),
    "certificates.issuerkey": pgettext_lazy("trail", "signing key"),
    "certificates.dailyroot": pgettext_lazy("trail", "certificates of a day"),
    "certificates.certificatecopy": pgettext_lazy("trail", "copy of a certificate"),
    "courses.backupmark": pgettext_lazy("trail", "backup"),
    "courses.markevent": pgettext_lazy("trail", "mark"),
    "courses.parkedpicture": pgettext_lazy("trail", "photo in custody"),
    "courses.parkedrow": pgettext_lazy("trail", "row in custody"),
    "courses.sealkey": pgettext_lazy("trail", "key for walk-ins"),
    "courses.sessioncheck": pgettext_lazy("trail", "check of a session"),
    "courses.sessionevidence": pgettext_lazy("trail", "photo of a session"),
    "courses.syncbatch": pgettext_lazy("trail", "upload of a tablet"),
    "learners.householdtype": pgettext_lazy("trail", "household type"),
    "learners.registeradjustment": pgettext_lazy("trail", "change of a register"),
    "learners.registerentry": pgettext_lazy("trail", "entry of a register"),
    "learners.roleheld": pgettext_lazy("trail", "role of a person"),
    "learners.rosterrow": pgettext_lazy("trail", "row of a roster"),
    "learners.membership": pgettext_lazy("trail", "household member"),
    "learners.mergechange": pgettext_lazy("trail", "merge of records"),
    "incubation.baseline": pgettext_lazy("trail", "income baseline"),
    "lms.savedfilter": pgettext_lazy("trail", "kept filter"),
    "lms.taskprogress": pgettext_lazy("trail", "background work"),
    "quotas.checkitem": pgettext_lazy("trail", "drawn item"),
    "quotas.checkplan": pgettext_lazy("trail", "check"),
}
#: What the keys of a detail are called; one without a name stands as it is.
DETAIL_WORDS: dict[str, Any] = {
    "role": pgettext_lazy("trail", "Role"),
    "region": pgettext_lazy("trail", "Region"),
    "starts_on": pgettext_lazy("trail", "From"),
    "ends_on": pgettext_lazy("trail", "Until"),
    "last_day": pgettext_lazy("trail", "Last day"),
    "known_user": pgettext_lazy("trail", "Known user name"),
    "reason": pgettext_lazy("trail", "Reason"),
    "before": pgettext_lazy("trail", "Before"),
    "after": pgettext_lazy("trail", "After"),
    "head_count": pgettext_lazy("trail", "Heads counted"),
    "learner": pgettext_lazy("trail", "Learner"),
    "learners": pgettext_lazy("trail", "Learners"),
    "enrolment": pgettext_lazy("trail", "Enrolment"),
    "enrolments": pgettext_lazy("trail", "Enrolments"),
    "number": pgettext_lazy("trail", "Number"),
    "numbers": pgettext_lazy("trail", "Numbers"),
    "no": pgettext_lazy("trail", "Edition"),
    "edition": pgettext_lazy("trail", "Edition"),
    "rows": pgettext_lazy("trail", "Rows"),
    "person_rows": pgettext_lazy("trail", "Rows of people"),
    "clean_rows": pgettext_lazy("trail", "Rows without fault"),
    "count": pgettext_lazy("trail", "Count"),
    "n": pgettext_lazy("trail", "Count"),
    "added": pgettext_lazy("trail", "Added"),
    "entries": pgettext_lazy("trail", "Entries"),
    "entry": pgettext_lazy("trail", "Entry"),
    "events": pgettext_lazy("trail", "Marks"),
    "kind": pgettext_lazy("trail", "Kind"),
    "code": pgettext_lazy("trail", "Code"),
    "prefix": pgettext_lazy("trail", "Prefix"),
    "year": pgettext_lazy("trail", "Year"),
    "month": pgettext_lazy("trail", "Month"),
    "as_of": pgettext_lazy("trail", "As of"),
    "happened_on": pgettext_lazy("trail", "Happened on"),
    "opened_on": pgettext_lazy("trail", "Opened on"),
    "purpose": pgettext_lazy("trail", "Purpose"),
    "issuer": pgettext_lazy("trail", "Issuer"),
    "case": pgettext_lazy("trail", "Case"),
    "stage": pgettext_lazy("trail", "Stage"),
    "platform": pgettext_lazy("trail", "Platform"),
    "amount": pgettext_lazy("trail", "Amount"),
    "grade": pgettext_lazy("trail", "Grade of evidence"),
    "measure": pgettext_lazy("trail", "Measure"),
    "target": pgettext_lazy("trail", "Target"),
    "finding": pgettext_lazy("trail", "Finding"),
    "population": pgettext_lazy("trail", "Population"),
    "list": pgettext_lazy("trail", "List"),
    "columns": pgettext_lazy("trail", "Columns"),
    "bytes": pgettext_lazy("trail", "Bytes"),
    "sha256": pgettext_lazy("trail", "Fingerprint"),
    "provisional": pgettext_lazy("trail", "Provisional"),
    "CREATED": pgettext_lazy("trail", "New records"),
    "CHANGED": pgettext_lazy("trail", "Records changed"),
    "MATCHED": pgettext_lazy("trail", "Records already known"),
    "accepted": pgettext_lazy("trail", "Taken in"),
    "duplicate": pgettext_lazy("trail", "Received before"),
    "duplicates": pgettext_lazy("trail", "Received before"),
    "parked": pgettext_lazy("trail", "In custody"),
    "unreadable": pgettext_lazy("trail", "Unreadable"),
    "errors": pgettext_lazy("trail", "Refused"),
    "said": pgettext_lazy("trail", "Marks said"),
    "pictures": pgettext_lazy("trail", "Pictures"),
    "batch": pgettext_lazy("trail", "Batch"),
    "waiting": pgettext_lazy("trail", "Waiting"),
    "already": pgettext_lazy("trail", "Enrolled before"),
    "enrolled": pgettext_lazy("trail", "Enrolled"),
    "sessions": pgettext_lazy("trail", "Sessions"),
    "starts_at": pgettext_lazy("trail", "Begins at"),
    "course": pgettext_lazy("trail", "Course"),
    "completed": pgettext_lazy("trail", "Completed"),
    "not_completed": pgettext_lazy("trail", "Not completed"),
    "places": pgettext_lazy("trail", "Places"),
    "tablets": pgettext_lazy("trail", "Tablets"),
    "event": pgettext_lazy("trail", "Mark"),
    "taken_in": pgettext_lazy("trail", "Taken in"),
    "difference": pgettext_lazy("trail", "Difference"),
    "assignee": pgettext_lazy("trail", "Person in charge"),
    "plan": pgettext_lazy("trail", "Plan"),
    "from": pgettext_lazy("trail", "From (before)"),
    "to": pgettext_lazy("trail", "To (after)"),
    "members": pgettext_lazy("trail", "Household members"),
    "old": pgettext_lazy("trail", "Before"),
    "new": pgettext_lazy("trail", "After"),
    "replaces": pgettext_lazy("trail", "Replaces"),
    "given_on": pgettext_lazy("trail", "Given on"),
    "means": pgettext_lazy("trail", "Given by"),
    "withdrawn_on": pgettext_lazy("trail", "Withdrawn on"),
    "purposes": pgettext_lazy("trail", "Purposes"),
    "form": pgettext_lazy("trail", "Form"),
    "book": pgettext_lazy("trail", "As one book"),
    "format": pgettext_lazy("trail", "Format"),
    "files": pgettext_lazy("trail", "Files"),
    "first": pgettext_lazy("trail", "First number"),
    "last": pgettext_lazy("trail", "Last number"),
    "how": pgettext_lazy("trail", "How"),
    "fingerprint": pgettext_lazy("trail", "Fingerprint"),
    "design_sha256": pgettext_lazy("trail", "Fingerprint of the design"),
    "statement": pgettext_lazy("trail", "Statement"),
    "day": pgettext_lazy("trail", "Day"),
    "fields": pgettext_lazy("trail", "Fields"),
    "kinds": pgettext_lazy("trail", "Kinds"),
    "subject": pgettext_lazy("trail", "Unit of the register"),
    "parts": pgettext_lazy("trail", "Parts"),
    "pairs": pgettext_lazy("trail", "Pairs"),
    "people": pgettext_lazy("trail", "People"),
    "kept": pgettext_lazy("trail", "Record kept"),
    "merged": pgettext_lazy("trail", "Record merged"),
    "into": pgettext_lazy("trail", "Into household"),
    "join": pgettext_lazy("trail", "Join"),
    "moved": pgettext_lazy("trail", "Moved"),
    "doubts": pgettext_lazy("trail", "Open questions"),
    "sheets": pgettext_lazy("trail", "Sheets"),
    "remembered": pgettext_lazy("trail", "Remembered"),
    "picked": pgettext_lazy("trail", "Places picked"),
    "layouts": pgettext_lazy("trail", "Remembered layouts"),
    "of": pgettext_lazy("trail", "Revision of"),
    "targets": pgettext_lazy("trail", "Targets"),
    "reserve": pgettext_lazy("trail", "Reserve"),
    "seed": pgettext_lazy("trail", "Seed"),
    "commitment": pgettext_lazy("trail", "Commitment"),
    "page": pgettext_lazy("trail", "Page"),
    "unmasked": pgettext_lazy("trail", "Full numbers"),
    "renamed": pgettext_lazy("trail", "Renamed"),
    "unchanged": pgettext_lazy("trail", "Unchanged"),
}
#: Keys that hold a value of a field of another name.
FIELD_OF = {"before": "status", "after": "status", "old": "status", "new": "status", "form": "kind"}
#: Answers that are given by a code and stand in no field.
ANSWER_WORDS: dict[str, Any] = {
    "lost": pgettext_lazy("trail", "Lost"),
    "stolen": pgettext_lazy("trail", "Stolen"),
    "broken": pgettext_lazy("trail", "Broken"),
    "given_away": pgettext_lazy("trail", "In the hands of somebody else"),
}
#: A longer value is shown in part: a fingerprint by its end, what a machine wrote by its beginning.
MOST_LETTERS = 30


class UserTable(ListTable):
    caption = gettext_lazy("Users")
    empty_icon = "users"
    empty_title = gettext_lazy("No users yet")
    empty_text = gettext_lazy("Here stand the people with a role in your regions.")

    display_name = Column(verbose_name=gettext_lazy("Name"))
    username = Column(verbose_name=gettext_lazy("User name"))
    roles_held = Column(verbose_name=gettext_lazy("Roles today"), orderable=False, empty_values=())
    last_login = DayColumn(verbose_name=gettext_lazy("Last sign-in"), moment=True)
    is_active = Column(verbose_name=gettext_lazy("State"))

    def render_display_name(self, value: str, record: User) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("accounts:user_detail", args=[record.pk]), value
        )

    def render_roles_held(self, value: Any) -> SafeString | str:
        lines = [(f"{grant.get_role_display()} · {_region_name(grant)}",) for grant in value]
        return format_html_join("", '<span class="line">{} </span>', lines) if lines else "—"

    def render_is_active(self, value: Any, record: User) -> SafeString:
        if record.is_active:
            return chip("good", "check", _("May sign in"))
        return chip("mute", "lock", _("Deactivated"))


def _region_name(grant: Grant) -> str:
    return grant.region.name if grant.region else _("Whole country")


class AuditTable(ListTable):
    caption = gettext_lazy("Audit trail")
    empty_icon = "history"
    empty_title = gettext_lazy("Nothing on the trail yet")
    empty_text = gettext_lazy("Every sign-in and every change in your regions leaves a line here.")

    at = DayColumn(verbose_name=gettext_lazy("Time"), moment=True)
    actor = Column(verbose_name=gettext_lazy("Who"), orderable=False, empty_values=())
    action = Column(verbose_name=gettext_lazy("Action"))
    region_name = Column(verbose_name=gettext_lazy("Region"), orderable=False)
    target_id = Column(verbose_name=gettext_lazy("Record concerned"), orderable=False)
    detail = Column(verbose_name=gettext_lazy("Detail"), orderable=False, empty_values=())

    def render_actor(self, value: User | None) -> str:
        if value is None:
            return _("System")
        if value.display_name:
            return value.display_name
        # The name of a trainee stays on the learner.
        return _("Trainee's account %(username)s") % {"username": value.username}

    def render_action(self, value: str) -> Any:
        return ACTION_WORDS.get(value, value)

    def render_target_id(self, value: str, record: AuditEvent) -> SafeString:
        kind = _kind(record.target_type)
        return format_html(
            '{} <span class="cap mono" title="{}">{}</span>', kind, value, _short(value)
        )

    def value_target_id(self, value: str, record: AuditEvent) -> str:
        return f"{_kind(record.target_type)} {value}"

    def render_detail(self, value: dict[str, Any], record: AuditEvent) -> str:
        lines = (_word(key, _fact(key, fact, record.target_type)) for key, fact in value.items())
        return " · ".join(lines) or "—"

    def value_detail(self, value: dict[str, Any]) -> str:
        """The file keeps what the page shortens."""
        return " · ".join(_word(key, str(fact)) for key, fact in value.items())


def _kind(target_type: str) -> str:
    if target_type in KIND_WORDS:
        return str(KIND_WORDS[target_type])
    try:
        return str(apps.get_model(target_type)._meta.verbose_name)
    except (LookupError, ValueError):  # a model of former days, or no record at all
        return target_type


def _word(key: str, fact: str) -> str:
    return _("%(name)s: %(value)s") % {"name": DETAIL_WORDS.get(key, key), "value": fact}


def _fact(key: str, fact: Any, target_type: str) -> str:
    """Lists by how many they hold, keys of records by their end, all else as it is."""
    if fact is None or fact == "":
        return "—"
    if isinstance(fact, bool):
        return _("yes") if fact else _("no")
    if isinstance(fact, list | dict):
        return _("%(n)d in number") % {"n": len(fact)}
    if key == "role" and fact in Role.values:
        return str(Role(fact).label)
    text = str(fact)
    if text in ACTION_WORDS:
        return str(ACTION_WORDS[text])
    if key == "reason" and text in ANSWER_WORDS:
        return str(ANSWER_WORDS[text])
    name = FIELD_OF.get(key, key)
    words = _choices(name, target_type).get(text) or _choices(name).get(text, set())
    return next(iter(words)) if len(words) == 1 else _short(text)


def _choices(field_name: str, model: str = "") -> dict[str, set[str]]:
    """What the codes of the fields of this name are called; a code of two meanings has two."""
    found: dict[str, set[str]] = {}
    for code, label in _codes(field_name, model.lower()):
        found.setdefault(code, set()).add(str(label))
    return found


@cache
def _codes(field_name: str, model: str) -> tuple[tuple[str, Any], ...]:
    """(code, label) of every choice of the fields of this name, of `model` or of all."""
    asked = (one for one in apps.get_models() if model in {"", one._meta.label_lower})
    fields = (field for one in asked for field in one._meta.get_fields())
    return tuple(
        (str(code), label)
        for field in fields
        if field.name == field_name
        for code, label in getattr(field, "flatchoices", None) or ()
    )


def _short(text: str) -> str:
    try:
        uuid.UUID(text)
    except ValueError:
        if len(text) <= MOST_LETTERS or not text.isascii() or " " in text:
            return text
        # Without a blank it cannot be broken, and would push the table off the page.
        return f"…{text[-8:]}" if text.isalnum() else f"{text[:MOST_LETTERS]}…"
    return f"…{text[-8:]}"
