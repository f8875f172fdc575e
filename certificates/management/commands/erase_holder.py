"""Destroy the personal part and the files of a person's certificates, at that person's request."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from certificates.actions import erase_holder
from learners.models import Erasure, Learner
from lms.lib.errors import ActionError


class Command(BaseCommand):
    help = "Destroy key, salt and files of a learner's certificates; it cannot be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("learner", help="the id in the address of the learner's page")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who answers for it")
        parser.add_argument("--reason", required=True, choices=Erasure.Reason.values)

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["by"], is_active=True).first()
        if user is None:
            raise CommandError("--by names nobody who may sign in")
        try:
            learner = Learner.objects.filter(pk=options["learner"]).first()
            if learner is None:
                raise CommandError("there is no such learner")
            count = erase_holder(learner=learner, reason=options["reason"], actor=user)
        except ValidationError as error:
            raise CommandError("that is no id of a learner") from error
        except ActionError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(f"{count} certificates hold nothing personal any more")
