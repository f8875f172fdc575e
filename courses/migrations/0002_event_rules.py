from django.db import migrations

from lms.lib.dbrules import append_only, no_overlap


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial")]
    operations = [
        append_only("courses_markevent"),
        no_overlap(
            "courses_classsession",
            ["instructor_id"],
            starts="starts_at",
            ends="ends_at",
            moments=True,
            where="status <> 'CANCELLED'",
        ),
    ]
