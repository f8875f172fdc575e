from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lms.lib.periods import today
from regions.actions import FROM_THE_START, load_regions
from regions.forms import RegionFileError, RegionRow, read_rows
from regions.models import Region

DATA = Path(__file__).resolve().parents[2] / "data"
#: The whole country down to townships, and the villages of some counties.
OURS = [DATA / "regions.csv.gz", DATA / "villages_demo.csv.gz"]


class Command(BaseCommand):
    help = "Load regions: those that come with the product, or a file of yours. May run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="*", type=Path, help="CSV: code,parent_code,level,name")
        parser.add_argument(
            "--as-of",
            type=date.fromisoformat,
            help="the day on which new regions open and new names take effect "
            f"(unless given: {FROM_THE_START} and today)",
        )
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there are regions"
        )

    def handle(
        self, *args: Any, file: list[Path], as_of: date | None, if_empty: bool, **options: Any
    ) -> None:
        if if_empty and Region.objects.exists():
            return
        try:
            rows = self.read(file or OURS)
            counts = load_regions(
                rows=rows,
                renamed_on=as_of or today(),
                starts_on=as_of or FROM_THE_START,
                actor=None,
            )
        except RegionFileError as error:
            raise CommandError(f"nothing was loaded:\n{error.message}") from error
        self.stdout.write(
            f"regions: {counts.added} added, {counts.renamed} renamed, {counts.unchanged} unchanged"
        )

    def read(self, files: list[Path]) -> list[RegionRow]:
        return [row for path in files for row in read_rows(path)]
