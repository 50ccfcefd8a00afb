"""Open Badges 3.0 and CLR 2.0: the classes of the standards, with their own property names.

Source: Open Badges 3.0 (document 1.4.5), "Data Models"; CLR 2.0, "Data Models". A property that the standard gives more
than once may stand alone here, since JSON-LD compaction writes it so; one that it gives once is never an array. A member
that a class does not have is refused: this is the compiled schema of verification, and what a proof over RDF does not
cover would otherwise be shown as verified.
"""

import re
from operator import attrgetter

from msgspec import Struct

from credentials.openbadges.terms import (
    AchievementType,
    AlignmentTargetType,
    AssociationType,
    CompactJwss,
    Date,
    DateTimeZ,
    IdentifierType,
    Iri,
    LanguageCode,
    OneOrMany,
    ResultStatus,
    ResultType,
    Text,
    Types,
)
from credentials.openbadges.vcdm import (
    BitstringStatusListCredential,
    CredentialMembers,
    Node,
    StatusList2021Credential,
    VerifiableCredential,
)


class Endorsements(tuple["EndorsementCredential", ...]):
    """The value of ``endorsement``: credentials of their own, each with its own contexts, issuer and proof."""

    __slots__ = ()


class Credentials(tuple["Credential", ...]):
    """The value of ``verifiableCredential`` in a CLR: credentials of any kind, each a document of its own."""

    __slots__ = ()


class Image(Node, frozen=True, kw_only=True):
    """An image by its address, or as a data URI."""

    KIND = "Image"

    id: Iri
    caption: str | None = None


class Extensible(Node, frozen=True, kw_only=True):
    """A class that may be extended. What remains of that freedom under pinned contexts are the terms that the Open Badges
    context defines for every node: an issuer may say them anywhere, and they are signed like the rest."""

    name: Text | None = None
    description: Text | None = None
    image: Image | None = None
    inLanguage: LanguageCode | None = None
    narrative: str | None = None
    url: Iri | None = None


class GeoCoordinates(Extensible, frozen=True, kw_only=True):
    """A place on the globe, in degrees."""

    KIND = "GeoCoordinates"

    latitude: float
    longitude: float


class Address(Extensible, frozen=True, kw_only=True):
    KIND = "Address"

    addressCountry: str | None = None
    addressCountryCode: str | None = None
    addressRegion: str | None = None
    addressLocality: str | None = None
    streetAddress: str | None = None
    postOfficeBoxNumber: str | None = None
    postalCode: str | None = None
    geo: GeoCoordinates | None = None


# Open Badges 3.0, "IdentityHash": both cases of the digits are allowed.
_IDENTITY_HASH = re.compile(r"sha256\$[0-9A-Fa-f]{64}|md5\$[0-9A-Fa-f]{32}")


class IdentifierEntry(Node, frozen=True, kw_only=True):
    KIND = "IdentifierEntry"

    identifier: str
    identifierType: IdentifierType


class IdentityObject(Node, frozen=True, kw_only=True):
    """Who the recipient is, in plain text or as a hash. ``identity.matches`` compares."""

    KIND = "IdentityObject"

    hashed: bool
    identityHash: str
    identityType: IdentifierType
    salt: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hashed and _IDENTITY_HASH.fullmatch(self.identityHash) is None:
            raise ValueError("A hashed identity is sha256$ or md5$ and then the hash in hexadecimal digits")


class ProfileMembers(Extensible, frozen=True, kw_only=True):
    """What only a node of type Profile can say."""

    phone: str | None = None
    email: str | None = None
    address: Address | None = None
    otherIdentifier: OneOrMany[IdentifierEntry] | None = None
    official: str | None = None
    parentOrg: "Profile | None" = None
    familyName: str | None = None
    givenName: str | None = None
    additionalName: str | None = None
    patronymicName: str | None = None
    honorificPrefix: str | None = None
    honorificSuffix: str | None = None
    familyNamePrefix: str | None = None
    dateOfBirth: Date | None = None


PROFILE_MEMBERS = tuple(name for name in ProfileMembers.__struct_fields__ if name not in Extensible.__struct_fields__)
_values_of_profile = attrgetter(*PROFILE_MEMBERS)
_NONE_OF_THEM = (None,) * len(PROFILE_MEMBERS)


def profile_member_of(node: ProfileMembers) -> str | None:
    """The first member in a node that only a Profile can say; ``None`` for a node without any."""
    if _values_of_profile(node) == _NONE_OF_THEM:  # one question instead of fourteen
        return None
    return next(name for name in PROFILE_MEMBERS if getattr(node, name) is not None)


class Profile(ProfileMembers, frozen=True, kw_only=True):
    """A person or an organisation: an issuer, the creator of an achievement, whoever assessed it."""

    KIND = "Profile"

    id: Iri
    endorsement: Endorsements | None = None
    endorsementJwt: CompactJwss | None = None


class Alignment(Extensible, frozen=True, kw_only=True):
    """What an achievement, a result or a level corresponds to in a framework."""

    KIND = "Alignment"

    targetName: str
    targetUrl: Iri
    targetCode: str | None = None
    targetDescription: str | None = None
    targetFramework: str | None = None
    targetType: AlignmentTargetType | None = None


