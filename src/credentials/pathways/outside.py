"""Credentials of other issuers: handed in, verified at that moment, kept with their report, looked at again when somebody is
judged. The door is ``pathways.service``."""

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from credentials.awards import service as awards
from credentials.db import Database, Session
from credentials.errors import Conflict, NotFound
from credentials.ids import Ids, new_id
from credentials.outbox import service as outbox
from credentials.pathways import store
from credentials.pathways.acceptance import NOT_ABOUT, check_report, item_of
from credentials.pathways.dossier import RECORDERS, accept_outside
from credentials.pathways.model import (
    JUDGE_ORDER,
    Holding,
    HoldingKind,
    OutsideCheck,
    OutsideRefused,
    PathwayRefused,
    Presented,
)
from credentials.people import service as people
from credentials.people.model import Act, Actor, Organisation
from credentials.verification.model import Recipient, RecipientKind, Report, Verdict

MAX_PRESENTED = 1 << 20
"""Octets of a credential that is kept. A badge in a picture is a tenth of that; it is read each time its holder is judged."""
MAX_HELD = 50
"""Outside credentials of one educator: all of them are verified again when the educator is judged."""
MAX_ADDRESSES = 5
"""Addresses of a person that a credential is compared with."""


MAX_TITLE = 300


class Verify(Protocol):
    """Verify octets as an organisation sees them, for licences; ``about``: and about this person."""

    def __call__(
        self, octets: bytes, organisation: Organisation, *, about: Recipient | None = None
    ) -> Awaitable[Report]: ...


class HandedIn(Conflict):
    code = "handed-in-already"


async def hand_in(
    database: Database,
    verify: Verify,
    act: Act,
    *,
    educator_id: str,
    organisation_id: str,
    octets: bytes,
    evidence: str = "",
) -> Holding:
    """Have a credential of another issuer count here. It must hold now, its issuer must be accepted by the organisation's
    registry for licences, and it must be about the educator: it names an e-mail address that they confirmed, or an officer
    says (``evidence``) how they know.

    Raises ``OutsideRefused`` with every check that did not pass; nothing is kept then, and nothing that was kept is lost.
    """
    if not octets:
        raise PathwayRefused("send the credential as it is: JSON, a token, or the picture that it is baked into")
    if len(octets) > MAX_PRESENTED:
        raise PathwayRefused(
            f"the file is larger than {MAX_PRESENTED} octets: hand in the credential without the picture"
        )
    mine = educator_id == act.actor.person_id
    async with database.read() as session:
        where = await people.organisation(session, organisation_id)
        works_here = await people.are_educators_in(session, organisation_id, [educator_id], act.now)
        if not works_here or not (mine or act.actor.holds_any(RECORDERS, where.lineage)):
            raise NotFound("there is no such educator in this organisation")
        if len(await store.presented_by(session, [educator_id])) >= MAX_HELD:
            raise PathwayRefused(f"{MAX_HELD} credentials are on record already: have one withdrawn first")
        addresses = await people.addresses_of(session, educator_id)
    if not mine and not evidence.strip():
        raise PathwayRefused("say how you know that it is about this educator")
    confirmed = [one.address for one in addresses if one.verified_at][:MAX_ADDRESSES]
    report = await _about_them(verify, octets, where, confirmed) if mine else await verify(octets, where)
    check_report(report, where.name)
    return await _keep(database, act, educator_id, where, octets, report, evidence)


async def _about_them(verify: Verify, octets: bytes, where: Organisation, addresses: Sequence[str]) -> Report:
    """The report for the first address that the credential names, else for the last one that was tried."""
    report: Report | None = None
    for address in addresses:
        report = await verify(octets, where, about=Recipient(kind=RecipientKind.EMAIL, value=address))
        if report.code not in NOT_ABOUT:
            break
    if report is None:
        raise OutsideRefused("confirm an e-mail address first: the credential must name one of yours")
    return report


