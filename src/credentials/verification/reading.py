"""From octets to a credential whose form holds: nothing is looked up, and no signature is checked.

Steps 1 to 6 of SECURITY.md, section 3. What the octets are is read from them: no name or declared type is believed.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from credentials.errors import Malformed, Refused
from credentials.jsonld.canonize import canonize, check
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.reader import MAX_BYTES, read_json
from credentials.openbadges.baking import Standard, extract
from credentials.openbadges.check import read_model
from credentials.openbadges.model import Credential
from credentials.openbadges.shape import Path, pointer
from credentials.openbadges.terms import one_or_many
from credentials.openbadges.vcdm import CONTEXT_V1, CONTEXT_V2
from credentials.proofs import ecdsa_jcs_2019, ecdsa_sd_2023, eddsa_jcs_2022
from credentials.proofs.data_integrity import Proof, read_proofs
from credentials.proofs.enveloped import is_envelope, read_envelope
from credentials.proofs.jose import Jws, read_jws
from credentials.proofs.model import JsonObject
from credentials.proofs.vc_jwt import credential_of
from credentials.verification.model import DEFAULT, Check, Container, Format, Name, Policy
from credentials.verification.sentences import failed, passed

MAX_DERIVED_PROOF = 65_536
"""Characters of a selective disclosure proof, which holds a signature for each statement: 750 of them, at 0.1 ms each."""

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*<|\xff\xfe<|\xfe\xff\0<|<\0|\0<")
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"%PDF", b"\xff\xd8\xff", b"GIF8")
_OF_TOKENS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=-."
_SPACE = b" \t\r\n"

_A_CREDENTIAL = b'"VerifiableCredential"'
_A_TOKEN = b'"endorsementJwt"'

_ELSEWHERE = frozenset({"VerifiablePresentation", "EnvelopedVerifiablePresentation", "ClrCredential"})
_OPEN_BADGES_2 = "https://w3id.org/openbadges/"


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A well-formed credential and what secures it, not yet checked.

    ``document`` is the credential with its embedded proofs and without JWT claims; ``canonical`` its canonical N-Quads
    without the proofs (RDFC-1.0, SHA-256), if a proof may be over those; ``pointer`` where it stands in what was presented.
    There is a token, or at least one proof, or both.
    """

    document: JsonObject
    credential: Credential
    canonical: bytes | None
    proofs: tuple[Proof, ...]
    jws: Jws | None = None
    pointer: str = ""

    @property
    def issuer(self) -> str:
        issuer = self.credential.issuer
        return issuer if isinstance(issuer, str) else issuer.id

    @property
    def signatures(self) -> int:
        return len(self.proofs) + (self.jws is not None)


class Presented(msgspec.Struct, frozen=True, kw_only=True):
    """What was presented, as far as it could be read. Without ``signed``, the last of ``checks`` says what is wrong.

    ``endorsements`` are those in the credential and in each other, up to the first beyond ``Policy.max_signatures``.
    """

    digest: str
    checks: tuple[Check, ...]
    container: Container | None = None
    format: Format | None = None
    signed: Signed | None = None
    endorsements: tuple[Signed, ...] = ()


class Steps:
    """Which check is being made, and those that were passed."""

    def __init__(self) -> None:
        self.current = Name.FORMAT
        self.done: list[Check] = []

    def begin(self, name: Name) -> None:
        self.current = name

    def passed(self) -> None:
        self.done.append(passed(self.current))


def read(octets: bytes, contexts: Contexts, policy: Policy = DEFAULT) -> Presented:
    """The credential in a file: JSON, a compact JWS, an envelope, or a PNG or SVG with one baked in.

    Raises nothing for any octets: what is wrong with them is the last check of the answer.
    """
    steps = Steps()
    container: Container | None = None
    format_: Format | None = None
    signed: Signed | None = None
    endorsements: tuple[Signed, ...] = ()
    checks: tuple[Check, ...]
    try:
        container, text = _unpacked(octets)
        format_ = Format.JWT if _is_token(text) else Format.JSON
        signed = read_signed(text, contexts, policy, steps)
        if format_ is Format.JSON and signed.jws is not None:
            container, format_ = Container.ENVELOPE, Format.JWT
        steps.begin(Name.ENDORSEMENTS)
        endorsements = _endorsements(signed, contexts, policy)
        checks = tuple(steps.done)
    except Malformed as error:
        signed = None
        checks = (*steps.done, failed(steps.current, error))
    return Presented(
        digest=sha256(octets).hexdigest(),
        checks=checks,
        container=container,
        format=format_,
        signed=signed,
        endorsements=endorsements,
    )


def read_signed(text: bytes, contexts: Contexts, policy: Policy, steps: Steps | None = None) -> Signed:
    """The credential in a JSON document or a compact JWS. Raises ``Malformed``; ``steps`` tells in which check."""
    steps = steps or Steps()
    document, jws = _document(text, steps)
    return _signed(document, jws, contexts, policy, steps)


