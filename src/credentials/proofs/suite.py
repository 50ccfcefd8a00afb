"""What the cryptosuites share: the parts of a proof, and the two hashes that are signed.

The pointers of refusals here and in the suites are into the proof; ``data_integrity`` puts the proof's own before them.
"""

from hashlib import sha256, sha384

from credentials.errors import Malformed, Refused
from credentials.proofs.keys import HASH, SIGNATURE_OCTETS, PublicKey
from credentials.proofs.model import Canonize, JsonObject, KeyType, Serialize, Unsigned
from credentials.proofs.multibase import multibase_base58, octets_of_base58

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
DATA_INTEGRITY_V1 = "https://w3id.org/security/data-integrity/v1"
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"
ED25519_2020_V1 = "https://w3id.org/security/suites/ed25519-2020/v1"

_NEW_HASH = {"sha256": sha256, "sha384": sha384}
_DEFINES_DATA_INTEGRITY = frozenset({CREDENTIALS_V2, DATA_INTEGRITY_V1, DATA_INTEGRITY_V2})


def contexts_of(document: JsonObject) -> list[object]:
    """The document's ``@context`` as a list, empty when it has none."""
    context = document.get("@context", [])
    return context if isinstance(context, list) else [context]


def with_data_integrity_context(document: JsonObject) -> JsonObject:
    """The document with the terms of a DataIntegrityProof defined.

    VCDM 2.0 defines them; a VCDM 1.1 document gets ``data-integrity/v2`` appended (Data Integrity 1.0, section 2.4.2,
    Context Injection). A document without ``@context`` is plain JSON and stays so.
    """
    contexts = contexts_of(document)
    if (
        not contexts
        or contexts[0] == CREDENTIALS_V2
        or any(isinstance(url, str) and url in _DEFINES_DATA_INTEGRITY for url in contexts)
    ):
        return document
    return {**document, "@context": [*contexts, DATA_INTEGRITY_V2]}


def proof_config(document: JsonObject, proof: JsonObject, context: object) -> JsonObject:
    """The proof without its value, under a context that defines its terms: what the first hash of an RDF suite covers.

    A ``@context`` of the proof's own would be read by other software and signed by nobody, unless it is the document's.
    """
    if "@context" in proof and proof["@context"] != document.get("@context"):
        raise Refused("PROOF_VERIFICATION_ERROR", "The proof has a @context of its own.", "/@context")
    config = {**proof, "@context": context}
    config.pop("proofValue", None)
    return config


def data_integrity_config(document: JsonObject, proof: JsonObject) -> JsonObject:
    """``proof_config`` of a DataIntegrityProof: under the document's own context where that knows the terms."""
    return proof_config(document, proof, with_data_integrity_context(document).get("@context"))


def hash_rdf(document: JsonObject, config: JsonObject, key_type: KeyType, canonize: Canonize) -> bytes:
    """Transformation and hashing of the RDF suites: both documents canonicalised and hashed with the key's own hash,
    the configuration's hash first."""
    name = HASH[key_type]
    return hash_pair(canonize(config, name), canonize(document, name), key_type)


def with_context_of(document: JsonObject, proof: JsonObject) -> JsonObject:
    """The proof with the document's ``@context``, which a JCS proof carries and signs."""
    return {**proof, "@context": document["@context"]} if "@context" in document else proof


def signed_document(document: JsonObject, proof: JsonObject) -> JsonObject:
    """The document as a JCS proof signed it.

    Contexts may have been appended since, for another proof's sake; the signed ones must come first, and they alone
    count (vc-di-eddsa 1.0, Verify Proof of eddsa-jcs-2022, step 4).
    """
    if "@context" not in proof:
        return document
    signed, present = contexts_of(proof), contexts_of(document)
    if not signed or present[: len(signed)] != signed:
        raise Refused(
            "PROOF_VERIFICATION_ERROR", "The document's @context does not start with the proof's.", "/@context"
        )
    return {**document, "@context": proof["@context"]}


def hash_json(document: JsonObject, proof: JsonObject, key_type: KeyType, serialize: Serialize) -> bytes:
    """Transformation and hashing of the JCS suites."""
    config = proof.copy()
    config.pop("proofValue", None)
    return hash_pair(serialize(config), serialize(document), key_type)


def hash_pair(canonical_config: bytes, canonical_document: bytes, key_type: KeyType) -> bytes:
    """Hash of the proof configuration, then hash of the document: what gets signed."""
    new = _NEW_HASH[HASH[key_type]]
    return new(canonical_config).digest() + new(canonical_document).digest()


def require_key_type(key_type: KeyType, allowed: frozenset[KeyType], suite: str) -> None:
    """``INVALID_VERIFICATION_METHOD`` when a key is not of a type that the suite works with."""
    if key_type not in allowed:
        raise Refused("INVALID_VERIFICATION_METHOD", f"{suite} does not work with a key of type {key_type}.")


def signature_of(proof: JsonObject, key: PublicKey) -> bytes:
    """The signature in a ``proofValue``: multibase base58btc, and of the one length that the key's signatures have."""
    try:
        signature = octets_of_base58(proof.get("proofValue"))
    except Malformed as error:
        raise Refused("PROOF_VERIFICATION_ERROR", f"proofValue: {error.detail}", "/proofValue") from error
    if len(signature) != SIGNATURE_OCTETS[key.type]:
        raise Refused(
            "PROOF_VERIFICATION_ERROR",
            f"A {key.type} signature has {SIGNATURE_OCTETS[key.type]} octets, not {len(signature)}.",
            "/proofValue",
        )
    return signature


def with_signature(unsigned: Unsigned, signature: bytes) -> JsonObject:
    """The finished proof. ``PROOF_GENERATION_ERROR`` when the signer answered with something else than a signature."""
    require_signature_length(signature, unsigned.key_type)
    return {**unsigned.proof, "proofValue": multibase_base58(signature)}


def require_signature_length(signature: bytes, key_type: KeyType) -> None:
    if len(signature) != SIGNATURE_OCTETS[key_type]:
        raise Refused(
            "PROOF_GENERATION_ERROR", f"The signer's answer is no {key_type} signature: {len(signature)} octets."
        )
