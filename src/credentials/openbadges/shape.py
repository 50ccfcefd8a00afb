"""The one shape that a credential may have as JSON.

One RDF graph has many JSON forms, and a proof over RDF covers them all: an expiry moved under ``@nest`` or written as a full
IRI leaves the signature valid and is not seen by code that reads JSON (SECURITY.md, findings M2 and M3). So only the plain
form is read: no keyword of JSON-LD, no IRI as a key, nothing empty.
"""

from typing import Any

from msgspec import Struct

from credentials.errors import Refused
from credentials.openbadges import model, vcdm

MAX_DEPTH = 32
"""Objects and arrays inside each other. The reader of JSON counts the same; values from elsewhere are counted here."""

LANGUAGE_KEYWORDS = frozenset({"@value", "@language", "@direction"})

_SCALARS = frozenset({bool, int, float})
_NAMES = frozenset(
    name
    for kind in (*vars(model).values(), *vars(vcdm).values())
    if isinstance(kind, type) and issubclass(kind, Struct)
    for name in kind.__struct_encode_fields__
    if name.isidentifier()
)
"""Members of the standards' classes. Others may be names as well; to find these among them is quick."""

_OWN_CONTEXT = frozenset({"endorsement", "verifiableCredential", "proof"})
"""Members whose values are documents of their own. A proof of ``eddsa-jcs-2022`` repeats the context that it was made with."""

_APART = frozenset({"@context", "proof"})
_NAMES_IN_PROOFS = frozenset(
    {"@context", "type", "cryptosuite", "created", "expires", "verificationMethod", "proofPurpose", "proofValue", "id"}
)

Path = tuple["Path", str | int] | None
"""Where the walk is, from the inside out: made into text only when something is wrong."""


def check_shape(document: object) -> None:
    """Refuse a document that is not one JSON object in the plain form.

    Raises ``Refused`` with ``json-too-deep``, or with ``MALFORMED_VALUE_ERROR`` for: anything but an object; a key that starts
    with ``@`` (save ``@context`` of a credential or a proof, and a language value object: VCDM 2.0, "Language and Base
    Direction") or has a colon in it; ``null``; an empty object or array.
    """
    if not isinstance(document, dict):
        raise Refused("MALFORMED_VALUE_ERROR", "A credential is a JSON object.")
    if not _is_plainly_sound(document):
        _check(document, None, 1, has_context=True)


def _is_plainly_sound(document: dict[Any, Any]) -> bool:
    """Whether a document is in the plain form beyond doubt, as nearly all are. No says nothing yet: see ``_check``.

    Level by level, without a path, and with all names of an object looked at in one go, it takes a third of the time.
    """
    level: list[Any] = [{name: value for name, value in document.items() if name not in _APART}]
    if "proof" in document and not are_plain_proofs(document["proof"], document.get("@context")):
        return False
    for _ in range(MAX_DEPTH):
        deeper: list[Any] = []
        for container in level:
            items = container
            if type(container) is dict:
                if not (_NAMES.issuperset(container) or all(map(_is_name, container))):
                    return False
                items = container.values()
            if not items:
                return False
            for item in items:
                kind = type(item)
                if kind is str:
                    continue
                if kind is dict or kind is list:
                    deeper.append(item)
                elif kind not in _SCALARS:
                    return False
        if not deeper:
            return True
        level = deeper
    return False


def are_plain_proofs(proofs: object, contexts: object) -> bool:
    """Whether these are proofs as nearly all are: of texts alone, but for the ``contexts`` that a JCS proof repeats."""
    listed = proofs if isinstance(proofs, list) else [proofs]
    for proof in listed:
        if not isinstance(proof, dict) or "type" not in proof or not _NAMES_IN_PROOFS.issuperset(proof):
            return False
        others = [*map(type, proof.values())]
        if "@context" in proof:
            if type(contexts) is not list or proof["@context"] != contexts:
                return False
            others.remove(list)
        if others.count(str) < len(others):
            return False
    return bool(listed)


def _is_name(key: object) -> bool:
    return isinstance(key, str) and key.isidentifier()


def _check(value: dict[Any, Any] | list[Any], path: Path, depth: int, *, has_context: bool) -> None:
    """``has_context`` says that ``value`` is a document of its own, or an array of such."""
    if depth > MAX_DEPTH:
        raise Refused("json-too-deep", f"More than {MAX_DEPTH} objects and arrays inside each other.", pointer(path))
    if not value:
        raise Refused("MALFORMED_VALUE_ERROR", "An empty object or array says nothing: leave it out.", pointer(path))
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                _check(item, (path, index), depth + 1, has_context=has_context)
            elif item is None:
                raise Refused("MALFORMED_VALUE_ERROR", "null says nothing: leave it out.", pointer((path, index)))
        return
    for key, item in value.items():
        if not isinstance(key, str):
            raise Refused("MALFORMED_VALUE_ERROR", "A member's name is a string.", pointer(path))
        if "@" in key or ":" in key:
            if key == "@context" and has_context:
                continue  # its value is for the room that pins contexts
            _check_keyword(key, value, path)
        if isinstance(item, dict | list):
            _check(item, (path, key), depth + 1, has_context=key in _OWN_CONTEXT)
        elif item is None:
            raise Refused("MALFORMED_VALUE_ERROR", "null says nothing: leave it out.", pointer((path, key)))


def _check_keyword(key: str, value: dict[Any, Any], path: Path) -> None:
    if ":" in key:
        raise Refused("MALFORMED_VALUE_ERROR", "Members are named by terms, not by URIs.", pointer((path, key)))
    if key.startswith("@") and not ("@value" in value and value.keys() <= LANGUAGE_KEYWORDS):
        raise Refused("MALFORMED_VALUE_ERROR", f"{key} has no place here.", pointer((path, key)))


def pointer(path: Path) -> str:
    """``path`` as a JSON Pointer (RFC 6901)."""
    parts: list[str] = []
    while path is not None:
        path, key = path
        parts.append(str(key).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in reversed(parts))
