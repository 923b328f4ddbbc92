"""Record a call in seconds: number or name, Enter, note, button. Works with forms and addresses alone."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from klarfall.customers.models import Contact
from klarfall.customers.phone_numbers import e164
from klarfall.desk.call_page import CallPage, call_page, calls, calls_of_today, strangers
from klarfall.desk.forms.call import CallForm, ExtensionForm, StrangerForm, second_now
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.telephony.actions import calls as actions
from klarfall.telephony.actions.extensions import set_extension
from klarfall.telephony.callers import by_number, find
from klarfall.telephony.live import ringing_for
from klarfall.telephony.models import Call, CallbackWish, CallOutcome, Direction, Extension, LiveCall
from klarfall.tickets.actions.submit import AlreadySent
from klarfall.ui.rendering import SeeOther, page, wants_part

_LENGTH = 80
#: Signs of the shortest whole number in E.164; less is the beginning of one.
_WHOLE = 9
#: What a page of a call is told by its address: rows that it belongs to.
_ROWS: dict[str, Any] = {"callback": CallbackWish, "live": LiveCall, "call": Call}


def call(request: HttpRequest) -> HttpResponse:
    """Search by number, name or company; Enter takes the first. Below it today's calls."""
    query = request.GET.get("q", "").strip()[:_LENGTH]
    found = find(query)
    kept = {"q": query, **{name: request.GET[name] for name in ("live",) if name in request.GET}}
    if "take" in request.GET and found.first is not None:
        return SeeOther(f"{reverse('desk:call-of', args=[found.first.pk])}?{urlencode(kept)}")
    scope = scope_of(request)
    context: dict[str, Any] = {
        "query": query,
        "found": found,
        "kept": "?" + urlencode(kept) if query else "",
        "strangers": strangers(query) if query else [],
        "today": [] if request.headers.get("HX-Request") == "true" else calls_of_today(scope.now),
    }
    return page(request, "desk/call/search.html", part="results", **shell(scope, "call"), **context)


def find_contacts(query: str) -> list[Contact]:
    """Active contacts for a number or words, the surer ones first."""
    return find(query).everybody


