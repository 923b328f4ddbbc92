"""Formats of account numbers and VAT ids: typing mistakes are found before anybody is billed. Pure."""

import re

#: Lengths by country (ISO 13616) of the countries whose accounts take SEPA transfers in euro.
_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
#: Shapes of VAT ids (without their two letters) that are known well enough to refuse others; elsewhere 2 to 12 signs.
_VAT_IDS = {
    "DE": r"[1-9]\d{8}",
    "AT": r"U\d{8}",
    "CH": r"E\d{9}(MWST|TVA|IVA)?",
    "NL": r"\d{9}B\d{2}",
    "FR": r"[A-Z0-9]{2}\d{9}",
}
_ANY_VAT_ID = r"[A-Z0-9+*]{2,12}"
_REMAINDER = 97


def compact(text: str) -> str:
    """Capital letters without spaces, as such numbers are kept."""
    return re.sub(r"[\s\u00a0-]", "", text).upper()


def is_iban(text: str) -> bool:
    """Is it an account number with the right length and check digits (ISO 7064, mod 97-10)?"""
    number = compact(text)
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", number) or len(number) != _LENGTHS.get(number[:2]):
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % _REMAINDER == 1


def is_bic(text: str) -> bool:
    """Does it look like a bank identifier (ISO 9362)?"""
    return bool(_BIC.fullmatch(compact(text)))


def is_vat_id(text: str, country: str) -> bool:
    """Does it look like a VAT id of the country? Greek ones begin with EL."""
    number, letters = compact(text), {"GR": "EL"}.get(country, country)
    shape = _VAT_IDS.get(country, _ANY_VAT_ID)
    return number.startswith(letters) and bool(re.fullmatch(shape, number[2:]))
