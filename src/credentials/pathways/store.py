from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from credentials.db import (
    Session,
    find_all,
    find_groups,
    find_one,
    insert_all,
    insert_once,
    insert_one,
    known,
    one_by_id,
    to_struct,
)
from credentials.errors import Stale
from credentials.pathways.model import (
    Effect,
    FactRecord,
    Holding,
    ItemUse,
    Loss,
    OutsideCheck,
    Pathway,
    PathwayVersion,
    Presented,
    RecordedException,
    Stack,
    StackPolicy,
    Standing,
    VersionApproved,
)
from credentials.pathways.tables import (
    checks,
    exceptions,
    facts,
    holdings,
    members,
    pathway_versions,
    pathways,
    presented,
    stacks,
    standings,
    uses,
)
from credentials.people.model import SlugTaken


async def add(session: Session, stack: Stack) -> None:
    values = msgspec.structs.asdict(stack)
    in_order = values.pop("members")
    policy = values.pop("policy")
    values |= {f"when_{loss}": policy.effect(loss) for loss in Loss}
    if not await insert_once(session, stacks, values):
        raise SlugTaken(f"the short name {stack.slug} is in use: choose another")
    rows = [
        {"stack_id": stack.id, "micro_credential_id": member, "place": place} for place, member in enumerate(in_order)
    ]
    await session.execute(insert(members), rows)


async def publish(session: Session, stack_id: str, person_id: str, now: datetime) -> None:
    values = {"published_at": now, "published_by": person_id}
    await session.execute(update(stacks).where(stacks.c.id == stack_id).values(**values))


async def stack(session: Session, stack_id: str) -> Stack:
    return await _one_stack(session, select(stacks).where(stacks.c.id == stack_id))


async def stack_by_slug(session: Session, slug: str) -> Stack:
    return await _one_stack(session, select(stacks).where(stacks.c.slug == slug))


async def _one_stack(session: Session, query: Select[Any]) -> Stack:
    return known(next(iter(await _read(session, query)), None), "there is no such stack")


async def published(session: Session, *, after: str = "", limit: int = 50) -> list[Stack]:
    query = select(stacks).where(stacks.c.published_at.is_not(None), stacks.c.slug > after)
    return await _read(session, query.order_by(stacks.c.slug).limit(limit))


async def drafts_of(session: Session, organisation_ids: Iterable[str]) -> list[Stack]:
    query = select(stacks).where(stacks.c.published_at.is_(None), stacks.c.organisation_id.in_(set(organisation_ids)))
    return await _read(session, query.order_by(stacks.c.slug))


async def with_members(session: Session, micro_credential_ids: Iterable[str]) -> list[Stack]:
    """Published stacks of which one of these micro-credentials is a member."""
    of = select(members.c.stack_id).where(members.c.micro_credential_id.in_(set(micro_credential_ids)))
    query = select(stacks).where(stacks.c.published_at.is_not(None), stacks.c.id.in_(of))
    return await _read(session, query.order_by(stacks.c.slug))


async def slugs_of_stacks(session: Session, stack_ids: Iterable[str]) -> dict[str, str]:
    query = select(stacks.c.id, stacks.c.slug).where(stacks.c.id.in_(set(stack_ids)))
    return {row.id: row.slug for row in await session.execute(query)}


_MEMBERS = (
    select(members.c.stack_id, members.c.micro_credential_id)
    .where(members.c.stack_id.in_(bindparam("stacks", expanding=True)))
    .order_by(members.c.place)
)


async def _read(session: Session, query: Select[Any]) -> list[Stack]:
    rows = (await session.execute(query)).all()
    in_order: dict[str, list[str]] = {row.id: [] for row in rows}
    for stack_id, member in await session.execute(_MEMBERS, {"stacks": list(in_order)}) if in_order else ():
        in_order[stack_id].append(member)
    return [to_struct(row, Stack, members=tuple(in_order[row.id]), policy=_policy(row)) for row in rows]


