"""Names of files become harmless and stay recognisable."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarfall.tickets.file_names import LONGEST, clean, extension


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Saldenliste März.pdf", "Saldenliste März.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Bernd\\Beleg 12.png", "Beleg 12.png"),
        ("/abs/olut.csv", "olut.csv"),
        ("rechnung\u202efdp.exe", "rechnungfdp.exe"),
        ("a\x00b\r\nSet-Cookie: x.txt", "abSet-Cookie_ x.txt"),
        ("..", "file"),
        ("", "file"),
        (".pdf", "pdf"),
        ("...", "file"),
        ("con.txt", "_con.txt"),
        ("LPT1.log", "_LPT1.log"),
        ('quo"te;<b>.txt', "quo_te;_b_.txt"),
        ("trailing. . .", "trailing"),
        ("a" * 300 + ".pdf", "a" * (LONGEST - 4) + ".pdf"),
        ("A\u0308rger.txt", "Ärger.txt"),
        ("\u200bun\u200bsichtbar.txt", "unsichtbar.txt"),
    ],
)
def test_clean(name, expected):
    assert clean(name) == expected


@given(st.text(max_size=300))
def test_whatever_the_name_it_is_short_visible_and_without_path(name):
    cleaned = clean(name)
    assert 0 < len(cleaned) <= LONGEST
    assert not set(cleaned) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(c).startswith("C") for c in cleaned)
    assert cleaned not in (".", "..")
    assert clean(cleaned) == cleaned


def test_the_extension_is_that_of_the_end():
    assert extension("invoice.pdf.EXE") == "exe"
    assert extension("ohne") == ""
