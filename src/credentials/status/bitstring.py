"""The bits of a status list and their compressed text (Bitstring Status List 1.0, sections 3.2 to 3.4). Pure.

An entry may have several bits (``statusSize``), the first of them the highest. StatusList2021 is the same with entries of one
bit, but for how the compressed list is written.
"""

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping

from credentials.errors import Malformed, Refused
from credentials.proofs.multibase import base64url_decode, base64url_encode

MIN_ENTRIES = 131_072
MAX_EXPANDED = 16 << 20
"""Bytes of an expanded list that we look at: 134 million one-bit entries. A bomb is larger."""

_FROM_BASE64 = str.maketrans("+/", "-_")

_INDEX = re.compile(r"0|[1-9][0-9]{0,15}")


def encode(entries: int, indices: Iterable[int]) -> str:
    """The ``encodedList`` of one-bit entries of which those at ``indices`` are set. Index 0 is the leftmost bit."""
    bits = bytearray((entries + 7) // 8)
    for index in indices:
        bits[index >> 3] |= 0x80 >> (index & 7)
    return _packed(bits)


def encode_values(entries: int, values: Mapping[int, int], size: int) -> str:
    """The ``encodedList`` of entries of ``size`` bits with these values by their index, and zero everywhere else. Raises
    ``ValueError`` for an index or a value that has no place in it."""
    bits = bytearray((entries * size + 7) // 8)
    for index, value in values.items():
        if not (0 <= index < entries and 0 <= value < 1 << size):
            raise ValueError(f"entry {index} of {entries} cannot have the value {value} in {size} bits")
        end = (index + 1) * size  # the first bit after the entry
        first, last = index * size >> 3, (end - 1) >> 3
        window = int.from_bytes(bits[first : last + 1]) | value << (last + 1) * 8 - end
        bits[first : last + 1] = window.to_bytes(last + 1 - first)
    return _packed(bits)


def _packed(bits: bytearray) -> str:
    return "u" + base64url_encode(gzip.compress(bytes(bits), mtime=0)).decode("ascii")


def decode(encoded: object) -> bytes:
    """The expanded bits. ``STATUS_VERIFICATION_ERROR`` for anything but one gzip member in multibase base64url."""
    if not isinstance(encoded, str) or not encoded.startswith("u") or not encoded.isascii():
        raise Refused("STATUS_VERIFICATION_ERROR", "encodedList is a text that begins with «u»")
    try:
        packed = base64url_decode(encoded[1:].encode("ascii"))
    except Malformed as error:
        raise Refused("STATUS_VERIFICATION_ERROR", "encodedList is not base64url without padding") from error
    return _expanded(packed)


def decode_2021(encoded: str) -> bytes:
    """The same for StatusList2021, which says base64, and is written as base64url without padding by most."""
    if not encoded.isascii():
        raise Refused("STATUS_VERIFICATION_ERROR", "encodedList is a text in base64")
    text = encoded.rstrip("=").translate(_FROM_BASE64)
    if len(encoded) - len(text) not in {0, -len(text) % 4}:
        raise Refused("STATUS_VERIFICATION_ERROR", "encodedList has the wrong padding")
    return decode("u" + text)


def _expanded(packed: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        bits = inflater.decompress(packed, MAX_EXPANDED)
    except zlib.error as error:
        raise Refused("STATUS_VERIFICATION_ERROR", "encodedList is not a gzip stream") from error
    if inflater.unconsumed_tail:
        raise Refused("STATUS_VERIFICATION_ERROR", f"the list is longer than {MAX_EXPANDED >> 20} MiB")
    if not inflater.eof or inflater.unused_data:
        raise Refused("STATUS_VERIFICATION_ERROR", "the gzip stream breaks off, or something follows it")
    return bits


def read_index(text: object) -> int:
    """A ``statusListIndex``: a decimal number as text, in ASCII digits, without sign, zeros before it or separators."""
    if not isinstance(text, str) or not _INDEX.fullmatch(text):
        raise Refused("MALFORMED_VALUE_ERROR", "statusListIndex is a decimal number written as text")
    return int(text)


def value_at(bits: bytes, index: int, size: int = 1) -> int:
    """The entry at ``index`` of a list whose entries have ``size`` bits (section 3.2, steps 8 to 12)."""
    if len(bits) * 8 // size < MIN_ENTRIES:
        raise Refused("STATUS_LIST_LENGTH_ERROR", f"the list has fewer than {MIN_ENTRIES} entries")
    first = index * size
    if first + size > len(bits) * 8:
        raise Refused("RANGE_ERROR", "statusListIndex is beyond the end of the list")
    if size == 1:
        return bits[first >> 3] >> (7 - (first & 7)) & 1
    last = first + size - 1
    window = int.from_bytes(bits[first >> 3 : (last >> 3) + 1])
    return window >> (7 - (last & 7)) & ((1 << size) - 1)
