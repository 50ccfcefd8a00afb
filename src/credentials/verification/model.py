"""The nouns of a verification: what was found, what it was found from, and by which rules.

All of them are values that can be written down, so that a report can be kept in a file, and a judgement made again from the
materials that it was made from.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

import msgspec

from credentials.errors import Failure
from credentials.proofs.model import JsonObject
from credentials.trust.model import TrustedIssuer, Use


class Outcome(StrEnum):
    """*Unknown* is neither good nor bad news, and is never shown as good."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Name(StrEnum):
    """The checks, in the order in which they are made."""

    FORMAT = "format"
    CONTEXT = "context"
    MODEL = "model"
    PROOF = "proof"
    ISSUER = "issuer"
    RESOURCES = "resources"
    TIME = "time"
    STATUS = "status"
    RECIPIENT = "recipient"
    ENDORSEMENTS = "endorsements"
    SCHEMA = "schema"
    HOLDER = "holder"
    MEMBERS = "members"
    REFRESH = "refresh"


class Check(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One thing that was looked at.

    ``detail`` is a sentence for a person who has to act on it, ``code`` one of ``docs/codes.md`` (none where the check was
    passed), ``reason`` what an engineer wants to know, and ``pointer`` where in the document (JSON Pointer). ``reason`` may
    quote the document: show it as text.
    """

    name: Name
    outcome: Outcome
    detail: str
    code: str = ""
    reason: str = ""
    pointer: str = ""


class Verdict(StrEnum):
    """*Accept-untrusted*: everything holds, and nobody here knows the issuer. *Indeterminate*: something could not be
    looked at."""

    ACCEPT = "accept"
    ACCEPT_UNTRUSTED = "accept-untrusted"
    REJECT = "reject"
    INDETERMINATE = "indeterminate"


class Container(StrEnum):
    """What the credential came in. *Link*: an address that it was fetched from; *QR*: a picture of a QR code."""

    FILE = "file"
    PNG = "png"
    SVG = "svg"
    ENVELOPE = "envelope"
    LINK = "link"
    QR = "qr"


class Kind(StrEnum):
    """What was presented."""

    CREDENTIAL = "credential"
    ENDORSEMENT = "endorsement"
    LEARNER_RECORD = "learner-record"
    PRESENTATION = "presentation"
    OPEN_BADGE_2 = "open-badge-2"


class Format(StrEnum):
    """How it is secured: by proofs inside a JSON document, or as a compact JWS around it."""

    JSON = "json"
    JWT = "jwt"


class Issuer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Whose key signed. ``name`` and ``logo`` are from the registry, and empty for an issuer that it does not know: what a
    credential says of its issuer proves nothing.

    Where the registry of one organisation was asked: ``uses`` is what it accepts the credential for, ``conditions`` what
    else it asks for, and ``recognised_by`` whose word that is, its own or that of one above it.
    """

    id: str
    name: str = ""
    recognised: bool = False
    logo: str = ""
    uses: tuple[Use, ...] = ()
    conditions: tuple[str, ...] = ()
    recognised_by: str = ""


class Status(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What a status list says of the credential.

    ``value`` is 0 where nothing is the matter; ``message`` is the issuer's own word for it. ``index`` is 0 in a list that
    names credentials. ``evidence_at`` is the day of the evidence: when the list was signed, or as of when our own history was
    asked.
    """

    purpose: str
    list_url: str
    index: int
    value: int
    message: str = ""
    evidence_at: datetime | None = None


class Endorsement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A verified endorsement in the credential: by whom, and of what (an id in the credential)."""

    issuer: Issuer
    about: str
    comment: str = ""


class Association(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What a learner record says of two achievements in it, by their ids (CLR 2.0, "Association")."""

    type: str
    source: str
    target: str


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What came of verifying some octets.

    From ``issuer`` on there is only what a signature covers that was found good; where none was, nothing is shown.
    ``credential`` is the signed document without its proofs and JWT claims. ``digest`` is the SHA-256 of the octets as they
    were presented. ``code`` is that of the check that decided, and empty for *accept*.
    ``as_of`` is the moment that was asked about, where it is not the one of the check.

    ``members`` are the reports on what is in a presentation or a learner record, each with its ``pointer`` into it; ``holder``
    is who signed a presentation, empty where nobody did. The verdict of the whole is the worst of them and its own.
    ``refreshed`` says that it is about a newer edition, which the credential itself led to.
    """

    verdict: Verdict
    code: str = ""
    summary: str
    checks: tuple[Check, ...]
    container: Container | None = None
    format: Format | None = None
    digest: str
    checked_at: datetime
    as_of: datetime | None = None
    issuer: Issuer | None = None
    credential: JsonObject | None = None
    achievement: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    awarded: datetime | None = None
    statuses: tuple[Status, ...] = ()
    endorsements: tuple[Endorsement, ...] = ()
    kind: Kind | None = None
    pointer: str = ""
    link: str = ""
    holder: str = ""
    refreshed: bool = False
    associations: tuple[Association, ...] = ()
    members: tuple["Report", ...] = ()

    @property
    def outcome(self) -> str:
        """The verdict and what decided it, in one word: ``accept``, ``reject:credential-revoked`` ..."""
        if self.verdict in {Verdict.REJECT, Verdict.INDETERMINATE}:
            return f"{self.verdict}:{self.code}"
        return self.verdict


class Present(msgspec.Struct, frozen=True, tag="present", rename="camel"):
    """It was had. ``body`` is as it was served."""

    body: bytes


class Absence(StrEnum):
    """Why something was not had. Nothing follows from it where it did not answer, where it leads elsewhere, where it is the
    issuer's word and nobody here knows the issuer, and where so much was asked for that it was not asked for any more. That it
    is *gone*, its publisher says (410)."""

    UNREACHABLE = "unreachable"
    ELSEWHERE = "elsewhere"
    UNRECOGNISED = "unrecognised"
    TOO_MANY = "too-many"
    GONE = "gone"


class Absent(msgspec.Struct, frozen=True, tag="absent", rename="camel"):
    why: Absence
    reason: str = ""


class Barred(msgspec.Struct, frozen=True, tag="refused", rename="camel"):
    """It was asked for at a place that is never asked: ``code`` says which rule."""

    code: str
    reason: str


Gathered: TypeAlias = Present | Absent | Barred


class Turn(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A change of a bit in one of our own lists, in the order of time."""

    at: datetime
    set: bool


class Materials(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All that a judgement rests on besides the credential and the rules.

    ``key_documents`` by where they belong: a DID, the URL of a controlled identifier document, the URL of a key set.
    ``status_lists`` by their URL. ``issuers`` are those of the issuers in the credential that the registry knows, by id.
    ``logged``: of signed documents of our own, by their digest, when our log says that they were signed.
    ``hosted``: documents of Open Badges 2.0 and revocation lists by their URL, ``links`` what an address led to that was
    presented, ``refreshed`` newer editions by the address of the service that has them.
    ``resources``: the octets of those related resources of the credential that are kept here anyway, by their address.
    ``histories``: how the bits of our own lists changed, by ``list#index``; all of them, or the entry is not there.
    """

    gathered_at: datetime
    key_documents: Mapping[str, Gathered] = {}
    status_lists: Mapping[str, Gathered] = {}
    issuers: Mapping[str, TrustedIssuer] = {}
    logged: Mapping[str, datetime] = {}
    histories: Mapping[str, tuple[Turn, ...]] = {}
    hosted: Mapping[str, Gathered] = {}
    links: Mapping[str, Gathered] = {}
    refreshed: Mapping[str, Gathered] = {}
    resources: Mapping[str, bytes] = {}


class Policy(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The rules that a deployment may set. The defaults are those of SECURITY.md, sections 3 and 6."""

    contexts: frozenset[tuple[str, ...]] | None = None
    """The lists of contexts that a credential may have; ``None`` for every list of pinned contexts that starts with VCDM."""

    skew: timedelta = timedelta(seconds=60)
    """How far ahead of ours an issuer's clock may be. Never added to the end of a credential's life."""

    max_fetches: int = 4
    """Requests to other machines for one verification: key document, two lists, and one to spare."""

    max_all_fetches: int = 16
    """Requests for a presentation or a learner record with all its members, each of which has ``max_fetches`` at most."""

    ports: frozenset[int] = frozenset({443})
    """Ports of other machines that are asked."""

    link_hosts: frozenset[str] | None = None
    """Hosts that an address which is presented may lead to; ``None`` for every public one: whoever presents it asks for it."""

    badge_hosts: frozenset[str] | None = frozenset()
    """Hosts whose documents of Open Badges 2.0 are fetched besides those of recognised issuers; ``None`` for every public
    one."""

    refresh: bool = False
    """Whether a newer edition is asked for where a recognised issuer's credential has a service for that
    (1EdTechCredentialRefresh). It tells the issuer that the credential was shown."""

    max_members: int = 100
    """Credentials in a presentation or a learner record, with those in its learner records."""

    max_all_signatures: int = 120
    """Signatures in a presentation or a learner record, together."""

    max_statuses: int = 8
    """Status entries of one credential: two purposes are usual."""

    max_signatures: int = 12
    """Signatures of a credential and of the endorsements in it, together: each costs up to 0.07 s in the worst case."""

    fetch_unregistered: bool = False
    """Whether keys and lists of issuers that nobody here recognises are fetched too. It makes us knock on doors for
    strangers, so it is off unless the deployment opens it."""

    require_status: bool = True
    """Whether a status that could not be looked up makes the verdict indeterminate. Only a rehearsal of our own, before the
    list is published, says no."""


DEFAULT = Policy()


class RecipientKind(StrEnum):
    """By what a recipient is known. The values are those of Open Badges ("IdentifierTypeEnum"), besides ``id``."""

    ID = "id"
    EMAIL = "emailAddress"
    NAME = "name"


class Recipient(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Somebody whom the asker knows, and wants the credential to be about."""

    kind: RecipientKind
    value: str


class Question(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the asker wants to know besides whether the credential is good now.

    ``as_of``: whether it was good then. ``use``: whether the issuer is accepted for that. ``recipient``: whether it is about
    this person. The answer to each counts for the verdict.

    Of a presentation: ``domain`` and ``challenge`` are what its holder was asked to sign, ``holder`` is who should have. That
    the holder is the one whom each credential is about is asked always.
    """

    as_of: datetime | None = None
    use: Use | None = None
    recipient: Recipient | None = None
    domain: str | None = None
    challenge: str | None = None
    holder: str | None = None


NOTHING_MORE = Question()


class Undecided(Failure):
    """Something that judging needs could not be had: neither good nor bad. ``code`` as for ``Refused``."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code  # type: ignore[misc]  # the code belongs to what is missing, not to the class
