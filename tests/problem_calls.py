"""Calls of the actions about known problems, for the permission sweep."""

from collections.abc import Callable
from typing import Any

from klarfall.contracts.models import ProductVersion
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.actions import affected, problems

_MANAGE, _REPORT = "problem.manage", "problem.report"
_DATA = problems.ProblemData(title="Neu")


def _on(action: Callable[..., Any], **given: Any) -> tuple[str, Callable[[Any], Any]]:
    return _MANAGE, lambda t: action(t.thing("problem"), **given, **t.who)


def _fix(t: Any) -> Any:
    with viewing_as(SYSTEM):
        version = ProductVersion.objects.filter(product=t.story.cast.erp).first()
    return problems.fix_problem(t.thing("problem"), fixed_in=version, **t.who)


#: Action -> permission, and a call that would do it.
CALLS: dict[Callable[..., Any], tuple[str, Callable[[Any], Any]]] = {
    problems.open_problem: (
        _MANAGE,
        lambda t: problems.open_problem(product=t.story.cast.erp, data=_DATA, **t.who),
    ),
    problems.change_problem: _on(problems.change_problem, data=_DATA),
    problems.publish_problem: _on(problems.publish_problem),
    problems.hide_problem: _on(problems.hide_problem),
    problems.work_around: _on(problems.work_around, workaround="Von Hand"),
    problems.change_workaround: _on(problems.change_workaround, workaround="Von Hand"),
    problems.doubt_workaround: _on(problems.doubt_workaround),
    problems.fix_problem: (_MANAGE, _fix),
    problems.close_problem: _on(problems.close_problem),
    problems.reopen_problem: _on(problems.reopen_problem),
    affected.report_affected: (
        _REPORT,
        lambda t: affected.report_affected(t.thing("problem"), contact=t.own, **t.who),
    ),
    affected.take_report_back: (_REPORT, lambda t: affected.take_report_back(t.thing("report"), **t.who)),
    affected.attach_ticket: (
        "article.attach",
        lambda t: affected.attach_ticket(t.thing("problem"), ticket=t.ticket("solved"), **t.who),
    ),
    affected.detach_ticket: (_MANAGE, lambda t: affected.detach_ticket(t.thing("problem_ticket"), **t.who)),
    affected.mark_checked: (_MANAGE, lambda t: affected.mark_checked(t.thing("problem_ticket"), **t.who)),
}
