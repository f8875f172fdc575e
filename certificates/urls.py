from django.urls import path

from certificates import views

app_name = "certificates"
urlpatterns = [
    path("", views.certificate_list, name="certificate_list"),
    path("mine/", views.my_certificates, name="my_certificates"),
    path("runs/<uuid:run_id>/issue/", views.run_issue, name="run_issue"),
    path("<uuid:certificate_id>/", views.certificate_detail, name="certificate_detail"),
    path("<uuid:certificate_id>/pdf/", views.certificate_pdf, name="certificate_pdf"),
    path(
        "<uuid:certificate_id>/credential/",
        views.certificate_credential,
        name="certificate_credential",
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
