"""The little of CBOR (RFC 8949) that selective disclosure proofs are written in.

Unsigned integers, octet strings, texts, arrays, and maps from integers: in the deterministic encoding of section 4.2
alone. Tags, indefinite lengths and longer-than-needed lengths are refused, so that every value has one spelling.
"""

from collections.abc import Mapping, Sequence

from credentials.errors import Malformed

Cbor = int | bytes | str | Sequence["Cbor"] | Mapping[int, "Cbor"]

_UNSIGNED, _OCTETS, _TEXT, _ARRAY, _MAP = 0, 2, 3, 4, 5
_MAX_DEPTH = 4  # a proof value is an array of arrays and maps of strings


def encode(value: Cbor) -> bytes:
    """The deterministic encoding of a value."""
    match value:
        case int():
            return _head(_UNSIGNED, value)
        case bytes():
            return _head(_OCTETS, len(value)) + value
        case str():
            text = value.encode()
            return _head(_TEXT, len(text)) + text
        case Mapping():
            return _head(_MAP, len(value)) + b"".join(encode(key) + encode(value[key]) for key in sorted(value))
        case _:
            return _head(_ARRAY, len(value)) + b"".join(map(encode, value))


def decode(octets: bytes) -> Cbor:
    """The one value that the octets encode. ``Malformed`` for anything but a deterministic encoding of one value."""
    value, end = _item(octets, 0, _MAX_DEPTH)
    if end != len(octets):
        raise Malformed("CBOR: something follows the value.")
    return value


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for extra, size in enumerate((1, 2, 4, 8)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | 24 + extra]) + number.to_bytes(size)
    raise ValueError("CBOR: the number is too large")


def _item(octets: bytes, at: int, depth: int) -> tuple[Cbor, int]:
    """The value that starts at a place, and the place after it."""
    if depth == 0:
        raise Malformed("CBOR: nested too deep.")
    major, number, at = _read_head(octets, at)
    match major:
        case _ if major == _UNSIGNED:
            return number, at
        case _ if major == _OCTETS:
            return octets[at : at + number], _end(octets, at, number)
        case _ if major == _TEXT:
            end = _end(octets, at, number)
            try:
                return octets[at:end].decode("utf-8"), end
            except UnicodeDecodeError as error:
                raise Malformed("CBOR: a text is not UTF-8.") from error
        case _ if major == _ARRAY:
            _end(octets, at, number)  # each element has an octet at least
            values: list[Cbor] = []
            for _ in range(number):
                value, at = _item(octets, at, depth - 1)
                values.append(value)
            return values, at
        case _ if major == _MAP:
            _end(octets, at, 2 * number)
            entries: dict[int, Cbor] = {}
            for _ in range(number):
                key, at = _item(octets, at, 1)
                if not isinstance(key, int) or (entries and key <= next(reversed(entries))):
                    raise Malformed("CBOR: the keys of a map are integers in ascending order.")
                entries[key], at = _item(octets, at, depth - 1)
            return entries, at
        case _:
            raise Malformed("CBOR: a kind of value that proofs do not have.")


def _read_head(octets: bytes, at: int) -> tuple[int, int, int]:
    """The major type and the number of a head, and the place after it."""
    end = _end(octets, at, 1)
    major, number = octets[at] >> 5, octets[at] & 0x1F
    if number < 24:
        return major, number, end
    if number > 27:
        raise Malformed("CBOR: an indefinite or reserved length.")
    size = 1 << number - 24
    at, end = end, _end(octets, end, size)
    number = int.from_bytes(octets[at:end])
    if number < (24 if size == 1 else 1 << 4 * size):
        raise Malformed("CBOR: a number is written longer than it needs to be.")
    return major, number, end


def _end(octets: bytes, at: int, count: int) -> int:
    if at + count > len(octets):
        raise Malformed("CBOR: the value breaks off.")
    return at + count
