from datetime import timedelta

from django.core.signing import dumps
from django.utils import timezone

from lms.lib.searching import FOUND
from lms.lists import SAVED
from lms.models import ExportFile, SavedFilter, TaskProgress
from tests.access import ROLES, Place, page, public


def make(place: Place) -> dict[str, dict]:
    progress = TaskProgress.objects.create(
        kind="lms.sample", key=str(place.clerk.pk), title="导入", requested_by=place.clerk
    )
    saved = SavedFilter.objects.create(
        user=place.clerk, page="learners:learner_list", name="名", query="role=RETURNEE"
    )
    export = ExportFile.objects.create(
        title="学员",
        requested_by=place.clerk,
        file="exports/none.xlsx",
        sha256="0" * 64,
        expires_at=timezone.now() + timedelta(hours=1),
    )
    asked = {"page": "learners:learner_list", "path": "/learners/", "query": "type=POOR"}
    listed = {"path": "/certificates/", "names": ["q"]}
    return {
        "task": {"pk": progress.pk},
        "saved": {"pk": saved.pk},
        "export": {"pk": export.pk},
        "link": {"pk": export.pk, "link": "spent"},
        "found": {"listed": dumps(listed, salt=FOUND), "q": "李"},
        "kept": {"kept": dumps(asked, salt=SAVED), "name": f"名{place.county}"},
    }


EVERYBODY = dict.fromkeys(ROLES, 302)
EXPECTED = {
    "livez": public(),
    "readyz": public(status=503),
    "task_detail": page("task", clerk=200),
    "task_progress": page("task", clerk=200),
    # Each keeps filters of their own; what is kept is signed by the list.
    "list_find": page(method="post", data="found", **EVERYBODY),
    "saved_filter_create": page(method="post", data="kept", **EVERYBODY),
    "saved_filter_delete": page("saved", method="post", clerk=302),
    "export_list": page(**dict.fromkeys(ROLES, 200)),
    "export_detail": page("export", clerk=200),
    "export_download": page("export", method="post", clerk=302),
    # A link that opens nothing leads back to the file's page.
    "export_file": page("link", clerk=302),
    "elder_mode": public(status=302),
    "design_page": page(),
    # Django's own: it only writes the language cookie, and sends back a GET unchanged.
    "set_language": [
        public(status=302, method="post", data={"language": "en"}),
        public(status=302),
    ],
}
