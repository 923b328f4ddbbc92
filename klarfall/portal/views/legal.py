"""Imprint, privacy and accessibility: texts of the vendor, or the way to its own page for them. Always public."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from klarfall.core import vendor
from klarfall.core.models import VendorProfile
from klarfall.portal.shell import show


@login_not_required
def imprint(request: HttpRequest) -> HttpResponse:
    """Who runs this site."""
    profile = vendor.current()
    return _legal(request, "imprint", _("Imprint"), profile.imprint_text)


@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    """What happens with personal data."""
    profile = vendor.current()
    return _legal(request, "privacy", _("Privacy"), profile.privacy_text)


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    """How accessible this site is and whom one tells what is not; a text of ours stands in for a missing one."""
    profile = vendor.current()
    text = profile.accessibility_text or default_statement(profile)
    return _legal(request, "accessibility", _("Accessibility"), text)


def default_statement(profile: VendorProfile) -> str:
    """What is true of this product wherever it runs, with the vendor's address for reports."""
    if profile.mail_from:
        report = _("Did you find a barrier? Please write to %(address)s. We answer and tell you when it is removed.")
        report %= {"address": profile.mail_from}
    else:
        report = _("Did you find a barrier? Please tell us on one of the ways that stand under “How to reach us”.")
    parts = [
        _("%(vendor)s wants everybody to be able to use the service portal, whatever aids they use.")
        % {"vendor": profile.name, "portal": profile.portal_name},
        _(
            "The pages are made for the Web Content Accessibility Guidelines (WCAG) 2.2, level AA. Every version is "
            "tested automatically against these rules. This is no certificate of an auditor."
        ),
        _(
            "Everything can be done with the keyboard alone and at 400 percent magnification, also without JavaScript. "
            "Colours never carry a meaning by themselves. Pages follow the settings for dark mode, less motion and "
            "high contrast of your device."
        ),
        _("Files that people attach to requests come from them and may have barriers that we cannot remove."),
        report,
    ]
    return "\n\n".join(parts)


def _legal(request: HttpRequest, name: str, title: str, text: str) -> HttpResponse:
    elsewhere = getattr(vendor.current(), f"{name}_url")
    if elsewhere:
        return HttpResponseRedirect(elsewhere)
    if not text:
        raise Http404
    context: dict[str, Any] = {"title": title, "paragraphs": paragraphs(text), "contact_url": reverse("portal:contact")}
    return show(request, "portal/legal/page.html", **context)


def paragraphs(text: str) -> list[list[str]]:
    """The blocks of a text between empty lines, each as its lines."""
    return [block.strip().splitlines() for block in text.split("\n\n") if block.strip()]
