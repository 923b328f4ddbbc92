"""What the environment says is read exactly or refused; a password never appears in a message."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from klarfall.config import env


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://anna:secret@db.example:5433/desk", ("anna", "secret", "db.example", "5433", "desk", {})),
        (
            "postgres://a:p%40ss%2Fword@db/desk?sslmode=require",
            ("a", "p@ss/word", "db", "", "desk", {"sslmode": "require"}),
        ),
        ("postgresql://a:b@/desk?host=/run/postgresql", ("a", "b", "/run/postgresql", "", "desk", {})),
        ("postgresql://a@db/desk", ("a", "", "db", "", "desk", {})),
    ],
)
def test_a_database_url_becomes_settings(url, expected):
    found = env.database(url, "DATABASE_URL")
    assert tuple(found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME", "OPTIONS")) == expected


@pytest.mark.parametrize(
    "url",
    ["mysql://a:geheim@db/x", "postgresql://a:geheim@db", "postgresql://:geheim@db/x", "postgresql://a:geheim@db:x/y"],
)
def test_a_wrong_database_url_is_refused_without_repeating_the_password(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refusal:
        env.database(url, "DATABASE_URL")
    assert "geheim" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "port", "implicit", "upgrade"),
    [
        ("smtp://mail.example", 587, False, True),
        ("smtp://mail.example:25?tls=no", 25, False, False),
        ("smtps://u:p@mail.example", 465, True, False),
    ],
)
def test_a_mail_url_becomes_settings(url, port, implicit, upgrade):
    found = env.mail(url, "EMAIL_URL")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (port, implicit, upgrade)


def test_a_mail_url_without_a_server_is_refused():
    with pytest.raises(ImproperlyConfigured):
        env.mail("smtp://", "EMAIL_URL")


@pytest.mark.parametrize(("word", "expected"), [("yes", True), ("ON", True), ("0", False), ("", False), ("  ", False)])
def test_a_switch_is_on_or_off(monkeypatch, word, expected):
    monkeypatch.setenv("SWITCH", word)
    assert env.flag("SWITCH") is expected


@pytest.mark.parametrize("reader", [env.flag, lambda name: env.number(name, 1)])
def test_a_mistyped_value_stops_the_start(monkeypatch, reader):
    monkeypatch.setenv("SWITCH", "-7maybe")
    with pytest.raises(ImproperlyConfigured, match="SWITCH"):
        reader("SWITCH")


def test_a_missing_value_is_named_with_the_reason(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is missing: it signs"):
        env.required("SECRET_KEY", "it signs sessions")


def test_networks_are_read_and_what_is_none_stops_the_start(monkeypatch):
    monkeypatch.setenv("NETS", "10.0.0.7, 192.168.1.9/24, ::1")
    assert env.networks("NETS") == ["10.0.0.7/32", "192.168.1.0/24", "::1/128"]
    monkeypatch.setenv("NETS", "10.0.0.0/8,everybody")
    with pytest.raises(ImproperlyConfigured, match="NETS"):
        env.networks("NETS")
