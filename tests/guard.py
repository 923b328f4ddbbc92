"""
After each test: nobody leaves anything behind that the next one would find.

Two processes steal tests from each other, so every test may follow every other. What one of them commits without
`committed_db`, a connection that stays with another database or a logger that stays silent would make tests fail that
are innocent, now and then. Here the guilty test is named.
"""

import logging
from typing import Any

import pytest
from django.conf import settings
from pytest_django.plugin import blocking_manager_key

from tests.database import SERVERS, TestServer

_WITH_DATABASE = {"db", "transactional_db", "database_server", "django_db_setup"}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: Any, nextitem: Any) -> Any:
    """Looks when everything of the test has been taken down; after the last one the server is down as well."""
    done = yield
    left = [f"the logger {name} is switched off" for name in silent_loggers()]
    server = SERVERS.get(item.config)
    if server is not None and server.own and nextitem is not None:
        names = set(getattr(item, "fixturenames", ()))
        if names & _WITH_DATABASE or item.get_closest_marker("django_db"):
            with item.config.stash[blocking_manager_key].unblock():
                left += left_in_databases(server, story="story_database" in names)
    if left:
        pytest.fail(f"{item.nodeid} leaves something behind: {'; '.join(left)}", pytrace=False)
    return done


def silent_loggers() -> list[str]:
    """Our loggers that somebody disabled; they speak again afterwards."""
    loggers = logging.root.manager.loggerDict.items()
    found = [(name, one) for name, one in loggers if getattr(one, "disabled", False) and name.startswith("klarfall")]
    for _name, one in found:
        one.disabled = False  # type: ignore[union-attr]
    return [name for name, _one in found]


def left_in_databases(server: TestServer, *, story: bool) -> list[str]:
    """Rows that stayed, and a connection that did; both are put right as far as possible."""
    left = []
    if settings.DATABASE["NAME"] not in (server.own, f"{server.own}_cast"):
        left.append(f"Django still uses {settings.DATABASE['NAME']}")
        server.go_to()
    name = f"{server.own}_story" if story else settings.DATABASE["NAME"]
    before, now = server.known.get(name), server.rows(name)
    if before is not None and now != before:
        changed = {table: (before[table], now[table]) for table in now if now[table] != before[table]}
        left.append(f"rows were committed to {name} (before, now): {changed}")
        server.known[name] = now
        if name == server.own:
            server.restore()
            server.known[name] = server.rows(name)
    return left
