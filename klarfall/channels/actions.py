"""Send a mail again that could not be delivered."""

from datetime import datetime

from django.utils.translation import gettext as _

from klarfall.accounts import permissions
from klarfall.accounts.models import User
from klarfall.channels.models import Notice, NoticeStatus
from klarfall.core.action import Refused, action
from klarfall.core.jobs import enqueue


class NotFailed(Refused):
    """The mail was sent, or is about to be."""

    code = "not_failed"


@action
def resend(notice: Notice, *, actor: User, now: datetime) -> Notice:
    """Put a failed notice back to the waiting ones; the worker writes it anew and sends it."""
    permissions.require("ticket.reply", actor)
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if notice.status != NoticeStatus.FAILED:
        raise NotFailed(_("This mail has been sent meanwhile, or is about to be."))
    notice.status, notice.error = NoticeStatus.WAITING, ""
    notice.save(update_fields=["status", "error"])
    enqueue("channels.deliver", notice_id=notice.pk)
    return notice
