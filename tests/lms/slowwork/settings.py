from lms.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.lms.slowwork"]  # noqa: F405
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
# Making the database takes seconds of waiting for the disk otherwise.
OPTIONS = DATABASES["default"]["OPTIONS"]  # noqa: F405
OPTIONS["init_command"] = OPTIONS["init_command"].replace("synchronous=FULL", "synchronous=OFF")
