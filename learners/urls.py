from django.urls import path

from learners import views

app_name = "learners"
urlpatterns = [
    path("", views.learner_list, name="learner_list"),
    path("find/", views.learner_find, name="learner_find"),
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
    path("registers/<uuid:pk>/compose/", views.edition_compose, name="edition_compose"),
    path("registers/editions/<uuid:pk>/seal/", views.edition_seal, name="edition_seal"),
    path("registers/editions/<uuid:pk>/propose/", views.edition_propose, name="edition_propose"),
    path("registers/editions/<uuid:pk>/fill/", views.edition_fill, name="edition_fill"),
    path("registers/editions/<uuid:pk>/add/", views.entry_add, name="entry_add"),
    path("registers/editions/<uuid:pk>/adjust/", views.entry_adjust, name="entry_adjust"),
    path("registers/editions/<uuid:pk>/bridge/", views.edition_bridge_page, name="edition_bridge"),
    path("registers/editions/<uuid:pk>/verify/", views.edition_verify, name="edition_verify"),
    path("registers/editions/<uuid:pk>/print/", views.edition_print, name="edition_print"),
    path("registers/editions/<uuid:pk>/villages/", views.village_import, name="village_import"),
    path(
        "registers/editions/<uuid:pk>/villages/confirm/",
        views.village_confirm,
        name="village_confirm",
    ),
    path("registers/entries/<uuid:pk>/", views.entry_update, name="entry_update"),
    path("registers/entries/<uuid:pk>/remove/", views.entry_remove, name="entry_remove"),
]
