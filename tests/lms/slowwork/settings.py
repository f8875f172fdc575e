from lms.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.lms.slowwork"]  # noqa: F405
