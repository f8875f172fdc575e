"""What is personal in the rows of a learner: apps above say it of theirs (AppConfig.ready())."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Model

from learners.models import FactChange, Learner, MergeChange, Reveal

if TYPE_CHECKING:
    from accounts.models import User

#: What stands in the place of words that must not be empty.
GONE = "—"


class Personal(NamedTuple):
    """Rows of `model` that `learner`, a lookup, ties to a person: what their columns become."""

    model: type[Model]
    learner: str
    blanks: Mapping[str, Any]
    #: Columns of files, which are deleted.
    files: tuple[str, ...] = ()


#: Whatever is said about a person in words or pictures; figures, days and codes stay.
PERSONAL: list[Personal] = [
    Personal(FactChange, "learner", {"changes": {}, "reason": GONE}),
    Personal(Reveal, "learner", {"note": GONE}),
    Personal(MergeChange, "merge__kept", {"before": {}, "after": {}}),
    Personal(MergeChange, "merge__merged", {"before": {}, "after": {}}),
]
#: What takes more than blanks, in the same transaction: f(learner, reason, actor).
ALSO: list[Callable[[Learner, str, "User | None"], None]] = []
