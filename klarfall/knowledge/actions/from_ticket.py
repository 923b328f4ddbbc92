"""A request becomes the draft of an article: its problem and its solution, without anybody's personal data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.contracts.models import Contract
from klarfall.core import audit
from klarfall.core.action import Refused, action
from klarfall.customers.models import Contact
from klarfall.knowledge.actions.articles import Content, begin_article
from klarfall.knowledge.anonymous import Cleaned, Known, as_markdown, cleaned
from klarfall.knowledge.models import Article, ArticleKind, ArticleUse, Edition, Visibility
from klarfall.tickets.models import Message, Ticket

_LONGEST_TITLE = 200


class AlreadyAnArticle(Refused):
    """The request has become an article before: `article`."""

    code = "already_an_article"

    def __init__(self, article: Article) -> None:
        super().__init__(_("This request has become an article already."))
        self.article = article


@dataclass(frozen=True)
class Drafted:
    """The draft, and how often what kind of personal data was taken out of it (mail, phone, name ...)."""

    edition: Edition
    removed: dict[str, int]


@dataclass(frozen=True)
class Proposal:
    """What a draft would say, and how often what kind of personal data was taken out."""

    title: str
    body: str
    removed: dict[str, int]


def proposal(ticket: Ticket) -> Proposal:
    """What a request would become as an article. Not an action: nothing is written. Runs as staff or the system."""
    known = _known(ticket)
    title, problem, solution = (cleaned(text, known) for text in _texts(ticket))
    removed = dict(title.removed + problem.removed + solution.removed)
    return Proposal(_title(title.text), _body(problem, solution), removed)


@action
def draft_from_ticket(ticket: Ticket, *, actor: User, now: datetime) -> Drafted:
    """Begin an internal article with what was asked and what solved it. Raises AlreadyAnArticle.

    Names, addresses and numbers stand as marks; files of the customer are not taken over. Nobody but staff reads it
    until an editor has looked at it and widens its circle.
    """
    permissions.require("article.write", actor)
    ticket = Ticket.objects.select_related("product", "area", "customer", "contact__user").get(pk=ticket.pk)
    before = ArticleUse.objects.filter(ticket=ticket, source=True).select_related("article").first()
    if before is not None:
        raise AlreadyAnArticle(before.article)
    proposed = proposal(ticket)
    area = ticket.area if ticket.area and ticket.area.product_id == ticket.product_id else None
    edition = begin_article(
        kind=ArticleKind.KNOWLEDGE, product=ticket.product, area=area, visibility=Visibility.INTERNAL, language="de",
        content=Content(title=proposed.title, body=proposed.body), actor=actor, now=now,
    )  # fmt: skip
    _join(ticket, edition.article, actor, now)
    return Drafted(edition, proposed.removed)


def _join(ticket: Ticket, article: Article, actor: User, now: datetime) -> None:
    ArticleUse.objects.create(
        customer_id=ticket.customer_id, ticket=ticket, article=article, source=True, created_by=actor, created_at=now
    )
    audit.record("article.from_request", article, actor=actor, now=now, data={"ticket": ticket.pk})


def _texts(ticket: Ticket) -> tuple[str, str, str]:
    """Title, what was asked first, and what solved it: the solution, else the way around, else our last answer."""
    messages = list(
        Message.objects.filter(ticket=ticket, internal=False).select_related("sealed").order_by("created_at", "pk")
    )
    asked = next((one for one in messages if one.from_customer), messages[0] if messages else None)
    answered = next((one for one in reversed(messages) if not one.from_customer), None)
    solution = ticket.solution or ticket.workaround or _text(answered)
    return ticket.title, _text(asked), solution


def _text(message: Message | None) -> str:
    return str(message.sealed.text or "") if message is not None else ""


def _known(ticket: Ticket) -> Known:
    """Everybody and everything that belongs to the customer or took part."""
    contacts = Contact.objects.filter(customer_id=ticket.customer_id).select_related("user")
    authors = (
        Message.objects.filter(ticket=ticket).exclude(author__kind="system").values_list("author__name", flat=True)
    )
    contracts = Contract.objects.filter(customer_id=ticket.customer_id).values_list("number", flat=True)
    people = {*(one.user.name for one in contacts), *authors}
    if ticket.assignee is not None:
        people.add(ticket.assignee.name)
    customer = ticket.customer
    companies = {customer.name, *customer.mail_domains}
    numbers = {customer.number, *contracts, str(ticket.number), customer.vat_id, customer.buyer_reference}
    return Known(_sorted(people), _sorted(companies), _sorted(numbers))


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(one for one in texts if one))


def _title(text: str) -> str:
    one_line = " ".join(text.split())[:_LONGEST_TITLE]
    return one_line or _("Article made of a request")


def _body(problem: Cleaned, solution: Cleaned) -> str:
    return "\n\n".join(_parts(problem, solution))


def _parts(problem: Cleaned, solution: Cleaned) -> Iterator[str]:
    for heading, part in (("Problem", problem), ("Lösung", solution)):
        yield f"## {heading}"
        if part.text:
            yield as_markdown(part.text)
