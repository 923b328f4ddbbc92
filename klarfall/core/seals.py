"""Salted commitments: the history holds a hash of personal text, never the text (INV-29).

Pure functions. A commitment without its salt says nothing about the text; with salt and text
anybody can prove that neither was changed.
"""

import hashlib
import json
import secrets
from typing import Any

GENESIS = "0" * 64


def new_salt() -> str:
    """128 random bits as hex."""
    return secrets.token_hex(16)


def canonical(value: Any) -> bytes:
    """One byte string for one value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, as hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def commitment(salt: str, text: str, data: dict[str, Any]) -> str:
    """The hash that the chain holds of an erasable side row."""
    return digest({"salt": salt, "text": text, "data": data})


def link(previous: str, entry: dict[str, Any]) -> str:
    """The hash of one history row: of its content and of the row before it."""
    return digest({"previous": previous, "entry": entry})
