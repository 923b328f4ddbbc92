"""Mails that could not be delivered; each can be sent again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from klarfall.channels.actions import resend
from klarfall.channels.models import Notice, NoticeStatus
from klarfall.core.action import Refused
from klarfall.desk.paging import PAGE
from klarfall.desk.shell import scope_of, shell
from klarfall.ui.rendering import SeeOther, page


def notices(request: HttpRequest) -> HttpResponse:
    """The failed ones, newest first."""
    rows = Notice.objects.filter(status=NoticeStatus.FAILED).select_related("recipient", "ticket").order_by("-pk")
    return page(request, "desk/notice/list.html", **shell(scope_of(request), "notices"), notices=list(rows[:PAGE]))


@require_POST
def dispatch(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one of them again."""
    notice = get_object_or_404(Notice, pk=pk)
    try:
        resend(notice, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _("It is sent again."))
    except Refused as problem:
        messages.error(request, str(problem.message))
    return SeeOther(reverse("desk:notices"))
