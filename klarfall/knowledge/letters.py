"""What notices about known problems say: read with the recipient's eyes, like everything in a mail."""

from datetime import datetime
from typing import Any

from klarfall.channels import addresses
from klarfall.channels.letters import NothingToTell
from klarfall.channels.models import Notice
from klarfall.channels.senders import signature_of
from klarfall.channels.told_above import tells
from klarfall.contracts.queries import local_day
from klarfall.core import vendor
from klarfall.customers.models import Customer
from klarfall.knowledge.installed import installed_versions
from klarfall.knowledge.models import KnownProblem, ProblemReport, ProblemTicket
from klarfall.knowledge.problems import said

_MOST_TICKETS = 50


@tells("problem_workaround", "problem_fixed")
def about_problem(notice: Notice, now: datetime) -> dict[str, Any]:
    """A workaround or a fix, the reader's version, and their requests that hang on the problem."""
    rows = KnownProblem.objects.select_related("product", "fixed_in")
    problem = rows.filter(pk=notice.data["problem"]).first()
    if problem is None:
        raise NothingToTell("The recipient does not read the problem (any more).")
    if notice.kind != f"problem_{problem.status}":
        raise NothingToTell("The problem is in another state meanwhile.")
    contact_id = notice.data["contact"]
    version = installed_versions(problem.product_id, [notice.customer_id], local_day(now)).get(notice.customer_id)
    return {
        "problem_title": said(problem, "title"),
        "workaround": said(problem, "workaround"),
        "fixed_in": problem.fixed_in.name if problem.fixed_in else "",
        "installed": version.name if version else "",
        "product_name": problem.product.name,
        "tickets": _tickets(problem, contact_id),
        "problem_url": addresses.page("portal:problem", pk=problem.pk),
        "reported": ProblemReport.objects.filter(problem=problem, contact=contact_id).exists(),
        "customer": Customer.objects.get(pk=notice.customer_id).name,
        "signature": signature_of(problem.product),
    }


def _tickets(problem: KnownProblem, contact_id: int) -> list[dict[str, str]]:
    """The contact's requests that hang on it, as links."""
    rows = ProblemTicket.objects.filter(problem=problem, ticket__contact=contact_id).select_related("ticket")
    prefix = vendor.current().number_prefix
    return [
        {
            "label": f"{prefix}-{one.ticket.number}",
            "url": addresses.ticket_page(one.ticket.number, staff=False),
            "note": one.ticket.title,
        }
        for one in rows.order_by("ticket__number")[:_MOST_TICKETS]
    ]
