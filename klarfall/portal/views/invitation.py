"""The link of an invitation: the invited person chooses a password and is signed in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from klarfall.accounts.adapter import next_page
from klarfall.accounts.forms import NewPasswordForm
from klarfall.core.action import Refused
from klarfall.customers.actions.invite import accept_invitation
from klarfall.customers.invitations import Problem, find
from klarfall.customers.models import Invitation
from klarfall.customers.views import signed_in
from klarfall.portal.registration_steps import invitation_frame
from klarfall.ui.rendering import go, page

_PASSWORD_STEP = 3


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Lets the invited person choose a password; opening the link changes nothing."""
    found, problem = find(token, timezone.now())
    if found is None or problem is not None:
        return _unusable(request, problem or Problem.UNKNOWN)
    person = found.contact.user
    if request.user.is_authenticated and request.user != person:
        return _private(page(request, "portal/registration/invitation_other.html", status=409))
    form = NewPasswordForm(request.POST or None, user=person)
    if request.method == "POST" and form.is_valid():
        return _accept(request, found, form.cleaned_data["password1"])
    frame = {**invitation_frame(_PASSWORD_STEP, timezone.now()), "status": 422 if form.errors else 200}
    return _private(
        page(request, "portal/registration/invitation.html", **frame, form=form, person=person, found=found)
    )


def _accept(request: HttpRequest, found: Invitation, password: str) -> HttpResponse:
    person = found.contact.user
    try:
        person = accept_invitation(found, password=password, actor=person, now=timezone.now())
    except Refused:
        return _unusable(request, Problem.USED)
    return signed_in(request, person, go(request, next_page(request, person)))


def _unusable(request: HttpRequest, problem: Problem) -> HttpResponse:
    status = 404 if problem is Problem.UNKNOWN else 410
    frame = invitation_frame(1, timezone.now())
    answer = page(
        request, "portal/registration/invitation_unusable.html", **frame, problem=problem.value, status=status
    )
    return _private(answer)


def _private(response: HttpResponse) -> HttpResponse:
    # The address holds the token. Not "no-referrer": browsers then send the form with "Origin: null", which is refused.
    response["Referrer-Policy"] = "same-origin"
    return response
