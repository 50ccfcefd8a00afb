"""The form that nearly all badges have, read in one go.

A badge is read three times over: by its shape, by its model, and by what JSON-LD makes of each key. Where a badge is of the
classes of ``narrowed``, all three have said yes. So what is read here is what the careful readers take, and whatever
is not, however good, is theirs to judge and to explain. Nothing is refused here.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from credentials.jsonld.contexts import Contexts
from credentials.jsonld.reader import MAX_INTEGER
from credentials.jsonld.trusted import HEAD, Trusted
from credentials.openbadges.build import CONTEXT_OB, CONTEXT_OB_EXTENSIONS
from credentials.openbadges.model import Achievement, AchievementCredential
from credentials.openbadges.narrowed import USUAL, Narrowing, usual_class
from credentials.openbadges.rules import broken
from credentials.openbadges.shape import are_plain_proofs
from credentials.openbadges.terms import one_or_many
from credentials.openbadges.vcdm import CONTEXT_V2

MAX_OCTETS: Final = 16_384
"""Of a document. The smallest object takes 19, so that the caps of the careful readers on nodes and depth are far away."""

MAX_ACHIEVEMENTS: Final = 400
"""More than most states have micro-credentials; each takes about 25 KB."""

USUAL_CONTEXTS: Final = (CONTEXT_V2, CONTEXT_OB, CONTEXT_OB_EXTENSIONS)

DIGESTS: Final = {
    CONTEXT_V2: "9e8a0c58e9509aee842be8ee709cecc3bff6a18afe4395e1020c607ff385cfec",
    CONTEXT_OB: "12b6769aed5534b5506b04a9c04a942fcaf2b4d2d19776ebf5478f7b70391173",
    CONTEXT_OB_EXTENSIONS: "d99d2c2ae36623d90cb72428346be6b3ec18e8f1277ad929f7771284874979d1",
}
"""SHA-256 of the contexts that the classes were narrowed to. Under others, nothing is usual."""

_EXTENDED: Final = b"|"
"""What is nowhere in a usual document, not even in a text: extended vocabularies may have it, and IRIs may not."""

_LISTED: Final = list(USUAL_CONTEXTS)
_OF_CRITERIA_ALONE: Final = frozenset({"id", "type", "narrative"})
_ACHIEVEMENT: Final = frozenset({"achievement"})

_PLACE: Final = b'"achievement":'

Levels: TypeAlias = Mapping[str | None, frozenset[str]]
"""The ids of the levels on each scale of a rubric, by the id of the scale."""


class Known(NamedTuple):
    """An achievement that was read before: its one spelling and the JSON in that, which nobody changes; what was read;
    its levels and the ids in it, where they are plain to see and each is there once."""

    octets: bytes
    value: dict[str, Any]
    achievement: Achievement
    levels: Levels | None
    ids: frozenset[bytes] | None


class Achievements(Trusted[bytes, Known]):
    """Achievements that were read before: the same one is in the credentials of all who earned it.

    One object is for one form (``by``). ``trust`` is told of an achievement that ``read_usual`` answered.
    """

    __slots__ = ("rest", "whole")

    def __init__(self, by: Narrowing = USUAL) -> None:
        super().__init__(MAX_ACHIEVEMENTS)
        self.whole = usual_class(AchievementCredential, by)
        self.rest = usual_class(AchievementCredential, by._replace(unread=_ACHIEVEMENT))

    def at(self, octets: bytes, start: int = 0) -> Known | None:
        """The one that is spelt from ``start`` on. No object's spelling begins with another's, so it is that and no more."""
        known = self.get(octets[start : start + HEAD])
        return known if known is not None and octets.startswith(known.octets, start) else None

    def only_in(self, octets: bytes) -> tuple[Known, int, int] | None:
        """What alone in a document stands under its name, if it is known, and from where to where. The name is not in a text,
        where its quotation marks would be escaped; it may stand elsewhere than it should."""
        start = octets.find(_PLACE) + len(_PLACE)
        known = self.at(octets, start) if start >= len(_PLACE) else None
        if known is None:
            return None
        end = start + len(known.octets)
        return (known, start, end) if octets.find(_PLACE, end) < 0 else None

    def read(self, achievement: Achievement, octets: bytes) -> None:
        """One was read, which is spelt so: note it for when it is trusted."""
        self.hear(achievement, [(octets[:HEAD], lambda: _known(achievement, octets))])


def _known(achievement: Achievement, octets: bytes) -> Known:
    ids = _ids(octets)
    return Known(
        octets,
        msgspec.json.decode(octets),
        achievement,
        _levels(achievement),
        frozenset(ids) if len(set(ids)) == len(ids) else None,
    )


class Usual(NamedTuple):
    """A badge in the usual form: the object that its octets hold, claims and all; the badge in it; the achievement, if that was
    known, and the octets without it."""

    value: dict[str, Any]
    badge: AchievementCredential
    octets: bytes
    known: Known | None = None
    rest: bytes = b""


def octets_of(document: object) -> bytes:
    """A document in its one spelling; nothing for what has none, such as half a character, which the careful readers find."""
    try:
        return msgspec.json.encode(document)
    except (TypeError, ValueError):
        return b""


def read_octets(
    octets: bytes, achievements: Achievements | None = None, claims: frozenset[str] = frozenset()
) -> Usual | None:
    """What ``jsonld.reader.read_json`` says of octets, and the badge in it, its ``claims`` aside, if that is in the usual form.
    ``None`` says nothing.

    Octets that come out again as they went in have no key twice and nothing else that two parsers read in two ways, but for
    numbers, depth and escapes. A usual badge has no numbers and is not deep, and those of the claims are looked at here.
    """
    if len(octets) > MAX_OCTETS or (b"\\" in octets and b"\\u" in octets):
        return None
    known, rest = _apart(octets, achievements)
    value = _read_again(rest)
    if value is None:
        return None
    if known is not None and not _put_back(known, value):
        known, rest, value = None, octets, _read_again(octets)
        if value is None:
            return None
    document = value
    if claims:
        document = value.copy()
        for name in claims & value.keys():
            item = document.pop(name)
            if type(item) is not str and (type(item) is not int or abs(item) > MAX_INTEGER):
                return None
    badge = read_usual(document, octets, achievements=achievements, known=known)
    return None if badge is None else Usual(value, badge, octets, known, rest)


def _apart(octets: bytes, achievements: Achievements | None) -> tuple[Known | None, bytes]:
    """The known achievement in a document, and the rest of it, with nothing in its place; or none, and all of it. Whether
    that is its place is for ``_put_back``."""
    only = achievements.only_in(octets) if achievements is not None else None
    if only is not None:
        known, start, end = only
        return known, b"%bnull%b" % (octets[:start], octets[end:])
    return None, octets


def _put_back(known: Known, value: dict[str, Any]) -> bool:
    """Whether what was taken out of a document stood in the achievement's place, where the known one is now: it was the only
    one of that name."""
    subject = value.get("credentialSubject")
    if type(subject) is not dict or "achievement" not in subject:
        return False
    subject["achievement"] = known.value
    return True


def _read_again(octets: bytes) -> dict[str, Any] | None:
    """The object that octets hold, if it is written again as the very same octets. ``None`` says nothing."""
    try:
        value = msgspec.json.decode(octets)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if type(value) is dict and msgspec.json.encode(value) == octets else None


def read_usual(
    document: dict[str, Any],
    octets: bytes,
    by: Narrowing = USUAL,
    achievements: Achievements | None = None,
    known: Known | None = None,
) -> AchievementCredential | None:
    """The badge that a document is, where it is in the usual form; ``None`` for everything else, which says nothing of it.

    ``octets`` is ``document`` as ``msgspec.json`` encodes it, or what has every octet of that. What is answered equals what
    ``check.read_model`` answers. ``by`` is a form that is narrower still, ``achievements`` (of that form) are those that need
    not be read anew, and ``known`` is the one of them that stands in the document, if the caller has seen it.
    """
    if document.get("@context") != _LISTED or len(octets) > MAX_OCTETS or _EXTENDED in octets:
        return None
    if "proof" in document and not are_plain_proofs(document["proof"], _LISTED):
        return None
    if known is None and achievements is not None and (only := achievements.only_in(octets)) is not None:
        known = only[0]
    try:
        badge, levels = _converted(document, by, achievements, known)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return None
    return badge if _agrees(badge, levels) or next(broken(badge), None) is None else None


def _converted(
    document: dict[str, Any], by: Narrowing, achievements: Achievements | None, known: Known | None
) -> tuple[AchievementCredential, Levels | None]:
    badge: Any
    spelt = b""
    if achievements is not None and known is None:
        try:
            value = document["credentialSubject"]["achievement"]
        except (KeyError, TypeError):  # there is none
            return msgspec.convert(document, achievements.whole), None  # type: ignore[return-value]  # narrowed from it
        spelt = msgspec.json.encode(value)
        known = achievements.at(spelt)
    if achievements is None or known is None:
        whole = usual_class(AchievementCredential, by) if achievements is None else achievements.whole
        badge = msgspec.convert(document, whole)
        if spelt and achievements is not None:
            achievements.read(badge.credentialSubject.achievement, spelt)
        return badge, _levels(badge.credentialSubject.achievement)
    badge = msgspec.convert(document, achievements.rest)
    force_setattr(badge.credentialSubject, "achievement", known.achievement)
    return badge, known.levels


def is_usual(credential: object) -> bool:
    """Whether a credential was read here. There is no credential in it, and no token."""
    return type(credential) in _usual_classes()


@cache
def _usual_classes() -> tuple[type[Struct], ...]:
    return tuple(usual_class(AchievementCredential, by) for by in (USUAL, USUAL._replace(unread=_ACHIEVEMENT)))


def is_lossless(
    document: dict[str, Any], octets: bytes, contexts: Contexts, known: Known | None = None, rest: bytes = b""
) -> bool:
    """Whether ``jsonld.canonize.check`` takes a usual document, its proof aside. No says nothing.

    Every member of the classes is a term of the usual contexts, and every value one that they read. What is left to
    ask is whether these are the contexts, and whether two objects have one id: then their descriptions may disagree. An
    issuer that stands again as the creator, word for word, does not disagree with itself. And a related resource has no
    member but its id that an achievement has, nor has a criterion that is a narrative alone: so one may bind the achievement
    by its digest, and its criteria may be at its own address, as those of ours are. ``known`` and ``rest`` are as of ``Usual``.
    """
    if known is not None and known.ids is not None:
        others = _ids(rest)
        if len(set(others)) == len(others) and known.ids.isdisjoint(others):
            return _are_the_usual(contexts)
    ids = _ids(octets)
    repeated = len(ids) - len(set(ids))
    if repeated:
        achievement = document["credentialSubject"]["achievement"]
        creator = achievement.get("creator")
        if creator is not None and creator == document["issuer"]:
            repeated -= len(_ids(msgspec.json.encode(creator)))
        criteria = achievement["criteria"]
        if criteria.get("id") == achievement["id"] and criteria.keys() <= _OF_CRITERIA_ALONE:
            repeated -= 1
        bound = [resource["id"] for resource in one_or_many(document.get("relatedResource"))]
        if bound.count(achievement["id"]) == 1:
            repeated -= 1
    return not repeated and _are_the_usual(contexts)


def _ids(octets: bytes) -> list[bytes]:
    """The value of every ``id`` in a document that ``msgspec.json`` has encoded. No IRI has a quotation mark in it."""
    return [text[: text.index(b'"')] for text in octets.split(b'"id":"')[1:]]


@lru_cache(maxsize=8)
def _are_the_usual(contexts: Contexts) -> bool:
    return all(contexts.digest(one) == DIGESTS[one] for one in USUAL_CONTEXTS)


def _agrees(badge: AchievementCredential, levels: Levels | None) -> bool:
    """Whether nothing is ``broken`` in a badge with an achievement that has these ``_levels``, as is plain to see for nearly
    all. No says nothing."""
    if levels is None or badge.validFrom is None or badge.validUntil is not None:
        return False
    resources = one_or_many(badge.relatedResource)
    if len({resource.id for resource in resources}) < len(resources):
        return False
    for result in one_or_many(badge.credentialSubject.result):
        if result.resultDescription not in levels or result.achievedLevel not in levels[result.resultDescription]:
            return False
    return True


def _levels(achievement: Achievement) -> Levels | None:
    """The levels of an achievement in which nothing is ``broken``, as is plain to see for nearly all. ``None`` says nothing."""
    levels: dict[str | None, frozenset[str]] = {}
    for description in (descriptions := one_or_many(achievement.resultDescription)):
        of_it = one_or_many(description.rubricCriterionLevel)
        names = levels[description.id] = frozenset(level.id for level in of_it)
        if len(names) < len(of_it) or description.requiredValue is not None or description.resultType == "Status":
            return None
        if description.requiredLevel is not None and description.requiredLevel not in names:
            return None
    return levels if len(levels) == len(descriptions) else None
