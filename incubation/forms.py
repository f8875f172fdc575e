"""What is written down about cases, visits, shops and earnings."""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import DateInput
from accounts.models import User
from incubation.actions import EarningsFacts, ShopFacts, SupportFacts, VisitFacts
from incubation.models import (
    EarningsReport,
    FollowUpTask,
    FollowUpTaskQuerySet,
    IncubationCase,
    Shop,
    Stage,
    SupportGiven,
    Visit,
)
from incubation.queries import field_workers, in_group
from learners.models import Learner
from lms.lib.periods import today
from lms.lists import FIND, Filters

TEN_THOUSAND = Decimal(10_000)
PLAIN = re.compile(r"(-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)(万)?")


def parse_amount(typed: str) -> Decimal | None:
    """`1200`, `1,200`, `1.2万`, `￥１，２００元` in yuan; None for what is no such amount.

    A comma only stands between thousands: 1,2 could mean two things and is refused.
    """
    text = unicodedata.normalize("NFKC", typed)
    text = re.sub(r"\s", "", text).removeprefix("¥").removesuffix("元")
    found = PLAIN.fullmatch(text)
    if found is None:
        return None
    digits, unit = found.groups()
    amount = Decimal(digits.replace(",", "")) * (TEN_THOUSAND if unit else 1)
    cents = amount.quantize(Decimal("0.01")) if abs(amount) < Decimal(10**20) else amount
    return cents if cents == amount else None


