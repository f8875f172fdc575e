"""The parts of a list that are drawn hundreds of times a page, without a template for each.

A template costs ten times as much as the text that it makes; a page of 50 rows and five selects
spent four fifths of its time there.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from html import escape
from operator import methodcaller
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django_tables2.columns import ManyToManyColumn
from django_tables2.columns.linkcolumn import BaseLinkColumn
from django_tables2.rows import BoundRow
from django_tables2.utils import signature

Column = Any


class QuickSelect(forms.Select):
    """A select of plain choices (no groups)."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        if any(isinstance(label, list | tuple) for _value, label in self.choices):
            return super().render(name, value, attrs, renderer)
        chosen = set(self.format_value(value))
        options = "".join(_option(str(key or ""), label, chosen) for key, label in self.choices)
        more = self.build_attrs(self.attrs, attrs)
        flat = forms.utils.flatatt(more)
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flat,
            mark_safe(options),  # noqa: S308 - each was escaped
        )


def _option(value: str, label: Any, chosen: set[str]) -> str:
    mark = " selected" if value in chosen else ""
    return f'<option value="{escaped(value)}"{mark}>{escaped(label)}</option>'


def quick_selects(form: forms.Form) -> None:
    for field in form.fields.values():
        if type(field.widget) is forms.Select and isinstance(field, forms.ChoiceField):
            widget = QuickSelect(attrs=field.widget.attrs, choices=field.widget.choices)
            widget.is_required = field.widget.is_required
            field.widget = widget


def _wanted(render: Callable[..., Any], known: Iterable[str]) -> tuple[str, ...] | None:
    """The names of its arguments; None = it takes all that there is."""
    names, takes_all = signature(render)
    if unknown := set(names) - set(known):
        raise TypeError(f"{render} asks for {', '.join(sorted(unknown))}")
    return None if takes_all else tuple(names)


def _called(render: Callable[..., Any], asked: Sequence[str]) -> Callable[[Any, Any, Any], Any]:
    """By what it asks for: a dictionary for each cell costs more than most of them draw."""
    if list(asked) == ["value"]:
        return lambda value, _record, _row: render(value=value)
    if list(asked) == ["record"]:
        return lambda _value, record, _row: render(record=record)
    if list(asked) == ["value", "record"]:
        return lambda value, record, _row: render(value=value, record=record)
    return lambda value, record, row: render(
        **{name: {"value": value, "record": record, "bound_row": row}[name] for name in asked}
    )


_KNOWN = ("value", "record", "column", "bound_column", "bound_row", "table")


class Cells:
    """Draws the cells of one column: what does not change from row to row is found out once."""

    def __init__(self, column: Column, table: Any, opening: Any, closing: str) -> None:
        self.column, self.table = column, table
        self.opening, self.closing = opening, closing
        self.wanted = _wanted(column.render, _KNOWN) or _KNOWN
        self.fixed = {
            name: value
            for name, value in (
                ("column", column.column),
                ("bound_column", column),
                ("table", table),
            )
            if name in self.wanted
        }
        asked = [name for name in ("value", "record", "bound_row") if name in self.wanted]
        self.render = _called(partial(column.render, **self.fixed), asked)
        self.empty = column.column.empty_values
        self.kind: type | None = None
        self.read: Callable[[Any], Any] | None = None

    def draw(self, record: Any, row: BoundRow) -> str:
        opening = self.opening(record) if callable(self.opening) else self.opening
        return f"{opening}{escaped(self.content(record, row))}{self.closing}"

    def content(self, record: Any, row: BoundRow) -> Any:
        if type(record) is not self.kind:
            self.kind, self.read = type(record), _plain_reader(record, self.column)
        if self.read is None or self.column.link:
            return row.get_cell(self.column.name)
        value = self.read(record)
        if value in self.empty:
            return self.column.default
        return self.render(value, record, row)


def escaped(value: Any) -> str:
    """As `conditional_escape`, without asking of every cell whether its text is lazy."""
    if type(value) is SafeString:
        return value
    return escape(value) if type(value) is str else str(conditional_escape(value))


def _plain_reader(record: Any, column: Column) -> Callable[[Any], Any] | None:
    """How a column's value is read where that is an attribute of a model; else None."""
    name = str(column.accessor)
    if not isinstance(record, Model) or not name.isidentifier() or "__" in name:
        return None
    if isinstance(column.column, ManyToManyColumn | BaseLinkColumn):
        return None
    field = next((one for one in record._meta.concrete_fields if one.name == name), None)
    if field is not None and field.choices:
        return methodcaller(f"get_{name}_display")
    if callable(getattr(type(record), name, None)):
        return None
    return lambda one: getattr(one, name, None)


def table_body(table: Any) -> SafeString:
    """The rows of `tbody`: the first cell names its row, every cell its column (for phones)."""
    columns = [
        Cells(
            column, table, _opening(column, is_first), "</div></th>" if is_first else "</div></td>"
        )
        for column, is_first in zip(table.columns, _first_then_others(), strict=False)
    ]
    lines = []
    for record in table.paginated_rows.data:
        row = BoundRow(record, table)
        lines.append(f'<tr class="{conditional_escape(row.attrs["class"])}">')
        lines.extend(cells.draw(record, row) for cells in columns)
        lines.append("</tr>\n")
    return mark_safe("".join(lines))  # noqa: S308 - each cell was escaped


def _first_then_others() -> Iterable[bool]:
    yield True
    while True:
        yield False


def _opening(column: Column, is_first: bool) -> str | Callable[[Any], str]:
    """What stands before a cell; a function where its class depends on the record."""
    tag = 'th scope="row"' if is_first else "td"
    label = conditional_escape(column.header)

    def opening(record: Any = None) -> str:
        if record is not None:
            column.current_record, column.current_value = record, record
        found = conditional_escape(column.attrs["td"]["class"])
        return f'<{tag} class="{found}" data-label="{label}"><div class="cell">'

    given = column.column.attrs
    attributes = {**given.get("cell", {}), **given.get("td", {})}
    return opening if any(callable(value) for value in attributes.values()) else opening()
