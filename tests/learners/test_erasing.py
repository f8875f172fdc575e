"""A person who asks to be erased: what goes from the database and the files, and what stays."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from incubation.models import EarningsReport, FollowUpPlan, Shop, Visit
from learners.actions import add_entries, create_register
from learners.actions.erasing import ErasureError, erase_learner
from learners.actions.merging import undo_merge
from learners.models import FactChange, Learner, Merge, MergeChange, Register, RegisterEntry
from learners.queries import find_by_number
from lms.lib.errors import ActionError
from lms.models import AuditEvent, ExportFile
from tests import factories
from tests.learners.merged import merge

pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.usefixtures("regions")]
WHY = "ASKED"
DAY = date(2026, 2, 1)


@pytest.fixture
def learner():
    user = User.objects.create(username="xueyuan", display_name="李建军", email="ljj@example.org")
    return factories.make_learner("李建军", phone="13911112222", user=user, education="初中")


def everything() -> str:
    """Each cell of each table of ours, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(bytes(x) if isinstance(x, memoryview) else x) for r in cursor for x in r]
    return "\n".join(found)


def test_nothing_personal_is_left_and_nothing_counted_is_lost(
    learner, county_clerk, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    place = factories.make_enrolment(factories.make_run(), learner)
    index, number = bytes(learner.id_index), learner.clear_id_number()
    change = {"name": ["李建钧", "李建军"]}
    FactChange.objects.create(learner=learner, changes=change, reason="李建军本人更正")
    told = {
        "case": learner.cases.create(
            home_region=learner.home_region, opened_on=DAY, plan=FollowUpPlan.objects.first()
        )
    }
    told |= {"visited_on": DAY, "method": "DOOR", "finding": "RUNNING", "by": county_clerk}
    Visit.objects.create(**told, problem="李建军缺货", next_step="找李建军")
    shop = Shop.objects.create(
        owner=learner, home_region=learner.home_region, opened_on=DAY,
        platform=Shop.Platform.values[0], name="李建军土特产", url="https://shop.example.org/lijianjun",
    )  # fmt: skip
    proof = default_storage.save("proofs/1.jpg", ContentFile(b"x"))
    EarningsReport.objects.create(
        shop=shop, month=DAY.replace(day=1), kind="SALES", amount_yuan=100, grade=1, proof=proof,
        reported_by=county_clerk,
    )  # fmt: skip
    assert "李建军" in everything()

    with django_capture_on_commit_callbacks(execute=True):
        erase_learner(learner=learner, reason=WHY, actor=county_clerk)

    left = everything()
    for word in ("李建军", "李建钧", "ljj@example", "xueyuan", "lijianjun", str(index)):
        assert word not in left, word
    assert not default_storage.exists(proof)
    assert not find_by_number(county_clerk, number).exists()
    after = Learner.objects.get(pk=learner.pk)
    assert after.erased_at
    assert (after.id_cipher, after.phone_cipher, after.user) == (None,) * 3
    assert (after.id_tail, after.initials, after.education) == ("", "", "")
    assert not User.objects.get(username__startswith="erased-").is_active
    place.refresh_from_db()
    assert (place.learner, Shop.objects.get().owner, Visit.objects.count()) == (after, after, 1)
    assert EarningsReport.objects.get().amount_yuan == 100
    line = AuditEvent.objects.get(action="learners.learner_erased")
    assert line.detail == {"records": [str(learner.pk)], "reason": WHY, "photos": False}


def test_an_erased_person_is_on_no_list_and_the_page_says_why(learner, county_clerk, signed_in):
    erase_learner(learner=learner, reason=WHY, actor=county_clerk)
    clerk = signed_in(county_clerk)
    assert not Learner.objects.live().filter(pk=learner.pk).exists()
    assert not list(clerk.get("/learners/").context["table"].paginated_rows)
    page = clerk.get(reverse("learners:learner_detail", args=[learner.pk]))
    content = page.content.decode()
    assert page.status_code == 200
    assert "这个人的资料已删除" in content
    for name in ("learner_reveal", "learner_update"):
        assert reverse(f"learners:{name}", args=[learner.pk]) not in content
    # Whoever comes again is somebody new.
    again = factories.make_learner("李建军")
    again.set_id_number(learner.clear_id_number())
    again.save()


def test_records_that_were_merged_go_with_the_person(learner, county_clerk):
    other = factories.make_learner("李建均", phone="13933334444")
    kept = factories.make_learner("李建軍")
    factories.make_enrolment(factories.make_run(), other)
    done = merge(kept, other, county_clerk)
    erase_learner(learner=other, reason=WHY, actor=county_clerk)
    assert "李建" not in everything().replace("李建军", "")
    assert {(str(row.before), str(row.after)) for row in MergeChange.objects.all()} == {
        ("{}", "{}")
    }
    with pytest.raises(ActionError) as error:
        undo_merge(merge=Merge.objects.get(pk=done.pk), reason="错了", actor=county_clerk)
    assert error.value.code == "ERASED"
    with pytest.raises(ActionError) as error:
        merge(learner, Learner.objects.get(pk=kept.pk), county_clerk)
    assert error.value.code == "ERASED"


def test_open_registers_forget_and_sealed_ones_stay(learner, county_clerk, regions):
    made = create_register(
        purpose=Register.Purpose.ABLE_WILLING, year=2026, region=regions["411521"], actor=None
    )
    edition = made.editions.get()
    add_entries(edition=edition, subjects=[learner], actor=None)
    erase_learner(learner=learner, reason=WHY, actor=county_clerk)
    assert not RegisterEntry.objects.exists()


def test_files_made_for_download_go_too(learner, county_clerk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    fields = {"requested_by": county_clerk, "columns": [], "title": "学员", "sha256": "0" * 64}
    fields |= {"expires_at": timezone.now() + timedelta(hours=1)}
    near, far = (
        ExportFile.objects.create(
            **fields, region_path=path, file=default_storage.save(path, ContentFile(b"x"))
        )
        for path in ("4115", "4116")
    )
    erase_learner(learner=learner, reason=WHY, actor=county_clerk)
    near.refresh_from_db()
    far.refresh_from_db()
    assert (near.file, bool(far.file)) == ("", True)


def test_it_takes_a_reason_and_happens_once(learner, county_clerk):
    with pytest.raises(ErasureError):
        erase_learner(learner=learner, reason=" ", actor=county_clerk)
    assert Learner.objects.get().name == "李建军"
    erase_learner(learner=learner, reason=WHY, actor=county_clerk)
    with pytest.raises(ErasureError) as error:
        erase_learner(learner=learner, reason=WHY, actor=county_clerk)
    assert error.value.code == "ERASED"


def test_the_database_still_refuses_any_other_change_of_what_is_only_added_to(learner):
    FactChange.objects.create(learner=learner, changes={"name": ["甲", "乙"]}, reason="更正")
    rows = FactChange.objects.all()
    for wrong in (
        lambda: rows.update(changes={"name": ["甲", "丙"]}, reason="—"),
        lambda: rows.update(changes={}),
        lambda: rows.update(reason="—"),
        lambda: rows.update(changed_at="2026-01-01T00:00:00Z"),
        lambda: rows.delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    rows.update(changes={}, reason="—")


def test_the_command_erases_lists_and_erases_again_after_a_restore(learner, county_clerk, tmp_path):
    out = StringIO()
    given = {"by": county_clerk.username, "reason": WHY, "stdout": out}
    call_command("erase_learner", str(learner.pk), **given)
    assert out.getvalue().startswith("1 people")
    listed = StringIO()
    call_command("erase_learner", "--list", stdout=listed)
    assert listed.getvalue().split()[:2] == [str(learner.pk), "ASKED"]
    file = tmp_path / "erased.txt"
    file.write_text(listed.getvalue() + "0190a000-0000-7000-8000-000000000000\n")
    Learner.objects.filter(pk=learner.pk).update(erased_at=None, name="李建军")  # restored
    for count in ("1 people", "0 people"):
        again = StringIO()
        call_command("erase_learner", f"--from={file}", **(given | {"stdout": again}))
        assert again.getvalue().startswith(count)
    assert "1 of the list came after this backup" in again.getvalue()
    assert Learner.objects.get().name == "—"
    for wrong in ([], ["x"], ["0190a000-0000-7000-8000-000000000000"], [str(learner.pk)]):
        with pytest.raises(CommandError):
            call_command("erase_learner", *wrong, **given)
    with pytest.raises(CommandError):
        call_command("erase_learner", str(learner.pk), by="nobody", reason=WHY)


def test_a_restore_erases_for_the_reason_of_the_list(learner, county_clerk, tmp_path):
    file = tmp_path / "erased.txt"
    file.write_text(f"{learner.pk} ORDERED 2026-11-22\n")
    call_command("erase_learner", f"--from={file}", by=county_clerk.username, stdout=StringIO())
    assert learner.erasure.reason == "ORDERED"


def test_a_restore_keeps_the_note_of_the_list(learner, county_clerk, tmp_path):
    """It says which letter asked for it, in whatever script."""
    other = factories.make_learner("王五")
    note = '罗山法院函 "2026" 12 号'
    erase_learner(learner=learner, reason="ORDERED", note=note, actor=county_clerk)
    erase_learner(learner=other, reason="ASKED", note="photos 12", actor=county_clerk)
    listed = StringIO()
    call_command("erase_learner", "--list", stdout=listed)
    assert listed.getvalue().isascii()
    file = tmp_path / "erased.txt"
    fresh = [factories.make_learner("李建军"), factories.make_learner("王五")]
    pairs = zip(map(str, (learner.pk, other.pk)), map(str, (one.pk for one in fresh)), strict=True)
    text = listed.getvalue()
    for was, now in pairs:
        text = text.replace(was, now)
    file.write_text(text)
    call_command("erase_learner", f"--from={file}", by=county_clerk.username, stdout=StringIO())
    kept = [(one.erasure.reason, one.erasure.note, one.erasure.photos) for one in fresh]
    assert kept == [("ORDERED", note, False), ("ASKED", "photos 12", False)]


def test_a_note_that_names_somebody_as_the_backup_knows_them_stops_nothing(
    learner, county_clerk, tmp_path
):
    """Their name was corrected after the backup; who comes behind them is erased as well."""
    other = factories.make_learner("王五")
    file = tmp_path / "erased.txt"
    line = json.dumps("李建军来信")
    file.write_text(f'{learner.pk} ASKED 2026-11-22 {line}\n{other.pk} ASKED 2026-11-22 "a"\n')
    said = StringIO()
    call_command("erase_learner", f"--from={file}", by=county_clerk.username, stdout=said)
    assert said.getvalue().startswith("2 people")
    assert f"{learner.pk}: the note of the list names this person" in said.getvalue()
    assert (learner.erasure.note, other.erasure.note) == ("", "a")
