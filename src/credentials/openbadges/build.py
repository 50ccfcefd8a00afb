"""Values in, a credential's document out: the strict form of Open Badges 3.0, ready to be linted and signed.

Source: Open Badges 3.0, "Data Models" and "Serialization" (arrays for every set, nothing null, nothing empty); Bitstring
Status List, "BitstringStatusListCredential".

What the standard leaves to the issuer is decided here:

- **Schema.** Open Badges demands that one ``credentialSchema`` be a ``1EdTechJsonSchemaValidator2019`` with the address of its
  schema, so ours is. That type is a term of ``extensions.json`` only, which is why that context stands third: without it a
  verifier in safe mode drops the type. VCDM's own ``JsonSchema`` would need no third context, and would not conform.
- **Status.** One entry stands alone and several in an array: the strict schema knows one, VCDM and Bitstring Status List allow
  several. Each has an id, which the strict schema asks for and which is never the address of the list.
- **Evidence that stays private** has a name and a description and no address; ``relatedResource`` binds its digest.
- **A stack** is an achievement of its own. ``related`` is not for its members: the standard keeps it for other editions of the
  same achievement. The awards that it rests on are its ``evidence`` (that is what was done to earn it), each bound byte for
  byte by a digest; the achievements that it asks for are its ``alignment``, which says so to whoever has no award yet.
- **A learner record** (CLR 2.0) carries signed credentials as they are. It has no status of its own: each credential in it has.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from credentials.openbadges.terms import format_date_time
from credentials.openbadges.vcdm import CONTEXT_V2

CONTEXT_OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CONTEXT_OB_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
CONTEXT_CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
CLR_SCHEMA = "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json"
ACHIEVEMENT_SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"

MICRO_CREDENTIAL = "MicroCredential"
STACK = "ext:Stack"
"""No term of the standard's ``achievementType`` means a set of micro-credentials. ``Certification`` is a licence to practise in
some states, ``Certificate`` and ``LearningProgram`` claim a programme of study, and every badge is a ``Badge``."""
STACK_MEMBER = "ext:StackMember"
"""The ``targetType`` of an alignment of a stack to an achievement that it asks for."""

MAX_KNOWN = 1_000
"""Achievements that are kept built: more than any one state has micro-credentials. Each takes about 15 KB."""

Document = dict[str, Any]


class Picture(Struct, frozen=True, kw_only=True):
    """``url`` may be a data URI. ``caption`` is read aloud to whoever cannot see the picture."""

    url: str
    caption: str = ""


class Issuer(Struct, frozen=True, kw_only=True):
    """An organisation: ``id`` is its DID, ``url`` its home page."""

    id: str
    name: str
    url: str
    description: str = ""
    email: str = ""
    image: Picture | None = None


class Target(Struct, frozen=True, kw_only=True):
    """A node of a framework. ``kind`` is a ``targetType``: ``CFItem`` and the like for CASE."""

    url: str
    name: str
    kind: str = "CFItem"
    framework: str = ""
    code: str = ""
    description: str = ""


class Level(Struct, frozen=True, kw_only=True):
    """A level of a rubric's criterion. ``level`` is its mark in words, ``points`` its number, where it has them."""

    id: str
    name: str
    description: str = ""
    level: str = ""
    points: str = ""
    targets: tuple[Target, ...] = ()


class Criterion(Struct, frozen=True, kw_only=True):
    """A criterion of a rubric, with its levels from low to high and the id of the one that passes."""

    id: str
    name: str
    levels: tuple[Level, ...]
    required_level: str
    targets: tuple[Target, ...] = ()


class Achievement(Struct, frozen=True, kw_only=True, cache_hash=True):
    """What can be earned. ``id`` names this version of it, and ``criteria_url`` is where a person reads how."""

    id: str
    name: str
    description: str
    criteria_url: str
    criteria: str
    kind: str = MICRO_CREDENTIAL
    version: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    rubric: tuple[Criterion, ...] = ()
    creator: Issuer | None = None
    image: Picture | None = None


class HashedIdentifier(Struct, frozen=True, kw_only=True):
    """``hash`` as ``identity.identity_hash`` makes it, with the ``salt`` that went into it."""

    hash: str
    salt: str
    kind: str = "emailAddress"


