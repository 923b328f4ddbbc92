"""What the Acme story has of the Helpdesk-Center: articles some of which nobody there may read, and Acme's own rows.

`article` and `problem` are read by all who have the product; `article_internal`, `article_foreign` (of a product that
nobody has under contract) and `problem_foreign` hold marked words: no customer may ever meet them.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.models import (
    Article,
    ArticleImport,
    ArticleUse,
    Edition,
    KnownProblem,
    Media,
    ProblemReport,
    ProblemStep,
    ProblemTicket,
    Reading,
    SearchMiss,
    Subscription,
    SubscriptionNews,
    SynonymGroup,
    Vote,
)
from klarfall.knowledge.search.indexing import rebuild
from klarfall.knowledge.subscribers import token_hash
from klarfall.tickets.search.reading import read_unread

_BODY = "## Wann Sie das brauchen\n\nDer Saldo stimmt nicht.\n\n## Schritte\n\n1. Öffnen Sie die Liste.\n2. Prüfen Sie."
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def tell_of_help(story: Any, marked: Callable[[str], str]) -> None:
    """Articles and problems, and what Bernd did with them; the words of some tickets are read, others wait."""
    with viewing_as(SYSTEM):
        things, erp, foreign = story.things, story.cast.erp, story.cast.partner
        things["article"] = _article(story, erp, "customers", "Saldo prüfen", _BODY)
        things["article_public"] = _article(story, erp, "public", "Anmelden im Portal", _BODY)
        things["manual"] = _article(story, erp, "public", "Handbuch", _BODY)
        Article.objects.filter(pk=things["manual"].pk).update(kind="manual")
        things["article_internal"] = _article(story, erp, "internal", marked("intern"), marked("text"))
        things["article_foreign"] = _article(story, foreign, "customers", marked("fremd"), marked("text"))
        things["draft_edition"] = _edition(things["article"], story, "Saldo prüfen", marked("neu"), number=2)
        things["edition"] = things["article"].editions.get(number=1)
        things["media"] = _picture(story, things["article"], "liste.png")
        things["media_foreign"] = _picture(story, things["article_foreign"], f"{marked('bild')}.png")
        things["problem"] = _problem(story, erp, "Lauf bricht ab")
        things["problem_foreign"] = _problem(story, foreign, marked("problem"))
        things["package"] = ArticleImport.objects.create(
            stage="checked", file_name="hilfe.zip", product=erp, kind="knowledge", visibility="customers",
            language="de", started_by=story.cast.dora, created_at=story.now, total=1, new=1,
            articles=[{"title": "Saldo", "file": "saldo.md", "product": "Kontor", "area": "", "language": "de"}],
        )  # fmt: skip
        things["synonyms"] = SynonymGroup.objects.create(words=["saldo", "kontostand"], changed_at=story.later())
        things["miss"] = SearchMiss.objects.create(words="drehstrom", product=erp, last_at=story.now)
        _of_acme(story, marked)
        rebuild()
        read_unread(most=4)


def _article(story: Any, product: Any, visibility: str, title: str, body: str) -> Article:
    now = story.later()
    article = Article.objects.create(
        kind="knowledge", product=product, visibility=visibility, live=True, owner=story.cast.anna,
        created_at=now, published_at=now, changed_at=now,
    )  # fmt: skip
    edition = _edition(article, story, title, body)
    Edition.objects.filter(pk=edition.pk).update(status="published", published_at=now)
    return article


def _edition(article: Article, story: Any, title: str, body: str, number: int = 1) -> Edition:
    by = {"created_by": story.cast.anna, "changed_by": story.cast.anna}
    at = {"created_at": story.now, "changed_at": story.now}
    return Edition.objects.create(article=article, number=number, title=title, body=body, summary="Kurz.", **by, **at)


def _picture(story: Any, article: Article, name: str) -> Media:
    key = default_storage.save(f"help/{article.pk}-{len(name)}.png", ContentFile(_PIXEL))
    return Media.objects.create(
        article=article, use="poster", name=name, content_type="image/png", size=len(_PIXEL), key=key,
        sha256=hashlib.sha256(_PIXEL).hexdigest(),
        width=1, height=1, created_by=story.cast.anna, created_at=story.now,
    )  # fmt: skip


def _problem(story: Any, product: Any, title: str) -> KnownProblem:
    now = story.later()
    problem = KnownProblem.objects.create(
        product=product, title=title, symptoms=title, live=True, created_by=story.cast.anna, created_at=now,
        changed_at=now,
    )  # fmt: skip
    ProblemStep.objects.create(problem=problem, state="open", actor=story.cast.anna, at=now, finished_at=now)
    return problem


def _of_acme(story: Any, marked: Callable[[str], str]) -> None:
    """What belongs to Acme: a vote, what was read, requests about an article and a problem, a subscription."""
    cast, things = story.cast, story.things
    acme, bernd = {"customer": cast.acme}, {"customer": cast.acme, "contact": cast.bernd}
    now, article, ticket = story.later(), things["article"], story.tickets["main"]
    by = {"created_by": cast.anna, "created_at": now}
    words = {"reason": "unclear", "comment": marked("stimme")}
    things["vote"] = Vote.objects.create(article=article, helped=False, created_at=now, **words, **bernd)
    Article.objects.filter(pk=article.pk).update(not_helped=1)
    things["reading"] = Reading.objects.create(article=article, read_at=now, **bernd)
    things["use"] = ArticleUse.objects.create(ticket=ticket, article=article, asked_from=True, **by, **acme)
    things["report"] = ProblemReport.objects.create(problem=things["problem"], created_at=now, **bernd)
    things["problem_ticket"] = ProblemTicket.objects.create(ticket=ticket, problem=things["problem"], **by, **acme)
    things["subscription"] = Subscription.objects.create(
        product=cast.erp, kinds=["update"], created_at=now, told_until=now - timedelta(days=1),
        feed_hash=token_hash("feed-of-bernd"), **bernd,
    )  # fmt: skip
    things["feed_token"] = "feed-of-bernd"
    things["news"] = SubscriptionNews.objects.create(
        subscription=things["subscription"], article=article, created_at=now, **acme
    )
