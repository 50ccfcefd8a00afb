"""The straightforward path: PyLD, hashlib and ``cryptography``, put together as the specification reads.

It does less than ours: no safe mode, no model, no lint, no limits, no dates, no status; issuing is canonicalising, hashing and
signing, and verifying is the inverse.
"""

import json
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyld import jsonld
from pyld.documentloader.frozen import FrozenDocumentLoader

from credentials.proofs.multibase import base58_decode, base58_encode

Document = dict[str, Any]


class StaticLoader(FrozenDocumentLoader):  # type: ignore[misc]  # PyLD has no types
    """Tells PyLD that the contexts never change, without which it takes half as long again."""

    def __call__(self, url: str, options: Document) -> Document:
        return {**super().__call__(url, options), "tag": "static"}


class PyLD:
    def __init__(self, files: dict[str, bytes], method: str) -> None:
        loader = StaticLoader({address: json.loads(content) for address, content in files.items()})
        self._options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": loader}
        self._private = Ed25519PrivateKey.generate()
        self._public = self._private.public_key()
        self._method = method

    def canonize(self, document: Document) -> bytes:
        return str(jsonld.normalize(document, self._options)).encode()

    def sign(self, document: Document) -> bytes:
        proof = {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "created": "2026-12-01T00:00:00Z",
            "verificationMethod": self._method,
            "proofPurpose": "assertionMethod",
        }
        signature = self._private.sign(self._hashed(document, proof))
        secured = {**document, "proof": {**proof, "proofValue": "z" + base58_encode(signature)}}
        return json.dumps(secured, ensure_ascii=False, separators=(",", ":")).encode()

    def verify(self, octets: bytes) -> None:
        document = json.loads(octets)
        proof = document.pop("proof")
        signature = base58_decode(proof.pop("proofValue")[1:])
        self._public.verify(signature, self._hashed(document, proof))

    def _hashed(self, document: Document, proof: Document) -> bytes:
        config = {"@context": document["@context"], **proof}
        return sha256(self.canonize(config)).digest() + sha256(self.canonize(document)).digest()
