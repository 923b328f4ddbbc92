"""Telephone numbers as people write them and as telephone systems send them (E.164). Pure.

German spellings with slashes, brackets, `(0)` and extensions are usual and mean the same number.
"""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

#: Nobody writes a number longer than this; more is not looked at.
LONGEST = 40
#: Digits of an extension behind the number of a house.
MOST_EXTENSION = 4
#: A house's own number has at least so many digits behind the area code; a shorter stem is no house.
_LEAST_STEM = 3
_LEAST_TYPED = 3

#: In Germany an extension is dialled behind the number without a pause, so it belongs to the number.
_EXTENSION = re.compile(r"(?:durchwahl|dw|app(?:arat)?|nst)\s*[.:]?\s*(\d{1,5})\s*$", re.IGNORECASE)
_HYPHENATED = re.compile(r"\d[\s./]*[-\u2010-\u2015]\s*(\d{1,4})\s*$")
_NUMBER = re.compile(r"^(?:tel\.?:?|fon:?|mobil:?)?[\s+(]*[\d０-９][\d０-９\s()\[\]./\-\u2010-\u2015]*$", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"\D")
_SINGLE = (PhoneNumberType.MOBILE, PhoneNumberType.PAGER, PhoneNumberType.PERSONAL_NUMBER, PhoneNumberType.TOLL_FREE)


def e164(text: str, country: str = "DE") -> str:
    """The number as telephone systems send it: `0211/123-45 67` -> `+492111234567`; empty where it cannot be one.

    `country` (two letters) is where a number without a country code is dialled.
    """
    found = _parsed(text, country)
    if found is None:
        return ""
    found.extension = None
    return str(phonenumbers.format_number(found, PhoneNumberFormat.E164))[:16]


def shown(number: str, country: str = "DE") -> str:
    """The number for reading: national within the country, else international; unreadable text as it is."""
    found = _parsed(number, country)
    if found is None:
        return number
    home = phonenumbers.country_code_for_region(country)
    style = PhoneNumberFormat.NATIONAL if found.country_code == home else PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(found, style))


def is_number(text: str) -> bool:
    """Does somebody type a telephone number here and no name or customer number?"""
    return len(text) <= LONGEST and bool(_NUMBER.match(text.strip())) and len(_digits(text)) >= _LEAST_TYPED


def beginning(text: str, country: str = "DE") -> str:
    """What a typed beginning of a number looks like in E.164, for search while typing: `0211/12` -> `+4921112`."""
    digits, text = _digits(text), text.strip()
    if text.startswith("+"):
        code = str(phonenumbers.country_code_for_region(country))
        return f"+{re.sub(f'^{code}0', code, digits)}" if "(0" in text else f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{phonenumbers.country_code_for_region(country)}{digits.removeprefix('0')}"


def stems(number: str) -> list[str]:
    """The numbers of houses behind which this one could be an extension, the longest first; none for mobiles."""
    found = _parsed(number, "ZZ")
    if found is None or phonenumbers.number_type(found) in _SINGLE:
        return []
    area = phonenumbers.length_of_geographical_area_code(found)
    shortest = len(f"+{found.country_code}") + area + _LEAST_STEM
    return [number[:-cut] for cut in range(1, MOST_EXTENSION + 1) if len(number) - cut >= shortest]


def house_of(written: str, number: str) -> str:
    """The house's number, where a written number shows its extension: `0211 12345-67` -> `+4921112345`; else empty.

    `number` is the E.164 of what was written. A house that writes its own number without extension or with `-0` is
    its own stem.
    """
    found = _EXTENSION.search(written) or _HYPHENATED.search(written)
    if found is None or not number.endswith(found[1]):
        return ""
    return number[: -len(found[1])]


def shares_house(number: str, other: str, written: str) -> bool:
    """Could a caller with `number` sit in the house whose number somebody has `written` (E.164: `other`)?"""
    if number == other or not number or not other:
        return False
    possible = set(stems(number))
    return other in possible or other.rstrip("0") in possible - {other} or house_of(written, other) in possible


def _parsed(text: str, country: str) -> PhoneNumber | None:
    """The number behind a text; None for what no telephone could dial."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    try:
        found = phonenumbers.parse(_EXTENSION.sub(r"\1", text), country)
    except NumberParseException:
        return None
    too_short = len(str(found.national_number)) < _LEAST_STEM
    return None if too_short or not phonenumbers.is_possible_number(found) else found


def _digits(text: str) -> str:
    return _NOT_DIGIT.sub("", text)
