"""What the receiving mail server found out about the sender (SPF, DKIM, DMARC, RFC 8601)."""

import re
from collections.abc import Collection
from typing import Any

import authres
import idna

from klarfall.incoming.parsing.parsed import ParsedMail

_METHODS = ("spf", "dkim", "dmarc")
#: Characters; a header of that length is none that a mail server writes.
_LONGEST = 4_000
_SERVER = re.compile(r"\s*(?:\([^()]*\)\s*)?([^\s;()]{1,255})")
_RESULT = re.compile(r"[a-z_]{1,20}")
_OTHER_DOMAIN = "other_domain"


def results(mail: ParsedMail, trusted: Collection[str]) -> dict[str, str]:
    """Returns {"server", "spf", "dkim", "dmarc"}, each where it was said; empty without a trusted statement.

    Anybody can write such a header into a mail. Servers put theirs on top, so of a server's name only the topmost one
    counts; what stands below was there when the mail arrived. Programs read odd headers differently: a DMARC result
    about another domain than that of the sender whom we read proves nothing (`other_domain`).
    """
    for value in mail.headers.get("authentication-results", ()):
        server = _SERVER.match(value[:_LONGEST])
        if server is not None and server[1].lower() in trusted:
            return {"server": server[1].lower(), **_results(value[:_LONGEST], mail.sender.address)}
    return {}


def _results(value: str, sender: str) -> dict[str, str]:
    """The result of each method: of several DKIM results a *pass*, of several DMARC results none, else the first."""
    try:
        parsed = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {value}").results
    except Exception:  # the library knows many ways to dislike a header; an unreadable statement states nothing
        return {}
    found: dict[str, str] = {}
    for one in parsed:
        method, result = str(one.method).lower(), str(one.result).lower()
        if method == "dmarc" and result == "pass" and not _is_about(one, sender):
            result = _OTHER_DOMAIN
        decides = result != "pass" if method == "dmarc" else result == "pass"
        if method in _METHODS and _RESULT.fullmatch(result) and (method not in found or decides):
            found[method] = result
    return found


def _is_about(result: Any, sender: str) -> bool:
    """Does a DMARC result speak of the sender's domain, or of the one above it? Some servers name none at all."""
    named = [str(one.value or "") for one in result.properties if (one.type, one.name) == ("header", "from")]
    domain = sender.rpartition("@")[2]
    return all(f".{domain}".endswith(f".{_ascii(one.rpartition('@')[2])}") for one in named)


def _ascii(domain: str) -> str:
    domain = domain.strip("<>. ").lower()
    try:
        return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return "?"


def is_proved(authentication: dict[str, str]) -> bool:
    """Did the server prove that the mail comes from the domain that people read? Only DMARC speaks of that one."""
    return authentication.get("dmarc") == "pass"
