"""Destroy what is personal of a person, at that person's request; or again after a restore."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from learners.actions.erasing import ErasureError, erase_learner
from learners.models import Learner
from lms.lib.errors import ActionError


class Command(BaseCommand):
    help = "Erase a learner; it cannot be undone. --list prints who was, --from erases them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("learner", nargs="*", help="the id in the address of the person's page")
        parser.add_argument("--by", metavar="USERNAME", help="who answers for it")
        parser.add_argument("--reason", default="")
        parser.add_argument("--list", action="store_true", help="ids of all who were erased")
        parser.add_argument("--from", dest="file", type=Path, help="a file that --list wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            rows = Learner.objects.filter(erased_at__isnull=False, merged_into__isnull=True)
            for key in rows.order_by("erased_at").values_list("pk", flat=True):
                self.stdout.write(str(key))
            return
        user = User.objects.filter(username=options["by"], is_active=True).first()
        if user is None:
            raise CommandError("--by names nobody who may sign in")
        asked = list(options["learner"])
        again = options["file"].read_text(encoding="ascii").split() if options["file"] else []
        if not asked and not again:
            raise CommandError("name the learner, or a file with --from")
        count = sum(_erase(key, user, options["reason"]) for key in asked)
        count += sum(_erase(key, user, options["reason"], again=True) for key in again)
        self.stdout.write(f"{count} records hold nothing personal any more")


def _erase(key: str, user: User, reason: str, *, again: bool = False) -> int:
    try:
        learner = Learner.objects.filter(pk=key).first()
        if learner is None and again:
            return 0  # the backup is older than the person
        if learner is None:
            raise CommandError(f"{key}: there is no such learner")
        return erase_learner(learner=learner, reason=reason, actor=user)
    except ValidationError as error:
        raise CommandError(f"{key}: that is no id of a learner") from error
    except ErasureError as error:
        if again and error.code == "ERASED":
            return 0
        raise CommandError(f"{key}: {error.message}") from error
    except ActionError as error:
        raise CommandError(f"{key}: {error.message}") from error
