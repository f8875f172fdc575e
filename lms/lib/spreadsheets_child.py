"""Read one workbook in a process of its own, with little memory and little time.

Run as `python -m lms.lib.spreadsheets_child KIND LIMITS < FILE`. A crafted file can abort the
parser or make it spin; here that ends this process and nothing else. The answer on standard
output is lines of JSON, the last of them {"end": true} or {"error": CODE}.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from datetime import date
from itertools import islice
from typing import Any

from lms.lib.spreadsheets_preflight import Limits, Package, RefusedError, scan_package

_ROWS_PER_LINE = 2000


def main(kind: str, limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    data = sys.stdin.buffer.read(limits.file_bytes + 1)
    try:
        _read(data, kind, limits)
    except RefusedError as refusal:
        _say({"error": refusal.code})
    except MemoryError:
        _say({"error": "FILE_TOO_COMPLEX"})
    else:
        _say({"end": True})


def _read(data: bytes, kind: str, limits: Limits) -> None:
    package = scan_package(data, limits) if kind == "xlsx" else Package()
    import python_calamine as calamine  # only now: nothing of the file reached it before the scan

    try:
        with calamine.load_workbook(io.BytesIO(data)) as workbook:
            left = limits.text_bytes
            for index, sheet in enumerate(workbook.sheets_metadata):
                if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
                    left -= _read_sheet(workbook, index, package, limits, left)
    except calamine.PasswordError as error:
        raise RefusedError("FILE_ENCRYPTED") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise RefusedError("FILE_DAMAGED" if kind == "xlsx" else "FILE_SAVE_AS_XLSX") from error


def _read_sheet(workbook: Any, index: int, package: Package, limits: Limits, left: int) -> int:
    import python_calamine as calamine

    metadata = workbook.sheets_metadata[index]
    sheet = workbook.get_sheet_by_index(index)
    end = sheet.end
    if end and (end[0] >= limits.rows or end[1] >= limits.columns):
        raise RefusedError("FILE_TOO_MANY_CELLS")
    _say(
        {
            "sheet": metadata.name,
            "visible": metadata.visible == calamine.SheetVisibleEnum.Visible,
            "hidden": package.hidden_rows.get(metadata.name, []),
            "widths": list(package.widths.get(metadata.name, {}).items()),
            "merged": sheet.merged_cell_ranges or [],
        }
    )
    said = 0
    left_of_all: list[object] = [None] * sheet.start[1] if end else []
    rows = sheet.iter_rows() if end else iter(())
    while batch := [
        [*left_of_all, *[None if value == "" else value for value in row]]
        for row in islice(rows, _ROWS_PER_LINE)
    ]:
        said += _say({"rows": batch})
        if said > left:
            raise RefusedError("FILE_TOO_COMPLEX")
    return said


def _say(message: dict[str, Any]) -> int:
    line = _encode(message)
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
    return len(line)


def _plain(value: object) -> object:
    return {"date": value.isoformat()} if isinstance(value, date) else str(value)


_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_plain
).encode


if __name__ == "__main__":
    main(sys.argv[1], Limits(**json.loads(sys.argv[2])))
