"""Photos and signatures in custody: looked at by whoever decides, and by nobody else."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Device, User
from courses import actions
from courses.actions import CourseError
from courses.forms import PictureForm
from courses.models import ParkedPicture, ParkedRow
from courses.queries.tablet_list import parked_pictures, sessions_meant
from courses.views.tablets import may_decide, seen_tablet
from courses.views.work_items import count_again, parked_reasons

MOST_SHOWN = 50


@require_http_methods(["GET", "POST"])
def picture_list(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The pictures of one tablet that wait, and one decision about those ticked."""
    user, device = seen_tablet(request, pk)
    if request.method == "POST" and not may_decide(user, device):
        raise PermissionDenied
    shown = list(parked_pictures(device).waiting()[:MOST_SHOWN])
    form = PictureForm(
        request.POST if request.method == "POST" else None,
        pictures=shown,
        sessions=sessions_meant(device, shown),
    )
    if request.method == "POST" and form.is_valid():
        return _resolve(request, device, form, user)
    reasons = parked_reasons()
    context = {
        "device": device,
        "form": form,
        "pictures": [(one, reasons[ParkedRow.Code(one.code)][0]) for one in shown],
        "may_decide": may_decide(user, device),
    }
    return render(request, "courses/picture_list.html", context)


def _resolve(request: HttpRequest, device: Device, form: PictureForm, user: User) -> HttpResponse:
    """Each by itself: one that cannot be taken in does not keep the others waiting."""
    done, refused = 0, []
    for picture in form.chosen():
        try:
            actions.resolve_picture(
                picture=picture,
                take_in=form.takes_in,
                reason=form.cleaned_data["reason"],
                session=form.session_of(picture),
                actor=user,
            )
            done += 1
        except CourseError as error:
            refused.append(str(error.message))
    if done and form.takes_in:
        messages.success(request, _("%(n)d pictures taken in as evidence.") % {"n": done})
    elif done:
        messages.success(request, _("%(n)d pictures set aside and erased.") % {"n": done})
    count_again(request)
    for message in dict.fromkeys(refused):
        messages.error(request, message)
    if parked_pictures(device).waiting().exists():
        return redirect("courses:picture_list", pk=device.pk)
    return redirect("courses:tablet_detail", pk=device.pk)


@require_GET
def picture_file(request: HttpRequest, pk: uuid.UUID, picture: uuid.UUID) -> HttpResponseBase:
    """Faces are on it: only who decides looks, and that is written down."""
    user, device = seen_tablet(request, pk)
    if not may_decide(user, device):
        raise PermissionDenied
    rows = ParkedPicture.objects.visible_to(user).waiting().filter(device=device)
    found = get_object_or_404(rows.select_related("device__region"), pk=picture)
    if not found.file.storage.exists(str(found.file.name)):
        raise Http404
    actions.show_picture(picture=found, actor=user)
    kind = "image/png" if str(found.file.name).endswith(".png") else "image/jpeg"
    return FileResponse(found.file.open("rb"), content_type=kind)
