"""What a specialist needs to know of the customer, read together with the ticket and worded for the side pane."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from klarfall.accounts.people import Person
from klarfall.accounts.permissions import ContactRole
from klarfall.billing.story import ticket_rows
from klarfall.contracts.models import Contract, InstalledVersion, TrainingRecord
from klarfall.contracts.queries import local_day
from klarfall.customers.models import Contact, ReleasePolicy
from klarfall.desk import mail_lines, reference
from klarfall.desk.service_time import ServiceTime
from klarfall.knowledge.problems import links_column
from klarfall.knowledge.uses import uses_column
from klarfall.telephony.open_wish import callback_column
from klarfall.tickets.models import Ticket
from klarfall.ui.formats import day, duration, money

#: A customer may have hundreds of contacts; the pane names the first ones.
_MOST_PEOPLE = 40


def tickets() -> QuerySet[Any]:
    """Tickets with everything the workspace names of customer and contacts, for one query."""
    people = Contact.objects.filter(customer=OuterRef("customer_id"), is_active=True).order_by("pk")
    person = JSONObject(
        contact="pk", user="user_id", name="user__name", email="user__email", phone="phone", roles="roles",
        limit="release_limit", since="release_from", until="release_to", language="user__language",
        failed="mail_failed_at", failure="mail_failure",
    )  # fmt: skip
    trainings = TrainingRecord.objects.filter(customer=OuterRef("customer_id")).order_by("-on")
    training = JSONObject(contact="contact_id", product="product_id", topic="topic", on="on")
    installed = InstalledVersion.objects.filter(customer=OuterRef("customer_id"), product=OuterRef("product_id"))
    return ticket_rows().annotate(
        people_rows=ArraySubquery(people.values(found=person)[:_MOST_PEOPLE]),
        trainings=ArraySubquery(trainings.values(found=training)[:_MOST_PEOPLE]),
        installed=Subquery(installed.order_by("-since").values("version__name")[:1]),
        **mail_lines.columns(),
        callback=callback_column(),
        article_uses=uses_column(),
        problem_links=links_column(),
    )


def person_name(ticket: Any) -> str:
    """The name of the ticket's contact."""
    return next((one["name"] for one in ticket.people_rows if one["contact"] == ticket.contact_id), "")


def language_of(ticket: Any) -> str:
    """The language in which the ticket's contact reads, and in which texts for them begin."""
    rows = getattr(ticket, "people_rows", ())
    return next((one["language"] for one in rows if one["contact"] == ticket.contact_id), "de")


def known_people(ticket: Any) -> dict[int, Person]:
    """Our own people, the system and the customer's, by user id: nearly everybody who appears on the page."""
    ours = {pk: Person(name, is_staff=True) for pk, name in (*reference.staff(), *reference.system())}
    return ours | {one["user"]: Person(one["name"], is_staff=False) for one in ticket.people_rows}


def contact_choices(ticket: Any) -> list[tuple[int, str]]:
    """The active contacts of the customer, the ticket's own first."""
    rows = sorted(ticket.people_rows, key=lambda one: one["contact"] != ticket.contact_id)
    return [(one["contact"], one["name"]) for one in rows]


def pairs(ticket: Any, time: ServiceTime) -> list[tuple[str, str]]:
    """The facts of the side pane: contract, rate, trainings, who releases costs, version."""
    today = local_day(time.now)
    return [
        (_("Contract"), _contract(ticket, today)),
        (_("Hourly rate"), _rate(ticket)),
        (_("Trained"), _trained(ticket)),
        (_("Cost release"), _release(ticket, today)),
        (_("System"), " ".join(filter(None, [ticket.product.name, ticket.installed or ""]))),
        (_("Reported for"), f"{ticket.product.name} {ticket.version.name}" if ticket.version else ""),
        (_("Partner product"), ticket.partner_product.name if ticket.partner_product else ""),
        (_("Phone"), next((one["phone"] for one in ticket.people_rows if one["contact"] == ticket.contact_id), "")),
        (_("Impact"), ticket.get_impact_display()),
        (_("Needed by"), day(ticket.needed_by, time.now)),
    ]


def _contract(ticket: Any, today: date) -> str:
    if ticket.contract_line is None:
        return _("none for this product when it came in")
    contract: Contract = ticket.contract_line.contract
    words = {"kind": contract.get_kind_display(), "day": day(contract.ends_on)}
    if not contract.is_active(today):
        return _("%(kind)s, ended") % words
    return (_("%(kind)s, active until %(day)s") if contract.ends_on else _("%(kind)s, active")) % words


def _rate(ticket: Ticket) -> str:
    line = reference.catalogue(ticket.terms_id).rates.get("support")
    if line is None:
        return ""
    values = {"rate": money(line.rate, line.currency), "increment": duration(line.increment)}
    return _("%(rate)s, increment %(increment)s") % values


def _trained(ticket: Any) -> str:
    names = {one["contact"]: one["name"] for one in ticket.people_rows}
    known = [one for one in ticket.trainings if one["product"] == ticket.product_id and one["contact"] in names]
    own_first = sorted(known, key=lambda one: one["contact"] != ticket.contact_id)
    said = [f"{names[one['contact']]}, {one['topic']}, {one['on'][5:7]}/{one['on'][:4]}" for one in own_first[:3]]
    return "; ".join(said) or _("no training on file")


def _release(ticket: Any, today: date) -> str:
    """Who may decide about costs, with limits."""
    if ticket.customer.release_policy == ReleasePolicy.EVERY_CONTACT:
        return _("every contact, for the requests they see")
    return "; ".join(f"{name} {limit}" for name, limit in _named(ticket, today)) or _("nobody is named yet")


def _named(ticket: Any, today: date) -> list[tuple[str, str]]:
    found = []
    for one in ticket.people_rows:
        since, until = one["since"], one["until"]
        in_time = (not since or since <= today.isoformat()) and (not until or today.isoformat() <= until)
        if ContactRole.COST_RELEASE in one["roles"] and one["limit"] is not None and in_time:
            found.append((one["name"], _("up to %(amount)s") % {"amount": money(Decimal(str(one["limit"])))}))
    return found


def release_names(ticket: Any, time: ServiceTime) -> str:
    """The people who may release costs, as the time guard names them."""
    if ticket.customer.release_policy == ReleasePolicy.EVERY_CONTACT:
        return person_name(ticket)
    return _(" or ").join(name for name, _limit in _named(ticket, local_day(time.now)))


def warnings(ticket: Any) -> list[str]:
    """What must not be overlooked: mails that do not arrive; without an agreement a remote session may show data."""
    found = []
    for one in ticket.people_rows:
        if one["contact"] == ticket.contact_id and one["failed"]:
            values = {"address": one["email"], "report": one["failure"]}
            found.append(
                _("Mails to %(address)s come back: %(report)s · Please call, or ask for another address.") % values
            )
    if not ticket.customer.dpa_reference:
        message = _("No data-processing agreement is on file. Before a remote session please note why it is needed.")
        found.append(message)
    return found
