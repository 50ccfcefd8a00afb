import msgspec

from credentials.audit import chain
from credentials.audit.model import Break
from credentials.db import Session
from credentials.log import store
from credentials.log.model import Leaf
from credentials.log.store import find, read_head, signed_at

__all__ = ["append", "breaks", "find", "read_head", "signed_at"]


async def append(session: Session, leaf: Leaf) -> int:
    """Record a signed document in the transaction that stores it. Answers its place."""
    link = chain.following(await store.lock_head(session), msgspec.json.encode(leaf, order="deterministic"))
    await store.add(session, link, leaf.digest)
    return link.sequence


async def breaks(session: Session) -> list[Break]:
    """Where the record was changed, if anywhere."""
    last = chain.START
    async for link in store.chain(session):
        if broken := chain.follows(last, link):
            return [broken]
        last = link
    broken = chain.ends_at(last, await read_head(session))
    return [broken] if broken else []
