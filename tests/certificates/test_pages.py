from datetime import date, timedelta

import pytest

from accounts.models import User
from certificates.actions import store_pdf
from certificates.models import Certificate, Issuer
from courses.models import Enrolment
from learners.models import Learner
from lms.models import TaskProgress

pytestmark = pytest.mark.usefixtures("media")


def test_issuing_a_run_draws_every_certificate(
    run, county_clerk, signed_in, django_capture_on_commit_callbacks
):
    client = signed_in(county_clerk)
    page = client.get(f"/certificates/runs/{run.pk}/issue/")
    assert [len(page.context[name]) for name in ("eligible", "others", "certified")] == [2, 1, 0]
    form = {"issuer": page.context["form"].initial["issuer"].pk, "issued_on": "2026-03-04"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/certificates/runs/{run.pk}/issue/", form)
    progress = TaskProgress.objects.get()
    assert (progress.state, progress.done_count, progress.total_count) == ("DONE", 2, 2)
    assert all(c.pdf for c in Certificate.objects.all())
    page = client.get(f"/certificates/runs/{run.pk}/issue/")
    assert [len(page.context[name]) for name in ("eligible", "others", "certified")] == [0, 1, 2]


def test_a_double_click_is_one_issue(run, county_clerk, signed_in):
    client = signed_in(county_clerk)
    form = {"issuer": Issuer.objects.get().pk, "issued_on": "2026-03-04"}
    for _ in range(2):
        client.post(f"/certificates/runs/{run.pk}/issue/", form)
    assert TaskProgress.objects.count() == 1


def test_a_certificate_is_not_dated_in_the_future(run, county_clerk, signed_in):
    form = {"issuer": Issuer.objects.get().pk, "issued_on": "2099-01-01"}
    page = signed_in(county_clerk).post(f"/certificates/runs/{run.pk}/issue/", form)
    assert "issued_on" in page.context["form"].errors
    assert not TaskProgress.objects.exists()


def test_a_killed_worker_resumes_where_it_stopped(run, county_clerk, certificate, monkeypatch):
    from certificates import tasks as work

    drawn = store_pdf(certificate=certificate, actor=county_clerk).pdf_sha256
    progress = TaskProgress.objects.create(
        kind=work.ISSUE_RUN,
        key="k",
        title="t",
        requested_by=county_clerk,
        args={
            "run": str(run.pk),
            "issuer": str(certificate.issuer_id),
            "issued_on": "2026-03-04",
        },
    )
    work.issue_run(progress)
    assert Certificate.objects.count() == 2
    assert Certificate.objects.get(pk=certificate.pk).pdf_sha256 == drawn
    assert progress.done_count == 2


def test_grants_are_those_of_the_moment_the_work_runs(run, county_clerk):
    from certificates import tasks as work
    from lms.lib.errors import ActionError

    progress = TaskProgress.objects.create(
        kind=work.ISSUE_RUN,
        key="k",
        title="t",
        requested_by=county_clerk,
        args={
            "run": str(run.pk),
            "issuer": str(Issuer.objects.get().pk),
            "issued_on": "2026-03-04",
        },
    )
    county_clerk.grants.update(ends_on=date(2020, 1, 1))
    progress = TaskProgress.objects.get(pk=progress.pk)
    with pytest.raises(ActionError):
        work.issue_run(progress)
    assert not Certificate.objects.exists()


def test_a_trainee_finds_own_certificates_and_saves_the_pdf(client, certificate, trainee):
    Learner.objects.filter(user=trainee).update(user=None)
    learner = certificate.enrolment.learner
    learner.user = User.objects.get(pk=trainee.pk)
    learner.save()
    stored = store_pdf(certificate=certificate, actor=None)
    client.force_login(learner.user)
    page = client.get("/certificates/mine/")
    assert [card[0].number for card in page.context["cards"]] == ["LS-2026-000001"]
    answer = client.get(f"/certificates/{certificate.pk}/pdf/")
    with stored.pdf.open() as drawn:
        assert b"".join(answer.streaming_content).startswith(drawn.read())
    answer.close()
    assert answer["Content-Disposition"] == 'attachment; filename="LS-2026-000001.pdf"'
    other = Certificate.objects.exclude(pk=certificate.pk).get()
    assert client.get(f"/certificates/{other.pk}/pdf/").status_code == 404


def test_where_runs_of_several_years_meet_the_year_is_said(certificate, county_clerk, signed_in):
    client = signed_in(county_clerk)
    run = certificate.enrolment.run
    page = client.get("/certificates/")
    assert run.dated_number in page.content.decode()
    assert "2026" in run.dated_number
    assert client.get("/certificates/?sort=-run").status_code == 200
    learner = certificate.enrolment.learner
    learner.user = User.objects.create(username="xueyuan")
    learner.save()
    client.force_login(learner.user)
    face = client.get("/certificates/mine/").content.decode().partition("cert-name")[2]
    assert "2026" in face.partition('class="small quiet"')[0]


def test_the_code_leads_back_to_where_its_reader_came_from(certificate, county_clerk, signed_in):
    address = f"/certificates/{certificate.pk}/code/"
    client = signed_in(county_clerk)
    back = f'class="bar-icon" href="/certificates/{certificate.pk}/"'
    assert back in client.get(address).content.decode()
    learner = certificate.enrolment.learner
    learner.user = User.objects.create(username="xueyuan")
    learner.save()
    client.force_login(learner.user)
    assert 'class="bar-icon" href="/certificates/mine/"' in client.get(address).content.decode()


def test_a_trainees_page_is_light(client, certificate, trainee):
    client.force_login(trainee)
    import gzip

    page = client.get("/certificates/mine/")
    assert len(gzip.compress(page.content)) < 8 * 1024


def test_revoking_asks_for_a_reason(certificate, county_clerk, signed_in):
    client = signed_in(county_clerk)
    client.post(f"/certificates/{certificate.pk}/revoke/", {"reason": " "})
    certificate.refresh_from_db()
    assert certificate.status == "VALID"
    client.post(f"/certificates/{certificate.pk}/revoke/", {"reason": "姓名写错"})
    certificate.refresh_from_db()
    assert (certificate.status, certificate.reason) == ("REVOKED", "姓名写错")


def test_the_list_asks_the_same_questions_for_few_and_many(
    certificate, county_clerk, signed_in, django_assert_max_num_queries
):
    client = signed_in(county_clerk)
    client.get("/certificates/")
    with django_assert_max_num_queries(12):
        page = client.get("/certificates/")
    assert page.status_code == 200
    assert Enrolment.objects.count() == 3


def test_the_list_is_narrowed_by_status_and_day(certificate, county_clerk, signed_in):
    client = signed_in(county_clerk)

    def found(**query):
        page = client.get("/certificates/", query)
        return {row.record for row in page.context["table"].rows}

    day = certificate.issued_on
    assert certificate in found()
    assert found() == found(status="VALID") == found(since=day) == found(until=day)
    assert found(status="REVOKED") == set()
    assert found(since=day + timedelta(days=1)) == found(until=day - timedelta(days=1)) == set()
