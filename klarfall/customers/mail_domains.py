"""The mail domains of companies: one spelling for each, and which belong to everybody."""

import re

import idna

#: Providers where anybody gets an address: such a domain proves no company.
PUBLIC = frozenset({
    "1und1.de", "a1.net", "aol.com", "aol.de", "aon.at", "arcor.de", "bluewin.ch", "chello.at", "email.de",
    "emailn.de", "fastmail.com", "freenet.de", "freenetmail.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de",
    "gmx.eu", "gmx.info", "gmx.net", "googlemail.com", "hispeed.ch", "hotmail.ch", "hotmail.com", "hotmail.de",
    "hotmail.fr", "icloud.com", "kabelmail.de", "live.at", "live.com", "live.de", "mac.com", "magenta.de", "mail.com",
    "mail.de", "mailbox.org", "me.com", "msn.com", "o2online.de", "online.de", "onlinehome.de", "outlook.at",
    "outlook.com", "outlook.de", "pm.me", "posteo.de", "posteo.net", "proton.me", "protonmail.ch", "protonmail.com",
    "rocketmail.com", "sunrise.ch", "t-online.de", "tuta.com", "tuta.io", "tutamail.com", "tutanota.com",
    "tutanota.de", "unitybox.de", "vodafone.de", "vodafonemail.de", "web.de", "yahoo.com", "yahoo.de", "yandex.com",
    "ymail.com", "zoho.com", "zohomail.eu",
})  # fmt: skip
_MOST = 120  # signs, as the column holds them
_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")


def normalised(text: str) -> str:
    """The domain in its one spelling: small ASCII letters (`bücher.example` → `xn--bcher-kva.example`).

    `@acme.example` is understood, too. ValueError when it is no domain of the internet.
    """
    name = text.strip().removeprefix("@").rstrip(".").lower()
    try:
        name = idna.encode(name, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise ValueError(text) from None
    if len(name) > _MOST or not _NAME.fullmatch(name):
        raise ValueError(text)
    return name


def domain_of(email: str) -> str:
    """The domain of a mail address in the same spelling; empty when there is none."""
    try:
        return normalised(email.rpartition("@")[2])
    except ValueError:
        return ""


def is_public(domain: str) -> bool:
    """Does the (normalised) domain belong to everybody?"""
    return domain in PUBLIC
