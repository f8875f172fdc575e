"""Naming columns and picking places: asked where nothing is certain, remembered for the county."""

import pytest
from django.test import override_settings
from django.urls import reverse

from learners.models import RosterImport, RosterLayout
from learners.queries.mapping import answers_for
from lms.models import AuditEvent
from tests import factories
from tests.learners.rosters import checked, make_rows, make_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]
ODD = ["编码", "谁", "何证", "联络", "何镇", "何村", "何类"]


@pytest.fixture(autouse=True)
def media(tmp_path):
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


@pytest.fixture
def clerk(signed_in, county_clerk):
    return signed_in(county_clerk)


def address(found: RosterImport, name: str) -> str:
    return reverse(f"learners:import_{name}", args=[found.pk])


def two_phones(count: int = 3) -> bytes:
    """Two columns that could each be the telephone."""
    rows = [[*row, f"1390000{n:04d}"] for n, row in enumerate(make_rows(1, count))]
    header = ["序号", "姓名", "身份证号", "联系电话", "乡镇", "村", "户类型", "手机号码"]
    return make_xlsx(rows, header=header)


def post_data(page) -> dict[str, str]:
    """What the browser would send of the form as it is shown."""
    form = page.context["form"]
    found = {}
    for name in form.fields:
        value = form[name].value()
        if value is not None and value is not False and value != "":
            found[name] = "on" if value is True else str(value)
    return found


def answer(client, found, run_tasks, **changes):
    """Save the page of columns with some of its choices changed."""
    data = post_data(client.get(address(found, "columns"))) | changes
    with run_tasks(execute=True):
        response = client.post(
            address(found, "columns"), {name: value for name, value in data.items() if value}
        )
    found.refresh_from_db()
    return response


def test_two_columns_for_one_field_are_asked_about_and_nothing_is_stored(clerk, county_clerk):
    found = checked(content=two_phones(), actor=county_clerk)
    assert found.state == "UNSURE"
    assert not found.rows.exists()
    assert AuditEvent.objects.get(action="learners.columns_asked").detail == {"doubts": ["RIVALS"]}
    assert clerk.get(address(found, "detail")).url == address(found, "columns")
    page = clerk.get(address(found, "columns"))
    text = page.content.decode()
    assert page.context["form"]["s0-c3"].value() == "phone"
    for secret in (factories.make_id_number(1), "13800000001", "13900000000"):
        assert secret not in text
    assert "139****0000" in text


def test_the_answer_is_followed_and_remembered_for_the_county(
    clerk, county_clerk, django_capture_on_commit_callbacks
):
    found = checked(content=two_phones(), actor=county_clerk)
    answer(clerk, found, django_capture_on_commit_callbacks, **{"s0-c3": "", "s0-c7": "phone"})
    assert found.state == "CHECKED"
    fields = [row.raw()["fields"] for row in found.rows.exclude(verdict="SKIPPED")]
    assert [row["phone"] for row in fields] == ["13900000000", "13900000001", "13900000002"]
    assert RosterLayout.objects.get().updated_by == county_clerk
    assert AuditEvent.objects.get(action="learners.columns_answered").detail == {
        "sheets": 1,
        "remembered": 1,
    }
    # The next file with the same headings asks nothing and says why.
    again = checked(content=two_phones(2), name="二月.xlsx", actor=county_clerk)
    assert again.state == "CHECKED"
    page = clerk.get(address(again, "columns"))
    assert page.context["remembered"]
    assert {line.hint[2] for line in page.context["sheets"][0].columns if line.hint[0]} == {
        page.context["sheets"][0].columns[7].hint[2]
    }
    assert again.rows.get(position=1).raw()["fields"]["phone"] == "13900000000"


def test_what_is_remembered_can_be_forgotten_and_stays_in_its_county(
    clerk, county_clerk, django_capture_on_commit_callbacks
):
    found = checked(content=two_phones(), actor=county_clerk)
    answer(clerk, found, django_capture_on_commit_callbacks, **{"s0-c3": ""})
    neighbour = RosterImport.objects.get(pk=found.pk)
    neighbour.region = factories.make_region("411522")
    assert answers_for(found).remembered
    assert not answers_for(neighbour).remembered
    clerk.post(address(found, "forget"))
    assert not RosterLayout.objects.exists()
    assert AuditEvent.objects.get(action="learners.columns_forgotten").detail == {"layouts": 1}
    assert checked(content=two_phones(), name="三月.xlsx", actor=county_clerk).state == "UNSURE"


