"""Arithmetic of colours: contrast as WCAG 2.2 measures it, the nearest colour that passes, the shade for dark pages."""

import colorsys
import re

#: Text and its ground (WCAG 2.2, 1.4.3).
ENOUGH = 4.5
WHITE = "#ffffff"
#: Text on a filled button of a dark page, as `--on-ink` in tokens.css.
DARK_TEXT = "#101513"
#: Every ground on which a link may stand, as in tokens.css: light pages, then dark ones.
LIGHT_GROUNDS = ("#f4f5f2", "#ffffff", "#eceeea", "#e6f3eb", "#fcf0da", "#e9edf1", "#e6eefb", "#fbeae7")
DARK_GROUNDS = ("#101513", "#181e1c", "#222926", "#142c1f", "#33260d", "#222a32", "#14253d", "#381815")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 400


def is_colour(text: str) -> bool:
    """Is it `#rrggbb`?"""
    return _HEX.fullmatch(text) is not None


def contrast(first: str, second: str) -> float:
    """The ratio of two colours, 1 to 21, whichever is lighter."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def least_contrast(colour: str, grounds: tuple[str, ...] = LIGHT_GROUNDS) -> float:
    """The contrast on the ground where it is lowest; white text on the colour has at least as much."""
    return min(contrast(colour, ground) for ground in grounds)


def passes(colour: str) -> bool:
    """Can it be the colour of buttons and links on light pages?"""
    return least_contrast(colour) >= ENOUGH


def nearest(colour: str) -> str:
    """The colour of the same hue that passes and differs least; the colour itself where it passes."""
    return _moved(colour, LIGHT_GROUNDS, 0.0)


def for_dark(colour: str) -> str:
    """The shade of the same hue for dark pages: readable on each of their grounds, and under dark text."""
    return _moved(colour, DARK_GROUNDS, 1.0)


def stronger(colour: str, *, dark: bool = False) -> str:
    """The colour under the mouse: a step away from the ground, so that text on it stays readable."""
    to = 255 if dark else 0
    return "#" + "".join(f"{round(part + (to - part) * 0.18):02x}" for part in _parts(colour))


def _moved(colour: str, grounds: tuple[str, ...], end: float) -> str:
    """The first colour on the way to black (0.0) or white (1.0) that passes on all grounds."""
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(colour)))
    for step in range(_STEPS + 1):
        now = light + (end - light) * step / _STEPS
        red, green, blue = colorsys.hls_to_rgb(hue, now, saturation)
        found = "#" + "".join(f"{round(part * 255):02x}" for part in (red, green, blue))
        if least_contrast(found, grounds) >= ENOUGH:
            return found
    return WHITE if end else "#000000"


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - sRGB
