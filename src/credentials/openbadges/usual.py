"""The form that nearly all badges have, read in one go.

A badge is read three times over: by its shape, by its model, and by what JSON-LD makes of each key. Where a badge is of the
classes below, all three have said yes: the classes are those of ``model``, narrowed to members and values that the usual three
contexts define, each in the one way it is usually written. So what is read here is what the careful readers take, and whatever
is not, however good, is theirs to judge and to explain. Nothing is refused here.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from operator import truth
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from credentials.jsonld.contexts import Contexts
from credentials.jsonld.trusted import Trusted
from credentials.openbadges import model
from credentials.openbadges.build import CONTEXT_OB, CONTEXT_OB_EXTENSIONS
from credentials.openbadges.model import Achievement, AchievementCredential
from credentials.openbadges.rules import broken
from credentials.openbadges.shape import are_plain_proofs
from credentials.openbadges.terms import (
    Date,
    DateTimeZ,
    Iri,
    Iris,
    LanguageValue,
    Multibases,
    Strings,
    Types,
    one_or_many,
    parse_date_time,
)
from credentials.openbadges.vcdm import (
    CONTEXT_V2,
    BitstringStatusListEntry,
    CredentialMembers,
    FreeForm,
    Node,
    RelatedResource,
    Statuses,
    Typed,
    TypedWithId,
)

MAX_OCTETS: Final = 16_384
"""Of a document. The smallest object takes 19, so that the caps of the careful readers on nodes and depth are far away."""

MAX_ACHIEVEMENTS: Final = 400
"""More than most states have micro-credentials; each takes about 15 KB. With one more, all are forgotten."""

USUAL_CONTEXTS: Final = (CONTEXT_V2, CONTEXT_OB, CONTEXT_OB_EXTENSIONS)

DIGESTS: Final = {
    CONTEXT_V2: "9e8a0c58e9509aee842be8ee709cecc3bff6a18afe4395e1020c607ff385cfec",
    CONTEXT_OB: "12b6769aed5534b5506b04a9c04a942fcaf2b4d2d19776ebf5478f7b70391173",
    CONTEXT_OB_EXTENSIONS: "d99d2c2ae36623d90cb72428346be6b3ec18e8f1277ad929f7771284874979d1",
}
"""SHA-256 of the contexts that the classes below were narrowed to. Under others, nothing is usual."""

_UNUSUAL: Final = (b"null", b"|")
"""What is nowhere in a usual document, not even in a text: nothing, and a sign that extended vocabularies may have and IRIs may
not."""

_PlainIri = Annotated[str, Meta(pattern=r"\A(?:https?://|did:|urn:|data:image/)[!#-;=?-\[\]_a-z~]+\Z")]
"""With a scheme that no context has a prefix of the same name for."""


_AS: Final[dict[Any, Any]] = {
    Iris: tuple[str, ...],  # the contexts: looked at before
    DateTimeZ: str,  # looked at when all is there
    Multibases: Annotated[str, Meta(pattern=rf"\A(?:{Multibases.PATTERN.pattern})\Z")],
}


class Narrowing(NamedTuple):
    """How the classes of ``model`` are narrowed. ``iri`` is the type of an IRI, ``link`` that of a member of ``links``; members
    of ``sets`` are arrays even with one value; ``listed`` are the types that may stand in an array, if not all may; members of
    ``unread`` are left as they are."""

    iri: Any = _PlainIri
    link: Any = _PlainIri
    links: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    listed: frozenset[str] | None = None
    unread: frozenset[str] = frozenset()


USUAL: Final = Narrowing()
_ACHIEVEMENT: Final = frozenset({"achievement"})


_ALONE: Final = frozenset({"IdentityObject", "IdentifierEntry", "BitstringStatusListEntry", "Image"})
"""Types that are usually written as one string, where others stand in an array."""

_DATES: Final = ("validFrom", "validUntil", "awardedDate")

_LEFT_OUT: Final = frozenset(
    {
        *("iss", "sub", "aud", "jti", "iat", "nbf", "exp", "cnf"),  # claims, which no context defines
        *("issuanceDate", "expirationDate"),  # of data model 1.1
        *("address", "parentOrg", "otherIdentifier", "dateOfBirth"),
        *("statusMessage", "statusReference", "statusSize"),
        *("activityStartDate", "activityEndDate"),
        *("endorsementJwt", "refreshService", "termsOfUse", "renderMethod", "confidenceMethod"),
    }
)
"""Members that are not usual."""


class _Schema(TypedWithId, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any other member of a schema is its own kind's, and defined by nothing."""

    type: Literal["1EdTechJsonSchemaValidator2019"]  # type: ignore[assignment]  # made into ``Types`` when it is made
    id: _PlainIri

    def __post_init__(self) -> None:
        force_setattr(self, "type", Types((self.type,)))


