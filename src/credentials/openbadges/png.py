"""A credential inside a PNG (Open Badges 3.0, "PNG"; PNG Third Edition, section 5 and section 11.3.3.4).

Chunks are read and copied, and pixels never decoded: there is no picture here that could be a bomb.
"""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from credentials.errors import Refused

SIGNATURE = b"\x89PNG\r\n\x1a\n"

MAX_CHUNKS = 20_000
"""Enough for 8 MiB written 512 octets at a time; without a limit the shortest chunks would be 700,000 steps."""

_TEXT_CHUNKS = (b"iTXt", b"tEXt", b"zTXt")
_HEADER = 13  # octets of IHDR
_LENGTHS = 12  # of a chunk without its data: length, type, CRC


class Chunk(NamedTuple):
    """``start`` and ``end`` are the whole chunk's place in the file, ``data`` what it holds."""

    kind: bytes
    data: bytes
    start: int
    end: int


def chunks(image: bytes) -> Iterator[Chunk]:
    """The chunks of ``image`` from IHDR to IEND, each with a right CRC. What follows IEND is no part of a PNG, and is not read.

    Raises ``Refused`` with ``image-malformed``.
    """
    if not image.startswith(SIGNATURE):
        raise _malformed("It does not start with the signature of a PNG.")
    view = memoryview(image)
    start = len(SIGNATURE)
    for number in range(MAX_CHUNKS):
        end = start + _LENGTHS + int.from_bytes(view[start : start + 4])
        if end > len(image) or start + _LENGTHS > len(image):
            raise _malformed("It ends inside a chunk.")
        kind, data = bytes(view[start + 4 : start + 8]), bytes(view[start + 8 : end - 4])
        if not kind.isalpha() or (kind == b"IHDR") is not (number == 0):
            raise _malformed("Its chunks are not those of a PNG.")
        if zlib.crc32(view[start + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
            raise _malformed("The checksum of a chunk is wrong.")
        if number == 0 and not _has_pixels(data):
            raise _malformed("It says that it has no pixels, or more than a PNG can have.")
        yield Chunk(kind, data, start, end)
        if kind == b"IEND":
            return
        start = end
    raise _malformed(f"It has more than {MAX_CHUNKS} chunks.")


def _has_pixels(header: bytes) -> bool:
    """Whether width and height are those of a picture (section 11.2.1): from 1 to 2^31 - 1."""
    sides = (int.from_bytes(header[:4]), int.from_bytes(header[4:8]))
    return len(header) == _HEADER and all(0 < side < 1 << 31 for side in sides)


class TextChunk(NamedTuple):
    """A text chunk: ``kind`` is ``iTXt`` or ``tEXt``, ``text`` its octets in UTF-8 or in Latin-1."""

    kind: bytes
    keyword: bytes
    text: bytes


def texts(image: bytes, keywords: frozenset[bytes]) -> Iterator[TextChunk]:
    """The text chunks of ``image`` with one of ``keywords``, which count as they are written, in upper and lower case.

    Raises ``Refused`` with ``image-malformed``, or with ``baked-compressed-text`` where such a text is compressed.
    """
    for chunk in chunks(image):
        keyword, separator, rest = chunk.data.partition(b"\0")
        if chunk.kind not in _TEXT_CHUNKS or keyword not in keywords or not separator:
            continue
        if chunk.kind == b"zTXt":
            raise _compressed()
        yield TextChunk(chunk.kind, keyword, rest if chunk.kind == b"tEXt" else _international(rest))


def _international(rest: bytes) -> bytes:
    """The text of an iTXt chunk. After its keyword come compression flag and method, language, translated keyword, text."""
    flag, method, parts = rest[:1], rest[1:2], rest[2:].split(b"\0", 2)
    if flag == b"\1":
        raise _compressed()
    if flag != b"\0" or not method or len(parts) != len(("language", "translated keyword", "text")):
        raise _malformed("An iTXt chunk is not laid out as PNG has it.")
    return parts[2]


def with_text(image: bytes, keyword: bytes, text: bytes) -> bytes:
    """``image`` with one uncompressed iTXt chunk for ``keyword``, after IHDR, in the place of any that it had. Its other chunks
    are copied octet for octet; what followed IEND is left behind.

    Raises ``Refused`` with ``image-malformed``.
    """
    data = keyword + b"\0\0\0\0\0" + text  # not compressed, no language, no translated keyword
    baked = bytearray(SIGNATURE)
    for chunk in chunks(image):
        if chunk.kind in _TEXT_CHUNKS and chunk.data.partition(b"\0")[0] == keyword:
            continue
        baked += image[chunk.start : chunk.end]
        if chunk.kind == b"IHDR":
            baked += len(data).to_bytes(4) + b"iTXt" + data + zlib.crc32(b"iTXt" + data).to_bytes(4)
    return bytes(baked)


def _malformed(why: str) -> Refused:
    return Refused("image-malformed", f"This PNG cannot be read. {why}")


def _compressed() -> Refused:
    return Refused("baked-compressed-text", "The credential in this PNG is compressed, which Open Badges forbids.")
