"""Entries of an edition: add, change, remove, adjust, and take over what the archive proposes."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.queries import signed_in_user
from learners.actions import (
    EntryFacts,
    add_entries,
    adjust_entry,
    change_entry,
    remove_entry,
)
from learners.forms import AddForm, AdjustForm, EntryForm, FillForm, SubjectForm
from learners.models import Register, RegisterAdjustment, RegisterEdition, RegisterEntry
from learners.queries import (
    Subject,
    chosen_people,
    find_subject,
    people_to_add,
    propose,
    subject_on,
    with_subjects,
)
from learners.views.register_tables import subject_name
from learners.views.registers import entry_of, own_edition
from lms.lib.errors import ActionError
from lms.lib.periods import today
from lms.lib.searching import searched

Kind = RegisterAdjustment.Kind
Unit = Register.Subject
MOST_FOUND = 50
MOST_SHOWN = 100
NOT_FOUND = gettext_lazy("Nobody with this number is in the archive of this region. Check it.")


def facts_of(form: EntryForm) -> EntryFacts:
    known = {field.name for field in fields(EntryFacts)}
    return EntryFacts(
        **{name: form.cleaned_data[name] for name in form.cleaned_data if name in known}
    )


# --- an open edition ---
@require_http_methods(["GET", "HEAD", "POST"])
def entry_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """By a whole number, posted; or people ticked among those that are found by name."""
    user = signed_in_user(request)
    edition = own_edition(user, pk)
    if edition.is_sealed:
        return redirect("learners:entry_adjust", pk=edition.pk)
    data = request.POST if request.method == "POST" else None
    picked = request.POST.getlist("learner")
    subject_form = SubjectForm(edition.register, None if picked else data)
    facts_form = EntryForm(edition.register, data)
    if data is not None and facts_form.is_valid():
        subjects = _picked(user, edition, picked) if picked else _named(user, edition, subject_form)
        if subjects and _added(request, edition, subjects, facts_form, subject_form):
            return redirect("learners:register_detail", pk=edition.register_id)
    asked = searched(request)
    is_people = edition.register.subject == Unit.LEARNER
    found = list(people_to_add(user, edition, asked)[:MOST_FOUND]) if asked and is_people else []
    context = {
        "edition": edition,
        "register": edition.register,
        "subject_form": subject_form,
        "facts_form": facts_form,
        "asked": asked,
        "found": found,
        "most": MOST_FOUND,
        "is_people": is_people,
    }
    wrong = subject_form.errors or facts_form.errors
    return render(request, "learners/entry_add.html", context, status=422 if wrong else 200)


def _picked(user: User, edition: RegisterEdition, keys: list[str]) -> list[Subject]:
    try:
        return [*chosen_people(user, edition, [UUID(key) for key in keys])]
    except ValueError:
        return []


def _named(user: User, edition: RegisterEdition, form: SubjectForm) -> list[Subject]:
    if not form.is_valid():
        return []
    subject = find_subject(user, edition.register, form.text())
    if subject is None:
        form.add_error(form.name, str(NOT_FOUND))
        return []
    return [subject]


def _added(
    request: HttpRequest,
    edition: RegisterEdition,
    subjects: list[Subject],
    form: EntryForm,
    subject_form: SubjectForm,
) -> bool:
    said = facts_of(form)
    facts: dict[object, EntryFacts] = {subject.pk: said for subject in subjects}
    user = signed_in_user(request)
    try:
        count = add_entries(edition=edition, subjects=subjects, facts=facts, actor=user)
    except ActionError as error:
        form.add_error(None, str(error.message))
        return False
    if count:
        messages.success(request, _("%(count)d put on the register.") % {"count": count})
    else:
        messages.warning(request, _("Already on the register; nothing was changed."))
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def entry_update(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    entry = _entry_for(user, pk)
    data = request.POST if request.method == "POST" else None
    form = EntryForm(entry.edition.register, data, instance=entry)
    if form.is_valid():
        before = get_object_or_404(with_subjects(entry.edition.entries.all()), pk=pk)
        said = {field.name: getattr(before, field.name) for field in fields(EntryFacts)}
        said |= {name: value for name, value in form.cleaned_data.items() if name in said}
        try:
            change_entry(entry=before, facts=EntryFacts(**said), actor=user)
        except ActionError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("The entry was changed."))
            return redirect("learners:register_detail", pk=entry.edition.register_id)
    context = {
        "form": form,
        "entry": entry,
        "edition": entry.edition,
        "register": entry.edition.register,
        "who": subject_name(subject_on(entry)),
    }
    return render(
        request, "learners/entry_update.html", context, status=422 if form.errors else 200
    )


def _entry_for(user: User, pk: UUID) -> RegisterEntry:
    entry = get_object_or_404(with_subjects(RegisterEntry.objects.visible_to(user)), pk=pk)
    entry.edition = own_edition(user, entry.edition_id)
    return entry


@require_POST
def entry_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in_user(request)
    entry = _entry_for(user, pk)
    try:
        remove_entry(entry=entry, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The entry was taken off the edition."))
    return redirect("learners:register_detail", pk=entry.edition.register_id)


# --- what the archive proposes ---
@require_safe
def edition_propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who would be added: shown first, put on the edition only by a button below."""
    user = signed_in_user(request)
    edition = own_edition(user, pk)
    register = edition.register
    by_group = _is_by_group(register)
    form = FillForm(request.GET if by_group and request.GET else None)
    asked = not by_group or form.is_valid()
    groups = form.cleaned_data["groups"] if by_group and asked else []
    proposal = propose(edition, groups, today()) if asked else None
    context = {
        "edition": edition,
        "register": register,
        "form": form,
        "by_group": by_group,
        "groups": groups,
        "kinds": register.kind_choices(),
        "proposal": proposal,
        "fresh": proposal.fresh[:MOST_SHOWN] if proposal else [],
        "gone": [(entry, subject_name(subject_on(entry))) for entry in proposal.gone[:MOST_SHOWN]]
        if proposal
        else [],
        "most": MOST_SHOWN,
        "today": today(),
    }
    return render(request, "learners/edition_propose.html", context)


