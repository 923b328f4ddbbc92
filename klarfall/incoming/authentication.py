"""What the receiving mail server found out about the sender (SPF, DKIM, DMARC, RFC 8601)."""

import re
from collections.abc import Collection

import authres

from klarfall.incoming.parsing.parsed import ParsedMail

_METHODS = ("spf", "dkim", "dmarc")
#: Characters; a header of that length is none that a mail server writes.
_LONGEST = 4_000
_SERVER = re.compile(r"\s*(?:\([^()]*\)\s*)?([^\s;()]{1,255})")
_RESULT = re.compile(r"[a-z]{1,20}")


def results(mail: ParsedMail, trusted: Collection[str]) -> dict[str, str]:
    """Returns {"server", "spf", "dkim", "dmarc"}, each where it was said; empty without a trusted statement.

    Anybody can write such a header into a mail. Servers put theirs on top, so of a server's name only the topmost one
    counts; what stands below was there when the mail arrived.
    """
    for value in mail.headers.get("authentication-results", ()):
        server = _SERVER.match(value[:_LONGEST])
        if server is not None and server[1].lower() in trusted:
            return {"server": server[1].lower(), **_results(value[:_LONGEST])}
    return {}


def _results(value: str) -> dict[str, str]:
    """The result of each method: *pass* where one of several passes (DKIM), else the first."""
    try:
        parsed = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {value}").results
    except Exception:  # the library knows many ways to dislike a header; an unreadable statement states nothing
        return {}
    found: dict[str, str] = {}
    for one in parsed:
        method, result = str(one.method).lower(), str(one.result).lower()
        if method in _METHODS and _RESULT.fullmatch(result) and (method not in found or result == "pass"):
            found[method] = result
    return found


def is_proved(authentication: dict[str, str]) -> bool:
    """Did the server prove that the mail comes from the domain that people read? Only DMARC speaks of that one."""
    return authentication.get("dmarc") == "pass"
