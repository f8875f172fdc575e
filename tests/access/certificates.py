from datetime import date

from certificates.actions import issue_certificates, make_template
from certificates.render import Design
from courses.models import CourseRun
from tests import factories
from tests.access import Place, page, public
from tests.quotas.counted import complete


def make(place: Place) -> dict[str, dict]:
    run = factories.make_run(place.county, status=CourseRun.Status.CLOSED)
    issuer = factories.make_issuer(place.county, prefix="LS" if place.county[-1] == "1" else "GS")
    complete(place.trainee.learner, place.county, run=run)
    made = issue_certificates(run=run, issuer=issuer, issued_on=date(2026, 3, 4), actor=place.clerk)
    template = make_template(
        region=run.county, name="县", design=Design(layout="PORTRAIT"), actor=place.clerk
    )
    return {
        "run": {"run_id": run.pk},
        "certificate": {"certificate_id": made[0].pk},
        "copy": {"certificate_id": made[0].pk, "kind": "archive"},
        "issuer": {"prefix": issuer.prefix},
        "issuer_id": {"issuer_id": issuer.pk},
        "new_name": {"name": "县电商中心"},
        "day": {"day": "2026-03-04"},
        "code": {"code": made[0].verify_code},
        "new_issuer": {"region": place.county, "name": "县商务局", "letters": "XSW"},
        "issue": {"issuer": issuer.pk, "issued_on": "2026-03-04"},
        "pack": {"task_id": run.pk},
        "template": {"edition": template.pk},
        "issue_region": {"issuer": issuer.pk, "issued_on": "2026-03-04"},
        "find": {"q": "王秀兰"},
        "reissue": {"reason": "姓名更正", "issued_on": "2026-03-05"},
        "reason": {"reason": "姓名写错"},
    }


READERS = {"clerk": 200, "official": 200, "province": 200, "trainee": 200}
EXPECTED = {
    "certificates:certificate_list": page(clerk=200, official=200, province=200),
    "certificates:my_certificates": page(trainee=200),
    "certificates:run_issue": [
        page("run", clerk=200),
        page("run", method="post", data="issue", clerk=302),
    ],
    "certificates:certificate_detail": page("certificate", **READERS),
    "certificates:certificate_credential": page("certificate", **READERS),
    "certificates:region_issue": [
        page(clerk=200),
        # The neighbour has another issuer: the form comes back.
        page(method="post", data="issue_region", clerk=302, neighbour=200),
    ],
    "certificates:ineligible_list": [page(clerk=200), page(query="export=xlsx", clerk=200)],
    "certificates:run_pack": page("run", method="post", clerk=302),
    "certificates:region_book": page(method="post", clerk=302),
    "certificates:pack_download": page("pack", clerk=404, scoped=False),
    "certificates:issuer_list": page(administrator=200),
    "certificates:issuer_create": [
        page(administrator=200),
        page(method="post", data="new_issuer", administrator=302),
    ],
    "certificates:issuer_rename": [
        page("issuer_id", administrator=200),
        page("issuer_id", method="post", data="new_name", administrator=302),
    ],
    "certificates:template_list": [
        page(clerk=200, official=200, province=200),
        page(query="export=xlsx", clerk=200, official=200, province=200),
    ],
    "certificates:template_create": page(clerk=200),
    "certificates:template_proof": page("template", clerk=200, official=200, province=200),
    "certificates:template_picture": page("template", clerk=200, official=200, province=200),
    "certificates:template_move": page("template", method="post", clerk=302),
    "certificates:certificate_find": [
        page(clerk=200),
        page(method="post", data="find", clerk=200),
    ],
    "certificates:run_sheet": [
        page("run", clerk=200),
        page("run", query="format=xlsx", clerk=200),
    ],
    "certificates:certificate_pdf": page("certificate", **READERS),
    "certificates:certificate_image": page("certificate", **READERS),
    "certificates:certificate_picture": page("certificate", **READERS),
    "certificates:certificate_copy": page("copy", **READERS),
    "certificates:certificate_reissue": page(
        "certificate", method="post", data="reissue", clerk=302
    ),
    "certificates:certificate_code": page("certificate", **READERS),
    "certificates:certificate_revoke": page("certificate", method="post", data="reason", clerk=302),
    "verify": public(),
    "verify_file": public(method="post", status=400),
    "verify_keys": public(),
    "verify_issuer": public("issuer"),
    "verify_root": public("day", status=404),
    "verify_proof": public("code", status=404),
    "verify_code": public("code"),
    "verify_code_printed": public("code"),
}
