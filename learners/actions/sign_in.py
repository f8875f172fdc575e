"""A learner's own way in."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import create_trainee
from accounts.models import User
from learners.models import Learner
from lms.lib.errors import ActionError
from lms.models import record_audit


@transaction.atomic
def give_sign_in(*, learner: Learner, username: str, actor: User) -> tuple[User, str]:
    """A user for this learner, and the password to hand over; it is kept nowhere in clear."""
    learner = Learner.objects.select_for_update(of=("self",)).get(pk=learner.pk)
    if learner.merged_into_id is not None:
        raise ActionError(
            "MERGED", _("This record was merged into another one. Give the sign-in there.")
        )
    if learner.user_id is not None:
        raise ActionError("HAS_SIGN_IN", _("This learner can sign in already."))
    user, password = create_trainee(username=username, actor=actor)
    learner.user = user
    learner.save(update_fields=["user"])
    record_audit(
        "learners.sign_in_given",
        actor=actor,
        target=learner,
        region_path=learner.home_region.path,
    )
    return user, password