def _unpacked(octets: bytes) -> tuple[Container, bytes]:
    """Steps 1 and 3: what the octets are by their first ones, and the text of the credential in them."""
    if octets.startswith(_PNG) or _SVG.match(octets):
        baked = extract(octets)
        match baked.standard:
            case Standard.OPEN_BADGES_3:
                return Container.PNG if octets.startswith(_PNG) else Container.SVG, baked.credential
            case Standard.CLR_2:
                raise _another_kind("a learner record")
            case Standard.OPEN_BADGES_2:
                raise Refused("no-baked-credential", "What is baked into this picture is a badge of Open Badges 2.0.")
    if octets.startswith(_PACKED):
        raise _another_kind("a file of another kind")
    return Container.FILE, octets


def _document(text: bytes, steps: Steps) -> tuple[JsonObject, Jws | None]:
    """Steps 1 to 3."""
    if len(text) > MAX_BYTES:
        raise Refused("payload-too-large", f"The document is over {MAX_BYTES} bytes.")
    if _is_token(text):
        return _of_token(text.strip(_SPACE), steps)
    document = read_json(text)
    if not isinstance(document, dict):
        raise Refused("PARSING_ERROR", "A credential is a JSON object.")
    _check_kind(document)
    if is_envelope(document):
        return _of_token(read_envelope(document).token, steps)
    steps.passed()
    return document, None


def _of_token(token: bytes, steps: Steps) -> tuple[JsonObject, Jws]:
    steps.begin(Name.PROOF)
    jws = read_jws(token)
    steps.begin(Name.FORMAT)
    payload = read_json(jws.payload)
    if jws.header.typ == "vp+jwt" or jws.header.cty == "vp":
        raise _another_kind("a presentation")
    if isinstance(payload, dict):
        _check_kind(payload)
    steps.passed()
    steps.begin(Name.MODEL)
    if isinstance(payload, dict) and "aud" in payload:  # RFC 7519, section 4.1.3: whoever is not meant must refuse
        raise Refused(
            "INVALID_DOMAIN_ERROR", "The token is made for one audience; a credential is for everybody.", "/aud"
        )
    document = credential_of(payload, jws.header.typ)
    _check_kind(document)
    return document, jws


def _is_token(text: bytes) -> bool:
    token = text.strip(_SPACE)
    return token.count(b".") == 2 and not token.startswith(b".") and not token.translate(None, _OF_TOKENS)


def _check_kind(document: JsonObject) -> None:
    """Step 3: what is no single credential has a pipeline of its own."""
    kinds = {kind for kind in one_or_many(document.get("type")) if isinstance(kind, str)}
    if "vp" in document or not _ELSEWHERE.isdisjoint(kinds):
        raise _another_kind("a presentation or a learner record")
    first = one_or_many(document.get("@context"))[:1]
    if first and isinstance(first[0], str) and first[0].startswith(_OPEN_BADGES_2):
        raise _another_kind("a badge of Open Badges 2.0 or older")


def _another_kind(what: str) -> Refused:
    return Refused("unsupported-media-type", f"This is {what}; single credentials in JSON, JWT, PNG and SVG are read.")


def _signed(document: JsonObject, jws: Jws | None, contexts: Contexts, policy: Policy, steps: Steps) -> Signed:
    steps.begin(Name.CONTEXT)
    check_contexts(document, contexts, policy)
    steps.passed()
    steps.begin(Name.MODEL)
    credential, canonical = check_content(document, contexts, canonical=_is_signed_as_rdf(document))
    steps.passed()
    steps.begin(Name.PROOF)
    proofs = read_proofs(document) if jws is None or "proof" in document else ()
    for proof in proofs:
        if proof.suite == ecdsa_sd_2023.NAME and len(proof.members["proofValue"]) > MAX_DERIVED_PROOF:
            raise Refused("canonicalization-limit", "The proof has more signatures than are checked.", proof.pointer)
    return Signed(document=document, credential=credential, canonical=canonical, proofs=proofs, jws=jws)


def check_contexts(document: JsonObject, contexts: Contexts, policy: Policy) -> None:
    """Step 4. ``context-not-allowed`` unless the list of contexts is one that the policy accepts."""
    listed = one_or_many(document.get("@context"))
    if not listed or not all(isinstance(context, str) for context in listed):
        raise Refused("context-not-allowed", "@context is a list of addresses.", "/@context")
    if policy.contexts is not None:
        allowed = tuple(listed) in policy.contexts
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
    credential = read_model(document)
    if canonical:
        return credential, canonize(without_proof(document), contexts)
    check(without_proof(document), contexts)
    return credential, None


def without_proof(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if name != "proof"}


def _endorsements(signed: Signed, contexts: Contexts, policy: Policy) -> tuple[Signed, ...]:
    """Step 12, as far as forms go: every endorsement, and every one inside of it, as a document of its own.

    ``endorsement-invalid`` for one whose form does not hold. Stops at the first beyond ``max_signatures``.
    """
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
            if name == "endorsementJwt":
                yield from ((outer + pointer((path, name)), token) for token in one_or_many(item) if type(token) is str)
            elif type(item) is dict or type(item) is list:
                todo.append((item, (path, name)))
