"""The cryptosuite ecdsa-rdfc-2019: RDFC-1.0, then SHA-256 and ECDSA on P-256, or SHA-384 (in RDFC-1.0 too) on P-384.

https://www.w3.org/TR/vc-di-ecdsa/#ecdsa-rdfc-2019
"""

from credentials.proofs.keys import PublicKey, check_signature
from credentials.proofs.model import Canonize, Forms, JsonObject, KeyType, Unsigned
from credentials.proofs.suite import data_integrity_config, hash_rdf, require_key_type, signature_of

NAME = "ecdsa-rdfc-2019"
KEY_TYPES = frozenset({KeyType.P256, KeyType.P384})


def create_proof(document: JsonObject, options: JsonObject, key_type: KeyType, forms: Forms) -> Unsigned:
    """https://www.w3.org/TR/vc-di-ecdsa/#create-proof-ecdsa-rdfc-2019

    ``document`` has no proof (or, in a chain, the proofs that go before), ``options`` are the proof without its value.
    """
    require_key_type(key_type, KEY_TYPES, NAME)
    return Unsigned(options, hash_data(document, options, key_type, forms.rdf), key_type)


def verify_proof(document: JsonObject, proof: JsonObject, key: PublicKey, forms: Forms) -> None:
    """https://www.w3.org/TR/vc-di-ecdsa/#verify-proof-ecdsa-rdfc-2019

    Returns when the proof holds, else ``Refused``.
    """
    require_key_type(key.type, KEY_TYPES, NAME)
    signature = signature_of(proof, key)
    to_verify = hash_data(document, proof, key.type, forms.rdf)
    check_signature(key, signature, to_verify, code="PROOF_VERIFICATION_ERROR", pointer="/proofValue")


def hash_data(document: JsonObject, proof: JsonObject, key_type: KeyType, canonize: Canonize) -> bytes:
    """Proof configuration, transformation and hashing: https://www.w3.org/TR/vc-di-ecdsa/#hashing-ecdsa-rdfc-2019"""
    return hash_rdf(document, data_integrity_config(document, proof), key_type, canonize)
