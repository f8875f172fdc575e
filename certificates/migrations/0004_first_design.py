"""Edition 1 gets the design that it always was; second certificates name the first ones."""

import hashlib
import json

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIRST = {
    "border": "GUILLOCHE",
    "check_hint": "扫码核验真伪",
    "check_note": "核验页不显示身份证号",
    "id_label": "身份证号",
    "layout": "LANDSCAPE",
    "name_after": "",
    "seal": "VECTOR",
    "seal_image": "",
    "seal_line": "培训专用章",
    "second_script": "",
    "second_sentence": "",
    "second_title": "",
    "sentence": (
        "于 {period}参加{region}{programme}第 {run} 期{course}，修满 {hours} 学时，"
        "考核合格，准予结业。"
    ),
    "signatories": [],
    "title": "结业证书",
    "title_second": "CERTIFICATE OF COMPLETION",
}


def describe(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    design = json.dumps(FIRST, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    apps.get_model("certificates", "CertificateTemplate").objects.filter(edition=1).update(
        name="结业证书",
        design=design,
        design_sha256=hashlib.sha256(design.encode()).hexdigest(),
        state="IN_USE",
    )


def name_predecessors(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """After a revocation a class could be certified anew without a word on the one before."""
    rows = apps.get_model("certificates", "Certificate").objects
    previous = None
    for row in rows.order_by("enrolment_id", "issued_at", "chain_no").iterator():
        same = previous is not None and previous.enrolment_id == row.enrolment_id
        if same and row.replaces_id is None:
            rows.filter(pk=row.pk).update(replaces=previous.pk)
        previous = row


class Migration(migrations.Migration):
    dependencies = [("certificates", "0003_template_designs")]
    operations = [
        migrations.RunPython(describe, migrations.RunPython.noop),
        migrations.RunPython(name_predecessors, migrations.RunPython.noop),
    ]
