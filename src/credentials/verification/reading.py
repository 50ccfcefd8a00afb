"""From octets to a credential whose form holds: nothing is looked up, and no signature is checked.

Steps 1 to 6 of SECURITY.md, section 3. What the octets are is read from them: no name or declared type is believed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias

import msgspec

from credentials.errors import Malformed, Refused
from credentials.jsonld.canonize import canonize, check
from credentials.jsonld.contexts import WRITTEN_OUT, Contexts
from credentials.jsonld.reader import MAX_BYTES, read_json
from credentials.openbadges.baking import Standard, extract
from credentials.openbadges.check import read_model
from credentials.openbadges.model import ClrCredential, Credential, EndorsementCredential
from credentials.openbadges.presentation import KIND as PRESENTATION
from credentials.openbadges.presentation import Presentation, in_rdf, read_presentation
from credentials.openbadges.shape import Path, pointer
from credentials.openbadges.terms import one_or_many
from credentials.openbadges.usual import Achievements, Usual, is_lossless, is_usual, octets_of, read_octets, read_usual
from credentials.openbadges.usual import Known as KnownAchievement
from credentials.openbadges.vcdm import CONTEXT_V1, CONTEXT_V2
from credentials.openbadges.version2 import Assertion, is_version_2, read_assertion, read_signed_assertion
from credentials.proofs import ecdsa_jcs_2019, ecdsa_sd_2023, eddsa_jcs_2022
from credentials.proofs.data_integrity import Proof, read_proofs
from credentials.proofs.enveloped import ENVELOPED_PRESENTATION, is_envelope, read_envelope
from credentials.proofs.jcs import canonical_json
from credentials.proofs.jose import Jws, read_jws, read_unnamed_jws
from credentials.proofs.model import JsonObject
from credentials.proofs.multibase import base64url_decode
from credentials.proofs.vc_jwt import CLAIMS, credential_of, unwrapped_presentation
from credentials.verification.model import DEFAULT, Check, Container, Format, Kind, Name, Policy
from credentials.verification.sentences import failed, passed

MAX_DERIVED_PROOF = 65_536
"""Characters of a selective disclosure proof, which holds a signature for each statement: 750 of them, at 0.1 ms each."""

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*<|\xff\xfe<|\xfe\xff\0<|<\0|\0<")
_PLAINLY = (b"{", b"ey")  # JSON, or a token whose header is: no picture, page or archive begins so
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"%PDF", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_OF_TOKENS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=-."
_SPACE = b" \t\r\n"

_HTML = re.compile(rb"[ \t\r\n]*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_ADDRESS = re.compile(rb"(?:[A-Za-z][A-Za-z0-9+.-]{0,63}:|/(?!\*))[^\x00-\x1f\x7f]*")
"""One line that begins as an address does, which JSON, comments and tokens do not. Whether it is asked is seen later."""


MAX_DEPTH = 2
"""Presentations and learner records inside each other: a learner record may be presented."""


Canonical: TypeAlias = Callable[[JsonObject, bytes], bytes]


class Known(NamedTuple):
    """What helps to read a document that says much of what an earlier one said. ``canonical`` says what ``canonize`` says with
    SHA-256, under the same contexts, of a document and its octets, as of ``canonize_with``. Neither makes any difference but in
    time."""

    canonical: Canonical | None = None
    achievements: Achievements | None = None


NOTHING_KNOWN = Known()

_SIGNS_OF_OLDER = (b"w3id.org/openbadges", b'"recipient"')
_A_CREDENTIAL = b'"VerifiableCredential"'
_A_TOKEN = b'"endorsementJwt"'


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A well-formed credential and what secures it, not yet checked.

    ``document`` is the credential with its embedded proofs and without JWT claims; ``canonical`` its canonical N-Quads
    without the proofs (RDFC-1.0, SHA-256), if a proof may be over those; ``pointer`` where it stands in what was presented.
    ``issuer`` is the id of the one who must have signed it. There is a token, or at least one proof, or both. ``known`` is the
    achievement in it, if that was read before.
    """

    document: JsonObject
    credential: Credential
    issuer: str
    canonical: bytes | None
    proofs: tuple[Proof, ...]
    jws: Jws | None = None
    pointer: str = ""
    known: KnownAchievement | None = None

    @property
    def signatures(self) -> int:
        return len(self.proofs) + (self.jws is not None)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A presentation and what secures it, not yet checked. One without proofs and token is a bundle, which nobody signed.

    ``document``, ``canonical`` and the like as of ``Signed``; ``claims`` are those of a token, ``issuer`` who must have signed:
    the holder that the presentation names, or whose key it says it was.
    """

    document: JsonObject
    issuer: str = ""
    canonical: bytes = b""
    proofs: tuple[Proof, ...] = ()
    jws: Jws | None = None
    claims: JsonObject = {}

    @property
    def signatures(self) -> int:
        return len(self.proofs) + (self.jws is not None)


class Followable(msgspec.Struct, frozen=True, kw_only=True):
    """A badge of Open Badges 2.0 or 1.x: which one, and the token that it came in."""

    assertion: Assertion
    jws: Jws | None = None


class Presented(msgspec.Struct, frozen=True, kw_only=True):
    """What was presented, as far as it could be read. Without any of the next four, the last of ``checks`` says what is wrong.

    There is a credential (``signed``), a presentation (``shown``), a badge of an older standard (``older``), or an address
    (``link``). ``endorsements`` are those in the credential and in each other, up to the first beyond
    ``Policy.max_signatures``; ``members`` are what is in a presentation or in a learner record.
    """

    digest: str
    checks: tuple[Check, ...]
    container: Container | None = None
    format: Format | None = None
    signed: Signed | None = None
    shown: Shown | None = None
    older: Followable | None = None
    link: str | None = None
    endorsements: tuple[Signed, ...] = ()
    kind: Kind | None = None
    pointer: str = ""
    members: tuple["Presented", ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is anything to judge."""
        signed, other = self.signed is not None, self.shown is not None or self.older is not None
        return signed or other or self.link is not None

    @property
    def signatures(self) -> int:
        own = self.shown.signatures if self.shown is not None else 0
        credentials = (self.signed, *self.endorsements) if self.signed is not None else ()
        return own + sum(one.signatures for one in credentials) + sum(member.signatures for member in self.members)


