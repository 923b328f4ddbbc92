"""Eras: tickets in the order of their ids, so many at a time; each ticket's words name its era.

An inverted index answers *which tickets hold this term* at once, but not *which are the newest of them*. With the era
as one more term it answers for the newest so many tickets alone, whatever the size of the table.
"""

#: Tickets of one era, as a power of two.
_BITS = 15


def era_of(ticket_id: int) -> int:
    """The number of a ticket's era."""
    return ticket_id >> _BITS


def term_of(era: int) -> str:
    """The term that stands for an era; no word of a text looks like it."""
    return f"~{era}"
