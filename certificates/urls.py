from django.urls import path

from certificates import views

app_name = "certificates"
urlpatterns = [
    path("", views.certificate_list, name="certificate_list"),
    path("mine/", views.my_certificates, name="my_certificates"),
    path("issue/", views.region_issue, name="region_issue"),
    path("issue/without/", views.ineligible_list, name="ineligible_list"),
    path("find/", views.certificate_find, name="certificate_find"),
    path("runs/<uuid:run_id>/pack/", views.run_pack, name="run_pack"),
    path("book/", views.region_book, name="region_book"),
    path("packs/<uuid:task_id>/", views.pack_download, name="pack_download"),
    path("issuers/", views.issuer_list, name="issuer_list"),
    path("issuers/new/", views.issuer_create, name="issuer_create"),
    path("issuers/<uuid:issuer_id>/rename/", views.issuer_rename, name="issuer_rename"),
    path("templates/", views.template_list, name="template_list"),
    path("templates/new/", views.template_create, name="template_create"),
    path("templates/<int:edition>/move/", views.template_move, name="template_move"),
    path("templates/<int:edition>/proof/", views.template_proof, name="template_proof"),
    path("templates/<int:edition>/picture/", views.template_picture, name="template_picture"),
    path("runs/<uuid:run_id>/issue/", views.run_issue, name="run_issue"),
    path("runs/<uuid:run_id>/sheet/", views.run_sheet, name="run_sheet"),
    path("<uuid:certificate_id>/", views.certificate_detail, name="certificate_detail"),
    path("<uuid:certificate_id>/pdf/", views.certificate_pdf, name="certificate_pdf"),
    path("<uuid:certificate_id>/image/", views.certificate_image, name="certificate_image"),
    path("<uuid:certificate_id>/picture/", views.certificate_picture, name="certificate_picture"),
    path("<uuid:certificate_id>/reissue/", views.certificate_reissue, name="certificate_reissue"),
    path(
        "<uuid:certificate_id>/credential/",
        views.certificate_credential,
        name="certificate_credential",
    ),
    path(
        "<uuid:certificate_id>/copies/<slug:kind>/",
        views.certificate_copy,
        name="certificate_copy",
    ),
    path("<uuid:certificate_id>/code/", views.certificate_code, name="certificate_code"),
    path("<uuid:certificate_id>/revoke/", views.certificate_revoke, name="certificate_revoke"),
]
#: Public, short and blind to case: what the QR code on paper holds.
public_urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("verify/file/", views.verify_file, name="verify_file"),
    path("verify/keys.json", views.verify_keys, name="verify_keys"),
    path("verify/issuers/<slug:prefix>.json", views.verify_issuer, name="verify_issuer"),
    path("verify/days/<str:day>.json", views.verify_root, name="verify_root"),
    path("v/<str:code>/proof.json", views.verify_proof, name="verify_proof"),
    path("v/<str:code>", views.verify_code, name="verify_code"),
    path("V/<str:code>", views.verify_code, name="verify_code_printed"),
]
