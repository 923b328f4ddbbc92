"""The vendor's own words in mails: where they stand, what they cannot change, and the preview of every kind."""

from pathlib import Path

import pytest
from django.core import mail as outbox
from django.utils import translation

from klarfall.channels import mail_texts
from klarfall.channels.actions import MailTextRefused, change_mail_text
from klarfall.channels.mail_samples import sample
from klarfall.channels.mail_texts import KINDS, Words, allowed
from klarfall.channels.models import MailText, Notice
from klarfall.core.action import NotAllowed
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import AuditEntry
from tests.cast import NOW, make_staff
from tests.queue import run_jobs

pytestmark = pytest.mark.django_db
FOLDER = Path(mail_texts.__file__).parent / "templates" / "channels" / "notices"


@pytest.fixture
def hedwig(cast):
    return make_staff("Hedwig", "administrator")


def change(actor, kind="received", language="de", **words):
    return change_mail_text(kind=kind, language=language, words=Words(**words), actor=actor, now=NOW)


def sent_about(make_ticket, **fields):
    """The confirmation of a new request, as it leaves the house."""
    ticket = make_ticket(**fields)
    run_jobs()
    (found,) = (one for one in outbox.outbox if "bernd" in one.to[0].lower())
    return ticket, found


def test_every_kind_of_mail_has_its_line_and_a_sample_in_both_languages(hedwig):
    assert set(KINDS) == {file.stem for file in FOLDER.glob("*.txt")}
    for kind in KINDS:
        for language in ("de", "en"):
            with viewing_as(SYSTEM):
                found = sample(kind, Words(), language=language, reader=hedwig, now=NOW)
            assert len(found.subject) > 5, kind
            assert "Hedwig" in found.text, kind
            assert "Undefined" not in found.text + found.html, kind
            assert "{" not in found.text, kind


def test_every_placeholder_of_a_kind_is_filled_in_its_sample(hedwig):
    for kind in KINDS:
        text = "|".join(f"{name}={{{name}}}" for name in allowed(kind))
        with viewing_as(SYSTEM):
            found = sample(kind, Words(opening=text), language="de", reader=hedwig, now=NOW)
        flat = " ".join(found.text.split())
        assert "{" not in flat
        for name in allowed(kind):
            assert f"{name}=|" not in flat.replace(" ", ""), (kind, name)


def test_own_words_stand_in_the_mail_and_facts_stay(hedwig, make_ticket):
    change(hedwig, subject="Wir haben „{title}“", opening="danke, {name}.\n\nZweiter Absatz zu {number}.",
           closing="Ihr Team von {vendor}")  # fmt: skip
    ticket, found = sent_about(make_ticket)
    assert found.subject == f"[KF-{ticket.number}] Wir haben „Saldo stimmt nicht“"
    html = found.alternatives[0][0]
    for part in (found.body, html):
        assert "danke, Bernd." in part
        assert f"Zweiter Absatz zu KF-{ticket.number}." in part
        assert "Ihr Team von Kontor Software" in part
        assert "nichts beauftragt" in " ".join(part.split())  # what follows from the contract
        assert f"/requests/{ticket.number}/" in part
    assert "hat die Nummer" not in found.body  # our introduction


def test_words_count_for_their_language_only(hedwig, make_ticket):
    change(hedwig, language="en", subject="Thanks")
    _ticket, found = sent_about(make_ticket)
    assert "Thanks" not in found.subject


def test_facts_at_the_beginning_of_a_mail_stay(hedwig):
    with viewing_as(SYSTEM):
        for kind in ("link_code", "phone_code", "cost_notice", "release_granted"):
            ours = sample(kind, Words(), language="de", reader=hedwig, now=NOW).text
            own = sample(kind, Words(subject="X", opening="Y", closing="Z"), language="de", reader=hedwig, now=NOW).text
            kept = [block for block in ours.split("\n\n") if block not in own]
            assert kept == [], kind


def test_what_somebody_typed_into_a_title_is_no_placeholder_and_no_markup(hedwig, make_ticket):
    change(hedwig, opening="Betrifft {title}")
    _ticket, found = sent_about(make_ticket, title="{number} <b>fett</b> [[code]]")
    assert "Betrifft {number} <b>fett</b> [[code]]" in found.body
    assert "<b>fett</b>" not in found.alternatives[0][0]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("opening", "Hallo {kunde}"), ("subject", "{code}"), ("closing", "{LINK}"), ("opening", "{"),
        ("opening", "a } b"),
        ("opening", "{number!r}"), ("opening", "{vendor.iban}"), ("opening", "{{number}}"), ("subject", "x" * 161),
        ("opening", "x" * 2001), ("closing", "x" * 601), ("opening", "{offer}"),
    ],
)  # fmt: skip
def test_what_cannot_stand_in_a_mail_is_refused(hedwig, field, text):
    with pytest.raises(MailTextRefused) as refused:
        change(hedwig, **{field: text})
    assert refused.value.field == field
    with viewing_as(SYSTEM):
        assert not MailText.objects.exists()


def test_the_refusal_names_what_is_possible(hedwig):
    with translation.override("de"), pytest.raises(MailTextRefused) as refused:
        change(hedwig, kind="cost_notice", opening="{betrag}")
    assert "{betrag}" in str(refused.value)
    assert all(f"{{{name}}}" in str(refused.value) for name in allowed("cost_notice"))


@pytest.mark.parametrize(("kind", "language"), [("nothing", "de"), ("../received", "de"), ("received", "fr")])
def test_there_are_no_other_mails(hedwig, kind, language):
    with pytest.raises(MailTextRefused):
        change(hedwig, kind=kind, language=language, closing="X")


def test_a_subject_is_one_line(hedwig):
    row = change(hedwig, subject="Eins\r\nBcc: alle@example.org\x00")
    assert row.subject == "Eins Bcc: alle@example.org"


def test_empty_words_are_ours_again(hedwig, make_ticket):
    change(hedwig, opening="Hallo")
    assert change(hedwig) is None
    with viewing_as(SYSTEM):
        assert not MailText.objects.exists()
        entries = AuditEntry.objects.filter(verb="mail_text.changed")
        assert [entry.data["fields"] for entry in entries] == [["opening"], ["opening"]]
        assert "Hallo" not in str([entry.data for entry in entries])
    _ticket, found = sent_about(make_ticket)
    assert "hat die Nummer" in " ".join(found.body.split())


def test_only_administrators_change_mails(cast):
    with pytest.raises(NotAllowed):
        change(cast.dora, closing="X")


def test_a_stored_mail_keeps_its_words(hedwig, make_ticket):
    change(hedwig, opening="Erste Fassung")
    sent_about(make_ticket)
    change(hedwig, opening="Zweite Fassung")
    with viewing_as(SYSTEM):
        assert "Erste Fassung" in Notice.objects.get(kind="received").text
