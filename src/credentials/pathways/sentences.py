"""Reasons as sentences for the educator."""

from collections.abc import Mapping
from typing import Any

from credentials.pathways.verdict import Code

_ITEM: Mapping[Code, str] = {
    Code.REVOKED: "“{item}” was revoked and no longer counts.",
    Code.SUSPENDED: "“{item}” is suspended and does not count while it is.",
    Code.EXPIRED: "“{item}” has expired.",
    Code.PENDING_REVIEW: "“{item}” is still under review; it counts once it is awarded.",
    Code.NOT_RELATED: "“{item}” is not of a kind that this rule counts.",
    Code.ISSUER_NOT_ACCEPTED: "“{item}” comes from an issuer that “{requirement}” does not accept.",
    Code.NOT_DOCUMENTED: "“{item}” lacks the documents that “{requirement}” asks for.",
    Code.NOT_PREAPPROVED: "“{item}” was not approved in advance, as “{requirement}” asks.",
    Code.ALREADY_USED: "“{item}” was used for an earlier decision and cannot be used again for “{requirement}”.",
    Code.DUPLICATE: "“{item}” repeats something that “{requirement}” counts already.",
    Code.NOT_NEEDED: "“{item}” would count, but “{requirement}” is full.",
    Code.MAX_ITEMS: "“{item}” is one of {have} that are offered, and “{requirement}” takes at most {need} of this kind.",
    Code.CAP_EXCEEDED: "“{item}” counts in part or not at all: {have} are offered, and at most {need} of this kind count.",
}
_REQUIREMENT: Mapping[Code, str] = {
    Code.SHORT: "“{requirement}”: {have} of {need}.",
    Code.AREAS_SHORT: "“{requirement}” needs items from {need} areas, and they come from {have}.",
    Code.NO_VALID_ALLOCATION: (
        "“{requirement}”: each part can be reached alone, but no item may count twice, and there are too few for all."
    ),
    Code.NO_RULE_IN_FORCE: "“{requirement}”: no version of the rule is in force on {have}.",
}

_SPECIAL = frozenset(
    {
        Code.BEFORE_WINDOW,
        Code.AFTER_WINDOW,
        Code.LEVEL_TOO_LOW,
        Code.PREREQUISITE_NOT_MET,
        Code.FACT_MISSING,
        Code.FACT_NOT_MET,
        Code.CATEGORY_SHORT,
        Code.SHORT,
        Code.ALREADY_USED,
        Code.NOT_DOCUMENTED,
    }
)
"""Codes whose sentence depends on more than their names: see ``_special``."""

KEPT_FOR = "kept for "
"""What the use of an item begins with that no decision used: it is kept for another rule that somebody pursues too."""


def shown(value: Any) -> str:
    """A value as a person writes it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.9f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(shown(one) for one in value)
    return str(value)


def amount(value: Any, unit: str) -> str:
    """So many of a unit, as a person writes it: *1 point*, *6 points*. A unit that is no plain English word stays as it is."""
    plural = value != 1 and unit.isascii() and unit.replace(" ", "").isalpha() and not unit.endswith("s")
    return f"{shown(value)} {unit}{'s' if plural else ''}"


def sentence(code: Code, requirement: str, item: str | None, have: Any, need: Any, detail: str = "") -> str:
    """``requirement`` is its title; ``detail`` names what ``have`` and ``need`` are of: a fact, a category, a unit."""
    if code in _SPECIAL:
        special = _special(code, requirement, item, have, need, detail)
        if special:
            return special
    form = (_ITEM if item is not None else _REQUIREMENT)[code]
    return form.format(requirement=requirement, item=item, have=shown(have), need=shown(need))


def _special(code: Code, requirement: str, item: str | None, have: Any, need: Any, detail: str) -> str:
    match code:
        case Code.BEFORE_WINDOW | Code.AFTER_WINDOW if have is None:
            return f"“{item}” has no date, and “{requirement}” counts only what was earned in its window."
        case Code.BEFORE_WINDOW:
            return f"“{item}” was earned on {have}, before {need}, when the window of “{requirement}” opens."
        case Code.AFTER_WINDOW:
            return f"“{item}” was earned on {have}, after {need}, when the window of “{requirement}” closes."
        case Code.LEVEL_TOO_LOW:
            has = "has no score" if have is None else f"has a score of {shown(have)}"
            return f"“{item}” {has}, and “{requirement}” asks for {shown(need)}."
        case Code.PREREQUISITE_NOT_MET:
            began = "has no starting date" if have is None else f"was started on {have}"
            return f"“{item}” {began}, and “{requirement}” counts only what was started on or after {need}."
        case Code.FACT_MISSING if item is not None:
            return f"“{item}” cannot be judged for “{requirement}”: nobody recorded the fact {need}."
        case Code.FACT_MISSING:
            return f"“{requirement}” cannot be judged: nobody recorded the fact {detail}."
        case Code.FACT_NOT_MET:
            return f"Asked is that {detail}; recorded is {shown(have)}."
        case Code.CATEGORY_SHORT:
            return f"“{requirement}”: {shown(have)} of {shown(need)} in the category {detail}."
        case Code.SHORT if detail:
            return f"“{requirement}”: {shown(have)} of {amount(need, detail)} so far."
        case Code.ALREADY_USED if isinstance(have, str) and have.startswith(KEPT_FOR):
            kept_for = have.removeprefix(KEPT_FOR)
            return f"“{item}” is kept for “{kept_for}”, and “{requirement}” counts nothing that another rule uses up."
        case Code.NOT_DOCUMENTED if detail:
            return f"“{item}” {detail}."
        case _:
            return ""
