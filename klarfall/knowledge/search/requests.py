"""Which words of a whole request tell what it is about."""

from collections.abc import Iterable

from klarfall.core.search import query as queries
from klarfall.core.search.folding import fold
from klarfall.core.search.query import Query, QueryWord
from klarfall.core.search.stop_words import QUESTION_WORDS
from klarfall.knowledge.search.candidates import Frequencies, frequencies
from klarfall.knowledge.search.scoring import rarity

#: Words that are looked at, and how many of them are searched for.
_MOST_LOOKED_AT, _MOST = 150, 12
_FIRST_LINE, _AGAIN = 1.5, 0.25
#: What letters begin and end with.
_LETTER = frozenset(
    fold(
        """guten tag morgen liebe lieber liebes sehr geehrte geehrter damen herren team support mit freundlichen
        freundliche grüßen grüße gruß viele beste besten dank vielen vorab voraus freundlich hallo servus moin mfg vg lg
        danke bitte dear regards kind best thanks thank heute gestern woche seit herr frau kollege kollegin kollegen
        rückmeldung"""
    ).split()
)
#: What requests tell around their matter: numbers, times, haste, and verbs that fit everything.
_CHATTER = frozenset(
    fold(
        """null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf erst erste ersten erstes zweite
        zweiten dritte dritten letzte letzten letzter letztes letztem nächste nächsten nächster nächstes früh
        früher spät später vorher vorhin nachher inzwischen mittlerweile bislang bisherig plötzlich leider
        schnell schnelle schnellen schnellstmöglich dringend eilig sofort gleich kurz kurze kurzen
        ständig dauernd manchmal oft öfter häufig zusammen allerdings jedoch ebenfalls ebenso sogar
        überhaupt wirklich ziemlich genau einfach komplett beide beiden beides andere anderen anderer
        anderes anderem mehrere mehreren weniger meist meisten kommen komme gekommen kam kamen bekam
        erhielt sagt sagen gesagt zeigt zeigen gezeigt steht liegt liegen
        nehmen nimmt genommen geben gegeben gab ging gegangen gemacht machte getan versuchen versucht
        versuche probieren probiert wissen wusste glaube glauben denke denken hoffe hoffen warten warte freuen
        freue lassen gelassen ließ wäre wären hätte hätten etwas nichts jemand niemand irgendwo irgendwas
        sache dinge wunder ahnung kenntnis grund zeit vormittag nachmittag mittag abend morgens abends montag
        dienstag mittwoch donnerstag freitag samstag sonntag wochen tagen tage"""
    ).split()
)
_UNTELLING = QUESTION_WORDS | _LETTER | _CHATTER


def telling_query(text: str) -> tuple[Query, Frequencies]:
    """The words of a text that tell most, in their order, as a query; and how often its words occur."""
    seen: dict[str, list[float]] = {}
    words: dict[str, QueryWord] = {}
    first, _, _rest = text.partition("\n")
    for token in queries.rejoined(text):
        if not token.terms or token.word in _UNTELLING or len(words) >= _MOST_LOOKED_AT:
            continue
        if token.terms[0] not in words:
            words[token.terms[0]] = queries.word_of(text, token)
        seen.setdefault(token.terms[0], []).append(_FIRST_LINE if token.start < len(first) else 1.0)
    known = frequencies(list(dict.fromkeys(term for one in words.values() for term in _terms(one))))
    tells = {term: _tells(words[term], seen[term], known) for term in words}
    chosen = set(sorted((term for term in tells if tells[term]), key=lambda term: -tells[term])[:_MOST])
    return Query(text, tuple(word for term, word in words.items() if term in chosen)), known


def _terms(word: QueryWord) -> Iterable[str]:
    return (term for alternative in word.alternatives for term in alternative.terms)


def _tells(word: QueryWord, places: list[float], known: Frequencies) -> float:
    """How much a word tells; nothing if it occurs nowhere. Said again, and in the first line, it tells more."""
    having = [known.having[term] for term in _terms(word) if term in known.having]
    if not having:
        return 0.0
    rare = rarity(known.entries, known.having.get(word.term, max(having)))
    return rare * max(places) * (1 + _AGAIN * min(3, len(places) - 1))
