"""The nouns that every suite shares."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from credentials.jsonld.rdfc10 import HashName
from credentials.proofs.jcs import canonical_json

JsonObject = dict[str, Any]

Canonize = Callable[[JsonObject, HashName], bytes]
"""(JSON-LD document, hash name ``sha256`` or ``sha384``) -> canonical N-Quads (RDFC-1.0), or ``Refused``:
``jsonld.canonize.canonize`` with its contexts bound."""

Serialize = Callable[[JsonObject], bytes]
"""JSON -> its canonical octets (RFC 8785), or ``Refused``: ``jcs.canonical_json``."""


class Forms(NamedTuple):
    """The canonical forms of documents and of proof configurations: one of them is what a suite hashes."""

    rdf: Canonize
    json: Serialize = canonical_json


class KeyType(StrEnum):
    """A kind of key, and with it the one signature algorithm that we let it verify."""

    ED25519 = "Ed25519"
    P256 = "P-256"
    P384 = "P-384"
    RSA = "RSA"


class Unsigned(msgspec.Struct, frozen=True):
    """A proof that lacks its signature.

    ``to_sign`` goes to the signer as it is (the signer hashes, as Ed25519 and ECDSA do); ``proof`` is the proof without
    ``proofValue``. ``suite.with_signature`` joins the two.
    """

    proof: JsonObject
    to_sign: bytes
    key_type: KeyType
