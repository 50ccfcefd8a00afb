"""A strict JSON reader for documents of strangers.

RFC 8259 leaves room that JSON parsers fill differently: duplicate keys, huge numbers, lone surrogates, a byte order
mark, any depth. A signature says nothing about which reading was meant, so whatever two parsers could read in two ways
is refused here, before anything else looks at the document (RFC 7493, I-JSON, is the same idea).
"""

import json
import math
import re
from collections import Counter
from itertools import accumulate
from typing import Any, Final, NoReturn

import msgspec

from credentials.errors import Refused

MAX_BYTES: Final = 1024 * 1024
"""One document. A credential is 5 KB; a learner record with hundreds of embedded credentials stays under this."""

MAX_DEPTH: Final = 32
"""Objects and arrays inside each other. A learner record with endorsed badges reaches about 14."""

MAX_INTEGER: Final = 2**53 - 1
"""RFC 7493, section 2.2: beyond it a double, and so a JavaScript verifier, reads another number."""

_MAX_DIGITS: Final = (
    16  # the digits of MAX_INTEGER; counted before the text becomes a number, which is slow for long ones
)

_NOT_PLAIN: Final = object()

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_NOT_STRUCTURE: Final = bytes(set(range(256)) - set(b'[]{}"'))
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_ESCAPE: Final = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)


def read_json(data: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """The value that ``data`` holds: ``dict``, ``list``, ``str``, ``int``, ``float``, ``bool`` or ``None``.

    Refuses with ``payload-too-large``, ``json-too-deep``, ``json-duplicate-key``, ``json-number-out-of-range``, or
    ``PARSING_ERROR`` for everything that is not strict JSON in UTF-8.
    """
    if len(data) > max_bytes:
        raise Refused("payload-too-large", f"The document is over {max_bytes} bytes.")
    if data.startswith(_BYTE_ORDER_MARK):
        raise _unreadable("it starts with a byte order mark")
    value = _read_plain(data)
    return value if value is not _NOT_PLAIN else _read_slowly(data)


def _read_slowly(data: bytes) -> Any:
    if _depth(data) > MAX_DEPTH:  # on bytes: a parser must never recurse as deep as a stranger likes
        raise Refused("json-too-deep", f"Objects and arrays are nested more than {MAX_DEPTH} deep.")
    try:
        value = _DECODER.decode(data.decode())
    except UnicodeDecodeError as error:
        raise _unreadable(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _unreadable(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    if b"\\u" in data:
        _refuse_unpaired(data, value)
    return value


def _read_plain(data: bytes) -> Any:
    """What ``data`` holds, where a fast parser is sure to read it as strictly as we do; else ``_NOT_PLAIN``.

    The parser is as strict, but for two things. It reads any number, so numbers are looked at here. And of two equal keys it
    takes the last, so quotes are counted: each key and each string that came out has two in the text. One that got lost, or
    that has an escaped quote in it, makes the sum wrong, and then the slow reader looks.
    """
    if b"\\" in data and b"\\u" in data:  # may spell what UTF-8 cannot
        return _NOT_PLAIN
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NOT_PLAIN  # the slow reader says what is wrong
    strings = 0
    level: list[Any] = [(value,)]
    for _ in range(MAX_DEPTH + 1):
        deeper: list[Any] = []
        for container in level:
            items = container
            if type(container) is dict:
                strings += len(container)
                items = container.values()
            for item in items:
                kind = type(item)
                if kind is str:
                    strings += 1
                elif kind is dict or kind is list:
                    deeper.append(item)
                elif (kind is int and abs(item) > MAX_INTEGER) or (kind is float and not math.isfinite(item)):
                    return _NOT_PLAIN
        if not deeper:
            return value if 2 * strings == data.count(b'"') else _NOT_PLAIN
        level = deeper
    return _NOT_PLAIN


def _depth(data: bytes) -> int:
    # Escaped quotes go first; then, of what is left, every second piece between quotes is outside of strings.
    bare = data.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in data else data
    structure = bare.translate(None, _NOT_STRUCTURE).replace(b'""', b"")
    brackets = b"".join(structure.split(b'"')[::2])
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _refuse_unpaired(data: bytes, value: Any) -> None:
    """Escapes can spell what UTF-8 cannot: U+0000, which databases cut strings at, and half of a surrogate pair."""
    if b"\\u0000" in data and b"\\u0000" in _ESCAPE.findall(data):
        raise _unreadable("a string holds U+0000")
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _unreadable("a string holds a lone surrogate") from None


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        ((twice, _),) = Counter(name for name, _ in members).most_common(1)
        raise Refused("json-duplicate-key", f"An object has the key {twice[:80]!r} twice.")
    return value


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS + 1 or abs(number := int(text)) > MAX_INTEGER:
        raise Refused("json-number-out-of-range", "A whole number is beyond 2**53 - 1: write it as a string.")
    return number


def _fraction(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Refused("json-number-out-of-range", "A number is too large: write it as a string.")
    return number


def _constant(name: str) -> NoReturn:
    raise _unreadable(f"{name} is not JSON")


def _unreadable(why: str) -> Refused:
    return Refused("PARSING_ERROR", f"The document is not strict JSON: {why}.")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)
