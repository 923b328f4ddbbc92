"""The catalogue and the tiles with which every vendor may begin, in German and English (domain.md, section 3).

It names no product and no rate. Which kinds of work need a rate follows from the clauses; the rates themselves only
the vendor knows.
"""

from klarfall.contracts.template.chargeable import CHARGEABLE
from klarfall.contracts.template.covered import COVERED
from klarfall.contracts.template.not_offered import NOT_OFFERED
from klarfall.contracts.template.rows import Clause, Tile
from klarfall.contracts.template.tiles import TILES

CLAUSES = (*COVERED, *CHARGEABLE, *NOT_OFFERED)

__all__ = ["CLAUSES", "TILES", "Clause", "Tile"]
