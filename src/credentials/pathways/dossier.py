"""What is known about an educator, brought together as a record that rules are judged against; and the judging of one, of
many, and again after a change. The door is ``pathways.service``."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from credentials.audit import service as audit
from credentials.audit.model import Entry
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardKind, AwardState
from credentials.catalog import service as catalog
from credentials.db import Database, Session
from credentials.errors import NotFound
from credentials.ids import Ids, new_id
from credentials.outbox import service as outbox
from credentials.pathways import store
from credentials.pathways.acceptance import as_looked_at
from credentials.pathways.evaluate import evaluate
from credentials.pathways.exceptions import with_exceptions
from credentials.pathways.model import (
    EVALUATION_DATE,
    JUDGE_ORDER,
    RULE_ORDER,
    Change,
    FactRecord,
    Holding,
    HoldingKind,
    ItemUse,
    OutsideCheck,
    Pathway,
    PathwayRefused,
    PathwayVersion,
    Standing,
    WhatIf,
    Withdrawn,
)
from credentials.pathways.nearest import explain
from credentials.pathways.record import Item, Known, Record, Status, nested, read_item
from credentials.pathways.rule import Rule
from credentials.pathways.rules import rule_of
from credentials.pathways.verdict import Evaluation, Verdict
from credentials.people import service as people
from credentials.people.model import Act, Actor, Role
from credentials.people.rules import require

RECORDERS = (Role.LICENSING_OFFICER, Role.DISTRICT_OFFICER, Role.ADMINISTRATOR)
"""Who records facts and items about educators, and looks at where they stand: in their organisation and below it."""

BATCH = 200
"""Educators that are read and judged together: a handful of queries for all of them, and a few megabytes."""


# Recording


async def record_fact(
    session: Session,
    act: Act,
    *,
    educator_id: str,
    organisation_id: str,
    path: str,
    value: Any,
    evidence: str,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> FactRecord:
    """Put a fact on record with its evidence. A later one at the same path replaces it from then on."""
    await _may_record(session, act.actor, educator_id, organisation_id, act.now)
    if not all(path.split(".")) or len(path) > 200 or path == EVALUATION_DATE:
        raise PathwayRefused("name the fact by a path such as license.from")
    if value is None or isinstance(value, dict):
        raise PathwayRefused("a fact is a text, a number, true or false, or a list of these")
    _check_evidence(evidence)
    if valid_from and valid_to and valid_to < valid_from:
        raise PathwayRefused("the fact ends before it begins to hold")
    fact = FactRecord(
        id=new_id(act.ids, act.now),
        educator_id=educator_id,
        organisation_id=organisation_id,
        path=path,
        value=value,
        evidence=evidence.strip(),
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_by=act.actor.person_id,
        recorded_at=act.now,
    )
    await store.add_fact(session, fact)
    await audit.record(session, _entry(act, "fact.recorded", fact, path=path))
    await _judge_soon(session, act, fact)
    return fact


async def record_item(
    session: Session,
    act: Act,
    *,
    educator_id: str,
    organisation_id: str,
    title: str,
    item: dict[str, Any],
    evidence: str,
) -> Holding:
    """Put something on record that is no award of ours: hours, a degree, a test. ``item`` is written as in a record document,
    without an id; a mistake in it raises ``DocumentRefused`` with the place."""
    await _may_record(session, act.actor, educator_id, organisation_id, act.now)
    _check_evidence(evidence)
    return await _add_holding(session, act, HoldingKind.OFFICE, educator_id, organisation_id, title, item, evidence)


async def accept_outside(
    session: Session,
    act: Act,
    *,
    educator_id: str,
    organisation_id: str,
    title: str,
    item: dict[str, Any],
    evidence: str,
    credential: str,
    report: bytes,
) -> Holding:
    """Keep a credential of another issuer that was verified and is recognised, with its report. Whether it is, and who may
    hand it in, the caller has found out (``outside.hand_in``): the report must be the one of that verification."""
    return await _add_holding(
        session, act, HoldingKind.OUTSIDE, educator_id, organisation_id, title, item, evidence, credential, report
    )


async def _add_holding(
    session: Session,
    act: Act,
    kind: HoldingKind,
    educator_id: str,
    organisation_id: str,
    title: str,
    item: dict[str, Any],
    evidence: str,
    credential: str = "",
    report: bytes | None = None,
) -> Holding:
    if "id" in item or "recorded_on" in item or "used_in" in item:
        raise PathwayRefused(
            "an item's id, the day it was recorded and its uses are kept by the service: leave them out"
        )
    if not title.strip():
        raise PathwayRefused("write a title, so that the educator knows what it is")
    read_item({**item, "id": "new"}, "")
    holding = Holding(
        id=new_id(act.ids, act.now),
        educator_id=educator_id,
        organisation_id=organisation_id,
        kind=kind,
        title=title.strip(),
        item=item,
        evidence=evidence.strip(),
        credential=credential,
        report=report,
        recorded_by=act.actor.person_id,
        recorded_at=act.now,
    )
    await store.add_holding(session, holding)
    await audit.record(session, _entry(act, "item.recorded", holding, kind=kind.value))
    await _judge_soon(session, act, holding)
    return holding


async def withdraw_fact(session: Session, act: Act, fact_id: str, *, reason: str) -> FactRecord:
    """Take a fact back that was wrong. It stays on record, so that a past verdict can be told."""
    found = await store.fact(session, fact_id)
    await _may_withdraw(session, act.actor, found.organisation_id, reason, "there is no such fact")
    if not await store.withdraw_fact(session, fact_id, act.actor.person_id, act.now, reason.strip()):
        raise Withdrawn("this fact was withdrawn already")
    await audit.record(session, _entry(act, "fact.withdrawn", found, reason=reason, path=found.path))
    withdrawn = await store.fact(session, fact_id)
    await _judge_soon(session, act, withdrawn)
    return withdrawn


async def withdraw_item(session: Session, act: Act, holding_id: str, *, reason: str) -> Holding:
    """Take an item back. For rules it is revoked from now on."""
    found = await store.holding(session, holding_id)
    await _may_withdraw(session, act.actor, found.organisation_id, reason, "there is no such item")
    if not await store.withdraw_holding(session, holding_id, act.actor.person_id, act.now, reason.strip()):
        raise Withdrawn("this item was withdrawn already")
    await audit.record(session, _entry(act, "item.withdrawn", found, reason=reason))
    withdrawn = await store.holding(session, holding_id)
    await _judge_soon(session, act, withdrawn)
    return withdrawn


async def use_items(session: Session, act: Act, educator_id: str, items: Iterable[str], decision: str) -> None:
    """A decision consumes awards and holdings, so that a rule that forbids reuse counts them no more. Twice is once."""
    for item in sorted(set(items)):
        use = ItemUse(
            id=new_id(act.ids, act.now), educator_id=educator_id, item=item, decision=decision, used_at=act.now
        )
        await store.add_use(session, use)


async def release_items(session: Session, act: Act, decision: str) -> int:
    """The decision was taken back: what it consumed is free again. Answers how many."""
    return await store.release(session, decision, act.now)


def _check_evidence(evidence: str) -> None:
    if not evidence.strip():
        raise PathwayRefused("say what shows it: a document, its place and date")


def _entry(act: Act, action: str, about: FactRecord | Holding, *, reason: str = "", **detail: str) -> Entry:
    subject = f"educator:{about.educator_id}"
    return act.entry(action, subject, organisation=about.organisation_id, reason=reason, record=about.id, **detail)


async def _may_record(session: Session, actor: Actor, educator_id: str, organisation_id: str, now: datetime) -> None:
    where = await people.organisation(session, organisation_id)
    require(actor, where.lineage, *RECORDERS)
    await _is_educator_of(session, educator_id, organisation_id, now)


async def _may_withdraw(session: Session, actor: Actor, organisation_id: str, reason: str, missing: str) -> None:
    where = await people.organisation(session, organisation_id)
    if not actor.holds_any(RECORDERS, where.lineage):
        raise NotFound(missing)
    if not reason.strip():
        raise PathwayRefused("give a reason: it stays on record")


async def _is_educator_of(session: Session, educator_id: str, organisation_id: str, now: datetime) -> None:
    """Somebody who is an educator there or below; anybody else looks like nobody."""
    if not await people.are_educators_in(session, organisation_id, [educator_id], now):
        raise NotFound("there is no such educator in this organisation")


async def recorded_about(
    session: Session, actor: Actor, educator_id: str, now: datetime
) -> tuple[list[FactRecord], list[Holding]]:
    """All that offices recorded, also what was withdrawn: the educator sees everything, an officer what their own
    organisations recorded about their own educators."""
    reach: frozenset[str] | None = None
    if educator_id != actor.person_id:
        held = actor.organisations(*RECORDERS)
        mine = [one for one in held if await people.are_educators_in(session, one, [educator_id], now)]
        if not mine:
            raise NotFound("there is no such educator")
        reach = await people.below(session, mine)
    facts = await store.facts_of(session, [educator_id], reach)
    items = await store.holdings_of(session, [educator_id], reach)
    return facts.get(educator_id, []), items.get(educator_id, [])


# The record


async def record_of(
    session: Session, educator_id: str, organisation_id: str, as_of: date, known: Known = Known.THEN
) -> Record:
    """What an organisation knows about one educator, as of a day."""
    return (await records_of(session, [educator_id], organisation_id, as_of, known))[educator_id]


async def records_of(
    session: Session,
    educator_ids: Sequence[str],
    organisation_id: str,
    as_of: date,
    known: Known = Known.THEN,
) -> dict[str, Record]:
    """The same of many, in as many queries as for one.

    Awards of any organisation here count; facts and items, where this organisation, one above it or one below it recorded
    them; outside credentials, where this organisation or one above it accepted their issuer: recognition binds those below.
    An award's ``ref`` is the short name of its micro-credential, stack or licence, its ``issuer`` that of its
    organisation, its ``tags`` those of the version that it was assessed on.
    """
    where = await people.organisation(session, organisation_id)
    reach = await _reach(session, organisation_id)
    held = await awards.of_educators(session, educator_ids)
    describe = await _descriptions(session, [award for found in held.values() for award in found])
    past = await _past_states(session, [award for found in held.values() for award in found], as_of, known)
    facts = await store.facts_of(session, educator_ids, reach)
    others = await store.holdings_of(session, educator_ids, reach)
    outside = [one.id for held in others.values() for one in held if one.kind is HoldingKind.OUTSIDE]
    looks = await store.checks_of(session, outside) if outside else {}
    uses = await store.uses_of(session, educator_ids)
    records = {}
    for educator_id in educator_ids:
        used = _used(uses.get(educator_id, ()), as_of, known)
        items = [
            _award_item(award, describe, past.get(award.id), used.get(award.id, ()))
            for award in held.get(educator_id, ())
        ]
        items += [
            _outside_item(_holding_item(holding, used.get(holding.id, ())), looks.get(holding.id, ()), as_of, known)
            if holding.kind is HoldingKind.OUTSIDE
            else _holding_item(holding, used.get(holding.id, ()))
            for holding in others.get(educator_id, ())
            if holding.kind is not HoldingKind.OUTSIDE or holding.organisation_id in where.lineage
        ]
        records[educator_id] = Record(items=tuple(items), facts=_facts(facts.get(educator_id, ()), as_of, known))
    return records


async def excepted(
    session: Session, pathway: Pathway, records: Mapping[str, Record], as_of: date, known: Known = Known.THEN
) -> dict[str, Record]:
    """The records as one pathway judges them: with its waivers and overrides."""
    decided = await store.exceptions_of(session, [pathway.id], records)
    return {
        educator_id: with_exceptions(record, decided.get((pathway.id, educator_id), ()), as_of, known)
        for educator_id, record in records.items()
    }


async def _reach(session: Session, organisation_id: str) -> frozenset[str]:
    where = await people.organisation(session, organisation_id)
    return frozenset(where.lineage) | await people.below(session, [organisation_id])


class _Descriptions(msgspec.Struct):
    refs: dict[str, str]
    tags: dict[str, frozenset[str]]
    issuers: dict[str, str]


async def _descriptions(session: Session, held: Sequence[Award]) -> _Descriptions:
    versions = await catalog.versions_by_id(session, {award.version_id for award in held if award.version_id})
    slugs = await catalog.slugs_of(session, {version.micro_credential_id for version in versions.values()})
    stacks = await store.slugs_of_stacks(
        session, {award.achievement_id for award in held if award.kind is AwardKind.STACK}
    )
    licences = await awards.refs_of(
        session, {award.achievement_id for award in held if award.kind is AwardKind.LICENCE}
    )
    organisations = await people.organisations_by_id(session, {award.organisation_id for award in held})
    return _Descriptions(
        refs={**slugs, **stacks, **licences},
        tags={one.id: frozenset(one.specification.tags) for one in versions.values()},
        issuers={one.id: one.slug for one in organisations.values()},
    )


async def _past_states(session: Session, held: Sequence[Award], as_of: date, known: Known) -> dict[str, AwardState]:
    """The state that each award had on a past day, from the record of decisions; only of those that changed since."""
    changed = [
        award
        for award in held
        if award.state_changed_at is not None
        and award.state_changed_at.date() > as_of
        # a revocation is dated in the item itself; with hindsight it always held
        and not (award.state is AwardState.REVOKED and known is Known.NOW)
    ]
    told = await audit.about_all(session, [f"award:{award.id}" for award in changed])
    states = {f"award.{state.value}": state for state in AwardState}
    found = {}
    for award in changed:
        state = AwardState.ACTIVE
        for entry in told.get(f"award:{award.id}", ()):
            if entry.action in states and entry.at.date() <= as_of:
                state = states[entry.action]
        found[award.id] = state
    return found


_STATUS = {
    AwardState.ACTIVE: Status.ACTIVE,
    AwardState.SUSPENDED: Status.SUSPENDED,
    AwardState.REVOKED: Status.REVOKED,
}


def _award_item(award: Award, describe: _Descriptions, past: AwardState | None, used: tuple[str, ...]) -> Item:
    state = award.state if past is None else past
    revoked = award.state is AwardState.REVOKED and award.state_changed_at is not None
    return Item(
        id=award.id,
        name=award.title,
        type=award.kind.value,
        ref=describe.refs.get(award.achievement_id, award.achievement_id),
        tags=describe.tags.get(award.version_id or "", frozenset()),
        issuer=describe.issuers.get(award.organisation_id),
        earned=award.awarded_at.date(),
        status=_STATUS[state],
        used_in=used,
        recorded_on=award.awarded_at.date(),
        revoked_on=award.state_changed_at.date() if revoked and award.state_changed_at else None,
        expires_on=award.valid_until.date() if award.valid_until else None,
    )


def _holding_item(holding: Holding, used: tuple[str, ...]) -> Item:
    item = read_item({**holding.item, "id": holding.id}, "")
    withdrawn = holding.withdrawn_at.date() if holding.withdrawn_at else None
    return msgspec.structs.replace(
        item,
        name=holding.title,
        used_in=used,
        recorded_on=holding.recorded_at.date(),
        revoked_on=min(filter(None, (item.revoked_on, withdrawn)), default=None),
    )


def _outside_item(item: Item, looks: Sequence[OutsideCheck], as_of: date, known: Known) -> Item:
    status, revoked_on = as_looked_at(looks, as_of, known)
    if item.revoked_on is not None and item.revoked_on <= as_of:  # withdrawn
        return item
    return msgspec.structs.replace(
        item, status=status, revoked_on=min(filter(None, (item.revoked_on, revoked_on)), default=None)
    )


def _used(found: Iterable[ItemUse], as_of: date, known: Known) -> dict[str, tuple[str, ...]]:
    used: dict[str, tuple[str, ...]] = {}
    for use in found:
        if known is Known.THEN and use.used_at.date() > as_of:
            continue
        if use.released_at is None or (known is Known.THEN and use.released_at.date() > as_of):
            used[use.item] = (*used.get(use.item, ()), use.decision)
    return used


def _facts(found: Iterable[FactRecord], as_of: date, known: Known) -> dict[str, Any]:
    """The newest fact at each path that holds on the day (``found`` has the newest first)."""
    pairs: dict[str, Any] = {EVALUATION_DATE: as_of.isoformat()}
    for fact in found:
        then = known is Known.THEN
        if then and fact.recorded_at.date() > as_of:
            continue
        if fact.withdrawn_at is not None and not (then and fact.withdrawn_at.date() > as_of):
            continue
        if (fact.valid_from and fact.valid_from > as_of) or (fact.valid_to and fact.valid_to < as_of):
            continue
        if not any(fact.path == path or _inside(fact.path, path) or _inside(path, fact.path) for path in pairs):
            pairs[fact.path] = fact.value
    return nested(pairs.items())


def _inside(path: str, other: str) -> bool:
    return path.startswith(f"{other}.")


# Judging


async def rule_of_pathway(session: Session, pathway: Pathway, as_of: date, known: Known = Known.THEN) -> Rule:
    versions = (await store.versions_of(session, [pathway.id]))[pathway.id]
    return rule_of(pathway, versions, as_of, known)


async def standing_of(
    session: Session,
    pathway: Pathway,
    educator_id: str,
    as_of: date,
    known: Known = Known.THEN,
) -> tuple[Record, Evaluation]:
    """Where an educator stands in a pathway: the record that was judged, and the answer with the nearest ways."""
    known_of = {educator_id: await record_of(session, educator_id, pathway.organisation_id, as_of, known)}
    record = (await excepted(session, pathway, known_of, as_of, known))[educator_id]
    return record, explain(await rule_of_pathway(session, pathway, as_of, known), record, as_of, known=known)


async def may_see(session: Session, actor: Actor, educator_id: str, organisation_id: str, now: datetime) -> None:
    """An educator sees their own standing; officers of the pathway's organisation or below, those of their educators."""
    if educator_id == actor.person_id:
        return
    held = actor.organisations(*RECORDERS)
    reach = await _reach(session, organisation_id)
    for organisation in held:
        if organisation in reach and await people.are_educators_in(session, organisation, [educator_id], now):
            return
    raise NotFound("there is no such educator")


