"""What our own credentials must hold before they are signed, beyond what ``check`` asks of anybody's.

A credential that only just conforms is read differently by different verifiers. This is the form that all of them read alike:
Open Badges 3.0, "Serialization", and its certification (JSON-LD safe mode, the strict schema), with a few promises of ours
about privacy and links.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from msgspec import Meta

from credentials.errors import Refused
from credentials.openbadges.build import (
    ACHIEVEMENT_SCHEMA,
    CLR_SCHEMA,
    CONTEXT_CLR,
    CONTEXT_OB,
    CONTEXT_OB_EXTENSIONS,
)
from credentials.openbadges.check import read_model
from credentials.openbadges.model import (
    AchievementCredential,
    AchievementSubject,
    ClrCredential,
    Credential,
    EndorsementCredential,
    IdentityObject,
    Profile,
    profile_member_of,
)
from credentials.openbadges.narrowed import Narrowing
from credentials.openbadges.rules import Sentence
from credentials.openbadges.shape import Path, pointer
from credentials.openbadges.terms import one_or_many
from credentials.openbadges.usual import Achievements, octets_of, read_usual
from credentials.openbadges.vcdm import CONTEXT_V2, BitstringStatusListCredential, BitstringStatusListEntry

_CONTEXTS: dict[type[Credential], list[str]] = {
    AchievementCredential: [CONTEXT_V2, CONTEXT_OB],
    EndorsementCredential: [CONTEXT_V2, CONTEXT_OB],
    ClrCredential: [CONTEXT_V2, CONTEXT_CLR, CONTEXT_OB],
    BitstringStatusListCredential: [CONTEXT_V2],
}
"""The kinds that this service issues."""

_EXTENSION_TYPES = frozenset({"1EdTechCredentialRefresh", "1EdTechJsonSchemaValidator2019", "1EdTechRevocationList"})

_TYPES_IN_ARRAYS = frozenset(
    {
        "Achievement",
        "AchievementCredential",
        "AchievementSubject",
        "Address",
        "Alignment",
        "BitstringStatusListCredential",
        "ClrCredential",
        "ClrSubject",
        "EndorsementCredential",
        "EndorsementSubject",
        "Evidence",
        "OpenBadgeCredential",
        "Profile",
        "Related",
        "Result",
        "ResultDescription",
        "RubricCriterionLevel",
        "VerifiableCredential",
    }
)
_TYPES_ALONE = _EXTENSION_TYPES | {
    "Association",
    "BitstringStatusList",
    "BitstringStatusListEntry",
    "DataIntegrityProof",
    "GeoCoordinates",
    "IdentifierEntry",
    "IdentityObject",
    "Image",
    "JsonSchema",
}
"""The types that our contexts define, by how the strict schema wants them written. Any other would be dropped in silence."""

_ARRAYS = frozenset(
    {
        "@context",
        "alignment",
        "allowedValue",
        "association",
        "credentialSchema",
        "endorsement",
        "endorsementJwt",
        "evidence",
        "otherIdentifier",
        "proof",
        "related",
        "relatedResource",
        "result",
        "rubricCriterionLevel",
        "tag",
        "verifiableCredential",
    }
)
"""The sets of the standard. ``credentialStatus`` is none: the strict schema takes one entry. ``resultDescription`` and
``identifier`` are sets in one class and single in another: see ``faults_of_badge``."""

_OPEN = ("confidenceMethod", "refreshService", "renderMethod", "termsOfUse")
"""Members whose own members no model of ours knows."""

_CLAIMS = ("iss", "sub", "aud", "jti", "iat", "nbf", "exp", "cnf")
"""Members of a token around a credential, which no context defines."""

_NOT_OURS = frozenset({"endorsement", "verifiableCredential"})
"""Members whose values are documents of their own, which were linted, or are other people's."""

_LINKS = frozenset({"id", "url", "targetUrl"})
_SCHEME = re.compile(r"(?:https?|did|urn|data:image/(?:png|svg\+xml)[;,]).", re.ASCII)

# Canonical N-Quads escape these, and not every library does; a lone surrogate is in no encoding at all. A credential with one
# of them is signed by one library and refused by the next.
_UNSAFE_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def written() -> Achievements:
    """An empty memory of achievements for ``lint_issued``."""
    return Achievements(_WRITTEN)


