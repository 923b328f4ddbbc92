"""What every page may use without asking the database: the vendor's words, the language, the messages."""

from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from klarfall.core import vendor


def interface(request: HttpRequest) -> dict[str, Any]:
    """Returns `vendor`, `language`, `languages`, `messages` (lazy: asking for them marks them as read) and `user`."""
    return {
        "vendor": vendor.current(),
        "language": get_language() or settings.LANGUAGE_CODE,
        "languages": settings.LANGUAGES,
        "messages": SimpleLazyObject(lambda: list(get_messages(request))),
        "user": getattr(request, "user", None),
    }
