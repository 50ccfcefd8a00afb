"""The room's public functions: a document's canonical N-Quads, and its dataset with labels that parts of it share."""

from credentials.errors import Refused
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.problem import MALFORMED, Problem
from credentials.jsonld.rdfc10 import HashName, canonical_labels, n_quads
from credentials.jsonld.tokens import is_nearly
from credentials.jsonld.walk import Walk


def canonize(document: object, contexts: Contexts, *, hash_name: HashName = "sha256") -> bytes:
    """Canonical N-Quads (RDFC-1.0, UTF-8) of a JSON-LD document, always in safe mode.

    Raises ``Refused`` with a JSON Pointer: ``DATA_LOSS_DETECTION_ERROR``, ``MALFORMED_VALUE_ERROR``,
    ``context-not-allowed`` or ``canonicalization-limit``.
    """
    try:
        walk = Walk(contexts, hasty=True)
        text = _canonical(walk, document, hash_name)
        if is_nearly(text) or not walk.all_iris_hold():  # hardly ever
            text = _canonical(Walk(contexts, hasty=False), document, hash_name)
        return text.encode()
    except Problem as problem:
        raise problem.refused() from None
    except UnicodeEncodeError:
        raise Refused(MALFORMED, "A string holds a lone surrogate.") from None


def _canonical(walk: Walk, document: object, hash_name: HashName) -> str:
    statements = walk.document(document)
    return n_quads(statements, canonical_labels(statements, hash_name))
