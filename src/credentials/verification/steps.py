"""Checks, made one after the other: what each of them looks at is for the judges to say."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from credentials.errors import Malformed
from credentials.verification.model import Check, Name, Outcome, Policy, Undecided, Verdict
from credentials.verification.sentences import failed, passed, unknown

C = TypeVar("C")

UNTRUSTED = frozenset({"issuer-not-trusted", "use-not-accepted"})
"""What leaves everything good but whether to rely on the issuer."""

_WARNINGS = frozenset({Name.RESOURCES, Name.SCHEMA, Name.REFRESH})


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a check: members of the report, what to say when it was passed, or what is the matter."""

    shown: dict[str, Any] = {}
    detail: str = ""
    problem: Malformed | Undecided | None = None


Step = Callable[[C], Answer | None]
"""A check of a case. ``None`` where there is nothing to look at."""


def run(steps: Iterable[tuple[Name, Step[C]]], case: C) -> tuple[list[Check], dict[str, Any]]:
    """The checks that were made and what may be shown. They end with the first that fails, and with a signature that could not
    be checked: nothing is known of what is not signed."""
    checks: list[Check] = []
    shown: dict[str, Any] = {}
    for name, step in steps:
        try:
            answer = step(case)
        except (Malformed, Undecided) as problem:
            answer = Answer(problem=problem)
        if answer is None:
            continue
        shown |= answer.shown
        match answer.problem:
            case None:
                checks.append(passed(name, answer.detail))
            case Undecided() as undecided:
                checks.append(unknown(name, undecided))
                if name is Name.PROOF:
                    break
            case Malformed() as refused:
                checks.append(failed(name, refused))
                break
    return checks, shown


def verdict_of(checks: Iterable[Check], policy: Policy) -> tuple[Verdict, str]:
    """The verdict, and the code of the check that decided it."""
    problems = [check for check in checks if check.outcome is not Outcome.PASSED]
    if not problems:
        return Verdict.ACCEPT, ""
    for check in problems:
        if check.outcome is Outcome.FAILED:
            return Verdict.REJECT, check.code
    warnings = _WARNINGS if policy.require_status else _WARNINGS | {Name.STATUS}
    open_ = [check for check in problems if check.name not in warnings]
    for check in open_:
        if check.code not in UNTRUSTED:
            return Verdict.INDETERMINATE, check.code
    if open_:
        return Verdict.ACCEPT_UNTRUSTED, open_[0].code
    return Verdict.ACCEPT, ""
