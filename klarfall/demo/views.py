"""The page that leads from the demo to an own house."""

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from klarfall.customers.people import demo_is_open
from klarfall.demo.emptying import empty_demo
from klarfall.ui.rendering import SeeOther, page


@login_not_required
@never_cache
def own_house(request: HttpRequest) -> HttpResponse:
    """Says what will be removed and asks; then the demo is gone and the house begins. Only where the demo is."""
    if not demo_is_open():
        raise Http404
    if request.method == "POST" and request.POST.get("remove") == "yes":
        request.session.flush()  # its row goes, too; a session that is saved afterwards would fail
        transaction.on_commit(empty_demo)
        return SeeOther("/account/setup/")
    return page(request, "demo/own_house.html", missing=request.method == "POST")
