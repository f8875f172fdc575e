from tests.lms.slowwork.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.learners.halting"]  # noqa: F405
