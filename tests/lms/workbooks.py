"""Workbooks made to be read, refused or to do harm."""

import io
import zipfile
from datetime import datetime

import pytest
import xlsxwriter

from lms.lib.spreadsheets import (
    MESSAGES,
    FileError,
    read_workbook,
)

SHEET_HEAD = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SHEET_TAIL = b"</sheetData></worksheet>"
HALF_PAST_EIGHT = datetime.fromisoformat("2019-10-29T08:30")
# One byte wrong; it would read as GBK without a complaint, and as nonsense.
DAMAGED_UTF8 = b"\xe5\xe5" + "姓名,电话\n张伟,1\n李四,2\n王五赵六,3\n".encode()[2:]
ROSTER = "姓名,身份证号\n张伟,411521195107269181\n"


def make_xlsx(rows=(("姓名", "电话"), ("张伟", "13800000000")), **change):
    """A real workbook; `change` maps a member's name, with / as __, to bytes or a function."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        sheet = workbook.add_worksheet("名单")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return repack(buffer.getvalue(), change)


def repack(data, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for member in old.infolist():
            new.writestr(member.filename, change.pop(member.filename, old.read(member)))
        for name, content in change.items():
            new.writestr(name, content, zipfile.ZIP_STORED)
    return out.getvalue()


def make_sheet_xlsx(sheet_data):
    return make_xlsx(**{"xl/worksheets/sheet1.xml": SHEET_HEAD + sheet_data + SHEET_TAIL})


def code_of(data, filename="roster.xlsx", limits=None):
    with pytest.raises(FileError) as caught:
        read_workbook(data, filename, limits)
    assert caught.value.code in MESSAGES
    assert caught.value.message
    return caught.value.code
