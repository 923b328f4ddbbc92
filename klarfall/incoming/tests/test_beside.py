"""A mail in a request: what both sites show beside its message, what only specialists see, and what nobody may."""

import ast
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import klarfall.incoming as app
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.incoming import wording
from klarfall.incoming.beside import SHOWN
from klarfall.incoming.filing import file_mail
from klarfall.incoming.models import IncomingMail, MailCopy, Outcome
from klarfall.incoming.storing import put
from klarfall.tickets.models import Attachment
from tests.cast import make_contact

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000") + bytes.fromhex(
    "1f15c4890000000d49444154789c63646060f85f0f0002870180eb47ba920000000049454e44ae426082"
)
HTML = (
    '<p>Die <b>Umlage</b> stimmt nicht</p><img src="cid:p1"><img src="https://track.example/x.png">'
    '<a href="https://portal.example/">hier</a><script>x()</script>'
)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def mailed(cast, clock):
    """A request that Bernd has opened by a formatted mail with a picture and a quote."""

    def arrive(rest="> alt\n", headers=(), files=0) -> IncomingMail:
        mail = EmailMessage()
        mail["From"], mail["To"] = "Bernd <bernd@acme.example>", "support@vendor.example"
        mail["Subject"], mail["Message-ID"] = "Umlage", "<1@acme.example>"
        for name, value in headers:
            mail[name] = value
        mail.set_content(f"Die Umlage stimmt nicht\n\nAm 1.1.2026 schrieb Anna:\n{rest}")
        mail.add_alternative(HTML, subtype="html")
        mail.get_payload()[1].add_related(PNG, "image", "png", cid="<p1>", filename="bild.png")
        for number in range(files):
            mail.add_attachment(b"x", maintype="text", subtype="plain", filename=f"datei{number}.txt")
        row = file_mail(put(mail.as_bytes(), way="lmtp", now=clock()), now=clock())
        assert row.outcome == Outcome.NEW_TICKET, row.reason
        return row

    return arrive


def copy_of(mail: IncomingMail) -> MailCopy:
    with viewing_as(SYSTEM):
        return MailCopy.objects.get(mail=mail)


def desk(client: Client, mail: IncomingMail) -> str:
    return client.get(reverse("desk:ticket", args=[mail.ticket.number])).content.decode()


def portal(client: Client, mail: IncomingMail) -> str:
    return client.get(reverse("portal:ticket", args=[mail.ticket.number])).content.decode()


def test_both_sites_fold_the_quote_and_offer_the_formatted_view(cast, mailed):
    mail = mailed()
    copy = copy_of(mail)
    for page, site in (
        (desk(client_of(cast.anna), mail), "desk"),
        (portal(client_of(cast.bernd.user), mail), "portal"),
    ):
        for words in ("per E-Mail", "Zitat und Signatur anzeigen", "&gt; alt", "Formatiert anzeigen", "bild.png"):
            assert words in page, (site, words)
        assert reverse(f"{site}:mail-copy-html", args=[copy.pk]) in page


def test_only_specialists_see_who_the_sender_is_and_the_original(cast, mailed):
    mail = mailed()
    original = reverse("desk:mail-original", args=[mail.pk])
    at_desk, at_portal = desk(client_of(cast.anna), mail), portal(client_of(cast.bernd.user), mail)
    assert "Absender nicht geprüft" in at_desk
    assert original in at_desk
    assert "Absender nicht geprüft" not in at_portal
    assert original not in at_portal