async def _keep(
    database: Database,
    act: Act,
    educator_id: str,
    where: Organisation,
    octets: bytes,
    report: Report,
    evidence: str,
) -> Holding:
    assert report.credential is not None  # ``check_report`` has seen it
    assert report.issuer is not None
    named = report.credential.get("id")
    credential = named if isinstance(named, str) and named else f"sha256:{report.digest}"
    item = item_of(report)
    async with database.write() as session:
        if await awards.by_credential(session, credential) is not None:
            raise OutsideRefused("it was awarded here: it is on record by itself")
        there = (await store.holdings_of(session, [educator_id], [where.id])).get(educator_id, [])
        for held in there:
            if held.kind is not HoldingKind.OUTSIDE or held.withdrawn_at is not None:
                continue
            if held.credential == credential:
                raise HandedIn("this credential was handed in already, and is on record")
            if held.item.get("ref") == item.get("ref") and held.item.get("issuer") == item["issuer"] and "ref" in item:
                item["dup"] = held.id  # the same achievement once more is the same work
        shown = f"Issued by {report.issuer.name or report.issuer.id}, verified {report.checked_at.date()}"
        holding = await accept_outside(
            session,
            act,
            educator_id=educator_id,
            organisation_id=where.id,
            title=report.achievement[:MAX_TITLE] or "A credential without a title",
            item=item,
            evidence=". ".join(filter(None, (shown, evidence.strip()))),
            credential=credential,
            report=msgspec.json.encode(report),
        )
        presented = Presented(
            holding_id=holding.id, educator_id=educator_id, octets=octets, looked_at=report.checked_at
        )
        await store.add_presented(session, presented)
    return holding


async def look_again(database: Database, verify: Verify, ids: Ids, now: datetime, educator_id: str) -> int:
    """Verify an educator's outside credentials at this moment, by the registry of the organisation that accepted each; what
    changed is put on record with the new report, and their verdicts follow. Answers how many changed."""
    async with database.read() as session:
        presented = await store.presented_by(session, [educator_id])
        if not presented:
            return 0
        held = {one.id: one for one in (await store.holdings_of(session, [educator_id], None))[educator_id]}
        known = await store.checks_of(session, held)
        places = await people.organisations_by_id(session, {one.organisation_id for one in held.values()})
    changed = []
    for one in presented:
        holding = held[one.holding_id]
        report = await verify(one.octets, places[holding.organisation_id])
        before = known.get(holding.id, [])
        last = (before[-1].verdict, before[-1].code) if before else (ACCEPTED, "")
        if (report.verdict.value, report.code) != last:
            changed.append(_check(new_id(ids, now), holding, report))
    async with database.write() as session:
        await store.looked(session, [one.holding_id for one in presented], now)
        for check in changed:
            await store.add_check(session, check)
        if changed:
            key = f"{changed[0].id}:checked"
            await outbox.place(session, ids, now, JUDGE_ORDER, key, educator=educator_id)
    return len(changed)


async def looks_since(session: Session, educator_id: str, since: datetime) -> tuple[bool, list[str]]:
    """Were all of an educator's outside credentials verified since then? And the titles of those that could not be, when they
    were last looked at: they are neither good nor bad."""
    looks = await store.looks_of(session, educator_id)
    if not looks:
        return True, []
    checks = await store.checks_of(session, looks)
    unknown = {of for of, found in checks.items() if found[-1].verdict == Verdict.INDETERMINATE}
    held = (await store.holdings_of(session, [educator_id], None))[educator_id] if unknown else []
    fresh = all(at is not None and at >= since for at in looks.values())
    return fresh, [one.title for one in held if one.id in unknown]


ACCEPTED = "accept"


def _check(check_id: str, holding: Holding, report: Report) -> OutsideCheck:
    return OutsideCheck(
        id=check_id,
        holding_id=holding.id,
        verdict=report.verdict.value,
        code=report.code,
        summary=report.summary,
        report=msgspec.json.encode(report),
        checked_at=report.checked_at,
    )


async def report_on(
    database: Database, actor: Actor, holding_id: str, now: datetime
) -> tuple[Holding, bytes, list[OutsideCheck]]:
    """An outside credential with the report that it was accepted by, and the later looks that found a change: for the
    educator, and for officers who may see their record."""
    async with database.read() as session:
        holding = await store.holding(session, holding_id)
        where = await people.organisation(session, holding.organisation_id)
        seen = holding.educator_id == actor.person_id or (
            actor.holds_any(RECORDERS, where.lineage)
            and await people.are_educators_in(session, where.id, [holding.educator_id], now)
        )
        if not seen or holding.kind is not HoldingKind.OUTSIDE or holding.report is None:
            raise NotFound("there is no such item")
        checks = (await store.checks_of(session, [holding.id])).get(holding.id, [])
    return holding, holding.report, checks
