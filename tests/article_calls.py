"""Calls of the actions that write, publish and import articles, for the permission sweep."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.actions import articles, corpus, from_ticket, importing, media, packages, publishing, shelf
from klarfall.knowledge.corpus import Record
from klarfall.knowledge.tests.shelf import picture

_WRITE, _PUBLISH, _IMPORT = "article.write", "article.publish", "article.import"
_CONTENT = articles.Content(title="Neu", body="Neu")


def _create(t: Any) -> Any:
    about = {"kind": "knowledge", "product": t.story.cast.erp, "area": None, "visibility": "internal"}
    return articles.create_article(**about, language="de", content=_CONTENT, **t.who)


def _change(t: Any) -> Any:
    with viewing_as(SYSTEM):
        product = t.thing("article").product
    data = articles.ArticleData(kind="knowledge", product=product, area=None, visibility="internal")
    return articles.change_article(t.thing("article"), data=data, **t.who)


def _on(
    action: Callable[..., Any], thing: str, permission: str = _WRITE, **given: Any
) -> tuple[str, Callable[[Any], Any]]:
    return permission, lambda t: action(t.thing(thing), **given, **t.who)


def _take_in(t: Any) -> Any:
    record = Record("k-1", "knowledge", "Neu", "", "Neu", "Neu", "internal")
    return corpus.import_article(record, product=t.story.cast.erp, version=None, **t.who)


def _hand_in(t: Any) -> Any:
    options = {"product": t.story.cast.erp, "kind": "knowledge", "visibility": "internal", "language": "de"}
    return packages.take_in(file=picture("eins.md"), name="eins.md", options=options, in_background=False, **t.who)


#: Action -> permission, and a call that would do it.
CALLS: dict[Callable[..., Any], tuple[str, Callable[[Any], Any]]] = {
    articles.create_article: (_WRITE, _create),
    articles.change_article: (_PUBLISH, _change),
    packages.take_in: (_IMPORT, _hand_in),
    packages.keep_plan: (
        _IMPORT,
        lambda t: packages.keep_plan(t.thing("package"), counts={}, articles=[], problems=[], actor=t.user),
    ),
    packages.refuse: _on(packages.refuse, "package", _IMPORT, reason="x"),
    packages.confirm: _on(packages.confirm, "package", _IMPORT),
    packages.stop: _on(packages.stop, "package", _IMPORT),
    packages.start_over: _on(packages.start_over, "package", _IMPORT),
    packages.keep_step: (
        _IMPORT,
        lambda t: packages.keep_step(t.thing("package"), counts={}, problems=[], actor=t.user),
    ),
    packages.end: _on(packages.end, "package", _IMPORT),
    packages.discard_old: (_IMPORT, lambda t: packages.discard_old(**t.who)),
    articles.save_draft: _on(articles.save_draft, "draft_edition", content=_CONTENT, saved=1),
    articles.start_edition: _on(articles.start_edition, "article", language="en"),
    articles.restore_edition: _on(articles.restore_edition, "edition"),
    articles.discard_draft: _on(articles.discard_draft, "draft_edition", _PUBLISH),
    publishing.submit_edition: _on(publishing.submit_edition, "draft_edition"),
    publishing.send_back: _on(publishing.send_back, "draft_edition", _PUBLISH),
    publishing.take_back: _on(publishing.take_back, "draft_edition"),
    publishing.schedule_edition: (
        _PUBLISH,
        lambda t: publishing.schedule_edition(t.thing("draft_edition"), at=t.story.now + timedelta(days=1), **t.who),
    ),
    publishing.publish_edition: _on(publishing.publish_edition, "draft_edition", _PUBLISH),
    shelf.withdraw_article: _on(shelf.withdraw_article, "article", _PUBLISH),
    shelf.expire_article: _on(shelf.expire_article, "article", _PUBLISH),
    shelf.bring_back: _on(shelf.bring_back, "article", _PUBLISH),
    media.add_media: (
        _WRITE,
        lambda t: media.add_media(t.thing("article"), file=picture(), use="picture", **t.who),
    ),
    # The poster of an article that is read: its readers meet the change at once.
    media.describe_media: _on(media.describe_media, "media", _PUBLISH, description="Neu"),
    media.remove_media: _on(media.remove_media, "media", _PUBLISH),
    from_ticket.draft_from_ticket: (_WRITE, lambda t: from_ticket.draft_from_ticket(t.ticket("new"), **t.who)),
    corpus.import_article: ("article.import", _take_in),
    corpus.import_product: ("article.import", lambda t: corpus.import_product(name="Neu", kind="manual", **t.who)),
    corpus.import_version: (
        "article.import",
        lambda t: corpus.import_version(t.story.cast.erp, name="99.1", **t.who),
    ),
    importing.note_import: _on(importing.note_import, "article", "article.import", language="de", outcome="new"),
}
