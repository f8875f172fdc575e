from django.urls import path

from courses import views

app_name = "courses"
RUN, SESSION = "runs/<uuid:pk>", "sessions/<uuid:pk>"
urlpatterns = [
    path("today/", views.today, name="today"),
    path("", views.run_list, name="run_list"),
    path("runs/new/", views.run_create, name="run_create"),
    path(f"{RUN}/", views.run_detail, name="run_detail"),
    path(f"{RUN}/edit/", views.run_update, name="run_update"),
    path(f"{RUN}/open/", views.run_open, name="run_open"),
    path(f"{RUN}/cancel/", views.run_cancel, name="run_cancel"),
    path(f"{RUN}/complete/", views.run_complete, name="run_complete"),
    path(f"{RUN}/enrol/", views.run_enrol, name="run_enrol"),
    path(f"{RUN}/promote/", views.run_promote, name="run_promote"),
    path(
        f"{RUN}/enrolments/<uuid:enrolment>/withdraw/",
        views.enrolment_withdraw,
        name="enrolment_withdraw",
    ),
    path(f"{RUN}/sessions/new/", views.session_create, name="session_create"),
    path(f"{SESSION}/edit/", views.session_update, name="session_update"),
    path(f"{SESSION}/cancel/", views.session_cancel, name="session_cancel"),
    path(f"{SESSION}/roll-call/", views.session_roll_call, name="session_roll_call"),
    path(f"{SESSION}/mark/", views.session_mark, name="session_mark"),
    path(f"{SESSION}/mark-rest/", views.session_mark_rest, name="session_mark_rest"),
    path(f"{SESSION}/close/", views.session_close, name="session_close"),
    path(f"{SESSION}/correct/", views.session_correct, name="session_correct"),
    path(f"{SESSION}/accept-late/", views.session_accept_late, name="session_accept_late"),
    path(f"{SESSION}/walk-in/", views.walk_in_create, name="walk_in_create"),
    path("catalogue/", views.course_list, name="course_list"),
    path("catalogue/new/", views.course_create, name="course_create"),
]

#: The app for tablets, at /attendance/: its own scope, outside every session.
tablet_urlpatterns = [
    path("", views.tablet_shell, name="tablet_shell"),
    path("sw.js", views.tablet_worker, name="tablet_worker"),
    path("manifest.webmanifest", views.tablet_manifest, name="tablet_manifest"),
]
