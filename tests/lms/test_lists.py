"""Lists: search, filters, sort, pages, export, empty states; with regions as the rows."""

import io
from datetime import date

import django_filters
import django_tables2 as tables
import openpyxl
import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import BadRequest
from django.http import Http404
from django.utils.html import format_html
from django_htmx.middleware import HtmxDetails

from lms import lists
from lms.lists import DayColumn, FigureColumn, Filters, ListTable, list_page
from lms.models import AuditEvent
from regions.models import Region
from tests import factories

PAGE = "parts/_list.html"


class RegionTable(ListTable):
    caption = "地区"
    empty_title = "还没有地区"
    empty_text = "先载入行政区划。"
    empty_action = "添加"
    empty_href = "/add"

    name = tables.Column(verbose_name="名称", linkify=lambda record: f"/regions/{record.code}")
    code = tables.Column(verbose_name="代码", orderable=False)
    level = tables.Column(verbose_name="级别")
    number = FigureColumn(accessor="pk", verbose_name="序号")
    starts_on = DayColumn(verbose_name="起")
    secret = tables.Column(accessor="path", visible=False)

    def render_code(self, value):
        return format_html('<span class="mono">{}</span>', value)

    class Meta(ListTable.Meta):
        order_by = "name"


class RegionFilters(Filters):
    search_fields = ("name", "code")

    level = django_filters.ChoiceFilter(choices=[(4, "乡镇"), (5, "村")], label="级别")
    starts_on = django_filters.DateFromToRangeFilter(label="起")

    class Meta:
        model = Region
        fields = ["level"]


@pytest.fixture(autouse=True)
def nothing_counted():
    lists._LONG.clear()


@pytest.fixture
def ask(rf, db, settings):
    """`ask("?q=…")` is the list's answer; `user` and `htmx` are keywords."""

    def ask(query="", *, user=None, htmx=False, rows=None, **options):
        headers = {"HX-Request": "true"} if htmx else {}
        request = rf.get(f"/regions/{query}", headers=headers)
        request.user = user or AnonymousUser()
        request.htmx = HtmxDetails(request)
        request.session = {}
        request._messages = CookieStorage(request)
        options = {"table": RegionTable, "filters": RegionFilters, "export_name": "地区"} | options
        found = Region.objects.all() if rows is None else rows
        return list_page(request, PAGE, rows=found, **options)

    return ask


def text(response) -> str:
    return response.content.decode()


def make_villages(count: int) -> None:
    factories.make_region("411521001")
    parent = Region.objects.get(code="411521001")
    Region.objects.bulk_create(
        Region(
            code=f"411521001{n:03d}",
            path=f"411521001{n:03d}",
            name="同名村",
            level=5,
            parent=parent,
            starts_on=date(2000, 1, 1),
        )
        for n in range(100, 100 + count)
    )


def test_rows_stand_under_labelled_heads_with_the_first_as_link(ask, regions):
    drawn = text(ask())
    assert '<a href="/regions/411521">罗山县</a>' in drawn
    assert 'data-label="代码"' in drawn
    assert '<th scope="col"' in drawn
    assert drawn.count('<th scope="col"') == 5, "an invisible column is not drawn"


@pytest.mark.parametrize(
    "query", ["?q=罗山", "?q=411521", "?level=4", "?starts_on_after=1999-01-01", "?region=41"]
)
def test_known_parameters_are_taken(ask, regions, query):
    assert ask(query).status_code == 200


@pytest.mark.parametrize("query", ["?nmae=1", "?starts_on=2000-01-01", "?q=1&csrf=2"])
def test_unknown_parameters_are_refused(ask, query):
    with pytest.raises(BadRequest):
        ask(query)


def test_a_list_without_filters_knows_no_search(ask):
    assert ask("?page=1", filters=None).status_code == 200
    with pytest.raises(BadRequest):
        ask("?q=1", filters=None)


@pytest.mark.parametrize("query", ["?sort=path", "?sort=-nothing", "?sort=code", "?sort=--name"])
def test_an_unknown_sort_is_not_found(ask, query):
    with pytest.raises(Http404):
        ask(query)


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "1.5", "99999999999999999999"])
def test_a_page_that_is_not_there_is_not_found(ask, regions, page):
    with pytest.raises(Http404):
        ask(f"?page={page}")


def test_every_word_must_be_found(ask, regions):
    drawn = text(ask("?q=社区 411521001003"))
    assert "邵洼社区" in drawn
    assert "高湾社区" not in drawn


def test_sort_goes_both_ways(ask, regions):
    up, down = text(ask("?sort=level")), text(ask("?sort=-level"))
    assert up.index("河南省") < up.index("邵洼社区")
    assert down.index("河南省") > down.index("邵洼社区")
    assert 'aria-sort="descending"' in down


def test_pages_hold_fifty_and_miss_nobody(ask):
    make_villages(120)
    seen = []
    for page in (1, 2, 3):
        drawn = text(ask(f"?level=5&page={page}&sort=name"))
        seen += [n for n in range(100, 220) if f'href="/regions/411521001{n}"' in drawn]
    assert sorted(seen) == list(range(100, 220))
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(("count", "queries"), [(3, 1), (30, 1), (60, 2)])
def test_queries_do_not_grow_with_rows(ask, django_assert_num_queries, count, queries):
    """A page that is not full is not counted as well."""
    make_villages(count)
    with django_assert_num_queries(queries):
        ask()


