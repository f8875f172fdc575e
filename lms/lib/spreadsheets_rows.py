"""Long sheets of text, written row by row.

XlsxWriter keeps an object a cell and checks each on its way out, which is most of what a long
export costs. Here a whole row goes out at once; everything else (styles, sheets, header, zip)
stays XlsxWriter's.
"""

import re
from collections.abc import Iterable, Sequence

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from lms.lib.spreadsheets import cell_text

#: What XML cannot hold as it stands, or what readers would strip.
_UNSAFE = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x[0-9A-Fa-f]{4}_")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPED = re.compile("_(x[0-9A-Fa-f]{4}_)")


class TextSheet(Worksheet):  # type: ignore[misc]
    """For `add_worksheet(worksheet_class=TextSheet)` of a workbook in constant memory."""

    def write_texts(self, first: int, rows: Iterable[Sequence[str]], columns: int) -> int:
        """Write `rows` from line `first` (counted from 0) on; the line after the last one.

        Every cell is an inline string: no formula, no link, no number, whatever it looks like.
        """
        self._write_single_row(first)  # what was written cell by cell before
        line = _template(columns)
        write = self.fh.write
        number = first
        for row in rows:
            number += 1
            cells = row if not _UNSAFE.search("\t".join(row)) else [_escaped(text) for text in row]
            write(line.format(*cells, n=number))
        if number > first:
            self._check_dimensions(number - 1, columns - 1)
            self.previous_row = number
        return number


def _template(columns: int) -> str:
    cell = '<c r="{}{{n}}" t="inlineStr"><is><t xml:space="preserve">{{}}</t></is></c>'
    cells = "".join(cell.format(xl_col_to_name(column)) for column in range(columns))
    return f'<row r="{{n}}">{cells}</row>'


def _escaped(text: str) -> str:
    text = _ESCAPED.sub(r"_x005F_\1", cell_text(text))
    text = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
