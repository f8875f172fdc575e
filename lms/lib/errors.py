"""Errors that a person can mend: each has a code for tests and a sentence for the screen."""

from django.utils.functional import Promise


class ActionError(Exception):
    """An action refused to act and changed nothing.

    `message` says what, why, and what to do next, in the reader's language.
    """

    def __init__(self, code: str, message: "str | Promise") -> None:
        super().__init__(code)
        self.code = code
        self.message = message
