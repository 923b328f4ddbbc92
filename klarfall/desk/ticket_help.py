"""Articles at a request: what fits it, whether its customer reads them, and the article that it became."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from klarfall.channels import addresses
from klarfall.core.isolation import viewing_as
from klarfall.knowledge.models import Article, ArticleUse
from klarfall.knowledge.search.finding import Hit, find, fitting
from klarfall.knowledge.subscribers import seat_of
from klarfall.tickets.models import Ticket

_MOST = 6
#: What was taken out of a text -> how it is called.
REMOVED: dict[str, str | Promise] = {
    "mail": _("mail addresses"),
    "iban": _("bank accounts"),
    "phone": _("telephone numbers"),
    "number": _("numbers of customer, contract and request"),
    "company": _("names of companies"),
    "name": _("names of people"),
    "street": _("streets"),
    "place": _("places"),
    "web": _("web addresses"),
    "signature": _("signatures"),
    "greeting": _("greetings"),
}


@dataclass(frozen=True)
class Fitting:
    """A hit as the request's page offers it: may its customer read it, under which address, is it there already?"""

    hit: Hit
    readable: bool
    address: str
    attached: bool

    @property
    def line(self) -> str:
        """What goes into the reply."""
        return f"{self.hit.title}: {self.address}"


def offered(ticket: Ticket, words: str) -> list[Fitting]:
    """Articles for the request: those that these words find, without words those that fit its title."""
    title = ticket.title
    hits = find(words[:200], limit=_MOST).hits if words else fitting(title, product_id=ticket.product_id, limit=_MOST)
    pks = [one.article_id for one in hits]
    attached = set(ArticleUse.objects.filter(ticket=ticket, source=False).values_list("article_id", flat=True))
    with viewing_as(seat_of(ticket.contact)):
        readable = set(Article.objects.filter(pk__in=pks).values_list("pk", flat=True))
    return [
        Fitting(hit, hit.article_id in readable, _address(hit.article_id), hit.article_id in attached) for hit in hits
    ]


def _address(article: int) -> str:
    return addresses.page("portal:article", pk=article)


def became(ticket: Ticket) -> Any:
    """The article that was made of the request, if there is one."""
    return ArticleUse.objects.filter(ticket=ticket, source=True).first()
