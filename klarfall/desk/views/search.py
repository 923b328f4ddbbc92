"""The desk's search: requests, messages, names of files, people, companies and numbers by one field."""

from django.http import HttpRequest, HttpResponse

from klarfall.desk.shell import scope_of, shell
from klarfall.desk.ticket_search import LONGEST, search
from klarfall.ui.rendering import page

_DIGITS = 18


def find(request: HttpRequest) -> HttpResponse:
    """What fits the typed words, the newest requests first; `below` asks for older ones, `wide` for similar words."""
    typed = request.GET.get("q", "").replace("\x00", "")[:LONGEST]
    after = request.GET.get("below", "")
    below = int(after) if after.isascii() and after.isdecimal() and len(after) <= _DIGITS else None
    wide = request.GET.get("wide") == "1"
    # Here the key of the search leads to its field.
    frame = shell(scope_of(request), "search")
    frame["search_url"] = frame.get("search_url") and "#q"
    found = search(typed, below, wide=wide)
    return page(request, "desk/search/page.html", **frame, query=typed, older=below, wide=wide, found=found)
