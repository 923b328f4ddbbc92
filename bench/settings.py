"""The product's settings, plus one empty view as the floor of the framework."""

from klarfall.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
