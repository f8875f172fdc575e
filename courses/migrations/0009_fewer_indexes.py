"""Each mark was written into eight indexes, and each state into five: those that others cover go.

A tablet's marks are found by `markevent_device_seq`, a session's by `markevent_session_learner` and
`attendancestate_once_per_session`, a tablet's batches by `syncbatch_device_time`. By its author,
or a state by its event, nothing is looked for; and PostgreSQL can now change a state in place.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lms.lib.dbrules import VendorSQL

_GONE = {
    "courses_markevent_actor_id_ca5347e3": ("courses_markevent", "actor_id"),
    "courses_markevent_device_id_cfc9e154": ("courses_markevent", "device_id"),
    "courses_markevent_session_id_c6be066c": ("courses_markevent", "session_id"),
    "courses_attendancestate_session_id_569f888a": ("courses_attendancestate", "session_id"),
    "courses_attendancestate_event_id_38deeb41": ("courses_attendancestate", "event_id"),
    "courses_syncbatch_device_id_6474fd7d": ("courses_syncbatch", "device_id"),
}
_DROP = [f'DROP INDEX IF EXISTS "{name}"' for name in _GONE]
_MAKE = [f'CREATE INDEX "{name}" ON "{table}" ("{own}")' for name, (table, own) in _GONE.items()]


def _key(model, name, to, related_name, **more):
    field = models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=to,
        **more,
    )
    return migrations.AlterField(model, name, field)


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0008_close_questions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                _key("markevent", "actor", settings.AUTH_USER_MODEL, "+"),
                _key("markevent", "device", "accounts.device", "events", null=True),
                _key("markevent", "session", "courses.classsession", "events"),
                _key("attendancestate", "session", "courses.classsession", "states"),
                _key("attendancestate", "event", "courses.markevent", "+"),
                _key("syncbatch", "device", "accounts.device", "batches"),
            ],
            # Not by AlterField, for which SQLite would write the whole tables anew.
            database_operations=[
                VendorSQL(
                    sqlite=_DROP,
                    postgresql=_DROP,
                    sqlite_reverse=_MAKE,
                    postgresql_reverse=_MAKE,
                )
            ],
        ),
    ]