def _is_by_group(register: Register) -> bool:
    return register.purpose == Register.Purpose.ABLE_WILLING


@require_POST
def edition_fill(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put on an open edition whom the page of proposals has shown, as many as it has shown."""
    user = signed_in_user(request)
    edition = own_edition(user, pk)
    register = edition.register
    form = FillForm(request.POST)
    if _is_by_group(register) and not form.is_valid():
        messages.error(request, _("Choose at least one household type."))
        return redirect("learners:edition_propose", pk=edition.pk)
    groups = form.cleaned_data["groups"] if _is_by_group(register) else []
    subjects = propose(edition, groups, today()).fresh
    if request.POST.get("count") != str(len(subjects)):
        messages.error(
            request, _("The archive was changed while you were looking. Check the proposal again.")
        )
        return redirect("learners:edition_propose", pk=edition.pk)
    try:
        added = add_entries(edition=edition, subjects=subjects, actor=user)
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("%(count)d put on the register.") % {"count": added})
    return redirect("learners:register_detail", pk=register.pk)


# --- after the seal ---
@require_http_methods(["GET", "HEAD", "POST"])
def entry_adjust(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a subject, or remove the entry named by `?entry=`, with a day and a reason."""
    user = signed_in_user(request)
    edition = own_edition(user, pk)
    asked = request.GET.get("entry", "")
    entry = entry_of(edition, asked) if asked else None
    data = request.POST if request.method == "POST" else None
    form = AdjustForm(data) if entry else AddForm(edition.register, data)
    if form.is_valid() and _adjusted(form, user, edition, entry):
        return redirect("learners:register_detail", pk=edition.register_id)
    context: dict[str, Any] = {
        "form": form,
        "edition": edition,
        "register": edition.register,
        "entry": entry,
        "who": subject_name(subject_on(entry)) if entry else "",
    }
    status = 422 if form.errors else 200
    return render(request, "learners/entry_adjust.html", context, status=status)


def _adjusted(
    form: AdjustForm, user: User, edition: RegisterEdition, entry: RegisterEntry | None
) -> bool:
    subject: Subject | None
    facts = None
    if isinstance(form, AddForm):
        subject, kind = find_subject(user, edition.register, form.text()), Kind.ADD
        facts = EntryFacts(
            reason=form.cleaned_data["reason"],
            kind=form.cleaned_data.get("kind", ""),
            category=form.cleaned_data.get("category", ""),
        )
    else:
        subject, kind = subject_on(entry) if entry else None, Kind.REMOVE
    if subject is None:
        form.add_error(getattr(form, "name", None), str(NOT_FOUND))
        return False
    try:
        adjust_entry(
            edition=edition,
            subject=subject,
            kind=kind,
            happened_on=form.cleaned_data["happened_on"],
            reason=form.cleaned_data["reason"],
            facts=facts,
            actor=user,
        )
    except ActionError as error:
        form.add_error(None, str(error.message))
        return False
    return True
