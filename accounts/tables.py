"""The columns of the lists of users and of the trail."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2 import Column

from accounts.models import Grant, User
from lms.lists import DayColumn, ListTable
from lms.models import AuditEvent
from lms.templatetags.ui import chip, code


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
        return str(value) if value else _("System")

    def render_action(self, value: str) -> SafeString | str:
        return code(value)

    def render_target_id(self, value: str, record: AuditEvent) -> SafeString:
        return format_html('{} <span class="cap mono">{}</span>', record.target_type, value)

    def render_detail(self, value: dict[str, Any]) -> str:
        return " · ".join(f"{key}: {_plain(fact)}" for key, fact in value.items()) or "—"


def _plain(fact: Any) -> str:
    return "—" if fact is None else str(fact)
