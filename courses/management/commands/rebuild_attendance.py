"""Compute attendance anew from its events and report what differs."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courses.actions import rebuild_projections
from courses.models import ClassSession

#: Sessions in one transaction.
AT_ONCE = 25


class Command(BaseCommand):
    help = "Compute attendance anew from its events; prints one line per session that differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--session", help="only the session with this id")

    def handle(self, *args: Any, session: str | None = None, **options: Any) -> None:
        rows = ClassSession.objects.order_by("pk")
        if session is not None:
            rows = rows.filter(pk=session)
            if not rows.exists():
                raise CommandError(f"no session {session}")
        total = different = 0
        for part in batched(rows.iterator(chunk_size=500)):
            total += len(part)
            for found in rebuild_projections(sessions=part, actor=None):
                different += 1
                self.stdout.write(
                    f"{found.session_id}: {found.status_before} -> {found.status_after}, "
                    f"{len(found.learners)} learners"
                )
        self.stdout.write(f"{total} sessions, {different} differed")


def batched(rows: Iterator[ClassSession]) -> Iterator[list[ClassSession]]:
    while part := list(islice(rows, AT_ONCE)):
        yield part