async def what_if(
    session: Session,
    pathway: Pathway,
    draft: PathwayVersion,
    as_of: date,
    now: datetime,
    *,
    after: str = "",
    limit: int = BATCH,
) -> WhatIf:
    """One batch of a trial run of a draft against the educators of its organisation: who gains and who loses, against the
    rule that is in force on that day."""
    educators = await people.educators_in(session, pathway.organisation_id, now, after=after, limit=limit)
    versions = (await store.versions_of(session, [pathway.id]))[pathway.id]
    today = rule_of(pathway, versions, as_of)
    trial = msgspec.structs.replace(draft, approved_at=now, effective_from=date.min, effective_to=None)
    tomorrow = rule_of(pathway, [trial], as_of, Known.NOW)
    records = await records_of(session, educators, pathway.organisation_id, as_of)
    records = await excepted(session, pathway, records, as_of)
    gains, loses, undecided = [], [], 0
    for educator_id in educators:
        before = evaluate(today, records[educator_id], as_of).verdict
        then = evaluate(tomorrow, records[educator_id], as_of).verdict
        undecided += Verdict.UNDECIDED in {before, then}
        change = Change(educator_id=educator_id, before=before.value, after=then.value)
        if then.good and not before.good:
            gains.append(change)
        elif before.good and not then.good:
            loses.append(change)
    return WhatIf(
        judged=len(educators),
        gains=tuple(gains),
        loses=tuple(loses),
        undecided=undecided,
        last=educators[-1] if len(educators) == limit else None,
    )


