"""Every list page: search, filters, sort, pages, export. A view gives rows it may show."""

import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar

import django_filters
import django_tables2 as tables
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import BadRequest, EmptyResultSet
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.lib import hidden
from lms.lib.downloads import disposition
from lms.lib.drawing import quick_selects, table_body
from lms.lib.searching import listed
from lms.lib.throttle import allow
from lms.lib.workbooks import XLSX, write_xlsx
from lms.models import SavedFilter, record_audit

#: The address that hides what was searched for, for every list.
FIND = "list_find"
#: Parameters that a list understands besides those of its filters.
OWN_PARAMETERS = {"page", "sort", "export", "region"}


class ListTable(tables.Table):  # type: ignore[misc]
    """A table in our look: the first column is the link, figures stand at the end.

    `caption` is its title; the texts below are its empty state: what, why, and what next.
    """

    caption: Any = ""
    caption_note: Any = ""
    caption_hidden = False
    empty_icon = "list"
    empty_title: Any = _("Nothing here yet")
    empty_text: Any = ""
    empty_href = ""
    empty_action: Any = ""

    def body(self) -> Any:
        return table_body(self)

    def prepare(self, records: list[Any]) -> None:
        """For what the rows of this page need and no join brings, in one query for all of them."""

    class Meta:
        template_name = "parts/_table.html"
        attrs: ClassVar = {"th": {"class": ""}, "td": {"class": ""}}
        row_attrs: ClassVar = {"class": ""}


class FigureColumn(tables.Column):  # type: ignore[misc]
    """A number: aligned at the end, with a comma at the thousands; a number in Excel too."""

    def __init__(self, *args: Any, decimals: int = 0, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"th": {"class": "num"}, "td": {"class": "num"}})
        super().__init__(*args, **kwargs)
        self.decimals = decimals

    def render(self, value: Any) -> Any:
        from lms.templatetags.ui import num

        return num(value, self.decimals)

    def value(self, value: Any) -> Any:
        return value


class DayColumn(tables.Column):  # type: ignore[misc]
    """A date, or with `moment` a date and time; text in ISO form in Excel too."""

    def __init__(self, *args: Any, moment: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"th": {"class": "nowrap"}, "td": {"class": "nowrap"}})
        super().__init__(*args, **kwargs)
        self.moment = moment

    def render(self, value: Any) -> Any:
        from lms.templatetags import ui

        return ui.moment(value) if self.moment else ui.day(value)


class _Patterns(OrderedDict[str, Any]):
    """The filters of a class, of which every page gets copies of its own to fill. Copied deep, with
    each word of each choice, they cost a page as much as one of its queries."""

    def __deepcopy__(self, memo: Any) -> OrderedDict[str, Any]:
        found = OrderedDict((name, copy(one)) for name, one in self.items())
        for one in found.values():
            one.extra = dict(one.extra)
            one.method = one.method  # what answers for it is bound to it
        return found


class _Made(dict[str, Any]):
    """Fields that were made for one form and need no copies."""

    def __deepcopy__(self, memo: Any) -> dict[str, Any]:
        return dict(self)


