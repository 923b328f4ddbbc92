"""What axe finds on a page: only what is wrong, and of that the beginning."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

EVERYTHING = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}

# The full answer also tells all that is right: megabytes for each page.
_RUN = """options => axe.run(document, {...options, resultTypes: ["violations"]}).then(results =>
    results.violations.map(one => [one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 160))]))"""


def axe_faults(page: Any, rules: dict[str, Any] = EVERYTHING) -> list[str]:
    """The rules that the page breaks, each with the first three elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [f"{rule} {nodes}" for rule, nodes in page.evaluate(_RUN, rules)]
