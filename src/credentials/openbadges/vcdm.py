"""The members that every verifiable credential may have, in data model 2.0 and in 1.1.

Source: VCDM 2.0, sections "Contexts" to "Integrity of Related Resources"; VCDM 1.1; Bitstring Status List, sections
"BitstringStatusListEntry" and "BitstringStatusListCredential".

``check.read_model`` refuses ``null`` everywhere before it decodes, so ``None`` here always means that a member is absent.
Values that only their ``type`` can tell apart (``Statuses``, ``Credentials``) are decoded by ``check.read_model`` too.
"""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from credentials.openbadges.terms import (
    HASH_EXPRESSION,
    DateTimeZ,
    EncodedList,
    Iri,
    Iris,
    Multibases,
    OneOrMany,
    StatusListIndex,
    Text,
    Types,
    one_or_many,
)

CONTEXT_V2 = "https://www.w3.org/ns/credentials/v2"
CONTEXT_V1 = "https://www.w3.org/2018/credentials/v1"

FreeForm = Annotated[dict[str, Any], Meta(min_length=1)]
"""An object whose members the standards leave open; ``shape.check_shape`` keeps JSON-LD's keywords out of it."""


class Node(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object of a class that the standards close. ``type`` must name the class, and may name others beside it."""

    KIND: ClassVar[str]

    type: Types
    id: Iri | None = None

    def __post_init__(self) -> None:
        if self.KIND not in self.type:
            raise ValueError(f"The type must include {self.KIND}")


class Typed(Struct, frozen=True, kw_only=True):
    """An object of a kind that anybody may add: its ``type`` says which, and its other members are that kind's own."""

    type: Types
    id: Iri | None = None


class TypedWithId(Typed, frozen=True, kw_only=True):
    id: Iri


class RelatedResource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A resource elsewhere, bound by its digest (VCDM 2.0, "Integrity of Related Resources")."""

    id: Iri
    type: Types | None = None
    mediaType: str | None = None
    digestSRI: OneOrMany[str] | None = None
    digestMultibase: Multibases | None = None

    def __post_init__(self) -> None:
        if self.digestSRI is None and self.digestMultibase is None:
            raise ValueError("A related resource needs digestSRI or digestMultibase")
        for text in one_or_many(self.digestSRI):
            words = text.split()
            if not words or not all(map(HASH_EXPRESSION.fullmatch, words)):
                raise ValueError("digestSRI is sha256, sha384 or sha512, a hyphen, and the digest in base64")


class StatusMessage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    status: str
    message: str
    id: Iri | None = None
    type: Types | None = None


class BitstringStatusListEntry(Node, frozen=True, kw_only=True):
    """Where in a published list this credential's bit is (Bitstring Status List, "BitstringStatusListEntry")."""

    KIND = "BitstringStatusListEntry"

    statusPurpose: Annotated[str, Meta(min_length=1)]
    statusListIndex: StatusListIndex
    statusListCredential: Iri
    statusSize: Annotated[int, Meta(ge=1, le=16)] | None = None
    statusMessage: OneOrMany[StatusMessage] | None = None
    statusReference: Iris | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.id == self.statusListCredential:
            raise ValueError("The id of a status entry must not be the address of its list")
        size = self.statusSize or 1
        messages = len(self.statusMessage) if isinstance(self.statusMessage, list) else int(bool(self.statusMessage))
        if (messages or size > 1) and messages != 1 << size:
            raise ValueError(
                f"A status of {size} bit(s) needs {1 << size} messages, one for each value that it can have"
            )


class StatusList2021Entry(Node, frozen=True, kw_only=True):
    """The predecessor of ``BitstringStatusListEntry``."""

    KIND = "StatusList2021Entry"

    statusPurpose: Annotated[str, Meta(min_length=1)]
    statusListIndex: StatusListIndex
    statusListCredential: Iri


class RevocationList(Node, frozen=True, kw_only=True):
    """``1EdTechRevocationList``: deprecated by Open Badges 3.0 in October 2025, and still met in older credentials."""

    KIND = "1EdTechRevocationList"

    id: Iri


StatusEntry = BitstringStatusListEntry | StatusList2021Entry | RevocationList | Typed

STATUS_ENTRIES: dict[str, type[StatusEntry]] = {
    "BitstringStatusListEntry": BitstringStatusListEntry,
    "StatusList2021Entry": StatusList2021Entry,
    "1EdTechRevocationList": RevocationList,
}
"""The status methods that are read. A method of another type stays ``Typed``: whoever verifies must answer for it."""


class Statuses(tuple[StatusEntry, ...]):
    """The value of ``credentialStatus``, whether it was written as one entry or as several."""

    __slots__ = ()


class CredentialMembers(Struct, frozen=True, kw_only=True, rename={"context": "@context"}):
    """What every credential may say. ``rules`` keeps the members of data model 1.1 and of 2.0 apart: two pairs of dates in
    one credential would be a way to look current. Which contexts are allowed is for the room that pins them."""

    context: Iris
    type: Types
    id: Iri | None = None
    name: Text | None = None
    description: Text | None = None
    credentialStatus: Statuses | None = None
    credentialSchema: OneOrMany[TypedWithId] | None = None
    refreshService: OneOrMany[Typed] | None = None
    termsOfUse: OneOrMany[Typed] | None = None
    proof: OneOrMany[FreeForm] | None = None

    # VCDM 2.0
    validFrom: DateTimeZ | None = None
    validUntil: DateTimeZ | None = None
    relatedResource: OneOrMany[RelatedResource] | None = None
    renderMethod: OneOrMany[Typed] | None = None
    confidenceMethod: OneOrMany[Typed] | None = None

    # VCDM 1.1
    issuanceDate: DateTimeZ | None = None
    expirationDate: DateTimeZ | None = None

    # The registered claims that the payload of a VC-JWT carries beside the credential (Open Badges 3.0, "VC-JWT")
    iss: str | None = None
    sub: str | None = None
    aud: OneOrMany[str] | None = None
    jti: str | None = None
    iat: float | None = None
    nbf: float | None = None
    exp: float | None = None
    cnf: FreeForm | None = None

    @property
    def data_model(self) -> Literal["1.1", "2.0"]:
        """Which VCDM the credential follows; its first context says so."""
        return "1.1" if self.context[0] == CONTEXT_V1 else "2.0"


class Issuer(Struct, frozen=True, kw_only=True):
    """Who issued a credential that is not an Open Badge: an id, and members that the standard leaves open."""

    id: Iri
    type: Types | None = None
    name: Text | None = None
    description: Text | None = None


class Subject(Struct, frozen=True, kw_only=True):
    """Whom a credential that is not an Open Badge is about, and claims that the standard leaves open."""

    id: Iri | None = None
    type: Types | None = None


class VerifiableCredential(CredentialMembers, frozen=True, kw_only=True):
    """A credential of a kind that these standards do not know: its claims are as its contexts define them."""

    issuer: Iri | Issuer
    credentialSubject: OneOrMany[Subject]
    evidence: OneOrMany[Typed] | None = None


class BitstringStatusList(Node, frozen=True, kw_only=True):
    """The list itself. ``ttl`` is in milliseconds."""

    KIND = "BitstringStatusList"

    statusPurpose: OneOrMany[Annotated[str, Meta(min_length=1)]]
    encodedList: EncodedList
    ttl: Annotated[int, Meta(ge=0)] | None = None


class StatusList2021(Node, frozen=True, kw_only=True):
    """The predecessor of ``BitstringStatusList``: its list is in base64url or base64, without a mark before it."""

    KIND = "StatusList2021"

    statusPurpose: Annotated[str, Meta(min_length=1)]
    encodedList: Annotated[str, Meta(min_length=1)]


class StatusList2021Credential(CredentialMembers, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """https://www.w3.org/community/reports/credentials/CG-FINAL-vc-status-list-2021-20230102/"""

    issuer: Iri | Issuer
    credentialSubject: StatusList2021


class BitstringStatusListCredential(CredentialMembers, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bitstring Status List, "BitstringStatusListCredential"."""

    issuer: Iri | Issuer
    credentialSubject: BitstringStatusList
