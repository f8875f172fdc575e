"""All settings, read from environment variables; docs/operations.md lists them."""

import secrets
import sqlite3
import sys
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("LMS_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
ENVIRONMENT = env.str("LMS_ENV", default="development")
if ENVIRONMENT not in {"development", "production"}:
    raise ImproperlyConfigured("LMS_ENV must be development or production.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("LMS_DEBUG", default=False)
DEMO = env.bool("LMS_DEMO", default=False)
if DEMO and PRODUCTION:
    raise ImproperlyConfigured("LMS_DEMO=1 is refused when LMS_ENV=production.")
if DEBUG and PRODUCTION:
    raise ImproperlyConfigured("LMS_DEBUG=1 is refused when LMS_ENV=production.")
# The database file, exports and keys are nobody else's on this machine.
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)


def secret(name: str) -> str:
    """A secret from the environment, a file named by NAME_FILE, or one made once under keys/."""
    given: str = env.str(name, default="")
    if given:
        return given
    path = Path(env.str(f"{name}_FILE", default=str(DATA_DIR / "keys" / name.lower())))
    if not path.exists():
        if PRODUCTION:
            raise ImproperlyConfigured(f"{name} or {name}_FILE must be set in production.")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    found = path.read_text().strip()
    if not found:
        raise ImproperlyConfigured(f"{path} is empty: restore the key from its backup.")
    return found


def given_secret(name: str) -> str:
    """A secret that may be left out."""
    path = env.str(f"{name}_FILE", default="")
    return env.str(name, default="") or (Path(path).read_text().strip() if path else "")


SECRET_KEY = secret("LMS_SECRET_KEY")
# Field encryption and blind indexes: separate keys, outside the database and its backups.
FIELD_KEY = secret("LMS_FIELD_KEY")
INDEX_KEY = secret("LMS_INDEX_KEY")
AUDIT_KEY = secret("LMS_AUDIT_KEY")

PORT = env.int("LMS_PORT", default=8000)
BIND = env.str("LMS_BIND", default="127.0.0.1")
ALLOWED_HOSTS = env.list("LMS_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("LMS_TRUSTED_ORIGINS", default=[])
# What stands on certificates and in their QR code, so that anyone can check them.
PUBLIC_URL = env.str("LMS_PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
# Keys of a licensed authority as <issuer prefix>.p12; without one an issuer's key is made here.
SIGNING_PKCS12_DIR = env.str("LMS_SIGNING_PKCS12_DIR", default="")
SIGNING_PKCS12_PASSWORD = given_secret("LMS_SIGNING_PKCS12_PASSWORD")
SIGNING_KEY_BITS = 3072
PRODUCT_NAME = env.str("LMS_PRODUCT_NAME", default="农村电商培训跟踪系统")
PRODUCT_MARK = env.str("LMS_PRODUCT_MARK", default="训")

INSTALLED_APPS = [
    # Found out about by lms.urls: a background worker has no use for the stock admin's pages.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "django_tasks",
    "django_tasks_db",
    "lms",
    "regions",
    "accounts",
    "learners",
    "courses",
    "certificates",
    "incubation",
    "quotas",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lms.middleware.RequestIdMiddleware",
    "lms.middleware.LanguageMiddleware",
    "lms.api.ShortWayMiddleware",
    "csp.middleware.CSPMiddleware",
    "lms.middleware.CleanInputMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lms.middleware.NoStoreMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
FORM_RENDERER = "lms.lib.forms.FormRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms.navigation.frame",
            ],
            "builtins": [
                "lms.templatetags.ui",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------------
# SQLite before 3.51.3 can lose pages when a WAL is reset under two connections, so an older
# library runs with a rollback journal; lms.checks refuses WAL there. The journal's file stays: one
# that is deleted may be back after a power cut, and takes the last commit with it.
SQLITE_WAL_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)
SQLITE_JOURNAL = "WAL" if SQLITE_WAL_IS_SAFE else "PERSIST"


def database_url() -> str:
    """It holds a password, so it may stand in a file as well."""
    path = env.str("DATABASE_URL_FILE", default="")
    return env.str("DATABASE_URL", default="") or (Path(path).read_text().strip() if path else "")


def database() -> dict[str, Any]:
    if url := database_url():
        found: dict[str, Any] = env.db_url_config(url)
        found.setdefault("CONN_MAX_AGE", 60)
        # Django turns preparing off altogether. It is for those statements that ask for it
        # (lms.lib.sets), and for no other: after so many runs none would be left.
        options = found.setdefault("OPTIONS", {})
        options.setdefault("prepare_threshold", 2**31)
        # PostgreSQL compiles what it believes to be dear: ten seconds for the list of work, which
        # it then answers in a few milliseconds.
        options.setdefault("options", "-c jit=off")
        return found
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "lms.sqlite3",
        # Opening the file and saying how to treat it costs as much as a short request.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": (
                f"PRAGMA journal_mode={SQLITE_JOURNAL};PRAGMA synchronous=FULL;"
                "PRAGMA journal_size_limit=16777216;"
                "PRAGMA foreign_keys=ON;PRAGMA temp_store=MEMORY;PRAGMA cache_size=-32000;"
            ),
        },
    }


