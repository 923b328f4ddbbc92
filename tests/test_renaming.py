"""The vendor's own words: what is renamed is renamed everywhere at the next request, in every process."""

from io import BytesIO

import pypdf
import pytest
from django.test import Client
from django.utils import translation

from klarfall.accounts.actions.words import change_words
from klarfall.billing.records.pdf import document, file_name
from klarfall.channels import letters
from klarfall.channels.models import Notice
from klarfall.core import master_data, renamed_texts
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.models import VendorProfile
from klarfall.core.words import Noun
from tests.language_words import data_values, texts_of, without

OWN = {
    "request": {"de": Noun("Vorgang", "Vorgänge", "m"), "en": Noun("enquiry", "enquiries")},
    "offer": {"de": Noun("Kosteninfo", "Kosteninfos", "f"), "en": Noun("quote", "quotes")},
    "portal": {"de": Noun("Servicezentrale", "Servicezentralen", "f"), "en": Noun("help hub", "help hubs")},
    "record": {"de": Noun("Protokoll", "Protokolle", "n"), "en": Noun("work report", "work reports")},
}


def read(user, path: str, language: str) -> str:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    answer = client.get(path)
    assert answer.status_code == 200, path
    return "\n".join(sorted(texts_of(answer.content.decode(), language)))


def cost_mail(story, language: str) -> str:
    """The mail that asks to decide about costs, written now."""
    with viewing_as(SYSTEM, fresh=True):
        notice = Notice.objects.filter(kind="cost_notice", recipient__kind="contact").earliest("pk")
    with viewing_as(SYSTEM), translation.override(language):
        return letters.write(notice, now=story.now).outgoing.text


def record_pdf(story) -> str:
    with viewing_as(SYSTEM, fresh=True):
        return "\n".join(
            page.extract_text() for page in pypdf.PdfReader(BytesIO(document(story.things["records"][0]))).pages
        )


def test_renamed_words_reach_pages_mails_and_documents(acme_story):
    story, bernd, anna = acme_story, acme_story.cast.bernd.user, acme_story.cast.anna
    assert "Neue Anfrage stellen" in read(bernd, "/requests/", "de")
    assert "Leistungsnachweis" in record_pdf(story)
    said = renamed_texts.edition()
    change_words(words=OWN, actor=story.things["admin"], now=story.now)
    assert renamed_texts.edition() == said  # nothing is told to anybody: each process finds out for itself

    requests = read(bernd, "/requests/", "de")
    assert "Neuen Vorgang stellen" in requests
    assert "Servicezentrale" in requests
    assert "Anfrage" not in requests
    assert "Send the enquiry" in read(bernd, "/requests/new/", "en")
    assert renamed_texts.edition() == said + 1

    questions = read(bernd, "/faq/", "de")
    assert "Kosteninfo" in questions
    assert "Kostenhinweis" not in without(questions, data_values())

    desk = read(anna, f"/desk/tickets/{story.tickets['main'].number}/?concern=1", "de")
    assert "Kosteninfo" in desk
    assert "Kostenhinweis" not in without(desk, data_values())  # what was sent keeps its words
    assert_renamed_in_mails_and_documents(story)

    with viewing_as(SYSTEM):
        VendorProfile.objects.filter(pk=1).update(words={})  # whatever way it changes: the stamp tells
    assert "Neue Anfrage stellen" in read(bernd, "/requests/", "de")


def assert_renamed_in_mails_and_documents(story):
    german, english = cost_mail(story, "de"), cost_mail(story, "en")
    assert "Ihr Vorgang" in german
    assert "Öffnet die Servicezentrale." in german
    assert "your enquiry" in english
    assert "Opens the help hub." in english
    record = record_pdf(story)
    assert "Protokoll" in record
    assert "Leistungsnachweis" not in record
    with viewing_as(SYSTEM):
        assert file_name(story.things["records"][0]).startswith("Protokoll-")


def test_pages_that_are_made_under_an_unchanged_stamp_ask_nothing(cast, django_assert_num_queries):
    with viewing_as(SYSTEM, fresh=True):
        stamp = master_data.stamp()

    def never():
        raise AssertionError("asked for words that did not change")

    with django_assert_num_queries(0):
        renamed_texts.refresh(stamp, never)


def test_a_text_is_found_as_quickly_with_renamed_words():
    """Renamed texts take the place of others: there is no further dictionary to look into."""

    def sizes(language):
        return [len(one) for one in translation.trans_real.translation(language)._catalog._catalogs]

    before = sizes("de")
    renamed_texts.use({"request": {"de": {"one": "Vorgang", "many": "Vorgänge", "gender": "m"}}})
    assert sizes("de") == before
    with translation.override("de"):
        assert translation.gettext("New request") == "Neuer Vorgang"
        assert translation.ngettext("%(count)s request", "%(count)s requests", 2) == "%(count)s Vorgänge"
    renamed_texts.use({})
    with translation.override("de"):
        assert translation.gettext("New request") == "Neue Anfrage"


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_text_can_be_said_with_words_that_are_not_stored(language):
    words = {"request": {"de": {"one": "Vorgang", "gender": "m"}, "en": {"one": "case"}}}
    expected = {"de": "Neuer Vorgang", "en": "New case"}
    assert renamed_texts.say("New request", words, language) == expected[language]
    with translation.override(language):
        assert translation.gettext("New request") != expected[language]
