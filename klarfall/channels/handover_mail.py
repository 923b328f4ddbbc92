"""The mail by which a wish goes to the other team: all it needs, its calendar entry, and the way to the wish's page."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from klarfall.channels import addresses, appointments
from klarfall.channels.letters import WISHES
from klarfall.core import mail, vendor
from klarfall.tickets import handing_over
from klarfall.tickets.models import ConsultantRequest
from klarfall.ui.formats import day


def hand_over(kind: str, wish_id: int, *, now: datetime) -> None:
    """Mail the wish as it is now to its team. The link is made for this mail; an older one stays good."""
    rows = WISHES[kind].objects.select_related("product", "customer", "contact__user", "concern__ticket")
    wish: handing_over.Wish = rows.get(pk=wish_id)
    if not wish.team_address:
        return
    token = handing_over.new_pass(wish, now=now)
    # The team is nobody's account: it reads the house's language.
    with translation.override(settings.LANGUAGE_CODE), timezone.override(vendor.current().time_zone):
        written = mail.compose(
            "channels/handover_team.txt",
            greeting=_("Good day,"),
            now=now,
            wish=wish,
            consulting=isinstance(wish, ConsultantRequest),
            days=[day(one) for one in wish.preferred_on],
            page_url=addresses.page("handover-page", token=token),
        )
        entry = appointments.invitation(wish, now)
    domain = mail.sender().rpartition("@")[2] or "localhost"
    # The same for every attempt, so that a second copy is seen as one.
    message_id = f"<handover.{kind}.{wish.pk}.{wish.calendar_sequence}@{domain}>"
    mail.send(written, mail.Envelope(wish.team_address, "", message_id), (entry,) if entry else ())
