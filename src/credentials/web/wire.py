"""What requests and answers share: pages of a list, entity tags, answers that are remembered."""

import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from litestar import Request, Response
from litestar.enums import MediaType

from credentials.db import Session
from credentials.errors import Malformed
from credentials.people.model import Act
from credentials.replies import service as replies
from credentials.replies.model import Reply

T = TypeVar("T")

MAX_PAGE = 200


class Wire(msgspec.Struct, kw_only=True, rename="camel"):
    """What is answered. Members are in camel case, as in the standards."""


class Asked(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What is asked. A member that nothing would read is refused, so that nobody believes it was."""


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list. ``next`` is the ``cursor`` of the page behind it, absent on the last one."""

    items: Sequence[T]
    next: str | None = None


def page(found: Sequence[Any], limit: int, shown: Callable[[Any], T], place: Callable[[Any], Sequence[str]]) -> Page[T]:
    """A page from ``limit + 1`` items that were asked for: one more than is shown tells whether there is a next page."""
    items = found[:limit]
    more = len(found) > limit
    return Page(items=[shown(item) for item in items], next=write_cursor(place(items[-1])) if more else None)


def write_cursor(place: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(list(place))).rstrip(b"=").decode()


def read_cursor(cursor: str | None, parts: int = 1) -> tuple[str, ...]:
    """Where the page begins: behind these values; empty ones for the first page."""
    if not cursor:
        return ("",) * parts
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=list[str])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        place = []
    if len(place) != parts or any("\x00" in part for part in place):
        raise Malformed("this cursor is not one of ours: begin without one")
    return tuple(place)


def etag(revision: int) -> str:
    return f'"{revision}"'


def revision_of(if_match: str) -> int:
    """The revision that an ``If-Match`` names."""
    plain = if_match.strip().removeprefix("W/").strip('"')
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 9:
        raise Malformed("If-Match must be the ETag of what you read")
    return int(plain)


async def once(
    request: Request[Any, Any, Any],
    session: Session,
    act: Act,
    work: Callable[[], Awaitable[Any]],
    *,
    status: int = 201,
    body: bytes | None = None,
) -> Response[Any]:
    """Do ``work`` and answer what it returns; with an ``Idempotency-Key``, at most once for this caller and key.

    ``body``: what tells this request from another, when it is not the request's own body (a file that was streamed).
    """

    async def done() -> Reply:
        return Reply(
            caller=asked.caller,
            key=asked.key,
            fingerprint=asked.fingerprint,
            at=asked.at,
            status=status,
            headers={},
            body=msgspec.json.encode(await work()),
        )

    key = request.headers.get("idempotency-key", "")
    fingerprint = hashlib.sha256(
        b"\n".join(
            (request.method.encode(), request.url.path.encode(), body if body is not None else await request.body())
        )
    )
    asked = Reply(
        caller=act.actor.person_id,
        key=key,
        fingerprint=fingerprint.hexdigest(),
        status=0,
        headers={},
        body=b"",
        at=act.now,
    )
    if len(key) > 255 or not key.isprintable():
        raise Malformed("an Idempotency-Key has at most 255 printable characters")
    reply = await replies.once(session, asked, done) if key else await done()
    return Response(content=reply.body, status_code=reply.status, media_type=MediaType.JSON)