def call_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The call of one contact: note, one button; beside it what is open and known."""
    contact = get_object_or_404(Contact.objects.select_related("user", "customer"), pk=pk, is_active=True)
    now = timezone.now()
    beside, rows = call_page(contact, now), _rows(request)
    form = _form(request, beside, rows)
    if request.method == "POST":
        sent = _sent(request, beside, form, rows)
        if sent is not None:
            return sent
    context = {"form": form, "rows": rows, "others": _others(request, contact), **beside.beside()}
    status = 422 if form.is_bound else 200
    return page(request, "desk/call/form.html", status=status, **shell(scope_of(request), "call"), **context)


def _sent(request: HttpRequest, beside: CallPage, form: CallForm, rows: dict[str, Any]) -> HttpResponse | None:
    """Record the call and go on at its request, or with the next call; None when the form has to be shown again."""
    made: list[Any] = []

    def act() -> None:
        try:
            made.append(_record(request, beside, form, request.POST.get("do", "request"), rows).ticket)
        except AlreadySent as twice:
            made.append(twice.ticket)

    if not done(form, act):
        return None
    messages.success(request, _("Recorded."))
    return SeeOther(reverse("desk:ticket", args=[made[0].number]) if made[0] else reverse("desk:call"))


def unknown(request: HttpRequest) -> HttpResponse:
    """The call of somebody nobody knows: kept without a customer, found again, assigned later."""
    now, rows = timezone.now(), _rows(request)
    query = request.GET.get("q", "")[:_LENGTH]
    digits = sum(sign.isdecimal() for sign in query)
    start = {"number" if digits * 2 > len(query) else "name": query[:40], "started": second_now(now)}
    form = StrangerForm(request.POST or None, initial=start, now=now)

    def act() -> None:
        data = form.cleaned_data
        who = {"name": data["name"], "company": data["company"], "live": rows.get("live")}
        actions.record_call(form.call(data["outcome"], **who), actor=request.user, now=now)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Recorded. It can be assigned to a contact later."))
        return SeeOther(reverse("desk:call"))
    status = 422 if form.is_bound else 200
    return page(request, "desk/call/unknown.html", status=status, **shell(scope_of(request), "call"), form=form)


def recorded(request: HttpRequest, pk: int) -> HttpResponse:
    """One recorded call; that of somebody unknown can be assigned to a contact."""
    found = get_object_or_404(calls(), pk=pk)
    query = request.GET.get("q", "").strip()[:_LENGTH]
    callers = find(query) if query else by_number(found.number_e164)
    context = {"call": found, "query": query, "callers": callers if found.ticket_id is None else None}
    return page(request, "desk/call/recorded.html", **shell(scope_of(request), "call"), **context)


def ringing(request: HttpRequest) -> HttpResponse:
    """Calls at my telephone now, for the bar of every page; alone it leads to the search."""
    if not wants_part(request):
        return SeeOther(reverse("desk:call"))
    found = ringing_for(request.user, timezone.now())
    return page(request, "desk/call/ringing.html", part="ringing", ringing=found)


def extension(request: HttpRequest) -> HttpResponse:
    """At which telephone I am reached; the telephone system names it in its events."""
    now, scope = timezone.now(), scope_of(request)
    own = Extension.objects.filter(user=scope.user).values_list("number", flat=True).first()
    form = ExtensionForm(request.POST or None, initial={"extension": own or ""})

    def act() -> None:
        set_extension(scope.user, number=form.cleaned_data["extension"], actor=scope.user, now=now)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:call"))
    status = 422 if form.is_bound else 200
    return page(request, "desk/call/extension.html", status=status, **shell(scope, "call"), form=form)


def _rows(request: HttpRequest) -> dict[str, Any]:
    """The rows the address names: a call back, what the telephone system reported, a call of somebody unknown."""
    found = {}
    for name, model in _ROWS.items():
        number = request.GET.get(name, "")
        if number.isdecimal() and len(number) < len("1000000000000000000"):
            found[name] = get_object_or_404(model, pk=int(number))
    return found


def _form(request: HttpRequest, beside: CallPage, rows: dict[str, Any]) -> CallForm:
    """The form with everything that is known already."""
    query = request.GET.get("q", "")[:40]
    start: dict[str, Any] = {
        "started": second_now(beside.now),
        "product": beside.product_id,
        "number": query if len(e164(query)) > _WHOLE else beside.contact.phone,
    }
    if (wish := rows.get("callback")) is not None:
        start |= {"number": wish.number, "direction": Direction.OUTGOING, "ticket": wish.ticket_id}
    if (live := rows.get("live")) is not None:
        began = live.answered_at or live.began_at
        start |= {"number": live.number, "started": second_now(began)}
        start |= {"ended": second_now(live.ended_at)} if live.ended_at else {}
    if (known := rows.get("call")) is not None:
        start |= {"note": known.note, "number": known.number, "started": second_now(known.started_at)}
        start |= {"ended": second_now(known.ended_at)}
    data = (request.POST or None, request.FILES or None)
    common: Any = {"items": beside.items, "tickets": beside.tickets, "contact": beside.contact, "now": beside.now}
    return CallForm(*data, initial=start, **common)


def _record(request: HttpRequest, beside: CallPage, form: CallForm, button: str, rows: dict[str, Any]) -> Call:
    """What the pressed button means."""
    outcome = form.outcome_of(button)
    note = form.call(outcome, callback=rows.get("callback"), live=rows.get("live"))
    common: Any = {"call": note, "actor": request.user, "now": beside.now}
    contact, ticket = beside.contact, form.chosen_ticket
    if "call" in rows:
        request_ = form.request()
        return actions.assign_call(rows["call"], contact=contact, request=request_, actor=request.user, now=beside.now)
    if ticket is not None:
        return actions.add_call(ticket, contact=contact, **common)
    if outcome in (CallOutcome.NOBODY, CallOutcome.WRONG_NUMBER):
        return actions.record_call(note, contact=contact, actor=request.user, now=beside.now)
    if button == "answered":
        item = form.chosen_item or _first(beside)
        return actions.answer_call(contact, request=form.question(), item=item, **common)
    return actions.take_up_call(contact, request=form.request(), files=form.cleaned_data["attachments"], **common)


def _first(beside: CallPage) -> Any:
    """The clause that counts where nobody chose one."""
    if not beside.items:
        raise actions.CallRefused(_("No clause of the catalogue covers this product's calls."), field="item")
    return beside.items[0]


def _others(request: HttpRequest, contact: Contact) -> list[Contact]:
    """Other people who could be meant by what was typed."""
    query = request.GET.get("q", "").strip()[:_LENGTH]
    return [one for one in find(query).everybody if one.pk != contact.pk] if query else []
