from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select

from credentials.awards.model import Award, AwardKind, AwardState
from credentials.awards.tables import awards, refs
from credentials.db import Session, find_all, find_groups, find_one, insert_once, known, one_by_id, revise

_BY_CREDENTIAL = select(awards).where(awards.c.credential_id == bindparam("credential"))
_BY_SUBMISSION = select(awards).where(awards.c.submission_id == bindparam("submission"))


async def add(session: Session, award: Award) -> bool:
    return await insert_once(session, awards, award)


async def award(session: Session, award_id: str, *, lock: bool = False) -> Award:
    return await one_by_id(session, Award, awards, award_id, "there is no such award", lock=lock)


async def shared(session: Session, share: str) -> Award:
    query = select(awards).where(awards.c.share == share)
    return known(await find_one(session, Award, query), "there is no such badge, or its owner no longer shares it")


async def by_credential(session: Session, credential_id: str) -> Award | None:
    return await find_one(session, Award, _BY_CREDENTIAL, {"credential": credential_id})


async def by_submission(session: Session, submission_id: str) -> Award | None:
    return await find_one(session, Award, _BY_SUBMISSION, {"submission": submission_id})


_OF_EDUCATOR = select(awards).where(awards.c.educator_id == bindparam("educator"))
_AMONG = _OF_EDUCATOR.where(awards.c.achievement_id.in_(bindparam("achievements", expanding=True)))
_ACTIVE_AMONG = _AMONG.where(awards.c.state == AwardState.ACTIVE).order_by(awards.c.id)
_STACKS_AMONG = _AMONG.where(awards.c.kind == AwardKind.STACK).order_by(awards.c.id)
_PAGE_OF_EDUCATOR = _OF_EDUCATOR.order_by(awards.c.id.desc()).limit(bindparam("most"))
_NEXT_OF_EDUCATOR = _PAGE_OF_EDUCATOR.where(awards.c.id < bindparam("after"))


async def of_educator(session: Session, educator_id: str, *, after: str = "", limit: int = 200) -> list[Award]:
    """Newest first, beginning behind ``after``."""
    of = {"educator": educator_id, "most": limit}
    if after:
        return await find_all(session, Award, _NEXT_OF_EDUCATOR, {**of, "after": after})
    return await find_all(session, Award, _PAGE_OF_EDUCATOR, of)


async def of_educators(session: Session, educator_ids: Iterable[str]) -> dict[str, list[Award]]:
    """All awards of each of these people, oldest first."""
    query = select(awards).where(awards.c.educator_id.in_(set(educator_ids))).order_by(awards.c.id)
    return await find_groups(session, Award, awards.c.educator_id, query)


async def active_of(session: Session, educator_id: str, achievement_ids: Iterable[str]) -> list[Award]:
    of = {"educator": educator_id, "achievements": sorted(set(achievement_ids))}
    return await find_all(session, Award, _ACTIVE_AMONG, of)


async def of_achievements(session: Session, educator_id: str, achievement_ids: Iterable[str]) -> list[Award]:
    """All awards of these achievements to somebody, whatever their state, oldest first."""
    query = select(awards).where(awards.c.educator_id == educator_id, awards.c.achievement_id.in_(set(achievement_ids)))
    return await find_all(session, Award, query.order_by(awards.c.id))


async def of_achievement(session: Session, educator_id: str, achievement_id: str) -> list[Award]:
    """All awards of one achievement to somebody, oldest first."""
    query = select(awards).where(awards.c.educator_id == educator_id, awards.c.achievement_id == achievement_id)
    return await find_all(session, Award, query.order_by(awards.c.id))


async def stacks_of(session: Session, educator_id: str, stack_ids: Iterable[str]) -> list[Award]:
    """What somebody was awarded for these stacks, whatever its state."""
    of = {"educator": educator_id, "achievements": sorted(set(stack_ids))}
    return await find_all(session, Award, _STACKS_AMONG, of)


async def of_organisations(
    session: Session, organisation_ids: Iterable[str], *, after: str = "", limit: int = 50
) -> list[Award]:
    """What these organisations awarded, in the order of awarding."""
    query = select(awards).where(awards.c.organisation_id.in_(set(organisation_ids)), awards.c.id > after)
    return await find_all(session, Award, query.order_by(awards.c.id).limit(limit))


async def change(session: Session, found: Award, **values: Any) -> Award:
    return await revise(session, awards, found, "this award", **values)


async def intents_after(session: Session, award_id: str, *, limit: int = 1_000) -> list[tuple[str, str, AwardState]]:
    """Award, intent and state of what was awarded behind ``award_id``, in order, for ``fsck``."""
    query = select(awards.c.id, awards.c.intent_id, awards.c.state).where(awards.c.id > award_id)
    rows = await session.execute(query.order_by(awards.c.id).limit(limit))
    return [(row[0], row[1], AwardState(row[2])) for row in rows]


async def name_achievement(session: Session, achievement_id: str, ref: str) -> None:
    """By which short name rules call an achievement that is none of the catalogue's."""
    await insert_once(session, refs, {"achievement_id": achievement_id, "ref": ref})


async def refs_of(session: Session, achievement_ids: Iterable[str]) -> dict[str, str]:
    asked = set(achievement_ids)
    if not asked:
        return {}
    query = select(refs).where(refs.c.achievement_id.in_(asked))
    return {row.achievement_id: row.ref for row in await session.execute(query)}
