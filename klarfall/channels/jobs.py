"""Jobs of the channels: tell people about an event."""

from klarfall.core.jobs import job


@job("channels.fan_out")
def fan_out(*, event_id: int) -> None:
    """Turn one event into notices for the people concerned."""
