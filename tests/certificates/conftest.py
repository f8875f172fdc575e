from datetime import date

import pytest
from django.core.cache import cache

from certificates.actions import issue_certificates
from certificates.models import Certificate, Issuer
from courses.models import CourseRun
from tests import factories
from tests.quotas.counted import complete, train


@pytest.fixture
def run(regions):
    """A run of three: 李建军 and 王秀兰 completed it, 张伟 came and did not complete."""
    run = factories.make_run(
        course=factories.make_course("网店开设与直播"),
        number=33,
        starts_on=date(2026, 3, 2),
        status=CourseRun.Status.CLOSED,
    )
    factories.make_issuer()
    for name in ("李建军", "王秀兰"):
        complete(factories.make_learner(name), run=run)
    train(factories.make_learner("张伟"), run=run)
    return run


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()  # counts of checks outlive a test


@pytest.fixture
def certificate(run, county_clerk, media) -> Certificate:
    issue_certificates(
        run=run,
        issuer=Issuer.objects.get(prefix="LS"),
        issued_on=date(2026, 3, 4),
        actor=county_clerk,
    )
    return Certificate.objects.get(enrolment__learner__name="李建军")
