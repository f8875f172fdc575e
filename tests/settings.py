"""The product's settings with the few changes that tests need."""

import os
import tempfile

os.environ.setdefault("LMS_DATA_DIR", tempfile.mkdtemp(prefix="lms-tests-"))

from lms.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
# Keys are made in tests: a short one is quick, and as good for what they ask.
SIGNING_KEY_BITS = 2048
