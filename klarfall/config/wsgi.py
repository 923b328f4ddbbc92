"""The web application as the server loads it."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from klarfall.core.supervisor import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "klarfall.config.settings")
os.environ.setdefault("DATABASE_POOL", "yes")
if os.environ.get("WORKERS_DIE_WITH_PARENT"):  # set by `serve`: the server's own process may be killed
    die_with_parent()()

application = get_wsgi_application()

# What is loaded now stays; looking through it for garbage again and again costs a tenth of every page.
_ = get_resolver().url_patterns  # loads all views
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
