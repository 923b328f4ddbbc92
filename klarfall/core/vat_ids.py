"""Formats of VAT ids and country codes: typing mistakes are found before anybody is billed. Pure."""

import re

#: Member states of the European Union: there the customer with a VAT id owes the tax (reverse charge).
EUROPEAN_UNION = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
#: Shapes of VAT ids (without their two letters) that are known well enough to refuse others; elsewhere 2 to 12 signs.
_VAT_IDS = {
    "DE": r"[1-9]\d{8}",
    "AT": r"U\d{8}",
    "CH": r"E\d{9}(MWST|TVA|IVA)?",
    "NL": r"\d{9}B\d{2}",
    "FR": r"[A-Z0-9]{2}\d{9}",
}
_ANY_VAT_ID = r"[A-Z0-9+*]{2,12}"
_COUNTRY = re.compile(r"[A-Z]{2}")


def compact(text: str) -> str:
    """Capital letters without spaces, as such numbers are kept."""
    return re.sub(r"[\s\u00a0-]", "", text).upper()


def is_country(text: str) -> bool:
    """Are these the two letters of a country?"""
    return bool(_COUNTRY.fullmatch(text))


def is_vat_id(text: str, country: str) -> bool:
    """Does it look like a VAT id of the country? Greek ones begin with EL."""
    number, letters = compact(text), {"GR": "EL"}.get(country, country)
    shape = _VAT_IDS.get(country, _ANY_VAT_ID)
    return number.startswith(letters) and bool(re.fullmatch(shape, number[2:]))
