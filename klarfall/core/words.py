"""The interface terms that a vendor may rename: defaults, and the word that counts now (R67)."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language


@dataclass(frozen=True)
class Noun:
    """A term in one language. German ones need their gender (m, f, n) so that articles fit."""

    one: str
    many: str
    gender: str = ""


@dataclass(frozen=True)
class Term:
    """What a term is called unless the vendor says otherwise."""

    key: str
    de: Noun
    en: Noun


TERMS = {
    term.key: term
    for term in (
        Term("portal", Noun("Serviceportal", "Serviceportale", "n"), Noun("Service portal", "Service portals")),
        Term("helpdesk", Noun("Helpdesk-Center", "Helpdesk-Center", "n"), Noun("Helpdesk centre", "Helpdesk centres")),
        Term("help", Noun("Produkthilfe", "Produkthilfen", "f"), Noun("Product help", "Product help")),
        Term("support", Noun("Produktsupport", "Produktsupports", "m"), Noun("Product support", "Product support")),
        Term("consulting", Noun("Beratung", "Beratungen", "f"), Noun("Consulting", "Consulting")),
        Term("request", Noun("Anfrage", "Anfragen", "f"), Noun("request", "requests")),
        Term(
            "catalogue",
            Noun("Leistungskatalog", "Leistungskataloge", "m"),
            Noun("service catalogue", "service catalogues"),
        ),
        Term("offer", Noun("Kostenhinweis", "Kostenhinweise", "m"), Noun("cost notice", "cost notices")),
        Term("record", Noun("Leistungsnachweis", "Leistungsnachweise", "m"), Noun("service record", "service records")),
        Term("release", Noun("Kostenfreigabe", "Kostenfreigaben", "f"), Noun("cost release", "cost releases")),
    )
}


def word(key: str, profile: Any, language: str | None = None) -> str:
    """The singular of a term in a language (the active one), as the vendor calls it; KeyError for unknown terms."""
    code = "en" if (language or get_language() or "de").startswith("en") else "de"
    own = (profile.words or {}).get(key, {}).get(code, {}).get("one")
    default: Noun = getattr(TERMS[key], code)
    return own or default.one
