"""Our own canonicalisation over the packaged contexts, bound as the proofs ask for it: what production signs with."""

from typing import Any

from credentials.files import packaged_contexts
from credentials.jsonld import canonize as jsonld
from credentials.jsonld.contexts import Contexts

CONTEXTS = Contexts(packaged_contexts())


def canonize(document: dict[str, Any], hash_name: str) -> bytes:
    return jsonld.canonize(document, CONTEXTS, hash_name=hash_name)


def label_nodes(document: dict[str, Any]) -> tuple[bytes, dict[jsonld.Place, str]]:
    return jsonld.label_nodes(document, CONTEXTS)
