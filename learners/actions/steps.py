"""What the steps of an import share: one at a time, in order, and long ones in the worker."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from learners.models import RosterImport
from lms.lib.errors import ActionError
from lms.models import TaskProgress
from lms.tasks import start

if TYPE_CHECKING:
    from accounts.models import User


class RosterError(ActionError):
    """The import is not in a state in which this can be done."""


def wrong_state(roster_import: RosterImport) -> RosterError:
    return RosterError(
        "WRONG_STATE",
        _("This import is at another step by now. Open it again to see where it stands."),
    )


def locked(roster_import: RosterImport) -> RosterImport:
    rows = RosterImport.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("region", "uploaded_by", "progress").get(pk=roster_import.pk)


def ask(kind: str, roster_import: RosterImport, actor: "User", total: int) -> TaskProgress:
    progress = start(
        kind,
        title=roster_import.file_name,
        key=f"{kind}:{roster_import.pk}",
        args={"roster_import": str(roster_import.pk)},
        total=total,
        requested_by=actor,
    )
    RosterImport.objects.filter(pk=roster_import.pk).update(progress=progress)
    roster_import.progress = progress
    return progress
