"""Every page as every role, both sites and the mails, is in one language: German or English, never both."""

from collections import Counter

import pytest
from django.test import Client
from django.utils import translation

from klarfall.channels import letters
from klarfall.channels.models import Notice
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.ui import views
from tests.acme_story import AcmeStory
from tests.addresses import addresses
from tests.language_words import data_values, language_of, texts_of, wrong

#: Pages of samples and drawings for ourselves; they exist in development only.
_OURS = ("ui:", "demo-")
_ERRORS = (
    views.bad_request,
    views.csrf_failure,
    views.forbidden,
    views.not_found,
    views.server_error,
    views.too_large,
    views.too_many_requests,
)
#: Of each kind of page one; these two see most, and the same page in all its states.
_MOST = {"customer admin": 20, "lead": 20}
_LEAST = {"visitor": 8, "requester": 15, "agent": 20, "lead": 60}


def roles(story: AcmeStory) -> dict[str, object]:
    """Somebody of every role; a visitor is nobody."""
    cast = story.cast
    return {
        "visitor": None,
        "requester": cast.bernd.user,
        "cost release": cast.astrid.user,
        "customer admin": story.gesa.user,
        "agent": cast.anna,
        "lead": cast.dora,
        "billing": story.things["biller"],
        "administrator": story.things["admin"],
    }


def pages(story: AcmeStory, user: object, language: str, most: int):
    """Path and content of the pages that this person gets, at most so many of a kind, and of errors."""
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    client.cookies["django_language"] = language
    if user is not None:
        client.force_login(user)
    sites = ("portal", "desk", "") if user is None else ("", "desk" if user.kind == "staff" else "portal")
    seen: Counter[str] = Counter()
    for site in sites:
        for one in addresses(story, site):
            if one.name.startswith(_OURS) or "logout" in one.name or seen[one.name] >= most:
                continue
            answer = client.get(one.path)
            seen[one.name] += answer.status_code == 200
            if answer.get("Content-Type", "").startswith("text/html") and answer.status_code != 302:
                yield one.path, answer.status_code, answer.content.decode()
    yield "/no-such-page/", 404, client.get("/no-such-page/").content.decode()


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_page_mixes_languages(acme_story, language):
    data, faults = data_values(), {}
    read: dict[str, set[str]] = {"de": set(), "en": set()}  # what stands on many pages is judged once
    for role, user in roles(acme_story).items():
        seen = 0
        for path, status, html in pages(acme_story, user, language, most=_MOST.get(role, 1)):
            assert status < 500, (role, path)
            seen += status == 200
            said = language_of(html) or language  # parts of pages say nothing; previews of mails are in their own
            assert said == language or "/frame/" in path, (role, path)
            new = texts_of(html, said) - read[said]
            read[said] |= new
            for text in wrong(new, said, data):
                faults.setdefault(text, f"{role} {path}")
        assert seen >= _LEAST.get(role, 10), (role, seen)
    assert not faults, "\n".join(f"{text!r}: {where}" for text, where in faults.items())


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_mail_mixes_languages(acme_story, language):
    """Every mail of the story, written once more in each language: subject, text and look."""
    data, faults, kinds = data_values(), {}, set()
    with viewing_as(SYSTEM):
        notices = list(Notice.objects.select_related("recipient"))
    for notice in notices:
        try:
            with viewing_as(SYSTEM), translation.override(language):
                letter = letters.write(notice, now=acme_story.now).outgoing
        except letters.NothingToTell:
            continue
        kinds.add(notice.kind)
        assert language_of(letter.html) == language
        for text in wrong({letter.subject, *texts_of(letter.html, language)}, language, data):
            faults.setdefault(text, notice.kind)
    assert len(kinds) > 12
    assert not faults, "\n".join(f"{text!r}: {kind}" for text, kind in faults.items())


@pytest.mark.parametrize("language", ["de", "en"])
def test_error_pages_are_in_the_language_of_their_reader(db, rf, language):
    request = rf.get("/")
    with translation.override(language):
        answers = [view(request) for view in _ERRORS]
    for answer in answers:
        html = answer.content.decode()
        assert language_of(html) == language
        assert wrong(texts_of(html, language), language, []) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [("Send the request", "de"), ("Cost notices", "de"), ("Anfrage senden", "en"), ("Bitte wählen Sie etwas", "en")],
)
def test_a_foreign_word_is_found_unless_somebody_wrote_it(text, language):
    other = "en" if language == "de" else "de"
    assert wrong(texts_of(f'<a title="x">{text}</a>', language), language, []) == [text]
    assert wrong(texts_of(f'<a title="{text}">x</a>', language), language, []) == [text]
    assert wrong(texts_of(f"<p>{text}</p>", language), language, [text]) == []
    assert texts_of(f'<p lang="{other}"><b>{text}</b></p>', language) == set()
