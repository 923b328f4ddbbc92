"""The web application as the server loads it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "klarfall.config.settings")
os.environ.setdefault("DATABASE_POOL", "yes")

application = get_wsgi_application()
