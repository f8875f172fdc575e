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


def closing_events(session: ClassSession) -> tuple[MarkEvent | None, MarkEvent | None]:
    """The close that holds, with whoever closed; and the decision about its head count, if any."""
    state = project(stored_events(session.pk, learners=[]).values())
    if state.closed_by is None:
        return None, None
    names = [event.event_id for event in (state.closed_by, state.counted_by) if event]
    rows = MarkEvent.objects.select_related("actor", "device").filter(event_id__in=names)
    found = {row.event_id: row for row in rows}
    decided = found[names[1]] if len(names) > 1 else None
    return found[names[0]], decided
