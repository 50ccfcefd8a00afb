"""What requests and answers share: their shapes, pages of a list, entity tags."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Response

from credentials.errors import Fault, Malformed

T = TypeVar("T")

PAGE = 50
MAX_PAGE = 200
"""How many items a page has, and can have."""
YEARS = range(1900, 3000)
"""In which every moment lies that somebody may name: at the ends of what a calendar can hold, its zone cannot be changed."""


class Wire(msgspec.Struct, kw_only=True, rename="camel"):
    """What is answered. Members are in camel case, as in the standards."""


class Asked(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What is asked. A member that nothing would read is refused, so that nobody believes it was."""

    def __post_init__(self) -> None:
        for name, member in zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True):
            value = getattr(self, name)
            if isinstance(value, datetime) and (value.tzinfo is None or value.year not in YEARS):
                raise ValueError(f"write {member} as a moment with its time zone, such as 2027-01-31T12:00:00Z")


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list. ``next`` is the ``cursor`` of the page behind it, null on the last one."""

    items: Sequence[T]
    next: str | None = None


def by_id(item: Any) -> tuple[str]:
    """The place of an item in a list that is in the order of ids."""
    return (item.id,)


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """Which page of a list is asked for. ``path`` and ``query`` are the request's own: the next page is asked for with
    them, too."""

    cursor: str | None
    limit: int
    path: str
    query: tuple[tuple[str, str], ...] = ()

    @property
    def enough(self) -> int:
        """One more than is shown: it tells whether there is a next page."""
        return self.limit + 1

    def after(self, parts: int = 1) -> tuple[str, ...]:
        """Behind what the page begins; empty for the first one."""
        return read_cursor(self.cursor, parts)

    def page(
        self, found: Sequence[Any], shown: Callable[[Any], T], place: Callable[[Any], Sequence[str]] = by_id
    ) -> Response[Page[T]]:
        """The page, from ``enough`` items that were asked for, with a link to the next one (RFC 8288). ``place``: where an
        item stands in the order of the list."""
        items = found[: self.limit]
        following = write_cursor(place(items[-1])) if len(found) > self.limit else None
        headers = {}
        if following:
            address = f"{self.path}?{urlencode([*self.query, ('cursor', following)])}"
            headers["Link"] = f'<{address}>; rel="next"'
        return Response(Page(items=[shown(item) for item in items], next=following), headers=headers)


def paging_of(path: str, query: Sequence[tuple[str, str]]) -> Paging:
    """Which page a request asks for. Raises ``Malformed``."""
    values = dict(query)
    limit = values.get("limit", str(PAGE))
    if not (limit.isascii() and limit.isdecimal() and len(limit) <= len(str(MAX_PAGE)) and 0 < int(limit) <= MAX_PAGE):
        fault = Fault(f"give a number from 1 to {MAX_PAGE}", "limit", "invalid")
        raise Malformed("the length of a page cannot be read", faults=(fault,))
    others = tuple((name, value) for name, value in query if name != "cursor")
    return Paging(cursor=values.get("cursor"), limit=int(limit), path=path, query=others)


def write_cursor(place: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(list(place))).rstrip(b"=").decode()


def read_cursor(cursor: str | None, parts: int = 1) -> tuple[str, ...]:
    """Where the page begins: behind these values; empty ones for the first page."""
    if not cursor:
        return ("",) * parts
    try:
        octets = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(octets, type=list[str])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise not_our_cursor() from None
    if len(place) != parts or any("\x00" in part for part in place):
        raise not_our_cursor()
    return tuple(place)


def not_our_cursor() -> Malformed:
    fault = Fault("give a cursor as it was answered, or none", "cursor", "invalid")
    return Malformed("this cursor is not one of ours: begin without one", faults=(fault,))


def etag(revision: int) -> str:
    return f'"{revision}"'


def revision_of(if_match: str) -> int:
    """The revision that an ``If-Match`` names. A proxy that compresses may have made the tag a weak one."""
    plain = if_match.strip().removeprefix("W/").strip('"')
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 9:
        raise Malformed(
            "If-Match must be the ETag of what you read",
            faults=(Fault("give one entity tag as it was answered", "If-Match", "invalid"),),
        )
    return int(plain)
