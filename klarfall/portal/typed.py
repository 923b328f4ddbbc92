"""Numbers as they arrive in forms and addresses. Pure."""

_DIGITS = 18  # more do not fit into a key


def whole_number(text: object) -> int | None:
    """Returns the number that is written there, None for anything else."""
    digits = str(text or "")
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) <= _DIGITS else None
