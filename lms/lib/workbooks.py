"""A workbook of one table, for the lists that are exported at once."""

import io
from collections.abc import Iterable
from datetime import date, datetime
from html import unescape
from typing import Any

from django.utils import timezone
from django.utils.html import strip_tags

from lms.lib.spreadsheets import open_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write_xlsx(header: Iterable[Any], body: Iterable[Iterable[Any]]) -> bytes:
    """A workbook of one sheet: numbers as numbers, everything else typed as text."""
    buffer = io.BytesIO()
    with open_workbook(buffer) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bottom": 1})
        for column, title in enumerate(header):
            sheet.write_string(0, column, cell_text(title), bold)
            sheet.set_column(column, column, 18)
        for line, cells in enumerate(body, 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, int | float) and not isinstance(cell, bool):
                    sheet.write_number(line, column, cell)
                else:
                    sheet.write_string(line, column, cell_text(cell))
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def cell_text(value: Any) -> str:
    """The words of a cell: no markup, days in ISO form, as much as a cell holds."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{local:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if hasattr(value, "__html__"):
        text = unescape(strip_tags(text)).strip()
    return text[:32_767]
