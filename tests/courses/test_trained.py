import pytest

from courses.models import CourseRun
from learners.models import Learner
from learners.queries import TRAINED
from tests import factories
from tests.quotas.counted import train


@pytest.mark.django_db
def test_trained_is_who_attended_a_counted_session(regions):
    come = train(factories.make_learner("来了")).learner
    train(factories.make_learner("没来"), status="ABSENT")
    cancelled = train(factories.make_learner("取消")).run
    CourseRun.objects.filter(pk=cancelled.pk).update(status=CourseRun.Status.CANCELLED)
    factories.make_learner("从没报名")
    assert list(Learner.objects.filter(TRAINED[0]())) == [come]


def test_the_list_offers_trained_and_never_trained(regions, county_clerk, signed_in):
    train(factories.make_learner("来了"))
    factories.make_learner("从没报名")
    client = signed_in(county_clerk)
    for value, name in (("1", "来了"), ("0", "从没报名")):
        page = client.get("/learners/", {"trained": value})
        assert [row.record.name for row in page.context["table"].rows] == [name]
