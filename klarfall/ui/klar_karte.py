"""What the Klar-Karte shows, as plain text: views fill it, the macro of the same name draws it."""

from dataclasses import dataclass, field

from markupsafe import Markup

Text = str | Markup


@dataclass(frozen=True, kw_only=True)
class Action:
    """One way on from the card: the label says the outcome."""

    label: str
    url: str
    primary: bool = False


@dataclass(frozen=True, kw_only=True)
class KlarKarte:
    """Always the same questions in the same order; a question without an answer is left out.

    state           "covered", "chargeable", "not_offered" or "open" (not assessed yet)
    provisional     a suggestion: dashed and hollow, can never look like a decision
    verdict         words of the tab; empty = the state's own word ("Kostenpflichtig")
    lead            one sentence
    why             observable facts, no blame
    clause_label    "Leistungskatalog B 2.1" with clause_url; clause_text is quoted word by word under "Grundlage"
    cost_total      the large figure, "höchstens 296,00 €"; cost_note what stands below it
    used_percent    0-100 of the cap with used_text "45 von 120 Min. verbraucht"
    decides, decided, next, changes_if      the remaining rows
    review          a second check is running: says until when
    superseded      a newer version exists: says since when; the card is drawn faint
    since           "Verbindlich seit heute, 09:58 Uhr" in the foot
    disagree_url    link "Ich sehe das anders"; history_url stands in its place where there is nothing to disagree with
    """

    state: str
    lead: Text
    provisional: bool = False
    verdict: str = ""
    why: Text = ""
    clause_label: str = ""
    clause_url: str = ""
    clause_text: str = ""
    cost_total: str = ""
    cost_note: Text = ""
    used_percent: float | None = None
    used_text: str = ""
    decides: Text = ""
    decided: Text = ""
    next: Text = ""
    changes_if: Text = ""
    review: Text = ""
    superseded: Text = ""
    since: str = ""
    disagree_url: str = ""
    history_url: str = ""
    actions: list[Action] = field(default_factory=list)
