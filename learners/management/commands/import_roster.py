"""Import a roster file from the command line, or only say what would come of it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from learners.actions.imports import (
    ImportRun,
    RosterError,
    begin_import,
    import_chunk,
    receive_roster,
)
from learners.models import RosterImport
from learners.queries import places_of
from learners.queries.rosters import refusal_message, verdict_counts
from learners.roster.judging import judge
from learners.roster.report import Report
from learners.tasks import check_roster
from lms.lib.spreadsheets import FileError, read_workbook
from regions.models import Region


class Command(BaseCommand):
    help = "Import a county's roster (.xlsx, .xls, .csv, .txt); --dry-run only judges it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--region",
            required=True,
            help="code of the county, or of the prefecture when the file holds several counties",
        )
        parser.add_argument("--as-of", required=True, type=date.fromisoformat, help="YYYY-MM-DD")
        parser.add_argument("--dry-run", action="store_true", help="judge, store nothing")
        parser.add_argument("--json", type=Path, metavar="REPORT", help="write the report here")

    def handle(self, *args: Any, **options: Any) -> None:
        region = Region.objects.current().filter(code=options["region"]).first()
        if region is None:
            raise CommandError(f"No region has the code {options['region']}.")
        path: Path = options["file"]
        try:
            report = self._judge(path, region, options["as_of"])
        except FileError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        if options["json"]:
            text = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
            options["json"].write_text(text + "\n", encoding="utf-8")
        self._print_counts(report)
        if not options["dry_run"]:
            self._import(path, region, options["as_of"])

    def _judge(self, path: Path, region: Region, as_of: date) -> Report:
        workbook = read_workbook(path)
        return judge(workbook, places_of(region), as_of=as_of, county_code=region.code)

    def _print_counts(self, report: Report) -> None:
        counts = report.counts()
        self.stdout.write(
            f"{report.file}: {counts['person_rows']} people, {counts['clean_rows']} can be "
            f"imported, {counts['rejected_rows']} must be corrected, "
            f"{counts['skipped_rows']} other rows skipped"
        )
        for code, count in counts["by_code"].items():
            self.stdout.write(f"  {code} {count}")

    def _import(self, path: Path, region: Region, as_of: date) -> None:
        roster_import = receive_roster(
            content=path.read_bytes(), file_name=path.name, region=region, as_of=as_of, actor=None
        )
        roster_import = check_roster(roster_import=roster_import, actor=None)
        if roster_import.state == RosterImport.State.REFUSED:
            raise CommandError(refusal_message(roster_import))
        if roster_import.state == RosterImport.State.UNSURE:
            page = reverse("learners:import_columns", args=[roster_import.pk])
            raise CommandError(
                "The columns are not certain, so no row was stored. "
                f"Say which is which at {page}, or give the import up there."
            )
        try:
            begin_import(roster_import=roster_import, actor=None)
        except RosterError as error:
            raise CommandError(str(error.message)) from error
        run = ImportRun.of(roster_import)
        while import_chunk(roster_import=roster_import, run=run, actor=None):
            pass
        counts = verdict_counts(roster_import)
        self.stdout.write(f"imported {counts['OK'] + counts['WARNING']} rows")