def _policy(row: Any) -> StackPolicy:
    return StackPolicy(
        revoked=Effect(row.when_revoked), suspended=Effect(row.when_suspended), expired=Effect(row.when_expired)
    )


# Pathways and their versions

_NO_PATHWAY = "there is no such pathway"


async def add_pathway(session: Session, pathway: Pathway) -> None:
    if not await insert_once(session, pathways, pathway):
        raise SlugTaken(f"the short name {pathway.slug} is in use: choose another")


async def add_version(session: Session, version: PathwayVersion) -> None:
    if not await insert_once(session, pathway_versions, version):
        raise Stale("somebody else began a version just now: read the pathway again")


async def pathway(session: Session, pathway_id: str) -> Pathway:
    return await one_by_id(session, Pathway, pathways, pathway_id, _NO_PATHWAY)


async def pathway_by_slug(session: Session, slug: str) -> Pathway:
    return known(await find_one(session, Pathway, select(pathways).where(pathways.c.slug == slug)), _NO_PATHWAY)


async def list_pathways(
    session: Session, *, organisation_ids: Iterable[str] | None = None, after: str = "", limit: int = 50
) -> list[Pathway]:
    """By short name. Without organisations, those that have an approved version: what the public sees."""
    query = select(pathways).where(pathways.c.slug > after).order_by(pathways.c.slug).limit(limit)
    if organisation_ids is None:
        approved = select(pathway_versions.c.pathway_id).where(pathway_versions.c.approved_at.is_not(None))
        query = query.where(pathways.c.id.in_(approved))
    else:
        query = query.where(pathways.c.organisation_id.in_(set(organisation_ids)))
    return await find_all(session, Pathway, query)


async def versions_of(session: Session, pathway_ids: Iterable[str]) -> dict[str, list[PathwayVersion]]:
    """The versions of these pathways, oldest first."""
    query = select(pathway_versions).where(pathway_versions.c.pathway_id.in_(set(pathway_ids)))
    return await find_groups(
        session, PathwayVersion, pathway_versions.c.pathway_id, query.order_by(pathway_versions.c.number)
    )


async def version(session: Session, version_id: str, *, lock: bool = False) -> PathwayVersion:
    missing = "there is no such version of a pathway"
    return await one_by_id(session, PathwayVersion, pathway_versions, version_id, missing, lock=lock)


async def change_version(session: Session, found: PathwayVersion, *, revision: int, **values: Any) -> PathwayVersion:
    """Change a version that is still as it was read; a draft alone, unless it is the end of its time that changes."""
    changed = msgspec.structs.replace(found, **values, revision=revision + 1)
    where = [pathway_versions.c.id == found.id, pathway_versions.c.revision == revision]
    if set(values) != {"effective_to"}:
        where.append(pathway_versions.c.approved_at.is_(None))
    statement = update(pathway_versions).where(*where).values(**values, revision=revision + 1)
    if (await session.execute(statement)).rowcount == 0:
        if (await version(session, found.id)).approved_at is not None and set(values) != {"effective_to"}:
            raise VersionApproved("an approved version does not change: begin a new one")
        raise Stale("the version was changed by somebody else: read it again and repeat your change")
    return changed


async def drop_version(session: Session, version_id: str, *, revision: int) -> None:
    where = (
        pathway_versions.c.id == version_id,
        pathway_versions.c.revision == revision,
        pathway_versions.c.approved_at.is_(None),
    )
    if (await session.execute(delete(pathway_versions).where(*where))).rowcount == 0:
        raise Stale("the version was changed or approved meanwhile: read it again")


# What is known about educators


async def add_fact(session: Session, fact: FactRecord) -> None:
    await insert_one(session, facts, fact)


async def fact(session: Session, fact_id: str) -> FactRecord:
    return await one_by_id(session, FactRecord, facts, fact_id, "there is no such fact")


