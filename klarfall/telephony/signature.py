"""The signature of a telephone system's event: HMAC-SHA256 over time stamp and body. Pure.

Header `X-Klarfall-Signature: t=1764000000,v1=<hex>`; signed is `<t>.<body>` with the shared secret.
"""

import hmac
import re
from hashlib import sha256

HEADER = "X-Klarfall-Signature"
#: Seconds by which the time stamp may differ from our clock.
WINDOW = 5 * 60

_HEADER = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", re.ASCII)


def sign(body: bytes, secret: str, at: int) -> str:
    """The header's value for a body at a time (seconds since 1970)."""
    return f"t={at},v1={_digest(body, secret, str(at))}"


def is_signed(header: str, body: bytes, secret: str, now: float) -> bool:
    """Was this body signed with the secret, and lately? Compares in constant time; an empty secret signs nothing."""
    found = _HEADER.fullmatch(header.strip()[:120])
    if found is None or not secret:
        return False
    genuine = hmac.compare_digest(_digest(body, secret, found[1]), found[2])
    return genuine and abs(now - int(found[1])) <= WINDOW


def _digest(body: bytes, secret: str, at: str) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, sha256).hexdigest()
