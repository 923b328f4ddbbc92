"""What is done with a mail that belongs to nobody yet: assign it, file it anew, reject it, block its sender."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.core.action import Refused
from klarfall.customers.models import Contact, Customer
from klarfall.desk.access import needs
from klarfall.desk.confirmation import ask, is_confirmed
from klarfall.desk.customer_search import search
from klarfall.desk.forms.inbox import AssignForm, BlockForm, NewContactForm, RejectForm, numbered
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.desk.views.calls import find_contacts
from klarfall.desk.views.inbox import HERE
from klarfall.desk.views.inbox_mail import mail_of
from klarfall.incoming.actions import quarantine
from klarfall.incoming.models import BlockedSender, IncomingMail
from klarfall.tickets.models import Ticket
from klarfall.ui.rendering import SeeOther, page

_MOST_TICKETS = 20


@needs("mail.handle")
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """Find the contact to whom the mail belongs; then choose where it goes (`_assigned`)."""
    mail, wanted = mail_of(pk), request.GET.get("contact", "")[:18]
    if wanted.isdecimal():
        return _assigned(request, mail, int(wanted))
    query = request.GET.get("q", "").strip()[:80]
    found = find_contacts(query) if query else []
    return _show(request, "desk/inbox/assignment.html", mail, query=query, found=found)


def _assigned(request: HttpRequest, mail: IncomingMail, contact_pk: int) -> HttpResponse:
    """A new request of the contact, or one of their open ones."""
    rows = Contact.objects.select_related("user", "customer").filter(is_active=True)
    contact: Contact = get_object_or_404(rows, pk=contact_pk)
    tickets = list(Ticket.objects.live().filter(contact=contact).order_by("-pk")[:_MOST_TICKETS])
    form = AssignForm(_posted(request), tickets=tickets)

    def act() -> None:
        wanted = form.cleaned_data["ticket"]
        chosen = next((one for one in tickets if str(one.number) == wanted), None)
        quarantine.assign_mail(mail, contact=contact, ticket=chosen, **_who(request))

    if request.method == "POST" and done(form, act):
        return _filed(request, mail.pk)
    return _show(request, "desk/inbox/assigned.html", mail, form=form, contact=contact)


@needs("mail.handle")
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Find the customer, then add the sender as a contact and assign the mail."""
    mail, number = mail_of(pk), request.GET.get("customer", "")
    query = request.GET.get("q", "").strip()[:80]
    if not number:
        found = search({"q": query}, {}, timezone.localdate()).rows[:20] if query else []
        return _show(request, "desk/inbox/customer.html", mail, query=query, found=found)
    customer = get_object_or_404(Customer, number=number)
    form = NewContactForm(_posted(request), initial={"name": mail.from_name})

    def act() -> None:
        given = {"customer": customer, "name": form.cleaned_data["name"]}
        quarantine.assign_to_new_contact(mail, **given, **_who(request))

    if request.method == "POST" and done(form, act):
        return _filed(request, pk)
    return _show(request, "desk/inbox/contact.html", mail, form=form, customer=customer)


@needs("mail.handle")
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then file the mail once more as if it arrived now."""
    mail = mail_of(pk)
    if not is_confirmed(request):
        points = [
            _("It is read and filed anew by the rules of today, as if it had just arrived."),
            _("Nothing is filed twice: what stands in a request stays where it is."),
        ]
        back = reverse("desk:inbox-mail", args=[pk])
        title, label = _("File the mail once more?"), _("File it once more")
        return ask(request, HERE, title=title, points=points, label=label, back=back, icon="refresh")
    return _done(request, pk, lambda: quarantine.replay_mail(mail, **_who(request)))


@needs("mail.handle")
def rejection(request: HttpRequest, pk: int) -> HttpResponse:
    """Reject the mail, with an answer if one can be sent."""
    mail = mail_of(pk)
    form = RejectForm.of(f"{mail.subject} {mail.preview}", _posted(request))

    def act() -> None:
        quarantine.reject_mail(mail, text=form.cleaned_data["text"], **_who(request))

    if request.method == "POST" and done(form, act):
        answered = bool(form.cleaned_data["text"].strip())
        messages.success(
            request, _("Rejected. The answer is on its way.") if answered else _("Rejected without an answer.")
        )
        return SeeOther(reverse("desk:inbox"))
    return _show(request, "desk/inbox/rejection.html", mail, form=form, silent=quarantine.why_no_answer(mail))


@needs("mail.handle")
def block(request: HttpRequest, pk: int) -> HttpResponse:
    """Reject everything that this address or its whole domain sends from now on."""
    mail = mail_of(pk)
    form = BlockForm(_posted(request), address=mail.from_address)

    def act() -> None:
        given = {"whole_domain": form.cleaned_data["whole_domain"] == "yes", "reason": form.cleaned_data["reason"]}
        quarantine.block_sender(mail, **given, **_who(request))

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Blocked. Mails from there are rejected and kept from now on."))
        return SeeOther(reverse("desk:blocked-senders"))
    return _show(request, "desk/inbox/block.html", mail, form=form)


@needs("mail.handle")
@require_POST
def unblocking(request: HttpRequest, pk: int) -> HttpResponse:
    """Let mails from there in again."""
    found: BlockedSender = get_object_or_404(BlockedSender, pk=pk)
    try:
        quarantine.unblock_sender(found, **_who(request))
        messages.success(request, _("%(sender)s is let in again.") % {"sender": found.pattern})
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(reverse("desk:blocked-senders"))


def _posted(request: HttpRequest) -> Any:
    """What was sent, also where nothing was filled in; None where nothing was sent."""
    return request.POST if request.method == "POST" else None


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _done(request: HttpRequest, pk: int, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except Refused as problem:
        messages.error(request, str(problem.message))
        return SeeOther(reverse("desk:inbox-mail", args=[pk]))
    return _filed(request, pk)


def _filed(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where the mail stands now; to the request if it is in one, else to the mail."""
    mail = mail_of(pk)
    if mail.ticket is None:
        messages.success(request, _("Filed anew: %(outcome)s.") % {"outcome": mail.get_outcome_display()})
        return SeeOther(reverse("desk:inbox-mail", args=[pk]))
    messages.success(
        request, _("The mail stands in request %(number)s now.") % {"number": numbered(mail.ticket.number)}
    )
    return SeeOther(reverse("desk:ticket", args=[mail.ticket.number]))


def _show(request: HttpRequest, template: str, mail: IncomingMail, *, form: Any = None, **context: Any) -> HttpResponse:
    status = 422 if form is not None and form.is_bound else 200
    frame = shell(scope_of(request), HERE)
    return page(request, template, status=status, **frame, mail=mail, form=form, **context)
