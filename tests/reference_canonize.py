"""Canonical N-Quads from other people's code: PyLD's expansion, then oxigraph's RDFC-1.0. For tests to compare with.

PyLD drops what it does not know and this reference does not notice: it is for documents that are known to be good.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyld import jsonld
from pyld.canon import URDNA2015
from pyld.documentloader.frozen import FrozenDocumentLoader
from pyld.nquads import parse_nquads
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse, serialize

CONTEXT_FILES = {
    "https://www.w3.org/2018/credentials/v1": "credentials-v1.jsonld",
    "https://www.w3.org/ns/credentials/v2": "credentials-v2.jsonld",
    "https://www.w3.org/ns/credentials/examples/v2": "credentials-examples-v2.jsonld",
    "https://w3id.org/security/data-integrity/v1": "data-integrity-v1.jsonld",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2.jsonld",
    "https://w3id.org/security/suites/ed25519-2020/v1": "ed25519-2020-v1.jsonld",
    "https://w3id.org/citizenship/v4rc1": "citizenship-v4rc1.jsonld",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "ob-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json": "ob-extensions.json",
}
"""The published contexts under ``../shared/standards/contexts``, by address."""

_ALGORITHMS = {
    "sha256": CanonicalizationAlgorithm.RDFC_1_0_SHA_256,
    "sha384": CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}


def reference_canonize(contexts: Path) -> Callable[[dict[str, Any], str], bytes]:
    """A ``Canonize`` over a folder of published contexts."""
    loader = FrozenDocumentLoader({url: contexts / name for url, name in CONTEXT_FILES.items()})

    def canonize(document: dict[str, Any], hash_name: str) -> bytes:
        options = {
            "format": "application/n-quads",
            "documentLoader": loader,
            "base": None,
            "rdfDirection": "i18n-datatype",
        }
        dataset = Dataset(parse(jsonld.to_rdf(document, options).encode(), RdfFormat.N_QUADS))
        dataset.canonicalize(_ALGORITHMS[hash_name])
        lines = serialize(dataset, format=RdfFormat.N_QUADS).decode().split("\n")[:-1]
        return "".join(f"{line}\n" for line in sorted(lines)).encode()

    return canonize


def reference_label_nodes(contexts: Path) -> Callable[[dict[str, Any]], tuple[bytes, dict[tuple[str, str], str]]]:
    """A ``LabelNodes`` over a folder of published contexts: the canonical N-Quads, and ``{(JSON Pointer, "@id"): label}``.

    Every object that could be a node is given an ``id`` of its own, by which its blank node is found again. It finds no
    graphs and no cells of lists, and is for documents without them.
    """
    loader = FrozenDocumentLoader({url: contexts / name for url, name in CONTEXT_FILES.items()})
    marker = "urn:marker:"

    def label_nodes(document: dict[str, Any]) -> tuple[bytes, dict[tuple[str, str], str]]:
        pointers: list[str] = []

        def mark(value: Any, pointer: str) -> Any:
            if isinstance(value, list):
                return [mark(item, f"{pointer}/{index}") for index, item in enumerate(value)]
            if not isinstance(value, dict) or pointer == "/@context":
                return value
            marked = {member: mark(item, f"{pointer}/{_escape(member)}") for member, item in value.items()}
            if "id" in value or "@value" in value:
                return marked
            pointers.append(pointer)
            return {"id": f"{marker}{len(pointers) - 1}"} | marked

        options = {"documentLoader": loader, "base": None, "rdfDirection": "i18n-datatype"}
        lines = jsonld.to_rdf(mark(document, ""), options | {"format": "application/n-quads"})
        blank = re.sub(rf"<{marker}(\d+)>", r"_:m\1", lines)
        canonical = URDNA2015()
        normal = canonical.main(parse_nquads(blank), {"format": "application/n-quads"})
        found = {old: new for old, new in canonical.canonical_issuer.existing.items() if old.startswith("_:m")}
        return normal.encode(), {(pointers[int(old[3:])], "@id"): new[2:] for old, new in found.items()}

    return label_nodes


def _escape(member: str) -> str:
    return member.replace("~", "~0").replace("/", "~1")
