"""Verify: read, gather, judge.

Reading and judging are bounded by construction (a megabyte, 2,000 nodes, 20,000 steps of n-degree hashing, 12 signatures), so
they run where they are called; see ``docs/codes.md`` for what a document over a bound is answered. Only gathering waits.
"""

from datetime import datetime

from credentials.jsonld.contexts import Contexts
from credentials.verification.gather import Sources, gather
from credentials.verification.judge import judge
from credentials.verification.memory import Memory
from credentials.verification.model import DEFAULT, NOTHING_MORE, Policy, Question, Report
from credentials.verification.reading import read
from credentials.verification.status_lists import life_of_list

__all__ = ["Memory", "Sources", "life_of_list", "verify"]


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
    """The report on a file that somebody presents. Raises nothing for any file, and for nothing that other machines do.

    With a ``memory``, what issuers publish is read and checked once.
    """
    presented = read(octets, contexts, policy)
    materials = await gather(presented, sources, contexts, policy, now, memory, question)
    return judge(presented, materials, policy, contexts, now, memory, question)
