"""The search over tickets: every step of it finds the newest, notes stay inside, and customers find their own only."""

import pytest
from django.core.cache import cache

from klarfall.core.isolation import SYSTEM, Viewer, ViewerKind, viewer_for, viewing_as
from klarfall.core.search import thesaurus
from klarfall.core.search.query import parse
from klarfall.core.search.synonyms import Synonyms
from klarfall.tickets.actions import reply
from klarfall.tickets.actions.erase import erase_person
from klarfall.tickets.models import DeskWords, SharedWords, Ticket, UnreadTicket
from klarfall.tickets.search import eras, finding, reading, walking
from tests.cast import NOW, make_contact, make_staff, upload

pytestmark = [pytest.mark.django_db, pytest.mark.server]
STAFF = Viewer(ViewerKind.STAFF)


def read():
    with viewing_as(SYSTEM):
        while reading.read_unread():
            pass


def found(words, **values):
    with viewing_as(STAFF):
        return finding.find(finding.whole(parse(words)), **values)


def own(contact, words):
    with viewing_as(viewer_for(contact.user, NOW.date())):
        return [one.title for one in finding.own_tickets(words)]


@pytest.fixture
def titled(make_ticket):
    """Tickets by title, read for the search; the text of each is its title as well."""

    def make(*titles, **values):
        made = [make_ticket(title=one, description=f"Es geht um: {one}.", **values).pk for one in titles]
        read()
        return made

    return make


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Schlüssel", [0, 1]),
        ("schluessel", [0, 1]),
        ("Verteilerschlüssel", [0]),
        ("Verteilerschluesseln", [0]),
        ("Abrechnung Heizung", [2]),
        ("abrechnung heizkosten", [2]),
        ("anlegen -Hausverwaltung", [0]),
        ('"Schlüssel verloren"', [1]),
        ('"verloren Schlüssel"', []),
        ("heizk*", [2]),
        ("E-1042", [3]),
        ("xyzzy", []),
        ("und der", []),
        ("", []),
        ("'; DROP TABLE tickets_ticket; --", []),
        ("a:* | !b & (c", []),
        ("\\' ' \\", []),
    ],
)
def test_words_find(titled, words, wanted):
    pks = titled(
        "Verteilerschlüssel anlegen", "Schlüssel verloren", "Heizkostenabrechnung drucken", "Meldung E-1042 beim Start"
    )
    assert found(words).ids == [pks[place] for place in reversed(wanted)]


def wide(words):
    with viewing_as(STAFF):
        return finding.find(finding.widened(parse(words))).ids


def test_parts_and_synonyms_are_taken_where_that_is_asked(titled):
    parts, same, whole = titled("Die Abrechnung der Heizkosten fehlt", "Zahlungserinnerung drucken", "Mahnung drucken")
    assert found("Heizkostenabrechnung").ids == found("Mahnstufe").ids == []
    assert wide("Heizkostenabrechnung") == [parts]
    assert (found("Mahnung").ids, wide("Mahnung"), wide("Mahnung drucken")) == ([whole], [whole, same], [whole, same])
    for literal in ('"Mahnung"', "+Mahnung", '"Mahnung drucken"', "mahn*", "Xyzzy", "-Mahnung"):
        assert finding.widened(parse(literal)) is None, literal


def test_groups_of_editors_are_synonyms_here_as_well(titled, monkeypatch):
    pks = titled("Der Hausmeister fehlt")
    assert finding.widened(parse("Facilitas")) is None
    monkeypatch.setattr(thesaurus, "_source", [lambda: Synonyms([("Facilitas", "Hausmeister")])])
    assert wide("Facilitas") == pks


def test_what_is_misspelt_is_found_as_it_is_meant(titled):
    cache.clear()
    pks = titled("Verteilerschlüssel anlegen", "Heizkostenabrechnung drucken")
    with viewing_as(STAFF):
        for words, wanted in (("Verteilerschlüsel", 0), ("anlegen verteilershlüssel", 0), ("Heizkostnabrechnung", 1)):
            assert finding.find(finding.meant(parse(words))).ids == [pks[wanted]], words
        for words in (
            "xyzzy",
            '"Verteilerschlüsel"',
            "+Verteilerschlüsel",
            "Verteilerschlüssel",
            "verteilershl*",
            "E-1043",
        ):
            assert finding.meant(parse(words)) is None, words
    cache.clear()


def test_a_customers_search_finds_synonyms_and_offers_no_words_of_others(cast, titled):
    titled("Zahlungserinnerung drucken", contact=cast.clara)
    titled("Mahnung drucken")
    assert own(cast.clara, "Mahnung") == ["Zahlungserinnerung drucken"]
    assert own(cast.bernd, "Mahnung") == ["Mahnung drucken"]
    assert own(cast.bernd, "Zahlungserinerung") == own(cast.clara, "Mahnnung") == []


