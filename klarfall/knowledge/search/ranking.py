"""The order of hits: how well an entry answers comes first, what speaks for it besides decides among equals. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Years after which an article counts as old, and as a date says next to nothing.
_OLD = 3.0
#: Votes that are taken for granted, so that one vote alone changes little.
_PRIOR_VOTES = 6
#: What was asked for by its kind stands in the words themselves; else help comes before news.
_KINDS: Mapping[str, float] = {"knowledge": 0.02, "quick_start": 0.01, "manual": 0.01, "video": 0.005, "update": 0.0}


#: What it is worth to be news where news of a version were asked for.
_NEWS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an entry that was found. All shares are 0 to 1."""

    #: Sum over the words as BM25 has it, as a share of what the best possible entry would get.
    score: float
    #: Share of what the query tells that the entry covers.
    coverage: float
    #: The same for its title, and how much of the title was asked for.
    in_title: float = 0.0
    of_title: float = 0.0
    #: The same for its best passage, and how much of the query stands together there or in the title.
    in_passage: float = 0.0
    together: float = 0.0
    kind: str = "knowledge"
    #: Whether it holds for the version that the reader has; None: nobody knows, or any.
    fits: bool | None = None
    helped: int = 0
    not_helped: int = 0
    years: float = 0.0
    is_translation_missing: bool = False
    #: It says what is new, and that was asked for.
    is_asked_news: bool = False


def worth(facts: Facts) -> float:
    """The number by which hits are ordered, the largest first."""
    answers = facts.score * (0.35 + 0.65 * facts.coverage)
    answers += 0.22 * facts.in_title * (0.5 + 0.5 * facts.of_title)
    answers += 0.10 * facts.in_passage + 0.06 * facts.together
    answers += _NEWS if facts.is_asked_news else 0.0
    besides = _KINDS.get(facts.kind, 0.0) + 0.03 * (_helpful(facts) - 0.5)
    besides += 0.015 * max(0.0, 1 - facts.years / _OLD)
    besides += {True: 0.02, False: -0.05, None: 0.0}[facts.fits]
    return answers + besides - (0.02 if facts.is_translation_missing else 0.0)


def _helpful(facts: Facts) -> float:
    """The share of readers whom it helped, drawn to the middle where few said so."""
    votes = facts.helped + facts.not_helped
    return (facts.helped + _PRIOR_VOTES / 2) / (votes + _PRIOR_VOTES)


#: Below this share of what the query tells nobody should trust the best hit: one of two words, met by another word.
SURE = 0.4
#: The same where many words were said: some of them only tell the story.
_SURE_OF_SENTENCE = 0.3
#: What covers no more than that of a few words, and says none of them in its title, mentions them only.
_MENTIONED, _FEW_WORDS = 0.6, 3


def is_unsure(coverage: float, in_title: float, in_passage: float, words: int) -> bool:
    """Whether the best hit leaves too much of the query unanswered to be called one."""
    if words <= 1:
        return coverage < _ONE_WORD
    if words <= _FEW_WORDS and coverage < _MENTIONED and not in_title:
        return True
    # Words that are scattered over a long text are no answer; those of one passage, or a title, are.
    least = SURE if words <= _FEW_WORDS else _SURE_OF_SENTENCE
    return coverage < least or max(in_title, in_passage) < SURE * 0.6


_ONE_WORD = 0.3


def is_fitting(facts: Facts | None, met: Sequence[float]) -> bool:
    """Whether an article may be put to who did not ask for one: it has several telling words of a request, together."""
    if facts is None:
        return False
    words = sum(one >= _MET for one in met)
    if len(met) <= 2:  # noqa: PLR2004 - a short text is a query
        return words == len(met) and facts.in_title > 0
    together = max(facts.in_title, facts.in_passage)
    return facts.coverage >= _LEAST_FITTING and words >= 2 and together >= _LEAST_TOGETHER  # noqa: PLR2004


_MET, _LEAST_FITTING, _LEAST_TOGETHER = 0.5, 0.25, 0.15
