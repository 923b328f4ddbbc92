"""ParsedMail: everything that is known of a mail after reading its bytes once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Address:
    """A mail address as headers give it: `address` in small letters, empty where it is none."""

    name: str
    address: str


@dataclass(frozen=True)
class MailFile:
    """A part that is not the text itself. Whatever cannot be read stands here, too, with the `problem` as a code."""

    name: str
    content_type: str
    content: bytes
    #: Content-ID without brackets, for pictures in the HTML.
    cid: str = ""
    inline: bool = False
    problem: str = ""


@dataclass(frozen=True)
class DeliveryReport:
    """What a mail server reports about a mail of ours (RFC 3464, and reports in plain words)."""

    #: failed, delayed, delivered, relayed, expanded
    action: str
    #: `5.1.1` and the like; empty where the report does not say.
    status: str
    recipient: str
    #: Message-ID of the mail that it is about, with brackets.
    original_id: str
    explanation: str

    @property
    def is_final(self) -> bool:
        """Nothing will come of waiting."""
        return self.action == "failed" and not self.status.startswith("4")


@dataclass(frozen=True)
class ParsedMail:
    """A mail, decoded. Texts hold no control characters but line breaks and tabs; lines end with \\n."""

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sender: Address = Address("", "")
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None
    #: The whole plain text: of the text part, else made from the HTML.
    text: str = ""
    #: The HTML as it came, decoded, not harmless; empty where there is none.
    html: str = ""
    files: Sequence[MailFile] = ()
    #: Names in small letters; values decoded, in their order.
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    report: DeliveryReport | None = None
    #: A read receipt (RFC 8098).
    is_receipt: bool = False
    #: Codes: encrypted, signed, damaged, incomplete, too_deep, too_many_parts, cut, no_text, several_senders.
    problems: Sequence[str] = ()

    def header(self, name: str) -> str:
        """The first value of a header; empty where there is none."""
        values = self.headers.get(name.lower())
        return values[0] if values else ""
