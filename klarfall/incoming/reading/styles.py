"""Inline CSS of mails: which declarations are harmless, and which hide an element."""

import re
from functools import lru_cache

from klarfall.incoming.reading import markup

#: Longer styles are dropped whole: no mail program writes them.
LONGEST = 2_000
#: Written in front of a style for the second pass; nothing else can begin so, since declarations are rewritten.
HIDES = "!hidden"

_PROPERTIES = markup.words(
    "color background-color font font-family font-size font-style font-weight font-variant line-height letter-spacing "
    "text-align text-decoration text-decoration-line text-decoration-color text-decoration-style text-indent "
    "text-transform vertical-align white-space word-break word-wrap overflow-wrap border border-top "
    "border-right border-bottom border-left border-color border-style border-width border-collapse border-spacing "
    "border-radius border-top-color border-right-color border-bottom-color border-left-color border-top-style "
    "border-right-style border-bottom-style border-left-style border-top-width border-right-width border-bottom-width "
    "border-left-width padding padding-top padding-right padding-bottom padding-left margin margin-top "
    "margin-right margin-bottom margin-left width max-width min-width height min-height list-style-type display "
    "float clear direction table-layout caption-side empty-cells"
)
_DISPLAYS = markup.words("block inline inline-block table table-row table-cell list-item table-row-group")
_COMMENT = re.compile(r"/\*.*?(\*/|$)", re.DOTALL)
_DECLARATION = re.compile(r"""\s*([a-z-]{2,40})\s*:\s*((?:[^;"']|"[^"]*"|'[^']*'){1,300})(?:;|$)""")
_VALUE = re.compile(
    r"""(?:[\w\s#%.,+/äöüß-]|"[\w\s.,+-]{0,80}"|'[\w\s.,+-]{0,80}'|\b(?:rgb|rgba|hsl|hsla)\([\d\s.,%/]{1,60}\))+"""
)
_NUMBER = re.compile(r"(?<![\w#.-])(-?[\d.]+)(px|pt|pc|em|ex|rem|ch|cm|mm|in|q|vw|vh|vmin|vmax|%)?")
_REMOTE = re.compile(r"""url\(\s*+["']?\s*+((?:https?:)?//[^\s"')]{1,2000})""")
#: So many pixels one unit may be worth.
_PIXELS = {"": 1, "px": 1, "pt": 1.4, "pc": 16, "em": 16, "ex": 8, "rem": 16, "ch": 8, "cm": 38, "mm": 3.8, "in": 96}
_SCREEN = ("vw", "vh", "vmin", "vmax")
_MOST = {"font": 120, "line": 300, "letter": 30, "text": 100, "border": 60, "padding": 300, "margin": 300}
_NEGATIVE = ("letter-spacing", "text-indent")
#: `font-size:0` is none of it: newsletters put it on boxes around text that has a size of its own.
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|opacity\s*:\s*0?\.?0*\s*(;|!|$)"
    r"|max-height\s*:\s*0*\.?0*(px|pt|em|%)?\s*(;|!|$)|text-indent\s*:\s*-\d{4}"
)


def hides(style: str) -> bool:
    """Whether an element with this style would not be seen at all: preview texts and what nobody shall notice."""
    return _hides(style[:LONGEST])


@lru_cache(maxsize=2048)
def _hides(style: str) -> bool:
    return bool(_HIDING.search(_normal(style)))


def _normal(style: str) -> str:
    return _COMMENT.sub("", style[:LONGEST]).lower()


def remote_addresses(style: str) -> list[str]:
    """The addresses that the style would load."""
    return _REMOTE.findall(style[:LONGEST].lower()) if "url(" in style.lower() else []


@lru_cache(maxsize=4096)
def harmless(style: str) -> str:
    """The declarations that can only dress text: known properties, values of known characters, sizes within bounds."""
    if len(style) > LONGEST or "\\" in style:
        return ""
    kept = []
    for name, raw in _DECLARATION.findall(_normal(style)):
        value = " ".join(raw.replace("!important", "").split())
        known = "background-color" if name == "background" else name
        if known in _PROPERTIES and _VALUE.fullmatch(value) and _is_modest(known, value):
            kept.append(f"{known}:{value}")
    return ";".join(kept)


def _is_modest(name: str, value: str) -> bool:
    if name == "display":
        return value in _DISPLAYS
    if name == "white-space":
        return value in ("normal", "pre-wrap", "pre-line", "pre", "nowrap")
    most = next((limit for start, limit in _MOST.items() if name.startswith(start)), 3000)
    return all(_fits(name, number, unit, most) for number, unit in _NUMBER.findall(value)) if _has_size(name) else True


def _has_size(name: str) -> bool:
    return "color" not in name and name not in ("font-family", "font-weight")


def _fits(name: str, number: str, unit: str, most: int) -> bool:
    try:
        amount = float(number)
    except ValueError:
        return False
    if unit in _SCREEN or (amount < 0 and name not in _NEGATIVE):
        return False
    if unit == "%":
        most = 400 if name.startswith(("font", "line")) else 100
    elif not unit:
        most = {"line-height": 10, "font": 1000}.get(name, most)  # lines; the weight
    return abs(amount) * _PIXELS.get(unit, 1) <= most
