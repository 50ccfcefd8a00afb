"""JSON Pointers into a compact JSON-LD document, and the fragment of the document that they select.

From the Selective Disclosure Functions of vc-di-ecdsa: https://www.w3.org/TR/vc-di-ecdsa/#selective-disclosure-functions
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

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


class Selection(msgspec.Struct, frozen=True):
    """A fragment of a document. ``kept`` tells which elements of a document's array the fragment's array consists of."""

    fragment: JsonObject
    kept: dict[str, list[int]]

    def origin(self, pointer: str) -> str:
        """Where in the document stands what stands at ``pointer`` in the fragment."""
        place = ""
        for token in pointer.split("/")[1:]:
            place = f"{place}/{self.kept[place][int(token)] if place in self.kept else token}"
        return place


def select(document: JsonObject, pointers: Sequence[str]) -> Selection:
    """selectJsonLd: what the pointers name, the ``id`` and ``type`` of every node on the way, and the ``@context``.

    The elements of an array close up. No pointer selects nothing at all, which is an empty object. Values are shared
    with the document, not copied. ``MALFORMED_VALUE_ERROR`` for a pointer that names nothing.
    """
    if len(pointers) > MAX_POINTERS:
        raise Refused("MALFORMED_VALUE_ERROR", f"At most {MAX_POINTERS} JSON Pointers.")
    if not pointers:
        return Selection({}, {})
    root: _Tree = {}
    for pointer in pointers:
        _plant(root, ["", *parse_pointer(pointer)])
    kept: dict[str, list[int]] = {}
    fragment = _pick(document, root[""], "", kept)
    context = {"@context": document["@context"]} if "@context" in document else {}
    return Selection(context | fragment, kept)


def _plant(tree: _Tree, tokens: list[str]) -> None:
    """Add one pointer to the tree of all of them."""
    for token in tokens[:-1]:
        below = tree.setdefault(token, {})
        if below is None:  # everything below is selected already
            return
        tree = below
    tree[tokens[-1]] = None


def _pick(value: Any, tree: _Tree | None, pointer: str, kept: dict[str, list[int]]) -> Any:
    if tree is None:
        return value
    match value:
        case dict():
            picked = _initial_selection(value)
            for token, below in tree.items():
                place = f"{pointer}/{escape_token(token)}"
                if token not in value:
                    raise Refused("MALFORMED_VALUE_ERROR", "The JSON Pointer names nothing.", place)
                picked[token] = _pick(value[token], below, place, kept)
            return picked
        case list():
            if not all(_INDEX.fullmatch(token) and int(token) < len(value) for token in tree):
                raise Refused("MALFORMED_VALUE_ERROR", "The JSON Pointer names no element of this array.", pointer)
            indexes = kept[pointer] = sorted(map(int, tree))
            return [_pick(value[index], tree[str(index)], f"{pointer}/{index}", kept) for index in indexes]
        case _:
            raise Refused("MALFORMED_VALUE_ERROR", "The JSON Pointer goes on where the document ends.", pointer)


def _initial_selection(node: JsonObject) -> JsonObject:
    """createInitialSelection: an identified node keeps its ``id``, any node its ``type``."""
    return {
        member: node[member]
        for member in ("id", "type")
        if member in node and not (member == "id" and str(node[member]).startswith("_:"))
    }