def test_the_columns_of_a_checked_import_can_be_changed(
    clerk, county_clerk, django_capture_on_commit_callbacks
):
    found = checked(make_rows(1, 2), actor=county_clerk)
    first = set(found.rows.values_list("pk", flat=True))
    answer(clerk, found, django_capture_on_commit_callbacks, **{"s0-c6": ""})
    assert found.state == "CHECKED"
    assert found.rows.count() == len(first)
    assert not first & set(found.rows.values_list("pk", flat=True))
    person = found.rows.get(position=1)
    assert "HOUSEHOLD_TYPE_UNKNOWN" in person.codes


def test_not_remembering_leaves_no_trace_for_the_next_file(
    clerk, county_clerk, django_capture_on_commit_callbacks
):
    found = checked(content=two_phones(), actor=county_clerk)
    answer(clerk, found, django_capture_on_commit_callbacks, **{"s0-c7": "", "remember": ""})
    assert found.state == "CHECKED"
    assert not RosterLayout.objects.exists()


def test_a_sheet_without_a_header_is_asked_about(
    clerk, county_clerk, django_capture_on_commit_callbacks
):
    found = checked(content=make_xlsx(make_rows(2, 6), header=make_rows(1, 1)[0]))
    assert found.state == "UNSURE"
    answer(clerk, found, django_capture_on_commit_callbacks, **{"s0-c1": "name"})
    assert found.state == "CHECKED"
    assert found.rows.filter(verdict="OK").count() == 6
    assert not RosterLayout.objects.exists()


def test_a_header_in_words_of_its_own_is_read_by_its_values(county_clerk):
    found = checked(
        [[*row[:1], f"张{'伟芳敏静丽'[n]}", *row[2:]] for n, row in enumerate(make_rows(1, 5))]
    )
    odd = checked(
        content=make_xlsx(
            [[*row[:1], f"张{'伟芳敏静丽'[n]}", *row[2:]] for n, row in enumerate(make_rows(1, 5))],
            header=ODD,
        )
    )
    assert (found.state, odd.state) == ("CHECKED", "CHECKED")
    assert [row.raw()["fields"] for row in odd.rows.filter(verdict="OK")] == [
        row.raw()["fields"] for row in found.rows.filter(verdict="OK")
    ]


def test_people_of_no_known_place_are_asked_about_and_one_township_holds_for_all(
    clerk, county_clerk, django_capture_on_commit_callbacks
):
    rows = [row[:4] for row in make_rows(1, 3)]
    found = checked(content=make_xlsx(rows, header=["序号", "姓名", "身份证号", "联系电话"]))
    assert found.state == "UNSURE"
    page = clerk.get(address(found, "columns"))
    code, _name = page.context["form"].fields["s0-township"].choices[1]
    answer(clerk, found, django_capture_on_commit_callbacks, **{"s0-township": code})
    assert found.state == "CHECKED"
    fields = [row.raw()["fields"] for row in found.rows.exclude(verdict="SKIPPED")]
    assert {row["township_code"] for row in fields} == {code}
    # The next township's file is asked about again: only the columns are remembered.
    assert RosterLayout.objects.get().answer["township"] == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"s0-c3": "name"}, "s0-c3"),
        ({"s0-c1": ""}, "s0-skip"),
        ({"s0-first": "2"}, "s0-first"),
        ({"s0-first": "9999"}, "s0-first"),
        ({"s0-c0": "evil"}, "s0-c0"),
        ({"s0-skip": "on"}, "__all__"),
    ],
)
def test_what_the_page_of_columns_refuses(
    changes, field, clerk, county_clerk, django_capture_on_commit_callbacks
):
    found = checked(content=two_phones(), actor=county_clerk)
    response = answer(clerk, found, django_capture_on_commit_callbacks, **changes)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert found.state == "UNSURE"


def test_the_order_of_dates_must_be_said(clerk, county_clerk, django_capture_on_commit_callbacks):
    header = ["序号", "姓名", "身份证号", "联系电话", "乡镇", "村", "户类型", "培训日期"]
    rows = [[*row, "03/04/2026"] for row in make_rows(1, 3)]
    found = checked(content=make_xlsx(rows, header=header), actor=county_clerk)
    response = answer(clerk, found, django_capture_on_commit_callbacks)
    assert "s0-c7-order" in response.context["form"].errors
    answer(clerk, found, django_capture_on_commit_callbacks, **{"s0-c7-order": "DMY"})
    assert found.state == "CHECKED"
    assert found.rows.get(position=1).raw()["fields"]["train_date"] == "2026-04-03"