async def judge_everybody(database: Database, pathway: Pathway, now: datetime) -> AsyncIterator[int]:
    """Judge all educators of a pathway's organisation and keep where they stand; yields how many so far.

    A batch is read and judged in one transaction and written in another, so that nobody waits for the whole.
    """
    after, count = "", 0
    while True:
        async with database.read() as session:
            educators, found = await _batch(session, pathway, now, after, BATCH)
        if found:
            async with database.write() as session:
                await store.put_standings(session, found)
        count += len(educators)
        yield count
        if len(educators) < BATCH:
            return
        after = educators[-1]


async def judge_by_rule(
    database: Database,
    ids: Ids,
    now: datetime,
    pathway_id: str,
    key: str,
    *,
    after: str = "",
    limit: int = BATCH,
) -> int:
    """After a rule began or ended: judge one batch of those whom it concerns, and order the next one under a key that begins
    with ``key``, so that other orders get their turn. Doing it twice changes nothing. Answers how many were judged."""
    async with database.read() as session:
        pathway = await store.pathway(session, pathway_id)
        educators, found = await _batch(session, pathway, now, after, limit)
    async with database.write() as session:
        await store.put_standings(session, found)
        if len(educators) == limit:
            onward = f"{key.partition('/')[0]}/{educators[-1]}"
            await outbox.place(session, ids, now, RULE_ORDER, onward, pathway=pathway_id, after=educators[-1])
    return len(educators)


