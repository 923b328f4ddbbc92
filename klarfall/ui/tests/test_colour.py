"""Colours: contrast by the formula of WCAG, the nearest colour that passes, the shade for dark pages."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarfall.ui import brand, colour

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_wcag():
    assert round(colour.contrast("#000000", "#ffffff"), 2) == 21
    assert round(colour.contrast("#777777", "#ffffff"), 2) == 4.48
    assert colour.contrast("#123456", "#123456") == 1


@given(COLOURS)
def test_the_nearest_colour_can_be_read_wherever_buttons_and_links_stand(chosen):
    light, dark = colour.nearest(chosen), colour.for_dark(chosen)
    for ground in colour.LIGHT_GROUNDS:
        assert colour.contrast(light, ground) >= 4.5
    for ground in colour.DARK_GROUNDS:
        assert colour.contrast(dark, ground) >= 4.5
    assert colour.contrast(light, colour.WHITE) >= 4.5
    assert colour.contrast(dark, colour.DARK_TEXT) >= 4.5
    assert colour.contrast(colour.stronger(light), colour.WHITE) >= 4.5
    assert colour.contrast(colour.stronger(dark, dark=True), colour.DARK_TEXT) >= 4.5


@given(COLOURS)
def test_a_colour_that_passes_stays(chosen):
    if colour.passes(chosen):
        assert colour.contrast(colour.nearest(chosen), chosen) < 1.02


def test_the_grounds_are_those_of_the_style_sheet():
    tokens = (Path(brand.__file__).parent / "static" / "ui" / "css" / "tokens.css").read_text()
    names = ("canvas", "surface", "sunken", "cov-bg", "fee-bg", "out-bg", "you-bg", "err-bg")
    pairs = [re.search(rf"--{name}:\s+light-dark\((#\w+), (#\w+)\)", tokens) for name in names]
    assert {pair[1] for pair in pairs} == set(colour.LIGHT_GROUNDS)
    assert {pair[2] for pair in pairs} == set(colour.DARK_GROUNDS)


@pytest.mark.parametrize("text", ["", "red", "#12345", "#1234567", "#12345g", "#123456;}", "url(x)"])
def test_nothing_but_a_colour_gets_into_the_style_sheet(text):
    assert not colour.is_colour(text)
    assert brand.style_sheet(text) == ""
