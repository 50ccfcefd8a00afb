"""Every hostile sample gets the outcome that its manifest expects, in its time, with no other fetch.

A door is a way in: each takes the world and the octets, and answers the outcome. The library call is here; the API, the page
and the command line are further parameters.
"""

import time
from collections.abc import Awaitable, Callable

import pytest
from hostile_world import Row, World

from credentials.jsonld.contexts import Contexts
from credentials.verification.model import Policy
from credentials.verification.service import verify

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


DOORS: dict[str, Door] = {"library": library, "library, every context": library_as_deployed}


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


test_a_sample_gets_its_outcome_in_its_time_with_no_other_fetch.channels = (  # type: ignore[attr-defined]
    "verify-json",
    "verify-jwt",
    "verify-png",
    "verify-svg",
)