async def _batch(
    session: Session, pathway: Pathway, now: datetime, after: str, limit: int
) -> tuple[list[str], list[Standing]]:
    educators = await people.educators_in(session, pathway.organisation_id, now, after=after, limit=limit)
    records = await records_of(session, educators, pathway.organisation_id, now.date())
    return educators, await _standings(session, pathway, records, now)


async def judge_again(database: Database, now: datetime, award_id: str) -> int:
    """After an award was issued or changed its state: judge its educator again."""
    async with database.read() as session:
        educator_id = (await awards.award(session, award_id)).educator_id
    return await judge_educator(database, now, educator_id)


async def judge_educator(database: Database, now: datetime, educator_id: str) -> int:
    """After something on an educator's record changed: judge them again in every pathway that applies to them, with as many
    reads as there are organisations above them. Doing it twice changes nothing. Answers in how many."""
    async with database.read() as session:
        places = await workplaces(session, educator_id, now)
        applying = await store.pathways_in_force(session, now.date(), organisation_ids=places)
        judged = []
        for office in dict.fromkeys(pathway.organisation_id for pathway in applying):
            records = await records_of(session, [educator_id], office, now.date())
            for pathway in applying:
                if pathway.organisation_id == office:
                    judged += await _standings(session, pathway, records, now)
    if judged:
        async with database.write() as session:
            for standing in judged:
                await store.put_standings(session, [standing])
    return len(judged)


