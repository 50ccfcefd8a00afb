"""Ed25519Signature2020, the suite before Data Integrity had one proof type: RDFC-1.0, SHA-256, Ed25519.

https://www.w3.org/TR/vc-di-eddsa/#ed25519signature2020. For verifying older credentials only; nothing signs with it.
"""

from credentials.proofs.keys import PublicKey, check_signature
from credentials.proofs.model import Forms, JsonObject, KeyType
from credentials.proofs.suite import (
    ED25519_2020_V1,
    contexts_of,
    hash_rdf,
    proof_config,
    require_key_type,
    signature_of,
)

NAME = "Ed25519Signature2020"
KEY_TYPES = frozenset({KeyType.ED25519})


def verify_proof(document: JsonObject, proof: JsonObject, key: PublicKey, forms: Forms) -> None:
    """https://www.w3.org/TR/vc-di-eddsa/#verify-proof-ed25519signature2020

    Returns when the proof holds, else ``Refused``.
    """
    require_key_type(key.type, KEY_TYPES, NAME)
    signature = signature_of(proof, key)
    to_verify = hash_rdf(document, configuration(document, proof), key.type, forms.rdf)
    check_signature(key, signature, to_verify, code="PROOF_VERIFICATION_ERROR", pointer="/proofValue")


def configuration(document: JsonObject, proof: JsonObject) -> JsonObject:
    """https://www.w3.org/TR/vc-di-eddsa/#proof-configuration-ed25519signature2020

    The proof's terms come from the suite's own context, which the proof is given where the document lacks it.
    """
    contexts = contexts_of(document)
    return proof_config(document, proof, contexts if ED25519_2020_V1 in contexts else [*contexts, ED25519_2020_V1])
