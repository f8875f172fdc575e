"""Where allauth asks us: sign-up is closed, and signing in leads to our own pages only."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: people are added by an administrator."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only a path from the root of this site; `next` never needs more."""
        return bool(url and url.startswith("/") and super().is_safe_url(url))
