"""The frame of every page: product, sections by role, current region."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    return {"product_name": settings.PRODUCT_NAME, "product_mark": settings.PRODUCT_MARK}
