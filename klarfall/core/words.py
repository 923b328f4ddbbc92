"""The interface terms that a vendor may rename: defaults, and the word that counts now (R67)."""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import get_language

from klarfall.core.noun_forms import propose_dative, propose_english_plural, propose_genitive, propose_plural

Language = Literal["de", "en"]


@dataclass(frozen=True)
class Noun:
    """A term in one language. German ones need their gender (m, f, n) so that articles fit.

    Genitive and dative plural are left empty where they follow the rule (`noun_forms`).
    """

    one: str
    many: str
    gender: str = ""
    genitive: str = ""
    many_dative: str = ""

    @property
    def of_one(self) -> str:
        """The German genitive: of the *Vorgang*, `Vorgangs`."""
        return self.genitive or propose_genitive(self.one, self.gender)

    @property
    def to_many(self) -> str:
        """The German dative of the plural: with the *Vorgänge*, `Vorgängen`."""
        return self.many_dative or propose_dative(self.many)


@dataclass(frozen=True)
class Term:
    """What a term is called unless the vendor says otherwise.

    `short` are shorter German names (with the gender of the whole one), `aliases` other English ways to name it with
    what the vendor's word makes of them.
    """

    key: str
    de: Noun
    en: Noun
    short: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()


TERMS = {
    term.key: term
    for term in (
        Term(
            "portal",
            Noun("Serviceportal", "Serviceportale", "n"),
            Noun("service portal", "service portals"),
            ("Portal",),
            (("portal", "{one}"), ("portals", "{many}")),
        ),
        Term(
            "helpdesk",
            Noun("Helpdesk-Center", "Helpdesk-Center", "n"),
            Noun("helpdesk centre", "helpdesk centres"),
            ("Helpdesk",),
            (("helpdesk", "{one}"),),
        ),
        Term("help", Noun("Produkthilfe", "Produkthilfen", "f"), Noun("product help", "product help")),
        Term(
            "support",
            Noun("Produktsupport", "Produktsupports", "m"),
            Noun("product support", "product support"),
            ("Support",),
            (("support", "{one}"),),
        ),
        Term(
            "consulting",
            Noun("Beratung", "Beratungen", "f"),
            Noun("consulting", "consulting"),
            (),
            (
                ("the consultants", "the {one}"),
                ("our consultants", "our {one}"),
                ("a consultant", "the {one}"),
                ("consultants", "{one}"),
                ("consultant", "{one}"),
            ),
        ),
        Term("request", Noun("Anfrage", "Anfragen", "f"), Noun("request", "requests")),
        Term(
            "catalogue",
            Noun("Leistungskatalog", "Leistungskataloge", "m"),
            Noun("service catalogue", "service catalogues"),
            ("Katalog",),
            (("catalogue", "{one}"), ("catalogues", "{many}")),
        ),
        Term("offer", Noun("Kostenhinweis", "Kostenhinweise", "m"), Noun("cost notice", "cost notices")),
        Term("record", Noun("Leistungsnachweis", "Leistungsnachweise", "m"), Noun("service record", "service records")),
        Term("release", Noun("Kostenfreigabe", "Kostenfreigaben", "f"), Noun("cost release", "cost releases")),
    )
}


def language_code(language: str | None = None) -> Language:
    """The language of the table that a language code means; the active one if none is given."""
    return "en" if (language or get_language() or "de").startswith("en") else "de"


def noun(key: str, words: dict[str, Any] | None, language: Language) -> Noun:
    """A term's noun under a vendor's table (as `VendorProfile.words` holds it); KeyError for unknown terms."""
    default: Noun = getattr(TERMS[key], language)
    own = ((words or {}).get(key) or {}).get(language) or {}
    if not own.get("one"):
        return default
    one = str(own["one"])
    gender = str(own.get("gender") or default.gender)
    plural = propose_plural(one, gender) if language == "de" else propose_english_plural(one)
    return Noun(
        one, str(own.get("many") or plural), gender, str(own.get("genitive") or ""), str(own.get("many_dative") or "")
    )


def renamed(words: dict[str, Any] | None, language: Language) -> dict[str, Noun]:
    """The terms that a vendor's table names differently from the default, with their nouns."""
    nouns = {key: noun(key, words, language) for key in TERMS}
    return {key: found for key, found in nouns.items() if found != getattr(TERMS[key], language)}


def word(key: str, profile: Any, language: str | None = None) -> str:
    """The singular of a term in a language (the active one), as the vendor calls it; KeyError for unknown terms."""
    return noun(key, profile.words, language_code(language)).one


def name(key: str, profile: Any) -> str:
    """The word as a name that stands for itself, with a capital letter."""
    found = word(key, profile)
    return found[:1].upper() + found[1:]
