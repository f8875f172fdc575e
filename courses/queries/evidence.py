"""Pictures of a class: who closed it, and what shows that it was held."""

from courses.models import ClassSession, MarkEvent, SessionEvidence
from courses.projection import project
from courses.queries.events import stored_events

Kind = SessionEvidence.Kind


def newest_photo(session: ClassSession) -> SessionEvidence | None:
    rows = SessionEvidence.objects.filter(session=session, kind=Kind.PHOTO)
    return rows.order_by("-received_at").first()


def pictures_of(session: ClassSession) -> list[SessionEvidence]:
    """Photos first, then signatures, the oldest first."""
    rows = SessionEvidence.objects.filter(session=session).select_related("added_by", "device")
    return list(rows.order_by("kind", "received_at"))


def closing_event(session: ClassSession) -> MarkEvent | None:
    """The close that holds, with whoever closed."""
    close = project(stored_events(session.pk, learners=[]).values()).closed_by
    if close is None:
        return None
    return MarkEvent.objects.select_related("actor", "device").get(event_id=close.event_id)