async def workplaces(session: Session, educator_id: str, now: datetime) -> frozenset[str]:
    """The organisations that somebody works in as an educator, and all above them: whose rules apply to them."""
    grants = await people.grants_of(session, educator_id, now)
    works = {grant.organisation_id for grant in grants if grant.role is Role.EDUCATOR}
    found = await people.organisations_by_id(session, works)
    return frozenset(one for place in found.values() for one in place.lineage)


async def _judge_soon(session: Session, act: Act, about: FactRecord | Holding) -> None:
    """Whatever an office puts on record or takes back, the verdict follows within seconds, as it does after an award."""
    key = f"{about.id}:{'withdrawn' if about.withdrawn_at else 'recorded'}"
    await outbox.place(session, act.ids, act.now, JUDGE_ORDER, key, educator=about.educator_id)


async def _standings(
    session: Session, pathway: Pathway, records: Mapping[str, Record], now: datetime
) -> list[Standing]:
    today = now.date()
    rule = await rule_of_pathway(session, pathway, today)
    records = await excepted(session, pathway, records, today)
    return [
        Standing(
            pathway_id=pathway.id,
            educator_id=educator_id,
            verdict=evaluate(rule, records[educator_id], today).verdict.value,
            as_of=today,
            judged_at=now,
        )
        for educator_id in records
    ]
