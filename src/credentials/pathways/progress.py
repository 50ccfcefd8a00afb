"""How far somebody is, as a share that a bar can show. It decides nothing: the verdict does. Pure."""

from math import fsum

from credentials.pathways.verdict import Requirement, State


def share_of(requirement: Requirement) -> float:
    """From 0 (nothing) to 1 (met). A requirement that is not met is never shown as full."""
    if requirement.state.good:
        return 1.0
    if requirement.state is State.NOT_APPLICABLE:
        return 0.0
    return min(_share(requirement), 0.99)


def _share(requirement: Requirement) -> float:
    below = [share_of(child) for child in requirement.children if child.state is not State.NOT_APPLICABLE]
    match requirement.kind:
        case "all":
            return fsum(below) / len(below) if below else 0.0
        case "any":
            return max(below, default=0.0)
        case "k_of":
            wanted = int(requirement.need or 1)
            return fsum(sorted(below, reverse=True)[:wanted]) / wanted
        case "sum":
            totals = [(requirement.have, requirement.need)]
            totals += [(one.have, one.need) for one in requirement.categories]
            totals += [(requirement.areas.have, requirement.areas.need)] if requirement.areas else []
            return min(_part(have, need) for have, need in totals)
        case "credential":
            return _part(requirement.have, requirement.need)
        case _:
            return below[0] if below else 0.0


def _part(have: float | None, need: float | None) -> float:
    return min((have or 0) / need, 1.0) if need else 1.0


def steps_of(requirement: Requirement) -> tuple[int, int]:
    """How many parts of a rule are met, and how many there are that apply: those of its first part that has several."""
    while len(requirement.children) == 1 and requirement.kind in {"all", "any", "if", "versions"}:
        (requirement,) = requirement.children
    applying = [child for child in requirement.children if child.state is not State.NOT_APPLICABLE]
    if requirement.kind not in {"all", "k_of"} or not applying:
        return int(requirement.state.good), 1
    met = sum(child.state.good for child in applying)
    need = len(applying) if requirement.kind == "all" else int(requirement.need or 1)
    return min(met, need), need