def test_everything_of_a_ticket_is_found_and_notes_by_staff_only(cast, make_ticket):
    ticket = make_ticket(tried="Neustart versucht", files=[upload("Saldenliste.txt")])
    reply.reply(ticket, text="Bitte prüfen Sie den Buchungskreis.", actor=cast.anna, now=NOW)
    reply.write_note(ticket, text="Kunde wirkt verärgert", files=[upload("geheimplan.txt")], actor=cast.anna, now=NOW)
    read()
    for words in (
        "Saldo",
        "Liegenschaft",
        "Neustart",
        "Saldenliste",
        "Buchungskreis",
        "Bernd",
        "Acme",
        str(ticket.number),
    ):
        assert found(words).ids == [ticket.pk], words
        assert own(cast.bernd, words) == [ticket.title], words
    for words in ("verärgert", "geheimplan"):
        assert found(words).ids == [ticket.pk], words
        assert own(cast.bernd, words) == [], words


def test_customers_find_what_they_see_and_nothing_else(cast, titled):
    titled("Saldo bei Bernd")
    titled("Saldo bei Astrid", contact=cast.astrid)
    titled("Saldo bei Clara", contact=cast.clara)
    head = make_contact("Hanna", cast.acme, visibility="all")
    assert own(cast.bernd, "Saldo") == ["Saldo bei Bernd"]
    assert own(head, "Saldo") == ["Saldo bei Astrid", "Saldo bei Bernd"]
    assert own(cast.clara, "Saldo") == ["Saldo bei Clara"]
    with viewing_as(STAFF):
        assert finding.own_tickets("Saldo") == []


def test_a_change_is_read_once_more_and_nothing_else(cast, titled, make_ticket):
    (first,) = titled("Saldo stimmt nicht")
    make_ticket(title="Ungelesen bleibt ungelesen")
    with viewing_as(SYSTEM):
        assert UnreadTicket.objects.count() == 1
        reply.reply(Ticket.objects.get(pk=first), text="Danke, Wertstellung!", actor=cast.anna, now=NOW)
        assert set(UnreadTicket.objects.values_list("ticket", flat=True)) > {first}
    assert found("Wertstellung").ids == []
    read()
    assert found("Wertstellung").ids == [first]
    with viewing_as(SYSTEM):
        assert not UnreadTicket.objects.exists()
        assert DeskWords.objects.count() == SharedWords.objects.count() == 2


def test_who_is_erased_is_found_no_more(cast, titled):
    (pk,) = titled("Frage von Bernd")
    assert found("bernd@acme.example").ids == [pk]
    erase_person(cast.bernd.user, actor=make_staff("Lea", "lead"), now=NOW)
    read()
    assert found("bernd@acme.example").ids == []


def test_a_new_name_is_read(cast, titled):
    (pk,) = titled("Saldo")
    with viewing_as(SYSTEM):
        cast.bernd.user.name = "Bernd Ohnesorg"
        cast.bernd.user.save()
    read()
    assert found("Ohnesorg").ids == [pk]


@pytest.fixture
def many(titled):
    """Forty tickets: *häufig* in each, *selten* in three."""
    return titled(*(f"Vorgang häufig {'selten' if n in (3, 17, 18) else 'sonst'} {n}" for n in range(40)))


@pytest.mark.parametrize(
    ("sample", "often", "longest"), [(256, 4, 6000), (5, 2, 6000), (5, 99, 6000), (5, 2, 10)],
    ids=["the sample suffices", "it walks on", "the index answers", "the walk is too long"],
)  # fmt: skip
def test_every_way_finds_the_same(many, monkeypatch, sample, often, longest):
    monkeypatch.setattr(walking, "_SAMPLE", sample)
    monkeypatch.setattr(walking, "_OFTEN", often)
    monkeypatch.setattr(walking, "_LONGEST_WALK", longest)
    first = found("häufig", limit=25)
    assert (first.ids, first.more) == (many[:14:-1], many[15])
    rest = found("häufig", limit=25, below=first.more)
    assert (rest.ids, rest.more) == (many[14::-1], None)
    assert found("selten", limit=2).ids == [many[18], many[17]]
    last = found("selten", limit=2, below=many[17])
    assert (last.ids, last.more, last.bounded) == ([many[3]], None, False)


def test_eras_are_looked_through_from_the_newest(many, monkeypatch):
    monkeypatch.setattr(eras, "_BITS", 2)
    monkeypatch.setattr(walking, "_SAMPLE", 1)
    with viewing_as(SYSTEM):
        UnreadTicket.objects.bulk_create(
            [UnreadTicket(customer_id=t.customer_id, ticket=t) for t in Ticket.objects.all()]
        )
    read()
    assert found("selten", limit=5).ids == [many[18], many[17], many[3]]
    assert found("häufig", limit=9).ids == many[:30:-1]


def test_a_flood_of_words_is_bounded(titled):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_MOST_TERMS", 50)
        (pk,) = titled("Flut", tried=" ".join(f"w{n}x" for n in range(600)))
    with viewing_as(SYSTEM):
        assert len(str(DeskWords.objects.get(ticket=pk).words).split()) <= 51
    assert found("Flut").ids == [pk]
