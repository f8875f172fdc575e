"""openpyxl write_only: 10.6k rows/s of 10 columns, 36 MB, as measured for the design.

Writes the rows of a text file (cells parted by tabs) to a workbook: what a product does that builds
its exports on openpyxl, without reading, decrypting or masking anything.

    python -m tests.benchmarks.peers.openpyxl_writing ROWS.tsv TARGET.xlsx
"""

import json
import sys
import time
from pathlib import Path

import openpyxl

from tests.benchmarks.processes import most_memory_mb

#: The figure of the first line, in cells a second, as our files have another number of columns.
#: A peer below half of it was not measured fairly.
QUOTED_CELLS = 10_600 * 10


def write(source: Path, target: Path) -> int:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("List")
    count = 0
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            sheet.append(line.rstrip("\n").split("\t"))
            count += 1
    book.save(target)
    return count


def main(source: str, target: str) -> None:
    started = time.perf_counter()
    count = write(Path(source), Path(target))
    seconds = time.perf_counter() - started
    print(json.dumps({"rows": count, "seconds": seconds, "rss_mb": most_memory_mb()}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
