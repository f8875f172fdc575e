"""The parts of a list that are drawn hundreds of times a page, without a template for each.

A template costs ten times as much as the text that it makes; a page of 50 rows and five selects
spent four fifths of its time there.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
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
    return f'<option value="{conditional_escape(value)}"{mark}>{conditional_escape(label)}</option>'


def quick_selects(form: forms.Form) -> None:
    for field in form.fields.values():
        if type(field.widget) is forms.Select and isinstance(field, forms.ChoiceField):
            widget = QuickSelect(attrs=field.widget.attrs, choices=field.widget.choices)
            widget.is_required = field.widget.is_required
            field.widget = widget


class Row(BoundRow):  # type: ignore[misc]
    """A row that does not ask each time anew what a column's render function wants."""

    def __init__(self, record: Any, table: Any, wanted: dict[str, tuple[str, ...] | None]) -> None:
        super().__init__(record, table)
        self.wanted = wanted

    def _call_render(self, bound_column: Column, value: Any = None) -> Any:
        known = {
            "value": value,
            "record": self.record,
            "column": bound_column.column,
            "bound_column": bound_column,
            "bound_row": self,
            "table": self.table,
        }
        name = bound_column.name
        if name not in self.wanted:
            self.wanted[name] = _wanted(bound_column.render, known)
        names = self.wanted[name]
        given = known if names is None else {key: known[key] for key in names}
        content = bound_column.render(**given)
        return bound_column.link(content, **known) if bound_column.link else content


def _wanted(render: Callable[..., Any], known: Iterable[str]) -> tuple[str, ...] | None:
    """The names of its arguments; None = it takes all that there is."""
    names, takes_all = signature(render)
    if unknown := set(names) - set(known):
        raise TypeError(f"{render} asks for {', '.join(sorted(unknown))}")
    return None if takes_all else tuple(names)


def table_body(table: Any) -> SafeString:
    """The rows of `tbody`: the first cell names its row, every cell its column (for phones)."""
    columns = [
        (column, _opening(column, is_first), "</div></th>" if is_first else "</div></td>")
        for column, is_first in zip(table.columns, _first_then_others(), strict=False)
    ]
    wanted: dict[str, tuple[str, ...] | None] = {}
    lines = []
    for record in table.paginated_rows.data:
        row = Row(record, table, wanted)
        lines.append(f'<tr class="{conditional_escape(row.attrs["class"])}">')
        for column, opening, closing in columns:
            cell = conditional_escape(row.get_cell(column.name))
            lines.append(opening(record) if callable(opening) else opening)
            lines.append(cell + closing)
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
