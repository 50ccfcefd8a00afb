"""How well assessors agree, who scores harsher or softer, how long things take: for who leads a programme.

Figures are of whole days (UTC) that are over, so that they are worked out once and kept; the bootstrap runs in a thread of its
own, so that nobody waits for it but who asked.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

import msgspec

from credentials.catalog import service as catalog
from credentials.catalog.model import Rubric
from credentials.db import Database, Session
from credentials.errors import Forbidden, Malformed
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.review import drifting, store_figures
from credentials.review.agreement import MIN_UNITS, Agreement, agreement
from credentials.review.model import By, Pair, Severity

MOST_DAYS = 366 * 2
MOST_ROWS = 60
"""Rows of a report, those with most pairs first: each costs a fraction of a second of the bootstrap."""
RESAMPLES = 200
"""For each row of a report: the ends of its intervals are good to about a hundredth."""
LOOK_BACK = timedelta(days=365)


class AgreementRow(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``key``: what the row is of, as identifiers; ``label``: the same in words."""

    key: tuple[str, ...]
    label: str
    agreement: Agreement


class AgreementReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``since`` and ``until``: the first day and the first day that is not in it. ``left_out``: rows beyond the cap."""

    by: By
    since: date
    until: date
    suppressed_below: int
    rows: tuple[AgreementRow, ...]
    left_out: int


async def _reach(session: Session, act: Act) -> frozenset[str]:
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    if not reach:
        raise Forbidden("this is for scoring leaders: ask an administrator of your organisation for the role")
    return reach


def _at(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def agreement_report(
    database: Database,
    act: Act,
    *,
    by: By,
    micro_credential_id: str = "",
    since: date | None = None,
    until: date | None = None,
) -> AgreementReport:
    """Agreement of first and second readings in the programmes that the actor leads, until yesterday."""
    today = act.now.date()
    ends = min(until or today, today)
    begins = since or ends - LOOK_BACK
    if not timedelta(0) < ends - begins <= timedelta(days=MOST_DAYS):
        raise Malformed(f"name a time of at least one day that is over, and at most {MOST_DAYS} days")
    async with database.read() as session:
        reach = await _reach(session, act)
        asked = (sorted(reach), by, micro_credential_id, begins, ends, RESAMPLES)
        key = hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
        body = await store_figures.report(session, key)
        if body is not None:
            return msgspec.json.decode(body, type=AgreementReport)
        pairs = await store_figures.pairs(
            session, reach, _at(begins), _at(ends), micro_credential_id=micro_credential_id
        )
        rubrics, titles = await _rubrics(session, pairs)
        tables = drifting.tables(pairs, rubrics, by)
        names = await _names(session, by, tables, titles, rubrics, pairs)
    made = await asyncio.to_thread(_worked_out, tables, names, by, begins, ends)
    async with database.write() as session:
        await store_figures.keep_report(session, key, today, msgspec.json.encode(made))
    return made


_Tables = Mapping[tuple[str, ...], tuple[list[tuple[int, int]], int]]


def _worked_out(
    tables: _Tables, names: Mapping[tuple[str, ...], str], by: By, begins: date, ends: date
) -> AgreementReport:
    largest = sorted(tables, key=lambda key: (-len(tables[key][0]), key))[:MOST_ROWS]
    rows = []
    for key in sorted(largest, key=lambda one: (names[one], one)):
        ratings, levels = tables[key]
        seed = int.from_bytes(hashlib.sha256("/".join(key).encode()).digest()[:8])
        found = agreement(ratings, range(levels), seed=seed, resamples=RESAMPLES)
        rows.append(AgreementRow(key=key, label=names[key], agreement=found))
    return AgreementReport(
        by=by,
        since=begins,
        until=ends,
        suppressed_below=MIN_UNITS,
        rows=tuple(rows),
        left_out=len(tables) - len(largest),
    )


async def _rubrics(session: Session, pairs: Sequence[Pair]) -> tuple[dict[str, Rubric], dict[str, str]]:
    """Rubrics by version, titles by micro-credential."""
    versions = await catalog.versions_by_id(session, {one.version_id for one in pairs})
    rubrics = {version_id: one.specification.passing_rubric() for version_id, one in versions.items()}
    titles = {one.micro_credential_id: one.specification.title for one in versions.values()}
    return rubrics, titles


async def _names(
    session: Session,
    by: By,
    tables: _Tables,
    titles: Mapping[str, str],
    rubrics: Mapping[str, Rubric],
    pairs: Sequence[Pair],
) -> dict[tuple[str, ...], str]:
    match by:
        case By.ASSESSOR:
            persons = await people.persons_by_id(session, {key[0] for key in tables})
            return {key: persons[key[0]].name for key in tables}
        case By.SCHOOL:
            places = await people.organisations_by_id(session, {key[0] for key in tables})
            return {key: places[key[0]].name for key in tables}
        case By.MONTH:
            return {key: key[0] for key in tables}
        case By.MICRO_CREDENTIAL:
            return {key: titles[key[0]] for key in tables}
        case By.CRITERION:
            criteria = {
                (one.micro_credential_id, one.criterion): criterion.title
                for one in pairs
                if (criterion := rubrics[one.version_id].criterion(one.criterion))
            }
            return {key: f"{titles[key[0]]}: {criteria[key[0], key[1]]}" for key in tables}


class SeverityRow(Severity, frozen=True, kw_only=True):
    name: str


async def severity(session: Session, act: Act, *, micro_credential_id: str = "") -> list[SeverityRow]:
    """Everybody who read together with others within a year, those with an alert first."""
    reach = await _reach(session, act)
    pairs = await store_figures.pairs(
        session, reach, act.now - LOOK_BACK, act.now, micro_credential_id=micro_credential_id
    )
    rubrics, _ = await _rubrics(session, pairs)
    found = drifting.severities(pairs, rubrics)
    persons = await people.persons_by_id(session, {one.person_id for one in found})
    rows = [SeverityRow(**msgspec.structs.asdict(one), name=persons[one.person_id].name) for one in found]
    return sorted(rows, key=lambda one: (not one.alert, one.name, one.person_id))


class Pace(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How long it takes from a hand-in to its decision in days, by the month of the decision; and how long what is not decided
    has waited."""

    turn_around: tuple[tuple[str, int, float], ...]
    waiting: tuple[tuple[str, int], ...]


AGES = ((3, "up to 3 days"), (7, "4 to 7 days"), (14, "8 to 14 days"), (30, "15 to 30 days"), (100_000, "longer"))


async def pace(session: Session, act: Act) -> Pace:
    """Of the last year: the month, how many were decided in it, their median days; and of what waits now, by age."""
    reach = await _reach(session, act)
    took: dict[str, list[float]] = {}
    for submitted, decided in await store_figures.decided_times(session, reach, act.now - LOOK_BACK):
        took.setdefault(f"{decided:%Y-%m}", []).append((decided - submitted) / timedelta(days=1))
    counted = dict.fromkeys((name for _, name in AGES), 0)
    for since in await store_figures.waiting_since(session, reach):
        days = (act.now - since) / timedelta(days=1)
        counted[next(name for most, name in AGES if days <= most)] += 1
    return Pace(
        turn_around=tuple((month, len(days), median(days)) for month, days in sorted(took.items())),
        waiting=tuple(counted.items()),
    )