def everything(presented: Presented) -> Iterator[Presented]:
    """What was presented, and all that is in it."""
    yield presented
    for member in presented.members:
        yield from everything(member)


class Steps:
    """Which check is being made, and those that were passed."""

    def __init__(self) -> None:
        self.current = Name.FORMAT
        self.done: list[Check] = []

    def begin(self, name: Name) -> None:
        self.current = name

    def passed(self) -> None:
        self.done.append(passed(self.current))


def read(octets: bytes, contexts: Contexts, policy: Policy = DEFAULT, known: Known = NOTHING_KNOWN) -> Presented:
    """What is in a file: JSON, a compact JWS, an envelope, a PNG or SVG with one baked in, or an address.

    Raises nothing for any octets: what is wrong with them is the last check of the answer.
    """
    container: Container | None = None
    digest = sha256(octets).hexdigest()
    try:
        container, text, standard = _unpacked(octets)
        if standard is Standard.OPEN_BADGES_2 and _ADDRESS.fullmatch(text):
            older = Followable(assertion=read_assertion({"id": text.decode("latin-1")}))
            done = (passed(Name.FORMAT),)
            presented = Presented(digest="", checks=done, kind=Kind.OPEN_BADGE_2, older=older)
        elif container is Container.FILE and (address := text.strip(_SPACE)) and _ADDRESS.fullmatch(address):
            return read_link(address.decode("utf-8", "replace"), octets)
        else:
            presented = _read(text, contexts, policy, _Room(policy, known), container=container, digest=digest)
            _check_baked(standard, presented.kind)
            return presented
    except Malformed as error:
        presented = Presented(digest="", checks=(failed(Name.FORMAT, error),))
    return msgspec.structs.replace(presented, digest=digest, container=container)


