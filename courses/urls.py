from django.urls import path

from courses import views

app_name = "courses"
RUN, SESSION, TABLET = "runs/<uuid:pk>", "sessions/<uuid:pk>", "worklist/tablets/<uuid:pk>"
urlpatterns = [
    path("today/", views.today, name="today"),
    path("", views.run_list, name="run_list"),
    path("runs/new/", views.run_create, name="run_create"),
    path(f"{RUN}/", views.run_detail, name="run_detail"),
    path(f"{RUN}/people/", views.run_people, name="run_people"),
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
    path(f"{SESSION}/desk/", views.session_desk, name="session_desk"),
    path(f"{SESSION}/answer/", views.session_answer, name="session_answer"),
    path(f"{SESSION}/check/", views.session_check, name="session_check"),
    path(f"{SESSION}/heads/", views.session_heads, name="session_heads"),
    path(f"{SESSION}/photos/new/", views.evidence_add, name="evidence_add"),
    path(f"{SESSION}/photos/<uuid:evidence>/", views.evidence_file, name="evidence_file"),
    path(
        f"{SESSION}/photos/<uuid:evidence>/remove/", views.evidence_remove, name="evidence_remove"
    ),
    path(f"{RUN}/print/<slug:what>/", views.run_print, name="run_print"),
    path("people/<uuid:pk>/code/", views.learner_card, name="learner_card"),
    path("worklist/", views.work_list, name="work_list"),
    path("worklist/tablets/", views.tablet_list, name="tablet_list"),
    path("worklist/tablets/enrol/", views.tablet_enrol, name="tablet_enrol"),
    path("worklist/tablets/queue/", views.queue_import, name="queue_import"),
    path(f"{TABLET}/", views.tablet_detail, name="tablet_detail"),
    path(f"{TABLET}/lost/", views.tablet_lose, name="tablet_lose"),
    path(f"{TABLET}/retire/", views.tablet_retire, name="tablet_retire"),
    path(f"{TABLET}/rows/", views.parked_list, name="parked_list"),
    path(f"{TABLET}/pictures/", views.picture_list, name="picture_list"),
    path(f"{TABLET}/pictures/<uuid:picture>/", views.picture_file, name="picture_file"),
    path("catalogue/", views.course_list, name="course_list"),
    path("catalogue/new/", views.course_create, name="course_create"),
]

#: The app for tablets, at /attendance/: its own scope, outside every session.
tablet_urlpatterns = [
    path("", views.tablet_shell, name="tablet_shell"),
    path("sw.js", views.tablet_worker, name="tablet_worker"),
    path("manifest.webmanifest", views.tablet_manifest, name="tablet_manifest"),
]
