"""Numbers: German spellings become one number; callers behind extensions are recognised, strangers are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarfall.customers.phone_numbers import (
    beginning,
    e164,
    house_of,
    is_number,
    shares_house,
    shown,
    stems,
)

ONE = "+492111234567"


@pytest.mark.parametrize(
    "written",
    [
        "0211/123-45 67",
        "0211/1234567",
        "(0211) 12345-67",
        "+49 (0)211 12345-67",
        "+49(0)211-12345-67",
        "0049 211 1234567",
        "00492111234567",
        "0211.12345.67",
        "0211 – 12345 – 67",
        "0211 12345 Durchwahl 67",
        "0211-12345 DW 67",
        "0211 12345 App. 67",
        "  0211  1234567 ",
    ],
)
def test_spellings_of_one_number(written: str) -> None:
    """Slashes, dashes, brackets, (0), country codes and extensions: all the same telephone."""
    assert e164(written) == ONE


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        ("(0211) 12345-0", "DE", "+49211123450"),
        ("0171/123 45 67", "DE", "+491711234567"),
        ("01 5123456", "AT", "+4315123456"),
        ("+43 1 5123456", "DE", "+4315123456"),
        ("044 668 18 00", "CH", "+41446681800"),
        ("0800 1234567", "DE", "+498001234567"),
    ],
)
def test_country_of_the_vendor(written: str, country: str, expected: str) -> None:
    """A number without a country code is dialled where the vendor sits."""
    assert e164(written, country) == expected


@pytest.mark.parametrize("text", ["", "   ", "anonymous", "Unbekannt", "+", "0", "Bernd", "0" * 41, "１", "-/()"])
def test_what_is_no_number(text: str) -> None:
    """Nothing is made up where nobody could dial."""
    assert e164(text) == ""


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_reading(text: str) -> None:
    """Whatever is typed: a number in E.164 that reads back as itself, or nothing."""
    number = e164(text)
    assert number == "" or (number[0] == "+" and number[1:].isascii() and number[1:].isdecimal())
    assert len(number) <= 16
    assert isinstance(shown(text), str)
    assert isinstance(is_number(text), bool)
    assert beginning(text).startswith("+")
    house_of(text, number)
    assert not number or all(number.startswith(one) for one in stems(number))


@given(
    area=st.sampled_from(["211", "30", "89", "6221"]),
    rest=st.text("0123456789", min_size=6, max_size=7).filter(lambda digits: digits[0] not in "01"),
    gap=st.sampled_from(["", " ", "/", "-", " / ", " - ", "."]),
    lead=st.sampled_from(["0", "+49", "0049", "+49 (0)", "(0"]),
)
@settings(max_examples=150, deadline=None)
def test_separators_never_matter(area: str, rest: str, gap: str, lead: str) -> None:
    """The same digits with other separators are the same number, and shown it is read back as it was."""
    closing = ")" if lead == "(0" else ""
    written = f"{lead}{area}{closing}{gap}{rest[:3]}{gap}{rest[3:]}"
    plain = e164(f"0{area}{rest}")
    assert plain == f"+49{area}{rest}"
    assert e164(written) == plain
    assert e164(shown(plain)) == plain


@pytest.mark.parametrize(
    ("caller", "written", "same"),
    [
        ("+4921112345678", "0211 12345-0", True),  # the trunk on file, an extension calls
        ("+4921112345678", "0211 12345", True),
        ("+4921112345678", "0211 12345-12", True),  # a colleague's extension on file
        ("+4921112345678", "0211 12345-678", False),  # the very number is no "perhaps"
        ("+4921112345678", "0211 98765-0", False),
        ("+4921112345678", "030 12345-0", False),
        ("+4921112345678", "0211 12399-12", False),
        ("+4921112345678", "0211-1233", False),  # no house: the hyphen follows the area code
        ("+491711234567", "0171 12345-6", False),  # mobiles have no extensions
        ("", "0211 12345-0", False),
    ],
)
def test_the_same_house(caller: str, written: str, same: bool) -> None:
    """A caller from another extension of the same house is *perhaps* one of its people."""
    assert shares_house(caller, e164(written), written) is same


@pytest.mark.parametrize(
    ("text", "number"),
    [("0211/12", True), ("+49 211", True), ("K-0001", False), ("Bernd 2", False), ("12", False), ("4711", True)],
)
def test_number_or_words(text: str, number: bool) -> None:
    """While typing: digits and signs of numbers, else names and customer numbers."""
    assert is_number(text) is number


@pytest.mark.parametrize("text", ["0211/12", "+49 (0)211 12", "0049 211 12", "+4921112", "211 12"])
def test_beginnings(text: str) -> None:
    """The beginning of a number finds the whole one, however it is begun."""
    assert ONE.startswith(beginning(text))
