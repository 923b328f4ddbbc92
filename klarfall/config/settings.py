"""All settings of Klarfall, read once from the environment; business options are data and live in the database."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from klarfall.config import env
from klarfall.config.embedded_postgres import Cluster
from klarfall.incoming.receiving import sources
from klarfall.operations import failures

LOG_FORMATS = {"line": "klarfall.operations.log_lines.Lines", "json": "klarfall.operations.log_lines.JsonLines"}

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DEBUG = env.flag("DEBUG")

# --- Where we are reached -------------------------------------------------------------------------------------------
HOST = env.text("HOST", "127.0.0.1")  # address the web server binds
PORT = env.number("PORT", 0)  # 0: the next free one from 8000
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
OWN_ADDRESS = env.text("BASE_URL").rstrip("/")
BASE_URL = OWN_ADDRESS or f"http://localhost:{PORT or 8000}"  # begins every link in a mail
ALLOWED_HOSTS = [
    urlsplit(BASE_URL).hostname or "localhost",
    "localhost",
    "127.0.0.1",
    "[::1]",
    *env.words("ALLOWED_HOSTS"),
]

# --- Database -------------------------------------------------------------------------------------------------------
# Django connects as a login role that may not read customer data by itself; only `migrate` uses the owner.
EMBEDDED_DATABASE = not env.text("DATABASE_URL")
CLUSTER = Cluster(DATA_DIR)
if EMBEDDED_DATABASE:
    DATABASE = CLUSTER.database("login")
    DATABASE_OWNER: dict[str, Any] | None = CLUSTER.database("owner")
else:
    DATABASE = env.database(env.text("DATABASE_URL"), "DATABASE_URL")
    owner_url = env.text("DATABASE_OWNER_URL")
    DATABASE_OWNER = env.database(owner_url, "DATABASE_OWNER_URL") if owner_url else None
# Where backup and restore look first for pg_dump and pg_restore of the server's major version.
POSTGRES_PROGRAMS = env.text("POSTGRES_PROGRAMS")

# Prepared statements cut the database's share of a request to a third, because five joined tables cost 3 ms planning.
DATABASE["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 3}
DATABASE |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
if env.flag("DATABASE_POOL"):  # set by wsgi.py: commands, worker and tests open plain connections
    DATABASE["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 4, "timeout": 5}
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Per process: what hardly ever changes, and attempts to sign in.
CACHES = {"default": {"BACKEND": "klarfall.core.object_cache.ObjectCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}}

# The demo's data and its sign-in list exist only where nobody else can reach them: not behind a proxy either.
DEMO_ALLOWED = (
    EMBEDDED_DATABASE
    and HOST in LOOPBACK
    and urlsplit(BASE_URL).hostname in LOOPBACK
    and not env.flag("BEHIND_PROXY")
    and not env.words("ALLOWED_HOSTS")
)

DEMO = env.flag("DEMO", default=True)  # write the demo into an empty database where it is allowed

# --- Applications ---------------------------------------------------------------------------------------------------
KLARFALL_APPS = [
    "klarfall.core",
    "klarfall.ui",
    "klarfall.accounts",
    "klarfall.customers",
    "klarfall.service_levels",
    "klarfall.contracts",
    "klarfall.tickets",
    "klarfall.billing",
    "klarfall.channels",
    "klarfall.incoming",
    "klarfall.telephony",
    "klarfall.knowledge",
    "klarfall.transfer",
    "klarfall.operations",
    "klarfall.portal",
    "klarfall.desk",
    "klarfall.demo",
]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "pgtrigger",
    "procrastinate.contrib.django",
    *KLARFALL_APPS,
]
MIDDLEWARE = [
    "klarfall.operations.requests.middleware",  # outermost: probes, log, metrics
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "klarfall.ui.limits.size_middleware",  # before anybody looks for a CSRF token in gigabytes
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "klarfall.ui.caching.caching_middleware",
    "klarfall.accounts.access.SignInMiddleware",
    "klarfall.accounts.access.SiteMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "csp.middleware.CSPMiddleware",
    # Innermost: its transaction and row-level-security scope hold the view and its template, nothing else.
    "klarfall.core.isolation.viewer_middleware",
]
ROOT_URLCONF = "klarfall.config.urls"
WSGI_APPLICATION = "klarfall.config.wsgi.application"

# --- Templates ------------------------------------------------------------------------------------------------------
# One engine for our pages. Django's own only renders what third-party packages bring along.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / app.replace(".", "/") / "templates" for app in KLARFALL_APPS],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "klarfall.ui.jinja.environment",
            "context_processors": ["klarfall.ui.context.interface"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

FORM_RENDERER = "klarfall.ui.widgets.QuickRenderer"

# --- Sign-in --------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
ACCOUNT_ADAPTER = "klarfall.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address counts as proven by the invitation sent to it
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
# What these count is kept per process; sign-in, links and codes are counted in the database (accounts/limits.py).
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "reset_password": None}

MFA_ADAPTER = "klarfall.accounts.second_factor.Adapter"
MFA_FORMS = {
    "authenticate": "klarfall.accounts.second_factor.CodeForm",
    "reauthenticate": "klarfall.accounts.second_factor.CodeAgainForm",
    "activate_totp": "klarfall.accounts.second_factor.FirstCodeForm",
}
MFA_TOTP_TOLERANCE = 1  # a code may be half a minute old: people type slowly, and clocks go wrong

# Wrong passwords are counted per address and person, so that nobody can lock out a colleague from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_USERNAME_FORM_FIELD = "email"  # allauth hands the address over under this name
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # failures are counted; who signed in when is nobody's business
AXES_CLIENT_IP_CALLABLE = "klarfall.accounts.access.client_address"
AXES_LOCKOUT_CALLABLE = "klarfall.ui.views.too_many_requests"

# --- Secrets, cookies, headers --------------------------------------------------------------------------------------
SECRET_KEY = (
    CLUSTER.secret("django") if EMBEDDED_DATABASE else env.required("SECRET_KEY", "it signs sessions and links")
)
SECURE_TRANSPORT = urlsplit(BASE_URL).hostname not in LOOPBACK
ALLAUTH_TRUSTED_PROXY_COUNT = 0
if env.flag("BEHIND_PROXY"):  # the proxy must overwrite these headers, or anybody could claim to use TLS
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # attempts are counted by the address that the proxy saw
# Browsers share cookies between the ports of one machine; two copies on it must not sign each other out.
COPY = hashlib.sha256(str(DATA_DIR).encode()).hexdigest()[:6]
SESSION_ENGINE = "klarfall.accounts.sessions"
SESSION_COOKIE_NAME = "__Host-klarfall" if SECURE_TRANSPORT else f"klarfall_{COPY}"
SESSION_COOKIE_SECURE = SECURE_TRANSPORT
SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day, seconds
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_TRANSPORT else f"csrf_{COPY}"
CSRF_COOKIE_SECURE = SECURE_TRANSPORT
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "klarfall.ui.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE_TRANSPORT else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Berlin"
USE_I18N = True
USE_TZ = True

# --- Files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "klarfall.ui.bundles.BundleFinder",  # one style sheet and one script out of the component files
]
MEDIA_ROOT = DATA_DIR / "files"  # attachments: there is no public address, a view hands them out
MEDIA_URL = ""
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
VIDEO_MAX_BYTES = env.number("VIDEO_MAX_BYTES", 250_000_000)  # of one video of the Helpdesk-Center
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Mail -----------------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "support@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20  # seconds
MAIL_SUBADDRESSES = env.flag("MAIL_SUBADDRESSES", default=True)  # replies go to support+token@…
MAIL_PER_DOMAIN = env.number("MAIL_PER_DOMAIN", 60)  # mails a minute to the addresses of one domain; 0 = no limit
if EMBEDDED_DATABASE and not env.text("EMAIL_URL"):
    EMAIL_BACKEND = "klarfall.channels.demo_mail.DemoMailBackend"  # keeps mails for reading on screen, sends none
else:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    globals().update(env.mail(env.required("EMAIL_URL", "notices are sent by e-mail"), "EMAIL_URL"))

# --- Mail in --------------------------------------------------------------------------------------------------------
# `manage.py receive_mails` fetches from these mailboxes and listens here; none named: no such process.
MAIL_IN = sources.mailboxes(env.words("MAIL_IN"))
SMTP_ALLOW = env.networks("SMTP_ALLOW")  # mail servers on other machines that may deliver to the listeners
LMTP_LISTEN = sources.listener(env.text("LMTP_LISTEN"), "LMTP_LISTEN", allowed=SMTP_ALLOW, sockets=True)
SMTP_LISTEN = sources.listener(env.text("SMTP_LISTEN"), "SMTP_LISTEN", allowed=SMTP_ALLOW)
# Replies to our mails come back to this installation; whoever pipes them in says so by MAIL_SUBADDRESSES.
MAIL_REPLIES_ARRIVE = bool(MAIL_IN or LMTP_LISTEN or SMTP_LISTEN or env.text("MAIL_SUBADDRESSES"))
MAIL_RECIPIENTS = sources.recipients(env.words("MAIL_RECIPIENTS"))  # besides the addresses known from our data
MAIL_MAX_BYTES = env.number("MAIL_MAX_BYTES", 50_000_000)
if MAIL_MAX_BYTES < 1_000_000:  # noqa: PLR2004 - a slip of the pen that would turn away nearly every mail
    raise ImproperlyConfigured(f"MAIL_MAX_BYTES is {MAIL_MAX_BYTES}, expected at least 1000000 (bytes)")
MAIL_TRUSTED_SERVERS = frozenset(one.lower() for one in env.words("MAIL_TRUSTED_SERVERS"))  # of Authentication-Results
MAIL_SENDER_CAP = env.number("MAIL_SENDER_CAP", 2000)  # mails of one sender an hour; those beyond wait for a person
CALL_RETENTION_DAYS = env.number("CALL_RETENTION_DAYS", 90)  # numbers and names of callers who are no contact
MAIL_RETENTION_DAYS = env.number("MAIL_RETENTION_DAYS", 365)  # raw messages; requests keep their texts and files

# --- Jobs -----------------------------------------------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"  # every app's jobs.py, known to worker and web process alike
PROCRASTINATE_WORKER_DEFAULTS = {
    "concurrency": 4,
    "delete_jobs": "successful",
    "shutdown_graceful_timeout": 10,
    "task_middleware": [failures.remember],
}

# --- Log ------------------------------------------------------------------------------------------------------------
# Neither form holds personal data: pages by name, people by number, exceptions without what they say.
LOG_FORMAT = env.text("LOG_FORMAT", "line")
if LOG_FORMAT not in LOG_FORMATS:
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}, expected one of: {', '.join(LOG_FORMATS)}")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"ours": {"()": LOG_FORMATS[LOG_FORMAT]}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING")},
    "loggers": {
        "klarfall": {"level": env.text("LOG_LEVEL", "INFO")},
        # One line per request is for machines; a person at a terminal wants to see what is wrong.
        "klarfall.request": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        "django": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING"), "propagate": False},
        "axes": {"level": "CRITICAL"},  # it names people and addresses
        "mail.log": {"level": "CRITICAL"},  # so does the server of our listeners
    },
}

# --- Metrics --------------------------------------------------------------------------------------------------------
METRICS_TOKEN = env.text("METRICS_TOKEN")  # whoever knows it reads /metrics, besides this machine
METRICS_ALLOW = env.networks("METRICS_ALLOW")

# --- Telephone system -----------------------------------------------------------------------------------------------
CTI_SECRET = env.text("CTI_SECRET")  # signs the events of the telephone system; without it /hooks/cti/ does not exist
