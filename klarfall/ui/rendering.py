"""One answer for three callers: a whole page, one block of it for htmx, or a redirect that both understand."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template import engines
from django.template.backends.utils import csrf_input, csrf_token_lazy
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from jinja2_fragments import render_block

ENGINE = "jinja2"  # the name of our engine in settings.TEMPLATES
MESSAGES_BLOCK = "messages_update"


class SeeOther(HttpResponseRedirect):
    """303: what follows a POST is a GET, whatever the browser."""

    status_code = 303


def wants_part(request: HttpRequest) -> bool:
    """Returns whether htmx asks for a part: not for a boosted link and not for a page restored from history."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Returns the context with request, CSRF fields and the context processors, as Django's backend adds them."""
    full = {
        **context,
        "request": request,
        # Masked once for the page, not anew for each of its forms.
        "csrf_input": SimpleLazyObject(lambda: csrf_input(request)),
        "csrf_token": csrf_token_lazy(request),
    }
    for processor in engines[ENGINE].template_context_processors:  # type: ignore[attr-defined]
        full |= processor(request)
    return full


def page(
    request: HttpRequest, template: str, /, *, part: str | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    """Returns the page, or only its block `part` when htmx asks; a part brings new messages along.

    A form that is shown again with errors keeps status 200 for htmx, which swaps only successful answers,
    and takes 422 as a whole page.
    """
    environment = engines[ENGINE].env  # type: ignore[attr-defined]
    full = page_context(request, context)
    if part and wants_part(request):
        html = render_block(environment, template, part, **full)
        if full.get("messages"):
            html += render_block(environment, "ui/messages.html", MESSAGES_BLOCK, **full)
        status = 200 if status == 422 else status  # noqa: PLR2004
    else:
        html = environment.get_template(template).render(full)
    response = HttpResponse(html, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def go(request: HttpRequest, to: Any, /, *args: Any, **kwargs: Any) -> HttpResponse:
    """Returns the way to the next page: HX-Redirect for htmx, 303 for everybody else.

    `to` is a URL name with its arguments, an object with `get_absolute_url`, or a path of our own.
    """
    location = resolve_url(to, *args, **kwargs)
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
        response = HttpResponse(status=204, headers={"HX-Redirect": location})
    else:
        response = SeeOther(location)
    patch_vary_headers(response, ["HX-Request"])
    return response
