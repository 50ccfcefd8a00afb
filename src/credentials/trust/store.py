from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, update

from credentials.db import Session, change_row, find_all, find_one, insert_all, insert_once, known
from credentials.errors import Stale
from credentials.proofs.model import KeyType
from credentials.trust.model import KeyState, Recognition, SigningKey, TrustedIssuer
from credentials.trust.tables import issuers, keys, recognitions

_ACTIVE_KEY = select(keys).where(
    keys.c.owner == bindparam("owner"), keys.c.key_type == bindparam("key_type"), keys.c.state == KeyState.ACTIVE
)
_KEYS_OF_DID = select(keys).where(keys.c.did == bindparam("did")).order_by(keys.c.created_at, keys.c.id)


async def add_key(session: Session, key: SigningKey) -> bool:
    """Whether it was added: an owner has one active key of a type."""
    return await insert_once(session, keys, key)


async def active_key(session: Session, owner: str, key_type: KeyType) -> SigningKey | None:
    return await find_one(session, SigningKey, _ACTIVE_KEY, {"owner": owner, "key_type": key_type})


async def key(session: Session, key_id: str) -> SigningKey | None:
    return await find_one(session, SigningKey, select(keys).where(keys.c.id == key_id))


async def keys_of_did(session: Session, did: str) -> list[SigningKey]:
    """All keys that a DID ever had, oldest first."""
    return await find_all(session, SigningKey, _KEYS_OF_DID, {"did": did})


async def all_keys(session: Session) -> list[SigningKey]:
    return await find_all(session, SigningKey, select(keys).order_by(keys.c.id))


async def change_key(session: Session, key_id: str, **values: Any) -> None:
    await session.execute(update(keys).where(keys.c.id == key_id).values(**values))


async def trusted_issuers(session: Session) -> list[TrustedIssuer]:
    return await find_all(session, TrustedIssuer, select(issuers).order_by(issuers.c.id))


async def trusted_issuer(session: Session, issuer_id: str) -> TrustedIssuer | None:
    return await find_one(session, TrustedIssuer, select(issuers).where(issuers.c.id == issuer_id))


async def trust_issuer(session: Session, issuer: TrustedIssuer) -> None:
    values = {"id": issuer.id, "name": issuer.name, "from_": issuer.from_, "until": issuer.until}
    if not await insert_once(session, issuers, values):
        await session.execute(update(issuers).where(issuers.c.id == issuer.id).values(**values))


async def distrust_issuer(session: Session, issuer_id: str) -> bool:
    return (await session.execute(delete(issuers).where(issuers.c.id == issuer_id))).rowcount == 1


async def recognitions_of(session: Session, issuer: str, owners: Sequence[str]) -> list[Recognition]:
    """What these organisations say of one issuer, today or on any other day."""
    query = select(recognitions).where(recognitions.c.owner.in_(owners), recognitions.c.issuer == issuer)
    return await find_all(session, Recognition, query.order_by(recognitions.c.id))


async def recognised_host(session: Session, host: str, owners: Sequence[str]) -> bool:
    """Whether the operator, or any of these organisations, names an issuer whose id is at a host."""
    for column, more in (
        (issuers.c.id, ()),
        (recognitions.c.issuer, (recognitions.c.owner.in_(owners),)),
    ):
        at_host = or_(
            column.in_([f"https://{host}", f"did:web:{host}"]),
            column.startswith(f"https://{host}/", autoescape=True),
            column.startswith(f"did:web:{host}:", autoescape=True),
        )
        if (await session.execute(select(column).where(at_host, *more).limit(1))).first() is not None:
            return True
    return False


async def registry_of(session: Session, owner: str, *, after: str = "", limit: int = 50) -> list[Recognition]:
    """The lines of one organisation's own registry, in the order of their making."""
    query = select(recognitions).where(recognitions.c.owner == owner, recognitions.c.id > after)
    return await find_all(session, Recognition, query.order_by(recognitions.c.id).limit(limit))


async def inherited(session: Session, owners: Sequence[str], now: datetime, *, limit: int = 200) -> list[Recognition]:
    """What organisations above recognise now, by the issuers' names."""
    query = select(recognitions).where(
        recognitions.c.owner.in_(owners), or_(recognitions.c.until.is_(None), recognitions.c.until > now)
    )
    return await find_all(session, Recognition, query.order_by(recognitions.c.name, recognitions.c.id).limit(limit))


async def recognition(session: Session, owner: str, recognition_id: str, *, lock: bool = False) -> Recognition:
    query = select(recognitions).where(recognitions.c.id == recognition_id, recognitions.c.owner == owner)
    return known(await find_one(session, Recognition, query, lock=lock), "there is no such line in this registry")


async def count_recognitions(session: Session, owner: str) -> int:
    query = select(func.count()).select_from(recognitions).where(recognitions.c.owner == owner)
    return int((await session.execute(query)).scalar_one())


async def add_recognitions(session: Session, made: Sequence[Recognition]) -> None:
    await insert_all(session, recognitions, made)


async def change_recognition(session: Session, changed: Recognition, *, revision: int) -> Recognition:
    if not await change_row(session, recognitions, changed.id, revision, msgspec.structs.asdict(changed)):
        raise Stale("this line was changed by somebody else: read it again and repeat your change")
    return msgspec.structs.replace(changed, revision=revision + 1)


async def listed_at(session: Session, owner: str, source: str) -> datetime | None:
    """The date of the newest edition of a signed list that an organisation has taken."""
    query = select(func.max(recognitions.c.listed_at)).where(
        recognitions.c.owner == owner, recognitions.c.source == source
    )
    newest: datetime | None = (await session.execute(query)).scalar_one()
    return newest


async def end_source(session: Session, owner: str, source: str, now: datetime) -> int:
    """End all open lines that came from one source; answers how many."""
    return await _end(session, owner, recognitions.c.source == source, now)


async def end_issuer(session: Session, owner: str, issuer: str, now: datetime) -> int:
    """End all open lines about one issuer; answers how many."""
    return await _end(session, owner, recognitions.c.issuer == issuer, now)


async def _end(session: Session, owner: str, which: ColumnElement[bool], now: datetime) -> int:
    where = (
        recognitions.c.owner == owner,
        which,
        or_(recognitions.c.until.is_(None), recognitions.c.until > now),
    )
    values = {"until": now, "revision": recognitions.c.revision + 1}
    return (await session.execute(update(recognitions).where(*where).values(**values))).rowcount
