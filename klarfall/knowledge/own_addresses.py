"""Addresses of our own pages, as somebody copied them from a browser into a text: the articles and files they mean."""

import re
from urllib.parse import urlsplit

from django.conf import settings

# As the portal and the desk write them (a test holds the two against each other).
_ARTICLE = re.compile(
    r"/(?:help|desk)/articles/(\d{1,15})/(?:reading/|chapters/([\w-]{1,100})/)?(?:\?([^#\s]*))?(?:#([\w-]*))?"
)
_FILE = re.compile(r"/(?:help|desk/articles)/files/(\d{1,15})/[^\s/?#]+")


def named(address: str) -> str:
    """`article:45#anchor` or `media:12` for a page or file of this house; any other address as it is.

    A link to an older edition means that one, so it stays. The host counts, not whether it was asked by http or https.
    """
    path = _path(address)
    if found := _FILE.fullmatch(path):
        return f"media:{int(found[1])}"
    found = _ARTICLE.fullmatch(path)
    if found is None or "edition" in (found[3] or ""):
        return address
    anchor = found[4] or found[2] or ""
    return f"article:{int(found[1])}{f'#{anchor}' if anchor else ''}"


def _path(address: str) -> str:
    """What follows our own host; empty for every other one."""
    if address.startswith("/"):
        return "" if address.startswith("//") else address
    try:
        asked, ours = urlsplit(address), urlsplit(settings.BASE_URL)
    except ValueError:  # brackets that are no address of a host
        return ""
    if asked.scheme not in ("http", "https") or asked.netloc.lower() != ours.netloc.lower():
        return ""
    return address.partition(asked.netloc)[2]