async def facts_of(
    session: Session, educator_ids: Iterable[str], organisation_ids: Iterable[str] | None
) -> dict[str, list[FactRecord]]:
    """What these organisations (else all) recorded about these educators, newest first."""
    query = select(facts).where(facts.c.educator_id.in_(set(educator_ids)))
    if organisation_ids is not None:
        query = query.where(facts.c.organisation_id.in_(set(organisation_ids)))
    query = query.order_by(facts.c.recorded_at.desc(), facts.c.id.desc())
    return await find_groups(session, FactRecord, facts.c.educator_id, query)


async def withdraw_fact(session: Session, fact_id: str, person_id: str, now: datetime, reason: str) -> bool:
    values = {"withdrawn_by": person_id, "withdrawn_at": now, "withdrawal": reason}
    where = (facts.c.id == fact_id, facts.c.withdrawn_at.is_(None))
    return (await session.execute(update(facts).where(*where).values(**values))).rowcount == 1


async def add_holding(session: Session, holding: Holding) -> None:
    await insert_one(session, holdings, holding)


async def holding(session: Session, holding_id: str) -> Holding:
    return await one_by_id(session, Holding, holdings, holding_id, "there is no such item")


async def holdings_of(
    session: Session, educator_ids: Iterable[str], organisation_ids: Iterable[str] | None
) -> dict[str, list[Holding]]:
    query = select(holdings).where(holdings.c.educator_id.in_(set(educator_ids)))
    if organisation_ids is not None:
        query = query.where(holdings.c.organisation_id.in_(set(organisation_ids)))
    return await find_groups(session, Holding, holdings.c.educator_id, query.order_by(holdings.c.id))


async def withdraw_holding(session: Session, holding_id: str, person_id: str, now: datetime, reason: str) -> bool:
    values = {"withdrawn_by": person_id, "withdrawn_at": now, "withdrawal": reason}
    where = (holdings.c.id == holding_id, holdings.c.withdrawn_at.is_(None))
    return (await session.execute(update(holdings).where(*where).values(**values))).rowcount == 1


async def add_presented(session: Session, one: Presented) -> None:
    await insert_one(session, presented, one)


_PRESENTED = (
    select(presented)
    .join(holdings, holdings.c.id == presented.c.holding_id)
    .where(presented.c.educator_id.in_(bindparam("educators", expanding=True)), holdings.c.withdrawn_at.is_(None))
    .order_by(presented.c.holding_id)
)


async def presented_by(session: Session, educator_ids: Iterable[str]) -> list[Presented]:
    """What these educators handed in and nobody withdrew, in the order in which it was."""
    return await find_all(session, Presented, _PRESENTED, {"educators": sorted(set(educator_ids))})


async def looked(session: Session, holding_ids: Iterable[str], now: datetime) -> None:
    """These outside credentials were verified just now."""
    query = update(presented).where(presented.c.holding_id.in_(set(holding_ids))).values(looked_at=now)
    await session.execute(query)


async def looks_of(session: Session, educator_id: str) -> dict[str, datetime | None]:
    """When each outside credential that counts was last verified, without its octets."""
    query = (
        select(presented.c.holding_id, presented.c.looked_at)
        .join(holdings, holdings.c.id == presented.c.holding_id)
        .where(presented.c.educator_id == educator_id, holdings.c.withdrawn_at.is_(None))
        .order_by(presented.c.holding_id)
    )
    return {row.holding_id: row.looked_at for row in await session.execute(query)}


async def add_check(session: Session, check: OutsideCheck) -> None:
    await insert_one(session, checks, check)


async def checks_of(session: Session, holding_ids: Iterable[str]) -> dict[str, list[OutsideCheck]]:
    """The later looks at these outside credentials, oldest first."""
    query = select(checks).where(checks.c.holding_id.in_(set(holding_ids))).order_by(checks.c.checked_at, checks.c.id)
    return await find_groups(session, OutsideCheck, checks.c.holding_id, query)


async def add_use(session: Session, use: ItemUse) -> bool:
    return await insert_once(session, uses, use)


async def release(session: Session, decision: str, now: datetime) -> int:
    where = (uses.c.decision == decision, uses.c.released_at.is_(None))
    return (await session.execute(update(uses).where(*where).values(released_at=now))).rowcount


