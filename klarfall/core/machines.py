"""The registry of status machines: the tables announce themselves when their app loads."""

from klarfall.core.workflow import Machine

_machines: dict[str, Machine] = {}


def register(machine: Machine) -> Machine:
    """Remember a machine so that its guard is made and its page is written; returns it."""
    _machines[machine.model] = machine
    return machine


def machines() -> list[Machine]:
    """Every registered machine, by model name."""
    return [_machines[name] for name in sorted(_machines)]
