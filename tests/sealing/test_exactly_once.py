"""An intent is sealed once, whoever comes and however often, even where signing twice gives two signatures."""

import asyncio
import dataclasses
from typing import Any

import msgspec
import pytest

from credentials.db import Session
from credentials.ids import new_id
from credentials.issuing.model import STATUS_LIST
from credentials.log import service as log
from credentials.openbadges.build import StatusList, status_list_credential
from credentials.proofs.model import KeyType
from credentials.sealing import service as sealing
from credentials.sealing.model import Intent, Means, Sealed, Source
from credentials.status.bitstring import encode
from credentials.status.model import LIST_SIZE
from credentials.trust.model import SigningKey
from credentials.web.parts import Parts

ECDSA = Means("ecdsa-rdfc-2019", KeyType.P256)


class Twice:
    """A key store whose signatures differ each time, and which lets a second worker come in between."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.asked = 0
        self.both = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def signer(self, key: SigningKey) -> Any:
        inner, outer = self._store.signer(key), self

        class Signer:
            verification_method = inner.verification_method
            key_type = inner.key_type

            async def sign(self, message: bytes) -> bytes:
                outer.asked += 1
                if outer.asked == 2:
                    outer.both.set()
                await asyncio.wait_for(outer.both.wait(), 10)
                return await inner.sign(message)

        return Signer()


async def prepared(parts: Parts) -> Intent:
    gate, now = parts.office.gate, parts.now()
    document = status_list_credential(
        StatusList(
            url="https://alder.test/status/1",
            issuer="did:web:alder.test",
            purpose="revocation",
            encoded=encode(LIST_SIZE, []),
            valid_from=now,
            valid_until=now.replace(year=now.year + 1),
            ttl=1,
        )
    )
    async with parts.database.write() as session:
        return await sealing.prepare(
            session,
            gate,
            now,
            intent_id=new_id(parts.ids, now),
            source=Source(STATUS_LIST, "one:1:2026-09-01"),
            owner="alder",
            did="did:web:alder.test",
            document=document,
            means=(ECDSA,),
        )


async def test_two_workers_with_an_hsm_store_one_signature_and_both_answer_it(hsm_parts: Parts) -> None:
    intent = await prepared(hsm_parts)
    store = Twice(hsm_parts.office.gate.keystore)
    gate = dataclasses.replace(hsm_parts.office.gate, keystore=store)
    recorded: list[str] = []

    async def record(_session: Session, of: Intent, sealed: tuple[Sealed, ...]) -> None:
        recorded.append(sealed[0].digest)

    one, other = await asyncio.gather(
        sealing.seal(gate, hsm_parts.now(), intent.id, record), sealing.seal(gate, hsm_parts.now(), intent.id, record)
    )
    assert store.asked == 2, "both had signed before either had stored"
    assert one == other
    assert recorded == [one[0].digest], "whoever comes second stores and records nothing"
    assert b'"cryptosuite":"ecdsa-rdfc-2019"' in one[0].body
    async with hsm_parts.database.read() as session:
        assert await sealing.sealed_of(session, intent.id) == one
        assert len(await log.find(session, one[0].digest)) == 1
        assert (await log.read_head(session))[0] == 1, "the log knows one signature"
    assert await sealing.seal(gate, hsm_parts.now(), intent.id, record) == one
    assert store.asked == 2, "what is sealed is not signed again"


async def test_a_crash_after_the_signature_leaves_an_intent_that_is_sealed_with_another_one(hsm_parts: Parts) -> None:
    intent = await prepared(hsm_parts)

    async def crash(_session: Session, _of: Intent, _sealed: tuple[Sealed, ...]) -> None:
        raise RuntimeError("the power went")

    async def nothing(_session: Session, _of: Intent, _sealed: tuple[Sealed, ...]) -> None:
        return None

    with pytest.raises(RuntimeError):
        await sealing.seal(hsm_parts.office.gate, hsm_parts.now(), intent.id, crash)
    async with hsm_parts.database.read() as session:
        assert [one.id for one in await sealing.waiting(session, kinds=[STATUS_LIST])] == [intent.id]
        assert (await log.read_head(session))[0] == 0
    (sealed,) = await sealing.seal(hsm_parts.office.gate, hsm_parts.now(), intent.id, nothing)
    async with hsm_parts.database.read() as session:
        assert await sealing.sealed_of(session, intent.id) == (sealed,)
        assert await sealing.waiting(session, kinds=[STATUS_LIST]) == []


async def test_intents_from_before_there_was_a_choice_are_secured_as_they_were(parts: Parts) -> None:
    old = msgspec.structs.replace(await prepared(parts), means=None)
    assert old.chosen == (Means("eddsa-rdfc-2022", KeyType.ED25519),)
