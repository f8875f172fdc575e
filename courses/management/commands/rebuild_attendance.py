"""Compute attendance anew from its events and report what differs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courses.actions import rebuild_projection
from courses.models import ClassSession


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
        for row in rows.iterator(chunk_size=500):
            total += 1
            found = rebuild_projection(session=row, actor=None)
            if found is not None:
                different += 1
                self.stdout.write(
                    f"{found.session_id}: {found.status_before} -> {found.status_after}, "
                    f"{len(found.learners)} learners"
                )
        self.stdout.write(f"{total} sessions, {different} differed")