class Recipient(Struct, frozen=True, kw_only=True):
    """Who earned it: ``id`` is their own DID or a ``urn:uuid``. ``name`` only with consent: it is there for all to read."""

    id: str
    identifiers: tuple[HashedIdentifier, ...] = ()
    name: str = ""


class Outcome(Struct, frozen=True, kw_only=True):
    """The level that was reached in one criterion, both by id."""

    criterion: str
    level: str


class Work(Struct, frozen=True, kw_only=True):
    """A piece of evidence, or several in one: what it is, and where, if anyone may see it."""

    name: str
    description: str = ""
    narrative: str = ""
    genre: str = ""
    audience: str = ""
    url: str = ""


class Resource(Struct, frozen=True, kw_only=True):
    """Something that the credential binds by its digest (in multibase form): a reviewed file, a rubric's version."""

    id: str
    digest: str
    media_type: str = ""


class StatusBit(Struct, frozen=True, kw_only=True):
    """The entry that the credential owns in a published list; ``purpose`` is ``revocation``, ``suspension``, ``refresh`` or
    ``message``. ``messages`` say what each value means, from 0 on: two of them, or for several bits one for each value."""

    list_url: str
    index: int
    purpose: str
    size: int = 1
    messages: tuple[str, ...] = ()


class Badge(Struct, frozen=True, kw_only=True):
    """Everything that an award says. ``awarded`` stays when a corrected credential with a newer ``valid_from`` follows."""

    id: str
    issuer: Issuer
    achievement: Achievement
    recipient: Recipient
    awarded: datetime
    valid_from: datetime
    valid_until: datetime | None = None
    outcomes: tuple[Outcome, ...] = ()
    evidence: tuple[Work, ...] = ()
    resources: tuple[Resource, ...] = ()
    statuses: tuple[StatusBit, ...] = ()
    image: Picture | None = None


class Member(Struct, frozen=True, kw_only=True):
    """An award that a stack rests on: the credential with the digest of its bytes, and the achievement that it is of."""

    credential: str
    digest: str
    achievement: str
    name: str
    media_type: str = "application/vc"


class Link(Struct, frozen=True, kw_only=True):
    """How two achievements of a learner record relate, by their ids: ``source`` is, say, ``isPartOf`` ``target``."""

    kind: str
    source: str
    target: str


class Record(Struct, frozen=True, kw_only=True):
    """Everything that a learner record says. ``credentials`` are documents with their proofs, carried as they are."""

    id: str
    name: str
    description: str
    issuer: Issuer
    recipient: Recipient
    awarded: datetime
    valid_from: datetime
    credentials: tuple[Document, ...]
    links: tuple[Link, ...] = ()


class StatusList(Struct, frozen=True, kw_only=True):
    """``encoded`` is the list in its published form; ``ttl`` is in milliseconds. ``url`` is where it is served, and its id."""

    url: str
    issuer: str
    purpose: str
    encoded: str
    valid_from: datetime
    valid_until: datetime | None = None
    ttl: int | None = None


