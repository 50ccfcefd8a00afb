from credentials.audit import service as audit
from credentials.awards import rules, store
from credentials.awards.model import Award, AwardState
from credentials.awards.store import (
    active_of,
    add,
    award,
    by_credential,
    by_submission,
    change,
    intents_after,
    name_achievement,
    of_achievement,
    of_achievements,
    of_educator,
    of_educators,
    of_organisations,
    refs_of,
    shared,
    stacks_of,
)
from credentials.db import Session
from credentials.errors import NotFound
from credentials.ids import new_secret
from credentials.people.model import Act

__all__ = [
    "active_of",
    "add",
    "award",
    "by_credential",
    "by_submission",
    "change",
    "intents_after",
    "move",
    "name_achievement",
    "of_achievement",
    "of_achievements",
    "of_educator",
    "of_educators",
    "of_organisations",
    "own",
    "refs_of",
    "share",
    "shared",
    "stacks_of",
    "unshare",
]


async def own(session: Session, act: Act, award_id: str, *, lock: bool = False) -> Award:
    """The actor's own award; somebody else's looks like none."""
    found = await store.award(session, award_id, lock=lock)
    if found.educator_id != act.actor.person_id:
        raise NotFound("there is no such award")
    return found


async def share(session: Session, act: Act, award_id: str) -> Award:
    """Make the public page of an award; who has its link sees the award. Only its owner can."""
    found = await own(session, act, award_id, lock=True)
    if found.share:
        return found
    changed = await store.change(session, found, share=new_secret(act.ids, 24))
    await audit.record(session, act.entry("award.shared", f"award:{found.id}", organisation=found.organisation_id))
    return changed


async def unshare(session: Session, act: Act, award_id: str) -> Award:
    """Take the public page away. Its link stays dead for good: sharing again makes a new one."""
    found = await own(session, act, award_id, lock=True)
    changed = await store.change(session, found, share=None)
    await audit.record(session, act.entry("award.unshared", f"award:{found.id}", organisation=found.organisation_id))
    return changed


async def move(session: Session, act: Act, found: Award, to: AwardState, *, reason: str) -> Award:
    """Change the state of an award and record who did it and why. Its status bits are the caller's."""
    changed = await store.change(
        session, found, state=rules.move(found.state, to), state_reason=reason, state_changed_at=act.now
    )
    entry = act.entry(
        f"award.{to.value}",
        f"award:{found.id}",
        organisation=found.organisation_id,
        reason=reason,
        intent=found.intent_id,
    )
    await audit.record(session, entry)
    return changed
