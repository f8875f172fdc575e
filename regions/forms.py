"""What a file of regions brings: code, parent_code, level, name; plain or gzipped UTF-8 CSV."""

import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

from lms.lib.errors import ActionError
from regions.models import Region

COLUMNS = ["code", "parent_code", "level", "name"]
#: Digits of a code by level.
DIGITS = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}
MAX_SHOWN = 10
PLACEHOLDERS = {"市辖区", "县"}


class RegionFileError(ActionError):
    """The file cannot be loaded; `message` names the lines."""


@dataclass(frozen=True)
class RegionRow:
    line: int
    code: str
    level: int
    name: str

    @property
    def parent_code(self) -> str:
        return self.code[: DIGITS[self.level - 1]] if self.level > 1 else ""

    @property
    def is_statistical(self) -> bool:
        """Rows that the statistics need and nobody lives in: see Region.is_statistical."""
        match self.level:
            case Region.Level.PREFECTURE:
                return self.name in PLACEHOLDERS or "直辖县级" in self.name
            case Region.Level.COUNTY:
                return self.name in PLACEHOLDERS or "71" <= self.code[4:6] <= "79"
            case _:
                return "直辖村级" in self.name


def read_rows(path: Path) -> list[RegionRow]:
    """The rows of a file, or RegionFileError that lists what is wrong with which line."""
    rows: list[RegionRow] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line, cells in _cells(path):
        problem = _find_problem(cells)
        if not problem and cells[0] in seen:
            problem = f"code {cells[0]} stands on line {seen[cells[0]]} too"
        if problem:
            problems.append(f"line {line}: {problem}")
            continue
        seen[cells[0]] = line
        rows.append(RegionRow(line=line, code=cells[0], level=int(cells[2]), name=cells[3]))
    refuse(problems)
    return rows


def refuse(problems: list[str]) -> None:
    if problems:
        rest = len(problems) - MAX_SHOWN
        shown = problems[:MAX_SHOWN] + ([f"and {rest} more"] if rest > 0 else [])
        raise RegionFileError("ROWS", "\n".join(shown))


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise RegionFileError("UNREADABLE", f"cannot read {path.name}: {error}") from error
    reader = csv.reader(io.StringIO(text))
    if next(reader, []) != COLUMNS:
        raise RegionFileError("HEADER", f"line 1: the columns must be {','.join(COLUMNS)}")
    return [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if cells]


def _find_problem(cells: list[str]) -> str:
    if len(cells) != len(COLUMNS):
        return f"{len(cells)} cells instead of {len(COLUMNS)}"
    code, parent_code, level, name = cells
    if level not in {"1", "2", "3", "4", "5"}:
        return f"level {level} is not 1 to 5"
    digits = DIGITS[int(level)]
    if not (code.isascii() and code.isdigit() and len(code) == digits):
        return f"code {code} must have {digits} digits at level {level}"
    if parent_code != (code[: DIGITS[int(level) - 1]] if level != "1" else ""):
        return f"parent {parent_code} does not fit code {code}"
    if not 0 < len(name) <= 80:
        return "the name must have 1 to 80 characters"
    return ""
