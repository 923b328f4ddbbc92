"""The guides that users read: Markdown files in docs/guide, with pictures made from the product."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from klarfall.core import vendor
from klarfall.core.words import TERMS, word
from klarfall.ui.markdown import Document, render

FOLDER: Path = settings.BASE_DIR / "docs" / "guide"
PICTURES = FOLDER / "pictures"


def guide(name: str) -> Document:
    """The guide of that name in the reader's language."""
    language = "en" if (get_language() or "de").startswith("en") else "de"
    return _read(name, language)


@cache
def _read(name: str, language: str) -> Document:
    return render((FOLDER / f"{name}.{language}.md").read_text(encoding="utf-8"), address=_address)


def renamed_terms() -> list[tuple[str, str]]:
    """What the guides call otherwise than this house: (word of the guide, word of the vendor)."""
    profile, language = vendor.current(), "en" if (get_language() or "de").startswith("en") else "de"
    pairs = [(getattr(term, language).one, word(key, profile, language)) for key, term in TERMS.items()]
    return [(default, own) for default, own in pairs if own != default]


def _address(target: str) -> str:
    """Where a link or picture of a guide leads: other guides are pages, pictures are served by us."""
    if target.startswith("pictures/"):
        return reverse("portal:guide-picture", args=[target.removeprefix("pictures/")])
    if target.startswith("registration."):
        return reverse("portal:registration-guide")
    return reverse("portal:guide") if target.startswith("serviceportal.") else target


def picture(name: str) -> Path | None:
    """The file of a picture, None where there is none of that name."""
    return next((file for file in PICTURES.glob("*.png") if file.name == name), None)
