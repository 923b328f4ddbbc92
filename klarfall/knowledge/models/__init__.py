"""What help consists of: articles with editions and files, known problems, subscriptions, and what the search reads."""

from klarfall.knowledge.models.article import Article, ArticleKind, Edition
from klarfall.knowledge.models.media import Media, MediaUse
from klarfall.knowledge.models.package import ArticleImport, PackageStage
from klarfall.knowledge.models.problem import KnownProblem, ProblemReport, ProblemStep, ProblemTicket
from klarfall.knowledge.models.reading import ArticleUse, Reading, Vote, VoteOrigin, VoteReason
from klarfall.knowledge.models.search import IndexState, Posting, SearchEntry, SearchMiss, SynonymGroup, Term, Word
from klarfall.knowledge.models.subscription import Pace, Subscription, SubscriptionNews
from klarfall.knowledge.reach import Visibility

__all__ = [
    "Article",
    "ArticleImport",
    "ArticleKind",
    "ArticleUse",
    "Edition",
    "IndexState",
    "KnownProblem",
    "Media",
    "MediaUse",
    "Pace",
    "PackageStage",
    "Posting",
    "ProblemReport",
    "ProblemStep",
    "ProblemTicket",
    "Reading",
    "SearchEntry",
    "SearchMiss",
    "Subscription",
    "SubscriptionNews",
    "SynonymGroup",
    "Term",
    "Visibility",
    "Vote",
    "VoteOrigin",
    "VoteReason",
    "Word",
]