async def uses_of(session: Session, educator_ids: Iterable[str]) -> dict[str, list[ItemUse]]:
    query = select(uses).where(uses.c.educator_id.in_(set(educator_ids))).order_by(uses.c.id)
    return await find_groups(session, ItemUse, uses.c.educator_id, query)


# Where everybody stands


async def put_standings(session: Session, found: Sequence[Standing]) -> None:
    """The newest standing of each; all of one pathway."""
    for batch in (found[start : start + 500] for start in range(0, len(found), 500)):
        where = (
            standings.c.pathway_id == batch[0].pathway_id,
            standings.c.educator_id.in_([one.educator_id for one in batch]),
        )
        await session.execute(delete(standings).where(*where))
        await insert_all(session, standings, batch)


async def standings_of(session: Session, educator_id: str) -> list[Standing]:
    query = select(standings).where(standings.c.educator_id == educator_id).order_by(standings.c.pathway_id)
    return await find_all(session, Standing, query)


async def count_standings(session: Session, pathway_id: str) -> dict[str, int]:
    """How many stand where."""
    return (await counts_of(session, [pathway_id])).get(pathway_id, {})


async def counts_of(session: Session, pathway_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many stand where in each of these pathways, by verdict."""
    columns = (standings.c.pathway_id, standings.c.verdict)
    query = select(*columns, func.count()).where(standings.c.pathway_id.in_(set(pathway_ids))).group_by(*columns)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for pathway_id, verdict, count in await session.execute(query):
        found[pathway_id][verdict] = count
    return found


_IN_FORCE = (
    select(pathways)
    .where(
        pathways.c.id.in_(
            select(pathway_versions.c.pathway_id).where(
                pathway_versions.c.approved_at.is_not(None), pathway_versions.c.effective_from <= bindparam("on")
            )
        )
    )
    .order_by(pathways.c.slug)
)
_IN_FORCE_OF = _IN_FORCE.where(pathways.c.organisation_id.in_(bindparam("organisations", expanding=True)))


async def pathways_in_force(
    session: Session, on: date, *, organisation_ids: Iterable[str] | None = None
) -> list[Pathway]:
    """Pathways with an approved version whose time has begun; of these organisations, else of all. By short name."""
    if organisation_ids is None:
        return await find_all(session, Pathway, _IN_FORCE, {"on": on})
    return await find_all(session, Pathway, _IN_FORCE_OF, {"on": on, "organisations": sorted(set(organisation_ids))})


# Exceptions


async def add_exception(session: Session, made: RecordedException) -> None:
    await insert_one(session, exceptions, made)


async def exception(session: Session, exception_id: str) -> RecordedException:
    return await one_by_id(session, RecordedException, exceptions, exception_id, "there is no such waiver or override")


async def exceptions_of(
    session: Session, pathway_ids: Iterable[str], educator_ids: Iterable[str]
) -> dict[tuple[str, str], list[RecordedException]]:
    """All of these people in these pathways, by pathway and person, withdrawn ones among them, in the order in which they were
    recorded."""
    found: dict[tuple[str, str], list[RecordedException]] = defaultdict(list)
    query = (
        select(exceptions)
        .where(exceptions.c.pathway_id.in_(set(pathway_ids)), exceptions.c.educator_id.in_(set(educator_ids)))
        .order_by(exceptions.c.id)
    )
    for row in await session.execute(query):
        found[row.pathway_id, row.educator_id].append(to_struct(row, RecordedException))
    return found


async def withdraw_exception(session: Session, exception_id: str, by: str, now: datetime, why: str) -> bool:
    query = (
        update(exceptions)
        .where(exceptions.c.id == exception_id, exceptions.c.withdrawn_at.is_(None))
        .values(withdrawn_by=by, withdrawn_at=now, withdrawal=why)
    )
    return bool((await session.execute(query, execution_options={"preserve_rowcount": True})).rowcount)
