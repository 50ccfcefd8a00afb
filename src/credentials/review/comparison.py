"""Common tasks: a sample of work that was decided in one district is scored again by another, and the two are compared."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from credentials.audit import service as audit
from credentials.catalog import service as catalog
from credentials.catalog.model import Version
from credentials.db import Database, Session
from credentials.errors import Conflict, Forbidden, Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.ids import new_id
from credentials.people import service as people
from credentials.people.model import Act, Organisation, OrganisationKind, Role
from credentials.review import anchors, comparing, rules, store
from credentials.review import store_comparison as kept
from credentials.review.agreement import MIN_UNITS, Agreement, agreement
from credentials.review.assignment import by_load, standing_of
from credentials.review.figures import MOST_ROWS, RESAMPLES
from credentials.review.model import CommonTask, Difference, Review, ReviewKind, ReviewStage

MOST_WORKS = 200
"""Works of one common task: enough for an interval of a tenth of a level."""
MOST_READERS = 40
"""Assessors of the guest who share a sample out among them, those with least to do first."""
WITHIN = timedelta(days=365)
"""What was decided longer ago is not drawn: a rubric is read differently over the years."""


async def draw(session: Session, act: Act, *, version_id: str, home_id: str, guest_id: str, size: int) -> CommonTask:
    """Draw works of a version that were decided at home, and give each to an assessor of the guest, who is told nothing of
    whose it is. Led by whoever leads the version's programme and both districts.

    Whom a conflict of interest or a missing qualification keeps from a work is passed over. Raises ``Conflict`` when nothing
    can be drawn.
    """
    if not 1 <= size <= MOST_WORKS:
        raise Malformed(f"draw 1 to {MOST_WORKS} works")
    version, where = await anchors.led(session, act, version_id)
    home, guest = await _district(session, act, home_id), await _district(session, act, guest_id)
    if home.id == guest.id:
        raise Malformed("name two different districts: a district is compared with another one")
    at_home = await people.below(session, [home.id])
    works = await kept.to_draw(session, version.id, at_home, guest.id, act.now - WITHIN)
    if not works:
        raise Conflict("nothing was decided there within a year that the other district has not scored")
    readers = await _readers(session, act, where, at_home, await people.below(session, [guest.id]))
    seed = act.ids.octets(32).hex()
    by_id = {one.id: one for one in works}
    ordered = [by_id[one] for one in comparing.in_turn(seed, by_id)]
    loads = (await by_load(session, readers, act.now))[:MOST_READERS]
    standings = [await standing_of(session, one.person_id, act.now) for one in loads]
    asked = [one.person_id for one in standings]
    educators = {one.educator_id for one in works}
    ever, lately = await kept.scored_pairs(session, version.micro_credential_id, asked, educators, act.now)
    shared = comparing.shared_out(ordered, standings, ever, lately, size)
    if not shared:
        raise Conflict("nobody in the other district who is qualified is free of a conflict of interest here")
    made = CommonTask(
        id=new_id(act.ids, act.now),
        organisation_id=where.id,
        micro_credential_id=version.micro_credential_id,
        version_id=version.id,
        home_id=home.id,
        guest_id=guest.id,
        seed=seed,
        asked=size,
        drawn=len(shared),
        of=len(works),
        opened_by=act.actor.person_id,
        opened_at=act.now,
    )
    readings = [
        Review(
            id=new_id(act.ids, act.now),
            submission_id=work.id,
            assessor_id=person_id,
            educator_id=work.educator_id,
            micro_credential_id=work.micro_credential_id,
            kind=ReviewKind.COMMON_TASK,
            manifest_digest=work.manifest_digest,
            stage=ReviewStage.SCORING,
            claimed_at=act.now,
            checked_at=act.now,
            assigned_by=act.actor.person_id,
        )
        for work, person_id in shared
    ]
    if not await kept.add(session, made, readings):
        raise Conflict("somebody else drew from the same works meanwhile: draw again")
    await _record(session, act, "common_task.drawn", made, home=home.id, guest=guest.id, drawn=str(made.drawn))
    return made


async def _district(session: Session, act: Act, organisation_id: str) -> Organisation:
    found = await people.organisation(session, organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, found.lineage):
        raise NotFound("there is no such district")
    if found.kind is not OrganisationKind.DISTRICT:
        raise Malformed(f"“{found.name}” is not a district")
    return found


async def _readers(
    session: Session, act: Act, where: Organisation, at_home: frozenset[str], at_guest: frozenset[str]
) -> list[str]:
    """The guest's own assessors, and the programme's who teach there; nobody who has a part at home."""
    own = set(await people.holders_above(session, at_guest, Role.ASSESSOR, act.now))
    programme = set(await people.holders_above(session, where.lineage, Role.ASSESSOR, act.now))
    teach = set(await people.holders_above(session, at_guest, Role.EDUCATOR, act.now))
    home: set[str] = set()
    for role in (Role.ASSESSOR, Role.EDUCATOR):
        home |= set(await people.holders_above(session, at_home, role, act.now))
    return sorted((own | (programme & teach)) - home)


async def _record(session: Session, act: Act, action: str, of: CommonTask, **detail: str) -> None:
    entry = act.entry(action, f"common_task:{of.id}", organisation=of.organisation_id, **detail)
    await audit.record(session, entry)


async def common_tasks(session: Session, act: Act, *, after: str = "", limit: int = 50) -> list[tuple[CommonTask, int]]:
    """Those of the programmes that the actor leads, newest first, with how many works are scored."""
    return await kept.tasks_in(session, await _reach(session, act), after=after, limit=limit)


async def _reach(session: Session, act: Act) -> frozenset[str]:
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    if not reach:
        raise Forbidden("this is for scoring leaders: ask an administrator of your organisation for the role")
    return reach


async def close_task(session: Session, act: Act, task_id: str) -> None:
    """End it before every work is scored. What is scored counts."""
    found = await kept.task(session, task_id)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, where.lineage):
        raise NotFound("there is no such common task")
    for one in await kept.open_readings(session, found.id):
        await evidence.submission(session, one.submission_id, lock=True)  # as whoever finishes it holds it
        now = await store.review(session, one.id, lock=True)
        if now.is_open:
            await store.change(session, now, stage=rules.move(now.stage, ReviewStage.RELEASED), ended_at=act.now)
    if (await kept.task(session, task_id, lock=True)).closed_at is None:
        await kept.close(session, found.id, act.now)
        await _record(session, act, "common_task.closed", found)


# The report


class ComparedRow(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Two districts over one micro-credential, or one criterion of it (``criterion`` is empty for all together)."""

    micro_credential_id: str
    home_id: str
    guest_id: str
    criterion: str
    label: str
    home: str
    guest: str
    agreement: Agreement
    difference: Difference


