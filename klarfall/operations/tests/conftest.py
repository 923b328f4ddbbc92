"""Fixtures of operations: a house of its own that a test may spoil."""

import shutil
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connections


@pytest.fixture
def house(told_story, database_server, django_db_blocker, settings, tmp_path):
    """A copy of Acme's house, whose files lie in a folder of the test; tests leave its rows as they were."""
    with django_db_blocker.unblock(), database_server.beside("drill", like="story"):
        cache.clear()
        source = Path(settings.MEDIA_ROOT)  # the copy's own: they came with it
        settings.MEDIA_ROOT = tmp_path / "files"
        shutil.copytree(source, settings.MEDIA_ROOT)
        yield settings.MEDIA_ROOT
        connections.close_all()
    cache.clear()