def test_the_header_can_be_read_in_another_row(clerk, county_clerk):
    found = checked(make_rows(1, 2), actor=county_clerk)
    data = post_data(clerk.get(address(found, "columns")))
    page = clerk.post(address(found, "columns"), data | {"s0-depth": "0", "again": "1"})
    assert page.status_code == 200
    assert page.context["sheets"][0].columns[1].column.title == ""
    page = clerk.post(address(found, "columns"), data | {"s0-c1": "remark", "again": "1"})
    assert page.context["form"]["s0-c1"].value() == "remark"


# Places


def with_villages(*villages: str) -> list[list]:
    return [row for n, text in enumerate(villages, 1) for row in make_rows(n, n, village=text)]


def test_a_village_is_asked_about_once_and_the_pick_holds_for_all_its_rows(
    clerk, county_clerk, django_capture_on_commit_callbacks
):
    found = checked(with_villages("邵湾", "邵湾", "邵洼社区居民委员会"), actor=county_clerk)
    assert found.rows.filter(verdict="WARNING").count() == 2
    page = clerk.get(address(found, "places"))
    ((choice, field),) = page.context["lines"]
    assert (choice.question.text, choice.rows) == ("邵湾", 2)
    assert not field.value()
    code = sorted(choice.codes)[0]
    with django_capture_on_commit_callbacks(execute=True):
        clerk.post(address(found, "places"), {"p0": code})
    found.refresh_from_db()
    assert (found.state, found.rows.filter(verdict="OK").count()) == ("CHECKED", 3)
    assert found.rows.get(position=1).raw()["fields"]["village_code"] == code
    assert AuditEvent.objects.get(action="learners.places_picked").detail == {"picked": 1}
    assert clerk.get(address(found, "places")).url == address(found, "detail")


def test_an_unknown_township_gets_every_township_of_the_county_and_nothing_by_itself(
    clerk, county_clerk, django_capture_on_commit_callbacks
):
    found = checked(make_rows(1, 2, township="丽水山镇"), actor=county_clerk)
    assert found.rows.filter(verdict="ERROR").count() == 2
    page = clerk.get(address(found, "places"))
    ((choice, _field),) = page.context["lines"]
    assert choice.question.kind == "township"
    assert clerk.post(address(found, "places"), {}).status_code == 422
    assert clerk.post(address(found, "places"), {"p0": "110101001"}).status_code == 422
    code = next(code for code, name in choice.others[0][1] if name == "丽水街道")
    with django_capture_on_commit_callbacks(execute=True):
        clerk.post(address(found, "places"), {"p0": code})
    found.refresh_from_db()
    assert found.rows.filter(verdict="OK").count() == 2


def test_queries_of_the_pages(clerk, county_clerk, django_assert_max_num_queries):
    few = checked(with_villages("甲庄", "乙庄"), actor=county_clerk)
    many = checked(with_villages(*(f"{chr(0x4E00 + n)}庄" for n in range(30))), actor=county_clerk)
    for found in (few, many):
        for name in ("columns", "places"):
            with django_assert_max_num_queries(12):
                assert clerk.get(address(found, name)).status_code == 200


def test_the_neighbour_finds_neither_page(signed_in, neighbour_clerk, county_clerk):
    found = checked(with_villages("甲庄"), actor=county_clerk)
    client = signed_in(neighbour_clerk)
    for name in ("columns", "places"):
        assert client.get(address(found, name)).status_code == 404
        assert client.post(address(found, name)).status_code == 404
    assert client.post(address(found, "forget")).status_code == 404


def test_an_import_that_went_on_is_not_judged_again(
    clerk, county_clerk, django_capture_on_commit_callbacks
):
    found = checked(make_rows(1, 2), actor=county_clerk)
    data = post_data(clerk.get(address(found, "columns")))
    RosterImport.objects.filter(pk=found.pk).update(state="IMPORTED")
    assert clerk.post(address(found, "columns"), data).url == address(found, "detail")
    found.refresh_from_db()
    assert found.state == "IMPORTED"
    assert found.rows.count() == 3
