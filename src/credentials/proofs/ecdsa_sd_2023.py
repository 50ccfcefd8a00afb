"""The cryptosuite ecdsa-sd-2023: an issuer signs every statement, a holder shows some of them, on P-256 and SHA-256.

https://www.w3.org/TR/vc-di-ecdsa/#ecdsa-sd-2023. The issuer's base proof goes to the holder and to nobody else; a
verifier is shown a proof derived from it, and refuses a base proof. What is not under a mandatory pointer can be left
out by the holder, the expiry and the status included: choose the mandatory pointers with that in mind.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from credentials.errors import Malformed, Refused
from credentials.jsonld.canonize import Place
from credentials.proofs import cbor
from credentials.proofs.keys import PublicKey, check_signature, ec_key
from credentials.proofs.model import Canonize, Forms, JsonObject, KeyType
from credentials.proofs.multibase import multibase_base64url, octets_of_base64url
from credentials.proofs.multikey import key_of_multikey_octets, multikey_octets
from credentials.proofs.nquads import blank_nodes, line_of, quads_of, relabelled
from credentials.proofs.selection import Selection, select
from credentials.proofs.suite import data_integrity_config, require_key_type, require_signature_length

NAME = "ecdsa-sd-2023"
KEY_TYPES = frozenset({KeyType.P256})

HMAC_KEY_OCTETS = 32
PROOF_KEY_OCTETS = 40
"""Enough random octets for a P-256 private key: 64 bits more than its length (FIPS 186-5, appendix A.2.1)."""

LabelNodes = Callable[[JsonObject], tuple[bytes, Mapping[Place, str]]]
"""A document -> its canonical N-Quads (RDFC-1.0 with SHA-256), and the label, such as ``c14n0``, that each of its blank
nodes has in them: ``jsonld.canonize.label_nodes`` with its contexts bound."""

_BASE = b"\xd9\x5d\x00"
_DERIVED = b"\xd9\x5d\x01"
_SIGNATURE_OCTETS = 64
_PUBLIC_KEY_OCTETS = 35  # two of multicodec, 33 of compressed point; the specification's «36» is a slip


class BaseProof(msgspec.Struct, frozen=True):
    """The parts of a base proof's value: parseBaseProofValue."""

    base_signature: bytes
    public_key: bytes
    hmac_key: bytes
    signatures: tuple[bytes, ...]
    mandatory_pointers: tuple[str, ...]


class DerivedProof(msgspec.Struct, frozen=True):
    """The parts of a derived proof's value: parseDerivedProofValue. ``labels`` maps ``c14n0`` to ``u...``."""

    base_signature: bytes
    public_key: bytes
    signatures: tuple[bytes, ...]
    labels: dict[str, str]
    mandatory_indexes: tuple[int, ...]


class UnsignedBaseProof(msgspec.Struct, frozen=True):
    """A base proof that lacks the issuer's signature over ``to_sign``. ``with_base_signature`` joins the two."""

    proof: JsonObject
    to_sign: bytes
    parts: BaseProof


class _Group(msgspec.Struct, frozen=True):
    """What some pointers select: which statements, under which signed label each blank node of the fragment is known."""

    indexes: frozenset[int]
    labels: dict[str, str]
    fragment: JsonObject


class _Grouped(msgspec.Struct, frozen=True):
    """Every statement of a document, in the order in which they are signed, and the groups of them."""

    lines: tuple[str, ...]
    groups: dict[str, _Group]


