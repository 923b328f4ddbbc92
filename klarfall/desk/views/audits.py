"""The self-audit: its last result per invariant, and the history of its runs."""

from django.http import HttpRequest, HttpResponse

from klarfall.billing.models import SelfAudit
from klarfall.desk import self_audits
from klarfall.desk.access import needs
from klarfall.desk.paging import page_of
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import page


@needs("audit.view")
def audits(request: HttpRequest) -> HttpResponse:
    """The last audit in full, and all of them, newest first."""
    query, last = request.GET, self_audits.latest()
    history = page_of(
        SelfAudit.objects.all(), after=query.get("after", ""), before=query.get("before", ""), newest=True
    )
    return page(
        request,
        "desk/billing/audit.html",
        **shell(scope_of(request), "audit"),
        last=last,
        checks=self_audits.checks_of(last),
        history=history,
    )
