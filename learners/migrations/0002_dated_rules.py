from django.db import migrations

from lms.lib.dbrules import VendorSQL, append_only, no_overlap

SEALED = "the edition is sealed"
ENTRY_OF_SEALED = (
    "EXISTS (SELECT 1 FROM learners_registeredition e "
    "WHERE e.id = {row}.edition_id AND e.sealed_at IS NOT NULL)"
)


def sealed_editions_stay() -> VendorSQL:
    """A sealed edition, and the entries it was sealed with, refuse UPDATE and DELETE."""
    old = ENTRY_OF_SEALED.format(row="OLD")
    new = ENTRY_OF_SEALED.format(row="NEW")
    lite = [
        "CREATE TRIGGER registeredition_sealed_update BEFORE UPDATE ON learners_registeredition "
        f"WHEN OLD.sealed_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{SEALED}'); END",
        "CREATE TRIGGER registeredition_sealed_delete BEFORE DELETE ON learners_registeredition "
        f"WHEN OLD.sealed_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{SEALED}'); END",
        "CREATE TRIGGER registerentry_sealed_update BEFORE UPDATE ON learners_registerentry "
        f"WHEN {old} BEGIN SELECT RAISE(ABORT, '{SEALED}'); END",
        "CREATE TRIGGER registerentry_sealed_delete BEFORE DELETE ON learners_registerentry "
        f"WHEN {old} BEGIN SELECT RAISE(ABORT, '{SEALED}'); END",
        "CREATE TRIGGER registerentry_sealed_insert BEFORE INSERT ON learners_registerentry "
        f"WHEN NEW.in_seal AND {new} BEGIN SELECT RAISE(ABORT, '{SEALED}'); END",
    ]
    names = [statement.split()[2] for statement in lite]
    refuse = f"RAISE EXCEPTION '{SEALED}' USING ERRCODE = 'restrict_violation'"
    return VendorSQL(
        sqlite=lite,
        sqlite_reverse=[f"DROP TRIGGER IF EXISTS {name}" for name in names],
        postgresql=[
            "CREATE FUNCTION learners_edition_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF OLD.sealed_at IS NOT NULL THEN {refuse}; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
            "CREATE TRIGGER registeredition_sealed BEFORE UPDATE OR DELETE "
            "ON learners_registeredition FOR EACH ROW EXECUTE FUNCTION learners_edition_sealed()",
            "CREATE FUNCTION learners_entry_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF TG_OP <> 'INSERT' THEN IF {old} THEN {refuse}; END IF; END IF; "
            f"IF TG_OP = 'INSERT' THEN IF NEW.in_seal AND {new} THEN {refuse}; END IF; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
            "CREATE TRIGGER registerentry_sealed BEFORE INSERT OR UPDATE OR DELETE "
            "ON learners_registerentry FOR EACH ROW EXECUTE FUNCTION learners_entry_sealed()",
        ],
        postgresql_reverse=[
            "DROP TRIGGER registerentry_sealed ON learners_registerentry",
            "DROP FUNCTION learners_entry_sealed()",
            "DROP TRIGGER registeredition_sealed ON learners_registeredition",
            "DROP FUNCTION learners_edition_sealed()",
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("learners", "0001_initial")]
    operations = [
        no_overlap("learners_householdstatus", ["household_id"]),
        no_overlap("learners_membership", ["learner_id"]),
        no_overlap("learners_roleheld", ["learner_id", "role", "region_id"]),
        append_only("learners_registeradjustment"),
        sealed_editions_stay(),
    ]
