"""Canonical N-Quads by other people's code, to compare ours with.

PyLD expands and makes quads; oxigraph canonicalises them. PyLD's own canonicalisation serves as a second opinion only: it
does not escape as RDFC-1.0 demands (control characters, U+007F, U+FFFE, U+FFFF). Oxigraph is wrong in one place, too:
where a blank node that looks like another one is in several statements of one graph without an id, Hash N-Degree Quads
(section 4.8, step 3) adds that graph's node once for each statement, and oxigraph once in all. And PyLD takes two texts for
one that differ in their direction alone, so on their way through it the direction is a part of the text.
"""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pyoxigraph
from pyld import jsonld
from pyld.documentloader.frozen import FrozenDocumentLoader

from credentials.jsonld.tokens import I18N

_MARK = "\ue000direction:"
_ALGORITHMS = {
    "sha256": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_256,
    "sha384": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}


class _Loader(FrozenDocumentLoader):
    def __call__(self, url: str, options: dict[str, Any]) -> Any:
        return {**super().__call__(url, options), "tag": "static"}  # else PyLD takes twice the time


class Reference:
    """Over pinned contexts, by address. For documents that are known to be good: PyLD drops what it does not know.

    PyLD remembers contexts by their address for the whole process; ``lasting`` is for those that will not change in it.
    """

    def __init__(self, files: Mapping[str, bytes], *, lasting: bool = True) -> None:
        loader = _Loader if lasting else FrozenDocumentLoader
        self._loader = loader({address: json.loads(content) for address, content in files.items()})

    def canonize(self, document: Any, hash_name: str = "sha256") -> bytes:
        """PyLD's quads, canonicalised by oxigraph."""
        options = {"documentLoader": self._loader, "rdfDirection": "i18n-datatype"}
        dataset = pyoxigraph.Dataset()
        for name, triples in jsonld.to_rdf(_told_apart(document), options).items():
            graph = pyoxigraph.DefaultGraph() if name == "@default" else _term({"type": "blank node", "value": name})
            for triple in triples:
                terms = (_term(triple[part]) for part in ("subject", "predicate", "object"))
                dataset.add(pyoxigraph.Quad(*terms, graph))
        dataset.canonicalize(_ALGORITHMS[hash_name])
        text = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS).decode()
        return "".join(f"{line}\n" for line in sorted(text.split("\n")[:-1])).encode()

    def canonize_by_pyld(self, document: Any) -> bytes:
        """PyLD's quads, canonicalised by PyLD (URDNA2015): the same but for the escapes."""
        options = {
            "algorithm": "URDNA2015",
            "format": "application/n-quads",
            "documentLoader": self._loader,
            "rdfDirection": "i18n-datatype",
        }
        return jsonld.normalize(copy.deepcopy(document), options).encode()


def _told_apart(value: Any) -> Any:
    """A copy of a document, in which a text with a direction says that, too."""
    if isinstance(value, list):
        return [_told_apart(item) for item in value]
    if not isinstance(value, dict):
        return value
    text, direction = value.get("@value"), value.get("@direction")
    told = {"@value": f"{text}{_MARK}{direction}"} if isinstance(text, str) and isinstance(direction, str) else {}
    return {**{name: _told_apart(item) for name, item in value.items()}, **told}


def _term(term: dict[str, str]) -> Any:
    if term["type"] == "IRI":
        return pyoxigraph.NamedNode(term["value"])
    if term["type"] == "blank node":
        return pyoxigraph.BlankNode(term["value"].removeprefix("_:"))
    if "language" in term:
        return pyoxigraph.Literal(term["value"], language=term["language"])
    text = term["value"].partition(_MARK)[0] if term["datatype"].startswith(I18N) else term["value"]
    return pyoxigraph.Literal(text, datatype=pyoxigraph.NamedNode(term["datatype"]))
