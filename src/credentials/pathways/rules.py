from collections.abc import Iterable, Sequence
from datetime import date, datetime

from credentials.awards.model import Award
from credentials.pathways import rule as rules
from credentials.pathways.model import Pathway, PathwayRefused, PathwayVersion, Progress, Stack
from credentials.pathways.record import Known
from credentials.pathways.rule import Rule, Version, Versions


def progress(stack: Stack, awards: Iterable[Award], now: datetime) -> Progress:
    """Which members are earned: by an award that is active and has not run out; the earliest where there are several."""
    earned: dict[str, str] = {}
    for award in sorted(awards, key=lambda award: (award.awarded_at, award.id)):
        if award.achievement_id in stack.members and award.is_current(now):
            earned.setdefault(award.achievement_id, award.id)
    return Progress(stack=stack, earned=earned)


def rule_of(pathway: Pathway, versions: Sequence[PathwayVersion], as_of: date, known: Known = Known.THEN) -> Rule:
    """The pathway as one rule, whose version is chosen by the basis date.

    Only approved versions count; judged as known then, only those that were approved by that day. Without any the rule has
    a version that is never in force, so that the verdict says NO_RULE_IN_FORCE.
    """
    chosen = [
        Version(
            name=version.name or f"version {version.number}",
            rule=rules.decode(version.rule),
            opens=version.effective_from,
            closes=version.effective_to,
        )
        for version in versions
        if version.approved_at is not None and (known is Known.NOW or version.approved_at.date() <= as_of)
    ]
    never = Version(name="", rule=rules.NotApplicable(at=""), opens=date.max)
    return Versions(at="", label=pathway.title, basis=pathway.basis, versions=tuple(chosen) or (never,))


def check_period(effective_from: date, effective_to: date | None) -> None:
    if effective_to is not None and effective_to <= effective_from:
        raise PathwayRefused("a version ends after it begins: choose a later end")


def ending_for(version: PathwayVersion, others: Iterable[PathwayVersion]) -> PathwayVersion | None:
    """The approved version that this one follows and that must end when it begins.

    Raises ``PathwayRefused`` when two would be in force on one day in any other way.
    """
    before = None
    for other in others:
        if other.id == version.id or other.approved_at is None:
            continue
        overlaps = (other.effective_to is None or version.effective_from < other.effective_to) and (
            version.effective_to is None or other.effective_from < version.effective_to
        )
        if not overlaps:
            continue
        if other.effective_to is None and other.effective_from < version.effective_from:
            before = other
        else:
            raise PathwayRefused(f"version {other.number} is in force in the same time: choose other dates")
    return before
