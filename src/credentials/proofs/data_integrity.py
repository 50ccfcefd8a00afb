"""Data Integrity proofs: read them, add one, verify them all. https://www.w3.org/TR/vc-data-integrity/

Verifying takes two calls, because somebody must find the keys in between and that is not this room's work:

    proofs = read_proofs(document)                            # which verification methods are asked for
    keys = {proof.verification_method: ... for proof in proofs}
    verified = verify_proofs(document, keys, canonize, now=now)

``verify_proofs`` returns what was verified, or raises ``Refused`` at the first proof that does not hold: a document with
one good and one bad proof is a bad document. Whether a verification method may speak for the issuer is judged elsewhere.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from credentials.errors import Malformed, Refused
from credentials.jsonld.rdfc10 import HashName
from credentials.jsonld.tokens import is_absolute_iri
from credentials.proofs import (
    ecdsa_jcs_2019,
    ecdsa_rdfc_2019,
    ecdsa_sd_2023,
    ed25519_signature_2020,
    eddsa_jcs_2022,
    eddsa_rdfc_2022,
    suite,
)
from credentials.proofs.jcs import canonical_json
from credentials.proofs.keys import PublicKey
from credentials.proofs.model import Canonize, Forms, JsonObject, KeyType, Serialize, Unsigned
from credentials.proofs.suite import with_data_integrity_context
from credentials.proofs.timestamp import MAX_CLOCK_SKEW, moment

MAX_PROOFS = 4
"""More than an issuer, a notary and their successors need; each costs a verification."""

MAX_URL_CHARACTERS = 2048

_MEMBERS = frozenset(
    {
        "@context",
        "challenge",
        "created",
        "cryptosuite",
        "domain",
        "expires",
        "id",
        "nonce",
        "previousProof",
        "proofPurpose",
        "proofValue",
        "type",
        "verificationMethod",
    }
)
_TEXTS = frozenset({"challenge", "cryptosuite", "nonce", "proofPurpose", "proofValue", "type"})
_URLS = frozenset({"id", "verificationMethod"})

Create = Callable[[JsonObject, JsonObject, KeyType, Forms], Unsigned]
Verify = Callable[[JsonObject, JsonObject, PublicKey, Forms], None]

CREATE: Mapping[str, Create] = {
    eddsa_rdfc_2022.NAME: eddsa_rdfc_2022.create_proof,
    eddsa_jcs_2022.NAME: eddsa_jcs_2022.create_proof,
    ecdsa_rdfc_2019.NAME: ecdsa_rdfc_2019.create_proof,
    ecdsa_jcs_2019.NAME: ecdsa_jcs_2019.create_proof,
}
"""The cryptosuites that need nothing but a signature. ``ecdsa-sd-2023`` needs more: see its own module."""

VERIFY: Mapping[str, Verify] = {
    eddsa_rdfc_2022.NAME: eddsa_rdfc_2022.verify_proof,
    eddsa_jcs_2022.NAME: eddsa_jcs_2022.verify_proof,
    ecdsa_rdfc_2019.NAME: ecdsa_rdfc_2019.verify_proof,
    ecdsa_jcs_2019.NAME: ecdsa_jcs_2019.verify_proof,
    ecdsa_sd_2023.NAME: ecdsa_sd_2023.verify_proof,
    ed25519_signature_2020.NAME: ed25519_signature_2020.verify_proof,
}
"""By the exact name of the cryptosuite, or by the type of a proof that is older than cryptosuites."""


_CURRENT = VERIFY.keys() - {ed25519_signature_2020.NAME}
_UNSIGNED = frozenset({"type", "cryptosuite", "created", "verificationMethod", "proofPurpose"})
_SIGNED = _UNSIGNED | {"proofValue"}
_CONTEXT = frozenset({"@context"})


class Proof(msgspec.Struct, frozen=True):
    """One proof of a document, its form checked and nothing verified.

    ``suite`` is a key of ``VERIFY``; ``members`` is the proof as it stands; ``pointer`` is where it stands.
    """

    pointer: str
    members: JsonObject
    suite: str
    verification_method: str
    purpose: str
    id: str | None = None
    created: datetime | None = None
    expires: datetime | None = None
    previous: tuple[str, ...] = ()
    domain: frozenset[str] = frozenset()
    challenge: str | None = None


class Verified(msgspec.Struct, frozen=True):
    """What the proofs vouch for: the document without them, under the contexts that were signed, and the proofs."""

    document: JsonObject
    proofs: tuple[Proof, ...]


class AddedProof(msgspec.Struct, frozen=True):
    """A document that waits for one more signature, over ``unsigned.to_sign``. ``given`` is as it was given; ``document`` has
    the contexts that the proof needs, and is the same object where it needed none."""

    document: JsonObject
    unsigned: Unsigned
    given: JsonObject


def proof_options(
    cryptosuite: str,
    verification_method: str,
    created: str,
    *,
    purpose: str = "assertionMethod",
    **more: Any,
) -> JsonObject:
    """The members of a new DataIntegrityProof but its value.

    ``created`` is a ``dateTimeStamp``. ``more`` are the optional ones by their own names: ``id``, ``expires``,
    ``domain``, ``challenge``, ``nonce``, ``previousProof``.
    """
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": cryptosuite,
        "created": created,
        "verificationMethod": verification_method,
        "proofPurpose": purpose,
        **more,
    }


def add_proof(document: JsonObject, options: JsonObject, key_type: KeyType, canonize: Canonize) -> AddedProof:
    """Add Proof and Add Proof Set/Chain (sections 4.2 and 4.3), up to the signature.

    A document that has proofs already gets one more; with ``previousProof`` in the options, the proofs that it names are
    signed too. ``PROOF_GENERATION_ERROR`` for options that would not verify; whatever ``canonize`` refuses.
    """
    given, document = document, with_data_integrity_context(document)
    unsecured, present = _apart(document)
    try:
        proof = _read(options, "", signed=False)
        others = [_read(members, f"/proof/{position}") for position, members in enumerate(present)]
        _check_chain([*others, proof])
    except Refused as refused:
        raise Refused("PROOF_GENERATION_ERROR", refused.detail, refused.pointer) from refused
    if len(others) >= MAX_PROOFS:
        raise Refused("PROOF_GENERATION_ERROR", f"A document has at most {MAX_PROOFS} proofs.", "/proof")
    if proof.suite not in CREATE:
        raise Refused("PROOF_GENERATION_ERROR", f"No simple signature makes a proof of {proof.suite}.", "/cryptosuite")
    unsigned = CREATE[proof.suite](_with_previous(unsecured, proof, others), options, key_type, Forms(canonize))
    return AddedProof(document, unsigned, given)


def with_signature(added: AddedProof, signature: bytes) -> JsonObject:
    """The secured document, once the signer has answered. ``PROOF_GENERATION_ERROR`` for an answer that is no signature."""
    return with_proof(added.document, suite.with_signature(added.unsigned, signature))


def octets_with_signature(added: AddedProof, signature: bytes, octets: bytes) -> bytes:
    """The same as JSON. ``octets`` are that of the document to which the proof is added, as ``msgspec.json`` encodes it: they
    come back with the proof at their end, unless there are proofs already, or contexts were added for the new one."""
    if "proof" in added.document or added.document is not added.given:
        return msgspec.json.encode(with_signature(added, signature))
    proof = suite.with_signature(added.unsigned, signature)
    return b'%b,"proof":[%b]}' % (octets[:-1], msgspec.json.encode(proof))


def with_proof(document: JsonObject, proof: JsonObject) -> JsonObject:
    """The document with one more proof. Always an array: the strict schema of Open Badges 3.0 wants one."""
    unsecured, present = _apart(document)
    return {**unsecured, "proof": [*present, proof]}


def read_proofs(document: JsonObject) -> tuple[Proof, ...]:
    """The proofs of a document, in their order. ``no-proof``, or ``PROOF_VERIFICATION_ERROR`` for a faulty form."""
    present = document.get("proof", [])
    present = present if isinstance(present, list) else [present]
    if not present:
        raise Refused("no-proof", "The document has no proof.", "/proof")
    if len(present) > MAX_PROOFS:
        raise Refused("PROOF_VERIFICATION_ERROR", f"A document has at most {MAX_PROOFS} proofs.", "/proof")
    single = not isinstance(document["proof"], list)
    proofs = tuple(
        _read(members, "/proof" if single else f"/proof/{position}") for position, members in enumerate(present)
    )
    _check_chain(proofs)
    return proofs


def verify_proofs(
    document: JsonObject,
    keys: Mapping[str, PublicKey],
    canonize: Canonize,
    *,
    now: datetime,
    purpose: str = "assertionMethod",
    domain: str | None = None,
    challenge: str | None = None,
    proofs: tuple[Proof, ...] | None = None,
    serialize: Serialize = canonical_json,
) -> Verified:
    """Verify Proof, and Verify Proof Sets and Chains (sections 4.4 and 4.5).

    ``keys`` holds the key of every verification method that ``read_proofs`` names. ``domain`` and ``challenge`` are what
    the verifier expects of a presentation; ``None`` expects nothing. ``proofs`` are what ``read_proofs`` said of this very
    document, where it was asked already; ``serialize`` is for whoever comes by the canonical JSON cheaper. Each proof must
    (1) have the form of one, (2) be for the purpose, (3) have the domain and the challenge, (4) be neither from the future
    nor expired, (5) have its key at hand, (6) verify over the document and the proofs that it follows.

    Raises ``Refused`` with ``no-proof``, ``PROOF_VERIFICATION_ERROR``, ``INVALID_DOMAIN_ERROR``,
    ``INVALID_CHALLENGE_ERROR``, ``INVALID_VERIFICATION_METHOD``, or whatever ``canonize`` refuses.
    """
    proofs = proofs or read_proofs(document)  # (1)
    for proof in proofs:
        _check_purpose(proof, purpose)  # (2)
        _check_replay(proof, domain, challenge)  # (3)
    check_times(proofs, now)  # (4)
    unsecured, _ = _apart(document)
    once = _Once(canonize)
    forms = Forms(once, serialize)
    for proof in proofs:
        key = keys.get(proof.verification_method)  # (5)
        if key is None:
            raise Refused(
                "INVALID_VERIFICATION_METHOD",
                "No key is known for this verification method.",
                f"{proof.pointer}/verificationMethod",
            )
        hashed = _with_previous(unsecured, proof, proofs)
        try:
            VERIFY[proof.suite](hashed, proof.members, key, forms)  # (6)
        except Refused as refused:
            if refused in once.of_documents:
                raise
            raise Refused(refused.code, refused.detail, proof.pointer + refused.pointer) from refused
    return Verified(_under_signed_contexts(unsecured, proofs), proofs)


class _Once:
    """A ``Canonize`` that canonicalises one document once for all its proofs, and remembers what it refused."""

    def __init__(self, canonize: Canonize) -> None:
        self._canonize = canonize
        self._done: dict[tuple[int, str], tuple[JsonObject, bytes]] = {}
        self.of_documents: list[Refused] = []

    def __call__(self, document: JsonObject, hash_name: HashName) -> bytes:
        if "proofPurpose" in document:  # a proof configuration
            return self._canonize(document, hash_name)
        place = (id(document), hash_name)
        if place not in self._done:
            try:
                # Kept with the document itself, so that its id stays its own.
                self._done[place] = (document, self._canonize(document, hash_name))
            except Refused as refused:
                self.of_documents.append(refused)
                raise
        return self._done[place][1]


def _apart(document: JsonObject) -> tuple[JsonObject, list[JsonObject]]:
    """The document without its proofs, and the proofs as a list."""
    unsecured = document.copy()
    present = unsecured.pop("proof", [])
    return unsecured, present if isinstance(present, list) else [present]


def _read(members: object, pointer: str, *, signed: bool = True) -> Proof:
    """One proof, every member of its one type."""

    if type(members) is dict and members.keys() - _CONTEXT == (_SIGNED if signed else _UNSIGNED):
        plain = _read_plain(members, pointer)
        if plain is not None:
            return plain

    def refuse(detail: str, member: str = "") -> Refused:
        return Refused("PROOF_VERIFICATION_ERROR", detail, f"{pointer}/{member}" if member else pointer)

    if not isinstance(members, dict):
        raise refuse("A proof is an object.")
    if not _MEMBERS.issuperset(members):
        raise refuse("The proof has a member that proofs do not have.")
    for member, value in members.items():
        if member in _TEXTS and not isinstance(value, str):
            raise refuse("This must be a string.", member)
        if member in _URLS and not _is_url(value):
            raise refuse("This must be an absolute URL.", member)
    for member in ("type", "verificationMethod", "proofPurpose", *(("proofValue",) if signed else ())):
        if member not in members:
            raise refuse("This is missing.", member)
    name: str = members.get("cryptosuite", "") if members["type"] == "DataIntegrityProof" else members["type"]
    older = name == ed25519_signature_2020.NAME
    if name not in VERIFY or older != (members["type"] == name) or (older and "cryptosuite" in members):
        raise refuse("This is no cryptosuite that we know.", "cryptosuite")
    return Proof(
        pointer=pointer,
        members=members,
        suite=name,
        verification_method=members["verificationMethod"],
        purpose=members["proofPurpose"],
        id=members.get("id"),
        created=_moment(members, "created", pointer),
        expires=_moment(members, "expires", pointer),
        previous=tuple(_texts(members, "previousProof", pointer)),
        domain=frozenset(_texts(members, "domain", pointer)),
        challenge=members.get("challenge"),
    )


def _read_plain(members: JsonObject, pointer: str) -> Proof | None:
    """A proof as nearly all are, with six texts, and a context if it is one over JSON; ``None`` says nothing."""
    suite_, method, purpose = members["cryptosuite"], members["verificationMethod"], members["proofPurpose"]
    if not (
        type(suite_) is type(purpose) is type(members["created"]) is type(members.get("proofValue", "")) is str
        and members["type"] == "DataIntegrityProof"
        and suite_ in _CURRENT
        and _is_url(method)
    ):
        return None
    return Proof(
        pointer=pointer,
        members=members,
        suite=suite_,
        verification_method=method,
        purpose=purpose,
        created=_moment(members, "created", pointer),
    )


def _is_url(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_URL_CHARACTERS and bool(is_absolute_iri(value))


def _moment(members: JsonObject, member: str, pointer: str) -> datetime | None:
    if member not in members:
        return None
    try:
        return moment(members[member])
    except Malformed as error:
        raise Refused("PROOF_VERIFICATION_ERROR", error.detail, f"{pointer}/{member}") from error


def _texts(members: JsonObject, member: str, pointer: str) -> list[str]:
    """One string or a list of distinct ones."""
    value = members.get(member, [])
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts) or len(set(texts)) < len(texts):
        raise Refused(
            "PROOF_VERIFICATION_ERROR", "This must be a string or a list of distinct strings.", f"{pointer}/{member}"
        )
    if member in members and not texts:
        raise Refused("PROOF_VERIFICATION_ERROR", "This must not be empty.", f"{pointer}/{member}")
    return texts


def _check_chain(proofs: tuple[Proof, ...] | list[Proof]) -> None:
    """Every proof that another names is there, under an id that no other has, and no chain bites its own tail."""
    if len(proofs) == 1 and not proofs[0].previous:
        return
    by_id = {proof.id: proof for proof in proofs if proof.id is not None}
    if len(by_id) < sum(proof.id is not None for proof in proofs):
        raise Refused("PROOF_VERIFICATION_ERROR", "Two proofs have the same id.", "/proof")
    for proof in proofs:
        if not all(previous in by_id for previous in proof.previous):
            raise Refused("PROOF_VERIFICATION_ERROR", "There is no such proof.", f"{proof.pointer}/previousProof")
    waiting = {name: set(proof.previous) for name, proof in by_id.items()}
    while waiting:
        free = [name for name, previous in waiting.items() if previous.isdisjoint(waiting)]
        if not free:
            pointer = by_id[next(iter(waiting))].pointer
            raise Refused("PROOF_VERIFICATION_ERROR", "The proofs follow one another in a circle.", pointer)
        for name in free:
            del waiting[name]


def _with_previous(unsecured: JsonObject, proof: Proof, proofs: tuple[Proof, ...] | list[Proof]) -> JsonObject:
    """What a proof of a chain signs: the document with the proofs that go before, in the order it names them."""
    if not proof.previous:
        return unsecured
    by_id = {other.id: other.members for other in proofs}
    return {**unsecured, "proof": [by_id[previous] for previous in proof.previous]}


def _check_purpose(proof: Proof, purpose: str) -> None:
    if proof.purpose != purpose:
        raise Refused("PROOF_VERIFICATION_ERROR", f"The proof is not for {purpose}.", f"{proof.pointer}/proofPurpose")


def _check_replay(proof: Proof, domain: str | None, challenge: str | None) -> None:
    if domain is not None and domain not in proof.domain:
        raise Refused("INVALID_DOMAIN_ERROR", "The proof is for another domain.", f"{proof.pointer}/domain")
    if challenge is not None and proof.challenge != challenge:
        raise Refused("INVALID_CHALLENGE_ERROR", "The proof answers another challenge.", f"{proof.pointer}/challenge")


def check_times(proofs: Iterable[Proof], now: datetime) -> None:
    """No proof is from the future or has expired: ``PROOF_VERIFICATION_ERROR``."""
    for proof in proofs:
        if proof.created is not None and proof.created > now + MAX_CLOCK_SKEW:
            raise Refused("PROOF_VERIFICATION_ERROR", "The proof is from the future.", f"{proof.pointer}/created")
        if proof.expires is not None and proof.expires <= now:
            raise Refused("PROOF_VERIFICATION_ERROR", "The proof has expired.", f"{proof.pointer}/expires")


def _under_signed_contexts(unsecured: JsonObject, proofs: tuple[Proof, ...]) -> JsonObject:
    """A JCS proof may leave contexts at the end of the list unsigned; what it did not sign is not vouched for."""
    signed = [
        proof.members["@context"]
        for proof in proofs
        if "@context" in proof.members and proof.suite in {eddsa_jcs_2022.NAME, ecdsa_jcs_2019.NAME}
    ]
    if not signed:
        return unsecured
    shortest = min(signed, key=lambda context: len(context) if isinstance(context, list) else 1)
    return {**unsecured, "@context": shortest}
