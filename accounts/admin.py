"""Users in the stock admin: to look one up, never to change one; people have own pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Grant, User


class GrantInline(admin.TabularInline[Grant, User]):
    model = Grant
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = ["username", "display_name", "is_active", "is_staff", "last_login"]
    search_fields = ["username", "display_name"]
    fields = ["username", "display_name", "is_active", "is_staff", "is_superuser", "last_login"]
    inlines = [GrantInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False
