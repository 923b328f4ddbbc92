"""Settings of the tests: the real ones with a data folder of their own and nothing taken from the surroundings."""

import os
import tempfile

SURROUNDINGS = (
    *("DATABASE_URL", "DATABASE_OWNER_URL", "SECRET_KEY", "BASE_URL", "ALLOWED_HOSTS", "BEHIND_PROXY"),
    *("HOST", "PORT", "DEBUG", "EMAIL_URL", "MAIL_FROM", "DATABASE_POOL", "DATA_DIR", "DEMO"),
    *("MAIL_IN", "LMTP_LISTEN", "SMTP_LISTEN", "SMTP_ALLOW", "MAIL_RECIPIENTS", "MAIL_MAX_BYTES"),
    *("MAIL_TRUSTED_SERVERS", "MAIL_SENDER_CAP", "MAIL_RETENTION_DAYS", "CALL_RETENTION_DAYS"),
    *("LOG_FORMAT", "LOG_LEVEL", "METRICS_TOKEN", "METRICS_ALLOW", "POSTGRES_PROGRAMS"),
)
given = {name: os.environ.pop(name) for name in SURROUNDINGS if name in os.environ}
folder = tempfile.TemporaryDirectory(prefix="klarfall-settings-")
os.environ["DATA_DIR"] = folder.name

from klarfall.config.settings import *  # noqa: E402, F403

del os.environ["DATA_DIR"]
os.environ.update(given)

# The database comes from tests/database.py; files and mails stay in memory or in the folder above.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 takes 0.14 s for every sign-in
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STATIC_ROOT.mkdir()  # noqa: F405 - whitenoise warns about a missing folder
