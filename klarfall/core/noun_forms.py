"""Proposals for the forms of a noun: plural, genitive and dative plural, from rules that hold for most words."""

_SOFT = ("s", "ß", "x", "z")
_SAME_PLURAL = ("er", "el", "en", "chen", "lein")
_VOWELS = ("a", "i", "o", "u", "y")
#: Ends of words that follow no rule and are what such terms are made of.
_IRREGULAR = {
    "gang": "gänge", "fall": "fälle", "trag": "träge", "schlag": "schläge", "satz": "sätze", "plan": "pläne",
    "stand": "stände", "platz": "plätze", "raum": "räume", "wunsch": "wünsche", "blatt": "blätter", "buch": "bücher",
    "ticket": "tickets", "team": "teams", "desk": "desks", "budget": "budgets", "support": "supports", "case": "cases",
    "konto": "konten", "zentrum": "zentren",
}  # fmt: skip


def propose_plural(one: str, gender: str) -> str:
    """The plural of a German noun: *Freigabe, Freigaben*; *Beleg, Belege*; *Info, Infos*. A guess to correct."""
    for end, many in _IRREGULAR.items():
        if one.lower().endswith(end):
            return one[: len(one) - len(end)] + (many.capitalize() if one[-len(end)].isupper() else many)
    if one.endswith(_VOWELS):
        return one + "s"
    if gender == "f":
        return one + ("nen" if one.endswith("in") else "n" if one.endswith(("e", "er", "el")) else "en")
    if one.endswith(_SAME_PLURAL):
        return one
    return one + ("se" if one.endswith("nis") else "n" if one.endswith("e") else "e")


def propose_genitive(one: str, gender: str) -> str:
    """The genitive of a German noun: *der Freigabe*, *des Belegs*, *des Nachweises*."""
    if gender == "f":
        return one
    if one.endswith("nis"):
        return one + "ses"
    return one + ("es" if one.endswith(_SOFT) else "s")


def propose_dative(many: str) -> str:
    """The dative of a German plural: *den Belegen*, *den Infos*, *den Freigaben*."""
    return many if many.endswith(("n", "s")) else many + "n"


def propose_english_plural(one: str) -> str:
    """The plural of an English noun: *enquiries*, *cases*, *boxes*."""
    if one.endswith("y") and one[-2:-1] not in ("", "a", "e", "i", "o", "u"):
        return one[:-1] + "ies"
    return one + ("es" if one.endswith(("s", "x", "z", "ch", "sh")) else "s")
