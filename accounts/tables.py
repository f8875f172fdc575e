"""The columns of the lists of users and of the trail."""

import uuid
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
    "learners.roster_imported": gettext_lazy("Roster imported"),
    "learners.roster_received": gettext_lazy("Roster received"),
    "learners.roster_refused": gettext_lazy("Roster refused"),
    "learners.roster_undone": gettext_lazy("Import taken back"),
    "learners.sign_in_given": gettext_lazy("Sign-in given to a learner"),
    "learners.undo_asked": gettext_lazy("Taking an import back asked for"),
    "learners.undo_begun": gettext_lazy("Taking an import back begun"),
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
    "quotas.check_committed": gettext_lazy("Check committed"),
    "quotas.check_drawn": gettext_lazy("Check sample drawn"),
    "quotas.edition_attached": gettext_lazy("Register edition attached"),
    "quotas.finding_recorded": gettext_lazy("Finding recorded"),
    "quotas.plan_created": gettext_lazy("Plan created"),
    "quotas.plan_revised": gettext_lazy("Plan revised"),
    "quotas.quota_added": gettext_lazy("Quota added"),
    "quotas.quota_cascaded": gettext_lazy("Quota cascaded"),
    "regions.regions_loaded": gettext_lazy("Regions loaded"),
}
#: Words for the kinds of record whose model has none.
KIND_WORDS: dict[str, Any] = {
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
}
#: A longer value, such as a fingerprint, is shown by its end.
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


ONE_LINE = {"th": {"class": "nowrap"}, "td": {"class": "nowrap"}}


class AuditTable(ListTable):
    caption = gettext_lazy("Audit trail")
    empty_icon = "history"
    empty_title = gettext_lazy("Nothing on the trail yet")
    empty_text = gettext_lazy("Every sign-in and every change in your regions leaves a line here.")

    at = DayColumn(verbose_name=gettext_lazy("Time"), moment=True)
    actor = Column(verbose_name=gettext_lazy("Who"), orderable=False, empty_values=())
    action = Column(verbose_name=gettext_lazy("Action"), attrs=ONE_LINE)
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

    def render_detail(self, value: dict[str, Any]) -> str:
        lines = (_word(key, _fact(key, fact)) for key, fact in value.items())
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


def _fact(key: str, fact: Any) -> str:
    """Lists by how many they hold, keys of records by their end, all else as it is."""
    if fact is None or fact == "":
        return "—"
    if isinstance(fact, bool):
        return _("yes") if fact else _("no")
    if isinstance(fact, list | dict):
        return _("%(n)d in number") % {"n": len(fact)}
    if key == "role" and fact in Role.values:
        return str(Role(fact).label)
    return _short(str(fact))


def _short(text: str) -> str:
    try:
        uuid.UUID(text)
    except ValueError:
        is_code = len(text) > MOST_LETTERS and text.isascii() and text.isalnum()
        return f"…{text[-8:]}" if is_code else text
    return f"…{text[-8:]}"
