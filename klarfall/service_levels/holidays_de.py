"""Public holidays by law of the German federal states, by year; 24 and 31 December are not among them."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from klarfall.service_levels.errors import UnknownCategory, UnknownState

STATES: Mapping[str, str] = MappingProxyType(
    {
        "BW": "Baden-Württemberg",
        "BY": "Bayern",
        "BE": "Berlin",
        "BB": "Brandenburg",
        "HB": "Bremen",
        "HH": "Hamburg",
        "HE": "Hessen",
        "MV": "Mecklenburg-Vorpommern",
        "NI": "Niedersachsen",
        "NW": "Nordrhein-Westfalen",
        "RP": "Rheinland-Pfalz",
        "SL": "Saarland",
        "SN": "Sachsen",
        "ST": "Sachsen-Anhalt",
        "SH": "Schleswig-Holstein",
        "TH": "Thüringen",
    }
)

# Mariä Himmelfahrt (BY) and Fronleichnam (parts of SN and TH) hold only in mainly catholic municipalities.
CATHOLIC = "catholic"
CATEGORIES = (CATHOLIC,)

# Outside these years the source lists nothing, which must not be taken for "no holidays".
FIRST_YEAR, LAST_YEAR = 1991, 2100


def check_holidays(state: str, categories: tuple[str, ...]) -> None:
    """This function will refuse a state or category that has no holidays; an empty state means none at all."""
    if state and state not in STATES:
        raise UnknownState(state=state)
    for category in categories:
        if category not in CATEGORIES or not state:
            raise UnknownCategory(category=category)


@lru_cache(maxsize=512)
def holidays_of(state: str, categories: tuple[str, ...], year: int) -> Mapping[date, str]:
    """This function will list the holidays of a state in one year: date → German name."""
    check_holidays(state, categories)
    if not state:
        return MappingProxyType({})
    # Imported on first use: it is slow to load, and pages without a calendar never need it.
    from holidays import country_holidays

    days = country_holidays(
        "DE", subdiv=state, years=year, expand=False, language="de", categories=("public", *categories)
    )
    return MappingProxyType({day: name for day, name in days.items() if day.year == year})
