from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.user_list, name="user_list"),
    path("new/", views.user_create, name="user_create"),
    path("me/", views.my_account, name="my_account"),
    path("audit/", views.audit_list, name="audit_list"),
    path("<uuid:pk>/", views.user_detail, name="user_detail"),
    path("<uuid:pk>/grants/", views.grant_create, name="grant_create"),
    path("<uuid:pk>/grants/<uuid:grant_pk>/end/", views.grant_end, name="grant_end"),
    path("<uuid:pk>/password/", views.user_password, name="user_password"),
    path("<uuid:pk>/deactivate/", views.user_deactivate, name="user_deactivate"),
    path("<uuid:pk>/reactivate/", views.user_reactivate, name="user_reactivate"),
]
