"""A rule in plain words, as an office would write it on its page."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from credentials.pathways.model import Effect, Loss, StackPolicy
from credentials.pathways.rule import (
    All,
    Always,
    AnyOf,
    Credential,
    Fact,
    If,
    KOf,
    Match,
    NotApplicable,
    Op,
    Rate,
    Rule,
    Sum,
    Versions,
    is_path,
)
from credentials.pathways.sentences import amount, shown
from credentials.pathways.verdict import plain

__all__ = ["amount", "fact_in_words", "headline", "outline", "policy_in_words", "shown", "title"]

_OPS = {
    Op.EQUAL: "is",
    Op.AT_LEAST: "is at least",
    Op.AT_MOST: "is at most",
    Op.LESS: "is less than",
    Op.MORE: "is more than",
    Op.IN: "is one of",
}


def named(path: str) -> str:
    """A fact's path in words: ``license.from`` is *license from*."""
    return path.removeprefix("$").replace(".", " ").replace("_", " ")


def joined(parts: Iterable[str], last: str) -> str:
    """*a, b and c*, with the word of your choice before the last."""
    *most, end = list(parts)
    return f"{', '.join(most)} {last} {end}" if most else end


def value_in_words(value: Any) -> str:
    if is_path(value):
        return f"the recorded {named(value)}"
    if isinstance(value, list):
        return joined((value_in_words(one) for one in value), "or") if value else "nothing"
    return shown(value)


def fact_in_words(rule: Fact) -> str:
    return f"{named(rule.path)} {_OPS[rule.op]} {value_in_words(rule.value)}"


def headline(rule: Rule) -> str:
    """One sentence without its full stop that says what the node asks, leaving out what its children ask."""
    match rule:
        case All(exclusive=True):
            return "all of these, and no item may serve two of them"
        case All():
            return "all of these"
        case AnyOf():
            return "one of these"
        case KOf():
            return f"at least {rule.k} of these {len(rule.children)}"
        case Credential():
            return _credential(rule)
        case Sum():
            return _sum(rule)
        case Fact():
            return fact_in_words(rule)
        case If():
            return f"if {condition_in_words(rule.condition)}"
        case Versions():
            return f"the version in force on the date of {named(rule.basis)}"
        case NotApplicable():
            return "this rule does not apply"
        case Always():
            return "nothing more is asked"


def title(rule: Rule) -> str:
    """The node's short name in a sentence: its label, or a few words of what it asks."""
    if rule.label:
        return rule.label
    match rule:
        case Sum():
            return amount(plain(rule.minimum), rule.unit)
        case Credential() | Fact():
            return headline(rule)
        case KOf():
            return f"{rule.k} of {len(rule.children)}"
        case AnyOf():
            return f"one of {len(rule.children)} ways"
        case _:
            return "this rule"


def condition_in_words(rule: Rule) -> str:
    match rule:
        case Fact():
            return fact_in_words(rule)
        case All():
            return joined((_bracketed(child) for child in rule.children), "and")
        case AnyOf():
            return joined((_bracketed(child) for child in rule.children), "or")
        case KOf():
            return f"at least {rule.k} of: {'; '.join(condition_in_words(child) for child in rule.children)}"
        case _:
            return headline(rule)


def _bracketed(rule: Rule) -> str:
    words = condition_in_words(rule)
    return words if isinstance(rule, Fact) else f"({words})"


def _credential(rule: Credential) -> str:
    kind, conditions = match_in_words(rule.match)
    amount = "one" if rule.count == 1 else str(rule.count)
    different = "" if rule.count == 1 or rule.repeat else " different"
    return f"{amount}{different} {kind}{conditions}"