def is_address(text: str) -> bool:
    """Whether a text is meant as an address, good or bad, and not as a credential."""
    return _ADDRESS.fullmatch(text.encode("utf-8", "replace")) is not None


def read_link(address: str, octets: bytes | None = None) -> Presented:
    """An address, which ``gather`` follows, as it was presented."""
    presented = octets if octets is not None else address.encode("utf-8", "surrogatepass")
    return Presented(digest=sha256(presented).hexdigest(), checks=(), container=Container.LINK, link=address)


def read_signed(text: bytes, contexts: Contexts, policy: Policy, steps: Steps | None = None) -> Signed:
    """The credential in a JSON document or a compact JWS. Raises ``Malformed``; ``steps`` tells in which check."""
    steps = steps or Steps()
    found = _found(text, steps)
    if found.kind not in {Kind.CREDENTIAL, Kind.ENDORSEMENT}:
        raise _another_kind("no single credential")
    return _signed(_document(found, steps), found.jws, contexts, policy, steps, found)


class _Room:
    """How much more there may be in what is being read: a presentation is not a way to have more checked than is checked."""

    def __init__(self, policy: Policy, known: Known = NOTHING_KNOWN) -> None:
        self.known = known
        self._members = policy.max_members
        self._signatures = policy.max_all_signatures

    def take(self, place: str) -> None:
        self._members -= 1
        if self._members < 0:
            raise Refused(
                "canonicalization-limit", "There are more credentials in it than are checked at a time.", place
            )

    def count(self, member: Presented) -> None:
        """The signatures of a member; those of its own members were counted when they were read."""
        self._signatures -= member.signatures - sum(inner.signatures for inner in member.members)
        if self._signatures < 0:
            detail = "There are more signatures in it than are checked at a time."
            raise Refused("canonicalization-limit", detail, member.pointer)


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """A JSON object, and the token that it came in. In a token, ``value`` is the payload with its claims.

    ``usual`` is the badge that it is, if it is one in the usual form.
    """

    kind: Kind
    value: JsonObject
    jws: Jws | None = None
    enveloped: bool = False
    usual: Usual | None = None


def _read(
    text: bytes,
    contexts: Contexts,
    policy: Policy,
    room: _Room,
    depth: int = 0,
    *,
    container: Container | None = None,
    digest: str = "",
) -> Presented:
    """One document in its octets. The digest and the container are what the caller says, but for an envelope's."""
    steps = Steps()
    kind: Kind | None = None
    try:
        found = _found(text, steps, room.known)
        kind = found.kind
        presented = _of_kind(found, contexts, policy, steps, room, depth)
    except Malformed as error:
        format_ = Format.JWT if _is_token(text) else Format.JSON
        checks = (*steps.done, failed(steps.current, error))
        return Presented(digest=digest, checks=checks, container=container, format=format_, kind=kind)
    return msgspec.structs.replace(
        presented,
        digest=digest,
        container=Container.ENVELOPE if found.enveloped else container,
        format=Format.JWT if found.jws is not None else Format.JSON,
    )


def _of_kind(found: _Found, contexts: Contexts, policy: Policy, steps: Steps, room: _Room, depth: int) -> Presented:
    if found.kind is Kind.OPEN_BADGE_2:
        steps.begin(Name.MODEL)
        read_older = read_assertion if found.jws is None else read_signed_assertion
        older = Followable(assertion=read_older(found.value), jws=found.jws)
        return Presented(digest="", checks=tuple(steps.done), kind=found.kind, older=older)
    if found.kind in {Kind.PRESENTATION, Kind.LEARNER_RECORD} and depth == MAX_DEPTH:
        raise Refused("unsupported-media-type", "There are too many of them inside each other.")
    if found.kind is Kind.PRESENTATION:
        shown, presentation = _shown(found, contexts, policy, steps)
        place = "" if found.jws is None else "/payload"
        values = list(enumerate(presentation.members))
        members = tuple(
            _member(value, f"{place}/verifiableCredential/{index}", contexts, policy, room, depth)
            for index, value in values
        )
        return Presented(digest="", checks=tuple(steps.done), kind=found.kind, shown=shown, members=members)
    signed = _signed(_document(found, steps), found.jws, contexts, policy, steps, found, room.known.canonical)
    members = ()
    if isinstance(signed.credential, ClrCredential):
        place = "/credentialSubject/verifiableCredential"
        inner = one_or_many(signed.document["credentialSubject"]["verifiableCredential"])
        members = tuple(
            _member(value, f"{place}/{index}", contexts, policy, room, depth) for index, value in enumerate(inner)
        )
    steps.begin(Name.ENDORSEMENTS)
    return Presented(
        digest="",
        checks=tuple(steps.done),
        kind=_kind_of(signed.credential),
        signed=signed,
        endorsements=_endorsements(signed, contexts, policy),
        members=members,
    )


