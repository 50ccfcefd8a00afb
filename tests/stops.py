"""A process that dies at a step of its work: everything it had in memory is gone, what was committed or written is there.

The doors through which work leaves a process (its database, its key store, the fence of status places) are handed in; here
they count what passes and stop at the step that a test names.
"""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from credentials.db import Database, Session
from credentials.proofs.keys import PublicKey
from credentials.proofs.model import KeyType
from credentials.status.service import Fence
from credentials.trust.model import KeyStore, Signer, SigningKey
from credentials.web.parts import Parts


class Stopped(BaseException):
    """Not an ``Exception``: nothing may catch it, as nothing catches the end of a process."""


class Steps:
    """The steps that were taken, by name. ``stop_at`` counts from 1; without it nothing stops.

    ``statements``: whether every SQL statement is a step too. It tells nothing new, because what is not committed is rolled
    back, except where something outside the database was changed meanwhile; so the long form does it.
    """

    def __init__(self, stop_at: int | None = None, *, statements: bool = False) -> None:
        self.stop_at = stop_at
        self.statements = statements
        self.taken: list[str] = []
        self.signed: list[bytes] = []

    def take(self, name: str) -> None:
        self.taken.append(name)
        if len(self.taken) == self.stop_at:
            raise Stopped(name)


class StoppingSession:
    def __init__(self, session: Session, steps: Steps) -> None:
        self._session = session
        self._steps = steps

    async def execute(self, statement: Any, *args: Any, **options: Any) -> Any:
        if self._steps.statements:
            self._steps.take("before a statement")
        return await self._session.execute(statement, *args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class StoppingDatabase:
    def __init__(self, database: Database, steps: Steps) -> None:
        self._database = database
        self._steps = steps

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        async with self._database.read() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        async with self._database.write() as session:
            yield cast(Session, StoppingSession(session, self._steps))
            self._steps.take("before a commit")
        self._steps.take("after a commit")


class StoppingSigner:
    def __init__(self, signer: Signer, steps: Steps) -> None:
        self.verification_method = signer.verification_method
        self.key_type = signer.key_type
        self._signer = signer
        self._steps = steps

    async def sign(self, message: bytes) -> bytes:
        self._steps.take("before a signature")
        signature = await self._signer.sign(message)
        self._steps.signed.append(signature)
        self._steps.take("after a signature")
        return signature


class StoppingKeyStore:
    def __init__(self, keystore: KeyStore, steps: Steps) -> None:
        self._keystore = keystore
        self._steps = steps

    def create(self, key_id: str, key_type: KeyType) -> PublicKey:
        self._steps.take("before a key is made")
        made = self._keystore.create(key_id, key_type)
        self._steps.take("after a key is made")
        return made

    def signer(self, key: SigningKey) -> Signer:
        return cast(Signer, StoppingSigner(self._keystore.signer(key), self._steps))

    def discard(self, key_id: str) -> None:
        self._keystore.discard(key_id)


class StoppingFence:
    def __init__(self, fence: Fence, steps: Steps) -> None:
        self._fence = fence
        self._steps = steps

    def pass_once(self, list_id: str, index: int) -> bool:
        self._steps.take("before the fence")
        passed = self._fence.pass_once(list_id, index)
        self._steps.take("after the fence")
        return passed


def stopping(parts: Parts, steps: Steps) -> Parts:
    """The parts of a process that dies at a step."""
    database = cast(Database, StoppingDatabase(parts.database, steps))
    keystore = cast(KeyStore, StoppingKeyStore(parts.office.gate.keystore, steps))
    gate = dataclasses.replace(parts.office.gate, database=database, keystore=keystore)
    office = dataclasses.replace(parts.office, gate=gate, fence=StoppingFence(parts.office.fence, steps))
    return dataclasses.replace(parts, database=database, office=office)