def achievement_credential(badge: Badge) -> Document:
    """The AchievementCredential that says ``badge``, without a proof. Times are in UTC and to the second. The achievement in it
    is shared with the documents of other awards: it is not to be changed.

    Raises ``ValueError`` for a moment without an offset. Whether the values hold together is for ``lint.lint_issued``.
    """
    return _present(
        {
            "@context": [CONTEXT_V2, CONTEXT_OB, CONTEXT_OB_EXTENSIONS],
            "id": badge.id,
            "type": ["VerifiableCredential", "AchievementCredential"],
            "name": badge.achievement.name,
            "description": badge.achievement.description,
            "image": _image(badge.image),
            "issuer": _profile(badge.issuer),
            "validFrom": format_date_time(badge.valid_from),
            "validUntil": badge.valid_until and format_date_time(badge.valid_until),
            "awardedDate": format_date_time(badge.awarded),
            "credentialSubject": _subject(badge),
            "evidence": [_evidence(work) for work in badge.evidence],
            "relatedResource": [_resource(resource) for resource in badge.resources],
            "credentialSchema": [{"id": ACHIEVEMENT_SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
            "credentialStatus": _collapse([status_entry(bit) for bit in badge.statuses]),
        }
    )


def encoded(badge: Badge) -> tuple[Document, bytes]:
    """The same document, and as ``msgspec.json`` encodes it: the achievement in it is encoded once for many awards."""
    document = achievement_credential(badge)
    subject = {**document["credentialSubject"], "achievement": _known(badge.achievement).octets}
    return document, msgspec.json.encode({**document, "credentialSubject": subject})


def achievement_document(achievement: Achievement) -> Document:
    """The achievement by itself, as JSON-LD: what whoever follows its id is given."""
    return {"@context": [CONTEXT_V2, CONTEXT_OB], **_achievement(achievement)}


def with_members(stack: Badge, members: Iterable[Member]) -> Badge:
    """``stack`` resting on ``members``: each one's award is evidence, bound by its digest, and each one's achievement is among
    those that the stack asks for."""
    members = tuple(members)
    achievement = stack.achievement
    return replace(
        stack,
        achievement=replace(
            achievement,
            targets=achievement.targets
            + tuple(Target(url=member.achievement, name=member.name, kind=STACK_MEMBER) for member in members),
        ),
        evidence=stack.evidence
        + tuple(
            Work(
                url=member.credential,
                name=member.name,
                genre="Micro-credential award",
                description="A member of this stack.",
            )
            for member in members
        ),
        resources=stack.resources
        + tuple(
            Resource(id=member.credential, digest=member.digest, media_type=member.media_type) for member in members
        ),
    )


def learner_record(record: Record) -> Document:
    """The ClrCredential that says ``record``, without a proof (CLR 2.0, "ClrCredential", "ClrSubject", "Association").

    The identifiers are the recipient's, as in a badge.
    """
    return _present(
        {
            "@context": [CONTEXT_V2, CONTEXT_CLR, CONTEXT_OB, CONTEXT_OB_EXTENSIONS],
            "id": record.id,
            "type": ["VerifiableCredential", "ClrCredential"],
            "name": record.name,
            "description": record.description,
            "issuer": _profile(record.issuer),
            "validFrom": format_date_time(record.valid_from),
            "awardedDate": format_date_time(record.awarded),
            "credentialSubject": _present(
                {
                    "id": record.recipient.id,
                    "type": ["ClrSubject"],
                    "identifier": _identities(record.recipient),
                    "verifiableCredential": list(record.credentials),
                    "association": [
                        {
                            "type": "Association",
                            "associationType": link.kind,
                            "sourceId": link.source,
                            "targetId": link.target,
                        }
                        for link in record.links
                    ],
                }
            ),
            "credentialSchema": [{"id": CLR_SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        }
    )


def status_list_credential(status_list: StatusList) -> Document:
    """The BitstringStatusListCredential that publishes ``status_list``, without a proof."""
    return _present(
        {
            "@context": [CONTEXT_V2],
            "id": status_list.url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": status_list.issuer,
            "validFrom": format_date_time(status_list.valid_from),
            "validUntil": status_list.valid_until and format_date_time(status_list.valid_until),
            "credentialSubject": {
                "id": f"{status_list.url}#list",
                "type": "BitstringStatusList",
                "statusPurpose": status_list.purpose,
                "encodedList": status_list.encoded,
                **({"ttl": status_list.ttl} if status_list.ttl is not None else {}),  # which may be zero
            },
        }
    )


def _present(members: Document) -> Document:
    """``members`` without those that say nothing."""
    return {name: value for name, value in members.items() if value or value is False}


def _collapse(entries: Sequence[Document]) -> Document | Sequence[Document]:
    return entries[0] if len(entries) == 1 else entries


def _image(picture: Picture | None) -> Document | None:
    return None if picture is None else _present({"id": picture.url, "type": "Image", "caption": picture.caption})


def _profile(issuer: Issuer | None) -> Document | None:
    if issuer is None:
        return None
    return _present(
        {
            "id": issuer.id,
            "type": ["Profile"],
            "name": issuer.name,
            "url": issuer.url,
            "description": issuer.description,
            "email": issuer.email,
            "image": _image(issuer.image),
        }
    )


def _subject(badge: Badge) -> Document:
    return _present(
        {
            "id": badge.recipient.id,
            "type": ["AchievementSubject"],
            "identifier": _identities(badge.recipient),
            "achievement": _known(badge.achievement).document,
            "result": [
                {"type": ["Result"], "resultDescription": outcome.criterion, "achievedLevel": outcome.level}
                for outcome in badge.outcomes
            ],
        }
    )


def _identities(recipient: Recipient) -> list[Document]:
    names = [_identity(recipient.name, "name", None)] if recipient.name else []
    return names + [_identity(one.hash, one.kind, one.salt) for one in recipient.identifiers]


def _identity(value: str, kind: str, salt: str | None) -> Document:
    """Hashed if there is a ``salt``, even an empty one."""
    return _present(
        {
            "type": "IdentityObject",
            "hashed": salt is not None,
            "identityHash": value,
            "identityType": kind,
            "salt": salt,
        }
    )


def _achievement(achievement: Achievement) -> Document:
    return _present(
        {
            "id": achievement.id,
            "type": ["Achievement"],
            "achievementType": achievement.kind,
            "name": achievement.name,
            "description": achievement.description,
            "criteria": _present({"id": achievement.criteria_url, "narrative": achievement.criteria}),
            "image": _image(achievement.image),
            "creator": _profile(achievement.creator),
            "version": achievement.version,
            "inLanguage": achievement.language,
            "tag": list(achievement.tags),
            "alignment": _alignments(achievement.targets),
            "resultDescription": [_result_description(criterion) for criterion in achievement.rubric],
        }
    )


class _Known(NamedTuple):
    document: Document
    octets: msgspec.Raw


@lru_cache(maxsize=MAX_KNOWN)
def _known(achievement: Achievement) -> _Known:
    """Many awards are of one achievement, so it is built once, and stands in all their documents: nobody changes those."""
    document = _achievement(achievement)
    return _Known(document, msgspec.Raw(msgspec.json.encode(document)))


def _result_description(criterion: Criterion) -> Document:
    return _present(
        {
            "id": criterion.id,
            "type": ["ResultDescription"],
            "name": criterion.name,
            "resultType": "RubricCriterionLevel",
            "alignment": _alignments(criterion.targets),
            "requiredLevel": criterion.required_level,
            "rubricCriterionLevel": [
                _present(
                    {
                        "id": level.id,
                        "type": ["RubricCriterionLevel"],
                        "name": level.name,
                        "description": level.description,
                        "level": level.level,
                        "points": level.points,
                        "alignment": _alignments(level.targets),
                    }
                )
                for level in criterion.levels
            ],
        }
    )


def _alignments(targets: Iterable[Target]) -> list[Document]:
    return [
        _present(
            {
                "type": ["Alignment"],
                "targetName": target.name,
                "targetUrl": target.url,
                "targetType": target.kind,
                "targetFramework": target.framework,
                "targetCode": target.code,
                "targetDescription": target.description,
            }
        )
        for target in targets
    ]


def _evidence(work: Work) -> Document:
    return _present(
        {
            "id": work.url,
            "type": ["Evidence"],
            "name": work.name,
            "description": work.description,
            "narrative": work.narrative,
            "genre": work.genre,
            "audience": work.audience,
        }
    )


def _resource(resource: Resource) -> Document:
    return _present({"id": resource.id, "mediaType": resource.media_type, "digestMultibase": resource.digest})


def status_entry(bit: StatusBit) -> Document:
    """The member of ``credentialStatus`` that names a bit (Bitstring Status List, "BitstringStatusListEntry")."""
    messages = [{"status": f"0x{value:x}", "message": message} for value, message in enumerate(bit.messages)]
    return {
        "id": f"{bit.list_url}#{bit.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": bit.purpose,
        "statusListIndex": str(bit.index),
        "statusListCredential": bit.list_url,
        **({"statusSize": bit.size} if bit.size > 1 else {}),
        **({"statusMessage": messages} if messages else {}),
    }
