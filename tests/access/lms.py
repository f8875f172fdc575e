from lms.models import TaskProgress
from tests.access import Place, page, public


def make(place: Place) -> dict[str, dict]:
    progress = TaskProgress.objects.create(
        kind="lms.sample", key=str(place.clerk.pk), title="导入", requested_by=place.clerk
    )
    return {"task": {"pk": progress.pk}}


EXPECTED = {
    "livez": public(),
    "readyz": public(status=503),
    "task_detail": page("task", clerk=200),
    "task_progress": page("task", clerk=200),
    "elder_mode": public(status=302),
    "design_page": page(),
    # Django's own: it only writes the language cookie, and sends back a GET unchanged.
    "set_language": [
        public(status=302, method="post", data={"language": "en"}),
        public(status=302),
    ],
}
