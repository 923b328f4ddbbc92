"""The demo's arrived mails: one became a request, the others wait for somebody to say whose they are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from typing import Any

from klarfall.core import mail as mailing
from klarfall.demo.files import Sample, sample
from klarfall.demo.schedule import Schedule
from klarfall.demo.words import filled
from klarfall.incoming.filing import file_mail
from klarfall.incoming.models import IncomingMail, MailCopy, Way
from klarfall.incoming.storing import put

Moment = Callable[[datetime], None]
_SOURCE = "mx.demo.invalid"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail as somebody outside writes it; `minutes` before now it arrives."""

    minutes: int
    sender: str
    subject: str
    text: str
    html: str = ""
    picture: Sample | None = None
    file: Sample | None = None
    dmarc: str = ""


LETTERS = (
    Letter(
        minutes=7,
        sender="Aylin Kaya <aylin.kaya@lindenhof.invalid>",
        subject="Vorschau der Abrechnung: eine Kostenart fehlt",
        text=(
            "Guten Tag,\n\nin der Vorschau der Abrechnung {vorjahr} für das Haus Gartenweg 7 fehlt die Kostenart "
            "„Wartung Rauchmelder“. Gebucht ist sie, siehe Bild. Was übersehe ich?\n\nViele Grüße\nAylin Kaya\n\n-- \n"
            "Hausverwaltung Lindenhof GmbH\nBeispielweg 1, 55116 Mainz\n"
        ),
        html=(
            "<p>Guten Tag,</p><p>in der Vorschau der Abrechnung <b>{vorjahr}</b> für das Haus <i>Gartenweg 7</i> fehlt "
            "die Kostenart „Wartung Rauchmelder“. Gebucht ist sie, siehe Bild. Was übersehe ich?</p>"
            '<p><img src="cid:vorschau" alt="Gebuchte Kostenarten"></p><p>Viele Grüße<br>Aylin Kaya</p>'
            '<p style="color:#777">Hausverwaltung Lindenhof GmbH<br>Beispielweg 1, 55116 Mainz<br>'
            '<img src="https://bilder.demo.invalid/logo.png" alt="Logo" width="120" height="32"></p>'
        ),
        picture=sample("vorschau.png", "Kostenarten Gartenweg 7", "Wasser   2.310,40", "Wartung Rauchmelder   412,00"),
        dmarc="pass",
    ),
    Letter(
        minutes=41,
        sender="Sabine Roth <sabine.roth@lindenhof.invalid>",
        subject="Zugang für neue Kollegin",
        text=(
            "Guten Tag,\n\nich arbeite seit dem 1. des Monats bei Lindenhof und übernehme die Mietenbuchhaltung. Bei der "
            "Sollstellung {monat} meldet das Programm „Sperre aktiv“. Was kann ich tun?\n\nMit freundlichen Grüßen\n"
            "Sabine Roth\n"
        ),
        dmarc="pass",
    ),
    Letter(
        minutes=33,
        sender="Malte J. <malte.jensen@privat.invalid>",
        subject="Liste von unterwegs",
        text=(
            "Moin,\n\nanbei die Liste, die ich am Telefon erwähnt habe. Meine Büroadresse erreiche ich gerade nicht.\n\n"
            "Malte\n"
        ),
        file=sample("leerstand.csv", "Einheit;seit", "WE 4;01.09.", "WE 11;15.10."),
    ),
    Letter(
        minutes=19,
        sender="Events Team <events@messe-kontakt.invalid>",
        subject="Your stand at the property fair",
        text=(
            "Hello,\n\nwe would like to offer you a stand at the property fair in spring. Please tell us whether you are "
            "interested.\n\nKind regards\nThe events team\n"
        ),
        dmarc="fail",
    ),
)


def moments(schedule: Schedule, letters: Sequence[Letter] = LETTERS) -> Iterator[tuple[datetime, Moment]]:
    """When each mail arrives; it is stored and filed as the worker would."""
    for place, letter in enumerate(letters, start=1):
        at = schedule.now - timedelta(minutes=letter.minutes)
        yield at, partial(_arrives, letter, _written(letter, place, at, schedule))


def _arrives(letter: Letter, raw: bytes, at: datetime) -> None:
    mail = file_mail(put(raw, way=Way.LMTP, source=_SOURCE, envelope_to=[_ours()], now=at), now=at)
    _proved(mail, letter.dmarc)


def _proved(mail: IncomingMail, dmarc: str) -> None:
    """As if a trusted server had checked the sender; the demo knows none."""
    if dmarc:
        found = {"server": _SOURCE, "dmarc": dmarc}
        IncomingMail.objects.filter(pk=mail.pk).update(authentication=found)
        MailCopy.objects.filter(mail=mail).update(authentication=found)


def _ours() -> str:
    return mailing.sender()


def _written(letter: Letter, place: int, at: datetime, schedule: Schedule) -> bytes:
    """The message, the same bytes at every instant that gives the same words."""

    def fill(text: str) -> str:
        return filled(text, at=at, schedule=schedule)

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = letter.sender, _ours(), fill(letter.subject)
    message["Date"] = format_datetime(at.astimezone(schedule.zone))
    message["Message-ID"] = f"<{at:%Y%m%d%H%M}.{place}@mail.demo.invalid>"
    message.set_content(fill(letter.text))
    if letter.html:
        message.add_alternative(fill(letter.html), subtype="html")
    if letter.picture:
        related: Any = message.get_payload()[1]  # type: ignore[index]
        content = letter.picture.uploaded(fill).read()
        related.add_related(content, "image", "png", cid="<vorschau>", filename=letter.picture.name)
    if letter.file:
        content = letter.file.uploaded(fill).read()
        message.add_attachment(content, maintype="text", subtype="csv", filename=letter.file.name)
    for number, part in enumerate(one for one in message.walk() if one.is_multipart()):
        part.set_boundary(f"=_demo_{place}_{number}")  # else a random one
    return message.as_bytes()
