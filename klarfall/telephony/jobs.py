"""Jobs of the telephony: forget people, callers whom nobody knows, and what the telephone system reported long ago."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from klarfall.core.jobs import every, job
from klarfall.telephony.models import Call, CallbackWish, HookEvent, LiveCall

#: A replay is refused by its time stamp long before; ids are kept a little longer than stamps are accepted.
_IDS_KEPT = timedelta(hours=1)
_LIVE_KEPT = timedelta(days=1)


@job("telephony.forget")
def forget(*, person_id: int) -> None:
    """Empty numbers, names and notes of an erased person; that somebody called and when stays (INV-29)."""
    calls = Call.objects.filter(contact__user=person_id)
    live = LiveCall.objects.filter(~Q(number_e164=""), number_e164__in=calls.values("number_e164"))
    live.update(number="", number_e164="", changed_at=F("changed_at"))
    calls.update(number="", number_e164="", name="", company="", note="")
    CallbackWish.objects.filter(contact__user=person_id).update(number="", number_e164="", about="")


@every("41 2 * * *")
@job("telephony.sweep")
def sweep() -> None:
    """Forget ids of old events, calls that were reported and recorded or never taken, and callers whom nobody knows."""
    now = timezone.now()
    HookEvent.objects.filter(at__lt=now - _IDS_KEPT).delete()
    LiveCall.objects.filter(changed_at__lt=now - _LIVE_KEPT).delete()
    forget_strangers(now)


def forget_strangers(now: datetime) -> int:
    """Empty what calls of CALL_RETENTION_DAYS ago say of callers who are no contact; returns how many.

    That somebody called, when, how it ended and the customer, if one was named, stay. A caller who became a contact
    has their calls assigned to them, and those go with the person (`forget`).
    """
    before = now - timedelta(days=settings.CALL_RETENTION_DAYS)
    says = ~Q(number="") | ~Q(name="") | ~Q(company="") | ~Q(note="")
    old = Call.objects.filter(says, contact__isnull=True, recorded_at__lt=before)
    return old.update(number="", number_e164="", name="", company="", note="")
