from django.urls import path

from learners import views

app_name = "learners"
urlpatterns = [
    path("", views.learner_list, name="learner_list"),
    path("find/", views.learner_find, name="learner_find"),
    path("export/", views.learner_export, name="learner_export"),
    path("<uuid:pk>/", views.learner_detail, name="learner_detail"),
    path("households/<uuid:pk>/", views.household_detail, name="household_detail"),
    path("imports/", views.import_list, name="import_list"),
    path("imports/new/", views.import_create, name="import_create"),
    path("imports/<uuid:pk>/", views.import_detail, name="import_detail"),
    path("imports/<uuid:pk>/confirm/", views.import_confirm, name="import_confirm"),
    path("imports/<uuid:pk>/abandon/", views.import_abandon, name="import_abandon"),
    path("imports/<uuid:pk>/errors/", views.import_errors, name="import_errors"),
    path("registers/", views.register_list, name="register_list"),
    path("registers/new/", views.register_create, name="register_create"),
    path("registers/<uuid:pk>/", views.register_detail, name="register_detail"),
    path("registers/<uuid:pk>/next/", views.edition_open, name="edition_open"),
    path("editions/<uuid:pk>/seal/", views.edition_seal, name="edition_seal"),
    path("editions/<uuid:pk>/fill/", views.edition_fill, name="edition_fill"),
    path("editions/<uuid:pk>/adjust/", views.entry_adjust, name="entry_adjust"),
]