def create_base_proof(
    document: JsonObject,
    options: JsonObject,
    label_nodes: LabelNodes,
    canonize: Canonize,
    *,
    mandatory_pointers: Sequence[str],
    hmac_key: bytes,
    proof_key: bytes,
) -> UnsignedBaseProof:
    """https://www.w3.org/TR/vc-di-ecdsa/#create-base-proof-ecdsa-sd-2023, up to the issuer's signature.

    ``hmac_key`` (32 octets) and ``proof_key`` (40 octets) are fresh randomness for this one proof. The second becomes
    the proof's own private key, signs each statement here, and is then forgotten.
    """
    if len(hmac_key) != HMAC_KEY_OCTETS or len(proof_key) != PROOF_KEY_OCTETS:
        raise Refused(
            "PROOF_GENERATION_ERROR", f"The keys of the proof have {HMAC_KEY_OCTETS} and {PROOF_KEY_OCTETS} octets."
        )
    grouped = _canonicalize_and_group(document, label_nodes, hmac_key, {"mandatory": mandatory_pointers})
    mandatory = grouped.groups["mandatory"].indexes
    scalar = int.from_bytes(proof_key) % (SECP256R1.group_order - 1) + 1
    own_key = derive_private_key(scalar, SECP256R1())
    public_key = multikey_octets(
        ec_key(KeyType.P256, own_key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
    )
    algorithm = ECDSA(SHA256(), deterministic_signing=True)
    signatures = tuple(
        _fixed_width(own_key.sign(line.encode(), algorithm))
        for index, line in enumerate(grouped.lines)
        if index not in mandatory
    )
    to_sign = _serialize_sign_data(
        _proof_hash(document, options, canonize),
        public_key,
        _hash_mandatory([line for index, line in enumerate(grouped.lines) if index in mandatory]),
    )
    return UnsignedBaseProof(
        options, to_sign, BaseProof(b"", public_key, hmac_key, signatures, tuple(mandatory_pointers))
    )


def with_base_signature(unsigned: UnsignedBaseProof, signature: bytes) -> JsonObject:
    """The finished base proof: serializeBaseProofValue."""
    require_signature_length(signature, KeyType.P256)
    parts = unsigned.parts
    components: list[cbor.Cbor] = [
        signature,
        parts.public_key,
        parts.hmac_key,
        parts.signatures,
        parts.mandatory_pointers,
    ]
    return {**unsigned.proof, "proofValue": multibase_base64url(_BASE + cbor.encode(components))}


def derive_proof(
    document: JsonObject,
    base_proof: JsonObject,
    label_nodes: LabelNodes,
    *,
    selective_pointers: Sequence[str],
) -> tuple[JsonObject, JsonObject]:
    """https://www.w3.org/TR/vc-di-ecdsa/#add-derived-proof-ecdsa-sd-2023

    ``document`` is without its proofs. Returns the document that is revealed, and its proof. ``MALFORMED_VALUE_ERROR``
    for pointers that select nothing or half a list, ``PROOF_VERIFICATION_ERROR`` for a base proof that is none.
    """
    base = parse_base_proof_value(base_proof.get("proofValue"))
    combined = [*base.mandatory_pointers, *selective_pointers]
    if not combined:
        raise Refused("MALFORMED_VALUE_ERROR", "Nothing is selected, and nothing is mandatory.")
    groups = {"mandatory": base.mandatory_pointers, "selective": selective_pointers, "combined": combined}
    grouped = _canonicalize_and_group(document, label_nodes, base.hmac_key, groups)
    mandatory, selective = grouped.groups["mandatory"].indexes, grouped.groups["selective"].indexes
    revealed = grouped.groups["combined"]
    signed = [index for index in range(len(grouped.lines)) if index not in mandatory]
    if len(signed) != len(base.signatures):
        raise Refused("PROOF_VERIFICATION_ERROR", "The base proof is not of this document.", "/proofValue")
    derived = DerivedProof(
        base_signature=base.base_signature,
        public_key=base.public_key,
        signatures=tuple(each for index, each in zip(signed, base.signatures, strict=True) if index in selective),
        labels=revealed.labels,
        mandatory_indexes=tuple(at for at, index in enumerate(sorted(revealed.indexes)) if index in mandatory),
    )
    proof = {member: value for member, value in base_proof.items() if member != "@context"}
    return revealed.fragment, {**proof, "proofValue": derived_proof_value(derived)}


def verify_proof(document: JsonObject, proof: JsonObject, key: PublicKey, forms: Forms) -> None:
    """https://www.w3.org/TR/vc-di-ecdsa/#verify-derived-proof-ecdsa-sd-2023

    Returns when the issuer signed every statement of the document and all of the mandatory ones are there, else
    ``Refused``.
    """
    require_key_type(key.type, KEY_TYPES, NAME)
    derived = parse_derived_proof_value(proof.get("proofValue"))
    own_key = key_of_multikey_octets(derived.public_key)
    require_key_type(own_key.type, KEY_TYPES, NAME)
    quads = quads_of(forms.rdf(document, "sha256"))
    terms = {f"_:{label}": f"_:{signed}" for label, signed in derived.labels.items()}
    if blank_nodes(quads) != terms.keys():
        raise Refused("PROOF_VERIFICATION_ERROR", "The label map is not of this document.", "/proofValue")
    lines = sorted(map(line_of, relabelled(quads, terms)))
    indexes = set(derived.mandatory_indexes)
    if derived.mandatory_indexes and derived.mandatory_indexes[-1] >= len(lines):
        raise Refused("PROOF_VERIFICATION_ERROR", "A mandatory index is beyond the document.", "/proofValue")
    non_mandatory = [line for index, line in enumerate(lines) if index not in indexes]
    if len(non_mandatory) != len(derived.signatures):
        raise Refused("PROOF_VERIFICATION_ERROR", "As many signatures as statements are needed.", "/proofValue")
    to_verify = _serialize_sign_data(
        _proof_hash(document, proof, forms.rdf),
        derived.public_key,
        _hash_mandatory([line for index, line in enumerate(lines) if index in indexes]),
    )
    code, pointer = "PROOF_VERIFICATION_ERROR", "/proofValue"
    check_signature(key, derived.base_signature, to_verify, code=code, pointer=pointer)
    for line, signature in zip(non_mandatory, derived.signatures, strict=True):
        check_signature(own_key, signature, line.encode(), code=code, pointer=pointer)


def parse_base_proof_value(proof_value: object) -> BaseProof:
    """parseBaseProofValue. ``PROOF_VERIFICATION_ERROR`` for anything but a base proof's value."""
    signature, public_key, hmac_key, signatures, pointers = _components(proof_value, _BASE, "base")
    return BaseProof(
        _octets(signature, _SIGNATURE_OCTETS),
        _octets(public_key, _PUBLIC_KEY_OCTETS),
        _octets(hmac_key, HMAC_KEY_OCTETS),
        tuple(_octets(each, _SIGNATURE_OCTETS) for each in _array(signatures)),
        tuple(_text(pointer) for pointer in _array(pointers)),
    )


def parse_derived_proof_value(proof_value: object) -> DerivedProof:
    """parseDerivedProofValue. ``PROOF_VERIFICATION_ERROR`` for anything but a derived proof's value."""
    signature, public_key, signatures, labels, indexes = _components(proof_value, _DERIVED, "derived")
    if not isinstance(labels, dict):
        raise _no_proof_value("its label map is none")
    derived = DerivedProof(
        _octets(signature, _SIGNATURE_OCTETS),
        _octets(public_key, _PUBLIC_KEY_OCTETS),
        tuple(_octets(each, _SIGNATURE_OCTETS) for each in _array(signatures)),
        {f"c14n{number}": multibase_base64url(_octets(label, HMAC_KEY_OCTETS)) for number, label in labels.items()},
        tuple(_index(each) for each in _array(indexes)),
    )
    # One to one: else two nodes of the document could be passed off as one that was signed.
    if len(set(derived.labels.values())) < len(derived.labels):
        raise _no_proof_value("two blank nodes have one label")
    if any(later <= earlier for earlier, later in pairwise(derived.mandatory_indexes)):
        raise _no_proof_value("its mandatory indexes do not ascend")
    return derived


def _canonicalize_and_group(
    document: JsonObject, label_nodes: LabelNodes, hmac_key: bytes, pointers: Mapping[str, Sequence[str]]
) -> _Grouped:
    """canonicalizeAndGroup, with createHmacIdLabelMapFunction.

    The specification marks nodes with ``urn:bnid:`` identifiers to find them again in a selection; here their places in
    the document do that, for the cells of lists as well.
    """
    nquads, labels = label_nodes(document)
    quads = quads_of(nquads)
    terms = {term: _hmac_term(hmac_key, term) for term in blank_nodes(quads)}
    lines = tuple(sorted(map(line_of, relabelled(quads, terms))))
    index_of = {line: index for index, line in enumerate(lines)}
    signed = {place: terms[f"_:{label}"] for place, label in labels.items()}
    groups = {
        name: _group(select(document, wanted), label_nodes, signed, index_of) for name, wanted in pointers.items()
    }
    return _Grouped(lines, groups)


def _group(
    selection: Selection, label_nodes: LabelNodes, signed: Mapping[Place, str], index_of: Mapping[str, int]
) -> _Group:
    """selectCanonicalNQuads, and the places of the selected statements among all of them."""
    if not selection.fragment:
        return _Group(frozenset(), {}, {})
    nquads, labels = label_nodes(selection.fragment)
    terms = {f"_:{label}": signed[selection.origin(pointer), part] for (pointer, part), label in labels.items()}
    try:
        indexes = frozenset(index_of[line_of(quad)] for quad in relabelled(quads_of(nquads), terms))
    except KeyError as error:
        raise Refused("MALFORMED_VALUE_ERROR", "A JSON Pointer takes a list apart, whose order is signed.") from error
    return _Group(indexes, {verifier[2:]: signed[2:] for verifier, signed in terms.items()}, selection.fragment)


def _hmac_term(hmac_key: bytes, term: str) -> str:
    """createHmacIdLabelMapFunction: a label that tells nothing about what is left out."""
    return "_:" + multibase_base64url(hmac.digest(hmac_key, term[2:].encode(), "sha256"))


def _proof_hash(document: JsonObject, proof: JsonObject, canonize: Canonize) -> bytes:
    return sha256(canonize(data_integrity_config(document, proof), "sha256")).digest()


def _hash_mandatory(lines: Sequence[str]) -> bytes:
    """hashMandatoryNQuads"""
    return sha256("".join(lines).encode()).digest()


def _serialize_sign_data(proof_hash: bytes, public_key: bytes, mandatory_hash: bytes) -> bytes:
    """serializeSignData"""
    return proof_hash + public_key + mandatory_hash


def derived_proof_value(derived: DerivedProof) -> str:
    """serializeDerivedProofValue, with compressLabelMap."""
    labels: dict[int, cbor.Cbor] = {
        int(label[4:]): octets_of_base64url(signed) for label, signed in derived.labels.items()
    }
    return multibase_base64url(
        _DERIVED
        + cbor.encode(
            [derived.base_signature, derived.public_key, derived.signatures, labels, derived.mandatory_indexes]
        )
    )


def _fixed_width(der: bytes) -> bytes:
    r, s = decode_dss_signature(der)
    return r.to_bytes(32) + s.to_bytes(32)


def _components(proof_value: object, header: bytes, kind: str) -> list[cbor.Cbor]:
    """The five parts of a proof value with the given header."""
    try:
        octets = octets_of_base64url(proof_value)
        if not octets.startswith(header):
            raise _no_proof_value(f"it is not a {kind} proof")
        components = cbor.decode(octets[len(header) :])
    except Refused:
        raise
    except Malformed as error:
        raise _no_proof_value("it is not base64url of CBOR") from error
    if not isinstance(components, list) or len(components) != 5:
        raise _no_proof_value("it has not five parts")
    return components


def _octets(value: cbor.Cbor, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise _no_proof_value(f"a part of it should have {length} octets")
    return value


def _text(value: cbor.Cbor) -> str:
    if not isinstance(value, str):
        raise _no_proof_value("a part of it should be a text")
    return value


def _index(value: cbor.Cbor) -> int:
    if not isinstance(value, int):
        raise _no_proof_value("a part of it should be a number")
    return value


def _array(value: cbor.Cbor) -> list[cbor.Cbor]:
    if not isinstance(value, list):
        raise _no_proof_value("a part of it should be an array")
    return value


def _no_proof_value(why: str) -> Refused:
    return Refused("PROOF_VERIFICATION_ERROR", f"This is no ecdsa-sd-2023 proof value: {why}.", "/proofValue")
