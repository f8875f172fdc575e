from django.urls import path

from incubation import views

app_name = "incubation"
urlpatterns = [
    path("", views.task_list, name="task_list"),
    path("follow-ups/", views.follow_up_list, name="follow_up_list"),
    path("cases/", views.case_list, name="case_list"),
    path("cases/new/", views.candidate_list, name="candidate_list"),
    path("cases/new/<uuid:pk>/", views.case_open, name="case_open"),
    path("cases/<uuid:pk>/", views.case_detail, name="case_detail"),
    path("cases/<uuid:pk>/assign/", views.case_assign, name="case_assign"),
    path("cases/<uuid:pk>/visit/", views.visit_record, name="visit_record"),
    path("cases/<uuid:pk>/shop/", views.shop_create, name="shop_create"),
    path("cases/<uuid:pk>/earnings/", views.earnings_report, name="earnings_report"),
    path("cases/<uuid:pk>/baseline/", views.baseline_record, name="baseline_record"),
    path("households/<uuid:pk>/support/", views.support_record, name="support_record"),
    path("support/<uuid:pk>/void/", views.support_void, name="support_void"),
    path("shops/", views.shop_list, name="shop_list"),
]
