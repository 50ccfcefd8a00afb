"""Two services, each with its own keys: what one issues, the other verifies over TLS, and notices when it is revoked."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore2
import pytest
from builders import CHEAP, TestClock, World
from local_tls import Authority
from server import Server

from credentials import clock
from credentials.awards import service as awards
from credentials.db import migrate
from credentials.fetch import CachedFetch, HttpsFetch, fetch_nothing
from credentials.issuing import service as issuing
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.settings import Environment, Settings
from credentials.trust import service as trust
from credentials.trust.model import TrustedIssuer
from credentials.verification.model import Report
from credentials.verification.service import life_of_list
from credentials.web.api.verification import check
from credentials.web.parts import Parts, open_parts

HOST = "badges.cedar.example"
PUBLIC = "93.184.216.34"


class Home(httpcore2.AnyIOBackend):
    """The internet of the test: whatever public number is connected to, somebody on this machine answers."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    async def connect_tcp(self, host: str, port: int, *rest: Any) -> httpcore2.AsyncNetworkStream:
        assert (host, port) == (PUBLIC, self._port)
        return await super().connect_tcp("127.0.0.1", port, *rest)


async def resolve(host: str, port: int) -> Sequence[str]:
    assert host == HOST
    return (PUBLIC,)


@pytest.fixture
def kek(tmp_path: Path) -> Path:
    path = tmp_path / "kek"
    path.write_bytes(os.urandom(32))
    path.chmod(0o600)
    return path


@asynccontextmanager
async def opened(server: Server, folder: Path, kek: Path) -> AsyncIterator[Parts]:
    """The other service's own parts, beside its process: what its people do."""
    settings = Settings(
        base_url=server.base_url, data_dir=folder / "data", keys_dir=folder / "keys", kek_file=kek, database_url=""
    )
    async with open_parts(
        settings, now=clock.now, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    ) as parts:
        await migrate.upgrade(parts.database)
        yield parts


async def test_a_badge_of_another_service_is_verified_until_it_is_revoked_and_never_without_its_list(
    tmp_path: Path, kek: Path
) -> None:
    authority = Authority()
    theirs = tmp_path / "cedar"
    theirs.mkdir()
    server = Server(theirs, kek=kek, tls=authority.files(HOST, theirs), trust=authority.client, host=HOST)
    door = HttpsFetch("tests/1", tls=authority.client, resolve=resolve, network=Home(server.port), ports=(server.port,))
    moment = clock.now()
    fetch = CachedFetch(door, life=lambda found: life_of_list(found.body))
    ours = Settings(
        environment=Environment.DEVELOPMENT,
        base_url="https://alder.example",
        data_dir=tmp_path / "alder",
        keys_dir=tmp_path / "alder-keys",
        fetch_ports=(str(server.port),),
    )
    try:
        async with (
            opened(server, theirs, kek) as cedar,
            open_parts(ours, now=clock.now, fetch=fetch, password_cost=CHEAP, waits_for_disk=False) as alder,
        ):
            await migrate.upgrade(alder.database)
            world = await World(cedar, TestClock(moment - timedelta(days=1))).found()
            badge, award_id, issuer = await earned(world)
            world.clock.moment = clock.now()
            server.start()

            unknown = await verdict(alder, badge)
            assert unknown.outcome == "indeterminate:did-resolution", (
                "nothing is fetched for an issuer nobody recognises"
            )

            async with alder.database.write() as session:
                await trust.trust_issuer(session, TrustedIssuer(id=issuer, name="The state of Cedar"))
            good = await verdict(alder, badge)
            assert good.outcome == "accept", good.checks
            assert good.issuer is not None
            assert good.issuer.name == "The state of Cedar"

            leader = await world.act("admin")
            await world.do(issuing.revoke, leader, award_id, reason="It was somebody else's work.")
            fresh = HttpsFetch(
                "tests/1", tls=authority.client, resolve=resolve, network=Home(server.port), ports=(server.port,)
            )
            async with open_parts(
                ours, now=clock.now, fetch=fresh, password_cost=CHEAP, waits_for_disk=False
            ) as looking:
                seen = await until(looking, badge, "reject:credential-revoked")
                assert seen.outcome == "reject:credential-revoked", "published within a minute of the revocation"

                server.kill()
                gone = await verdict(looking, badge)
                assert gone.outcome.startswith("indeterminate:"), gone.outcome
    finally:
        server.kill()


async def earned(world: World) -> tuple[bytes, str, str]:
    """A badge by the whole path: document, award, issuer."""
    entry = await world.publish()
    submission = await world.submission(entry)
    await world.decide(submission)
    await world.redeem()
    award = await world.see(awards.by_submission, submission.id)
    await issuing.publish_due_lists(world.parts.office, world.clock())
    sealed = await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)
    intent = await world.see(sealing.intent, award.intent_id)
    return sealed.body, award.id, intent.did


async def verdict(parts: Parts, badge: bytes, now: datetime | None = None) -> Report:
    return await check(parts, badge, now or clock.now())


async def until(parts: Parts, badge: bytes, outcome: str, seconds: int = 60) -> Report:
    for _ in range(seconds * 2):
        found = await verdict(parts, badge)
        if found.outcome == outcome:
            break
        await asyncio.sleep(0.5)
    return found
