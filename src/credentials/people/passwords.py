"""Argon2id (RFC 9106). The only place besides ``proofs`` and ``trust`` that knows ``cryptography``."""

import asyncio
import unicodedata

import msgspec
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from credentials.ids import Ids


class Cost(msgspec.Struct, frozen=True):
    """What guessing costs. Tests pass a cheap one; a service never does."""

    memory_kib: int
    iterations: int
    lanes: int


RFC_9106_LOW_MEMORY = Cost(memory_kib=64 * 1024, iterations=3, lanes=4)
"""The second recommended option of RFC 9106, section 4."""

SALT_BYTES = 16
HASH_BYTES = 32


class PasswordHasher:
    """Hashes and checks off the event loop, at most two at once: each takes its whole memory while it runs."""

    def __init__(self, cost: Cost, ids: Ids) -> None:
        self._cost = cost
        self._ids = ids
        self._turns = asyncio.Semaphore(2)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """The PHC string of the password. Two ways to type one character are one password (SP 800-63B-4, 3.1.1.2)."""
        async with self._turns:
            return await asyncio.to_thread(self._derive, password)

    async def matches(self, password: str, phc: str | None) -> bool:
        """Whether the password fits. With no hash to compare, the same work is done and the answer is no."""
        if phc is None:
            if self._decoy is None:
                self._decoy = await self.hash("nobody has this password")
            phc, known = self._decoy, False
        else:
            known = True
        async with self._turns:
            return await asyncio.to_thread(_verify, password, phc) and known

    def _derive(self, password: str) -> str:
        kdf = Argon2id(
            salt=self._ids.octets(SALT_BYTES),
            length=HASH_BYTES,
            iterations=self._cost.iterations,
            lanes=self._cost.lanes,
            memory_cost=self._cost.memory_kib,
        )
        return kdf.derive_phc_encoded(_octets(password))


def _verify(password: str, phc: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(_octets(password), phc)
    except InvalidKey:
        return False
    return True


def _octets(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
