from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lms.lib.dbrules import VendorSQL, append_only

before = import_module("learners.migrations.0002_dated_rules")
SEALED: str = before.SEALED
UNSEALED_PART = "only a sealed edition is united with others"
IS_SEALED = "EXISTS (SELECT 1 FROM learners_registeredition e WHERE e.id = {key} AND e.sealed_at IS NOT NULL)"
VILLAGES = "UPDATE learners_register SET subject = 'VILLAGE' WHERE purpose = 'QUALIFYING_VILLAGES'"


def without(rule: VendorSQL) -> VendorSQL:
    """Take a rule away while columns are added: SQLite copies the table and forgets triggers."""
    lite, lite_reverse = rule.by_vendor["sqlite"]
    post, post_reverse = rule.by_vendor["postgresql"]
    return VendorSQL(
        sqlite=lite_reverse,
        sqlite_reverse=lite,
        postgresql=post_reverse,
        postgresql_reverse=post,
    )


def sealed_editions_stay() -> VendorSQL:
    """A sealed edition, its entries and its parts stay as they are: nothing is changed or taken
    away, and nothing is put or moved there, except an entry that came by an adjustment."""
    edition = "OLD.sealed_at IS NOT NULL"
    old = IS_SEALED.format(key="OLD.edition_id")
    new = IS_SEALED.format(key="NEW.edition_id")
    whole = IS_SEALED.format(key="OLD.composed_id")
    future = IS_SEALED.format(key="NEW.composed_id")
    ready = IS_SEALED.format(key="NEW.part_id")
    rules = [
        ("registeredition", "UPDATE", edition),
        ("registeredition", "DELETE", edition),
        ("registerentry", "UPDATE", f"({old} OR {new})"),
        ("registerentry", "DELETE", old),
        ("registerentry", "INSERT", f"(NEW.in_seal AND {new})"),
        ("registereditionpart", "UPDATE", f"({whole} OR {future})"),
        ("registereditionpart", "DELETE", whole),
        ("registereditionpart", "INSERT", future),
    ]
    made = [
        (f"{table}_sealed_{verb.lower()}", f"learners_{table}", verb, condition, SEALED)
        for table, verb, condition in rules
    ]
    part = ("registereditionpart_unsealed", "learners_registereditionpart", "INSERT")
    made.append((*part, f"NOT {ready}", UNSEALED_PART))
    return VendorSQL(
        sqlite=[
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            for name, table, verb, condition, words in made
        ],
        sqlite_reverse=[f"DROP TRIGGER IF EXISTS {row[0]}" for row in made],
        postgresql=[
            statement
            for name, table, verb, condition, words in made
            for statement in (
                f"CREATE FUNCTION learners_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN IF {condition} THEN RAISE EXCEPTION '{words}' "
                "USING ERRCODE = 'restrict_violation'; END IF; "
                f"RETURN {'OLD' if verb == 'DELETE' else 'NEW'}; END $$",
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION learners_{name}()",
            )
        ],
        postgresql_reverse=[
            statement
            for name, table, *_rest in made
            for statement in (
                f"DROP TRIGGER {name} ON {table}",
                f"DROP FUNCTION learners_{name}()",
            )
        ],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("learners", "0005_merging"),
        ("regions", "0002_dated_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        without(append_only("learners_registeradjustment")),
        without(before.sealed_editions_stay()),
        migrations.CreateModel(
            name="RegisterEditionPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="register",
            name="register_one_per_year_region",
        ),
        migrations.AddField(
            model_name="register",
            name="kinds",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="register",
            name="subject",
            field=models.CharField(
                choices=[
                    ("LEARNER", "People"),
                    ("HOUSEHOLD", "Households"),
                    ("VILLAGE", "Villages"),
                ],
                default="LEARNER",
                max_length=9,
                verbose_name="lists",
            ),
        ),
        migrations.AddField(
            model_name="registeradjustment",
            name="recorded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="registeradjustment",
            name="recorded_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="category",
            field=models.CharField(
                blank=True,
                choices=[
                    ("RETURNED_YOUTH", "Returned young entrepreneur"),
                    ("PATHFINDER", "Leader out of poverty"),
                    ("GRADUATE_OFFICIAL", "Graduate village official"),
                    ("FIRST_SECRETARY", "First secretary of a village"),
                    ("VETERAN", "Veteran"),
                    ("PARTY_MEMBER", "Party member"),
                    ("CRAFTSWOMAN", "Craftswoman"),
                    ("DISABLED", "Person with a disability"),
                    ("STATION_OWNER", "Head of an information station or online shop"),
                    ("SHOP_ASSISTANT", "Village e-commerce assistant"),
                ],
                max_length=20,
                verbose_name="category",
            ),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="drive_count",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="households led"),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="drive_way",
            field=models.CharField(blank=True, max_length=120, verbose_name="way of leading"),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="has_agreement",
            field=models.BooleanField(default=False, verbose_name="agreement signed"),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="intention",
            field=models.CharField(
                blank=True,
                choices=[
                    ("SHOP", "Open an online shop"),
                    ("SUPPLY", "Supply goods"),
                    ("JOB", "Take a job"),
                ],
                max_length=8,
                verbose_name="intention",
            ),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("COUNTY_LEADER", "County leader in charge"),
                    ("COMMERCE_HEAD", "Head of the commerce bureau"),
                    ("TOWNSHIP_CADRE", "Township cadre"),
                    ("VILLAGE_CADRE", "Village cadre"),
                    ("FIRST_SECRETARY", "First secretary"),
                    ("WORK_TEAM_MEMBER", "Work team member"),
                    ("MANAGER", "Manager"),
                    ("PRACTITIONER", "Practitioner"),
                    ("LEAD_ENTREPRENEUR", "Lead entrepreneur"),
                    ("RETURNEE", "Returnee"),
                    ("HOUSEHOLD_MEMBER", "Household member"),
                ],
                max_length=20,
                verbose_name="kind of cadre",
            ),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="loan_yuan",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="small loan"
            ),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="project",
            field=models.CharField(blank=True, max_length=120, verbose_name="project"),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="shop_grant_yuan",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="shop grant"
            ),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="surveyed_by",
            field=models.CharField(blank=True, max_length=60, verbose_name="surveyed by"),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="surveyed_on",
            field=models.DateField(blank=True, null=True, verbose_name="surveyed on"),
        ),
        migrations.AddField(
            model_name="registerentry",
            name="yearly_income_yuan",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="yearly income"
            ),
        ),
        migrations.RunSQL(VILLAGES, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="register",
            constraint=models.UniqueConstraint(
                fields=("purpose", "year", "region", "subject"), name="register_one_per_year_region"
            ),
        ),
        migrations.AddConstraint(
            model_name="register",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("purpose", "QUALIFYING_VILLAGES"), ("subject", "VILLAGE")),
                    models.Q(
                        models.Q(("purpose", "QUALIFYING_VILLAGES"), _negated=True),
                        models.Q(("subject", "VILLAGE"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="register_villages_alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="registerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("yearly_income_yuan__isnull", True),
                    ("yearly_income_yuan__gte", 0),
                    _connector="OR",
                ),
                name="registerentry_income_not_negative",
            ),
        ),
        migrations.AddField(
            model_name="registereditionpart",
            name="composed",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="part_rows",
                to="learners.registeredition",
            ),
        ),
        migrations.AddField(
            model_name="registereditionpart",
            name="part",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="learners.registeredition",
            ),
        ),
        migrations.AddField(
            model_name="registeredition",
            name="parts",
            field=models.ManyToManyField(
                related_name="part_of",
                through="learners.RegisterEditionPart",
                to="learners.registeredition",
            ),
        ),
        migrations.AddConstraint(
            model_name="registereditionpart",
            constraint=models.UniqueConstraint(
                fields=("composed", "part"), name="registereditionpart_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="registereditionpart",
            constraint=models.CheckConstraint(
                condition=models.Q(("composed", models.F("part")), _negated=True),
                name="registereditionpart_not_itself",
            ),
        ),
        sealed_editions_stay(),
        append_only("learners_registeradjustment"),
    ]
