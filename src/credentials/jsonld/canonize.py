"""The room's public functions: a document's canonical N-Quads, and its dataset with labels that parts of it share."""

from credentials.errors import Refused
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.problem import MALFORMED, Problem
from credentials.jsonld.rdfc10 import HashName, canonical_labels, n_quads
from credentials.jsonld.tokens import is_nearly, nearly_quoted, quoted
from credentials.jsonld.walk import Quote, Walk


def canonize(document: object, contexts: Contexts, *, hash_name: HashName = "sha256") -> bytes:
    """Canonical N-Quads (RDFC-1.0, UTF-8) of a JSON-LD document, always in safe mode.

    Raises ``Refused`` with a JSON Pointer: ``DATA_LOSS_DETECTION_ERROR``, ``MALFORMED_VALUE_ERROR``,
    ``context-not-allowed`` or ``canonicalization-limit``.
    """
    try:
        text = _canonical(document, contexts, hash_name, nearly_quoted)
        if is_nearly(text):  # about one document in a million
            text = _canonical(document, contexts, hash_name, quoted)
        return text.encode()
    except Problem as problem:
        raise problem.refused() from None
    except UnicodeEncodeError:
        raise Refused(MALFORMED, "A string holds a lone surrogate.") from None


def _canonical(document: object, contexts: Contexts, hash_name: HashName, quote: Quote) -> str:
    statements = Walk(contexts, quote).document(document)
    return n_quads(statements, canonical_labels(statements, hash_name))
