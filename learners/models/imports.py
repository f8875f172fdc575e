"""One uploaded roster and its rows, until 90 days after confirmation."""

import json
from collections.abc import Callable
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from learners.models.people import Learner
from lms.lib import crypto
from lms.lib.ids import uuid7
from lms.lib.scope import HasScope, Role, under
from lms.models import TaskProgress
from regions.models import Region


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    def visible_to(self, user: HasScope) -> Self:
        return self.filter(under("region__path", user.scope.prefixes(Role.CLERK)))


class RosterImport(models.Model):
    class State(models.TextChoices):
        UPLOADED = "UPLOADED", _("Being checked")
        REFUSED = "REFUSED", _("Refused")
        #: Nothing was guessed and no row is stored: somebody must say which column is which.
        UNSURE = "UNSURE", _("Columns to be named")
        CHECKED = "CHECKED", _("Checked")
        IMPORTING = "IMPORTING", _("Being imported")
        IMPORTED = "IMPORTED", _("Imported")
        UNDOING = "UNDOING", _("Being taken back")
        UNDONE = "UNDONE", _("Taken back")
        ABANDONED = "ABANDONED", _("Abandoned")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: A county; or a prefecture for a file that holds several counties.
    region = models.ForeignKey(Region, models.PROTECT, related_name="roster_imports")
    as_of = models.DateField(_("as of"))
    #: Encrypted, and kept until the import is confirmed or given up.
    file = models.FileField(upload_to="rosters/", blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    file_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    #: Why the whole file was refused (a FileError code), "" otherwise.
    refusal = models.CharField(max_length=32, blank=True)
    #: Everything of the report that is not a row: sheets, header rows, counts by code.
    summary = models.JSONField(default=dict)
    #: What people said: columns by sheet, and the places that texts stand for.
    answers = models.JSONField(default=dict)
    #: How the sheets were read: their first rows, numbers masked, and what is not certain.
    reading_cipher = models.BinaryField(null=True)
    #: None = `manage.py import_roster`.
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    #: Why it was taken back, in the words of whoever did; "" otherwise.
    undo_reason = models.CharField(_("reason"), max_length=200, blank=True)
    progress = models.ForeignKey(TaskProgress, models.SET_NULL, null=True, related_name="+")

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["UNDOING", "UNDONE"]) | ~Q(undo_reason=""),
                name="rosterimport_undone_has_reason",
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    def _where(self, column: str) -> str:
        return f"learners_rosterimport.{column}:{self.pk}"

    def seal_file(self, content: bytes) -> bytes:
        """The uploaded file as it may lie on a disk."""
        return crypto.encrypt_bytes(content, where=self._where("file"))

    def read_file(self) -> bytes:
        with self.file.open("rb") as stream:
            return crypto.decrypt_bytes(stream.read(), where=self._where("file"))

    def set_reading(self, content: dict[str, Any]) -> None:
        plain = json.dumps(content, ensure_ascii=False)
        self.reading_cipher = crypto.encrypt(plain, where=self._where("reading_cipher"))

    def reading(self) -> dict[str, Any]:
        if not self.reading_cipher:
            return {"sheets": [], "places": []}
        plain = crypto.decrypt(self.reading_cipher, where=self._where("reading_cipher"))
        found: dict[str, Any] = json.loads(plain)
        return found


class RosterFileHints(models.Model):
    """Of whom a file speaks that waits for somebody's answer, as keyed hashes
    (learners.queries.hints); gone with the file. Apart from the upload, as it may be a megabyte."""

    roster_import = models.OneToOneField(
        RosterImport, models.CASCADE, primary_key=True, related_name="file_hints"
    )
    hints = models.BinaryField()

    def __str__(self) -> str:
        return str(self.roster_import_id)


class RosterLayoutQuerySet(models.QuerySet["RosterLayout"]):
    def visible_to(self, user: HasScope) -> Self:
        return self.filter(under("region__path", user.scope.prefixes(Role.CLERK)))


