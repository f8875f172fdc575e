from django.urls import path

from quotas import views

app_name = "quotas"
urlpatterns = [
    path("", views.board, name="board"),
    path("export/", views.board_export, name="board_export"),
    path("<uuid:pk>/explain/", views.explain, name="explain"),
    path("<uuid:pk>/explain/export/", views.explain_export, name="explain_export"),
    path("<uuid:pk>/cascade/", views.quota_cascade, name="quota_cascade"),
    path("plans/", views.plan_list, name="plan_list"),
    path("plans/<uuid:pk>/", views.plan_detail, name="plan_detail"),
    path("checks/", views.check_list, name="check_list"),
    path("checks/all/", views.check_table, name="check_table"),
    path("checks/<uuid:pk>/", views.check_record, name="check_record"),
]
