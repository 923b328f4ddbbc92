"""Refuses requests that are larger than anything our forms send, before anybody reads their body."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from klarfall.ui.views import too_large

#: Bytes: ten files of 25 MB and the longest texts fit into it.
LARGEST = 260 * 1024 * 1024
#: What a form may hold besides a video.
_REST = 1024 * 1024


def size_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answers 413 by what the request says about its length; a body without a length is not read at all."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length[:20]) > max(LARGEST, settings.VIDEO_MAX_BYTES + _REST):
            return too_large(request)
        return get_response(request)

    return middleware
