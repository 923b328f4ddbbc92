"""The gallery of all components, for eyes and for the accessibility test, and the standard error pages."""

import logging
import secrets

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from klarfall.core import vendor
from klarfall.ui import samples
from klarfall.ui.rendering import ENGINE, page

log = logging.getLogger(__name__)


def _only_where_harmless() -> None:
    """Raises 404 on installations with real data: the gallery is for developers."""
    if not (settings.DEBUG or getattr(settings, "DEMO_ALLOWED", False)):
        raise Http404


@login_not_required
def gallery(request: HttpRequest, name: str = "components") -> HttpResponse:
    """Shows one page of the gallery: every component in every state, or one of the shells with samples in it."""
    _only_where_harmless()
    if name not in samples.PAGES:
        raise Http404
    return page(request, f"ui/gallery/{name}.html", part="result", **samples.PAGES[name]())


@login_not_required
@csp_replace({"style-src": [SELF, UNSAFE_INLINE]})  # mails carry their styles in the elements
def mail_sample(request: HttpRequest) -> HttpResponse:
    """Shows the frame of a mail with a Klar-Karte in it."""
    _only_where_harmless()
    return page(request, "ui/gallery/mail.html")


def _error(request: HttpRequest, status: int, title: str, text: str, **more: str) -> HttpResponse:
    """Returns an error page that needs neither session nor database."""
    template = engines[ENGINE].env.get_template("ui/error.html")  # type: ignore[attr-defined]
    try:
        words: object = vendor.current()
    except Exception:  # the page must appear even when the database does not answer
        log.exception("The vendor's words are missing on an error page")
        words = {"name": "", "portal_name": "Klarfall"}
    values = {"code": status, "title": title, "text": text, "vendor": words, "language": get_language()}
    html = template.render(values, request=request, **more)
    return HttpResponse(html, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answers 404, for what does not exist and for what this person may not see alike."""
    return _error(
        request,
        404,
        _("This page does not exist"),
        _("The address may have a typing error, or the page is not meant for your sign-in."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answers 403: signed in, known, but without the right."""
    return _error(
        request,
        403,
        _("You do not have permission for this"),
        _("Your administrator can give you the right or do it for you."),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answers 400 for a request that no page of ours sends."""
    return _error(request, 400, _("We could not read this request"), _("Please go back and try again."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answers a form whose protection has expired; nothing was saved."""
    return _error(
        request,
        403,
        _("This form has expired"),
        _("Nothing was saved. Go back, reload the page and send it again; your browser keeps what you wrote."),
    )


def too_large(request: HttpRequest) -> HttpResponse:
    """Answers 413: more than all files and texts of a form may weigh together."""
    return _error(
        request,
        413,
        _("This is too large"),
        _("Nothing was saved. Please send fewer or smaller files, at most 25 MB each."),
    )


def too_many_requests(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Answers 429 after too many attempts."""
    return _error(
        request,
        429,
        _("Too many attempts"),
        _("For your protection we wait for a quarter of an hour. Then you can try again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answers 500 with a reference that stands in the log, too."""
    reference = secrets.token_hex(4)
    log.error("Error page shown, reference %s, %s", reference, request.path)
    return _error(
        request,
        500,
        _("Something went wrong on our side"),
        _("What you saved before is safe. Please try again in a moment."),
        reference=reference,
    )
