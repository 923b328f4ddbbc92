"""Sign-in and *My details*: the pages of the account that know customers."""

from typing import Any

from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from klarfall.accounts import founding, permissions
from klarfall.accounts.adapter import home_of, next_page
from klarfall.accounts.forms import plain
from klarfall.accounts.models import User
from klarfall.core.isolation import viewer_for, viewing_as
from klarfall.customers import people
from klarfall.customers.models import Contact
from klarfall.ui.rendering import go, page

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class SignIn(allauth_views.LoginView):
    """Sign-in; in the demo with the list of people whom one may be."""

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Where nobody can sign in yet and only this machine reaches us, the house begins."""
        if settings.DEMO_ALLOWED and request.method == "GET" and not founding.is_founded():
            return go(request, "house-start")
        return super().dispatch(request, *args, **kwargs)

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


def signed_in(request: HttpRequest, user: User, response: HttpResponse) -> HttpResponse:
    """Sign in somebody who has just chosen their first password (or the demo's person); returns the response."""
    auth.login(request, user, backend=_BACKEND)
    return _in_own_language(response, user)


@require_POST
@login_not_required
def demo(request: HttpRequest) -> HttpResponse:
    """Signs in as one of the demo's people; does not exist anywhere else."""
    if not people.demo_is_open():
        raise Http404
    chosen = request.POST.get("user", "")
    if chosen not in {str(person.id) for person in people.demo_people()}:
        raise Http404
    user = get_object_or_404(User, pk=int(chosen))
    return signed_in(request, user, go(request, next_page(request, user)))


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
        decides_registrations=any(permissions.may("registration.decide", user, contact) for contact in contacts),
        home_url=home_of(user),
    )
