"""What the vendor sells and under which terms it is supported."""

from klarfall.contracts.models.contract import Contract, ContractLine, InstalledVersion
from klarfall.contracts.models.product import Area, ContactChannel, Product, ProductVersion
from klarfall.contracts.models.remote_consent import RemoteConsentText
from klarfall.contracts.models.terms import (
    CatalogueItem,
    Outcome,
    RateCardLine,
    RequestKind,
    TermsVersion,
    WorkType,
)
from klarfall.contracts.models.training import TrainingOffer, TrainingRecord

__all__ = [
    "Area",
    "CatalogueItem",
    "ContactChannel",
    "Contract",
    "ContractLine",
    "InstalledVersion",
    "Outcome",
    "Product",
    "ProductVersion",
    "RateCardLine",
    "RemoteConsentText",
    "RequestKind",
    "TermsVersion",
    "TrainingOffer",
    "TrainingRecord",
    "WorkType",
]