class RosterLayout(models.Model):
    """How files of a county with these headings are to be read: somebody said so once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="roster_layouts")
    #: SHA-256 of the normalised titles; see `learners.roster.answers.fingerprint`.
    fingerprint = models.CharField(max_length=64)
    #: A `SheetAnswer`: rows of the header, column by field, order of dates.
    answer = models.JSONField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now)

    objects = RosterLayoutQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["region", "fingerprint"], name="rosterlayout_once")
        ]
        verbose_name = _("remembered columns")
        verbose_name_plural = _("remembered columns")

    def __str__(self) -> str:
        return self.fingerprint[:8]


class RosterRow(models.Model):
    """One row of the file and its verdict. What the row said is encrypted."""

    class Verdict(models.TextChoices):
        OK = "OK", _("Can be imported")
        WARNING = "WARNING", _("Can be imported, with a reminder")
        ERROR = "ERROR", _("Must be corrected")
        SKIPPED = "SKIPPED", _("Skipped")

    class Outcome(models.TextChoices):
        CREATED = "CREATED", _("Created")
        MATCHED = "MATCHED", _("Already known")
        CHANGED = "CHANGED", _("Changed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    roster_import = models.ForeignKey(
        RosterImport, models.CASCADE, related_name="rows", db_index=False
    )
    #: Position in the file over all sheets, from 0.
    position = models.PositiveIntegerField()
    sheet = models.CharField(max_length=120, null=True)  # noqa: DJ001 - a CSV has no sheet
    row = models.PositiveIntegerField()
    verdict = models.CharField(max_length=8, choices=Verdict)
    codes = models.JSONField(default=list)
    raw_cipher = models.BinaryField()
    #: Of whom it speaks, as keyed hashes (learners.queries.hints); NULL = opened to know.
    hints = models.BinaryField(null=True)
    #: What taking the row in changed on records that were there before, to be taken back; NULL for
    #: most rows.
    before_cipher = models.BinaryField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    #: What an import would have done when the file was checked; "" for rows not to be imported.
    expected = models.CharField(max_length=8, choices=Outcome, blank=True)
    learner = models.ForeignKey(
        Learner, models.SET_NULL, null=True, related_name="roster_rows", db_index=True
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["roster_import", "position"], name="rosterrow_once")
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.row}"

    @staticmethod
    def where(key: UUID | str, column: str = "raw_cipher") -> str:
        """The cell that the row with this key is encrypted for."""
        return f"learners_rosterrow.{column}:{key}"

    def _where(self, column: str = "raw_cipher") -> str:
        return self.where(self.pk, column)

    def set_raw(self, content: dict[str, Any]) -> None:
        plain = json.dumps(content, ensure_ascii=False, default=str)
        self.raw_cipher = crypto.encrypt(plain, where=self._where())
        self.hints = None  # of what it said before

    def raw(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(crypto.decrypt(self.raw_cipher, where=self._where()))
        return found

    def set_trace(self, trace: dict[str, Any]) -> None:
        plain = json.dumps(trace, ensure_ascii=False)
        self.before_cipher = crypto.encrypt(plain, where=self._where("before_cipher"))

    def trace(self) -> dict[str, Any]:
        """By record: its fields before and after this row was taken in."""
        if self.before_cipher is None:
            return {}
        plain = crypto.decrypt(self.before_cipher, where=self._where("before_cipher"))
        found: dict[str, Any] = json.loads(plain)
        return found

    @classmethod
    def fields_reader(cls) -> Callable[[bytes, str], dict[str, Any]]:
        """Gives `raw()["fields"]` of what the row with a key keeps, for many of them.

        The rest is not read where they come first.
        """
        decrypt, where, read = crypto.decryptor(), cls.where, json.JSONDecoder().raw_decode

        def fields_of(raw_cipher: bytes, key: str) -> dict[str, Any]:
            plain = decrypt(raw_cipher, where(key))
            found: dict[str, Any]
            if plain.startswith(_FIELDS_FIRST):
                found, _end = read(plain, len(_FIELDS_FIRST))
            else:
                found = json.loads(plain)["fields"]
            return found

        return fields_of


_FIELDS_FIRST = '{"fields":'
