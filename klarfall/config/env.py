"""Reads settings from the environment; nothing else in the project looks into it."""

import os
from ipaddress import ip_network
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """Returns the value without surrounding blanks; an empty variable counts as not set."""
    return os.environ.get(name, "").strip() or default


def required(name: str, why: str) -> str:
    """Returns the value or stops the start with a sentence that names the variable."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is missing: {why}")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """Returns yes or no; a word that is neither stops the start, since a mistyped switch must not go unnoticed."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} is {value!r}, expected yes or no")


def number(name: str, default: int) -> int:
    """Returns a whole number that is not negative."""
    value = text(name)
    if not value:
        return default
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}, expected a whole number")
    return int(value)


def words(name: str) -> list[str]:
    """Returns the comma-separated parts of a value, without empty ones."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def networks(name: str) -> list[str]:
    """Returns comma-separated addresses and networks (10.0.0.7, 10.0.0.0/8); what is none stops the start."""
    given = words(name)
    try:
        return [str(ip_network(one, strict=False)) for one in given]
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} names {problem}; expected addresses or networks") from problem


def database(url: str, name: str) -> dict[str, Any]:
    """
    Turns postgresql://user:password@host:port/database?sslmode=require into Django's settings.

    Further parameters of the query go to the driver. `name` is the variable, for messages; the URL itself is never
    shown, because it holds a password.
    """
    parts = _split(url, name)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(f"{name} must begin with postgresql://")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    database_name = unquote(parts.path.lstrip("/"))
    if not database_name or not parts.username:
        raise ImproperlyConfigured(f"{name} must name a user and a database")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database_name,
        "USER": unquote(parts.username),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def mail(url: str, name: str) -> dict[str, Any]:
    """Turns smtp://user:password@host:587 (STARTTLS), smtps://… (TLS) or smtp://…?tls=no into Django's settings."""
    parts = _split(url, name)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must look like smtp://user:password@host:587 or smtps://…")
    implicit_tls = parts.scheme == "smtps"
    upgrade = dict(parse_qsl(parts.query)).get("tls", "yes").lower() in TRUE
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if implicit_tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit_tls,
        "EMAIL_USE_TLS": upgrade and not implicit_tls,
    }


def _split(url: str, name: str) -> SplitResult:
    """Splits a URL; an unreadable port is reported without repeating the URL."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} is not a valid URL") from problem
    return parts
