"""The cryptosuite eddsa-jcs-2022: JCS, then SHA-256 and Ed25519.

https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022
"""

from credentials.proofs.keys import PublicKey, check_signature
from credentials.proofs.model import Forms, JsonObject, KeyType, Unsigned
from credentials.proofs.suite import hash_json, require_key_type, signature_of, signed_document, with_context_of

NAME = "eddsa-jcs-2022"
KEY_TYPES = frozenset({KeyType.ED25519})


def create_proof(document: JsonObject, options: JsonObject, key_type: KeyType, forms: Forms) -> Unsigned:
    """https://www.w3.org/TR/vc-di-eddsa/#create-proof-eddsa-jcs-2022

    ``document`` has no proof (or, in a chain, the proofs that go before), ``options`` are the proof without its value.
    """
    require_key_type(key_type, KEY_TYPES, NAME)
    proof = with_context_of(document, options)
    return Unsigned(proof, hash_json(document, proof, key_type, forms.json), key_type)


def verify_proof(document: JsonObject, proof: JsonObject, key: PublicKey, forms: Forms) -> None:
    """https://www.w3.org/TR/vc-di-eddsa/#verify-proof-eddsa-jcs-2022

    Returns when the proof holds, else ``Refused``.
    """
    require_key_type(key.type, KEY_TYPES, NAME)
    signature = signature_of(proof, key)
    to_verify = hash_json(signed_document(document, proof), proof, key.type, forms.json)
    check_signature(key, signature, to_verify, code="PROOF_VERIFICATION_ERROR", pointer="/proofValue")
