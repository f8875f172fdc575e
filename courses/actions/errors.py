from lms.lib.errors import ActionError


class CourseError(ActionError):
    """A run, a session, an enrolment or a mark cannot be changed in this way."""
