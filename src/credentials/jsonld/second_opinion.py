"""What PyLD makes of a document: an implementation that shares no line with ours, for whoever would rather not trust ours
alone. It is slow, drops what it does not know, and escapes some characters otherwise than RDFC-1.0 says, so it has a say in
``credentials fsck --second-opinion`` and in the tests, and nowhere else.
"""

import copy
from collections.abc import Mapping
from typing import Any

import msgspec
from pyld import jsonld
from pyld.documentloader.frozen import FrozenDocumentLoader


class SecondOpinion:
    """Over the pinned contexts, by address; nothing is fetched."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._loader = FrozenDocumentLoader({address: msgspec.json.decode(body) for address, body in files.items()})

    def canonize(self, document: Mapping[str, Any]) -> bytes:
        """Canonical N-Quads by PyLD's own expansion and canonicalisation (URDNA2015)."""
        options = {
            "algorithm": "URDNA2015",
            "format": "application/n-quads",
            "documentLoader": self._loader,
            "rdfDirection": "i18n-datatype",
        }
        return str(jsonld.normalize(copy.deepcopy(document), options)).encode()
