"""Editions of the certificate's design: made as a draft, put in use, withdrawn; never changed."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from certificates.models import CertificateTemplate
from certificates.queries import settled_design
from certificates.render import Design
from lms.lib.errors import ActionError
from lms.models import record_audit
from regions.models import Region

State = CertificateTemplate.State


@transaction.atomic
def make_template(
    *, region: Region, name: str, design: Design, seal_image: bytes | None = None, actor: User
) -> CertificateTemplate:
    """A new edition as a draft. A picture is made anew from its pixels: nothing else in the file
    is kept."""
    design, picture = settled_design(design, seal_image)
    newest = CertificateTemplate.objects.order_by("-edition").first()
    try:
        with transaction.atomic():
            template = CertificateTemplate.objects.create(
                edition=newest.edition + 1 if newest else 1,
                name=name,
                region=region,
                design=design.as_json(),
                design_sha256=design.sha256,
                seal_image=picture,
                made_by=actor,
            )
    except IntegrityError as error:
        message = _("Somebody made an edition at the same moment. Press once more.")
        raise ActionError("EDITION_TAKEN", message) from error
    _audit("certificates.template_made", template, actor)
    return template


@transaction.atomic
def use_template(*, template: CertificateTemplate, actor: User) -> CertificateTemplate:
    """From now on certificates of its region are printed on it; the design is fixed for ever."""
    return _move(template, State.DRAFT, State.IN_USE, "certificates.template_put_in_use", actor)


@transaction.atomic
def withdraw_template(*, template: CertificateTemplate, actor: User) -> CertificateTemplate:
    """No new certificate is printed on it; those that were stay as they are."""
    return _move(template, State.IN_USE, State.WITHDRAWN, "certificates.template_withdrawn", actor)


def _move(
    template: CertificateTemplate, before: str, after: str, action: str, actor: User
) -> CertificateTemplate:
    template = CertificateTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
    if template.state != before or template.region is None:
        message = _("The template is in another state by now. Load the page again.")
        raise ActionError("OTHER_STATE", message)
    template.state = after
    template.save(update_fields=["state"])
    _audit(action, template, actor)
    return template


def _audit(action: str, template: CertificateTemplate, actor: User) -> None:
    record_audit(
        action,
        actor=actor,
        target=template,
        region_path=template.region.path if template.region else "",
        detail={"edition": template.edition, "design_sha256": template.design_sha256},
    )
