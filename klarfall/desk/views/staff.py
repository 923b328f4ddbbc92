"""Staff: who works here, what each role may do, invitations, leaving and coming back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from klarfall.accounts import permissions
from klarfall.accounts.actions import staff as actions
from klarfall.accounts.models import Kind, User
from klarfall.accounts.permissions import StaffRole
from klarfall.billing.actions.leave import leave
from klarfall.billing.models import TimeEntry
from klarfall.billing.status import EntryStatus
from klarfall.core.action import Refused
from klarfall.desk.access import needs
from klarfall.desk.forms.staff import LeaveForm, StaffForm
from klarfall.desk.refusals import done
from klarfall.desk.role_table import role_table
from klarfall.desk.shell import scope_of, shell
from klarfall.tickets.models import Ticket
from klarfall.tickets.status import LIVE
from klarfall.ui.rendering import SeeOther, page

_HERE = "staff"


@needs("staff.change")
def staff(request: HttpRequest) -> HttpResponse:
    """All colleagues with their roles; who was erased is not among them."""
    found = User.objects.filter(kind=Kind.STAFF).exclude(name="").order_by("-is_active", "name")
    labels = dict(StaffRole.choices)
    rows = [(one, [labels[StaffRole(role)] for role in one.staff_roles]) for one in found]
    frame = shell(scope_of(request), _HERE)
    return page(request, "desk/staff/list.html", **frame, rows=rows, lines=role_table())


@needs("staff.change")
def new(request: HttpRequest) -> HttpResponse:
    """A colleague who is added and invited."""
    form = StaffForm(request.POST or None)

    def act() -> None:
        actions.add_staff(**form.cleaned_data, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Added. The invitation is on its way by mail."))
        return SeeOther(reverse("desk:staff"))
    status = 422 if form.is_bound else 200
    return page(request, "desk/staff/new.html", status=status, **shell(scope_of(request), _HERE), form=form)


@needs("staff.change")
def colleague(request: HttpRequest, pk: int) -> HttpResponse:
    """One colleague: name, address, roles."""
    found = _of(pk)
    form = StaffForm.of(found, request.POST or None)

    def act() -> None:
        actions.change_staff(found, **form.cleaned_data, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:staff"))
    status, person = (422 if form.is_bound else 200), _of(pk)
    frame = shell(scope_of(request), _HERE)
    return page(request, "desk/staff/page.html", status=status, **frame, person=person, form=form)


@needs("staff.change")
@require_POST
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the invitation anew."""
    found = _of(pk)

    def act(**who: Any) -> str:
        actions.resend_staff_invitation(found, **who)
        return _("A new invitation is on its way. The link of the old one no longer counts.")

    return _step(request, found, act)


@needs("staff.change")
def departure(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask who takes over, then let the colleague go."""
    found = _of(pk)
    others = [one for one in _active() if one.pk != pk and permissions.may("ticket.review", one)]
    form = LeaveForm(request.POST or None, people=others)
    gone: list[int] = []

    def act() -> None:
        gone.append(leave(found, to=form.successor, actor=request.user, now=timezone.now()))

    if request.method == "POST" and done(form, act):
        values = {"name": found.name, "count": gone[0]}
        words = ngettext("%(name)s is switched off; %(count)s request was handed over.",
                         "%(name)s is switched off; %(count)s requests were handed over.", gone[0])  # fmt: skip
        messages.success(request, words % values)
        return SeeOther(reverse("desk:staff"))
    status, frame = (422 if form.is_bound else 200), shell(scope_of(request), _HERE)
    return page(request, "desk/staff/departure.html", status=status, **frame, person=found, form=form, **_left(found))


@needs("staff.change")
@require_POST
def comeback(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a former colleague come back."""
    found = _of(pk)

    def act(**who: Any) -> str:
        actions.reactivate_staff(found, **who)
        return _("%(name)s is back; an invitation is on its way by mail.") % {"name": found.name}

    return _step(request, found, act)


def _left(found: User) -> dict[str, Any]:
    """What somebody leaves behind: live requests, and whether a timer runs."""
    tickets = Ticket.objects.filter(assignee=found, status__in=LIVE).count()
    return {"count": tickets, "timer": TimeEntry.objects.filter(agent=found, status=EntryStatus.RUNNING).exists()}


def _active() -> list[User]:
    return list(User.objects.filter(kind=Kind.STAFF, is_active=True).order_by("name"))


def _of(pk: int) -> User:
    return get_object_or_404(User.objects.exclude(name=""), kind=Kind.STAFF, pk=pk)


def _step(request: HttpRequest, found: User, act: Any) -> HttpResponse:
    try:
        messages.success(request, act(actor=request.user, now=timezone.now()))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(reverse("desk:colleague", args=[found.pk]))