def _kind_of(credential: Credential) -> Kind:
    match credential:
        case ClrCredential():
            return Kind.LEARNER_RECORD
        case EndorsementCredential():
            return Kind.ENDORSEMENT
        case _:
            return Kind.CREDENTIAL


def _member(
    value: JsonObject | str, place: str, contexts: Contexts, policy: Policy, room: _Room, depth: int
) -> Presented:
    """What stands in a presentation or a learner record, as a document of its own."""
    room.take(place)
    text = value.encode("utf-8", "replace") if isinstance(value, str) else canonical_json(value)
    member = _read(text, contexts, policy, room, depth + 1)
    if member.kind is Kind.PRESENTATION:
        error = Refused("MALFORMED_VALUE_ERROR", "A presentation stands where a credential should.")
        member = Presented(digest="", checks=(failed(Name.FORMAT, error),), format=member.format)
    member = msgspec.structs.replace(member, digest=sha256(text).hexdigest(), pointer=place)
    room.count(member)
    return member


def _unpacked(octets: bytes) -> tuple[Container, bytes, Standard | None]:
    """Steps 1 and 3: what the octets are by their first ones, and the text of the credential in them."""
    if octets.startswith(_PLAINLY):
        return Container.FILE, octets, None
    if _HTML.match(octets):
        raise _another_kind("a web page")
    if octets.startswith(_PNG) or _SVG.match(octets):
        baked = extract(octets)
        container = Container.PNG if octets.startswith(_PNG) else Container.SVG
        return container, baked.credential, baked.standard
    if octets.startswith(_PACKED):
        raise _another_kind("a file of another kind")
    return Container.FILE, octets, None


def _check_baked(standard: Standard | None, kind: Kind | None) -> None:
    """A picture says by which standard the badge in it is; whoever reads pictures only would see another one."""
    older = kind is Kind.OPEN_BADGE_2
    if standard is not None and kind is not None and older is not (standard is Standard.OPEN_BADGES_2):
        raise Refused(
            "no-baked-credential", "What is baked into this picture is not of the standard that the picture says."
        )


def _found(text: bytes, steps: Steps, known: Known = NOTHING_KNOWN) -> _Found:
    """Steps 1 to 3: a JSON object, and what kind of thing it is."""
    if len(text) > MAX_BYTES:
        raise Refused("payload-too-large", f"The document is over {MAX_BYTES} bytes.")
    if _is_token(text):
        return _of_token(text.strip(_SPACE), steps, known)
    usual = read_octets(text, known.achievements)
    if usual is not None:
        steps.passed()
        return _Found(kind=Kind.CREDENTIAL, value=usual.value, usual=usual)
    document = read_json(text)
    if not isinstance(document, dict):
        raise Refused("PARSING_ERROR", "A credential is a JSON object.")
    if is_envelope(document):
        envelope = read_envelope(document)
        found = _of_token(envelope.token, steps, known)
        if (envelope.type == ENVELOPED_PRESENTATION) is not (found.kind is Kind.PRESENTATION):
            raise Refused("MALFORMED_VALUE_ERROR", "The envelope holds something else than it says.", "/type")
        return msgspec.structs.replace(found, enveloped=True)
    kind = _kind(document)
    steps.passed()
    return _Found(kind=kind, value=document)


