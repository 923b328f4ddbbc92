"""Reading amounts as people type them. Arithmetic of money is the billing engine's."""

import re
from decimal import Decimal

#: Plain figures only: an exponent or hundreds of digits are no amount that anybody types.
_FIGURES = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


def parse_amount(text: str) -> Decimal:
    """Read an amount as people type it: `1.234,50`, `1234.5`, `296 €`. ValueError when unclear.

    With both separators the last one is the decimal mark; a single point followed by three
    digits (`1.234`) is refused because it can mean two things.
    """
    cleaned = text.replace("€", "").replace("EUR", "").replace("\u00a0", "").replace(" ", "").strip()
    comma, point = cleaned.rfind(","), cleaned.rfind(".")
    if comma > point:
        cleaned = cleaned.replace(".", "").replace(",", ".")
    elif point > comma >= 0:
        cleaned = cleaned.replace(",", "")
    elif point >= 0 and (cleaned.count(".") > 1 or len(cleaned[point:]) == len(".000")):
        raise ValueError(text)
    if not _FIGURES.fullmatch(cleaned):
        raise ValueError(text)
    return Decimal(cleaned)
