"""The room's public functions: canonical N-Quads of a document, and where its blank nodes come from."""

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

from credentials.errors import Refused
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.passages import Heard, Passages
from credentials.jsonld.problem import MALFORMED, Problem, pointer
from credentials.jsonld.rdfc10 import HashName, canonical_labels, n_quads
from credentials.jsonld.tokens import is_nearly
from credentials.jsonld.walk import Walk


def canonize(document: object, contexts: Contexts, *, hash_name: HashName = "sha256") -> bytes:
    """Canonical N-Quads (RDFC-1.0, in UTF-8) of a JSON-LD document, always in safe mode.

    Raises ``Refused`` with a JSON Pointer into the document: ``context-not-allowed``, ``DATA_LOSS_DETECTION_ERROR`` (a term
    that no context defines), ``MALFORMED_VALUE_ERROR`` or ``canonicalization-limit``.
    """
    quick = _configuration(document, contexts) if type(document) is dict and len(document) == len(_MEMBERS) else None
    return quick or _canonical(document, contexts, hash_name)[0]


def canonize_with(document: object, contexts: Contexts, passages: Passages, octets: bytes = b"") -> tuple[bytes, Heard]:
    """The same with SHA-256, with the help of known passages; and those that were heard for the first time. ``octets``, if the
    caller has them, are the document as ``msgspec.json`` encodes it, or with more members."""
    form, walk, _ = _canonical(document, contexts, "sha256", passages.under(contexts.initial), octets)
    return form, walk.heard


_MEMBERS = frozenset({"@context", "type", "cryptosuite", "created", "verificationMethod", "proofPurpose"})
_SUITES = frozenset({"eddsa-rdfc-2022", "ecdsa-rdfc-2019"})
_PURPOSES = frozenset({"assertionMethod", "authentication"})
_CREATED = re.compile(r"[0-9T:.Z+-]{1,40}")
_METHOD = re.compile(r"(https://|did:)[A-Za-z0-9._~:/?#%-]{1,2048}")


def _configuration(document: dict[str, Any], contexts: Contexts) -> bytes | None:
    """The canonical form of a proof configuration as nearly all are, worked out once for all that differ in their moment and
    their key alone. ``None`` for any other document.

    It is one node without an id, and says of it one thing under each of five properties: so the order of its lines does not
    hang on the two values, in which nothing is escaped.
    """
    listed, created, method = document.get("@context"), document.get("created"), document.get("verificationMethod")
    suite, purpose = document.get("cryptosuite"), document.get("proofPurpose")
    if not (
        type(listed) is list
        and type(suite) is type(purpose) is type(created) is type(method) is str
        and document.get("type") == "DataIntegrityProof"
        and suite in _SUITES
        and purpose in _PURPOSES
        and _CREATED.fullmatch(created)
        and (scheme := _METHOD.fullmatch(method))
    ):
        return None
    key = (suite, purpose, scheme[1], *listed)
    try:
        known = contexts.configurations.get(key)
    except TypeError:  # a context that is no address
        return None
    if known is None:
        if not all(type(context) is str and context in contexts for context in listed):
            return None
        created_there, method_there = "2000-01-01T00:00:00Z", f"{scheme[1]}specimen.example"
        specimen = {**document, "created": created_there, "verificationMethod": method_there}
        text = _canonical(specimen, contexts, "sha256")[0].decode()
        before, _, rest = text.partition(f'"{created_there}"')
        between, _, after = rest.partition(f"<{method_there}>")
        if not after:
            return None
        known = (f'{before}"', f'"{between}<', f">{after}")
        contexts.remember(contexts.configurations, key, known)
    before, between, after = known
    return f"{before}{created}{between}{method}{after}".encode()


def check(document: object, contexts: Contexts) -> None:
    """Refuse what ``canonize`` refuses, but for the work of telling blank nodes apart: for a document that is not signed as
    RDF, and still is to mean the same to every reader."""
    try:
        walk = Walk(contexts, hasty=True)
        walk.document(document)
        if not walk.all_iris_hold():
            Walk(contexts, hasty=False).document(document)
        msgspec.json.encode(document)  # the quickest way to come upon a lone surrogate
    except Problem as problem:
        raise problem.refused() from None
    except UnicodeEncodeError:
        raise _half_a_character() from None


Place: TypeAlias = tuple[str, str]
"""Where a blank node comes from: a JSON Pointer, and the part that it plays there. ``"@id"``: the object itself, which has
no id; ``"@graph"``: the graph around the object; ``"@list"``: the cell of a list that holds this item of an array."""


def label_nodes(document: object, contexts: Contexts) -> tuple[bytes, dict[Place, str]]:
    """The same with SHA-256, and the label of every blank node by its place: ``{("/evidence/1", "@id"): "c14n0"}``.

    What ``ecdsa-sd-2023`` needs (https://www.w3.org/TR/vc-di-ecdsa/#selective-disclosure-functions). The specification
    gives each node an ``id`` to find it again in a selection of the document (*skolemizeCompactJsonLd*); the place does
    that as well, and for the cells of lists, which no id could be given to.
    """
    octets, walk, labels = _canonical(document, contexts, "sha256", placed=True)
    known: dict[tuple[int, str | int], list[str]] = {}
    for (origin, role), label in zip(walk.places or (), labels, strict=True):
        known.setdefault((id(origin), role), []).append(label.removeprefix("_:"))
    # An object may stand in several places of a document that was not read from JSON. It is as many nodes, labelled in
    # the order of the document, in which ``_parts`` goes through it, too.
    return octets, {place: known[part].pop(0) for place, part in _parts(document, "") if known.get(part)}


def _canonical(
    document: object,
    contexts: Contexts,
    hash_name: HashName,
    passages: Passages | None = None,
    octets: bytes = b"",
    *,
    placed: bool = False,
) -> tuple[bytes, Walk, list[str]]:
    try:
        walk = Walk(contexts, hasty=True, passages=passages, octets=octets, placed=placed)
        text, walk, labels = _walked(walk, document, hash_name)
        if is_nearly(text) or not walk.all_iris_hold():  # hardly ever
            text, walk, labels = _walked(Walk(contexts, hasty=False, placed=placed), document, hash_name)
        return text.encode(), walk, labels
    except Problem as problem:
        raise problem.refused() from None
    except UnicodeEncodeError:
        raise _half_a_character() from None


def _half_a_character() -> Refused:
    return Refused(MALFORMED, "A string holds a lone surrogate.")


def _walked(walk: Walk, document: object, hash_name: HashName) -> tuple[str, Walk, list[str]]:
    statements = walk.document(document)
    labels = canonical_labels(statements, hash_name)
    return n_quads(statements, labels), walk, labels


def _parts(value: object, at: str) -> Iterator[tuple[Place, tuple[int, str | int]]]:
    """All that may be a blank node in a JSON value: its place, and what ``Walk.places`` knows it by."""
    if isinstance(value, dict):
        yield (at, "@graph"), (id(value), "@graph")
        yield (at, "@id"), (id(value), "@id")
        for key, member in value.items():
            yield from _parts(member, at + pointer([key]))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield (f"{at}/{index}", "@list"), (id(value), index)
        for index, item in enumerate(value):
            yield from _parts(item, f"{at}/{index}")
