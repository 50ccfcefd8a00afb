"""What is remembered between verifications. ``Desk.verify`` asserts in every other test here that it changes no report."""

from msgspec.structs import replace
from simulator import CONTEXTS, NOW, Simulator, desk

from credentials.verification.gather import gather
from credentials.verification.judge import judge
from credentials.verification.memory import Kept, Memory
from credentials.verification.model import Policy, Present
from credentials.verification.reading import read


async def test_a_list_is_remembered_once_its_signature_was_found_good() -> None:
    issuer, memory = Simulator(), Memory()
    presented = read(issuer.issue(issuer.draft(credentialStatus=issuer.status(7))), CONTEXTS, Policy())
    materials = await gather(presented, desk(issuer), CONTEXTS, Policy(), NOW, memory)
    bodies = [found.body for found in materials.status_lists.values() if isinstance(found, Present)]
    assert [memory.status_list(body) for body in bodies] == [None]
    assert judge(presented, materials, Policy(), CONTEXTS, NOW, memory).outcome == "accept"
    (known,) = [memory.status_list(body) for body in bodies]
    assert known is not None
    assert known.keys == {issuer.key().method: issuer.key().local.public}


async def test_a_list_that_does_not_hold_is_not_remembered() -> None:
    issuer, memory = Simulator(), Memory()
    presented = read(issuer.issue(issuer.draft(credentialStatus=issuer.status(7))), CONTEXTS, Policy())
    materials = await gather(presented, desk(issuer), CONTEXTS, Policy(), NOW, memory)
    forged = {url: Present(found.body.replace(b"2026", b"2025", 1)) for url, found in materials.status_lists.items()}
    materials = replace(materials, status_lists=forged)
    assert judge(presented, materials, Policy(), CONTEXTS, NOW, memory).outcome == "reject:STATUS_VERIFICATION_ERROR"
    assert [memory.status_list(found.body) for found in forged.values()] == [None]


def test_what_is_kept_is_bounded_and_begins_anew_when_full() -> None:
    kept: Kept[int] = Kept(limit=10)
    for number in range(5):
        kept.keep(bytes([number]), number, weight=2)
    assert [kept.get(bytes([number])) for number in range(5)] == [0, 1, 2, 3, 4]
    kept.keep(b"\5", 5, weight=2)
    assert [kept.get(bytes([number])) for number in range(6)] == [None] * 5 + [5]


def test_the_same_thing_kept_twice_is_no_heavier() -> None:
    kept: Kept[int] = Kept(limit=10)
    for _ in range(100):
        kept.keep(b"same", 1, weight=9)
    kept.keep(b"other", 2, weight=1)
    assert (kept.get(b"same"), kept.get(b"other")) == (1, 2)


def test_what_is_heavier_than_all_may_be_is_not_kept_and_drives_nothing_out() -> None:
    kept: Kept[int] = Kept(limit=10)
    kept.keep(b"light", 1, weight=10)
    kept.keep(b"heavy", 2, weight=11)
    assert (kept.get(b"light"), kept.get(b"heavy")) == (1, None)
