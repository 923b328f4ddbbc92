"""What stands in the log: enough to find a fault, and nobody's name, address, words or link."""

import io
import json
import logging
import logging.config

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError
from django.test import Client

from klarfall.accounts.models import Kind, User
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.operations.log_lines import JsonLines, Lines, masked


@pytest.fixture
def log():
    """Everything that is logged by anybody, down to the least important, as JSON."""
    target = io.StringIO()
    handler = logging.StreamHandler(target)
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in ("", "django", "klarfall", "klarfall.request", "axes", "allauth")]
    before = [(one, one.level) for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG if one.name == "axes" else logging.INFO)
    for name in ("", "django"):
        logging.getLogger(name).addHandler(handler)
    yield lambda: [json.loads(line) for line in target.getvalue().splitlines()]
    for name in ("", "django"):
        logging.getLogger(name).removeHandler(handler)
    for one, level in before:
        one.setLevel(level)


def test_every_request_is_one_line_without_its_address(acme_story, log):
    client, bernd = Client(), acme_story.cast.bernd.user
    client.force_login(bernd)
    number = acme_story.tickets["main"].number
    answer = client.get(f"/requests/{number}/?from=mail")
    (line,) = [one for one in log() if one["logger"] == "klarfall.request"]
    assert line["request"] == answer["X-Request-ID"]
    assert (line["page"], line["method"], line["status"], line["user"]) == ("portal:ticket", "GET", 200, bernd.pk)
    assert line["ms"] > 0
    assert str(number) not in json.dumps(line["message"])


def test_no_token_address_or_word_of_anybody_reaches_the_log(acme_story, log, monkeypatch):
    story, client = acme_story, Client(raise_request_exception=False)
    token, mail = story.things["token"], story.cast.bernd.user.email
    secrets = [token, mail, "sehr-geheim@kunde.example", "Geheimwort17", "Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8"]
    client.get(f"/l/{token}/")
    client.post(f"/l/{token}/code/", {"code": "Geheimwort17"})
    client.get(f"/l/{token}x/")
    client.get("/invitation/Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8/")
    client.get("/account/password/reset/key/1-Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8/")
    client.post("/account/login/", {"login": mail, "password": "Geheimwort17"})
    client.post("/account/password/reset/", {"email": "sehr-geheim@kunde.example"})
    client.get("/requests/?q=sehr-geheim@kunde.example&token=Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8")
    client.get("/", HTTP_HOST="sehr-geheim.kunde.example")
    client.force_login(story.cast.bernd.user)
    client.get("/Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8/sehr-geheim@kunde.example/")

    def broken(*_args, **_kwargs):
        raise ValueError(f"{mail} wrote Geheimwort17")

    monkeypatch.setattr("klarfall.portal.shell.show", broken)
    monkeypatch.setattr("klarfall.portal.views.home.show", broken, raising=False)
    client.get("/requests/new/")
    lines = log()
    assert len(lines) > 10
    text = json.dumps(lines, ensure_ascii=False)
    assert [secret for secret in [*secrets, "sehr-geheim"] if secret in text] == []


@pytest.mark.parametrize("form", [JsonLines, Lines])
def test_what_a_database_refuses_is_not_repeated(db, form):
    def log_line():
        try:
            with viewing_as(SYSTEM):
                for _twice in range(2):
                    User.objects.create_user("doppelt@kunde.example", name="Doppelt", kind=Kind.STAFF)
        except IntegrityError:
            logging.getLogger("klarfall.x").exception("could not be saved")

    caught = []
    handler = logging.Handler()
    handler.emit = lambda record: caught.append(form().format(record))
    logger = logging.getLogger("klarfall.x")
    logger.addHandler(handler)
    log_line()
    logger.removeHandler(handler)
    (line,) = caught
    assert "doppelt" not in line.lower()
    assert "IntegrityError" in line
    assert "23505" in line
    assert "test_log.py" in line


def test_what_looks_like_a_person_or_a_link_is_masked():
    assert masked("to anna@a.example, <b@c.example>") == "to <mail>, <<mail>>"
    assert masked("at /l/Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8/ and Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8") == "at <path> and <token>"
    kept = f"anchored 3 chains: 9bd0{'0' * 60} by klarfall.tickets.anchors in {django_settings.BASE_DIR}/klarfall/x.py"
    assert masked(kept) == kept


def test_the_settings_choose_the_form():
    assert set(django_settings.LOG_FORMATS) == {"line", "json"}
    for path in django_settings.LOG_FORMATS.values():
        # Not dictConfig itself: it switches off every logger of the process, for all tests that come later.
        formatter = logging.config.DictConfigurator({}).configure_formatter({"()": path})
        assert isinstance(formatter, logging.Formatter)