def lint_issued(document: object, achievements: Achievements | None = None, octets: bytes = b"") -> None:
    """Refuse a document that we should not sign: an Open Badge, an endorsement, a learner record or a status list of ours,
    with its proof or before it has one.

    Raises ``Refused`` as ``check.read_model`` does, and otherwise with ``MALFORMED_VALUE_ERROR`` for the first thing wrong.
    Endorsements in it, and credentials in a learner record, are documents of their own: only their place is looked at here.
    With ``achievements`` (``written()``), one that stands in many documents is read once; ``octets`` are the document as
    ``msgspec.json`` encodes it, where the caller has them.
    """
    badge = as_written(document, achievements, octets)
    found = faults(document, read_model(document)) if badge is None else faults_of_badge(badge)
    for place, sentence in found:
        raise Refused("MALFORMED_VALUE_ERROR", sentence, place)
    if badge is not None and achievements is not None:
        achievements.trust(badge.credentialSubject.achievement)


_WRITTEN = Narrowing(
    link=Annotated[
        str, Meta(pattern=r"\A(?:https?://|did:|urn:|data:image/(?:png|svg\+xml)[;,])[!#-;=?-\[\]_a-z~]+\Z")
    ],
    links=_LINKS,
    sets=_ARRAYS,
    listed=_TYPES_IN_ARRAYS,
)
"""The form in which we write a badge. Of one that has it, only ``faults_of_badge`` is left to ask."""


def _is_plainly_signable(octets: bytes) -> bool:
    """Whether no text of a document, as ``msgspec.json`` encodes it, is one that ``_UNSAFE_TEXT`` finds. No says nothing."""
    return (
        not (b"\\" in octets and (rb"\u" in octets or rb"\b" in octets or rb"\f" in octets))
        and b"\x7f" not in octets
        and (octets.isascii() or b"\xef\xbf" not in octets)
    )


def as_written(
    document: object, achievements: Achievements | None = None, octets: bytes = b""
) -> AchievementCredential | None:
    """The badge that a document is, written as we write it; ``None`` for any other document, which says nothing of it."""
    octets = octets or octets_of(document)
    if not isinstance(document, dict) or not octets or not _is_plainly_signable(octets):
        return None
    badge = read_usual(document, octets, _WRITTEN, achievements)
    return badge if badge is not None and badge.credentialSchema is not None else None


def faults(document: Any, credential: Credential) -> Iterator[Sentence]:
    """What is wrong with a document that ``read_model`` read as ``credential``."""
    types: set[str] = set()
    yield from _members(document, types)
    yield from _contexts(credential, types)
    for index, schema in enumerate(one_or_many(document.get("credentialSchema"))):
        if schema.keys() != {"id", "type"}:
            yield f"/credentialSchema/{index}", "A schema has an id and a type, and nothing that no context defines."
    for name in (*_OPEN, *_CLAIMS):
        if getattr(credential, name) is not None:
            yield f"/{name}", f"We issue no {name}."
    if isinstance(credential, AchievementCredential):
        yield from faults_of_badge(credential)
    if isinstance(credential, ClrCredential):
        yield from _faults_of_record(credential)


def _members(document: Any, types: set[str]) -> Iterator[Sentence]:
    """What is wrong with how members are written, and all types into ``types``."""
    todo: list[tuple[Any, Path]] = [(document, None)]
    while todo:
        node, path = todo.pop()
        for name, value in node.items():
            for sentence in _member(name, value):
                yield pointer((path, name)), sentence
            if name == "type":
                types.update(one_or_many(value))
            elif name not in _NOT_OURS:
                todo += _nodes(value, (path, name))


def _nodes(value: Any, path: Path) -> list[tuple[Any, Path]]:
    """The objects that a member's value is."""
    if isinstance(value, dict):
        return [(value, path)]
    if isinstance(value, list):
        return [(item, (path, index)) for index, item in enumerate(value) if isinstance(item, dict)]
    return []


def is_signable(text: str) -> bool:
    """Whether all libraries sign this text alike: it has no control character but line ends and tabs, and no half character."""
    return text.isprintable() or _UNSAFE_TEXT.search(text) is None


