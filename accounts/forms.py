"""What an administrator types about users and grants."""

import re
from typing import Any, ClassVar

import django_filters
from allauth.account.forms import ChangePasswordForm
from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Grant, User
from accounts.tables import ACTION_WORDS
from lms.lib.periods import day_before, today, valid_on
from lms.lib.scope import Role, Scope, outermost, under
from lms.lists import Filters
from lms.models import AuditEvent
from regions.models import Region

#: More regions than this are not offered as suggestions; the field still takes any of them.
SUGGESTIONS = 300
#: A user name stands in clear in lists, in exports and on the trail.
ID_NUMBER = re.compile(r"\d{15}")


class PasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The page says in one sentence what the rules of a password come to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = ""


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class RegionInput(forms.TextInput):
    """A text field with suggestions: works by typing a code or a name, with or without script."""

    template_name = "accounts/_region_input.html"
    choices: list[Region]

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off"})
        self.choices = []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        list_id = f"{context['widget']['attrs'].get('id', name)}_list"
        context["widget"]["attrs"]["list"] = list_id
        return context | {"list_id": list_id, "regions": self.choices}


class RegionField(forms.CharField):
    """An open region under one of `prefixes`, by code or by exact name.

    Regions elsewhere answer like regions that do not exist. A name that several have is refused
    with their codes. "" gives None where the field is not required.
    """

    widget = RegionInput

    def __init__(self, *, help_text: Any = "") -> None:
        super().__init__(label=_("Region"), max_length=80, help_text=help_text)
        self.prefixes: tuple[str, ...] = ()

    def limit(self, prefixes: tuple[str, ...]) -> None:
        """Say what is in reach, and suggest the levels that most grants are given for."""
        self.prefixes = prefixes
        reach = Region.objects.current().filter(under("path", prefixes))
        deepest = 4 if all(len(prefix) >= 6 for prefix in prefixes) else 3
        offered = reach.filter(level__lte=deepest, is_statistical=False)[:SUGGESTIONS]
        self.widget.choices = list(offered)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value).strip()
        if not typed:
            return None
        reach = Region.objects.current().filter(under("path", self.prefixes))
        found = list(reach.filter(code=typed) or reach.filter(name=typed)[:6])
        if not found:
            message = _("No region of yours has this code or name. Choose one of the suggestions.")
            raise forms.ValidationError(message, code="unknown_region")
        if len(found) > 1:
            codes = "、".join(f"{region.name} {region.code}" for region in found)
            message = _("Several regions have this name. Type the code of one: %(codes)s")
            raise forms.ValidationError(message, code="many_regions", params={"codes": codes})
        return found[0]


class GrantForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Grant.GRANTABLE)
    region = RegionField(
        help_text=_("Code or name. The role holds for the region and everything below it.")
    )
    starts_on = forms.DateField(label=_("First day"), widget=DateInput, initial=today)
    ends_on = forms.DateField(
        label=_("Last day"),
        widget=DateInput,
        required=False,
        help_text=_("Leave empty if it is open-ended."),
    )

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        prefixes = outermost(scope.prefixes(Role.ADMINISTRATOR))
        region = self.fields["region"]
        assert isinstance(region, RegionField)  # noqa: S101
        region.limit(prefixes)
        if "" in prefixes:
            region.required = False
            region.help_text = _("Code or name. Leave empty for the whole country.")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day lies before the first day."))
        elif ends_on and ends_on < today():
            self.add_error("ends_on", _("The last day has passed already."))
        return cleaned


class UserForm(GrantForm):
    username = forms.CharField(
        label=_("User name"),
        min_length=3,
        max_length=40,
        validators=[UnicodeUsernameValidator()],
        help_text=_("For signing in: letters, digits and . _ - @ +. No identity number."),
    )
    display_name = forms.CharField(label=_("Name"), max_length=80)

    field_order = ["username", "display_name", "role", "region", "starts_on", "ends_on"]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if ID_NUMBER.search(username):
            raise forms.ValidationError(self.fields["username"].help_text, code="id_number")
        if User.objects.filter(username__iexact=username).exists():
            message = _("This user name is taken. Choose another one.")
            raise forms.ValidationError(message, code="username_taken")
        return username


class GrantEndForm(forms.Form):
    last_day = forms.DateField(
        label=_("Last day"),
        widget=DateInput,
        required=False,
        help_text=_("Leave empty to end it at once."),
    )

    def clean_last_day(self) -> Any:
        last_day = self.cleaned_data["last_day"]
        if last_day and last_day < day_before(today()):
            message = _("A grant cannot end in the past. Leave the date empty to end it at once.")
            raise forms.ValidationError(message, code="last_day_past")
        return last_day


class UserFilters(Filters):
    search_fields: ClassVar = ("username", "display_name")
    search_label = _("Name or user name")

    role = django_filters.ChoiceFilter(
        label=_("Role"), choices=Grant.GRANTABLE, method="of_role", empty_label=_("All")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        field_name="is_active",
        choices=[("True", _("May sign in")), ("False", _("Deactivated"))],
        empty_label=_("All"),
    )

    def of_role(self, users: QuerySet[User], name: str, role: str) -> QuerySet[User]:
        """Holders of the role today, in the regions of the administrator who asks."""
        prefixes = self.request.user.scope.prefixes(Role.ADMINISTRATOR)
        known = under("region__path", prefixes)
        held = Grant.objects.filter(known, valid_on(today()), role=role)
        return users.filter(pk__in=held.values("user_id"))


class AuditFilters(Filters):
    search_fields: ClassVar = ("action", "target_type", "target_id", "request_id")
    search_label = _("Record or request")

    action = django_filters.ChoiceFilter(
        label=_("Action"), choices=list(ACTION_WORDS.items()), empty_label=_("All")
    )
    person = django_filters.CharFilter(label=_("Who"), method="by_person")
    since = django_filters.DateFilter(
        label=_("From"), field_name="at", lookup_expr="date__gte", widget=DateInput
    )
    until = django_filters.DateFilter(
        label=_("Until"), field_name="at", lookup_expr="date__lte", widget=DateInput
    )

    def by_person(self, events: QuerySet[AuditEvent], name: str, text: str) -> QuerySet[AuditEvent]:
        named = Q(actor__username__icontains=text) | Q(actor__display_name__icontains=text)
        return events.filter(named)
