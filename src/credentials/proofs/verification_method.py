"""The key inside a verification method of a controlled identifier document (Controlled Identifiers 1.0, section 2.2)."""

from credentials.errors import Refused
from credentials.proofs.jwk import key_of_jwk
from credentials.proofs.keys import PublicKey
from credentials.proofs.model import JsonObject, KeyType
from credentials.proofs.multikey import key_of_multikey


def key_of_verification_method(method: JsonObject) -> PublicKey:
    """The key of a ``Multikey``, ``JsonWebKey`` (or ``JsonWebKey2020``) or ``Ed25519VerificationKey2020``.

    Whether the method may be used (its id, its controller, its relationship, its dates) is for ``trust`` to say. Two
    keys in one method, or a private one, are refused: ``INVALID_VERIFICATION_METHOD``.
    """
    if "secretKeyMultibase" in method or "secretKeyJwk" in method or "privateKeyMultibase" in method:
        raise Refused("INVALID_VERIFICATION_METHOD", "The verification method holds a private key.")
    if "publicKeyMultibase" in method and "publicKeyJwk" in method:
        raise Refused("INVALID_VERIFICATION_METHOD", "A verification method has one key, in one form.")
    match method.get("type"):
        case "Multikey":
            return key_of_multikey(method.get("publicKeyMultibase"))
        case "JsonWebKey" | "JsonWebKey2020":
            return key_of_jwk(method.get("publicKeyJwk"))
        case "Ed25519VerificationKey2020":
            key = key_of_multikey(method.get("publicKeyMultibase"))
            if key.type is not KeyType.ED25519:
                raise Refused("INVALID_VERIFICATION_METHOD", "An Ed25519VerificationKey2020 holds an Ed25519 key.")
            return key
        case _:
            raise Refused("INVALID_VERIFICATION_METHOD", "The verification method is of no type that we know.", "/type")
