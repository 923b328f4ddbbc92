"""An edition as PDF: tagged, from the same words as the page, kept for a while, and never too long to be set."""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from klarfall.billing.typesetting import NotTypeset, typeset
from klarfall.core import vendor
from klarfall.core.action import Refused
from klarfall.knowledge import addresses, markup
from klarfall.knowledge.blocks import Blocks, Picture
from klarfall.knowledge.fit import hold_of
from klarfall.knowledge.linked import Linked, linked_articles
from klarfall.knowledge.models import ArticleKind, Media, MediaUse
from klarfall.knowledge.opening import Opened
from klarfall.knowledge.rendering import number
from klarfall.ui.formats import day

_FOLDER = Path(__file__).resolve().parent / "documents"
_KEPT_SECONDS, _MOST_KEPT = 15 * 60, 2_000_000  # bytes of one document
_MOST_PICTURES, _MOST_PICTURE_BYTES = 60, 40_000_000
#: Setting a manual takes seconds of a processor: one at a time, who comes meanwhile waits a little. Few may wait, as
#: each holds a thread that others need for their pages.
_AT_ONCE, _WAIT, _QUEUE = BoundedSemaphore(1), 20, BoundedSemaphore(3)
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_LONG = 6  # headings: from here on a table of contents helps

_log = logging.getLogger(__name__)


class PaperRefused(Refused):
    """A document that cannot be made now; the page itself can be printed."""

    code = "paper_refused"


def paper(one: Opened) -> bytes:
    """The PDF of an edition that the viewer in force has opened, in its language. Raises PaperRefused."""
    profile = vendor.current()
    with translation.override(one.edition.language), timezone.override(profile.time_zone):
        pictures = _pictures(one)
        data = _data(one, pictures)
    key = f"klarfall.papers.{_digest(data, pictures)}"
    kept = cache.get(key)
    if kept is None:
        kept = _made(data, {_name(row): content for row, content in pictures.values()})
        if len(kept) <= _MOST_KEPT:
            cache.set(key, kept, _KEPT_SECONDS)
    return bytes(kept)


def file_name(one: Opened) -> str:
    """`sollstellungslauf-zuruecknehmen.pdf`."""
    words = markup.anchor(one.edition.title)
    return f"{slugify(words) or one.article.pk}.pdf"


def _made(data: dict[str, Any], files: dict[str, bytes]) -> bytes:
    with _turn():
        try:
            return typeset("article", data, standard="ua-1", folder=_FOLDER, files=files)
        except NotTypeset:
            _log.exception("an article could not be set")
            raise PaperRefused(_("This article cannot be made into a PDF. You can print the page instead.")) from None


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for one's turn. Raises PaperRefused where too many wait already, or it takes too long."""
    if not _QUEUE.acquire(blocking=False):
        raise PaperRefused(later())
    try:
        if not _AT_ONCE.acquire(timeout=_WAIT):
            raise PaperRefused(later())
        try:
            yield
        finally:
            _AT_ONCE.release()
    finally:
        _QUEUE.release()


def later() -> str:
    """What one reads who has to wait for a document."""
    return _("The PDF is not ready yet. Please try again in a minute.")


def _digest(data: dict[str, Any], pictures: dict[int, tuple[Media, bytes]]) -> str:
    words = json.dumps([data, [row.sha256 for row, _content in pictures.values()]], sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()


def _pictures(one: Opened) -> dict[int, tuple[Media, bytes]]:
    """The pictures of the text that the viewer may see, with their contents, as many as fit into a document."""
    targets = [address for _tag, address in markup.targets(markup.parsed(one.edition.body))]
    wanted = {pk for address in targets if address.startswith("media:") for pk in [number(address)] if pk}
    uses = [MediaUse.PICTURE.value, MediaUse.POSTER.value]
    rows = Media.objects.filter(pk__in=wanted, use__in=uses, content_type__in=_ENDINGS) if wanted else []
    found: dict[int, tuple[Media, bytes]] = {}
    left = _MOST_PICTURE_BYTES
    for row in sorted(rows, key=lambda each: each.pk)[:_MOST_PICTURES]:
        left -= row.size
        if left < 0:
            break
        try:
            with default_storage.open(row.key, "rb") as file:
                found[row.pk] = (row, file.read())
        except FileNotFoundError:
            continue
    return found


def _name(row: Media) -> str:
    return f"picture-{row.pk}.{_ENDINGS[row.content_type]}"


def _data(one: Opened, pictures: dict[int, tuple[Media, bytes]]) -> dict[str, Any]:
    """What the template gets; every word in the language of the edition."""
    edition, article = one.edition, one.article
    tokens = markup.parsed(edition.body)
    targets = [address for _tag, address in markup.targets(tokens)]
    pks = {pk for address in targets if address.startswith("article:") for pk in [number(address)] if pk}
    linked = linked_articles(pks, edition.language) if pks else {}

    def picture(address: str) -> Picture | None:
        found = pictures.get(number(address) or 0) if address.startswith("media:") else None
        return Picture(_name(found[0]), (found[0].height or 0) > (found[0].width or 0)) if found else None

    blocks = Blocks(edition.language, lambda target: _address(target, linked), picture).of(tokens)
    headings = sum(block["kind"] == "heading" for block in blocks)
    return {
        "document": _sheet(one),
        "article": {
            "kind": f"{ArticleKind(article.kind).label} · {article.product.name}",
            "title": edition.title,
            "summary": edition.summary,
            "facts": _facts(one),
            "note": "" if one.is_current else _("This is an older edition. A newer one stands in the portal."),
            "contents": article.kind == ArticleKind.MANUAL or headings > _LONG,
            "blocks": blocks,
            "cut": len(edition.body) > markup.MOST_SIGNS,
        },
        "words": {"contents": _("Contents"), "cut": _("The text goes on in the portal.")},
    }


def _sheet(one: Opened) -> dict[str, Any]:
    profile = vendor.current()
    at = (one.edition.published_at or one.edition.changed_at).astimezone(UTC)
    return {
        "title": one.edition.title,
        "author": profile.legal_name or profile.name,
        "language": one.edition.language,
        "at": [at.year, at.month, at.day, at.hour, at.minute, at.second],
        "vendor": profile.name,
        "running": one.edition.title[:80],
        "page_of": _("Page {page} of {pages}"),
        "note": f"{settings.BASE_URL}{addresses.in_portal(one.article.pk)}",
    }


def _facts(one: Opened) -> list[tuple[str, str]]:
    edition, article = one.edition, one.article
    pairs = [
        (_("Area"), article.area.name if article.area else ""),
        (_("Version"), hold_of(edition, article.kind, None).badge),
        (_("Edition"), edition.label or (str(edition.number) if edition.number > 1 else "")),
        (_("As of"), day(edition.published_at) if edition.published_at else ""),
    ]
    return [(label, value) for label, value in pairs if value]


def _address(target: str, linked: dict[int, Linked]) -> str:
    """The whole address of a link; empty for what a document cannot lead to."""
    if target.startswith("article:"):
        found = linked.get(number(target) or 0)
        return f"{settings.BASE_URL}{addresses.in_portal(found.pk)}" if found else ""
    if target.startswith("/"):
        return f"{settings.BASE_URL}{target}"
    return target if target.startswith(("http://", "https://", "mailto:", "tel:")) else ""
