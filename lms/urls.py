"""All addresses, app by app."""

from allauth.account import views as allauth_views
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from accounts.views import home
from certificates.urls import public_urlpatterns as certificates_public
from courses.urls import tablet_urlpatterns as tablet
from lms import health, views
from lms.api import api_urls

admin.autodiscover()
# The stock admin signs in through our page: its own one has no limit on tries.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# What allauth offers by e-mail has no address here: accounts have none. Signing up says closed.
sign_in = [
    path("login/", allauth_views.login, name="account_login"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("signup/", allauth_views.signup, name="account_signup"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", allauth_views.password_change, name="account_change_password"),
]

urlpatterns = [
    path("", home, name="home"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("tasks/<uuid:pk>/", views.task_detail, name="task_detail"),
    path("tasks/<uuid:pk>/progress/", views.task_progress, name="task_progress"),
    path("find/", views.list_find, name="list_find"),
    path("filters/", views.saved_filter_create, name="saved_filter_create"),
    path("filters/<uuid:pk>/delete/", views.saved_filter_delete, name="saved_filter_delete"),
    path("exports/", views.export_list, name="export_list"),
    path("exports/<uuid:pk>/", views.export_detail, name="export_detail"),
    path("exports/<uuid:pk>/download/", views.export_download, name="export_download"),
    path("exports/<uuid:pk>/<str:link>/", views.export_file, name="export_file"),
    path("elder-mode/", views.elder_mode, name="elder_mode"),
    path("design/", views.design_page, name="design_page"),
    # Chosen on the sign-in page too.
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("accounts/", include(sign_in)),
    path("staff/", include("accounts.urls")),
    path("courses/", include("courses.urls")),
    path("attendance/", include(tablet)),
    path("incubation/", include("incubation.urls")),
    path("certificates/", include("certificates.urls")),
    path("quotas/", include("quotas.urls")),
    path("", include(certificates_public)),
    path("learners/", include("learners.urls")),
    path("api/attendance/v1/", api_urls()),
    path("admin/", admin.site.urls),
]

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error
