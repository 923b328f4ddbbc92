"""Calendar files of strangers: read by icalendar, except for what they say about time zones."""

from icalendar import Calendar, Component
from icalendar.parser.ical.component import ComponentIcalParser


class _Parser(ComponentIcalParser):
    """The library works out every change of a time zone in the file and keeps the zone for other files.

    One that changes every second since 1601 would take hours. Zones that computers know need no such description.
    """

    def handle_end_component(self, vals: str) -> None:
        """Put a component that is complete into the one around it."""
        if not self._stack:
            raise ValueError("an end without its beginning")
        component = self._stack.pop()
        if self._stack:
            self._stack[-1].add_component(component)
        else:
            self._components.append(component)


def events(data: bytes) -> list[Component]:
    """The events of a calendar file. Raises what the library raises."""
    parser = _Parser(data, Calendar._get_component_factory(), Calendar.types_factory)
    return [event for calendar in parser.parse() for event in calendar.walk("VEVENT")]