def test_the_formatted_view_is_a_document_without_rights(cast, mailed):
    """Own pictures stand in it as data; foreign ones are asked for only after a click."""
    copy = copy_of(mailed())
    for user, site in ((cast.anna, "desk"), (cast.bernd.user, "portal")):
        path = reverse(f"{site}:mail-copy-html", args=[copy.pk])
        quiet, loud = client_of(user).get(path), client_of(user).get(path, {"pictures": "yes"})
        policy = quiet["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'none'" in policy
        assert "sandbox allow-popups" in policy
        assert not {"allow-scripts", "allow-same-origin", "https:"} & set(policy.replace(";", " ").split())
        body = quiet.content.decode()
        assert '<img src="data:image/png;base64,' in body
        assert 'src="https://track.example' not in body
        assert "<script" not in body
        assert "noreferrer" in body
        assert "https:" in loud["Content-Security-Policy"]
        assert 'src="https://track.example/x.png"' in loud.content.decode()
        assert quiet["X-Frame-Options"] == "SAMEORIGIN"


def test_a_mail_shows_the_pictures_of_its_own_message_only(cast, mailed, clock):
    """Whatever number stands in the HTML: another message's picture is not put in."""
    first = mailed()
    second = copy_of(first)
    with viewing_as(SYSTEM):
        foreign = Attachment.objects.get(message=first.message, name="bild.png")
        other = make_contact("Olga", cast.borealis)
        request = file_mail(put(_plain(other.user.email), way="pipe", now=clock()), now=clock())
        copy = MailCopy.objects.get(mail=request)
        MailCopy.objects.filter(pk=copy.pk).update(html=f'<img src="attachment:{foreign.pk}">')
    body = client_of(cast.anna).get(reverse("desk:mail-copy-html", args=[copy.pk])).content.decode()
    assert "data:image" not in body
    assert second.pk != copy.pk


def _plain(sender: str) -> bytes:
    return f"From: {sender}\r\nTo: support@vendor.example\r\nSubject: Hallo\r\n\r\nHallo\r\n".encode()


def test_nobody_of_another_company_gets_to_a_mail(cast, mailed):
    copy = copy_of(mailed())
    for pages in ("", "?part=rest", "?pictures=yes"):
        path = reverse("portal:mail-copy-html", args=[copy.pk]) + pages
        assert client_of(cast.clara.user).get(path).status_code == 404
        assert client_of(cast.bernd.user).get(path).status_code == 200
    colleague = make_contact("Otto", cast.acme)  # sees own requests only
    assert client_of(colleague.user).get(reverse("portal:mail-copy-html", args=[copy.pk])).status_code == 404
    for name, pk in (("mail-copy-html", copy.pk), ("mail-original", copy.mail_id)):
        assert client_of(cast.bernd.user).get(reverse(f"desk:{name}", args=[pk])).status_code == 404


def test_a_long_quote_is_cut_in_the_page_and_whole_behind_a_link(cast, mailed):
    mail = mailed(rest="> zeile\n" * SHOWN)
    copy = copy_of(mail)
    page, path = desk(client_of(cast.anna), mail), reverse("desk:mail-copy-html", args=[copy.pk]) + "?part=rest"
    assert path in page
    assert page.count("&gt; zeile") < SHOWN
    whole = client_of(cast.anna).get(path)
    assert whole["Content-Type"].startswith("text/plain")
    assert whole.content.decode().count("> zeile") == SHOWN


def test_many_files_are_folded_after_the_first_twenty(cast, mailed):
    page = desk(client_of(cast.anna), mailed(files=25))
    assert "6 weitere Dateien" in page


def test_the_address_is_shown_where_it_is_not_the_persons_own(cast, mailed):
    mail = mailed()
    assert "von bernd@acme.example" not in desk(client_of(cast.anna), mail)
    with viewing_as(SYSTEM):
        MailCopy.objects.filter(mail=mail).update(from_address="privat@elsewhere.example")
    assert "von privat@elsewhere.example" in desk(client_of(cast.anna), mail)
    assert "von privat@elsewhere.example" in portal(client_of(cast.bernd.user), mail)


@pytest.mark.parametrize(
    ("found", "meaning", "word"),
    [
        ({}, "open", "nicht geprüft"),
        ({"dmarc": "pass"}, "cov", "bestätigt (DMARC)"),
        ({"dmarc": "fail", "spf": "pass"}, "err", "DMARC"),
        ({"spf": "softfail"}, "err", "SPF"),
        ({"spf": "pass", "dkim": "pass"}, "open", "DKIM, SPF"),
        ({"spf": "none"}, "open", "nicht bestätigt"),
    ],
)
def test_the_proof_of_the_sender_in_words(found, meaning, word):
    proof = wording.proof(found)
    assert proof.meaning == meaning
    assert word in proof.text


#: Calls whose texts are reasons, and the argument (by place) that is one.
_REASONED = {"Filed": 1, "Stranger": 0, "_with": 1}


def codes_of(folder: Path) -> set[str]:
    """Every reason and problem that the code of the app writes down, read from its source."""
    found: set[str] = set()
    for file in folder.rglob("*.py"):
        if "tests" in file.parts or "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                found |= _texts(node.args[_REASONED[name]]) if len(node.args) > _REASONED.get(name, 99) else set()
                named = [each.value for each in node.keywords if each.arg in ("problem", "problems", "reason", "how")]
                found |= {text for value in named for text in _texts(value)}
                if name == "problem":
                    found |= {text for value in node.args for text in _texts(value)}
            elif isinstance(node, ast.FunctionDef) and file.name == "machines.py":
                returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
                found |= {text for value in returned for text in _texts(value)} if node.returns else set()
    return {code for code in found if code.isidentifier()}


def _texts(node: ast.AST) -> set[str]:
    """The texts that an expression gives; not those that it only compares or looks up."""
    if isinstance(node, ast.Constant):
        return {node.value} - {""} if isinstance(node.value, str) else set()
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    if isinstance(node, ast.BoolOp):
        return set().union(*map(_texts, node.values))
    return set().union(*map(_texts, node.elts)) if isinstance(node, ast.Tuple | ast.List) else set()


def test_every_code_of_the_app_has_words():
    codes = codes_of(Path(app.__file__).parent)
    assert {"unknown_person", "not_proved", "blocked", "vacation", "encrypted", "too_many"} <= codes
    known = wording.REASONS.keys() | wording.NOTES.keys()
    assert sorted(codes - known) == []