class Criteria(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the achievement is earned. The one class that needs no type."""

    id: Iri | None = None
    type: Types | None = None
    name: Text | None = None
    description: Text | None = None
    narrative: str | None = None

    def __post_init__(self) -> None:
        # The standard says SHOULD; its official validator makes it an error, and so do we: a badge that does not say
        # what was done for it says nothing.
        if self.id is None and self.narrative is None:
            raise ValueError("Criteria need an id or a narrative")


class Evidence(Extensible, frozen=True, kw_only=True):
    """The work that was done, by its address or in words."""

    KIND = "Evidence"

    audience: str | None = None
    genre: str | None = None
    name: str | None = None
    description: str | None = None


class Related(Extensible, frozen=True, kw_only=True):
    """Another edition of the same achievement."""

    KIND = "Related"

    id: Iri
    version: str | None = None


class RubricCriterionLevel(Extensible, frozen=True, kw_only=True):
    KIND = "RubricCriterionLevel"

    id: Iri
    name: str
    description: str | None = None
    level: str | None = None
    points: str | None = None
    alignment: OneOrMany[Alignment] | None = None


class ResultDescription(Extensible, frozen=True, kw_only=True):
    """A result that the achievement may have, such as one criterion of its rubric. Levels go from low to high."""

    KIND = "ResultDescription"

    id: Iri
    name: str
    resultType: ResultType
    alignment: OneOrMany[Alignment] | None = None
    allowedValue: OneOrMany[str] | None = None
    requiredLevel: Iri | None = None
    requiredValue: str | None = None
    rubricCriterionLevel: OneOrMany[RubricCriterionLevel] | None = None
    valueMax: str | None = None
    valueMin: str | None = None


class Result(Extensible, frozen=True, kw_only=True):
    """A result that this person had."""

    KIND = "Result"

    achievedLevel: Iri | None = None
    alignment: OneOrMany[Alignment] | None = None
    resultDescription: Iri | None = None
    status: ResultStatus | None = None
    value: str | None = None


class Achievement(Extensible, frozen=True, kw_only=True):
    """What can be earned: the same for everyone who has earned it."""

    KIND = "Achievement"

    id: Iri
    name: str
    description: str
    criteria: Criteria
    achievementType: AchievementType | None = None
    alignment: OneOrMany[Alignment] | None = None
    creator: Profile | None = None
    creditsAvailable: float | None = None
    endorsement: Endorsements | None = None
    endorsementJwt: CompactJwss | None = None
    fieldOfStudy: str | None = None
    humanCode: str | None = None
    otherIdentifier: OneOrMany[IdentifierEntry] | None = None
    related: OneOrMany[Related] | None = None
    resultDescription: OneOrMany[ResultDescription] | None = None
    specialization: str | None = None
    tag: OneOrMany[str] | None = None
    version: str | None = None


class AchievementSubject(ProfileMembers, frozen=True, kw_only=True):
    """Who earned it, and how well. A subject that is also typed ``Profile`` may carry a person's names."""

    KIND = "AchievementSubject"

    achievement: Achievement
    activityEndDate: DateTimeZ | None = None
    activityStartDate: DateTimeZ | None = None
    creditsEarned: float | None = None
    identifier: OneOrMany[IdentityObject] | None = None
    licenseNumber: str | None = None
    result: OneOrMany[Result] | None = None
    role: str | None = None
    source: Profile | None = None
    term: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.id is None and self.identifier is None:
            raise ValueError("The subject needs an id or at least one identifier")
        if "Profile" not in self.type and (personal := profile_member_of(self)) is not None:
            raise ValueError(f"{personal} is a member of Profile, which the subject's type does not include")


class EndorsementSubject(Extensible, frozen=True, kw_only=True):
    KIND = "EndorsementSubject"

    id: Iri
    endorsementComment: str | None = None


class Association(Node, frozen=True, kw_only=True):
    """How two achievements of a learner record relate."""

    KIND = "Association"

    associationType: AssociationType
    sourceId: Iri
    targetId: Iri


class ClrSubject(Extensible, frozen=True, kw_only=True):
    KIND = "ClrSubject"

    verifiableCredential: Credentials
    achievement: OneOrMany[Achievement] | None = None
    association: OneOrMany[Association] | None = None
    identifier: OneOrMany[IdentityObject] | None = None


class BadgeMembers(CredentialMembers, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the credentials of Open Badges and CLR have in common."""

    id: Iri
    issuer: Iri | Profile
    awardedDate: DateTimeZ | None = None
    image: Image | None = None
    inLanguage: LanguageCode | None = None
    url: Iri | None = None
    endorsement: Endorsements | None = None
    endorsementJwt: CompactJwss | None = None
    evidence: OneOrMany[Evidence] | None = None


class AchievementCredential(BadgeMembers, frozen=True, kw_only=True):
    """An Open Badge (the types ``AchievementCredential`` and ``OpenBadgeCredential`` are the same)."""

    credentialSubject: AchievementSubject


class EndorsementCredential(BadgeMembers, frozen=True, kw_only=True):
    """What somebody else says of an issuer, an achievement or a badge."""

    name: Text
    credentialSubject: EndorsementSubject


class ClrCredential(BadgeMembers, frozen=True, kw_only=True):
    """A comprehensive learner record: credentials of one person, by whomever issued, and how they relate."""

    name: Text
    credentialSubject: ClrSubject
    partial: bool | None = None


Credential = (
    AchievementCredential
    | EndorsementCredential
    | ClrCredential
    | BitstringStatusListCredential
    | StatusList2021Credential
    | VerifiableCredential
)
