"""The classes of ``model``, narrowed to what is usual: the members and values that the usual three contexts define, each in the
one way it is usually written."""

from collections.abc import Callable
from functools import cache
from operator import truth
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from credentials.openbadges import model
from credentials.openbadges.model import AchievementCredential
from credentials.openbadges.terms import (
    Date,
    DateTimeZ,
    Iri,
    Iris,
    LanguageValue,
    Multibases,
    Strings,
    Types,
    parse_date_time,
)
from credentials.openbadges.vcdm import (
    BitstringStatusListEntry,
    CredentialMembers,
    FreeForm,
    Node,
    RelatedResource,
    Statuses,
    Typed,
    TypedWithId,
)

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


_ALONE: Final = frozenset({"IdentityObject", "IdentifierEntry", "BitstringStatusListEntry", "Image"})
"""Types that are usually written as one string, where others stand in an array."""

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


NEVER: Final = Annotated[str, Meta(pattern=r"(?!)")]
"""Of a member that is not usual: no value is one."""


class _Schema(TypedWithId, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any other member of a schema is its own kind's, and defined by nothing."""

    type: Literal["1EdTechJsonSchemaValidator2019"]  # type: ignore[assignment]  # made into ``Types`` when it is made
    id: _PlainIri

    def __post_init__(self) -> None:
        force_setattr(self, "type", Types((self.type,)))


@cache
def usual_class(kind: type[Struct], by: Narrowing) -> type[Struct]:
    """A class of ``model``, narrowed to its usual members and values."""
    hints = get_type_hints(kind, include_extras=True)
    fields: list[tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(kind):
        usual = NoneType if field.name in _LEFT_OUT else _usual(kind, field.name, hints[field.name], by)
        if usual is NoneType:
            fields.append((field.name, NEVER, None))
        else:  # what is absent is ``None``, and ``null`` is no value
            fields.append((field.name, usual, msgspec.NODEFAULT if field.required else None))
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
        for text in (made.validFrom, made.validUntil, made.awardedDate):
            if text is not None:
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
