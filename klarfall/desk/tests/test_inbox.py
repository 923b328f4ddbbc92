"""The mails that nobody could be found for: list, search, one mail, its files and its formatted view."""

from base64 import b64decode
from email.message import EmailMessage

import pytest

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.inbox import VIEWS
from klarfall.desk.presumed import presumed_language
from klarfall.desk.tests.conftest import at, queries_of, text
from klarfall.incoming.models import IncomingMail, Outcome
from klarfall.incoming.storing import put

pytestmark = pytest.mark.django_db
PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


def message(subject="Frage zur Umlage", sender="Stefan Müller <stefan@elsewhere.example>", **more) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "support@vendor.example", subject
    mail["Message-ID"] = f"<{abs(hash(subject))}@elsewhere.example>"
    mail.set_content(more.get("text", "Guten Tag,\n\ndie Umlage stimmt nicht.\n\nAm 1.1.2026 schrieb A:\n> alt\n"))
    return mail


@pytest.fixture
def arrive(clock):
    """A mail that was stored, and where it ended."""

    def arrived(mail=None, outcome=Outcome.QUARANTINE, reason="unknown_sender", **values):
        mail = mail or message()
        row = put(mail.as_bytes(), way="lmtp", now=clock())
        sender = mail["From"].addresses[0]
        known = {"from_address": sender.addr_spec, "from_name": sender.display_name, "subject": mail["Subject"]}
        with viewing_as(SYSTEM):
            given = {"outcome": outcome, "reason": reason, "preview": "die Umlage stimmt nicht", **known, **values}
            IncomingMail.objects.filter(pk=row.pk).update(**given)
            return IncomingMail.objects.get(pk=row.pk)

    return arrived


def test_the_list_shows_who_wrote_what_when_and_why_it_waits(annas, arrive):
    row = arrive(files=2)
    shown = text(annas.get(at("inbox")))
    for words in ("Stefan Müller", "stefan@elsewhere.example", "Frage zur Umlage", "2 Dateien"):
        assert words in shown
    assert at("inbox-mail", row.pk) in shown


@pytest.mark.parametrize("words", ["MÜLLER", "müller umlage", "elsewhere", "stimmt nicht", "UMLAGE"])
def test_search_finds_umlauts_and_parts_of_addresses(annas, arrive, words):
    arrive()
    arrive(message("Etwas anderes", "other@somewhere.example"), preview="")
    shown = text(annas.get(at("inbox"), {"q": words}))
    assert "Stefan Müller" in shown
    assert "other@somewhere.example" not in shown


def test_every_mail_is_in_one_of_the_views_and_in_the_last(annas, arrive):
    for number, outcome in enumerate(Outcome):
        arrive(message(f"Betreff {number}"), outcome=outcome)
    seen = {one.slug: text(annas.get(at("inbox"), {"show": one.slug})) for one in VIEWS}
    for number in range(len(Outcome)):
        assert f"Betreff {number}" in seen["all"]
    assert {outcome for one in VIEWS for outcome in one.outcomes} == {*Outcome} - {"new_ticket", "reply_to"}
    assert "Betreff 5" in seen["quarantine"]
    assert "Betreff 6" not in seen["quarantine"]


def test_the_list_pages_by_key_and_costs_the_same_whatever_its_length(annas, arrive):
    arrive()
    before = len(queries_of(annas, at("inbox")))
    with viewing_as(SYSTEM):
        one = IncomingMail.objects.get()
        IncomingMail.objects.bulk_create(
            IncomingMail(received_at=one.received_at, size=1, subject=f"Nr {number}", outcome="quarantine",
                         fingerprint=f"{number}", way="pipe") for number in range(120)
        )  # fmt: skip
    assert len(queries_of(annas, at("inbox"))) == before <= 3
    first = text(annas.get(at("inbox")))
    assert "99+" in first
    assert "Nr 119<" in first and "Nr 69<" not in first  # noqa: PT018 - one page
    cursor = first.split("after=")[1].split('"')[0].split("&")[0]
    assert "Nr 69<" in text(annas.get(at("inbox"), {"after": cursor}))
    assert annas.get(at("inbox"), {"after": "9" * 40, "before": "x"}).status_code == 200


def test_one_mail_shows_text_folded_rest_files_and_who_sent_it(annas, arrive):
    mail = message()
    mail.add_attachment(b"a;b\n", maintype="text", subtype="csv", filename="Liste <1>.csv")
    row = arrive(mail, authentication={"server": "mx.vendor.example", "dmarc": "fail"})
    shown = text(annas.get(at("inbox-mail", row.pk)))
    for words in ("die Umlage stimmt nicht.", "Zitat und Signatur anzeigen", "&gt; alt", "support@vendor.example"):
        assert words in shown
    assert "DMARC" in shown
    assert "Liste _1_.csv" in shown
    assert len(queries_of(annas, at("inbox-mail", row.pk))) <= 6


def test_files_and_originals_are_saved_never_opened(annas, arrive):
    mail = message()
    mail.add_attachment("<script>alert(1)</script>", subtype="html", filename="böse.html")
    row = arrive(mail)
    for path in (at("inbox-file", row.pk, 0), at("mail-original", row.pk)):
        response = annas.get(path)
        assert response.status_code == 200
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
    assert annas.get(at("mail-original", row.pk)).content == mail.as_bytes()
    assert annas.get(at("inbox-file", row.pk, 9)).status_code == 404


def test_the_formatted_view_runs_nothing_and_asks_nobody_before_it_is_told_to(annas, arrive):
    mail = message()
    mail.add_alternative(
        '<p onclick="x()">Hallo</p><script>x()</script><img src="cid:p1"><img src="https://track.example/x.png">',
        subtype="html",
    )
    mail.get_payload()[1].add_related(PICTURE, "image", "png", cid="<p1>")
    row = arrive(mail)
    page = text(annas.get(at("inbox-mail", row.pk)))
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "?pictures=yes" in page
    quiet = annas.get(at("inbox-html", row.pk))
    policy = quiet["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "https:" not in policy
    body = text(quiet)
    assert "<script" not in body
    assert "onclick" not in body
    assert 'src="data:image/png;base64,' in body
    assert 'src="https://track.example' not in body
    loud = annas.get(at("inbox-html", row.pk), {"pictures": "yes"})
    assert "img-src data: https:" in loud["Content-Security-Policy"]
    assert 'src="https://track.example/x.png"' in text(loud)


def test_a_mail_whose_original_is_gone_still_says_what_is_known(annas, arrive):
    row = arrive()
    with viewing_as(SYSTEM):
        IncomingMail.objects.filter(pk=row.pk).update(key="")
    shown = text(annas.get(at("inbox-mail", row.pk)))
    assert "die Umlage stimmt nicht" in shown
    assert annas.get(at("mail-original", row.pk)).status_code == 303
    assert annas.get(at("inbox-file", row.pk, 0)).status_code == 404


def test_customers_find_none_of_these_pages(desk_of, bernd, arrive):
    row, client = arrive(), desk_of(bernd)
    for path in (at("inbox"), at("inbox-mail", row.pk), at("inbox-html", row.pk), at("mail-original", row.pk)):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("words", "language"),
    [("Bitte prüfen Sie die Liste", "de"), ("Please have a look at the list", "en"), ("", "de"), ("???", "de")],
)
def test_the_language_is_presumed_by_little_words(words, language):
    assert presumed_language(words) == language
