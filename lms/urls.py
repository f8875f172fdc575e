"""All addresses, app by app."""

from django.contrib import admin
from django.urls import include, path

from lms import health

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
