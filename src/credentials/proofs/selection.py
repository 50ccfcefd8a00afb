"""JSON Pointers into a compact JSON-LD document, and the fragment of the document that they select.

From the Selective Disclosure Functions of vc-di-ecdsa: https://www.w3.org/TR/vc-di-ecdsa/#selective-disclosure-functions
"""

import re
from collections.abc import Sequence
from typing import Any

from credentials.errors import Refused
from credentials.proofs.model import JsonObject

MAX_POINTERS = 1000
"""A document has at most 2,000 nodes; whoever names more places than this means the whole of it."""

MAX_POINTER_CHARACTERS = 2000

_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")

_Tree = dict[str, "_Tree | None"]
"""What is selected below a place: for each reference token a tree, or ``None`` for everything."""


def parse_pointer(pointer: str) -> list[str]:
    """The reference tokens of a JSON Pointer (RFC 6901): jsonPointerToPaths."""
    if len(pointer) > MAX_POINTER_CHARACTERS:
        raise Refused("MALFORMED_VALUE_ERROR", f"A JSON Pointer has at most {MAX_POINTER_CHARACTERS} characters.")
    if pointer and not pointer.startswith("/"):
        raise Refused("MALFORMED_VALUE_ERROR", "A JSON Pointer starts with «/».", pointer)
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def escape_token(token: str) -> str:
    """A member's name as a reference token."""
    return token.replace("~", "~0").replace("/", "~1")


def select(document: JsonObject, pointers: Sequence[str]) -> JsonObject:
    """selectJsonLd: what the pointers name, the ``id`` and ``type`` of every node on the way, and the ``@context``.

    The elements of an array close up. No pointer selects nothing at all, which is an empty object. Values are shared
    with the document, not copied. ``MALFORMED_VALUE_ERROR`` for a pointer that names nothing.
    """
    if len(pointers) > MAX_POINTERS:
        raise Refused("MALFORMED_VALUE_ERROR", f"At most {MAX_POINTERS} JSON Pointers.")
    if not pointers:
        return {}
    root: _Tree = {}
    for pointer in pointers:
        _plant(root, ["", *parse_pointer(pointer)])
    selected = _pick(document, root[""], "")
    return {"@context": document["@context"], **selected} if "@context" in document else selected


def _plant(tree: _Tree, tokens: list[str]) -> None:
    """Add one pointer to the tree of all of them."""
    for token in tokens[:-1]:
        below = tree.setdefault(token, {})
        if below is None:  # everything below is selected already
            return
        tree = below
    tree[tokens[-1]] = None


def _pick(value: Any, tree: _Tree | None, pointer: str) -> Any:
    if tree is None:
        return value
    match value:
        case dict():
            picked = _initial_selection(value)
            for token, below in tree.items():
                place = f"{pointer}/{escape_token(token)}"
                if token not in value:
                    raise Refused("MALFORMED_VALUE_ERROR", "The JSON Pointer names nothing.", place)
                picked[token] = _pick(value[token], below, place)
            return picked
        case list():
            if not all(_INDEX.fullmatch(token) and int(token) < len(value) for token in tree):
                raise Refused("MALFORMED_VALUE_ERROR", "The JSON Pointer names no element of this array.", pointer)
            return [_pick(value[int(token)], tree[token], f"{pointer}/{token}") for token in sorted(tree, key=int)]
        case _:
            raise Refused("MALFORMED_VALUE_ERROR", "The JSON Pointer goes on where the document ends.", pointer)


def _initial_selection(node: JsonObject) -> JsonObject:
    """createInitialSelection: an identified node keeps its ``id``, any node its ``type``."""
    return {
        member: node[member]
        for member in ("id", "type")
        if member in node and not (member == "id" and str(node[member]).startswith("_:"))
    }
