"""Formats of account numbers: typing mistakes are found before anybody is billed. Pure."""

import re

from klarfall.core.vat_ids import compact

#: Lengths by country (ISO 13616) of the countries whose accounts take SEPA transfers in euro.
_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_REMAINDER = 97


def is_iban(text: str) -> bool:
    """Is it an account number with the right length and check digits (ISO 7064, mod 97-10)?"""
    number = compact(text)
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", number) or len(number) != _LENGTHS.get(number[:2]):
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % _REMAINDER == 1


def is_bic(text: str) -> bool:
    """Does it look like a bank identifier (ISO 9362)?"""
    return bool(_BIC.fullmatch(compact(text)))
