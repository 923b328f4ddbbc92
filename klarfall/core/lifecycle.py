"""Write the page of the status machines from their tables; the page is never edited by hand."""

from klarfall.core.machines import machines
from klarfall.core.workflow import Machine

_HEAD = """# The life of a ticket, a concern, an offer and a time entry

Made from the status tables (`klarfall/tickets/workflow.py`, `klarfall/billing/workflow.py`) by
`manage.py lifecycle`; a test compares it with them. PostgreSQL refuses every other change of a
status. What the states mean: [domain.md](domain.md), section 5.
"""


def as_markdown() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_section(machine) for machine in machines())])


def _section(machine: Machine) -> str:
    lines = [
        f"## {machine.model.split('.')[1]}",
        "",
        f"Begins as: {', '.join(f'`{status}`' for status in sorted(machine.initial))}",
        "",
        "| step | from | to | permission | clock afterwards |",
        "|---|---|---|---|---|",
    ]
    for name, step in machine.transitions.items():
        sources = ", ".join(f"`{source}`" for source in sorted(step.sources))
        lines.append(f"| {name} | {sources} | `{step.target}` | {step.permission} | {step.clock or '–'} |")
    return "\n".join([*lines, ""])
