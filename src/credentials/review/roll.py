"""Who is calibrated in the programmes that a leader leads."""

from datetime import timedelta

import msgspec

from credentials.db import Session
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.review import store_calibration as kept
from credentials.review.model import Lock, Qualification


class Roll(msgspec.Struct, frozen=True, kw_only=True):
    """Who is calibrated in the programmes that a leader leads. ``checks``: judged and missed in the last 90 days, by person;
    ``left``: hidden checks that are still unused, by key and person."""

    qualified: tuple[Qualification, ...]
    locks: tuple[Lock, ...]
    checks: dict[str, tuple[int, int]]
    names: dict[str, str]


ROLL_WITHIN = timedelta(days=90)


async def roll(session: Session, act: Act) -> Roll:
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    every = await kept.sets_in(session, reach, limit=kept.MOST)
    qualified = await kept.qualified_in(session, {one.key for one in every}, act.now)
    locks = await kept.locks_in(session, reach)
    checks: dict[str, tuple[int, int]] = {}
    for paper in await kept.judged_in(session, reach, act.now - ROLL_WITHIN):
        judged, missed = checks.get(paper.person_id, (0, 0))
        checks[paper.person_id] = (judged + (paper.missed is not None), missed + (paper.missed is True))
    named = {one.person_id for one in qualified} | {one.person_id for one in locks} | set(checks)
    persons = await people.persons_by_id(session, named)
    return Roll(
        qualified=tuple(qualified),
        locks=tuple(locks),
        checks=checks,
        names={person_id: one.name for person_id, one in persons.items()},
    )
