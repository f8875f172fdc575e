from django.db import migrations

from lms.lib.dbrules import VendorSQL, append_only

STEPS = "a merged record points at a live one"
WRONG = (
    "NEW.merged_into_id = NEW.id "
    "OR EXISTS (SELECT 1 FROM learners_learner k WHERE k.id = NEW.merged_into_id "
    "AND k.merged_into_id IS NOT NULL) "
    "OR EXISTS (SELECT 1 FROM learners_learner m WHERE m.merged_into_id = NEW.id)"
)


def merged_in_one_step() -> VendorSQL:
    """Whoever follows `merged_into` once stands at the person: there are no chains.

    A later migration that makes SQLite rebuild learners_learner must end with this again.
    """
    refuse = f"RAISE EXCEPTION '{STEPS}' USING ERRCODE = 'check_violation'"
    lite = [
        f"CREATE TRIGGER learner_merged_{name} BEFORE {verb} ON learners_learner "
        f"WHEN NEW.merged_into_id IS NOT NULL AND ({WRONG}) "
        f"BEGIN SELECT RAISE(ABORT, '{STEPS}'); END"
        for name, verb in (("insert", "INSERT"), ("update", "UPDATE OF merged_into_id"))
    ]
    return VendorSQL(
        sqlite=lite,
        sqlite_reverse=[
            f"DROP TRIGGER IF EXISTS learner_merged_{name}" for name in ("insert", "update")
        ],
        postgresql=[
            "CREATE FUNCTION learners_merged_in_one_step() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {WRONG} THEN {refuse}; END IF; RETURN NEW; END $$",
            "CREATE TRIGGER learner_merged_in_one_step BEFORE INSERT OR UPDATE OF merged_into_id "
            "ON learners_learner FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) "
            "EXECUTE FUNCTION learners_merged_in_one_step()",
        ],
        postgresql_reverse=[
            "DROP TRIGGER learner_merged_in_one_step ON learners_learner",
            "DROP FUNCTION learners_merged_in_one_step()",
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("learners", "0016_find_walk_ins")]
    operations = [append_only("learners_mergechange"), merged_in_one_step()]