def match_in_words(match: Match) -> tuple[str, str]:
    """What kind of thing, and under which conditions."""
    kind = joined((value_in_words(one).replace("_", " ") for one in match.type), "or") if match.type else "item"
    more = []
    if match.ref:
        more.append(f"of {joined(map(value_in_words, match.ref), 'or')}")
    if match.id:
        more.append(f"with the id {joined(map(value_in_words, match.id), 'or')}")
    if match.tag:
        more.append(f"marked {joined((value_in_words(one).replace('_', ' ') for one in match.tag), 'or')}")
    if match.issuers:
        more.append(f"from {joined(map(value_in_words, match.issuers), 'or')}")
    if match.min_score is not None:
        more.append(f"with a score of at least {value_in_words(match.min_score)}")
    more += _window(match.opens, match.closes)
    if match.after is not None:
        more.append(f"started on or after {_date_in_words(match.after)}")
    if match.documented:
        more.append("documented")
    if match.preapproved:
        more.append("approved in advance")
    if match.unused:
        more.append("not used before")
    return kind, f" {', '.join(more)}" if more else ""


def _window(opens: date | str | None, closes: date | str | None) -> list[str]:
    if opens is not None and closes is not None:
        return [f"earned from {_date_in_words(opens)} to {_date_in_words(closes)}"]
    if opens is not None:
        return [f"earned on or after {_date_in_words(opens)}"]
    return [f"earned on or before {_date_in_words(closes)}"] if closes is not None else []


def _date_in_words(value: date | str) -> str:
    return value_in_words(value) if isinstance(value, str) else value.isoformat()


def _sum(rule: Sum) -> str:
    parts = [amount(plain(rule.minimum), rule.unit)]
    _, conditions = match_in_words(rule.where)
    if conditions:
        parts.append(f"counting only what is{conditions}")
    parts.append("; ".join(rate_in_words(rate, rule.unit) for rate in rule.rates))
    if rule.min_areas:
        parts.append(f"from at least {rule.min_areas} areas")
    parts += [f"at least {shown(each.minimum)} marked {each.tag.replace('_', ' ')}" for each in rule.categories]
    if rule.disjoint and rule.categories:
        parts.append("each item toward one of these marks only")
    return ". ".join(part[0].upper() + part[1:] for part in parts if part)


def rate_in_words(rate: Rate, unit: str) -> str:
    kind, conditions = match_in_words(rate.match)
    per = "each" if rate.per_item else "for each unit of"
    limits = []
    if rate.cap is not None:
        limits.append(f"at most {shown(rate.cap)}")
    if rate.max_items is not None:
        limits.append(f"at most {rate.max_items} of them")
    words = f"{amount(plain(rate.value), unit)} {per} {kind}{conditions}"
    return f"{words} ({', '.join(limits)})" if limits else words


def outline(rule: Rule, depth: int = 0) -> list[tuple[int, str]]:
    """The whole rule as lines of an indented list: depth and words."""
    title = f"{rule.label}: " if rule.label else ""
    lines = [(depth, f"{title}{headline(rule)}")]
    match rule:
        case If():
            lines.append((depth + 1, "then"))
            lines += outline(rule.then, depth + 2)
            if rule.otherwise is not None:
                lines.append((depth + 1, "otherwise"))
                lines += outline(rule.otherwise, depth + 2)
        case Versions():
            for version in rule.versions:
                dates = [
                    f"from {version.opens}" if version.opens else "",
                    f"before {version.closes}" if version.closes else "",
                ]
                when = " and ".join(filter(None, dates)) or "at any time"
                lines.append((depth + 1, f"{version.name or 'version'} ({when})"))
                lines += outline(version.rule, depth + 2)
        case All() | AnyOf() | KOf():
            for child in rule.children:
                lines += outline(child, depth + 1)
        case _:
            pass
    return lines


_HAPPENS = {
    Loss.REVOKED: "If a micro-credential of this stack is revoked",
    Loss.SUSPENDED: "If one is suspended",
    Loss.EXPIRED: "If one runs out",
}
_BECOMES = {
    Effect.STAYS: "the credential of the stack stays valid, and its holder is told",
    Effect.SUSPENDED: "the credential of the stack is suspended until the stack is complete again",
    Effect.REVOKED: "the credential of the stack is revoked; when the stack is complete again, it is issued anew",
}


def policy_in_words(policy: StackPolicy) -> list[str]:
    """What becomes of an awarded stack, a sentence for each thing that can happen to a member."""
    return [f"{happens}, {_BECOMES[policy.effect(loss)]}." for loss, happens in _HAPPENS.items()]
