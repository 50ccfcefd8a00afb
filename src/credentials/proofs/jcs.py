"""The JSON Canonicalization Scheme (RFC 8785): the one spelling of a JSON value."""

from typing import Any

import msgspec
import rfc8785

from credentials.errors import Refused

_MAX_INTEGER = 2**53 - 1  # RFC 8785, section 3.2.2.3, by way of RFC 7493: what a double holds exactly
_MAX_DEPTH = 64  # twice what we read, so that our own wrapping of a document still fits

_SORTED = msgspec.json.Encoder(order="sorted")
_ASTRAL_OCTETS = bytes(range(0xF0, 0x100))  # the first octets of UTF-8 for characters beyond U+FFFF


def canonical_json(value: Any, *, plain: bool = False, spelt: Any = None) -> bytes:
    """The canonical UTF-8 of a JSON value (``dict``, ``list``, ``str``, ``int``, ``float``, ``bool``, ``None``;
    keys are ``str``, which is the caller's promise).

    ``PROOF_TRANSFORMATION_ERROR`` for a value that has none: an integer beyond 2^53 - 1, a number that is not finite, a
    lone surrogate, anything that is not JSON. ``plain`` is the promise that there is no number in it and that it is not deep.
    ``spelt`` is the same value with parts that are in their canonical octets already (``msgspec.Raw``).
    """
    try:
        # A sorted fast encoding has the same octets where nothing is written or ordered in a way of its own: numbers
        # with a fraction are, and so are keys beyond U+FFFF, which RFC 8785 sorts by UTF-16 code units.
        if plain or _is_plain(value):
            encoded = _SORTED.encode(value if spelt is None else spelt)
            if encoded.isascii() or len(encoded.translate(None, _ASTRAL_OCTETS)) == len(encoded):
                return encoded
        return rfc8785.dumps(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(
            "PROOF_TRANSFORMATION_ERROR", "The document has no canonical JSON form: RFC 8785 takes I-JSON alone."
        ) from error


def _is_plain(value: Any) -> bool:
    """Whether a JSON value has no number but small integers. ``Refused`` when it is nested too deep.

    Level by level rather than by recursion, so that depth is counted and costs nothing.
    """
    plain = True
    level: list[Any] = [[value]]
    for _ in range(_MAX_DEPTH):
        deeper: list[Any] = []
        for container in level:
            for item in container.values() if type(container) is dict else container:
                kind = type(item)
                if kind is str:
                    continue
                if kind is dict or kind is list:
                    deeper.append(item)
                elif kind is int:
                    plain = plain and -_MAX_INTEGER <= item <= _MAX_INTEGER
                elif item is not None and kind is not bool:
                    plain = False
        if not deeper:
            return plain
        level = deeper
    raise Refused("PROOF_TRANSFORMATION_ERROR", f"The document is nested deeper than {_MAX_DEPTH} levels.")