def _member(name: str, value: Any) -> list[str]:
    """What is wrong with how one member is written."""
    wrong = []
    if name == "type":
        alone = isinstance(value, str)
        unknown = [kind for kind in one_or_many(value) if kind not in (_TYPES_ALONE if alone else _TYPES_IN_ARRAYS)]
        if unknown:
            wrong.append(
                f"Our contexts define no type {unknown[0]}, or it is one to write {'in an array' if alone else 'alone'}."
            )
    elif name in _ARRAYS and not isinstance(value, list):
        wrong.append(f"{name} is a set: write it as an array, even with one member.")
    for text in value if isinstance(value, list) else (value,):
        if isinstance(text, str):
            if not is_signable(text):
                wrong.append(f"{name} has a control character in it, which libraries sign differently.")
            if name in _LINKS and _SCHEME.match(text) is None:
                wrong.append(f"{name} has a scheme that we do not sign: use https, did or urn.")
    return wrong


def _contexts(credential: Credential, used: set[str]) -> Iterator[Sentence]:
    expected = next((listed for kind, listed in _CONTEXTS.items() if isinstance(credential, kind)), [])
    if not expected:
        yield "/type", "This is not a kind of credential that we issue."
    if used & _EXTENSION_TYPES:
        expected = [*expected, CONTEXT_OB_EXTENSIONS]
    if list(credential.context) != expected:
        yield "/@context", f"The contexts must be {', '.join(expected)}: those whose terms are used, in this order."


def faults_of_badge(badge: AchievementCredential) -> Iterator[Sentence]:
    """What is wrong with a badge that is written as it should be."""
    if not isinstance(badge.issuer, Profile) or badge.issuer.name is None:
        yield "/issuer", "The issuer is written out as a Profile with a name."
    for member in ("name", "awardedDate"):
        if getattr(badge, member) is None:
            yield f"/{member}", f"{member} is missing."
    if ACHIEVEMENT_SCHEMA not in {schema.id for schema in one_or_many(badge.credentialSchema)}:
        yield "/credentialSchema", f"One schema must be {ACHIEVEMENT_SCHEMA}."
    subject = badge.credentialSubject
    if not isinstance(subject.identifier, list | None):
        yield "/credentialSubject/identifier", "identifier is a set: write it as an array, even with one member."
    if not isinstance(subject.achievement.resultDescription, list | None):
        yield "/credentialSubject/achievement/resultDescription", "resultDescription is a set: write it as an array."
    yield from _statuses(badge)
    yield from _privacy(subject)


def _faults_of_record(record: ClrCredential) -> Iterator[Sentence]:
    """What is wrong with a learner record that is written as it should be."""
    if not isinstance(record.issuer, Profile) or record.issuer.name is None:
        yield "/issuer", "The issuer is written out as a Profile with a name."
    if record.awardedDate is None:
        yield "/awardedDate", "awardedDate is missing."
    if CLR_SCHEMA not in {schema.id for schema in one_or_many(record.credentialSchema)}:
        yield "/credentialSchema", f"One schema must be {CLR_SCHEMA}."
    if not isinstance(record.credentialSubject.identifier, list | None):
        yield "/credentialSubject/identifier", "identifier is a set: write it as an array, even with one member."
    yield from _identifiers(one_or_many(record.credentialSubject.identifier))


def _statuses(badge: AchievementCredential) -> Iterator[Sentence]:
    entries = badge.credentialStatus or ()
    purposes = set()
    for index, entry in enumerate(entries):
        place = f"/credentialStatus/{index}" if len(entries) > 1 else "/credentialStatus"
        if not isinstance(entry, BitstringStatusListEntry) or entry.id is None:
            yield place, "A status entry is a BitstringStatusListEntry with an id."
        elif entry.statusPurpose in purposes:
            yield f"{place}/statusPurpose", "One bit for each purpose."
        else:
            purposes.add(entry.statusPurpose)


def _privacy(subject: AchievementSubject) -> Iterator[Sentence]:
    """Whoever holds a badge shows it to strangers: it names a person only as that person has agreed to."""
    member = "name" if subject.name is not None else profile_member_of(subject)
    if member is not None:
        yield f"/credentialSubject/{member}", "A person is named by an identifier of type name, and only with consent."
    yield from _identifiers(one_or_many(subject.identifier))


def _identifiers(identifiers: Sequence[IdentityObject]) -> Iterator[Sentence]:
    for index, identity in enumerate(identifiers):
        place = f"/credentialSubject/identifier/{index}"
        if identity.identityType != "name" and not (identity.hashed and identity.salt):
            yield place, "An identifier other than a name is hashed, and salted: an unsalted hash is soon guessed."
        if identity.hashed and not identity.identityHash.startswith("sha256$"):
            yield f"{place}/identityHash", "MD5 is for reading old badges only."
