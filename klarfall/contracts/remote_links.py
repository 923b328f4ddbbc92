"""Addresses that open a remote tool: any scheme but those that run or read something, never credentials. Pure."""

import re
import unicodedata
from urllib.parse import quote, unquote, urlsplit

from django.utils.translation import gettext as _

from klarfall.core.action import Refused

CODE = "{code}"
MOST_LINK, MOST_CODE = 300, 60
#: They would run a script or a program of the system, show what somebody typed as a page of ours, or open files of the
#: reader.
FORBIDDEN = frozenset({
    "about", "blob", "chrome", "data", "feed", "file", "filesystem", "help", "intent", "jar", "javascript", "jnlp",
    "jnlps", "ldap", "livescript", "mhtml", "mk", "mocha", "ms-appinstaller", "ms-cxh", "ms-gamingoverlay", "ms-its",
    "ms-msdt", "ms-officecmd", "ms-search", "res", "search", "search-ms", "shell", "smb", "vbscript", "view-source",
    "wyciwyg", "x-javascript",
})  # fmt: skip
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,29}):")
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._@-]{0,58}[A-Za-z0-9])?")
_NEVER = set("<>\"'`\\^|{}")
_TELLING = r"(?:pass(?:word|wd|wort|phrase|code)?|pwd|pw|kennwort|secret)"
_NAMED = re.compile(rf"(?:^|[?&;#/,:]){_TELLING}=", re.IGNORECASE)
_TOLD = re.compile(rf"\b{_TELLING}\s*(?:[:=]|lautet\b)\s*\S", re.IGNORECASE)
_USERINFO = re.compile(r"[^/?#@\s]*:[^/?#@\s]*@|//[^/?#\s]*@")


class LinkRefused(Refused):
    """An address or code that cannot open a remote session; `field` names it."""

    code = "link_refused"


def checked_link(value: str, *, field: str, template: bool = False) -> str:
    """The address without blanks around it; empty stays empty. A `template` may say `{code}` once.

    Raises LinkRefused.
    """
    link = value.strip()
    if not link:
        return ""
    if len(link) > MOST_LINK:
        raise LinkRefused(_("The text is too long: at most %(limit)s characters.") % {"limit": MOST_LINK}, field=field)
    bare = link.replace(CODE, "0", 1) if template else link
    found = _SCHEME.match(bare)
    if found is None or any(_unusable(character) for character in bare):
        raise LinkRefused(_("Please enter a complete address, such as https://… or remote-tool:…"), field=field)
    if found[1].lower() in FORBIDDEN:
        raise LinkRefused(_("Addresses of this kind are not possible: they could run something."), field=field)
    refuse_credentials(bare[found.end() :], field=field)
    _check_host(link, found[1].lower(), field)
    return link


def checked_code(value: str, *, field: str = "code") -> str:
    """A code that is read aloud: letters, digits, blanks, hyphens. Raises LinkRefused."""
    code = " ".join(value.split())
    if not code:
        return ""
    if not _CODE.fullmatch(code):
        raise LinkRefused(
            _("A code has letters and digits, at most %(limit)s of them. No password.") % {"limit": MOST_CODE},
            field=field,
        )
    return code


def filled(template: str, code: str) -> str:
    """The address for one session; empty where the code that it needs is missing."""
    if CODE not in template:
        return template
    return template.replace(CODE, quote(code.replace(" ", ""), safe="@._-")) if code else ""


def refuse_credentials(text: str, *, field: str) -> None:
    """Refuse what looks like a password or a name with one, also percent-encoded. Raises LinkRefused."""
    seen = (text, unquote(text), unquote(unquote(text)))
    if any(pattern.search(one) for one in seen for pattern in (_USERINFO, _NAMED, _TOLD)):
        raise LinkRefused(_("No credentials, please: neither here nor anywhere else in a request."), field=field)


def _check_host(link: str, scheme: str, field: str) -> None:
    """A web address names its host itself: a code never decides where somebody is sent."""
    if scheme not in ("http", "https"):
        return
    try:
        host = urlsplit(link).netloc
    except ValueError:
        host = ""
    if not host or CODE in host:
        raise LinkRefused(_("Please enter a complete address, such as https://… or remote-tool:…"), field=field)


def _unusable(character: str) -> bool:
    return character in _NEVER or character.isspace() or unicodedata.category(character)[0] in "CZ"
