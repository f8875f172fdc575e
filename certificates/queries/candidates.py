"""Who can get a certificate, and who gets none and why."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from json.encoder import encode_basestring
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.models import Certificate, CertificateTemplate, Issuer
from certificates.queries.reading import bare
from certificates.render import (
    CertificateFacts,
    RenderError,
    RenderErrorCode,
    check,
    missing_glyphs,
)
from certificates.render.facts import printable
from certificates.render.glyphs import NAME_FONTS, letter_advance
from courses.models import CourseRun, Enrolment
from courses.queries import AttendanceShare, shares_of
from learners.models import Learner
from lms.lib.scope import HasScope
from regions.models import Region

#: What stands between the county's name and 第N期 on the sheet.
PROGRAMME: Final = "农村电子商务培训"
#: No letter of a usual name is wider; where so many of it fit, so does a name of as many letters.
WIDE: Final = "某"
WIDE_NAME: Final = WIDE * 4
NO_CODE: Final = "0" * 12
#: A county's worth of rows is read at once: what is not used stays in the database.
OWN: Final = (
    "id",
    "run_id",
    "learner_id",
    "home_region_id",
    "enrolled_on",
    "withdrawn_on",
    "completed_on",
    "status",
)
PERSON: Final = ("name", "native_name", "id_cipher", "provisional", "merged_into_id", "erased_at")
ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
SEALED: Final = '{"masked_id":%s,"name":%s,"native_name":%s,"native_script":%s,"salt":%s}'
#: Sealed; all the rest is public.
PERSONAL: Final = ("name", "native_name", "native_script", "masked_id")
COMPLETED: Final = Enrolment.Status.COMPLETED
IS_PROVISIONAL = gettext_lazy("identity not confirmed yet")
IS_MERGED = gettext_lazy("this record was merged into another")
IS_ERASED = gettext_lazy("the personal data was erased")
#: Places of what differs within a class. No font draws these, so no printable text holds them.
NUMBER, CODE, ADDRESS = "\ue000", "\ue001", "\ue002"
BLANK: Final = re.compile(f"([{NUMBER}{CODE}])")
BLANKS: Final = f"{NUMBER}{CODE}{CODE}"
#: Letters found to be drawn, and found to be no wider than WIDE: names have few that are new.
_DRAWN: set[str] = set()
_NARROW: set[str] = set()
#: Both.
_USUAL: set[str] = set()


class Candidate(NamedTuple):
    """An enrolment; `why_not` is "" for those who can be issued a certificate now."""

    enrolment: Enrolment
    attended: int
    held: int
    hours: int
    certificate: Certificate | None
    why_not: "str | Promise"

    @property
    def is_eligible(self) -> bool:
        return not self.why_not


def issuer_for(region: Region) -> Issuer | None:
    """The newest issuer of the region itself, or of the nearest region above it."""
    codes = [region.code, *reversed(region.ancestor_codes())]
    rows = Issuer.objects.filter(region__code__in=codes).select_related("region").order_by("pk")
    found = {issuer.region.code: issuer for issuer in rows}
    return next((found[code] for code in codes if code in found), None)


def template_for(region: Region) -> CertificateTemplate | None:
    """The newest edition in use of the region itself, or of the nearest above it."""
    usable = CertificateTemplate.objects.usable_in(region).select_related("region")
    return max(
        usable, key=lambda t: (len(t.region.path) if t.region else -1, t.edition), default=None
    )


class Sheet:
    """What is printed for everyone of a class, settled once; and what each name adds to it."""

    def __init__(self, issuer: Issuer, template: CertificateTemplate, issued_on: date) -> None:
        self.issuer, self.template, self.issued_on = issuer, template, issued_on
        self.design = template.drawn()
        self.number_stem = f"{issuer.prefix}-{issued_on.year}-"
        # By the number of the run's key: a UUID itself is slow to look up.
        self._classes: dict[tuple[int, int], tuple[CertificateFacts, str | Promise]] = {}
        self._address = verify_url("")
        self._faults: dict[tuple[object, ...], str | Promise] = {}
        self._room: dict[tuple[int, int, str], bool] = {}
        #: Lengths of names that were found to fit a class.
        self._fitting: set[tuple[int, int, int]] = set()
        self._public: dict[tuple[int, int], tuple[str, ...]] = {}

    def of_class(self, run: CourseRun, hours: int) -> "tuple[CertificateFacts, str | Promise]":
        """Facts under a name as wide as most, and why they cannot be printed, or ""."""
        found = self._classes.get((run.id.int, hours))
        if found is None:
            facts = self._specimen(run, hours)
            found = self._classes[run.id.int, hours] = facts, self._class_fault(facts)
        return found

    def public_facts(self, run: CourseRun, hours: int, number: str, code: str) -> str:
        """Canonical JSON of what anyone may see, filled into what the class has in common."""
        parts = self._public.get((run.id.int, hours))
        if parts is None:
            text = _public_of(self.of_class(run, hours)[0]).replace(ADDRESS, self._address + CODE)
            parts = self._public[run.id.int, hours] = _around_blanks(text)
        first, second, third, last = parts
        return f"{first}{number}{second}{code}{third}{code}{last}"

    def why_not(self, run: CourseRun, hours: int, learner: Learner) -> "str | Promise":
        """ "" if the certificate of this learner can be printed."""
        return self.name_fault(run, hours, learner.name, learner.native_name)

    def name_fault(
        self, run: CourseRun, hours: int, name: str, native_name: str
    ) -> "str | Promise":
        """The same of a name alone: ten thousand are weighed in less than a second."""
        # All of it letters of names that were printed as they are, and no more of them.
        fitting = run.id.int, hours, len(name)
        if not native_name and fitting in self._fitting and _USUAL.issuperset(name):
            return ""
        name, native_name = printable(name), printable(native_name)
        fault = self._closer_look(run, hours, name, native_name)
        if not (fault or native_name) and _NARROW.issuperset(name):
            self._fitting.add((run.id.int, hours, len(name)))
            _USUAL.update(name.replace(" ", ""))  # of blanks alone nobody's name is made
        return fault

    def _closer_look(
        self, run: CourseRun, hours: int, name: str, native_name: str
    ) -> "str | Promise":
        letters = name + native_name
        if not _DRAWN.issuperset(letters) and (lacking := undrawn(letters)):
            return _no_font(lacking)
        if not name:
            return gettext_lazy("the name is empty or not printable")
        specimen, fault = self.of_class(run, hours)
        script = native_script(native_name)
        native_name = native_name if script else ""
        if fault or self._has_room(specimen, name, native_name, script):
            return fault
        return self._fault(_under(specimen, name, native_name, script))

    def _has_room(self, specimen: CertificateFacts, name: str, native: str, script: str) -> bool:
        """Names of as many wide letters fit, so this one does; each length is tried once."""
        if not _NARROW.issuperset(name + native) and not all(map(_is_narrow, name + native)):
            return False
        size = len(name), len(native), script
        if size not in self._room:
            wide = _under(specimen, WIDE * size[0], WIDE * size[1], script)
            self._room[size] = not self._fault(wide)
        return self._room[size]

    def _class_fault(self, facts: CertificateFacts) -> "str | Promise":
        """Classes that differ by a number of as many digits are as wide as each other."""
        digits = len(str(facts.run_number))
        same = (facts.course, facts.region, digits, facts.hours, facts.starts_on, facts.ends_on)
        if same not in self._faults:
            self._faults[same] = self._fault(facts)
        return self._faults[same]

    def _fault(self, facts: CertificateFacts) -> "str | Promise":
        try:
            check(facts, self.design)
        except RenderError as error:
            return unprintable(error)
        return ""

    def _specimen(self, run: CourseRun, hours: int) -> CertificateFacts:
        return CertificateFacts(
            number=f"{self.number_stem}000000",
            verify_code=NO_CODE,
            verify_url=verify_url(NO_CODE),
            name=WIDE_NAME,
            course=run.course.title,
            region=run.county.name,
            programme=PROGRAMME,
            run_number=run.number,
            starts_on=run.starts_on,
            ends_on=run.ends_on,
            hours=str(hours),
            issuer=self.issuer.name,
            issued_on=self.issued_on,
            template_edition=str(self.template.edition),
            design_sha256=self.template.design_sha256,
        )


def _under(facts: CertificateFacts, name: str, native_name: str, script: str) -> CertificateFacts:
    return replace(facts, name=name, native_name=native_name, native_script=script)


def canonical(values: dict[str, Any]) -> str:
    return ENCODER.encode(values)


def personal_of(learner: Learner, masked_id: str, salt: str) -> str:
    """Canonical JSON of what is sealed: put together by hand, in the order of its names."""
    script = native_script(learner.native_name) if learner.native_name else ""
    native_name = printable(learner.native_name) if script else ""
    said = (masked_id, printable(learner.name), native_name, script, salt)
    return SEALED % tuple(map(encode_basestring, said))


def _around_blanks(text: str) -> tuple[str, ...]:
    """What stands before, between and behind number, code and the code in the address."""
    parts = BLANK.split(text)
    assert "".join(parts[1::2]) == BLANKS  # noqa: S101 - canonical JSON has one order
    return tuple(parts[::2])


def _public_of(facts: CertificateFacts) -> str:
    values = facts.as_values() | {"number": NUMBER, "verify_code": CODE, "verify_url": ADDRESS}
    return canonical({name: value for name, value in values.items() if name not in PERSONAL})


def _is_narrow(char: str) -> bool:
    is_narrow = letter_advance(char, NAME_FONTS) <= letter_advance(WIDE, NAME_FONTS)
    if is_narrow:
        _NARROW.add(char)
    return is_narrow


def undrawn(text: str) -> str:
    """The letters of a name that no installed font draws, each once."""
    new = [char for char in text if char not in _DRAWN]
    lacking = [char for char in new if missing_glyphs(char)]
    _DRAWN.update(set(new).difference(lacking))
    return "".join(dict.fromkeys(lacking))


def verify_url(code: str) -> str:
    return f"{settings.PUBLIC_URL}/v/{code}".upper()


def unprintable(error: RenderError) -> "str | Promise":
    """A refusal of the renderer in words; a missing letter by its name."""
    words = {
        RenderErrorCode.NAME_TOO_LONG: gettext_lazy("the name is too long for the sheet"),
        RenderErrorCode.COURSE_TOO_LONG: gettext_lazy("the course's name is too long"),
        RenderErrorCode.ISSUER_TOO_LONG: gettext_lazy("the issuer's name does not fit the seal"),
        RenderErrorCode.BAD_FACTS: gettext_lazy("the name is empty or not printable"),
    }
    if error.code == RenderErrorCode.MISSING_GLYPH:
        return _no_font(error.detail)
    return words.get(error.code, gettext_lazy("the template cannot print it"))


def _no_font(letters: str) -> str:
    points = " ".join(f"U+{ord(letter):04X}" for letter in letters)
    return _("no installed font draws “%(characters)s” (%(points)s)") % {
        "characters": letters,
        "points": points,
    }


def candidates(
    run: CourseRun, *, user: HasScope, sheet: Sheet | None = None, only: Iterable[UUID] = ()
) -> list[Candidate]:
    """Every enrolment of the run that the user sees, eligible ones first."""
    rows = Enrolment.objects.visible_to(user).filter(run=run)
    wanted = set(only)
    found = weighed(rows, sheet)
    found = [c for c in found if not wanted or c.enrolment.pk in wanted]
    return sorted(found, key=lambda c: (not c.is_eligible, bool(c.certificate)))


def hosted_runs(region: Region, issuer: Issuer) -> QuerySet[CourseRun]:
    """Runs of the region and all under it, but for the places with an issuer of their own."""
    runs = CourseRun.objects.not_cancelled().filter(host_region__in=Region.objects.within(region))
    others = Issuer.objects.filter(region__in=Region.objects.within(region)).exclude(pk=issuer.pk)
    for other in others.exclude(region=region).select_related("region"):
        runs = runs.exclude(host_region__in=Region.objects.within(other.region))
    return runs


def uncertified(region: Region, issuer: Issuer, *, user: HasScope) -> QuerySet[Enrolment]:
    """Who completed a class hosted in the region and holds no valid certificate of it."""
    rows = Enrolment.objects.visible_to(user).completed()
    rows = rows.filter(run__in=hosted_runs(region, issuer))
    valid = Certificate.objects.valid().filter(enrolment__run__in=hosted_runs(region, issuer))
    return rows.exclude(pk__in=valid.values("enrolment"))


def weighed(rows: QuerySet[Enrolment], sheet: Sheet | None) -> list[Candidate]:
    """Each enrolment with its hours, its latest certificate and what stands in its way; in the
    order in which numbers are given: by run, then by name."""
    rows = rows.exclude(status__in=[Enrolment.Status.WAITING, Enrolment.Status.WITHDRAWN])
    order = ("run__year", "run__number", "run_id", "learner__initials", "learner__name", "pk")
    enrolments = bare(rows.order_by(*order), OWN, learner=PERSON, home_region=("name",))
    runs = _runs_of(enrolments)
    certificates = _latest(rows)
    found = []
    for enrolment, share in zip(enrolments, shares_of(enrolments), strict=True):
        enrolment._state.fields_cache["run"] = runs[enrolment.run_id.int]
        latest = certificates.get(enrolment.id) if certificates else None
        found.append(_candidate(enrolment, share, latest, sheet))
    return found


def _runs_of(enrolments: Iterable[Enrolment]) -> dict[int, CourseRun]:
    """By the numbers of their keys: a UUID itself is slow to look up."""
    keys = {enrolment.run_id.int: enrolment.run_id for enrolment in enrolments}
    rows = CourseRun.objects.select_related("course", "county", "host_region")
    return {run.id.int: run for run in rows.in_bulk(list(keys.values())).values()}


def _latest(rows: QuerySet[Enrolment]) -> dict[UUID, Certificate]:
    """The certificate that speaks for each enrolment: the valid one, else the last one."""
    given = Certificate.objects.filter(enrolment__in=rows.order_by().values("pk"))
    found: dict[UUID, Certificate] = {}
    for certificate in given.order_by("issued_at", "chain_no"):
        known = found.get(certificate.enrolment_id)
        if known is None or known.status != Certificate.Status.VALID:
            found[certificate.enrolment_id] = certificate
    return found


def _candidate(
    enrolment: Enrolment, share: AttendanceShare, latest: Certificate | None, sheet: Sheet | None
) -> Candidate:
    is_valid = latest is not None and latest.status == Certificate.Status.VALID
    attended, held, hours, *_more = share
    why_not = _why_not(enrolment, hours, latest, sheet)
    return Candidate(enrolment, attended, held, hours, latest if is_valid else None, why_not)


def _why_not(
    enrolment: Enrolment, hours: int, latest: Certificate | None, sheet: Sheet | None
) -> "str | Promise":
    if latest is not None and latest.status == Certificate.Status.VALID:
        return gettext_lazy("already has a certificate")
    if latest is not None:
        words = _("certificate %(number)s was revoked: reissue it from its own page")
        return words % {"number": latest.number}
    learner = enrolment.learner
    why_not = _unready(enrolment, learner)
    if why_not or not sheet:
        return why_not or _undrawn(learner)
    return sheet.why_not(enrolment.run, hours, learner)


def unready(enrolment: Enrolment) -> "str | Promise":
    """What stands in the way of any certificate, a first one or another."""
    return _unready(enrolment, enrolment.learner)


def _unready(enrolment: Enrolment, learner: Learner) -> "str | Promise":
    if enrolment.status != COMPLETED:
        return gettext_lazy("has not completed the run")
    if learner.provisional:
        return IS_PROVISIONAL
    if learner.merged_into_id:
        return IS_MERGED
    return IS_ERASED if learner.erased_at else ""


def _undrawn(learner: Learner) -> "str | Promise":
    lacking = undrawn(printable(learner.name + learner.native_name))
    return _no_font(lacking) if lacking else ""


def native_script(name: str) -> str:
    """The script of a name in its own writing, as the renderer knows it; "" for none."""
    for char in name:
        point = ord(char)
        if 0x0600 <= point <= 0x06FF or 0xFB50 <= point <= 0xFEFF:
            return "ug"
        if 0x0F00 <= point <= 0x0FFF:
            return "bo"
        if 0xA000 <= point <= 0xA4CF:
            return "ii"
    return ""