DATABASES = {"default": database()}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # django-tables2 looks for a kind of PostgreSQL field, and does without it; finding it would
    # bring PostgreSQL's driver, 10 MB, into every process that has no use for it.
    sys.modules.setdefault("django.contrib.postgres.fields", None)  # type: ignore[arg-type]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "lms_cache",
        # Limits count here: a full cache throws counts away, so it must not fill in a window.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# --- Background tasks ---------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
TASK_HEARTBEAT_SECONDS = 120

# --- Signing in ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"change_password": "accounts.forms.PasswordForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = False
# How old the last password may be when numbers are shown in clear, and how often a day.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
REVEALS_A_DAY = 30
SESSION_ENGINE = "lms.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- Transport and headers ----------------------------------------------------------------------
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrftoken" if PRODUCTION else "csrftoken"
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
BEHIND_PROXY = env.bool("LMS_BEHIND_PROXY", default=False)
# Whose tries are counted at sign-in: without it all visitors would share the proxy's address.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "lms.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# --- Files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "lms.lib.staticfiles.StaticStorage"},
}
# Off: tablets get a service worker that removes itself, should the kept one ever go wrong.
TABLET_WORKER = env.bool("LMS_TABLET_WORKER", default=True)
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Lists --------------------------------------------------------------------------------------
DJANGO_TABLES2_TEMPLATE = "parts/_table.html"
PAGE_SIZE = 50
#: A list says "more than" beyond this many rows, and pages no further: counting all costs a second.
LIST_COUNT_LIMIT = 10_000
EXPORT_MAX_ROWS = 20_000
#: Files that the worker writes: their most rows, the hours they are kept, how many one may ask for.
EXPORT_FILE_MAX_ROWS = 500_000
EXPORT_HOURS = 24
EXPORTS_AN_HOUR = env.int("LMS_EXPORTS_AN_HOUR", default=10)
FILTERS_EMPTY_CHOICE_LABEL = pgettext_lazy("filter", "All")

# --- Rules of the job that a county may set -------------------------------------------------------
# A quota at most this many points under its due line is "a little slow", beyond it "behind".
SLOW_POINTS = env.float("LMS_SLOW_POINTS", default=10.0)
# Sessions closed longer ago than this are not asked about for want of a photo or for their heads.
WORKLIST_DAYS = env.int("LMS_WORKLIST_DAYS", default=60)
# A tablet in use is asked about when not heard of for so long, or holding marks for so long.
TABLET_UNSEEN_DAYS = env.int("LMS_TABLET_UNSEEN_DAYS", default=7)
TABLET_WAITING_HOURS = env.int("LMS_TABLET_WAITING_HOURS", default=24)
LATE_AFTER_MINUTES = env.int("LMS_LATE_AFTER_MINUTES", default=15)
# Tablets with an older app than this are told to load the new one; they may upload all the same.
TABLET_OLDEST_APP = "1.0.0"
DEFAULT_MIN_ATTENDANCE = env.str("LMS_MIN_ATTENDANCE", default="0.80")

from lms.logs import LOGGING  # noqa: E402, F401
