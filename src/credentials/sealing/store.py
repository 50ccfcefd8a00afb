from collections.abc import AsyncIterator, Iterable
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from credentials.db import Session, find_all, find_by, find_groups, find_one, insert_once, known, one_by_id
from credentials.sealing.model import Format, Intent, Sealed, Source
from credentials.sealing.tables import intents, sealed

_INTENT_FOR = select(intents).where(intents.c.source_kind == bindparam("kind"), intents.c.source_id == bindparam("id"))
_SEALED_AS = select(sealed).where(sealed.c.intent_id == bindparam("intent"), sealed.c.format == bindparam("format"))


async def add_intent(session: Session, intent: Intent) -> bool:
    """Whether it was added: a source has one."""
    return await insert_once(session, intents, intent)


async def intent_for(session: Session, source: Source) -> Intent | None:
    return await find_one(session, Intent, _INTENT_FOR, {"kind": source.kind, "id": source.id})


async def intents_of_document(session: Session, owner: str, kind: str, document_id: str) -> list[Intent]:
    """What an owner has issued under one id, for sources of one kind."""
    where = (intents.c.document_id == document_id, intents.c.owner == owner, intents.c.source_kind == kind)
    return await find_all(session, Intent, select(intents).where(*where))


async def newest_of_document(session: Session, owner: str, kind: str, document_id: str) -> Intent | None:
    """The newest that is sealed of what an owner has issued under one id."""
    where = (intents.c.document_id == document_id, intents.c.owner == owner, intents.c.source_kind == kind)
    query = select(intents).where(*where, intents.c.sealed_at.is_not(None)).order_by(intents.c.id.desc()).limit(1)
    return await find_one(session, Intent, query)


async def intent(session: Session, intent_id: str) -> Intent:
    return await one_by_id(session, Intent, intents, intent_id, "there is no such intent")


async def waiting(session: Session, *, kinds: Iterable[str]) -> list[Intent]:
    """Intents that are not sealed: a crash came between, and they are to be finished. There are few: those that were being
    sealed when a process died, and those of an organisation that cannot sign."""
    query = select(intents).where(intents.c.sealed_at.is_(None), intents.c.source_kind.in_(set(kinds)))
    return await find_all(session, Intent, query.order_by(intents.c.id))


_MARK_SEALED = update(intents).where(intents.c.id == bindparam("of_id"), intents.c.sealed_at.is_(None))


async def mark_sealed(session: Session, intent_id: str, now: datetime) -> bool:
    """Whether this is the first time."""
    return (await session.execute(_MARK_SEALED, {"of_id": intent_id, "sealed_at": now})).rowcount == 1


async def add_sealed(session: Session, document: Sealed) -> bool:
    """Whether it was added: there may be the very same octets already."""
    return await insert_once(session, sealed, document)


async def note_twin(session: Session, intent_id: str, digest: str) -> None:
    """That the intent gave octets that another one has given before."""
    before = select(sealed.c.intent_id).where(sealed.c.digest == digest).scalar_subquery()
    await session.execute(update(intents).where(intents.c.id == intent_id).values(twin=before))


async def sealed_of(session: Session, intent_id: str) -> tuple[Sealed, ...]:
    found = select(func.coalesce(intents.c.twin, intents.c.id)).where(intents.c.id == intent_id).scalar_subquery()
    query = select(sealed).where(sealed.c.intent_id == found).order_by(sealed.c.format)
    return tuple(await find_all(session, Sealed, query))


async def sealed_as(session: Session, intent_id: str, format_: Format) -> Sealed:
    found = await find_one(session, Sealed, _SEALED_AS, {"intent": intent_id, "format": format_})
    return known(found, "this document is not there in this format")


async def sealed_all_as(session: Session, intent_ids: Iterable[str], format_: Format) -> dict[str, Sealed]:
    """Those of these intents that are sealed in a format, by intent."""
    query = select(sealed).where(sealed.c.intent_id.in_(set(intent_ids)), sealed.c.format == format_)
    return await find_by(session, Sealed, sealed.c.intent_id, query)


async def which_are_sealed(session: Session, intent_ids: Iterable[str]) -> set[str]:
    """Those of these intents that have a signed document."""
    query = select(sealed.c.intent_id).where(sealed.c.intent_id.in_(set(intent_ids))).distinct()
    return set((await session.execute(query)).scalars())


async def all_sealed(session: Session, *, batch: int = 500) -> AsyncIterator[tuple[Intent, Sealed]]:
    """Everything that was ever sealed, in order, a batch at a time."""
    last = ""
    while True:
        page = select(intents).where(intents.c.id > last, intents.c.sealed_at.is_not(None))
        rows = await find_all(session, Intent, page.order_by(intents.c.id).limit(batch))
        if not rows:
            return
        found = select(sealed).where(sealed.c.intent_id.in_([row.id for row in rows]))
        documents = await find_groups(session, Sealed, sealed.c.intent_id, found)
        for intent_row in rows:
            for document in documents[intent_row.id]:
                yield intent_row, document
        last = rows[-1].id
