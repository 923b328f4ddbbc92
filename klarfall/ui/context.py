"""What every page may use without asking the database: the vendor's words, the language, the messages."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import get_language


@lru_cache(maxsize=1)
def _vendor_source() -> Any:
    """Returns the function named in settings.UI_VENDOR; by name, because the interface knows no other app."""
    return import_string(settings.UI_VENDOR)


def vendor() -> Any:
    """Returns the vendor's profile: name, portal_name, support_name and the other words they chose."""
    return _vendor_source()()


def interface(request: HttpRequest) -> dict[str, Any]:
    """Returns `vendor`, `language`, `languages`, `messages` (lazy: asking for them marks them as read) and `user`."""
    return {
        "vendor": vendor(),
        "language": get_language() or settings.LANGUAGE_CODE,
        "languages": settings.LANGUAGES,
        "messages": SimpleLazyObject(lambda: list(get_messages(request))),
        "user": getattr(request, "user", None),
    }
