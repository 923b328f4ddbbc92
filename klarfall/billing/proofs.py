"""Tokens and six-digit codes: made of real randomness, stored as hashes only. Pure but for the randomness."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from klarfall.core.seals import new_salt

#: How long a code can be typed, and how often it can be wrong.
CODE_LIFE = timedelta(minutes=15)
MOST_ATTEMPTS = 5
#: Codes that one person may ask for about one offer within CODE_WINDOW: guessing on is hopeless.
MOST_CODES = 5
CODE_WINDOW = timedelta(hours=1)
#: Wrong codes of one person about one offer within WRONG_WINDOW, whatever number of codes they belong to.
MOST_WRONG = 20
WRONG_WINDOW = timedelta(days=1)
_TOKEN_BYTES = 32  # 256 bits
_DIGITS = 6


def new_token() -> str:
    """A token of 256 bits for an address."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is stored of a token; its randomness needs no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_code() -> tuple[str, str, str]:
    """A code with its salt and hash."""
    code, salt = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}", new_salt()
    return code, salt, code_hash(salt, code)


def code_hash(salt: str, code: str) -> str:
    """What is stored of a code."""
    return hashlib.sha256(f"{salt}:{code}".encode("utf-8", "surrogatepass")).hexdigest()


def is_code(salt: str, stored: str, typed: str) -> bool:
    """Is this the code? Blanks in what was typed do not matter; takes the same time whatever is typed."""
    cleaned = "".join(typed.split()) if isinstance(typed, str) else ""
    return hmac.compare_digest(stored, code_hash(salt, cleaned[: 2 * _DIGITS]))
