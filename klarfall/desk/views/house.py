"""The house: name, look, sender and legal pages of the vendor."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.accounts.actions import vendor as actions
from klarfall.core.models import VendorProfile
from klarfall.desk.access import needs
from klarfall.desk.forms.house import HouseForm, LogoForm
from klarfall.desk.refusals import done
from klarfall.desk.shell import scope_of, shell
from klarfall.ui import colour
from klarfall.ui.rendering import SeeOther, page

_HERE = "house"


@needs("house.set_up")
def house(request: HttpRequest) -> HttpResponse:
    """What the vendor says about itself."""
    form = HouseForm.of(profile_now(), request.POST or None)

    def act() -> None:
        actions.change_house(data=form.given, actor=request.user, now=timezone.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:house"))
    return _page(request, form, LogoForm())


@needs("house.set_up")
@require_POST
def logo(request: HttpRequest) -> HttpResponse:
    """Show another logo, or none."""
    form = LogoForm(request.POST, request.FILES)

    def act() -> None:
        actions.change_logo(content=form.content, actor=request.user, now=timezone.now())

    if done(form, act):
        messages.success(request, _("Saved."))
        return SeeOther(reverse("desk:house"))
    return _page(request, HouseForm.of(profile_now()), form)


@needs("house.set_up")
def accent(request: HttpRequest) -> HttpResponse:
    """The look of a colour that is being typed; a part of the page, or the page with it."""
    wanted = request.GET.get("accent", "")[:20].strip().lower()
    form = HouseForm.of(profile_now())
    form.initial["accent"] = wanted
    return _page(request, form, LogoForm(), part="preview")


def _page(request: HttpRequest, form: HouseForm, logo_form: LogoForm, part: str | None = None) -> HttpResponse:
    profile = profile_now()
    return page(
        request,
        "desk/settings/house.html",
        part=part,
        status=422 if (form.is_bound and form.errors) or (logo_form.is_bound and logo_form.errors) else 200,
        **shell(scope_of(request), _HERE),
        form=form,
        logo_form=logo_form,
        look=look(str(form["accent"].value() or "")),
        missing=missing(profile),
        lasting=actions.has_requests(),
        has_logo=bool(profile.logo_key),
    )


def profile_now() -> VendorProfile:
    """The profile as it stands in the database."""
    return VendorProfile.objects.filter(pk=1).first() or VendorProfile(pk=1, name="")


def look(accent: str) -> dict[str, Any] | None:
    """How a colour looks on light and dark pages, and whether it can be read; None for what is no colour."""
    accent = accent.strip().lower()
    if not colour.is_colour(accent):
        return None
    passes = colour.passes(accent)
    shown = accent if passes else colour.nearest(accent)
    return {
        "accent": accent,
        "passes": passes,
        "ratio": colour.least_contrast(accent),
        "nearest": shown,
        "dark": colour.for_dark(shown),
        "on_dark": colour.DARK_TEXT,
    }


def missing(profile: VendorProfile) -> list[tuple[str, str]]:
    """What is not told yet, with the field where it goes."""
    wanted = {
        "legal_name": _("Name of the company"),
        "address": _("Address"),
        "mail_from": _("Sender of our mails"),
        "imprint_url": _("Imprint"),
        "privacy_url": _("Privacy"),
        "legal_notice": _("Answer to legal and tax questions"),
    }
    return [
        (name, label)
        for name, label in wanted.items()
        if not getattr(profile, name) and not getattr(profile, name.replace("_url", "_text"))
    ]
