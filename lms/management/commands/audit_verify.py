from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lms.sealing import verify_seals


class Command(BaseCommand):
    help = "Check the seals of the audit trail. Exits 1 when a line was changed or is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            type=bytes.fromhex,
            default=b"",
            help="a head that an earlier run printed; it must still be in the chain",
        )

    def handle(self, *args: Any, head: bytes, **options: Any) -> None:
        report = verify_seals(head)
        self.stdout.write(f"sealed {report.sealed_count}, not sealed yet {report.unsealed_count}")
        if report.broken_at is not None:
            raise CommandError(f"broken seal at event {report.broken_at}")
        if report.head_found is False:
            raise CommandError("the given head is not in the chain: lines were cut off")
        self.stdout.write(f"head {report.head.hex()}")