class Filters(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of a list. `search_fields` gives it a search box; `search` may be overridden."""

    search_fields: ClassVar[tuple[str, ...]] = ()
    search_label: Any = _("Search")
    #: The form is posted to the view of this name, which answers with an address where `q` is a
    #: token of `hidden_search`: names and numbers are read in no address, log or history.
    #: "" = a plain GET; FIND = `list_find`, which serves every list that looks up no whole number.
    posted_to: ClassVar[str] = ""

    q = django_filters.CharFilter(method="search", label=_("Search"))

    @classmethod
    def get_filters(cls) -> "_Patterns":
        return _Patterns(super().get_filters())

    def __init__(self, data: Any = None, *args: Any, request: Any = None, **kwargs: Any) -> None:
        self.is_unreadable = False
        if self.posted_to and data and data.get("q"):
            data = data.copy()
            text = hidden.read(data["q"], of=request.user.pk)
            self.is_unreadable = text is None
            data["q"] = text or ""
        super().__init__(data, *args, request=request, **kwargs)
        self.has_search = bool(self.search_fields) or type(self).search is not Filters.search
        if self.has_search:
            self.filters["q"].label = self.search_label
            self.filters["q"].extra["widget"] = forms.TextInput(attrs={"type": "search"})
            self.filters.move_to_end("q", last=False)
        else:
            del self.filters["q"]

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Every word must be found in one of the search fields."""
        for word in value.split():
            found = Q(pk__in=[])
            for field in self.search_fields:
                found |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(found)
        return queryset

    def get_form_class(self) -> Any:
        found = super().get_form_class()
        found.base_fields = _Made(found.base_fields)
        return found

    @property
    def form(self) -> Any:
        form = super().form
        quick_selects(form)
        if self.is_unreadable and not form.has_error("q"):
            words = _("What was searched for cannot be read from this address. Type it again.")
            form.add_error("q", words)
        return form

    def keepable(self) -> set[str]:
        """The parameters that may be kept: choices and dates, never what was typed as text."""
        texts = {
            name
            for name, field in self.form.fields.items()
            if isinstance(field, forms.CharField) or name == "q"
        }
        return self.parameters() - texts

    def parameters(self) -> set[str]:
        """The names its fields send, with the parts of those that send several."""
        names: set[str] = set()
        for name, field in self.form.fields.items():
            suffixes = getattr(field.widget, "suffixes", None)
            names |= {f"{name}_{suffix}" for suffix in suffixes} if suffixes else {name}
        return names


#: Questions whose answer is "more than LIST_COUNT_LIMIT", and until when this is believed. A list
#: that long does not become short within a minute, and its exact number is shown nowhere.
_LONG: dict[int, float] = {}
_LONG_SECONDS = 60
_MOST_LONG = 500


def _counted(rows: QuerySet[Any]) -> int:
    """How many `rows`, which are cut behind the limit, there are."""
    try:
        key = hash((settings.LIST_COUNT_LIMIT, rows.query.sql_with_params()))
    except EmptyResultSet:
        return 0
    now = time.monotonic()
    if _LONG.get(key, 0) > now:
        return int(settings.LIST_COUNT_LIMIT) + 1
    found = rows.count()
    if found > settings.LIST_COUNT_LIMIT:
        if len(_LONG) >= _MOST_LONG:
            _LONG.clear()
        _LONG[key] = now + _LONG_SECONDS
    return found


class ListPaginator(Paginator):  # type: ignore[type-arg] # not generic at run time
    """Counts no further than LIST_COUNT_LIMIT, and pages no further either.

    A first page that is not full is all that there is: for a rare name, which the database reads
    everybody for, it need not be asked how many there are as well.
    """

    def page(self, number: Any) -> Page[Any]:
        if str(number) != "1":
            return super().page(number)
        first = self.object_list[: self.per_page]
        if len(first) < self.per_page:
            self.found = len(first)
        return Page(first, 1, self)

    @cached_property
    def found(self) -> int:
        bound: Any = self.object_list
        rows = bound.data.data
        if isinstance(rows, QuerySet) and rows._result_cache is None:
            return _counted(rows.order_by()[: settings.LIST_COUNT_LIMIT + 1])
        return len(rows)

    @cached_property
    def count(self) -> int:
        return min(self.found, settings.LIST_COUNT_LIMIT)

    @property
    def is_more(self) -> bool:
        return self.found > settings.LIST_COUNT_LIMIT


class SaveForm(forms.Form):
    """The name under which a choice of filters is kept; `kept` is what the list signed."""

    kept = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name of this choice"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if re.search(r"\d{8}", name):
            raise forms.ValidationError(
                _("No identity number or telephone may stand in the name. Choose another name.")
            )
        return name

    def asked(self) -> dict[str, str] | None:
        """page, path and query as the list signed them; None for anything else."""
        try:
            found = signing.loads(self.data.get("kept", ""), salt=SAVED)
        except signing.BadSignature:
            return None
        return found if isinstance(found, dict) else None


SAVED = "lms.lists.saved"


@dataclass(frozen=True)
class SavedChoice:
    """A kept filter as a list shows it."""

    pk: Any
    name: str
    href: str
    is_current: bool


@dataclass
class Saved:
    """What parts/_saved.html draws: the kept filters, and what of this address may be kept."""

    choices: list[SavedChoice]
    kept: str = ""


def _listed(request: HttpRequest, filtered: Filters) -> str:
    return listed(request.path, filtered.parameters() | {"region", "sort"})


def listed_address(view_name: str, path: str) -> str:
    """Where the list of a kept filter is: `path` if it is one of ours, else the view's own."""
    if path and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return path
    try:
        return reverse(view_name)
    except NoReverseMatch:
        return "/"


@dataclass
class Listing:
    """What parts/_list.html draws besides the table."""

    page: Page[Any]
    count: int
    is_more: bool
    sort: str
    export_name: str
    export_href: str
    posted_to: str
    listed: str
    saved: Saved | None
    form: forms.Form | None
    is_filtered: bool
    is_invalid: bool
    has_search: bool
    empty_icon: str
    empty_title: Any
    empty_text: Any
    empty_href: str
    empty_action: Any


def list_page(
    request: HttpRequest,
    template: str,
    *,
    table: type[ListTable],
    rows: Any,
    filters: type[Filters] | None = None,
    export_name: str = "",
    context: Mapping[str, Any] | None = None,
    table_options: Mapping[str, Any] | None = None,
    export_href: str = "",
) -> HttpResponse:
    """The list of `rows` (a queryset that is already `visible_to` the user, or a list).

    The template extends base.html and includes parts/_list.html; htmx gets the results alone.
    Unknown parameters are 400; an unknown sort or page is 404. `export_name`, the file name
    without its ending, allows `?export=xlsx`: the same columns, masked as on the screen, audited.
    `export_href` leads to a page that asks for a larger file instead.
    """
    filtered = filters(request.GET, queryset=rows, request=request) if filters else None
    _refuse_unknown(request, filtered)
    is_invalid = filtered is not None and not filtered.form.is_valid()
    if filtered is not None:
        # An invalid filter must not pass for "no filter".
        rows = rows.none() if is_invalid else filtered.qs
    drawn = _sorted_table(request, table, rows, dict(table_options or {}))
    if asked := request.GET.get("export"):
        return exported(request, drawn, asked, export_name)
    page = _page_of(request, drawn)
    posted_to = filtered.posted_to if filtered is not None else ""
    listing = Listing(
        page=page,
        count=page.paginator.count,
        is_more=getattr(page.paginator, "is_more", False),
        sort=request.GET.get("sort", ""),
        export_name=export_name,
        export_href=export_href,
        posted_to=reverse(posted_to) if posted_to else "",
        listed=_listed(request, filtered) if filtered is not None and posted_to == FIND else "",
        saved=_saved(request, filtered) if filtered is not None and not is_part(request) else None,
        form=filtered.form if filtered is not None else None,
        is_filtered=filtered is not None and _any_given(request, filtered),
        is_invalid=is_invalid,
        has_search=filtered is not None and filtered.has_search,
        empty_icon=drawn.empty_icon,
        empty_title=drawn.empty_title,
        # The constructor of tables keeps a text of this name of its own, and sets it to none.
        empty_text=drawn.empty_text or type(drawn).empty_text,
        empty_href=drawn.empty_href,
        empty_action=drawn.empty_action,
    )
    everything = {**(context or {}), "table": drawn, "listing": listing}
    name = "parts/_results.html" if is_part(request) else template
    response = render(request, name, everything)
    patch_vary_headers(response, ["HX-Request"])
    return response


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for the results alone."""
    return bool(request.htmx and not request.htmx.history_restore_request)  # type: ignore[attr-defined]


def _saved(request: HttpRequest, filtered: Filters) -> Saved | None:
    """The filters that the user keeps for this list, in one query; none where there is nothing but
    a search box, whose words are never kept."""
    match = request.resolver_match
    if not filtered.keepable():
        return None
    if match is None or not request.user.is_authenticated or not hasattr(request.user, "scope"):
        return None
    query = urlencode(_keepable(request, filtered))
    rows = SavedFilter.objects.visible_to(request.user).filter(page=match.view_name)
    choices = [
        SavedChoice(row.pk, row.name, f"{request.path}?{row.query}", row.query == query)
        for row in rows
    ]
    offered = query and not any(choice.is_current for choice in choices)
    asked = {"page": match.view_name, "path": request.path, "query": query}
    return Saved(choices, signing.dumps(asked, salt=SAVED) if offered else "")


def _keepable(request: HttpRequest, filtered: Filters) -> list[tuple[str, str]]:
    """Sorted, so that one choice is one text; the region is kept only with something else."""
    chosen = [
        (name, request.GET[name]) for name in sorted(filtered.keepable()) if request.GET.get(name)
    ]
    if not chosen:
        return []
    more = [(name, request.GET[name]) for name in ("region", "sort") if request.GET.get(name)]
    return chosen + more


def _refuse_unknown(request: HttpRequest, filtered: Filters | None) -> None:
    known = OWN_PARAMETERS | (filtered.parameters() if filtered is not None else set())
    if unknown := set(request.GET) - known:
        raise BadRequest(f"unknown parameters: {', '.join(sorted(unknown))}")


def _any_given(request: HttpRequest, filtered: Filters) -> bool:
    return any(request.GET.get(name) for name in filtered.parameters())


def _sorted_table(
    request: HttpRequest, table: type[ListTable], rows: Any, options: dict[str, Any]
) -> ListTable:
    drawn = table(rows, **options)
    # Given to the constructor it would page, and so count, by itself.
    drawn.request = request
    if sort := request.GET.get("sort", ""):
        allowed = {name for name, column in drawn.columns.items() if column.orderable}
        if sort.removeprefix("-") not in allowed:
            raise Http404
        drawn.order_by = sort
    data = drawn.data.data
    if isinstance(data, QuerySet) and (data.query.order_by or sort):
        # Equal values must not change places between two pages.
        drawn.data.data = data.order_by(*data.query.order_by, "pk")
    return drawn


def _page_of(request: HttpRequest, table: ListTable) -> Page[Any]:
    try:
        table.paginate(ListPaginator, page=request.GET.get("page", 1), per_page=settings.PAGE_SIZE)
    except InvalidPage:
        raise Http404 from None
    page: Page[Any] = table.page
    table.prepare([row.record for row in page.object_list])
    return page


def exported(request: HttpRequest, table: ListTable, asked: str, name: str) -> HttpResponse:
    if asked != "xlsx" or not name:
        raise Http404
    key = getattr(request.user, "pk", None)
    if key and not allow(f"export:{key}", limit=settings.EXPORTS_AN_HOUR, seconds=3600):
        words = gettext("You have asked for %(most)s files within an hour. Try again later.")
        return _not_exported(request, words % {"most": settings.EXPORTS_AN_HOUR})
    count = len(table.rows)
    if count > settings.EXPORT_MAX_ROWS:
        words = gettext(
            "%(count)s rows are too many for one file (at most %(most)s). Filter the list first."
        )
        return _not_exported(request, words % {"count": count, "most": settings.EXPORT_MAX_ROWS})
    hidden = [column.name for column in table.columns.iterall() if not column.visible]
    header, *body = table.as_values(exclude_columns=hidden)
    content = write_xlsx(header, body)
    record_audit(
        "lms.list_exported",
        actor=request.user if request.user.is_authenticated else None,
        detail={"list": name, "count": count, "columns": [str(title) for title in header]},
    )
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = disposition(f"{name}-{timezone.localdate():%Y-%m-%d}.xlsx")
    return response


def _not_exported(request: HttpRequest, why: str) -> HttpResponse:
    messages.error(request, why)
    rest = request.GET.copy()
    del rest["export"]
    return redirect(f"{request.path}?{rest.urlencode()}")
