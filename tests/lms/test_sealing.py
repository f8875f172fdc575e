import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from lms.models import AuditEvent, AuditSeal, record_audit
from lms.sealing import seal_events, verify_seals

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def trail():
    for number in range(5):
        record_audit("lms.tried", actor=None, detail={"数": number, "rate": 0.1 * number})
    seal_events()
    return list(AuditEvent.objects.order_by("seq"))


def tamper(sql, *values):
    """As somebody with the database's password would: the triggers out of the way first."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for table in ("auditevent", "auditseal"):
                for verb in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER lms_{table}_no_{verb}")
        else:
            for table in ("auditevent", "auditseal"):
                cursor.execute(f"DROP TRIGGER lms_{table}_append_only ON lms_{table}")
        cursor.execute(sql, values)


def test_an_untouched_trail_holds(trail):
    record_audit("lms.tried", actor=None)
    report = verify_seals()
    assert report.holds
    assert (report.sealed_count, report.unsealed_count) == (5, 1)


def test_sealing_goes_on_where_it_stopped(trail):
    for _ in range(3):
        record_audit("lms.tried", actor=None)
    assert [seal_events(limit=2), seal_events(limit=2), seal_events(limit=2)] == [2, 1, 0]
    assert verify_seals().sealed_count == 8


def test_an_event_that_commits_late_is_sealed_late(trail):
    first, last = trail[0].seq, trail[-1].seq
    AuditEvent.objects.create(seq=last + 10, action="lms.second")
    seal_events()
    AuditEvent.objects.create(seq=last + 5, action="lms.first")
    assert seal_events() == 1
    assert first < last
    assert verify_seals().holds


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE lms_auditevent SET action = 'lms.other' WHERE seq = %s",
        "UPDATE lms_auditevent SET request_id = 'x' WHERE seq = %s",
        "UPDATE lms_auditevent SET detail = '{}' WHERE seq = %s",
        "UPDATE lms_auditevent SET region_path = '41' WHERE seq = %s",
    ],
)
def test_a_changed_line_is_found(trail, sql):
    tamper(sql, trail[2].seq)
    assert verify_seals().broken_at == trail[2].seq


def test_a_line_taken_out_with_its_seal_is_found(trail):
    tamper("DELETE FROM lms_auditseal WHERE event_id = %s", trail[2].seq)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM lms_auditevent WHERE seq = %s", [trail[2].seq])
    assert verify_seals().broken_at == trail[3].seq


def test_another_key_does_not_fit(trail, settings):
    settings.AUDIT_KEY = "another"
    assert verify_seals().broken_at == trail[0].seq


def test_lines_cut_off_at_the_end_show_against_a_noted_head(trail):
    head = verify_seals().head
    tamper("DELETE FROM lms_auditseal WHERE event_id = %s", trail[-1].seq)
    assert verify_seals().holds
    assert not verify_seals(head).holds


def test_the_command_says_where_it_broke(trail, capsys):
    call_command("audit_verify")
    out = capsys.readouterr().out
    assert "sealed 5, not sealed yet 0" in out
    assert bytes(AuditSeal.objects.order_by("-pk")[0].seal).hex() in out
    tamper("UPDATE lms_auditevent SET action = 'lms.other' WHERE seq = %s", trail[1].seq)
    with pytest.raises(CommandError, match=f"event {trail[1].seq}$"):
        call_command("audit_verify")
