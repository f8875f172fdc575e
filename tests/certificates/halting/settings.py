from tests.lms.slowwork.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.certificates.halting"]  # noqa: F405
