"""Mailboxes and listeners as the settings name them: read rightly, refused with a sentence, never with a password."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from klarfall.incoming.receiving.sources import Listener, listener, mailboxes, product_code, recipients

SECRET = "s3cret-Word"


def test_a_mailbox_is_read_with_everything_that_can_be_said_about_it():
    url = "imaps://support%40vendor.example:a%2Cb%2F%40c@mail.example/Eing%C3%A4nge/Neu?product=erp&after=move:Fertig"
    (box,) = mailboxes([url])
    assert box.name == "support@vendor.example@mail.example/Eingänge/Neu"
    assert (box.host, box.port, box.tls) == ("mail.example", 993, "implicit")
    assert (box.user, box.password, box.folder) == ("support@vendor.example", "a,b/@c", "Eingänge/Neu")
    assert (box.product, box.after, box.move_to, box.takes_all) == ("erp", "move", "Fertig", False)
    assert product_code(box.name, [box]) == "erp"
    assert product_code("elsewhere", [box]) == ""


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("imaps://u:p@h.example", 993, "implicit"),
        ("imaps://u:p@h.example:1993/", 1993, "implicit"),
        ("imap://u:p@h.example", 143, "starttls"),
        ("imap://u:p@h.example:1143/?tls=no", 1143, "no"),
        ("imap://u:p@h.example?tls=starttls&first=all&after=delete", 143, "starttls"),
    ],
)
def test_port_and_encryption_follow_from_the_beginning_of_the_url(url, port, tls):
    (box,) = mailboxes([url])
    assert (box.port, box.tls, box.folder) == (port, tls, "INBOX")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"pop3://u:{SECRET}@h.example", "is not a mailbox"),
        (f"imaps://{SECRET}", "is not a mailbox"),
        (f"imaps://u:{SECRET}@h.example:none/", "is not a valid URL"),
        (f"imaps://u:{SECRET}/x@h.example/", "is not a"),
        (f"imaps://u:{SECRET}#x@h.example/", "is not a"),
        (f"imaps://u:x?{SECRET}=y@h.example/", "is not a"),
        (f"imaps://u:{SECRET}@h.example?{SECRET}=1", "1 unknown options"),
        (f"imaps://u:{SECRET}@h.example?after={SECRET}", "after must be seen, delete or move:Folder"),
        (f"imaps://u:{SECRET}@h.example?after=move:", "after must be"),
        (f"imap://u:{SECRET}@h.example?tls=maybe", "tls must be starttls or no"),
        (f"imaps://u:{SECRET}@h.example?first=some", "first must be unseen or all"),
        (f"imaps://u:{SECRET}@h.example?token=x", "either a password or a token command"),
        ("imaps://u@h.example", "either a password or a token command"),
        (f"imaps://u%0d:{SECRET}@h.example", "control characters"),
        (f"imaps://u:{SECRET}@h.example/{'f' * 200}", "too long"),
    ],
)
def test_what_is_no_mailbox_is_refused_by_its_place_and_without_its_password(url, says):
    with pytest.raises(ImproperlyConfigured, match="MAIL_IN, mailbox 2") as refusal:
        mailboxes(["imaps://a:b@h.example", url])
    assert says in str(refusal.value)
    assert SECRET not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_the_same_folder_twice_is_a_mistake():
    with pytest.raises(ImproperlyConfigured, match="mailbox 2: the same mailbox"):
        mailboxes(["imaps://u:p@h.example", "imaps://u:q@h.example/INBOX"])


def test_no_representation_shows_a_password_or_a_token_command():
    shown = repr(mailboxes([f"imaps://u:{SECRET}@h.example", f"imaps://v@h.example?token={SECRET}"]))
    assert "u@h.example" in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", None),
        ("127.0.0.1:2424", Listener("127.0.0.1", 2424)),
        ("[::1]:2424", Listener("::1", 2424)),
        ("localhost:24", Listener("localhost", 24)),
        ("unix:/run/klarfall/lmtp", Listener(path="/run/klarfall/lmtp")),
        ("/run/klarfall/lmtp", Listener(path="/run/klarfall/lmtp")),
    ],
)
def test_a_listener_is_a_port_of_this_machine_or_a_socket(value, expected):
    assert listener(value, "LMTP_LISTEN", sockets=True) == expected


@pytest.mark.parametrize(
    "value", ["25", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "mail.example:25", ":25", "::1:x"]
)
def test_what_is_no_listener_stops_the_start(value):
    with pytest.raises(ImproperlyConfigured, match="SMTP_LISTEN is"):
        listener(value, "SMTP_LISTEN")


def test_a_socket_speaks_lmtp_only():
    with pytest.raises(ImproperlyConfigured, match="SMTP_LISTEN is"):
        listener("unix:/run/klarfall/smtp", "SMTP_LISTEN")


@pytest.mark.parametrize("value", ["0.0.0.0:25", "[::]:25", "192.0.2.7:25"])
def test_a_listener_beyond_this_machine_needs_to_know_its_mail_servers(value):
    with pytest.raises(ImproperlyConfigured, match="name the mail servers that may deliver in SMTP_ALLOW"):
        listener(value, "SMTP_LISTEN")
    assert listener(value, "SMTP_LISTEN", allowed=["192.0.2.0/24"])


def test_further_recipients_are_addresses_or_domains():
    assert recipients(["Klarfall@Host.example", "@vendor.example"]) == {"klarfall@host.example", "@vendor.example"}
    with pytest.raises(ImproperlyConfigured, match="MAIL_RECIPIENTS"):
        recipients(["support"])