_LISTED: Final = list(USUAL_CONTEXTS)
_OF_CRITERIA_ALONE: Final = frozenset({"id", "type", "narrative"})


class Achievements(Trusted[bytes, Achievement]):
    """Achievements that were read before, by their octets: the same one is in the credentials of all who earned it.

    One object is for one form (``by``). ``trust`` is told of an achievement that ``read_usual`` answered.
    """

    __slots__ = ("rest", "whole")

    def __init__(self, by: Narrowing = USUAL) -> None:
        super().__init__(MAX_ACHIEVEMENTS)
        self.whole = usual_class(AchievementCredential, by)
        self.rest = usual_class(AchievementCredential, by._replace(unread=_ACHIEVEMENT))


def octets_of(document: object) -> bytes:
    """A document in its one spelling; nothing for what has none, such as half a character, which the careful readers find."""
    try:
        return msgspec.json.encode(document)
    except (TypeError, ValueError):
        return b""


def read_again(octets: bytes) -> dict[str, Any] | None:
    """The object that octets hold, if it is written again as the very same octets: so no key is there twice, and no number or
    escape is spelt in a way of its own. ``None`` says nothing."""
    if len(octets) > MAX_OCTETS or (b"\\" in octets and b"\\u" in octets):
        return None
    try:
        value = msgspec.json.decode(octets)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if type(value) is dict and msgspec.json.encode(value) == octets else None


def read_usual(
    document: dict[str, Any], octets: bytes, by: Narrowing = USUAL, achievements: Achievements | None = None
) -> AchievementCredential | None:
    """The badge that a document is, where it is in the usual form; ``None`` for everything else, which says nothing of it.

    ``octets`` is ``document`` as ``msgspec.json`` encodes it. What is answered equals what ``check.read_model`` answers. ``by``
    is a form that is narrower still, ``achievements`` (of that form) are those that need not be read anew.
    """
    if document.get("@context") != _LISTED or len(octets) > MAX_OCTETS:
        return None
    for sign in _UNUSUAL:
        if sign in octets:
            return None
    if "proof" in document and not are_plain_proofs(document["proof"]):
        return None
    try:
        badge: Any = _converted(document, by, achievements)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return None
    usual: AchievementCredential = badge
    return usual if _agrees(usual) or next(broken(usual), None) is None else None


def _converted(document: dict[str, Any], by: Narrowing, achievements: Achievements | None) -> object:
    if achievements is None:
        return msgspec.convert(document, usual_class(AchievementCredential, by))
    try:
        octets = msgspec.json.encode(document["credentialSubject"]["achievement"])
    except (KeyError, TypeError):  # there is none
        return msgspec.convert(document, achievements.whole)
    known = achievements.get(octets)
    if known is None:
        whole: Any = msgspec.convert(document, achievements.whole)
        new: Achievement = whole.credentialSubject.achievement
        achievements.hear(new, [(octets, lambda: new)])
        return whole
    rest: Any = msgspec.convert(document, achievements.rest)
    force_setattr(rest.credentialSubject, "achievement", known)
    return rest


def is_usual(credential: object) -> bool:
    """Whether a credential was read here. There is no credential in it, and no token."""
    return type(credential) in _usual_classes()


@cache
def _usual_classes() -> tuple[type[Struct], ...]:
    return tuple(usual_class(AchievementCredential, by) for by in (USUAL, USUAL._replace(unread=_ACHIEVEMENT)))


def is_lossless(document: dict[str, Any], octets: bytes, contexts: Contexts) -> bool:
    """Whether ``jsonld.canonize.check`` takes a usual document, its proof aside. No says nothing.

    Every member of the classes below is a term of the usual contexts, and every value one that they read. What is left to
    ask is whether these are the contexts, and whether two objects have one id: then their descriptions may disagree. An
    issuer that stands again as the creator, word for word, does not disagree with itself. And a related resource has no
    member but its id that an achievement has, nor has a criterion that is a narrative alone: so one may bind the achievement
    by its digest, and its criteria may be at its own address, as those of ours are.
    """
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