def _of_token(token: bytes, steps: Steps, known: Known) -> _Found:
    steps.begin(Name.PROOF)
    try:
        jws = read_jws(token)
    except Malformed:
        if (older := _older_payload(_payload_of(token))) is None:
            raise
        jws = read_unnamed_jws(token)
    else:
        steps.begin(Name.FORMAT)
        usual = read_octets(jws.payload, known.achievements, CLAIMS)
        if usual is not None and jws.header.typ != "vp+jwt" and jws.header.cty != "vp":
            steps.passed()
            return _Found(kind=Kind.CREDENTIAL, value=usual.value, jws=jws, usual=usual)
        older = _older_payload(jws.payload)
    if older is not None:
        jws = read_unnamed_jws(token)
        steps.begin(Name.FORMAT)
        steps.passed()
        return _Found(kind=Kind.OPEN_BADGE_2, value=older, jws=jws)
    steps.begin(Name.FORMAT)
    payload = read_json(jws.payload)
    if not isinstance(payload, dict):
        raise Refused("PARSING_ERROR", "The payload of a VC-JWT is an object.")
    if is_envelope(payload):
        raise Refused("MALFORMED_VALUE_ERROR", "An envelope stands where a credential should.", "/type")
    named = jws.header.typ == "vp+jwt" or jws.header.cty == "vp" or "vp" in payload
    inner = payload.get("vc")
    kind = Kind.PRESENTATION if named else _kind(inner if isinstance(inner, dict) else payload)
    steps.passed()
    return _Found(kind=kind, value=payload, jws=jws)


def _payload_of(token: bytes) -> bytes:
    try:
        return base64url_decode(token.partition(b".")[2].partition(b".")[0])
    except Malformed:
        return b""  # whoever reads it as a credential will say why


def _older_payload(octets: bytes) -> JsonObject | None:
    """The assertion in a token of Open Badges 2.0, whose header names no key; ``None`` for every other payload."""
    try:
        if not any(sign in octets for sign in _SIGNS_OF_OLDER):  # one look tells, as is usual
            return None
        payload = read_json(octets)
    except Malformed:
        return None  # whoever reads it as a credential will say why
    return payload if isinstance(payload, dict) and is_version_2(payload) else None


def _document(found: _Found, steps: Steps) -> JsonObject:
    """The credential in a token's payload, or the object itself."""
    if found.jws is None:
        return found.value
    steps.begin(Name.MODEL)
    if "aud" in found.value:  # RFC 7519, section 4.1.3: whoever is not meant must refuse
        raise Refused(
            "INVALID_DOMAIN_ERROR", "The token is made for one audience; a credential is for everybody.", "/aud"
        )
    document = credential_of(found.value, found.jws.header.typ)
    if found.usual is None and _kind(document) in {Kind.PRESENTATION, Kind.OPEN_BADGE_2}:
        raise _another_kind("a token around something else than a credential")
    return document


def _shown(found: _Found, contexts: Contexts, policy: Policy, steps: Steps) -> tuple[Shown, Presentation]:
    document = found.value
    if found.jws is not None:
        steps.begin(Name.MODEL)
        document = unwrapped_presentation(found.value, found.jws.header.typ)
    steps.begin(Name.CONTEXT)
    check_contexts(document, contexts, policy)
    steps.passed()
    steps.begin(Name.MODEL)
    presentation = read_presentation(document)
    proofs: tuple[Proof, ...] = ()
    canonical = b""
    if "proof" in document:
        canonical = canonize(in_rdf(without_proof(document)), contexts)
    steps.passed()
    steps.begin(Name.HOLDER)
    if "proof" in document:
        proofs = read_proofs(document)
    _check_suites(proofs)
    methods = [proof.verification_method for proof in proofs]
    if found.jws is not None:
        methods.append(found.jws.header.kid or "")
    holder = presentation.holder_id or next((method.partition("#")[0] for method in methods), "")
    shown = Shown(
        document=document,
        issuer=holder,
        canonical=canonical,
        proofs=proofs,
        jws=found.jws,
        claims=found.value if found.jws is not None else {},
    )
    return shown, presentation


