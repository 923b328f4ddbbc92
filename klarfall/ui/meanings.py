"""The four meanings, the open question and the fault: which class and which shape each of them has."""

from functools import lru_cache

from markupsafe import Markup

from klarfall.ui.icons import icon

#: What the domain calls an outcome → the short name in styles. Anything else counts as not assessed.
SHORT = {
    "covered": "cov",
    "chargeable": "fee",
    "not_offered": "out",
    **{name: name for name in ("cov", "fee", "out", "you", "err")},
}
SHAPES = {"cov": "cov", "fee": "fee", "out": "out", "you": "you", "err": "alert", "open": "open"}


def short_meaning(meaning: str | None) -> str:
    """Returns the short name of a meaning; "open" for everything that is not assessed."""
    return SHORT.get(str(meaning), "open")


def meaning_class(meaning: str | None) -> str:
    """Returns the class that carries the colours: "is-fee" for "chargeable"."""
    return f"is-{short_meaning(meaning)}"


@lru_cache(maxsize=64)
def meaning_icon(meaning: str | None) -> Markup:
    """Returns the shape of a meaning as inline SVG."""
    return icon(SHAPES[short_meaning(meaning)])
