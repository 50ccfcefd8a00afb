"""Verify: read, gather, judge.

Reading and judging are bounded by construction (a megabyte, 2,000 nodes, 100,000 steps of n-degree hashing, 12 signatures), so
they run where they are called; see ``docs/codes.md`` for what a document over a bound is answered. What is in a presentation or
a learner record is judged one by one, and others get their turn in between. Only gathering waits, and pictures of QR codes are
decoded apart, in processes that may be killed.
"""

import asyncio
from datetime import datetime

import msgspec

from credentials.apart import Apart
from credentials.errors import Refused
from credentials.jsonld.contexts import Contexts
from credentials.verification import memory as remembering
from credentials.verification.gather import Sources, gather
from credentials.verification.judge import judge
from credentials.verification.links import behind
from credentials.verification.model import (
    DEFAULT,
    NOTHING_MORE,
    Container,
    Materials,
    Name,
    Policy,
    Question,
    Report,
    Verdict,
)
from credentials.verification.qr import is_picture, texts_in_picture
from credentials.verification.reading import NOTHING_KNOWN, Presented, read, read_link
from credentials.verification.sentences import failed
from credentials.verification.status_lists import life_of_list

__all__ = ["Memory", "Sources", "life_of_list", "verify", "verify_link", "verify_with_materials"]


class Memory(remembering.Memory):
    """One for a process: what is remembered from one verification to the next, and where pictures are decoded (``apart``)."""

    __slots__ = ("apart",)

    def __init__(self, apart: Apart | None = None) -> None:
        super().__init__()
        self.apart = apart or Apart()


async def verify(
    octets: bytes,
    contexts: Contexts,
    sources: Sources,
    *,
    now: datetime,
    policy: Policy = DEFAULT,
    memory: Memory | None = None,
    question: Question = NOTHING_MORE,
) -> Report:
    """The report on a file that somebody presents. Raises nothing for any file, and for nothing that other machines do;
    only ``TooBusy`` where too many pictures wait to be looked through.

    With a ``memory``, what issuers publish is read and checked once.
    """
    report, _materials = await verify_with_materials(
        octets, contexts, sources, now=now, policy=policy, memory=memory, question=question
    )
    return report


async def verify_with_materials(
    octets: bytes,
    contexts: Contexts,
    sources: Sources,
    *,
    now: datetime,
    policy: Policy = DEFAULT,
    memory: Memory | None = None,
    question: Question = NOTHING_MORE,
) -> tuple[Report, Materials]:
    """The report, and all that it rests on besides the file."""
    presented = read(octets, contexts, policy, NOTHING_KNOWN if memory is None else memory.known(contexts))
    if is_picture(octets) and _is_plain_picture(presented):
        apart = Apart() if memory is None else memory.apart
        presented = await _of_picture(octets, presented, contexts, policy, apart)
    return await _judged(presented, contexts, sources, now, policy, memory, question)


async def verify_link(
    link: str,
    contexts: Contexts,
    sources: Sources,
    *,
    now: datetime,
    policy: Policy = DEFAULT,
    memory: Memory | None = None,
    question: Question = NOTHING_MORE,
) -> Report:
    """The report on what is at an address, which is fetched as it stands here: nothing is mended in it."""
    report, _materials = await _judged(read_link(link), contexts, sources, now, policy, memory, question)
    return report


def _is_plain_picture(presented: Presented) -> bool:
    """Whether nothing is baked into a picture. What is baked in and does not hold is not looked for anywhere else."""
    codes = {check.code for check in presented.checks}
    nothing = {"no-baked-credential", "unsupported-media-type"}
    return not presented.found and presented.container is None and bool(codes & nothing)


async def _of_picture(
    octets: bytes, presented: Presented, contexts: Contexts, policy: Policy, apart: Apart
) -> Presented:
    """What the one QR code in a picture says, where no credential is baked into it."""
    try:
        texts = await texts_in_picture(apart, octets)
    except Refused as refused:
        return presented if octets.startswith(b"\x89PNG") else _refused(presented, refused)
    if not texts:
        return _refused(presented, Refused("no-baked-credential", "There is neither a badge nor a QR code in it."))
    if len(texts) > 1:
        return _refused(presented, Refused("multiple-baked-credentials", "There are several QR codes in this picture."))
    inner = read(texts[0].encode("utf-8", "replace"), contexts, policy)
    return msgspec.structs.replace(inner, digest=presented.digest, container=Container.QR)


def _refused(presented: Presented, refused: Refused) -> Presented:
    return msgspec.structs.replace(presented, checks=(failed(Name.FORMAT, refused),))


async def _judged(
    presented: Presented,
    contexts: Contexts,
    sources: Sources,
    now: datetime,
    policy: Policy,
    memory: Memory | None,
    question: Question,
) -> tuple[Report, Materials]:
    materials = await gather(presented, sources, contexts, policy, now, memory, question)
    whole = presented if presented.link is None else behind(presented, presented.link, materials, contexts, policy)
    members: list[Report] = []
    for member in whole.members:
        await asyncio.sleep(0)
        members.append(judge(member, materials, policy, contexts, now, memory, question))
    report = judge(presented, materials, policy, contexts, now, memory, question, tuple(members))
    if memory is not None and presented.signed is not None and report.verdict is Verdict.ACCEPT:
        memory.accepted(presented.signed)
    return report, materials
