"""Numbers that people read: drawn from sequences, so that nobody waits for anybody."""

from typing import Any

from django.db.models import BigIntegerField, Func, Value


class NextNumber(Func):
    """`nextval` of one of the product's own sequences, usable as a database default."""

    function = "nextval"
    output_field = BigIntegerField()

    def __init__(self, sequence: str, **extra: Any) -> None:
        super().__init__(Value(sequence), **extra)


TICKET_NUMBERS = "klarfall_ticket_number"
OFFER_NUMBERS = "klarfall_offer_number"
CONSULTING_NUMBERS = "klarfall_consulting_number"
TRAINING_NUMBERS = "klarfall_training_number"
BATCH_NUMBERS = "klarfall_batch_number"
#: Grows with every change of what is to be billed (billing.Unbilled.version).
UNBILLED_VERSIONS = "klarfall_unbilled_version"
