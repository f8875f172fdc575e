from typing import Any

from django.core.management.base import BaseCommand

from learners.tasks import sweep_duplicates


class Command(BaseCommand):
    help = (
        "Index names with birth dates where that was not done yet, and put every two records that "
        "may be one person on the queue of suspected duplicates. The worker does the same daily."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{sweep_duplicates()} new pairs")
