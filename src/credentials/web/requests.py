"""A request as this service reads it: JSON that can be kept, and the one file of a form without keeping the form."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, NamedTuple

from litestar import Request
from litestar.exceptions import InternalServerException
from multipart import (  # type: ignore[import-untyped]  # it has annotations, and no marker that says so
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

from credentials.errors import Fault, Malformed, TooLarge
from credentials.web.errors import BrokenOff, UnsupportedMediaType

MULTIPART = "multipart/form-data"
FORM_ROOM = 16 << 10
"""What a form may have around its one file: boundaries, the head of the part."""

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The escape for U+0000 in a JSON text; a backslash that is itself escaped does not make one."""


class ServiceRequest(Request[Any, Any, Any]):
    """Refuses what no handler could use, in the same words everywhere."""

    async def json(self) -> Any:
        """The body as JSON. Raises ``UnsupportedMediaType`` for a body that says it is something else; ``Malformed`` for one
        that is no JSON text in UTF-8, is nested beyond reason, or holds a NUL, which a database does not keep."""
        self.check_json()
        octets = await self.body()
        if b"\\u0000" in octets and _NUL.search(octets):
            raise Malformed("the body has the character U+0000 in it, which cannot be kept")
        try:
            return await super().json()
        except RecursionError:
            raise Malformed("the body is nested too deep") from None
        except UnicodeDecodeError as error:
            raise Malformed(f"the body is not UTF-8: see byte {error.start} of a string in it") from None

    def check_json(self) -> None:
        """Raises ``UnsupportedMediaType`` for a body that says it is something else than JSON."""
        media_type, _ = self.content_type
        if media_type and media_type != "application/json" and not media_type.endswith("+json"):
            raise UnsupportedMediaType("send the body as JSON, with Content-Type: application/json")

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes. Raises ``BrokenOff`` when the sender goes away before its end."""
        was_connected = self.is_connected
        try:
            async with aclosing(super().stream()) as chunks:
                async for chunk in chunks:
                    yield chunk
        except InternalServerException:
            if not was_connected:  # then it is not the sender's doing: somebody read the body twice
                raise
            raise BrokenOff("the connection broke off before the end of the request") from None


class Upload(NamedTuple):
    """The one file of a form: what it was called, and its bytes as they come. They are read once, and to the end."""

    filename: str
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def one_file(request: Request[Any, Any, Any], field: str, *, limit: int) -> AsyncIterator[Upload]:
    """The file that is all of a form, in a part called ``field`` (multipart/form-data, RFC 7578).

    Nothing of it is kept on the way: whoever takes the chunks decides where they go. Raises ``UnsupportedMediaType``;
    ``Malformed`` for anything but one file; ``TooLarge`` when it is over ``limit``.
    """
    media_type, options = request.content_type
    if media_type != MULTIPART:
        raise UnsupportedMediaType(f"send the file in a form: {MULTIPART}")
    async with aclosing(_parts(request, options.get("boundary", ""), limit + FORM_ROOM)) as parts:
        first = await anext(parts, None)
        if not isinstance(first, MultipartSegment) or first.name != field or not first.filename:
            raise _not_one_file(field)
        yield Upload(first.filename, _content(parts, field))


async def _content(
    parts: AsyncIterator[MultipartSegment | bytes | bytearray | None], field: str
) -> AsyncIterator[bytes]:
    async for part in parts:
        if isinstance(part, MultipartSegment):
            raise _not_one_file(field)
        if part:
            yield bytes(part)


def _not_one_file(field: str) -> Malformed:
    fault = Fault("one file is needed here, and nothing besides it", f"/{field}", "one-file")
    return Malformed(f"send a form with one file in it, in a field called {field}", faults=(fault,))


async def _parts(
    request: Request[Any, Any, Any], boundary: str, limit: int
) -> AsyncGenerator[MultipartSegment | bytes | bytearray | None, None]:
    """The head of each part, then its bytes, then ``None`` for its end."""
    size = 0
    try:
        with PushMultipartParser(boundary, max_segment_count=2) as parser:
            async with aclosing(request.stream()) as chunks:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge("the file is larger than this service takes: /api/v1/upload-rules says how much")
                    for part in parser.parse(chunk) if chunk else ():
                        yield part
    except MultipartError as error:
        raise Malformed(f"the form cannot be read: {error}") from error
