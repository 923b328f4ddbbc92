"""The desk's search page: numbers lead straight there, people and companies are found, hostile words do no harm."""

import re

import pytest
from django.core.cache import cache
from django.db import connection

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.core.search.folding import fold, undotted
from klarfall.core.search.passages import Sought, marked, passage
from klarfall.customers.people_search import people_and_companies
from klarfall.desk.jump import jumps
from klarfall.desk.tests.conftest import text
from klarfall.tickets.search.reading import read_unread
from tests.cast import make_contact, make_customer, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(make_ticket):
    """A request that the search has read."""
    ticket = make_ticket(title="Verteilerschlüssel fehlt", description="Der Schlüssel für Objekt 7 ist <b>weg</b>.")
    with viewing_as(SYSTEM):
        read_unread()
    return ticket


def search(client, words, **more):
    answer = client.get("/desk/search/", {"q": words, **more})
    assert answer.status_code == 200
    return answer


def test_a_word_leads_to_the_request_with_its_passage(annas, read):
    page = search(annas, "schluessel").content.decode()
    assert f"/desk/tickets/{read.number}/" in page
    assert "Verteiler<mark>schlüssel</mark> fehlt" in page
    assert "Der <mark>Schlüssel</mark> für Objekt 7 ist &lt;b&gt;weg&lt;/b&gt;." in page


def test_words_that_mean_the_same_stand_below_the_exact_ones(annas, read, make_ticket):
    same = make_ticket(title="Zahlungserinnerung drucken", description="Der Druck bleibt leer.")
    whole = make_ticket(title="Mahnung drucken", description="Auch hier.")
    with viewing_as(SYSTEM):
        read_unread()
    page = search(annas, "Mahnung").content.decode()
    assert page.index(f"/desk/tickets/{whole.number}/") < page.index('id="similar"')
    assert page.index('id="similar"') < page.index(f"/desk/tickets/{same.number}/")
    assert "<mark>Zahlungserinnerung</mark> drucken" in page
    together = search(annas, "Mahnung", wide="1").content.decode()
    assert f"/desk/tickets/{same.number}/" in together
    assert 'id="similar"' not in together
    assert same.title not in text(search(annas, "+Mahnung"))


def test_what_was_found_by_a_name_shows_it(annas, make_ticket, cast):
    make_ticket(title="Siehe Anlage", description="Bitte ansehen.", files=[upload("Saldenliste_2026.txt")])
    with viewing_as(SYSTEM):
        read_unread()
    assert "<mark>Saldenliste</mark>_2026.txt" in text(search(annas, "Saldenliste"))
    assert f"<mark>{cast.bernd.user.name}</mark>" in text(search(annas, cast.bernd.user.name))


def test_what_may_be_meant_is_said_as_requests_write_it(annas, read):
    cache.clear()
    page = search(annas, "Verteilerschlüsel").content.decode()
    assert '/desk/search/?q=Verteilerschl%C3%BCssel">Verteilerschlüssel</a>?' in page
    assert f"/desk/tickets/{read.number}/" in page
    assert "<mark>Verteilerschlüssel</mark> fehlt" in page
    for words in ("Verteilerschlüssel", "xyzzy", '"Verteilerschlüsel"'):
        assert 'id="corrected"' not in text(search(annas, words)), words
    cache.clear()


@pytest.mark.parametrize("words", ["", " ", "xyzzy", "a" * 5000, "%_\\'\"", "<script>", "' OR 1=1 --", "-saldo", "*"])
def test_whatever_is_typed_gets_an_answer(annas, read, words):
    assert "<script>" not in text(search(annas, words)).replace("<script src", "")
    assert search(annas, words, below="x" * 30)


def test_numbers_lead_straight_there(annas, cast, read):
    with viewing_as(SYSTEM):
        for typed in (f"KF-{read.number}", f"kf{read.number}", str(read.number), f"#{read.number}"):
            assert [one.url for one in jumps(typed)] == [f"/desk/tickets/{read.number}/"], typed
        assert [one.url for one in jumps(cast.acme.number)] == [f"/desk/customers/{cast.acme.number}/"]
        assert [one.what for one in jumps(f"W-{cast.acme.number}")] != []
        assert jumps("Saldo") == jumps("9" * 40) == jumps("zwei 2") == []


@pytest.mark.parametrize("typed", ["Müller", "mueller", "MÜLL", "jür mül", "juergen", "j.mueller@acme", "acme"])
def test_people_are_found_by_the_beginnings_of_their_words(cast, typed):
    contact = make_contact("Jürgen", cast.acme)
    with viewing_as(SYSTEM):
        contact.user.name, contact.user.email = "Jürgen Müller", "j.mueller@acme.example"
        contact.user.save()
        found, _companies = people_and_companies(typed)
        assert (contact.pk, "Jürgen Müller", "j.mueller@acme.example", cast.acme.name) in found
        for nobody in ("üller", "Staff", "&|!", ""):
            assert people_and_companies(nobody) == ([], []), nobody


def test_names_are_folded_in_the_database_as_words_are_here():
    written = "Jürgen MÜLLER-Lüdenscheidt d’Or Łukasz Søren Åse Œuvre Æsir Straße ẞ Nguyễn Şahin Žižek Čapek İpek ﬁrma"
    written += " j.müller@häuser.example ²³ K-4711/b Ёлка Σίσυφος so\u00adft zwei\u200bte e\u0301 u\u0308 Israel"
    with connection.cursor() as cursor:
        cursor.execute("SELECT klarfall_folded(%s)", [written])
        assert cursor.fetchone()[0].split() == re.sub(r"[\W_]+", " ", undotted(fold(written))).split()


def test_companies_are_found_by_name_number_and_place():
    made = make_customer("Wohnbau Süd eG", city="Köln", number="K-4711")
    with viewing_as(SYSTEM):
        for typed in ("wohnbau", "sued", "Süd Wohnbau", "K-4711", "koeln"):
            _people, found = people_and_companies(typed)
            assert [one.number for one in found] == [made.number], typed


@pytest.mark.parametrize(
    ("terms", "written", "wanted"),
    [
        (["schluessel"], "Die Schlüssel", ["Schlüssel"]),
        (["schluessel"], "Verteilerschluessel", ["schluessel"]),
        (["strasse"], "Hauptstraße 5", ["straße"]),
        (["vertrag"], "Verträge prüfen", ["Verträge"]),
        (["mahnung"], "Mahnstufe bleibt", ["Mahnstufe"]),
        (["konto"], "Alle Konten prüfen", ["Konten"]),
        (["ab"], "Abend, ab, Stab", ["Abend", "ab"]),
        (["a.b"], "aXb a.b", ["a.b"]),
        ([], "nichts", []),
    ],
)
def test_what_was_sought_is_marked(terms, written, wanted):
    parts = marked(written, Sought(terms))
    assert [part for part, sought in parts if sought] == wanted
    assert "".join(part for part, _sought in parts) == written


def test_a_passage_stands_around_the_first_hit():
    long = "Anfang " * 60 + "hier steht Saldo im Text " + "Ende " * 60
    shown = "".join(part for part, _sought in passage(["Nichts davon.", long], Sought(["saldo"])))
    assert re.fullmatch("… .*Saldo.* …", shown)
    assert len(shown) < 300
    assert re.match("Nichts", passage(["Nichts davon.", long], Sought(["xyzzy"]))[0][0])
    assert passage([], Sought(["saldo"])) == ()
