"""Load the demonstration once; afterwards make sure that there is work for today."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms import demo


class Command(BaseCommand):
    help = (
        "Three counties with people, classes, certificates, shops and quotas; never in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--top-up", action="store_true", help="and two sessions for today")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration is refused in production.")
        demo.build(self._say)
        if options["top_up"]:
            demo.top_up(self._say)

    def _say(self, line: str) -> None:
        self.stdout.write(f"demo: {line}")
