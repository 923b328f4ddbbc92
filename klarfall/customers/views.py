"""Sign-in, invitation and *My details*: the pages of the account that know customers."""

from typing import Any

from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from klarfall.accounts.adapter import home_of, next_page
from klarfall.accounts.forms import NewPasswordForm, plain
from klarfall.accounts.models import User
from klarfall.core.action import Refused
from klarfall.core.isolation import viewer_for, viewing_as
from klarfall.customers import people
from klarfall.customers.actions.invite import accept_invitation
from klarfall.customers.invitations import Problem, find
from klarfall.customers.models import Contact, Invitation
from klarfall.ui.rendering import go, page

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class SignIn(allauth_views.LoginView):
    """Sign-in; in the demo with the list of people whom one may be."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the demo's people and the page that was asked for."""
        asked = self.request.POST.get("next") or self.request.GET.get("next") or ""
        return {**super().get_context_data(**kwargs), "demo_people": people.demo_people(), "next": asked}

    def get_form(self, form_class: Any = None) -> Any:
        """Without allauth's own hints."""
        return plain(super().get_form(form_class))

    def get_authenticated_redirect_url(self) -> str:
        """Who is signed in already goes on."""
        return next_page(self.request, self.request.user)

    def form_valid(self, form: Any) -> HttpResponse:
        """Signs in and goes on in the person's language."""
        self.success_url = next_page(self.request, form.user)
        response = super().form_valid(form)
        return _in_own_language(response, form.user)

    def get_success_url(self) -> str:
        """The page that was asked for, if it is made for this person."""
        return str(self.success_url or home_of(self.request.user))


def _in_own_language(response: HttpResponse, user: User) -> HttpResponse:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


def _sign_in(request: HttpRequest, user: User) -> HttpResponse:
    to = next_page(request, user)
    auth.login(request, user, backend=_BACKEND)
    return _in_own_language(go(request, to), user)


@require_POST
@login_not_required
def demo(request: HttpRequest) -> HttpResponse:
    """Signs in as one of the demo's people; does not exist anywhere else."""
    if not people.demo_is_open():
        raise Http404
    chosen = request.POST.get("user", "")
    if chosen not in {str(person.id) for person in people.demo_people()}:
        raise Http404
    return _sign_in(request, get_object_or_404(User, pk=int(chosen)))


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
        return _private(page(request, "customers/invitation_other.html", status=409))
    form = NewPasswordForm(request.POST or None, user=person)
    if request.method == "POST" and form.is_valid():
        return _accept(request, found, form.cleaned_data["password1"])
    status = 422 if form.errors else 200
    return _private(page(request, "customers/invitation.html", form=form, person=person, status=status, found=found))


def _accept(request: HttpRequest, found: Invitation, password: str) -> HttpResponse:
    person = found.contact.user
    try:
        person = accept_invitation(found, password=password, actor=person, now=timezone.now())
    except Refused:
        return _unusable(request, Problem.USED)
    return _sign_in(request, person)


def _unusable(request: HttpRequest, problem: Problem) -> HttpResponse:
    status = 404 if problem is Problem.UNKNOWN else 410
    return _private(page(request, "customers/invitation_unusable.html", problem=problem.value, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    # The address holds the token. Not "no-referrer": browsers then send the form with "Origin: null", which is refused.
    response["Referrer-Policy"] = "same-origin"
    return response


def my_details(request: HttpRequest) -> HttpResponse:
    """What is known of the person: name, address, roles, visibility and limit for each customer."""
    user: Any = request.user
    with viewing_as(viewer_for(user, timezone.localdate())):
        contacts = list(Contact.objects.filter(user=user, is_active=True).select_related("customer"))
    seats = [(contact, people.contact_roles(contact)) for contact in contacts]
    return page(
        request,
        "customers/my_details.html",
        person=user,
        seats=seats,
        staff_roles=people.staff_roles(user),
        home_url=home_of(user),
    )
