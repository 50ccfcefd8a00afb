"""The cryptosuite eddsa-rdfc-2022: RDFC-1.0, SHA-256, Ed25519.

https://www.w3.org/TR/vc-di-eddsa/#eddsa-rdfc-2022
"""

from credentials.proofs.keys import PublicKey, check_signature
from credentials.proofs.model import Canonize, Forms, JsonObject, KeyType, Unsigned
from credentials.proofs.suite import data_integrity_config, hash_rdf, require_key_type, signature_of

NAME = "eddsa-rdfc-2022"
KEY_TYPES = frozenset({KeyType.ED25519})


def create_proof(document: JsonObject, options: JsonObject, key_type: KeyType, forms: Forms) -> Unsigned:
    """https://www.w3.org/TR/vc-di-eddsa/#create-proof-eddsa-rdfc-2022

    ``document`` has no proof (or, in a chain, the proofs that go before), ``options`` are the proof without its value.
    """
    require_key_type(key_type, KEY_TYPES, NAME)
    return Unsigned(options, hash_data(document, options, key_type, forms.rdf), key_type)


def verify_proof(document: JsonObject, proof: JsonObject, key: PublicKey, forms: Forms) -> None:
    """https://www.w3.org/TR/vc-di-eddsa/#verify-proof-eddsa-rdfc-2022

    Returns when the proof holds, else ``Refused``.
    """
    require_key_type(key.type, KEY_TYPES, NAME)
    signature = signature_of(proof, key)
    to_verify = hash_data(document, proof, key.type, forms.rdf)
    check_signature(key, signature, to_verify, code="PROOF_VERIFICATION_ERROR", pointer="/proofValue")


def hash_data(document: JsonObject, proof: JsonObject, key_type: KeyType, canonize: Canonize) -> bytes:
    """Proof configuration, transformation and hashing: https://www.w3.org/TR/vc-di-eddsa/#hashing-eddsa-rdfc-2022"""
    return hash_rdf(document, data_integrity_config(document, proof), key_type, canonize)