def test_a_long_list_is_counted_and_paged_up_to_the_limit(ask, settings):
    settings.LIST_COUNT_LIMIT, settings.PAGE_SIZE = 20, 10
    make_villages(30)
    assert "条以上" in text(ask("?page=2"))
    with pytest.raises(Http404):
        ask("?page=3")
    settings.LIST_COUNT_LIMIT = 100
    assert "条以上" not in text(ask("?page=3"))


def test_a_column_s_render_gets_what_it_asks_for(ask):
    class Odd(RegionTable):
        level = tables.Column(attrs={"td": {"class": lambda record: f"at-{record.level}"}})

        def render_level(self, value, record, **more):
            return format_html("<i>{}</i>{}", record.code, len(more) > 0)

        def render_code(self, record):
            return "<b>"

    make_villages(1)
    drawn = text(ask(table=Odd))
    assert 'class="at-5"' in drawn
    assert "<i>411521001100</i>True" in drawn
    assert "&lt;b&gt;" in drawn
    assert drawn.count('<th scope="row"') == drawn.count("<tr class=")


def test_none_yet_and_none_match_differ(ask, regions):
    empty = text(ask(rows=Region.objects.none()))
    assert "还没有地区" in empty
    assert "先载入行政区划。" in empty
    assert 'href="/add"' in empty
    unmatched = text(ask("?q=没有这个"))
    assert "还没有地区" not in unmatched
    assert 'href="/regions/"' in unmatched


def test_an_invalid_filter_lists_nothing_and_says_why(ask, regions):
    drawn = text(ask("?level=77"))
    assert "罗山县" not in drawn
    assert "77" in drawn


def test_htmx_gets_the_results_alone(ask, regions):
    whole, part = ask(), ask(htmx=True)
    assert "<form" in text(whole)
    assert "<form" not in text(part)
    assert "罗山县" in text(part)
    assert "HX-Request" in whole["Vary"]


def test_works_on_plain_lists(ask):
    rows = [{"name": "乙", "code": "2", "level": 2}, {"name": "甲", "code": "1", "level": 1}]

    class Plain(ListTable):
        name = tables.Column()
        level = FigureColumn()

    drawn = text(ask("?sort=level", rows=rows, table=Plain, filters=None))
    assert drawn.index("甲") < drawn.index("乙")


def read(response) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    return [tuple(cell.value for cell in row) for row in book.active.iter_rows()]


def test_export_holds_what_the_screen_shows(ask, county_clerk):
    response = ask("?export=xlsx&q=罗山", user=county_clerk)
    assert read(response) == [
        ("名称", "代码", "级别", "序号", "起"),
        (
            "罗山县",
            "411521",
            str(Region.Level.COUNTY.label),
            Region.objects.get(code="411521").pk,
            "2000-01-01",
        ),
    ]
    assert "filename*=utf-8''" in response["Content-Disposition"]


def test_export_is_audited_with_count_and_columns(ask, county_clerk):
    ask("?export=xlsx&q=罗山", user=county_clerk)
    event = AuditEvent.objects.get(action="lms.list_exported")
    assert event.actor == county_clerk
    assert event.detail["count"] == 1
    assert event.detail["columns"] == ["名称", "代码", "级别", "序号", "起"]


def test_text_that_looks_like_a_formula_stays_text(ask, county_clerk):
    region = factories.make_region("411521")
    region.name = '=HYPERLINK("http://x")'
    region.save(update_fields=["name"])
    response = ask("?export=xlsx&q=HYPERLINK", user=county_clerk)
    cell = openpyxl.load_workbook(io.BytesIO(response.content)).active["A2"]
    assert cell.data_type == "s"
    assert cell.value == '=HYPERLINK("http://x")'


def test_too_many_rows_are_refused_with_a_word(ask, settings, county_clerk):
    settings.EXPORT_MAX_ROWS = 2
    response = ask("?export=xlsx&sort=name", user=county_clerk)
    assert response.status_code == 302
    assert response.url == "/regions/?sort=name"
    assert not AuditEvent.objects.filter(action="lms.list_exported").exists()


@pytest.mark.parametrize(("query", "name"), [("?export=csv", "地区"), ("?export=xlsx", "")])
def test_only_offered_exports_are_found(ask, query, name):
    with pytest.raises(Http404):
        ask(query, export_name=name)


def test_what_a_page_offers_in_its_filters_stays_with_it():
    """The filters of a class are copied for each page, and not deeper than a page changes them."""
    one, other = (RegionFilters({}, queryset=Region.objects.all()) for _ in range(2))
    one.filters["level"].extra["choices"] = [("9", "九")]
    one.filters["q"].label = "找"
    assert other.filters["level"].extra["choices"] == [(4, "乡镇"), (5, "村")]
    assert RegionFilters.base_filters["level"].extra["choices"] == [(4, "乡镇"), (5, "村")]
    assert RegionFilters.base_filters["q"].label == other.filters["q"].label != "找"
    one.form.fields["level"].label = "别的"
    assert other.form.fields["level"].label == "级别"
    assert one.filters["q"].filter.f is one.filters["q"]
