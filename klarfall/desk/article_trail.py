"""Who has done what with an article, from the audit trail of the house."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klarfall.core.models import AuditEntry
from klarfall.knowledge.models import Article

MOST = 30
_WORDS: dict[str, str | Promise] = {
    "article.created": _("begun"),
    "article.changed": _("area, readers or days changed"),
    "article.imported": _("imported"),
    "article.from_request": _("made of a request"),
    "article.withdrawn": _("withdrawn"),
    "article.expired": _("expired"),
    "article.brought_back": _("brought back"),
    "edition.started": _("new edition begun"),
    "edition.restored": _("older edition taken up again"),
    "edition.discarded": _("draft discarded"),
    "edition.submitted": _("given to review"),
    "edition.sent_back": _("sent back"),
    "edition.taken_back": _("back to writing"),
    "edition.scheduled": _("scheduled"),
    "edition.published": _("published"),
    "media.added": _("file added"),
    "media.removed": _("file removed"),
    "media.deleted": _("file deleted"),
    "media.described": _("description of a file changed"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody did."""

    who: str
    what: str | Promise
    at: datetime


def of(article: Article) -> list[Line]:
    """What happened last, the newest first."""
    rows = AuditEntry.objects.filter(subject_type="knowledge.article", subject_id=article.pk)
    rows = rows.select_related("actor").order_by("-pk")[:MOST]
    return [Line(one.actor.name, _WORDS.get(one.verb, one.verb), one.at) for one in rows]
