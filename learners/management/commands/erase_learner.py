"""Destroy what is personal of a person, at that person's request; or again after a restore."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from learners.actions.erasing import erase_learner
from learners.models import Erasure, Learner
from lms.lib.errors import ActionError

#: In a line of the list: class photos went as well.
PHOTOS = "photos"


class Command(BaseCommand):
    help = (
        "Erase a learner; it cannot be undone. --list prints who was, when and why; "
        "--from FILE erases them again after a restore."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("learner", nargs="*", help="the id in the address of the person's page")
        parser.add_argument("--by", metavar="USERNAME", help="who answers for it")
        parser.add_argument("--reason", choices=Erasure.Reason.values, default="")
        parser.add_argument("--note", default="", help="a letter's number; never the person's name")
        parser.add_argument(
            "--photos",
            action="store_true",
            help="also remove the class photos on which they may stand; --from goes by its list",
        )
        parser.add_argument("--list", action="store_true", help="ids of all who were erased")
        parser.add_argument("--from", dest="file", type=Path, help="a file that --list wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list()
            return
        user = User.objects.filter(username=options["by"], is_active=True).first()
        if user is None:
            raise CommandError("--by names nobody who may sign in")
        again = options["file"].read_text(encoding="ascii").splitlines() if options["file"] else []
        if not options["learner"] and not again:
            raise CommandError("name the learner, or a file with --from")
        count = 0
        for key in options["learner"]:
            erasing = Asked(key, options["reason"], options["note"], options["photos"])
            count += _erase(erasing, user)
        replay = Replay(options["reason"], user)
        found = [replay.erase(line) for line in again if line.strip()]
        count += sum(one for one in found if one is not None)
        self.stdout.write(f"{count} people hold nothing personal any more")
        for key in replay.unnoted:
            self.stdout.write(f"{key}: the note of the list names this person and was left out")
        if strangers := sum(one is None for one in found):
            self.stdout.write(
                f"{strangers} of the list came after this backup: give up the rosters that waited "
                "when it was made, for they may be in them"
            )

    def _list(self) -> None:
        """The key, the reason, the day, whether class photos went, and the note in quotes; "-" for
        the reason where an erasure is older than its record. Merged records too: a backup may be
        older than the merge."""
        rows = Learner.objects.filter(erased_at__isnull=False).order_by("erased_at", "pk")
        for row in rows.select_related("erasure", "merged_into__erasure"):
            erasure = getattr(row.merged_into or row, "erasure", None)
            words = [str(row.pk), erasure.reason if erasure else "-", f"{row.erased_at:%Y-%m-%d}"]
            if erasure and erasure.photos:
                words.append(PHOTOS)
            if erasure and erasure.note:
                words.append(json.dumps(erasure.note))
            self.stdout.write(" ".join(words))


class Asked(NamedTuple):
    key: str
    reason: str
    note: str = ""
    photos: bool = False


@dataclass
class Replay:
    """The lines of a list, one by one. `reason`: for lines that have none."""

    reason: str
    user: User
    #: Keys of people whom the note names, as the backup knows them.
    unnoted: list[str] = field(default_factory=list)

    def erase(self, line: str) -> int | None:
        """None: the backup is older than the person."""
        asked = self._asked(line)
        try:
            return _erase(asked, self.user)
        except StrangerError:
            return None
        except ErasedError:
            return 0
        except NoteError:
            self.unnoted.append(asked.key)
            return _erase(asked._replace(note=""), self.user)

    def _asked(self, line: str) -> Asked:
        """As the list has it: the reason, class photos, the note."""
        plain, quote, rest = line.partition('"')
        key, *more = plain.split()
        listed = more[0] if more and more[0] in Erasure.Reason.values else self.reason
        note = str(json.loads(quote + rest)) if quote else ""
        return Asked(key, listed or Erasure.Reason.ASKED, note, photos=PHOTOS in more)


class StrangerError(CommandError):
    """There is no such learner."""


class ErasedError(CommandError):
    """It was done already."""


class NoteError(CommandError):
    """The note names the person."""


REFUSED = {"ERASED": ErasedError, "PERSONAL_NOTE": NoteError}


def _erase(asked: Asked, user: User) -> int:
    key = asked.key
    try:
        learner = Learner.objects.filter(pk=key).first()
        if learner is None:
            raise StrangerError(f"{key}: there is no such learner")
        erase_learner(
            learner=learner, reason=asked.reason, note=asked.note, photos=asked.photos, actor=user
        )
    except ValidationError as error:
        raise CommandError(f"{key}: that is no id of a learner") from error
    except ActionError as error:
        kind = REFUSED.get(error.code, CommandError)
        raise kind(f"{key}: {error.message}") from error
    return 1