def _agrees(badge: AchievementCredential) -> bool:
    """Whether nothing is ``broken`` in a badge, as is plain to see for nearly all. No says nothing."""
    if badge.validFrom is None or badge.validUntil is not None:
        return False
    resources = one_or_many(badge.relatedResource)
    if len({resource.id for resource in resources}) < len(resources):
        return False
    levels: dict[str | None, set[str]] = {}
    for description in (descriptions := one_or_many(badge.credentialSubject.achievement.resultDescription)):
        of_it = one_or_many(description.rubricCriterionLevel)
        names = levels[description.id] = {level.id for level in of_it}
        if len(names) < len(of_it) or description.requiredValue is not None or description.resultType == "Status":
            return False
        if description.requiredLevel is not None and description.requiredLevel not in names:
            return False
    for result in one_or_many(badge.credentialSubject.result):
        if result.resultDescription not in levels or result.achievedLevel not in levels[result.resultDescription]:
            return False
    return len(levels) == len(descriptions)


@cache
def usual_class(kind: type[Struct], by: Narrowing) -> type[Struct]:
    """A class of ``model``, narrowed to its usual members and values."""
    hints = get_type_hints(kind, include_extras=True)
    fields: list[tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(kind):
        usual = NoneType if field.name in _LEFT_OUT else _usual(kind, field.name, hints[field.name], by)
        if field.required and usual is not NoneType:
            fields.append((field.name, usual, msgspec.NODEFAULT))
        else:
            fields.append((field.name, usual | None, None))
    return msgspec.defstruct(
        f"Usual{kind.__name__}",
        [(name, hint) if default is msgspec.NODEFAULT else (name, hint, default) for name, hint, default in fields],
        bases=(kind,),
        namespace={"__post_init__": _finishing(kind)},
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        rename={"context": "@context"},
    )


def _usual(kind: type[Struct], name: str, hint: Any, by: Narrowing) -> Any:
    """What of the type of a member is usual; ``NoneType`` for nothing."""
    if name in by.unread:
        return Any
    if name == "type":
        return _type_of(kind, by)
    if name == "credentialSchema":
        return _some(_Schema)
    if name == "proof":
        return _some(FreeForm) if name in by.sets else FreeForm | _some(FreeForm)
    if name in by.links and hint in (str, Iri):
        return by.link
    if hint is Statuses:
        entry = usual_class(BitstringStatusListEntry, by)
        return entry | _some(entry)
    if hint == Iri:
        return by.iri
    if hint in _AS:
        return _AS[hint]
    if get_origin(hint) in {Union, UnionType}:
        parts = [one for one in get_args(hint) if name not in by.sets or get_origin(one) is list]
        kept = [_usual(kind, name, one, by) for one in parts]
        return Union[tuple(one for one in kept if one is not NoneType) or (NoneType,)]  # noqa: UP007
    if get_origin(hint) is list:
        (inner,) = get_args(hint)
        kept_inner = _usual(kind, name, inner, by)
        return NoneType if kept_inner is NoneType else _some(kept_inner)
    if isinstance(hint, type):
        if issubclass(hint, LanguageValue | Typed | Strings | Date | tuple | float):
            return NoneType
        if issubclass(hint, Struct):
            return usual_class(hint, by)
    return hint


def _some(kind: Any) -> Any:
    """An array that is not empty."""
    return Annotated[list[kind], Meta(min_length=1)]


def _type_of(kind: type[Struct], by: Narrowing) -> Any:
    if issubclass(kind, CredentialMembers):
        return tuple[Literal["VerifiableCredential"], Literal["AchievementCredential", "OpenBadgeCredential"]]
    if not issubclass(kind, Node):
        return tuple[Literal["Criteria"]] if kind is model.Criteria and by.listed is None else NoneType
    named = Literal[kind.KIND]  # type: ignore[name-defined]
    if kind.KIND in _ALONE:
        return named
    return tuple[named] if by.listed is None or kind.KIND in by.listed else NoneType


def _finishing(kind: type[Struct]) -> Callable[[Any], object]:
    """What makes an object equal to one that the careful reader makes, and asks what no type can."""
    own: Callable[[Any], object] = getattr(kind, "__post_init__", truth)
    if own is Node.__post_init__:
        own = truth  # of its type, which is given: a question that costs nothing

    types = Types((kind.KIND,)) if issubclass(kind, Node) and kind.KIND in _ALONE else None

    def alone(made: Any) -> None:
        force_setattr(made, "type", types)
        own(made)

    def resource(made: Any) -> None:
        if made.digestMultibase is not None:
            force_setattr(made, "digestMultibase", Multibases((made.digestMultibase,)))
        own(made)

    def badge(made: Any) -> None:
        for name in _DATES:
            if (text := getattr(made, name)) is not None:
                parse_date_time(text)
        status = made.credentialStatus
        if status is not None:
            force_setattr(made, "credentialStatus", Statuses(status if type(status) is list else (status,)))
        own(made)

    if kind is AchievementCredential:
        return badge
    if kind is RelatedResource:
        return resource
    return alone if types is not None else own
