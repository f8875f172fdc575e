"""An edition in use, and the facts of a certificate, are never changed again."""

from django.db import migrations, models

from lms.lib.dbrules import VendorSQL

TEMPLATE, CERTIFICATE = "certificates_certificatetemplate", "certificates_certificate"
DESIGN = ("edition", "name", "region_id", "design", "design_sha256", "seal_image")
FACTS = (
    "number",
    "verify_code",
    "enrolment_id",
    "issuer_id",
    "template_id",
    "issued_on",
    "issued_at",
    "public_facts",
    "sealed_facts",
    "commitment",
    "chain_no",
    "chain_hash",
    "replaces_id",
)


def changed(columns: tuple[str, ...], unlike: str) -> str:
    return " OR ".join(f"NEW.{name} {unlike} OLD.{name}" for name in columns)


def refused(table: str, name: str, message: str, when: str) -> VendorSQL:
    """UPDATE is refused where `when` holds; `UNLIKE` in it is each engine's own word."""
    lite, elephant = (when.replace("UNLIKE", w) for w in ("IS NOT", "IS DISTINCT FROM"))
    return VendorSQL(
        sqlite=[
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {lite} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ],
        sqlite_reverse=[f"DROP TRIGGER IF EXISTS {name}"],
        postgresql=[
            (
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN IF {elephant} THEN RAISE EXCEPTION '{message}' "
                f"USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$"
            ),
            (
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {name}()"
            ),
        ],
        postgresql_reverse=[f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"],
    )


USED = (
    "(OLD.state <> 'DRAFT' OR EXISTS (SELECT 1 FROM certificates_certificate c "
    "WHERE c.template_id = OLD.edition))"
)
BACKWARDS = (
    "(OLD.state = 'IN_USE' AND NEW.state = 'DRAFT') "
    "OR (OLD.state = 'WITHDRAWN' AND NEW.state <> 'WITHDRAWN')"
)
#: Bytes too: a drawn file's hash is never another one's.
REDRAWN = "(OLD.pdf_sha256 <> '' AND NEW.pdf_sha256 <> OLD.pdf_sha256)"
REVIVED = "(OLD.status <> 'VALID' AND NEW.status <> OLD.status)"


class Migration(migrations.Migration):
    dependencies = [("certificates", "0004_first_design")]

    operations = [
        migrations.RemoveField("certificatetemplate", "title"),
        migrations.RemoveField("certificatetemplate", "second_script"),
        migrations.RemoveField("certificatetemplate", "texts"),
        migrations.AddConstraint(
            "certificate",
            models.UniqueConstraint(
                condition=models.Q(("replaces__isnull", True)),
                fields=("enrolment",),
                name="certificate_one_first_per_enrolment",
            ),
        ),
        refused(
            TEMPLATE,
            "certificates_template_frozen",
            "a template in use is immutable",
            f"({USED} AND ({changed(DESIGN, 'UNLIKE')})) OR {BACKWARDS}",
        ),
        refused(
            CERTIFICATE,
            "certificates_facts_frozen",
            "a certificate is immutable",
            f"{changed(FACTS, 'UNLIKE')} OR {REDRAWN} OR {REVIVED}",
        ),
    ]
