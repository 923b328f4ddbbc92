"""What terms weigh, what entries are worth, where passages are cut and marked: without a database."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klarfall.core.search.query import Alternative, parse
from klarfall.knowledge.content import Section
from klarfall.knowledge.search import answers, passages, ranking, scoring
from klarfall.knowledge.search.documents import Source, cut, documents
from klarfall.knowledge.search.ranking import Facts, worth
from klarfall.knowledge.search.wanted import Scorer, weigh, weights


def whole(title, *bodies, **more):
    found = tuple(Section(f"a{n}" if n else "", f"Teil {n}" if n else "", 2, text) for n, text in enumerate(bodies))
    return documents(Source(title, "", found, **more))


def impacts(title, *bodies, **more):
    return whole(title, *bodies, **more)[0].impacts(scoring.USUAL)


def test_a_title_says_more_than_a_body():
    assert impacts("Kaution", "x")["kaution"] > impacts("x", "Kaution")["kaution"]


def test_a_whole_word_says_more_than_a_part_of_one():
    part = impacts("Mietkaution", "")
    assert impacts("Kaution", "")["kaution"] > part["kaution"] > 0


def test_a_short_text_says_more_than_a_long_one():
    assert impacts("x", "Kaution")["kaution"] > impacts("x", "Kaution " + "Wort " * 2000)["kaution"]


def test_rare_terms_say_more_and_none_says_nothing():
    assert scoring.rarity(1000, 1) > scoring.rarity(1000, 100) > scoring.rarity(1000, 1000) > 0


def test_chapters_of_a_manual_are_entries_of_their_own():
    found = whole("Handbuch", "", "Erstes", "Zweites", is_manual=True)
    assert [(one.anchor, one.title, one.article_title) for one in found[1:]] == [
        ("a1", "Teil 1", "Handbuch"),
        ("a2", "Teil 2", "Handbuch"),
    ]


def test_passages_are_bounded_however_long_the_text():
    found = list(cut("Wort " * 5000 + "\n" + "x" * 5000))
    assert max(len(one) for one in found) <= 1401
    assert "".join(found).count("Wort") == 5000


BASE = {"score": 0.5, "coverage": 0.8}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"score": 0.6}, {}),
        ({"coverage": 0.9}, {}),
        ({"in_title": 1.0}, {}),
        ({"in_title": 1.0, "of_title": 1.0}, {"in_title": 1.0, "of_title": 0.2}),
        ({"in_passage": 1.0}, {"in_passage": 0.4}),
        ({"together": 1.0}, {}),
        ({"helped": 40}, {"not_helped": 40}),
        ({"helped": 40}, {"helped": 1}),
        ({"years": 0.1}, {"years": 4}),
        ({"fits": True}, {}),
        ({}, {"fits": False}),
        ({"kind": "knowledge"}, {"kind": "update"}),
        ({}, {"is_translation_missing": True}),
        ({"is_asked_news": True}, {"in_title": 1.0}),
        # What answers better wins, whatever is said for the other.
        ({"coverage": 1.0, "in_title": 0.8}, {"coverage": 0.4, "helped": 90, "fits": True, "years": 0}),
    ],
)
def test_the_better_answer_comes_first(better, worse):
    assert worth(Facts(**(BASE | better))) > worth(Facts(**(BASE | worse)))


def weighed(text, having, entries=100):
    query = parse(text)
    return weigh(query, entries, having), {term: scoring.rarity(entries, count) for term, count in having.items()}


def answer(wanted, impacts, rare):
    return Scorer(wanted, rare).answer(impacts)


def test_the_best_alternative_of_a_word_counts_and_they_never_add_up():
    having = {"heizkostenabrechnung": 5, "heizkost": 5, "heiz": 10, "kost": 30, "abrechn": 20, "abrechnung": 20}
    wanted, rare = weighed("Heizkostenabrechnung", having)
    term = wanted[0].word.term
    alone = answer(wanted, {term: 0.6}, rare | {term: 3.0})
    everything = dict.fromkeys(weights(wanted, 100, having), 0.6)
    assert answer(wanted, everything, rare | {term: 3.0}).score == pytest.approx(alone.score)
    assert answer(wanted, everything, rare).coverage <= 1


def test_what_only_holds_parts_answers_less():
    wanted, rare = weighed("Verteilerschlüssel", {"verteilerschlussel": 4, "schlussel": 9, "verteil": 6})
    word = wanted[0]
    parts = {term for one in word.alternatives[1:] for term in one.terms}
    assert parts
    by_parts = answer(wanted, dict.fromkeys(parts, 0.6), rare)
    by_one = answer(wanted, {sorted(parts)[0]: 0.6}, rare)
    by_word = answer(wanted, {word.word.term: 0.6}, rare)
    assert by_word.coverage > by_parts.coverage > by_one.coverage > 0
    assert by_word.score > by_parts.score > by_one.score


def test_only_one_passage_or_title_makes_an_answer_sure():
    assert ranking.is_unsure(0.9, 0.1, 0.2, 3)
    assert not ranking.is_unsure(0.9, 0.1, 0.6, 3)
    assert ranking.is_unsure(0.2, 0.0, 0.2, 2)


def test_half_of_a_short_query_is_an_answer_in_a_title_and_only_a_mention_elsewhere():
    assert not ranking.is_unsure(0.5, 0.5, 0.5, 2)
    assert ranking.is_unsure(0.5, 0.0, 0.5, 2)
    assert not ranking.is_unsure(0.5, 0.0, 0.5, 6)


def test_the_words_themselves_are_looked_for_before_rarer_synonyms():
    query = parse("neu")
    others = tuple(Alternative((f"selten{n}",), "synonym", 0.8) for n in range(60))
    having = {"neu": 95} | {one.terms[0]: 1 for one in others}
    word = parse("Handy").words[0].also(others)
    looked_for = weights(weigh(replace(query, words=(*query.words, word)), 100, having), 100, having)
    assert "neu" in looked_for
    assert "handy" not in looked_for  # it occurs nowhere
    assert len(looked_for) < len(having)


def marks(text, query):
    wanted = weigh(parse(query), 10, {})
    return [part.text for part in passages.marked(text, wanted, whole=True) if part.marked]


def test_words_are_marked_as_they_stand_there():
    assert marks("Die doppelte Sollstellung bleibt.", "doppelte sollstellung") == ["doppelte Sollstellung"]
    assert marks("Den Kautionskonten fehlt eine Kaution.", "Kaution")[-1] == "Kaution"
    assert marks("Nichts davon.", "Kaution") == []


def test_the_passage_that_covers_most_is_shown():
    one = whole("Titel", "", "Kaution steht hier.", "Kaution und Zinsen stehen hier.")[0]
    place = passages.Matcher(weigh(parse("Zinsen Kaution"), 10, {})).best_place(one.passages)
    assert place.anchor == "a2"


def test_a_phrase_stands_in_order():
    one = whole("Titel", "Die Kaution der Mietpartei verzinsen.")[0]
    terms = [word.term for word in parse("Kaution Mietpartei").words]
    assert passages.follows(one.passages, terms)
    assert not passages.follows(one.passages, terms[::-1])


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_is_indexed_and_marked_without_losing_a_sign(text, query):
    for one in whole(text, text):
        assert all(0 <= value < 1 for value in one.impacts(scoring.USUAL).values())
        passages.Matcher(weigh(parse(query), 10, {})).best_place(one.passages)
    parts = passages.marked(text, weigh(parse(query), 10, {}), whole=True)
    assert "".join(part.text for part in parts) == text


def test_nouns_of_a_sentence_tell_more_than_its_other_words():
    having = {"miete": 10, "druck": 10, "kaution": 10}
    told = {one.word.term: one.telling for one in weigh(parse("Miete drucken Kaution xyzzen"), 100, having)}
    alone = {one.word.term: one.telling for one in weigh(parse("miete drucken kaution xyzzen"), 100, having)}
    assert told["miete"] == alone["miete"] == alone["druck"] > told["druck"]
    assert told["xyzz"] == alone["xyzz"] / 2


def test_of_many_words_fewer_have_to_be_met():
    assert ranking.is_unsure(0.35, 0.4, 0.4, 3)
    assert not ranking.is_unsure(0.35, 0.4, 0.4, 4)
    assert ranking.is_unsure(0.25, 0.4, 0.4, 4)


def test_words_that_fit_every_sentence_tell_least():
    having = {"miete": 10, "druck": 10, "kaution": 10, "mehr": 10, "nicht": 10}
    told = {one.word.term: one.telling for one in weigh(parse("Miete drucken nicht mehr Kaution"), 100, having)}
    assert told["mehr"] == told["nicht"] < told["druck"] < told["miete"]
    assert weigh(parse("nicht mehr"), 100, having)[0].telling == told["miete"]


@pytest.mark.parametrize(
    ("text", "news"),
    [("Neu in 8.4", True), ("Update 8.4.1", True), ("Neuerungen", False), ("8.4", False), ("Mahnung 8.4", False)],
)
def test_news_are_asked_for_with_a_version(text, news):
    assert answers.asks_news(parse(text)) is news


def test_a_title_with_the_word_itself_answers_better_than_one_with_another_word_for_it():
    query = parse("Mahnung")
    query = replace(query, words=(query.words[0].also([Alternative(("erinnerung",), "synonym", 0.8)]),))
    matcher = passages.Matcher(weigh(query, 100, {"mahnung": 5, "erinnerung": 5}))
    own, other = (matcher.held(passages.terms_in(title)) for title in ("Mahnung", "Erinnerung"))
    assert matcher.share(own) == 1 > matcher.share(other) > 0.8
    assert matcher.share(other, own) == 1
    assert matcher.share(matcher.held(passages.terms_in("Kaution"))) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Die Mahnung geht an den Mieter.",
        "Betriebs- und Heizkosten: 1.234,56 EUR, siehe /etc/x und E-1042 in Version 8.4.2.",
        "Mietkonto/Sollstellung & Zahlung, Mieter:innen, Miet-",
        "",
    ],
)
def test_marks_are_the_same_with_the_terms_of_the_index(text):
    wanted = weigh(parse("Mahnung Mieter Heizkosten Konto Version E-1042"), 10, {})
    known = passages.marked(text, wanted, terms=passages.terms_in(text), whole=True)
    found = passages.marked(text, wanted, whole=True)
    assert [part.text.split(":")[0] for part in known if part.marked] == [part.text for part in found if part.marked]
