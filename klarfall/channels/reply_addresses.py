"""Addresses for replies that name the request to which they belong: `support+r<token>@domain`.

A token never authorises anybody; it says which request is meant, and whoever files the mail checks its sender. It
shows neither number nor person: both are encrypted under the installation's secret, and the check sum over them is
the key stream's beginning, so that each address is its own and always the same for one person and request.
"""

import re
from base64 import b32decode, b32encode

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from klarfall.accounts.models import User
from klarfall.tickets.models import Ticket

_MARK = "+r"
_SALT = "klarfall.reply_address"
_HALF = 10  # bytes: as many of ids as of the check sum; 20 bytes are 32 signs without padding
_ID = _HALF // 2
_LONGEST_LOCAL_PART, _LONGEST = 64, 320  # RFC 5321
_TOKEN = re.compile(r"[^@]*\+r([a-z2-7]{32})@[^@]+")


def reply_address(base: str, ticket: Ticket, user: User) -> str:
    """Returns where this person's replies about the ticket go: `base` with a token in small letters.

    `base` itself where subaddresses are switched off (MAIL_SUBADDRESSES) or would be too long for mail servers.
    """
    local, _at, domain = base.rpartition("@")
    addressed = f"{local}{_MARK}{_token(ticket.pk, user.pk)}"
    if not settings.MAIL_SUBADDRESSES or not local or len(addressed) > _LONGEST_LOCAL_PART:
        return base
    return f"{addressed}@{domain}"


def ticket_id_in(address: str) -> int | None:
    """The id of the ticket that an address of ours names; None for everything else. Never raises.

    Also where subaddresses were switched off meanwhile: what was sent before is answered later.
    """
    found = _TOKEN.fullmatch(address.strip().lower()) if len(address) <= _LONGEST else None
    if found is None:
        return None
    raw = b32decode(found[1].upper())
    check, hidden = raw[:_HALF], raw[_HALF:]
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        ids = _mixed(hidden, check, secret)
        if constant_time_compare(_check(ids, secret), check):
            return int.from_bytes(ids[:_ID], "big")
    return None


def _token(ticket_id: int, user_id: int) -> str:
    ids = ticket_id.to_bytes(_ID, "big") + user_id.to_bytes(_ID, "big")
    check = _check(ids, settings.SECRET_KEY)
    return b32encode(check + _mixed(ids, check, settings.SECRET_KEY)).decode("ascii").lower()


def _check(ids: bytes, secret: str | bytes) -> bytes:
    return salted_hmac(f"{_SALT}.check", ids, secret=secret, algorithm="sha256").digest()[:_HALF]


def _mixed(text: bytes, check: bytes, secret: str | bytes) -> bytes:
    """Encrypt or decrypt: a key stream that depends on the check sum, so that no two ids share one."""
    stream = salted_hmac(f"{_SALT}.stream", check, secret=secret, algorithm="sha256").digest()
    return bytes(sign ^ key for sign, key in zip(text, stream, strict=False))