class AmountField(forms.CharField):
    """Yuan as people write them. The limits are the action's."""

    def __init__(self, *, label: Any, required: bool = True) -> None:
        super().__init__(
            label=label,
            required=required,
            max_length=30,
            help_text=_("For example 1200, 1,200 or 1.2万."),
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        amount = parse_amount(typed)
        if amount is None:
            message = _("This is not an amount. Write it like 1200, 1,200 or 1.2万.")
            raise forms.ValidationError(message, code="no_amount")
        return amount


class MonthField(forms.DateField):
    """A month, as its first day."""

    def __init__(self, *, label: Any, initial: Any = None) -> None:
        widget = forms.DateInput(format="%Y-%m", attrs={"placeholder": "2026-01"})
        widget.input_type = "month"
        super().__init__(
            label=label,
            initial=initial,
            input_formats=["%Y-%m", "%Y%m", "%Y/%m", "%Y.%m", "%Y年%m月"],
            widget=widget,
            error_messages={"invalid": _("This is not a month. Write it like 2026-01.")},
        )


def last_month() -> date:
    return today().replace(day=1) - timedelta(days=1)


class CaseForm(forms.Form):
    opened_on = forms.DateField(label=_("Case opened on"), widget=DateInput, initial=today)
    assignee = forms.ModelChoiceField(
        label=_("Field worker"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody yet"),
    )

    def __init__(self, *args: Any, learner: Learner, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        people = field_workers(learner.home_region)
        assignee = self.fields["assignee"]
        assert isinstance(assignee, forms.ModelChoiceField)  # noqa: S101
        assignee.queryset = people
        if people.filter(pk=user.pk).exists():
            assignee.initial = user.pk


class OfCaseForm(forms.Form):
    """A form on the page of a case."""

    def __init__(self, *args: Any, case: IncubationCase, **options: Any) -> None:
        super().__init__(*args, **options)
        self.of(case)

    def of(self, case: IncubationCase) -> None:
        """Offer what belongs to the case."""


class AssignForm(OfCaseForm):
    assignee = forms.ModelChoiceField(label=_("Field worker"), queryset=User.objects.none())

    def of(self, case: IncubationCase) -> None:
        assignee = self.fields["assignee"]
        assert isinstance(assignee, forms.ModelChoiceField)  # noqa: S101
        assignee.queryset = field_workers(case.home_region)
        assignee.initial = case.assignee_id


class ShopForm(OfCaseForm):
    platform = forms.ChoiceField(label=_("Platform"), choices=Shop.Platform)
    name = forms.CharField(label=_("Shop name"), max_length=80)
    opened_on = forms.DateField(label=_("Opened on"), widget=DateInput, initial=today)
    url = forms.URLField(label=_("Link"), max_length=300, required=False, assume_scheme="https")

    def facts(self) -> ShopFacts:
        return ShopFacts(**self.cleaned_data)


class TaskChoiceField(forms.ModelChoiceField[FollowUpTask]):
    def label_from_instance(self, obj: FollowUpTask) -> str:
        return f"{obj.get_stage_display()} · {obj.due_on:%Y-%m-%d}"


class VisitForm(OfCaseForm):
    """The visit itself, and two parts that may stay empty: a new shop, and a month's sales."""

    task = TaskChoiceField(
        label=_("Which follow-up"),
        queryset=FollowUpTask.objects.none(),
        required=False,
        empty_label=_("An extra contact"),
    )
    visited_on = forms.DateField(label=_("Day"), widget=DateInput, initial=today)
    method = forms.ChoiceField(
        label=_("How"), choices=Visit.Method, widget=forms.RadioSelect, initial=Visit.Method.DOOR
    )
    finding = forms.ChoiceField(label=_("Finding"), choices=Visit.Finding, widget=forms.RadioSelect)
    problem = forms.CharField(
        label=_("Problem"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    next_step = forms.CharField(
        label=_("Next step"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    shop_platform = forms.ChoiceField(
        label=_("Platform"), choices=[("", "—"), *Shop.Platform.choices], required=False
    )
    shop_name = forms.CharField(label=_("Shop name"), max_length=80, required=False)
    shop_opened_on = forms.DateField(label=_("Opened on"), widget=DateInput, required=False)
    shop_url = forms.URLField(
        label=_("Link"), max_length=300, required=False, assume_scheme="https"
    )

    sales_shop = forms.ModelChoiceField(
        label=_("Shop"),
        queryset=Shop.objects.none(),
        required=False,
        empty_label=_("The new shop above"),
    )
    sales_month = MonthField(label=_("Month"), initial=today)
    sales_amount = AmountField(label=_("Sales (yuan)"), required=False)
    sales_grade = forms.TypedChoiceField(
        label=_("Evidence"),
        choices=EarningsReport.Grade,
        coerce=int,
        required=False,
        initial=EarningsReport.Grade.SPOKEN,
    )

    def of(self, case: IncubationCase) -> None:
        task, shop = self.fields["task"], self.fields["sales_shop"]
        assert isinstance(task, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(shop, forms.ModelChoiceField)  # noqa: S101
        task.queryset = case.tasks.filter(done_at__isnull=True)
        task.initial = task.queryset.first()
        shop.queryset = case.learner.shops.all()
        shop.initial = shop.queryset.first()
        self.fields["sales_month"].required = False

    @property
    def shop_is_open(self) -> bool:
        """Whether the page shows the part on the new shop unfolded."""
        return self._is_touched("shop_name", "shop_platform", "shop_url", "shop_opened_on")

    @property
    def sales_is_open(self) -> bool:
        return self._is_touched("sales_amount")

    def _is_touched(self, *names: str) -> bool:
        return any(self[name].data for name in names) or any(name in self.errors for name in names)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if any(cleaned.get(name) for name in ("shop_platform", "shop_name", "shop_url")):
            for name in ("shop_platform", "shop_name", "shop_opened_on"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("A new shop needs this."))
        has_sales = cleaned.get("sales_amount") is not None
        if has_sales and not cleaned.get("sales_month") and "sales_month" not in self.errors:
            self.add_error("sales_month", _("Say which month the sales are of."))
        return cleaned

    def facts(self) -> VisitFacts:
        said = self.cleaned_data
        shop = sales = None
        if said["shop_name"]:
            shop = ShopFacts(
                platform=said["shop_platform"],
                name=said["shop_name"],
                opened_on=said["shop_opened_on"],
                url=said["shop_url"],
            )
        if said["sales_amount"] is not None:
            sales = EarningsFacts(
                month=said["sales_month"],
                kind=EarningsReport.Kind.SALES,
                amount=said["sales_amount"],
                grade=said["sales_grade"] or EarningsReport.Grade.SPOKEN,
            )
        return VisitFacts(
            visited_on=said["visited_on"],
            method=said["method"],
            finding=said["finding"],
            problem=said["problem"],
            next_step=said["next_step"],
            task=said["task"],
            shop=shop,
            sales=sales,
            sales_shop=said["sales_shop"],
        )


class EarningsForm(OfCaseForm):
    """For a shop of the learner, or (no shop chosen) for the household."""

    shop = forms.ModelChoiceField(
        label=_("Shop or household"),
        queryset=Shop.objects.none(),
        required=False,
        empty_label=_("The household"),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=EarningsReport.Kind)
    month = MonthField(label=_("Month"), initial=last_month)
    amount = AmountField(label=_("Amount (yuan, or number of orders)"))
    grade = forms.TypedChoiceField(
        label=_("Evidence"), choices=EarningsReport.Grade, coerce=int, widget=forms.RadioSelect
    )

    def of(self, case: IncubationCase) -> None:
        shop = self.fields["shop"]
        assert isinstance(shop, forms.ModelChoiceField)  # noqa: S101
        shop.queryset = case.learner.shops.all()
        shop.initial = shop.queryset.first()

    def facts(self) -> EarningsFacts:
        said = self.cleaned_data
        return EarningsFacts(
            month=said["month"], kind=said["kind"], amount=said["amount"], grade=said["grade"]
        )


class BaselineForm(OfCaseForm):
    month = MonthField(label=_("Month"))
    amount = AmountField(label=_("Income of the household in that month (yuan)"))
    members = forms.IntegerField(
        label=_("Members of the household then"), min_value=1, max_value=30
    )


class SupportForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=SupportGiven.Kind.choices)
    what = forms.CharField(label=_("What was given"), max_length=120)
    amount = AmountField(label=_("Amount (yuan)"), required=False)
    giver = forms.CharField(
        label=_("Given by"), max_length=80, help_text=_("The bureau, bank or service centre.")
    )
    given_on = forms.DateField(
        label=pgettext_lazy("support", "Given on"), widget=DateInput, initial=today
    )
    learner = forms.ModelChoiceField(
        label=_("For whom"),
        queryset=Learner.objects.none(),
        required=False,
        empty_label=_("the household"),
    )

    def __init__(self, members: QuerySet[Learner], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        learner = self.fields["learner"]
        assert isinstance(learner, forms.ModelChoiceField)  # noqa: S101
        learner.queryset = members

    def facts(self) -> SupportFacts:
        data = {name: value for name, value in self.cleaned_data.items() if name != "learner"}
        return SupportFacts(**data)


class SupportVoidForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("What was wrong: entered twice, another household, another amount."),
    )


# --- Filters of the lists -----------------------------------------------------------------------
class CaseFilters(Filters):
    posted_to = FIND
    search_fields: ClassVar = ("learner__name", "learner__initials")
    search_label = _("Name or initials")

    stage = django_filters.ChoiceFilter(label=_("Stage"), choices=Stage, empty_label=_("All"))
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="in_state",
        empty_label=_("All"),
        choices=[
            ("overdue", _("Overdue")),
            ("open", _("Under way")),
            ("unassigned", _("Without a field worker")),
            ("closed", _("Case closed")),
        ],
    )
    assignee = django_filters.CharFilter(label=_("Field worker"), method="by_assignee")

    def in_state(
        self, cases: QuerySet[IncubationCase], name: str, state: str
    ) -> QuerySet[IncubationCase]:
        if state == "overdue":
            late = FollowUpTask.objects.overdue(today())
            return cases.filter(pk__in=late.values("case_id"))
        if state == "closed":
            return cases.filter(closed_on__isnull=False)
        cases = cases.filter(closed_on__isnull=True)
        return cases.filter(assignee__isnull=True) if state == "unassigned" else cases

    def by_assignee(
        self, cases: QuerySet[IncubationCase], name: str, text: str
    ) -> QuerySet[IncubationCase]:
        named = Q(assignee__display_name__icontains=text) | Q(assignee__username__icontains=text)
        return cases.filter(named)


class FollowUpFilters(Filters):
    posted_to = FIND
    search_fields: ClassVar = ("case__learner__name", "case__learner__initials")
    search_label = _("Name or initials")

    group = django_filters.ChoiceFilter(
        label=_("State"),
        method="in_group",
        empty_label=_("All"),
        choices=[
            ("overdue", _("Overdue")),
            ("week", _("This week")),
            ("later", _("Later")),
            ("done", _("Already done")),
        ],
    )
    stage = django_filters.ChoiceFilter(label=_("Stage"), choices=Stage, empty_label=_("All"))
    who = django_filters.ChoiceFilter(
        label=_("Field worker"),
        method="of_worker",
        empty_label=_("All"),
        choices=[("mine", _("Mine")), ("nobody", _("Without a field worker"))],
    )
    due_since = django_filters.DateFilter(
        label=_("Due since"), field_name="due_on", lookup_expr="gte", widget=DateInput
    )
    due_until = django_filters.DateFilter(
        label=_("Due until"), field_name="due_on", lookup_expr="lte", widget=DateInput
    )

    def in_group(self, tasks: FollowUpTaskQuerySet, name: str, group: str) -> FollowUpTaskQuerySet:
        return in_group(tasks, group, today())

    def of_worker(self, tasks: FollowUpTaskQuerySet, name: str, who: str) -> FollowUpTaskQuerySet:
        return tasks.filter(assignee=self.request.user if who == "mine" else None)


class CandidateFilters(Filters):
    posted_to = FIND
    search_fields: ClassVar = ("name", "initials")
    search_label = _("Name or initials")


class ShopFilters(Filters):
    posted_to = FIND
    search_fields: ClassVar = ("name", "owner__name", "owner__initials")
    search_label = _("Shop or owner")

    platform = django_filters.ChoiceFilter(
        label=_("Platform"), choices=Shop.Platform, empty_label=_("All")
    )
    opened_since = django_filters.DateFilter(
        label=_("Opened since"), field_name="opened_on", lookup_expr="gte", widget=DateInput
    )
    opened_until = django_filters.DateFilter(
        label=_("Opened until"), field_name="opened_on", lookup_expr="lte", widget=DateInput
    )
