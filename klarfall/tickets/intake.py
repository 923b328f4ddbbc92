"""Open a ticket: the step that submitting a request and a follow-up of a closed one share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from klarfall.contracts.models import Area, ContractLine, Product, ProductVersion, RequestKind, TermsVersion
from klarfall.contracts.models.product import ChannelKind
from klarfall.contracts.queries import contract_line_for, local_day, terms_in_force
from klarfall.core.action import Refused
from klarfall.customers.models import Contact
from klarfall.service_levels.models import Impact, ServiceCalendar
from klarfall.tickets import conversation, sla, text
from klarfall.tickets.events import record
from klarfall.tickets.files import Content
from klarfall.tickets.models import Concern, Message, Ticket, Upload


class NotSubmittable(Refused):
    """A request that cannot be sent like this; `field` says where."""

    code = "not_submittable"


@dataclass(frozen=True, kw_only=True)
class NewRequest:
    """What somebody asks for. Nothing but product, title, description and impact is needed (R59)."""

    product: Product
    title: str
    description: str
    impact: str = Impact.HINDERED
    kind: RequestKind | None = None
    area: Area | None = None
    version: ProductVersion | None = None
    partner_product: Product | None = None
    tried: str = ""
    needed_by: date | None = None
    confidential: bool = False
    channel: str = ChannelKind.PORTAL


@dataclass(frozen=True, kw_only=True)
class ByMail:
    """The mail by which a request or message came: each is a message of its own, however much two are alike."""

    #: Its Message-ID; answers to it belong where it went. Empty where it has none.
    mail_id: str = ""
    #: No confirmation goes out: the sender got many of late and may be a machine that answers each.
    unconfirmed: bool = False


@dataclass(frozen=True)
class _Bound:
    """What is in force at submission and stays so (INV-11)."""

    terms: TermsVersion
    line: ContractLine | None
    calendar: ServiceCalendar


def open_ticket(
    contact: Contact,
    request: NewRequest,
    *,
    contents: Sequence[Content | Upload] = (),
    follow_up_of: Ticket | None = None,
    mail: ByMail | None = None,
    actor: Any,
    now: datetime,
) -> tuple[Ticket, Message]:
    """Create the ticket with its first concern, message and event. Raises NotSubmittable or UnusableText."""
    fields = _checked(request, now)
    bound = _bound(contact, request.product, now)
    ticket = _create(contact, fields, bound, follow_up_of, now)
    concern = Concern.objects.create(customer_id=ticket.customer_id, ticket=ticket, title=ticket.title)
    message, attachments = conversation.write(
        ticket,
        text=text.required(request.description, field="description"),
        contents=contents,
        from_customer=True,
        channel=request.channel,
        mail_id=mail.mail_id if mail else "",
        person=contact.user,
        actor=actor,
        now=now,
    )
    data = conversation.codes(message, attachments) | {"concern": concern.pk} | _codes(ticket, follow_up_of, mail)
    record(ticket, "ticket.submitted", actor=actor, now=now, data=data, sealed=message.sealed, public=True)
    ticket.opened_with = message
    return ticket, message


def _codes(ticket: Ticket, follow_up_of: Ticket | None, mail: ByMail | None) -> dict[str, Any]:
    """What the event holds of the request itself."""
    data = {"impact": ticket.impact, "terms": ticket.terms_id}
    data |= {"contract_line": ticket.contract_line_id, "product": ticket.product_id}
    if follow_up_of is not None:
        data["follow_up_of"] = follow_up_of.pk
    if mail is not None and mail.unconfirmed:
        data["unconfirmed"] = True
    return data


def _create(
    contact: Contact, fields: dict[str, Any], bound: _Bound, follow_up_of: Ticket | None, now: datetime
) -> Ticket:
    ticket: Ticket = Ticket.objects.create(
        customer_id=contact.customer_id,
        contact=contact,
        submitted_at=now,
        status_since=now,
        changed_at=now,
        terms=bound.terms,
        contract_line=bound.line,
        calendar=bound.calendar,
        follow_up_of=follow_up_of,
        **fields,
        **sla.at_submission(bound.calendar, fields["impact"], now),
    )
    return ticket


def _checked(request: NewRequest, now: datetime) -> dict[str, Any]:
    """The fields of the ticket, each checked."""
    _check_product(request)
    if request.impact not in Impact.values:
        raise NotSubmittable(_("Please say how much this hinders your work."), field="impact")
    if request.needed_by is not None and request.needed_by < local_day(now):
        raise NotSubmittable(_("This day has passed already."), field="needed_by")
    if request.kind is not None and not request.kind.active:
        raise NotSubmittable(_("Please choose what your request is about, or “I am not sure”."), field="kind")
    names = ("product", "version", "partner_product", "area", "kind", "impact", "needed_by", "confidential", "channel")
    return {name: getattr(request, name) for name in names} | {
        "title": text.line(request.title, field="title"),
        "tried": text.optional(request.tried, field="tried", limit=5_000),
    }


def _check_product(request: NewRequest) -> None:
    """Product, version, area and partner product belong together."""
    product, partner = request.product, request.partner_product
    if not product.active:
        raise NotSubmittable(_("This product is no longer supported."), field="product")
    if partner is not None and not (partner.active and product.linked.filter(pk=partner.pk).exists()):
        raise NotSubmittable(_("This partner product is not connected to the product."), field="partner_product")
    if request.version is not None and request.version.product_id != product.pk:
        raise NotSubmittable(_("This version belongs to another product."), field="version")
    owners = {product.pk, partner.pk if partner else None}
    if request.area is not None and request.area.product_id not in owners:
        raise NotSubmittable(_("This area belongs to another product."), field="area")


def _bound(contact: Contact, product: Product, now: datetime) -> _Bound:
    """Terms, contract line and calendar in force now. A missing contract never blocks (R2)."""
    terms = terms_in_force(now)
    if terms is None:
        raise NotSubmittable(_("Requests cannot be sent yet: no service catalogue is in force."))
    line = contract_line_for(contact.customer_id, product, now)
    calendar = _calendar(line, product)
    if calendar is None:
        raise NotSubmittable(_("Requests cannot be sent yet: no service hours are set."))
    return _Bound(terms, line, calendar)


def calendar_of(contact: Contact, product: Product, now: datetime) -> ServiceCalendar | None:
    """The service hours that a request of the contact about the product would get now."""
    return _calendar(contract_line_for(contact.customer_id, product, now), product)


def _calendar(line: ContractLine | None, product: Product) -> ServiceCalendar | None:
    return line.calendar if line else _default_calendar(product)


def _default_calendar(product: Product) -> ServiceCalendar | None:
    """The hours under which others have the product maintained, else the vendor's first calendar."""
    line = ContractLine.objects.filter(product=product).select_related("calendar").order_by("pk").first()
    return line.calendar if line else ServiceCalendar.objects.order_by("pk").first()
