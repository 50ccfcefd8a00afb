import msgspec

from credentials.audit import chain, store
from credentials.audit.model import Break, Entry
from credentials.audit.store import about, about_all, last, read_head
from credentials.db import Session

__all__ = ["about", "about_all", "breaks", "last", "read_head", "record"]


async def record(session: Session, entry: Entry) -> int:
    """Chain a decision, in the transaction that carries it out. Answers its place in the chain.

    Call it last: from here to the end of the transaction nobody else can record.
    """
    link = chain.following(await store.lock_head(session), msgspec.json.encode(entry, order="deterministic"))
    await store.add(session, link, entry)
    return link.sequence


async def breaks(session: Session) -> list[Break]:
    """Where the record was changed, if anywhere: the first break of the chain, and every row that lies about its body."""
    found: list[Break] = []
    last = chain.START
    async for link in store.chain(session):
        if broken := chain.follows(last, link):
            found.append(broken)
            break
        last = link
    else:
        if broken := chain.ends_at(last, await read_head(session)):
            found.append(broken)
    found += [
        Break(sequence, f"the columns of entry {sequence} do not say what its body says")
        async for sequence in store.columns_that_disagree(session)
    ]
    return found
