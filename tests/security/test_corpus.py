"""Every hostile sample gets the outcome that its manifest expects, in its time, with no other fetch.

A door is a way in: each takes the world and the octets, and answers the outcome. The library call is here; the API, the page
and the command line are further parameters.
"""

import time
from collections.abc import Awaitable, Callable

import pytest
from hostile_world import Row, World, urls

from credentials.errors import Refused
from credentials.fetch import Unreachable
from credentials.jsonld.contexts import Contexts
from credentials.verification.model import Policy
from credentials.verification.service import Memory, verify

Door = Callable[[World, Contexts, bytes], Awaitable[str]]

SLOW_MACHINE = 4
"""How much slower than the machine of the manifest a loaded CI machine may be."""


async def library(world: World, contexts: Contexts, octets: bytes) -> str:
    report = await verify(octets, contexts, world, now=world.now, policy=world.policy)
    return report.outcome


async def library_as_deployed(world: World, contexts: Contexts, octets: bytes) -> str:
    """With every pinned context, as production has them, and not only with those of the samples' profile."""
    report = await verify(octets, contexts, world, now=world.now, policy=Policy())
    return report.outcome


MEMORY = Memory()


async def library_that_remembers(world: World, contexts: Contexts, octets: bytes) -> str:
    """With what it remembers of all samples before this one."""
    report = await verify(octets, contexts, world, now=world.now, policy=world.policy, memory=MEMORY)
    return report.outcome


DOORS: dict[str, Door] = {
    "library": library,
    "library, every context": library_as_deployed,
    "library, remembering": library_that_remembers,
}


@pytest.mark.channels("verify-json", "verify-jwt", "verify-png", "verify-svg")
@pytest.mark.parametrize("door", DOORS)
async def test_a_sample_gets_its_outcome_in_its_time_with_no_other_fetch(
    row: Row, door: str, contexts: Contexts
) -> None:
    world = World(row.corpus)
    octets = row.octets
    began = time.process_time()
    outcome = await DOORS[door](world, contexts, octets)
    took = time.process_time() - began
    assert outcome in row.outcomes, row.attack
    assert set(world.fetched) <= row.allowed_fetch
    assert took <= row.limit * SLOW_MACHINE


@pytest.mark.channels("verify-url")
async def test_of_addresses_only_the_harmless_are_gone_to(row: Row) -> None:
    """Verifying by address is not offered yet. The door to other machines is, so each address is tried on that.

    What leads inside some network is refused before any connection, and nearly always before any name is looked up; where
    another machine misbehaves, nothing of what it says is taken.
    """
    for url, expected in urls(row):
        world = World(row.corpus)
        try:
            answer = (await world.fetch(url, accept="application/json")).media_type
        except (Refused, Unreachable):
            answer = "refused"
        if expected == "accept":
            assert answer == "application/json", url
        else:
            assert answer == "refused", url
            assert world.fetched == [] or "attacker.example" in url, url
        if expected == "reject:url-not-allowed":
            assert not {"127.0.0.1", "localhost", "169.254.169.254"} & set(world.resolved), url
