"""How pages and a mail would read with other words: real sentences of both languages, without storing anything."""

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from klarfall.core import renamed_texts
from klarfall.core.words import Language

#: Texts of pages, by their English.
PAGES = (
    "New request",
    "My requests",
    "To the portal",
    "The quickest way is a request in the portal: it is possible at any time, and nothing gets lost.",
    "This request is finished. It has to be reopened first.",
    "Cost notices and decisions",
    "This cost notice was valid until %(day)s. Please ask us for a new one; nothing is charged.",
    "Service catalogue: what is covered?",
    "Not part of product support",
    "This goes to the consultants and costs nothing in support.",
    "%(name)s, cost release up to %(limit)s",
    "We check the service record and answer with the next revision.",
)
#: A mail about costs: subject, then its paragraphs.
MAIL = (
    "[%(number)s] Your decision: %(at_most)s",
    "your request “%(title)s” (%(number)s) has been assessed. Until you decide, the work rests."
    " No costs have arisen, not even for the review.",
    "Opens the service portal. A click alone commissions nothing.",
    "The cost notice word for word",
    "Questions? Answer in the service portal.",
    "You receive this message because you may decide for %(customer)s or have sent the request.",
)
_SAMPLES: dict[Language, dict[str, str]] = {
    "de": {"title": "Abrechnung bricht ab", "name": "Erika Muster", "limit": "500,00 €",
           "at_most": "höchstens 296,00 €", "day": "30.11.", "customer": "Muster GmbH"},
    "en": {"title": "Settlement stops", "name": "Erika Muster", "limit": "€500.00",
           "at_most": "at most €296.00", "day": "30 Nov", "customer": "Muster GmbH"},
}  # fmt: skip


def preview(words: dict[str, Any]) -> list[dict[str, Any]]:
    """For each language the sentences with these words (a table as the profile holds it)."""
    labels: dict[Language, str] = {"de": _("German"), "en": _("English")}
    return [
        {
            "language": language,
            "label": label,
            "pages": [_sentence(text, words, language) for text in PAGES],
            "subject": _sentence(MAIL[0], words, language),
            "mail": [_sentence(text, words, language) for text in MAIL[1:]],
        }
        for language, label in labels.items()
    ]


def _sentence(text: str, words: dict[str, Any], language: Language) -> str:
    values = defaultdict(str, {"number": "KF-1837"} | _SAMPLES[language])
    return renamed_texts.say(text, words, language) % values
