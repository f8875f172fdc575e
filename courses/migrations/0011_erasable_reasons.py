"""Why a mark was corrected may speak of the person: it goes with them; the mark itself stays."""

from django.db import migrations

from lms.lib.dbrules import erasable

KEPT = (
    "server_seq", "event_id", "device_id", "seq", "body_sha256", "kind", "session_id",
    "learner_id", "status", "source", "method", "actor_id", "base", "target", "wall_ms", "skew_ms",
    "t_ms", "snapshot_version", "app_version", "batch_id", "received_at", "flags", "payload",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("courses", "0010_failed_rows")]
    operations = [erasable("courses_markevent", kept=KEPT, blanks={"reason": "—"})]
