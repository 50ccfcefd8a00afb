"""Our own canonicalisation over the packaged contexts, bound as the proofs ask for it: what production signs with."""

from typing import Any

from credentials.files import packaged_contexts
from credentials.jsonld.canonize import canonize as canonize_with
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.rdfc10 import canonical_labels
from credentials.jsonld.walk import Walk

CONTEXTS = Contexts(packaged_contexts())


def canonize(document: dict[str, Any], hash_name: str) -> bytes:
    return canonize_with(document, CONTEXTS, hash_name=hash_name)


def label_nodes(document: dict[str, Any]) -> tuple[bytes, dict[tuple[str, str], str]]:
    walk = Walk(CONTEXTS, hasty=False)
    labels = canonical_labels(walk.document(document), "sha256")
    found = {}

    def point(value, pointer):
        if isinstance(value, dict | list):
            found[id(value)] = pointer
            for name, item in value.items() if isinstance(value, dict) else enumerate(value):
                point(item, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")

    point(document, "")
    placed = {}
    for (origin, role), label in zip(walk.places, labels, strict=True):
        place = (found[id(origin)], role) if isinstance(role, str) else (f"{found[id(origin)]}/{role}", "@list")
        placed[place] = label.removeprefix("_:")
    return canonize(document, "sha256"), placed
