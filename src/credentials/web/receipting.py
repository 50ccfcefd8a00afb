"""A receipt of a verification: what API, page and command line do alike."""

from typing import NamedTuple

from credentials.people.model import Act, Organisation
from credentials.receipts import service
from credentials.trust.rules import did_of
from credentials.verification import service as verification
from credentials.verification.model import Report
from credentials.web import registry
from credentials.web.asking import policy_of, read_asking
from credentials.web.parts import Parts
from credentials.web.sources import OwnSources


class Made(NamedTuple):
    """``address`` is where the signed receipt is, for whoever has it."""

    id: str
    address: str
    report: Report


async def make(
    parts: Parts,
    act: Act,
    organisation_id: str,
    octets: bytes,
    *,
    use: str = "",
    as_of: str = "",
    recipient: str = "",
) -> Made:
    """Verify by the registry of an organisation whose verdicts the actor acts on, and sign in its name what was found."""
    async with parts.database.read() as session:
        where = await registry.readable(session, act, organisation_id)
    return await make_for(parts, act, where, octets, use=use, as_of=as_of, recipient=recipient)


async def make_for(
    parts: Parts, act: Act, where: Organisation, octets: bytes, *, use: str = "", as_of: str = "", recipient: str = ""
) -> Made:
    """The same, for somebody who was found to be allowed."""
    base_url = parts.settings.base_url
    asking = await read_asking(
        parts.database, act.now, organisation=where.slug, use=use, as_of=as_of, recipient=recipient
    )
    report, materials = await verification.verify_with_materials(
        octets,
        parts.contexts,
        OwnSources(parts.database, base_url, parts.fetch, parts.pinned, asking.view),
        now=act.now,
        policy=policy_of(parts.settings),
        memory=parts.memory,
        question=asking.question,
    )
    receipt_id = await service.issue(
        parts.office.gate,
        act.now,
        report,
        materials,
        owner=where.id,
        did=did_of(base_url, where.slug),
        name=where.name,
    )
    return Made(receipt_id, f"{base_url}/receipts/{receipt_id}", report)
