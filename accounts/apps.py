from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Django tells by signals who signs in and out; those of others are the only ones used."""
        from django.contrib.auth.signals import (
            user_logged_in,
            user_logged_out,
            user_login_failed,
        )

        user_logged_in.connect(signed_in, dispatch_uid="accounts.signed_in")
        user_logged_out.connect(signed_out, dispatch_uid="accounts.signed_out")
        user_login_failed.connect(sign_in_failed, dispatch_uid="accounts.sign_in_failed")


def signed_in(user: Any, **signal: Any) -> None:
    from accounts.actions import record_sign_in

    record_sign_in(actor=user)


def signed_out(user: Any, **signal: Any) -> None:
    from accounts.actions import record_sign_out

    if user is not None and user.is_authenticated:
        record_sign_out(actor=user)


def sign_in_failed(credentials: dict[str, Any], **signal: Any) -> None:
    from accounts.actions import record_failed_sign_in

    record_failed_sign_in(username=str(credentials.get("username") or ""))
