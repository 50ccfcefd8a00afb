"""What creates something does it once, however often it is asked (``Idempotency-Key``)."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.enums import MediaType

from credentials.db import Session
from credentials.errors import Fault, Malformed
from credentials.people.model import Act
from credentials.replies import service as replies
from credentials.replies.model import Reply

T = TypeVar("T")

KEY = "Idempotency-Key"
MAX_KEY = 255
KEY_PATTERN = r"^[ -~]{0,255}$"
CREATED = 201


class Once(msgspec.Struct, frozen=True):
    """One request that creates something. Without a key it is carried out each time that it comes."""

    request: Request[Any, Any, Any]
    act: Act
    key: str

    async def __call__(
        self, session: Session, work: Callable[[], Awaitable[T]], *, body: bytes | None = None
    ) -> Response[T]:
        """Do ``work`` and answer what it returns; for the same caller and key, at most once.

        ``body``: what tells this request from another, when it is not the request's own body (a file that was streamed).
        Raises ``KeyReused`` when the key came with another request.
        """
        if not self.key:
            return Response(await work(), status_code=CREATED)
        asked = Reply(
            caller=self.act.actor.person_id,
            key=self.key,
            fingerprint=await self._fingerprint(body),
            status=0,
            headers={},
            body=b"",
            at=self.act.now,
        )

        async def done() -> Reply:
            return msgspec.structs.replace(asked, status=CREATED, body=msgspec.json.encode(await work()))

        reply = await replies.once(session, asked, done)
        return Response(reply.body, status_code=reply.status, media_type=MediaType.JSON)  # type: ignore[arg-type]  # T, written

    async def was_done(self, session: Session) -> bool:
        """Whether something was done for this caller and key."""
        return bool(self.key) and await replies.find(session, self.act.actor.person_id, self.key) is not None

    async def _fingerprint(self, body: bytes | None) -> str:
        url = self.request.url
        octets = await self.request.body() if body is None else body
        told = (self.request.method.encode(), url.path.encode(), url.query.encode(), octets)
        return hashlib.sha256(b"\n".join(told)).hexdigest()


def key_of(header: str) -> str:
    """Raises ``Malformed`` for a key that cannot be kept."""
    if len(header) > MAX_KEY or not (header.isascii() and header.isprintable()):
        fault = Fault(f"give at most {MAX_KEY} printable ASCII characters", KEY, "invalid")
        raise Malformed(f"this {KEY} cannot be kept", faults=(fault,))
    return header
