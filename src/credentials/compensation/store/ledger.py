"""The books of the recognisers: what is written into them, and read as it was written."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Select, func, insert, select, update

from credentials.compensation.model.ledger import Entry, Posting
from credentials.compensation.tables import books, entries, postings
from credentials.db import Session, find_groups, insert_once, to_struct


async def hold_book(session: Session, organisation_id: str) -> int:
    """Hold a recogniser's ledger until the transaction ends; answers the sequence of its last posting."""
    await insert_once(session, books, {"organisation_id": organisation_id, "sequence": 0})
    query = select(books.c.sequence).where(books.c.organisation_id == organisation_id).with_for_update()
    return int((await session.execute(query)).scalar_one())


async def post(session: Session, posted: Sequence[Posting]) -> None:
    """Write postings, of which the last has the book's new sequence. One that is there already breaks the transaction."""
    if not posted:
        return
    heads = [msgspec.structs.asdict(posting) for posting in posted]
    for head in heads:
        del head["entries"]
    await session.execute(insert(postings), heads)
    rows = [
        {"posting_id": posting.id, "place": place, **msgspec.structs.asdict(entry)}
        for posting in posted
        for place, entry in enumerate(posting.entries)
    ]
    if rows:
        await session.execute(insert(entries), rows)
    last = posted[-1]
    where = books.c.organisation_id == last.organisation_id
    await session.execute(update(books).where(where).values(sequence=last.sequence))


async def postings_of(
    session: Session, organisation_id: str, educator_id: str | None, *, after: int = 0, limit: int = 50
) -> list[Posting]:
    """In the order of the ledger; of one person, or of all."""
    query = select(postings).where(postings.c.organisation_id == organisation_id, postings.c.sequence > after)
    if educator_id:
        query = query.where(postings.c.educator_id == educator_id)
    return await _postings(session, query.order_by(postings.c.sequence).limit(limit))


async def postings_of_claims(session: Session, claim_ids: Iterable[str]) -> list[Posting]:
    query = select(postings).where(postings.c.claim_id.in_(set(claim_ids)))
    return await _postings(session, query.order_by(postings.c.organisation_id, postings.c.sequence))


async def _postings(session: Session, query: Select[Any]) -> list[Posting]:
    rows = (await session.execute(query)).all()
    found = select(entries).where(entries.c.posting_id.in_([row.id for row in rows])).order_by(entries.c.place)
    lines = await find_groups(session, Entry, entries.c.posting_id, found)
    return [to_struct(row, Posting, entries=tuple(lines[row.id])) for row in rows]


async def unbalanced(session: Session) -> list[str]:
    """Postings whose entries do not come to nothing."""
    query = select(entries.c.posting_id).group_by(entries.c.posting_id, entries.c.unit)
    rows = await session.execute(query.having(func.sum(entries.c.amount) != 0))
    return sorted(set(rows.scalars()))


async def books_with_gaps(session: Session) -> list[str]:
    """Recognisers whose ledger does not have as many postings as its last one says."""
    query = (
        select(books.c.organisation_id)
        .join(postings, postings.c.organisation_id == books.c.organisation_id, isouter=True)
        .group_by(books.c.organisation_id, books.c.sequence)
        .having(func.count(postings.c.id) != books.c.sequence)
    )
    return sorted((await session.execute(query)).scalars())
