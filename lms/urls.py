"""All addresses, app by app."""

from django.contrib import admin
from django.urls import include, path

from lms import health, views

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("tasks/<uuid:pk>/", views.task_detail, name="task_detail"),
    path("tasks/<uuid:pk>/progress/", views.task_progress, name="task_progress"),
    path("elder-mode/", views.elder_mode, name="elder_mode"),
    path("design/", views.design_page, name="design_page"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error