def _is_token(text: bytes) -> bool:
    """By its dots and what is before the first; the rest is for whoever takes it apart."""
    first = text.find(b".")
    second = text.find(b".", first + 1)
    if first < 0 or second < 0 or text.find(b".", second + 1) >= 0:
        return False
    head = text[:first].lstrip(_SPACE)
    return bool(head) and not head.translate(None, _OF_TOKENS)


def _kind(document: JsonObject) -> Kind:
    """Step 3, by what a document says of itself."""
    kinds = {kind for kind in one_or_many(document.get("type")) if isinstance(kind, str)}
    if "vp" in document or PRESENTATION in kinds:
        return Kind.PRESENTATION
    if "ClrCredential" in kinds:
        return Kind.LEARNER_RECORD
    if "EndorsementCredential" in kinds:
        return Kind.ENDORSEMENT
    return Kind.OPEN_BADGE_2 if is_version_2(document) else Kind.CREDENTIAL


def _another_kind(what: str) -> Refused:
    return Refused("unsupported-media-type", f"This is {what}, which is not read here.")


def _signed(
    document: JsonObject,
    jws: Jws | None,
    contexts: Contexts,
    policy: Policy,
    steps: Steps,
    found: _Found | None = None,
    canonical_of: Canonical | None = None,
) -> Signed:
    steps.begin(Name.CONTEXT)
    check_contexts(document, contexts, policy)
    steps.passed()
    steps.begin(Name.MODEL)
    as_rdf = _is_signed_as_rdf(document)
    if found is not None and found.usual is not None:
        credential: Credential = found.usual.badge
        canonical = _meaning(document, found.usual, contexts, canonical=as_rdf, canonical_of=canonical_of)
    else:
        credential, canonical = check_content(document, contexts, canonical=as_rdf)
    steps.passed()
    steps.begin(Name.PROOF)
    proofs = read_proofs(document) if jws is None or "proof" in document else ()
    _check_suites(proofs)
    named = credential.issuer
    return Signed(
        document=document,
        credential=credential,
        issuer=named if isinstance(named, str) else named.id,
        canonical=canonical,
        proofs=proofs,
        jws=jws,
        known=found.usual.known if found is not None and found.usual is not None else None,
    )


def _check_suites(proofs: Iterable[Proof]) -> None:
    for proof in proofs:
        if proof.suite == ecdsa_sd_2023.NAME and len(proof.members["proofValue"]) > MAX_DERIVED_PROOF:
            raise Refused("canonicalization-limit", "The proof has more signatures than are checked.", proof.pointer)


def check_contexts(document: JsonObject, contexts: Contexts, policy: Policy) -> None:
    """Step 4. ``context-not-allowed`` unless the list of contexts is one that the policy accepts."""
    listed = one_or_many(document.get("@context"))
    if {*map(type, listed)} != {str}:
        written_out = any(isinstance(context, dict) for context in listed)
        told = WRITTEN_OUT if written_out else "@context is a list of addresses."
        raise Refused("context-not-allowed", told, "/@context")
    _check_accepted(tuple(listed), contexts, policy.contexts)


@lru_cache(maxsize=64)  # nearly all documents name these few; what is refused is not kept
def _check_accepted(listed: tuple[str, ...], contexts: Contexts, accepted: frozenset[tuple[str, ...]] | None) -> None:
    if accepted is not None:
        allowed = listed in accepted
    else:
        pinned = all(context in contexts for context in listed)
        allowed = pinned and listed[0] in {CONTEXT_V2, CONTEXT_V1} and len(set(listed)) == len(listed)
    if not allowed:
        raise Refused("context-not-allowed", "These contexts, in this order, are not accepted here.", "/@context")


def _is_signed_as_rdf(document: JsonObject) -> bool:
    """Whether a proof may be over canonical N-Quads. What the proofs are is looked at later."""
    return any(
        not isinstance(proof, dict) or proof.get("cryptosuite") not in (eddsa_jcs_2022.NAME, ecdsa_jcs_2019.NAME)
        for proof in one_or_many(document.get("proof"))
    )


