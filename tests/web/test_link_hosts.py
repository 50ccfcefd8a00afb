"""Which hosts are looked at holds for every way in which an address comes: one, a batch, or a table on the command line."""

import dataclasses
from typing import Any

import msgspec
import pytest
from builders import World

from credentials.errors import Malformed
from credentials.fetch import Fetched
from credentials.verification.containers import Item
from credentials.verification.model import Policy, Report
from credentials.web import bulk
from credentials.web.presenting import at_address

LINK = "https://other.example/badge.json"
LISTED = "issuer.example"


class Door:
    """Keeps what it was asked for, and has an empty document for everything."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, url: str, **_: Any) -> Fetched:
        self.asked.append(url)
        return Fetched(url=url, body=b"{}", media_type="application/json")


async def verify(_presented: bytes | str) -> Report:
    raise AssertionError("there was nothing to verify")


async def test_a_link_in_a_table_leads_only_to_hosts_that_are_looked_at() -> None:
    door = Door()
    policy = Policy(link_hosts=frozenset({LISTED}))
    result = await bulk.result_of(1, Item(label="1", link=LINK), verify, door, policy)
    assert result.fault is not None
    assert result.fault.code == "url-not-allowed"
    assert door.asked == []


async def test_a_link_in_a_batch_leads_only_to_hosts_that_are_looked_at(world: World) -> None:
    door = Door()
    settings = msgspec.structs.replace(world.parts.settings, link_hosts=(LISTED,))
    parts = dataclasses.replace(world.parts, settings=settings, fetch=door)
    with pytest.raises(Malformed, match=r"other\.example is not a host that is looked at here"):
        await at_address(parts, LINK)
    assert door.asked == []
    assert await at_address(parts, f"https://{LISTED}/badge.json") == b"{}"
