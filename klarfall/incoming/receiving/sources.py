"""Which mailboxes and listeners the settings name: pure parsing; settings.py reads it once when a process starts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_LONGEST_NAME = 200  # Mailbox.name
_HIGHEST_PORT = 65535
_OPTIONS = {"product", "after", "first", "tls", "token"}
_MARKS = {"seen", "delete"}
_FORM = "expected imaps://user:password@host:993/Folder?product=code"


@dataclass(frozen=True)
class MailboxSource:
    """One mailbox of MAIL_IN. `name` holds no secret; password and token command never appear in a representation."""

    name: str
    host: str
    port: int
    user: str
    folder: str
    password: str = field(repr=False)
    #: "implicit" (imaps), "starttls" or "no".
    tls: str = "implicit"
    product: str = ""
    #: "seen", "delete", or the folder to which what was fetched is moved.
    after: str = "seen"
    move_to: str = ""
    #: Fetch also what was already read by somebody before we saw the box for the first time.
    takes_all: bool = False
    #: Prints an access token for XOAUTH2; then the password is empty.
    token_command: str = field(default="", repr=False)


@dataclass(frozen=True)
class Listener:
    """Where mail servers reach us: host and port, or the path of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Only this machine reaches it."""
        if self.path or self.host == "localhost":
            return True
        return ip_address(self.host).is_loopback


def mailboxes(urls: Iterable[str], name: str = "MAIL_IN") -> list[MailboxSource]:
    """Returns the mailboxes; a message names the place in the list, never the URL, which holds a password."""
    found: list[MailboxSource] = []
    for place, url in enumerate(urls, 1):
        where = f"{name}, mailbox {place}"
        one = _mailbox(url, where)
        if any(one.name == other.name for other in found):
            raise ImproperlyConfigured(f"{where}: the same mailbox and folder is named twice")
        found.append(one)
    return found


def listener(value: str, name: str, *, allowed: Iterable[str] = (), sockets: bool = False) -> Listener | None:
    """
    Reads host:port, [::1]:port or, where `sockets` are possible, unix:/path; empty is None.

    Another address than loopback is refused without networks that are `allowed` (SMTP_ALLOW): nobody signs in here.
    """
    if not value:
        return None
    path = value.removeprefix("unix:")
    if sockets and PurePosixPath(path).is_absolute():
        return Listener(path=path)
    one = _address(value, name, "host:port or unix:/path" if sockets else "host:port")
    if not one.is_local and not list(allowed):
        raise ImproperlyConfigured(
            f"{name} listens beyond this machine: name the mail servers that may deliver in SMTP_ALLOW"
        )
    return one


def recipients(words: Iterable[str], name: str = "MAIL_RECIPIENTS") -> frozenset[str]:
    """Further addresses that listeners accept, `name@domain` or `@domain`, in small letters."""
    found = frozenset(one.lower() for one in words)
    if any(one.count("@") != 1 or one.endswith("@") for one in found):
        raise ImproperlyConfigured(f"{name} must name addresses (name@domain) or domains (@domain)")
    return found


def product_code(source: str, boxes: Iterable[MailboxSource]) -> str:
    """The code of the product for which a mailbox stands, by the name that its mails carry; else empty."""
    return next((one.product for one in boxes if one.name == source), "")


def _address(value: str, name: str, form: str) -> Listener:
    host, _colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not port.isdecimal() or not 0 < int(port) <= _HIGHEST_PORT or not (host == "localhost" or _ip(host)):
        raise ImproperlyConfigured(f"{name} is {value!r}, expected {form} with an IP address or localhost")
    return Listener(host=host, port=int(port))


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _mailbox(url: str, where: str) -> MailboxSource:
    parts = _split(url, where)
    options = _options(parts, where)
    after, move_to = _after(options.get("after", "seen"), where)
    user, folder = unquote(parts.username or ""), unquote(parts.path.lstrip("/")) or "INBOX"
    implicit = parts.scheme == "imaps"
    port = parts.port or (993 if implicit else 143)
    host = parts.hostname or ""
    shown = host if port in {143, 993} else f"{host}:{port}"
    one = MailboxSource(
        name=f"{user}@{shown}/{folder}",
        host=host,
        port=port,
        user=user,
        folder=folder,
        **_secrets(parts, options, where),
        tls="implicit" if implicit else _tls(options, where),
        product=options.get("product", ""),
        after=after,
        move_to=move_to,
        takes_all=_first(options, where),
    )
    if len(one.name) > _LONGEST_NAME or any(sign < " " for sign in user + folder + move_to + one.password):
        raise ImproperlyConfigured(f"{where}: user, host or folder are too long or hold control characters")
    return one


def _split(url: str, where: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        # Without its cause: that repeats parts of the URL, and so perhaps of the password.
        raise ImproperlyConfigured(f"{where} is not a valid URL; {_FORM}, special signs as %XX") from None
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username:
        raise ImproperlyConfigured(f"{where} is not a mailbox; {_FORM}, special signs as %XX")
    return parts


def _options(parts: SplitResult, where: str) -> dict[str, str]:
    options = dict(parse_qsl(parts.query))
    if unknown := sorted(set(options) - _OPTIONS):
        # `#`, `?` or `/` in a password end up here: only count what is unknown.
        raise ImproperlyConfigured(
            f"{where} has {len(unknown)} unknown options; there are {', '.join(sorted(_OPTIONS))}"
            " (a password needs # / ? & as %23 %2F %3F %26)"
        )
    return options


def _secrets(parts: SplitResult, options: dict[str, str], where: str) -> dict[str, Any]:
    password, command = unquote(parts.password or ""), options.get("token", "")
    if bool(password) == bool(command):
        raise ImproperlyConfigured(f"{where} needs either a password or a token command (?token=...)")
    return {"password": password, "token_command": command}


def _tls(options: dict[str, str], where: str) -> str:
    value = options.get("tls", "starttls").lower()
    if value not in {"starttls", "no"}:
        raise ImproperlyConfigured(f"{where}: tls must be starttls or no (or begin with imaps://)")
    return value


def _after(value: str, where: str) -> tuple[str, str]:
    if value in _MARKS:
        return value, ""
    verb, _colon, target = value.partition(":")
    if verb != "move" or not target:
        raise ImproperlyConfigured(f"{where}: after must be seen, delete or move:Folder")
    return "move", target


def _first(options: dict[str, str], where: str) -> bool:
    value = options.get("first", "unseen")
    if value not in {"unseen", "all"}:
        raise ImproperlyConfigured(f"{where}: first must be unseen or all")
    return value == "all"