class Comparability(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``left_out``: rows beyond the cap."""

    suppressed_below: int
    rows: tuple[ComparedRow, ...]
    left_out: int


async def comparability(database: Database, act: Act, *, micro_credential_id: str = "") -> Comparability:
    """How guests scored what was decided at home, in the common tasks of the programmes that the actor leads."""
    async with database.read() as session:
        reach = await _reach(session, act)
        found = await kept.rescored(session, reach, micro_credential_id=micro_credential_id)
        versions = await catalog.versions_by_id(session, {one.version_id for one in found})
        places = await people.organisations_by_id(
            session, {one.home_id for one in found} | {one.guest_id for one in found}
        )
    rubrics = {version_id: one.specification.passing_rubric() for version_id, one in versions.items()}
    tables = comparing.tables(found, rubrics)
    names = {place.id: place.name for place in places.values()}
    return await asyncio.to_thread(_worked_out, tables, _labels(tables, versions), names)


_Tables = Mapping[comparing.Key, tuple[list[tuple[int, int]], int]]


def _labels(tables: _Tables, versions: Mapping[str, Version]) -> dict[comparing.Key, str]:
    titles: dict[tuple[str, str], str] = {}
    for one in sorted(versions.values(), key=lambda each: each.number):
        titles[one.micro_credential_id, ""] = one.specification.title
        for criterion in one.specification.rubric.criteria:
            titles[one.micro_credential_id, criterion.id] = criterion.title
    return {key: titles[key[0], key[3]] for key in tables}


def _worked_out(tables: _Tables, labels: Mapping[comparing.Key, str], names: Mapping[str, str]) -> Comparability:
    largest = sorted(tables, key=lambda key: (-len(tables[key][0]), key))[:MOST_ROWS]
    rows = []
    for key in sorted(largest):
        ratings, levels = tables[key]
        seed = int.from_bytes(hashlib.sha256("/".join(key).encode()).digest()[:8])
        rows.append(
            ComparedRow(
                micro_credential_id=key[0],
                home_id=key[1],
                guest_id=key[2],
                criterion=key[3],
                label=labels[key],
                home=names[key[1]],
                guest=names[key[2]],
                agreement=agreement(ratings, range(levels), seed=seed, resamples=RESAMPLES),
                difference=comparing.difference([guest - home for home, guest in ratings]),
            )
        )
    return Comparability(suppressed_below=MIN_UNITS, rows=tuple(rows), left_out=len(tables) - len(largest))
