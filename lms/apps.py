from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class LmsConfig(AppConfig):
    name = "lms"
    verbose_name = _("System")

    def ready(self) -> None:
        # Every app's tasks.py registers the work it can do.
        autodiscover_modules("tasks")
        import_module("lms.checks")
