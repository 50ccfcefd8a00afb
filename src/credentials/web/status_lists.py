"""Published status lists, served from memory: they are asked for more than anything else, and change seldom."""

from collections import OrderedDict
from datetime import UTC, datetime, timedelta

import msgspec

from credentials.db import Database
from credentials.status import service as status
from credentials.status.model import Published

FRESH = timedelta(seconds=2)
"""How long a list is served before it is asked again whether a newer one was published: of the minute in which a change
must show, so much is used here. Other processes publish too, so the database is what is asked."""
MAX_LISTS = 256
"""Lists kept at once, each of some kilobytes; the one not asked for longest is dropped first."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class _Kept(msgspec.Struct):
    published: Published
    asked_at: datetime


class PublishedLists:
    """One process's own copies."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def get(self, list_id: str, now: datetime) -> Published | None:
        """What is published of a list, at most ``FRESH`` old."""
        kept = self._kept.get(list_id)
        if kept is not None:
            self._kept.move_to_end(list_id)
            if abs(now - kept.asked_at) < FRESH:
                return kept.published
            kept.asked_at = now  # whoever comes meanwhile is served what is there: one question is enough
        try:
            return await self._read(list_id, kept, now)
        except BaseException:
            self._kept.pop(list_id, None)
            raise

    def ask_again(self) -> None:
        """A list was published just now: whoever is told so, and looks at once, sees it. Other processes follow in
        ``FRESH``."""
        for kept in self._kept.values():
            kept.asked_at = _LONG_AGO

    async def _read(self, list_id: str, kept: _Kept | None, now: datetime) -> Published | None:
        async with self._database.read() as session:
            mark = await status.published_mark(session, list_id)
            if kept is not None and mark == (kept.published.version, kept.published.digest):
                return kept.published
            found = await status.get_published(session, list_id) if mark else None
        if found is None:
            self._kept.pop(list_id, None)
            return None
        self._kept[list_id] = _Kept(found, now)
        while len(self._kept) > MAX_LISTS:
            self._kept.popitem(last=False)
        return found
