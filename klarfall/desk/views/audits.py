"""The self-audit: its last result per invariant, and the history of its runs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.billing.actions import self_audit
from klarfall.billing.models import SelfAudit
from klarfall.desk import self_audits
from klarfall.desk.access import needs
from klarfall.desk.paging import page_of
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import SeeOther, page


@needs("audit.view")
def audits(request: HttpRequest) -> HttpResponse:
    """The last audit in full, and all of them, newest first; a POST has everything checked now."""
    scope = scope_of(request)
    if request.method == "POST":
        self_audit.run_now(actor=scope.user, now=scope.now)
        messages.success(request, _("The check runs. Its result appears here as soon as it is done."))
        return SeeOther(reverse("desk:audit"))
    query, last = request.GET, self_audits.latest()
    history = page_of(
        SelfAudit.objects.all(), after=query.get("after", ""), before=query.get("before", ""), newest=True
    )
    return page(
        request,
        "desk/billing/audit.html",
        **shell(scope, "audit"),
        last=last,
        checks=self_audits.checks_of(last),
        history=history,
    )
