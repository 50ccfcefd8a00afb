"""The worker of a running service that verifies batches, beside what it does for people who wait."""

import asyncio
import logging
from collections.abc import Callable

from credentials.verification import batches
from credentials.verification import service as verification
from credentials.verification.batches import Batch, Follow, Verify
from credentials.verification.model import Report
from credentials.web.asking import policy_of
from credentials.web.parts import Parts
from credentials.web.presenting import at_address
from credentials.web.sources import OPERATOR, Kept, OwnSources, view_of

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two looks for work."""


async def verifier(parts: Parts, batch: Batch) -> tuple[Verify, Follow]:
    """What a batch is verified with. What our own house knows of an issuer is asked once for a batch's moment."""
    view = OPERATOR
    if batch.organisation:
        async with parts.database.read() as session:
            view = await view_of(session, batch.organisation)
    sources = Kept(OwnSources(parts.database, parts.settings.base_url, parts.fetch, parts.pinned, view), parts.database)
    policy = policy_of(parts.settings)

    async def verify(octets: bytes) -> Report:
        sources.at(parts.now())
        return await verification.verify(
            octets,
            parts.contexts,
            sources,
            now=parts.now(),
            policy=policy,
            memory=parts.memory,
            question=batch.question,
        )

    async def follow(link: str) -> bytes:
        return await at_address(parts, link)

    return verify, follow


async def work_all(parts: Parts, go_on: Callable[[], bool] = lambda: True) -> int:
    """Verify whatever waits; answers how many batches were worked on."""
    count = 0
    while go_on() and await batches.work_on(
        parts.database, parts.now, lambda batch: verifier(parts, batch), go_on=go_on
    ):
        count += 1
    return count


async def work(parts: Parts, stop: asyncio.Event) -> None:
    """Until the service stops. Whatever goes wrong is logged, and the batch is taken up again."""
    while not stop.is_set():
        try:
            await work_all(parts, lambda: not stop.is_set())
        except Exception:
            log.exception("a batch broke off; it is taken up again")
        try:
            await asyncio.wait_for(stop.wait(), PAUSE)
        except TimeoutError:
            continue
