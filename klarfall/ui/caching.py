"""Who may keep an answer: nobody once somebody is signed in, and of visitors' pages nobody but their own browser."""

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

#: Not even by the browser: the button *Back* after signing out must not show what somebody saw.
SIGNED_IN = "private, no-store"
VISITOR = "private, no-cache"


def caching_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Say it in every answer that does not say it itself (files that are the same for everybody do)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "Cache-Control" not in response:
            # A session that nobody has looked at can have shaped nothing; it is not looked at here either.
            session = request.session
            signed_in = session.accessed and SESSION_KEY in session
            response["Cache-Control"] = SIGNED_IN if signed_in else VISITOR
        return response

    return middleware
