"""Where a file of an article is shown: asked before somebody deletes it for good. For staff."""

from dataclasses import dataclass

from django.db.models import Q

from klarfall.knowledge.models import Edition, KnownProblem, Media

#: Places that are named.
_MOST = 50
_TEXTS = ("symptoms", "symptoms_en", "workaround", "workaround_en")


@dataclass(frozen=True)
class Places:
    """Editions (with their article) and known problems that name a file; the newest first."""

    editions: list[Edition]
    problems: list[KnownProblem]


def places_of(media: Media) -> Places:
    """Everything whose text names the file, whatever its state and whosever it is."""
    word = f"media:{media.pk}"
    exact = f"{word}([^0-9]|$)"
    editions = Edition.objects.filter(body__contains=word, body__regex=exact).defer("body")
    told = Q(*((f"{name}__regex", exact) for name in _TEXTS), _connector=Q.OR)
    return Places(
        list(editions.select_related("article").order_by("-pk")[:_MOST]),
        list(KnownProblem.objects.filter(told).order_by("-pk")[:_MOST]),
    )