def check_content(
    document: JsonObject, contexts: Contexts, *, canonical: bool = False
) -> tuple[Credential, bytes | None]:
    """Steps 5 and 6: the one shape that a credential of its kind has, and nothing in it that JSON-LD would drop.

    JSON-LD is asked however the credential is signed, so that it means the same to every reader. Answers the canonical
    N-Quads, too, if they are asked for. Both are bounded by the reader's megabyte and by the canonicalisation's own caps on
    nodes and work.
    """
    octets = octets_of(document)
    badge = read_usual(document, octets) if octets else None
    usual = None if badge is None else Usual(document, badge, octets)
    return badge or read_model(document), _meaning(document, usual, contexts, canonical=canonical)


def _meaning(
    document: JsonObject,
    usual: Usual | None,
    contexts: Contexts,
    *,
    canonical: bool,
    canonical_of: Canonical | None = None,
) -> bytes | None:
    """Nothing is in a document that JSON-LD would drop; its canonical N-Quads, if they are asked for. ``usual`` is what was
    read of it, if it is in the usual form."""
    if canonical:
        unsecured = without_proof(document)
        if canonical_of is None:
            return canonize(unsecured, contexts)
        return canonical_of(unsecured, usual.octets if usual is not None else b"")
    if usual is None or not is_lossless(document, usual.octets, contexts, usual.known, usual.rest):
        check(without_proof(document), contexts)
    return None


def without_proof(document: JsonObject) -> JsonObject:
    unsecured = document.copy()
    unsecured.pop("proof", None)
    return unsecured


def _endorsements(signed: Signed, contexts: Contexts, policy: Policy) -> tuple[Signed, ...]:
    """Step 12, as far as forms go: every endorsement, and every one inside of it, as a document of its own.

    ``endorsement-invalid`` for one whose form does not hold. Stops at the first beyond ``max_signatures``.
    """
    if is_usual(signed.credential):
        return ()
    found: list[Signed] = []
    signatures = signed.signatures
    todo = [signed]
    while todo:
        outer = todo.pop()
        for place, inner in _inside(outer.document, outer.pointer):
            one = _endorsement(inner, place, contexts, policy)
            found.append(one)
            signatures += one.signatures
            if signatures > policy.max_signatures:
                return tuple(found)
            if one.jws is not None:
                todo.append(one)  # what stands in a token is not in the document around it
    return tuple(found)


def _endorsement(inner: JsonObject | str, place: str, contexts: Contexts, policy: Policy) -> Signed:
    try:
        if isinstance(inner, str):
            one = read_signed(inner.encode(), contexts, policy)
        else:
            one = _signed(inner, None, contexts, policy, Steps())
    except Malformed as error:
        raise Refused("endorsement-invalid", error.detail, place) from error
    return msgspec.structs.replace(one, pointer=place)


def _inside(document: JsonObject, outer: str) -> Iterator[tuple[str, JsonObject | str]]:
    """The endorsements in a document, at any depth: objects that are credentials, and tokens under ``endorsementJwt``. Each
    with its pointer, after that of the document."""
    text = msgspec.json.encode(document)  # in which one look tells that there is none, as is usual
    if text.count(_A_CREDENTIAL) < 2 and _A_TOKEN not in text:
        return
    todo: list[tuple[Any, Path]] = [(document, None)]
    while todo:
        value, path = todo.pop()
        if type(value) is list:
            todo += [
                (item, (path, index)) for index, item in enumerate(value) if type(item) is dict or type(item) is list
            ]
            continue
        if path is not None and "VerifiableCredential" in one_or_many(value.get("type")):
            yield outer + pointer(path), value
        for name, item in value.items():
            if name == "verifiableCredential":
                continue  # the members of a learner record, which are no endorsements of it
            if name == "endorsementJwt":
                yield from ((outer + pointer((path, name)), token) for token in one_or_many(item) if type(token) is str)
            elif type(item) is dict or type(item) is list:
                todo.append((item, (path, name)))
