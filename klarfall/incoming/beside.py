"""What a request's page shows beside a message that came by mail: folded quote, formatted view, notes, the sender."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, Value, When
from django.db.models.functions import JSONObject, Left, Length

from klarfall.billing.timeline import Happened, Said
from klarfall.contracts.models.product import ChannelKind
from klarfall.incoming.models import MailCopy
from klarfall.incoming.wording import Proof, note_words, proof

#: Characters of a trimmed quote that stand in the page; a longer one opens by itself.
SHOWN = 6_000


@dataclass(frozen=True, kw_only=True)
class Links:
    """Where the pages of a site are, by id of a `MailCopy` and of an `IncomingMail`; the original is for staff."""

    html: Callable[[int], str]
    original: Callable[[int], str] | None = None


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What hangs on one message. `address` is empty where it is the person's own; `proof` only specialists see."""

    address: str = ""
    rest: str = ""
    rest_url: str = ""
    notes: Sequence[str] = ()
    html_url: str = ""
    remote_images: int = 0
    proof: Proof | None = None
    original_url: str = ""


def with_mails(
    lines: list[Said | Happened], ticket: Any, *, links: Links, addresses: Mapping[int, str], for_staff: bool
) -> list[Said | Happened]:
    """Returns the timeline with `Said.mail` filled from `ticket.mail_copies` (`column`).

    `addresses` are those of people by user id, as far as the viewer may know them; only a sender's address that
    differs from a known one is shown.
    """
    copies = {row["message"]: row for row in ticket.mail_copies}
    return [
        replace(line, mail=_beside(copies.get(line.pk), line, links, addresses, for_staff=for_staff))
        if isinstance(line, Said) and line.channel == ChannelKind.EMAIL and not line.erased
        else line
        for line in lines
    ]


def column() -> ArraySubquery:
    """What a query of tickets reads along as `mail_copies`, as far as the viewer may see it."""
    rows = MailCopy.objects.filter(ticket=OuterRef("pk")).order_by("pk")
    row = JSONObject(
        pk="pk", message="message_id", mail="mail_id", address="from_address", rest=Left("rest", SHOWN),
        length=Length("rest"), formatted=Case(When(html="", then=Value(0)), default=Value(1)),
        remote_images="remote_images", authentication="authentication", notes="notes",
    )  # fmt: skip
    return ArraySubquery(rows.values(found=row))


def _beside(
    row: dict[str, Any] | None, line: Said, links: Links, addresses: Mapping[int, str], *, for_staff: bool
) -> Beside:
    if row is None:  # written down as a mail by hand, or its copy was erased
        return Beside()
    own, html = addresses.get(line.author_id, ""), links.html(row["pk"])
    return Beside(
        address=row["address"] if (own or for_staff) and own.lower() != row["address"] else "",
        rest=row["rest"],
        rest_url=f"{html}?part=rest" if row["length"] > SHOWN else "",
        notes=note_words(row["notes"]),
        html_url=html if row["formatted"] else "",
        remote_images=row["remote_images"],
        proof=proof(row["authentication"]) if for_staff else None,
        original_url=links.original(row["mail"]) if links.original and row["mail"] else "",
    )
