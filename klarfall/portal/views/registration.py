"""Registering with customer number and work e-mail, in four steps; nothing of the company is shown before the code."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from klarfall.accounts.models import User
from klarfall.core.action import Refused
from klarfall.customers import registrations
from klarfall.customers.actions.register import CodeRefused, complete_registration
from klarfall.customers.models import Registration
from klarfall.customers.people import contact_roles
from klarfall.customers.views import signed_in
from klarfall.portal import registration_steps as steps
from klarfall.portal.forms.registration import ApplicationForm, CodeForm, DetailsForm
from klarfall.ui.rendering import go, page

_TOO_MANY = 429


@login_not_required
@never_cache
def register(request: HttpRequest) -> HttpResponse:
    """Asks for customer number and address; what it answers depends on neither."""
    now, before = timezone.now(), steps.underway(request)
    known = {"number": before.number, "email": before.email} if before else None
    form = ApplicationForm(request.POST or None, initial=known)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        number, email = form.cleaned_data["number"], form.cleaned_data["email"]
        if steps.may_begin(request, number, email, now):
            steps.begin(request, number, email, now)
            return go(request, "register-code")
        form.add_error(None, _("Too many attempts. Please try again in an hour, or call us."))
        status = _TOO_MANY
    return page(request, "portal/registration/start.html", **steps.frame(1, now), form=form, status=status)


@login_not_required
@never_cache
@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponse:
    """Takes the code, or has a new one sent."""
    now, state = timezone.now(), steps.underway(request)
    if state is None:
        return go(request, "register")
    if request.method == "POST" and "again" in request.POST:
        return _again(request, state)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            steps.prove(request, state, form.cleaned_data["code"], now)
            return go(request, "register-details")
        except CodeRefused as problem:
            form.add_error("code", str(problem))
    return _code_page(request, state, form, 422 if form.errors else 200)


def _again(request: HttpRequest, state: steps.Underway) -> HttpResponse:
    """A new code for the same address; the old one counts no more in this browser."""
    now, form = timezone.now(), CodeForm({})
    if wait := state.wait(now):
        form.errors["code"] = form.error_class([_("A new code can be sent in %(wait)s seconds.") % {"wait": wait}])
        return _code_page(request, state, form, 422)
    if not steps.may_begin(request, state.number, state.email, now):
        form.errors["code"] = form.error_class([_("Too many attempts. Please try again in an hour, or call us.")])
        return _code_page(request, state, form, _TOO_MANY)
    steps.begin(request, state.number, state.email, now)
    return go(request, "register-code")


def _code_page(request: HttpRequest, state: steps.Underway, form: CodeForm, status: int) -> HttpResponse:
    frame = steps.frame(2, timezone.now())
    return page(request, "portal/registration/code.html", **frame, form=form, email=state.email, status=status)


def _proved(request: HttpRequest) -> Registration | None:
    state = steps.underway(request)
    return registrations.confirmed(state.token, timezone.now()) if state else None


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
def details(request: HttpRequest) -> HttpResponse:
    """Asks for name and password, as far as they are not known."""
    registration = _proved(request)
    if registration is None:
        return go(request, "register-code")
    if registration.name:
        return go(request, "register-done")
    look = steps.outlook(registration)
    data = request.POST if request.method == "POST" else None
    asks_password = look.at_once and not look.has_password
    form = DetailsForm(data, email=registration.email, name=look.name, asks_password=asks_password)
    if request.method == "POST" and form.is_valid():
        try:
            return _finish(request, registration, form)
        except Refused as problem:
            form.add_error(None, str(problem))
    frame = {**steps.frame(3, timezone.now()), "status": 422 if form.errors else 200}
    return page(request, "portal/registration/details.html", **frame, form=form, look=look, email=registration.email)


def _finish(request: HttpRequest, registration: Registration, form: DetailsForm) -> HttpResponse:
    """Finish; whoever chose their first password just now is signed in, everybody else signs in as usual."""
    values, state = form.cleaned_data, steps.underway(request)
    done = complete_registration(
        registration,
        name=values.get("name", ""),
        password=values.get("password1", ""),
        actor=User.objects.system(),
        now=timezone.now(),
    )
    response = go(request, "register-done")
    if done.person is not None and state is not None:
        response = signed_in(request, done.person, response)
        steps.remember(request, state)
    return response


@login_not_required
@never_cache
def done(request: HttpRequest) -> HttpResponse:
    """Says what came of it and what happens next."""
    registration = _proved(request)
    if registration is None or not registration.name:
        return go(request, "register-details" if registration else "register")
    look = steps.outlook(registration)
    return page(
        request,
        "portal/registration/done.html",
        **steps.frame(4, timezone.now()),
        look=look,
        roles=contact_roles(look.roles) if look.roles else "",
        email=registration.email,
        refused=registration.decided_at is not None and registration.contact_id is None,
    )
