"""What the standards ask of a credential that no single member can show: members that must agree with each other.

Source: Open Badges 3.0, "Data Models" (classes Result, ResultDescription, AchievementCredential); CLR 2.0, ClrCredential;
VCDM 2.0, "Validity Period" and "Integrity of Related Resources"; VCDM 1.1, section 5.6.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeVar

from credentials.openbadges.model import (
    Achievement,
    AchievementCredential,
    AchievementSubject,
    BadgeMembers,
    ClrCredential,
    Credential,
    Result,
    ResultDescription,
)
from credentials.openbadges.terms import one_or_many, parse_date_time
from credentials.openbadges.vcdm import CONTEXT_V2, BitstringStatusListCredential

T = TypeVar("T")

Sentence = tuple[str, str]
"""A JSON Pointer, and what is wrong there."""

_OB_CONTEXT = re.compile(r"https://purl\.imsglobal\.org/spec/ob/v3p0/context(-3\.\d\.\d)*\.json")
_CLR_CONTEXT = re.compile(r"https://purl\.imsglobal\.org/spec/clr/v2p0/context(-2\.\d\.\d)*\.json")

_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)

_MEMBERS_OF_2 = ("validFrom", "validUntil", "relatedResource", "renderMethod", "confidenceMethod")
_MEMBERS_OF_1 = ("issuanceDate", "expirationDate")


def broken(credential: Credential) -> Iterator[Sentence]:
    """What is wrong with a decoded credential, in the order of its members; nothing when it holds.

    Credentials inside it (endorsements, members of a learner record) are documents of their own and were judged when they
    were decoded.
    """
    yield from _contexts(credential)
    yield from _period(credential)
    yield from _unique("/relatedResource", "related resource", (r.id for r in one_or_many(credential.relatedResource)))
    if isinstance(credential, AchievementCredential):
        yield from _subject(credential.credentialSubject)
    if isinstance(credential, ClrCredential):
        for place, achievement in _places("/credentialSubject/achievement", credential.credentialSubject.achievement):
            yield from _achievement(place, achievement)


def _contexts(credential: Credential) -> Iterator[Sentence]:
    """The standards fix the first contexts and their order."""
    expected: tuple[re.Pattern[str], ...] = ()
    if isinstance(credential, ClrCredential):
        expected = (_CLR_CONTEXT, _OB_CONTEXT)
    elif isinstance(credential, BadgeMembers):
        expected = (_OB_CONTEXT,)
    contexts = credential.context
    for index, pattern in enumerate(expected, start=1):
        if len(contexts) <= index or pattern.fullmatch(contexts[index]) is None:
            standard = "CLR 2.0" if pattern is _CLR_CONTEXT else "Open Badges 3.0"
            yield "/@context", f"Context {index + 1} must be that of {standard}."
    if isinstance(credential, ClrCredential | BitstringStatusListCredential) and contexts[0] != CONTEXT_V2:
        yield (
            "/@context/0",
            f"This kind of credential exists in VCDM 2.0 only, so the first context must be {CONTEXT_V2}.",
        )


def _period(credential: Credential) -> Iterator[Sentence]:
    """The dates of the credential's own data model, in order, and none of the other's."""
    foreign: tuple[str, ...]
    if credential.data_model == "2.0":
        first, last, foreign = "validFrom", "validUntil", _MEMBERS_OF_1
        required = isinstance(credential, BadgeMembers)
    else:
        first, last, foreign = "issuanceDate", "expirationDate", _MEMBERS_OF_2
        required = True
        if isinstance(credential, BadgeMembers) and credential.name is None:
            yield "/name", "A badge in the form of VCDM 1.1 needs a name."
    for member in foreign:
        if getattr(credential, member) is not None:
            yield (
                f"/{member}",
                f"{member} is not a member of VCDM {credential.data_model}, which the first context names.",
            )
    start, end = getattr(credential, first), getattr(credential, last)
    if start is None and required:
        yield f"/{first}", f"{first} is missing."
    if start is not None and end is not None and parse_date_time(start) > parse_date_time(end):
        yield f"/{last}", f"{last} is before {first}."


def _subject(subject: AchievementSubject) -> Iterator[Sentence]:
    place = "/credentialSubject"
    yield from _achievement(f"{place}/achievement", subject.achievement)
    descriptions = {description.id: description for description in one_or_many(subject.achievement.resultDescription)}
    levels = {
        (description.id, level.id)
        for description in descriptions.values()
        for level in one_or_many(description.rubricCriterionLevel)
    }
    for where, result in _places(f"{place}/result", subject.result):
        yield from _result(where, result, descriptions, levels)


def _result(
    place: str, result: Result, descriptions: dict[str, ResultDescription], levels: set[tuple[str, str]]
) -> Iterator[Sentence]:
    """``levels`` are pairs of a description's id and the id of a level of it."""
    description = descriptions.get(result.resultDescription or "")
    if result.resultDescription is not None and description is None:
        yield f"{place}/resultDescription", "The achievement has no result description with this id."
    if result.achievedLevel is not None and (result.resultDescription, result.achievedLevel) not in levels:
        yield f"{place}/achievedLevel", "The result's description has no rubric criterion level with this id."
    if description is not None and description.resultType == "Status" and result.status is None:
        yield f"{place}/status", "A result of type Status needs a status."


def _achievement(place: str, achievement: Achievement) -> Iterator[Sentence]:
    descriptions = one_or_many(achievement.resultDescription)
    yield from _unique(f"{place}/resultDescription", "result description", (one.id for one in descriptions))
    for where, description in _places(f"{place}/resultDescription", achievement.resultDescription):
        levels = one_or_many(description.rubricCriterionLevel)
        yield from _unique(f"{where}/rubricCriterionLevel", "rubric criterion level", (level.id for level in levels))
        if description.requiredLevel is not None and description.requiredLevel not in {level.id for level in levels}:
            yield f"{where}/requiredLevel", "This result has no rubric criterion level with this id."
        if description.requiredValue is not None and not _allows(description, description.requiredValue):
            yield f"{where}/requiredValue", "This value is not one that the result can have."


def _allows(description: ResultDescription, value: str) -> bool:
    """Whether ``value`` is among the allowed values, or in the range where it and the range's ends are numbers. "A" to "F" is
    a range too, but only its author knows its order."""
    allowed = one_or_many(description.allowedValue)
    if allowed:
        return value in allowed
    number, least, most = (_number(text) for text in (value, description.valueMin, description.valueMax))
    if number is None:
        return True
    return (least is None or least <= number) and (most is None or number <= most)


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None and _NUMBER.fullmatch(text) else None


def _unique(place: str, noun: str, ids: Iterable[str]) -> Iterator[Sentence]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield place, f"Two of them have the id {one}: each {noun} needs its own."
        seen.add(one)


def _places(place: str, value: T | list[T] | None) -> Iterator[tuple[str, T]]:
    """The members of a property that may collapse, each with its pointer."""
    if isinstance(value, list):
        yield from ((f"{place}/{index}", member) for index, member in enumerate(value))
    elif value is not None:
        yield place, value
