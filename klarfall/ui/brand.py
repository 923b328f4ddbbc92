"""The vendor's own look: its colour as a style sheet, its logo as a picture; both may be kept by browsers for long."""

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from klarfall.core import vendor
from klarfall.core.models import VendorProfile
from klarfall.ui import colour

_FOR_LONG = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=60"


def style_sheet(accent: str) -> str:
    """The colours of buttons and links for light and dark pages; empty without an accent."""
    if not colour.is_colour(accent):
        return ""
    dark = colour.for_dark(accent)
    light_hover, dark_hover = colour.stronger(accent), colour.stronger(dark, dark=True)
    return (
        "@layer tokens{:root{"
        f"--accent:light-dark({accent},{dark});"
        f"--accent-hover:light-dark({light_hover},{dark_hover});"
        f"--on-accent:light-dark({colour.WHITE},{colour.DARK_TEXT});"
        "}}\n"
        "@layer screens{.link{color:var(--accent)}}\n"
    )


def style_url(profile: VendorProfile) -> str:
    """Where the style sheet is; the address changes with the colour. Empty without one."""
    accent = getattr(profile, "accent", "")
    return f"{reverse('brand-css')}?v={accent[1:]}" if accent else ""


def logo_url(profile: VendorProfile) -> str:
    """Where the logo is; the address changes with its content. Empty without one."""
    key = getattr(profile, "logo_key", "")
    return f"{reverse('brand-logo')}?v={_version(key)}" if key else ""


def legal_links(profile: VendorProfile) -> list[dict[str, str]]:
    """Accessibility, privacy and imprint for the foot of a page: what the vendor has not set is not linked.

    The statement on accessibility is always there: without a text of the vendor it tells what holds for us.
    """
    words = {"accessibility": _("Accessibility"), "privacy": _("Privacy"), "imprint": _("Imprint")}
    pages: dict[str, str] = {name: str(getattr(profile, f"{name}_url", "")) for name in words}
    for name in words:
        text = str(getattr(profile, f"{name}_text", ""))
        if not pages[name] and (text or name == "accessibility"):
            pages[name] = reverse(f"portal:{name}")
    return [{"label": label, "url": pages[name]} for name, label in words.items() if pages[name]]


@login_not_required
@require_safe
def css(request: HttpRequest) -> HttpResponse:
    """The style sheet of the vendor's colour."""
    accent = vendor.current().accent
    response = HttpResponse(style_sheet(accent), content_type="text/css; charset=utf-8")
    return _kept(request, response, accent[1:])


@login_not_required
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The logo; 404 where there is none."""
    profile = vendor.current()
    if not profile.logo_key or not default_storage.exists(profile.logo_key):
        raise Http404
    with default_storage.open(profile.logo_key) as file:
        response = HttpResponse(file.read(), content_type=profile.logo_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return _kept(request, response, _version(profile.logo_key))


def _kept(request: HttpRequest, response: HttpResponse, version: str) -> HttpResponse:
    """Lets browsers keep what was asked for by its version; anything else only for a minute."""
    right = bool(version) and request.GET.get("v") == version
    response["Cache-Control"] = _FOR_LONG if right else _SHORT
    return response


def _version(key: str) -> str:
    return key.rpartition("/")[2].partition(".")[0][:16]
