from typing import Any

import msgspec
from sqlalchemy import delete, select, update

from credentials.db import Session, insert_once, to_struct
from credentials.proofs.model import KeyType
from credentials.trust.model import KeyState, SigningKey, TrustedIssuer
from credentials.trust.tables import issuers, keys


async def add_key(session: Session, key: SigningKey) -> bool:
    """Whether it was added: an owner has one active key of a type."""
    return await insert_once(session, keys, msgspec.structs.asdict(key))


async def active_key(session: Session, owner: str, key_type: KeyType) -> SigningKey | None:
    where = (keys.c.owner == owner, keys.c.key_type == key_type, keys.c.state == KeyState.ACTIVE)
    row = (await session.execute(select(keys).where(*where))).one_or_none()
    return to_struct(row, SigningKey) if row else None


async def key(session: Session, key_id: str) -> SigningKey | None:
    row = (await session.execute(select(keys).where(keys.c.id == key_id))).one_or_none()
    return to_struct(row, SigningKey) if row else None


async def keys_of_did(session: Session, did: str) -> list[SigningKey]:
    """All keys that a DID ever had, oldest first."""
    query = select(keys).where(keys.c.did == did).order_by(keys.c.created_at, keys.c.id)
    return [to_struct(row, SigningKey) for row in await session.execute(query)]


async def all_keys(session: Session) -> list[SigningKey]:
    return [to_struct(row, SigningKey) for row in await session.execute(select(keys).order_by(keys.c.id))]


async def change_key(session: Session, key_id: str, **values: Any) -> None:
    await session.execute(update(keys).where(keys.c.id == key_id).values(**values))


async def trusted_issuers(session: Session) -> list[TrustedIssuer]:
    return [to_struct(row, TrustedIssuer) for row in await session.execute(select(issuers).order_by(issuers.c.id))]


async def trusted_issuer(session: Session, issuer_id: str) -> TrustedIssuer | None:
    row = (await session.execute(select(issuers).where(issuers.c.id == issuer_id))).one_or_none()
    return to_struct(row, TrustedIssuer) if row else None


async def trust_issuer(session: Session, issuer: TrustedIssuer) -> None:
    values = msgspec.structs.asdict(issuer)
    if not await insert_once(session, issuers, values):
        await session.execute(update(issuers).where(issuers.c.id == issuer.id).values(**values))


async def distrust_issuer(session: Session, issuer_id: str) -> bool:
    return (await session.execute(delete(issuers).where(issuers.c.id == issuer_id))).rowcount == 1
