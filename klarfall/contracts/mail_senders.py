"""From which addresses mails about a product may come, and what may stand under them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from klarfall.contracts.models import ContactChannel
from klarfall.contracts.models.product import ChannelKind
from klarfall.core import vendor
from klarfall.core.action import Refused

_MOST_LINES, _MOST_SIGNATURE = 12, 600


class SenderRefused(Refused):
    """An address or a signature that our mails cannot have; `field` names it."""

    code = "sender_refused"


def checked_sender(text: str) -> str:
    """The address in small letters, or empty. Raises SenderRefused where it is none, or not one of ours.

    Ours is what ends like the sender of the house or like an address that customers write to: other servers throw
    mails away whose sender belongs to somebody else.
    """
    address = text.strip().lower()
    if not address:
        return ""
    try:
        validate_email(address)
    except ValidationError:
        raise SenderRefused(_("This is no e-mail address."), field="mail_from") from None
    if "+" in address.partition("@")[0]:
        raise SenderRefused(_("Please leave out what begins with +: we add that ourselves."), field="mail_from")
    domains = own_domains()
    if address.rpartition("@")[2] not in domains:
        message = _("Our mails can come from addresses at %(domains)s. Another one: please add it as a way of contact.")
        raise SenderRefused(message % {"domains": ", ".join(sorted(domains))}, field="mail_from")
    return address


def own_domains() -> set[str]:
    """The domains of the house's sender and of the addresses that customers write to."""
    house = vendor.current().mail_from or settings.DEFAULT_FROM_EMAIL
    channels = ContactChannel.objects.filter(kind=ChannelKind.EMAIL, active=True).values_list("value", flat=True)
    return {one.rpartition("@")[2].strip().lower() for one in (house, *channels) if "@" in one}


def checked_signature(text: str) -> str:
    """The lines without blanks at their ends and signs that cannot be shown. Raises SenderRefused."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").strip()
    shown = "".join(sign for sign in plain if sign == "\n" or sign.isprintable())
    lines = [line.rstrip() for line in shown.split("\n")]
    if len(lines) > _MOST_LINES or len(shown) > _MOST_SIGNATURE:
        values = {"lines": _MOST_LINES, "most": _MOST_SIGNATURE}
        raise SenderRefused(
            _("At most %(lines)s lines and %(most)s characters, please.") % values, field="mail_signature"
        )
    return "\n".join(lines)
