from datetime import datetime

import msgspec

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardKind, AwardState
from credentials.catalog import service as catalog
from credentials.catalog.service import DEVELOPERS
from credentials.db import Session
from credentials.errors import Forbidden, NotFound
from credentials.ids import new_id
from credentials.issuing import addresses
from credentials.issuing import service as issuing
from credentials.issuing.model import STACK, Entitlement, Grounds
from credentials.issuing.rules import digest_multibase
from credentials.issuing.service import Office
from credentials.openbadges.build import STACK as STACK_KIND
from credentials.openbadges.build import Achievement, Member, Picture
from credentials.pathways import rules, store
from credentials.pathways.dossier import (
    BATCH,
    RECORDERS,
    judge_again,
    judge_by_rule,
    judge_educator,
    judge_everybody,
    may_see,
    record_fact,
    record_item,
    record_of,
    recorded_about,
    records_of,
    release_items,
    rule_of_pathway,
    standing_of,
    use_items,
    what_if,
    withdraw_fact,
    withdraw_item,
    workplaces,
)
from credentials.pathways.exceptions import DECIDERS, override, waive, withdraw_exception
from credentials.pathways.model import JUDGE_ORDER, RULE_ORDER, Progress, Stack, StackPolicy, StackRefused
from credentials.pathways.outside import MAX_PRESENTED, Verify, hand_in, look_again, looks_since, report_on
from credentials.pathways.rulebook import (
    RULE_WRITERS,
    approve_version,
    draft_pathway,
    draft_version,
    drop_version,
    edit_version,
    end_version,
    office_of,
    pathway_for,
    version_for,
)
from credentials.pathways.standings import Rival, Stood, pathways_of, rivals_in, standings_in
from credentials.pathways.store import (
    count_standings,
    counts_of,
    drafts_of,
    exceptions_of,
    facts_of,
    holdings_of,
    list_pathways,
    pathway,
    pathway_by_slug,
    pathways_in_force,
    published,
    stack_by_slug,
    standings_of,
    version,
    versions_of,
    with_members,
)
from credentials.people import service as people
from credentials.people.model import Act, Actor, system_act
from credentials.people.rules import check_slug, require
from credentials.sealing import service as sealing
from credentials.sealing.model import Format, Intent, Source

__all__ = [
    "BATCH",
    "DECIDERS",
    "JUDGE_ORDER",
    "MAX_PRESENTED",
    "RECORDERS",
    "RULE_ORDER",
    "RULE_WRITERS",
    "Rival",
    "Stood",
    "Verify",
    "approve_version",
    "check_award",
    "count_standings",
    "counts_of",
    "draft",
    "draft_pathway",
    "draft_version",
    "drafts_of",
    "drop_version",
    "edit_version",
    "end_version",
    "exceptions_of",
    "facts_of",
    "finish_waiting",
    "hand_in",
    "holdings_of",
    "judge_again",
    "judge_by_rule",
    "judge_educator",
    "judge_everybody",
    "list_pathways",
    "look_again",
    "looks_since",
    "may_see",
    "office_of",
    "override",
    "pathway",
    "pathway_by_slug",
    "pathway_for",
    "pathways_in_force",
    "pathways_of",
    "progress",
    "publish",
    "published",
    "record_fact",
    "record_item",
    "record_of",
    "recorded_about",
    "records_of",
    "release_items",
    "report_on",
    "rivals_in",
    "rule_of_pathway",
    "stack_by_slug",
    "stack_for",
    "standing_of",
    "standings_in",
    "standings_of",
    "use_items",
    "version",
    "version_for",
    "versions_of",
    "waive",
    "what_if",
    "with_members",
    "withdraw_exception",
    "withdraw_fact",
    "withdraw_item",
    "workplaces",
]

DEFAULT_POLICY = StackPolicy()


async def draft(
    session: Session,
    act: Act,
    *,
    organisation_id: str,
    slug: str,
    title: str,
    description: str,
    members: tuple[str, ...],
    policy: StackPolicy = DEFAULT_POLICY,
) -> Stack:
    """Begin a stack. ``members`` are ids of micro-credentials that were published once; ``policy`` says what becomes of its
    credential when one of them is withdrawn or runs out."""
    where = await people.organisation(session, organisation_id)
    require(act.actor, where.lineage, *DEVELOPERS)
    check_slug(slug)
    if not title.strip() or not description.strip():
        raise StackRefused("write a title and a description")
    if len(set(members)) != len(members) or len(members) < 2:
        raise StackRefused("a stack has at least two different micro-credentials")
    for member in members:
        await catalog.micro_credential(session, member)
        if await catalog.published_version(session, member) is None:
            raise StackRefused(f"the micro-credential {member} has no published version")
    rules.check_policy(policy)
    made = Stack(
        id=new_id(act.ids, act.now),
        organisation_id=organisation_id,
        slug=slug,
        title=title,
        description=description,
        members=members,
        policy=policy,
        created_at=act.now,
        author_id=act.actor.person_id,
    )
    await store.add(session, made)
    await audit.record(session, act.entry("stack.drafted", f"stack:{made.id}", organisation=organisation_id))
    return made


async def publish(session: Session, act: Act, stack_id: str) -> Stack:
    """Open a stack, by somebody who did not write it. From now on it does not change."""
    found = await store.stack(session, stack_id)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds_any(DEVELOPERS, where.lineage):
        raise NotFound("there is no such stack")
    if found.published_at is not None:
        return found
    if found.author_id == act.actor.person_id:
        raise Forbidden("somebody who did not write this stack must publish it")
    await store.publish(session, stack_id, act.actor.person_id, act.now)
    await audit.record(session, act.entry("stack.published", f"stack:{stack_id}", organisation=found.organisation_id))
    return await store.stack(session, stack_id)


async def stack_for(session: Session, actor: Actor | None, stack_id: str) -> Stack:
    """A stack as this reader may see it: published ones are everybody's, drafts their developers'."""
    found = await store.stack(session, stack_id)
    if found.published_at is None:
        where = await people.organisation(session, found.organisation_id)
        if actor is None or not actor.holds_any(DEVELOPERS, where.lineage):
            raise NotFound("there is no such stack")
    return found


async def progress(session: Session, educator_id: str, stacks: list[Stack], now: datetime) -> list[Progress]:
    """How far somebody is in each of these stacks."""
    members = {member for stack in stacks for member in stack.members}
    held = await awards.active_of(session, educator_id, members)
    return [rules.progress(stack, held, now) for stack in stacks]


async def check_award(office: Office, now: datetime, award_id: str) -> None:
    """Look again at every stack that an award bears on, after it was issued, changed its state or ran out.

    A stack that is complete is awarded; one that was awarded and is complete no longer becomes what its own policy says, with
    the reason, and comes back when it is complete again. Doing it twice changes nothing.
    """
    async with office.gate.database.read() as session:
        changed = await awards.award(session, award_id)
        if changed.kind is AwardKind.STACK:
            stacks = [await store.stack(session, changed.achievement_id)]
        else:
            stacks = await store.with_members(session, [changed.achievement_id])
        found = await progress(session, changed.educator_id, stacks, now)
        given = {
            award.achievement_id: award
            for award in await awards.stacks_of(session, changed.educator_id, [stack.id for stack in stacks])
        }
    for one in found:
        award = given.get(one.stack.id)
        if award is None and one.complete:
            award = await _issue(office, now, changed.educator_id, one)
        if award is not None:
            await _settle(office, now, one.stack, award.id)
            await _carry(office, now, one.stack, award.id)


async def _settle(office: Office, now: datetime, stack: Stack, award_id: str) -> None:
    """Let an awarded stack follow its members, as its policy says. They are looked at behind the award's lock: whoever
    withdraws a member meanwhile orders another look, which waits here and sees both."""
    async with office.gate.database.write() as session:
        award = await awards.award(session, award_id, lock=True)
        fate = rules.fate(stack, await awards.of_achievements(session, award.educator_id, stack.members), now)
        due = rules.settle(award, fate)
        if due is None:
            return
        to, reason = due
        act = system_act("pathways", now, office.gate.ids)
        if award.state is AwardState.REVOKED:
            again = await _entitlement_of(session, office, award.awarded_at, award.educator_id, stack, fate.counting)
            intent = await issuing.prepare_again(session, office, now, award, again)
        elif award.state is to:
            await issuing.explain(session, act, award, reason=reason)
            return
        else:
            await issuing.withdraw(session, act, award, to, reason=reason)
            return
    await issuing.seal_again(office, now, intent)


async def _carry(office: Office, now: datetime, stack: Stack, award_id: str) -> None:
    """The learner record of a stack that is complete, with its members as they are now."""
    async with office.gate.database.read() as session:
        award = await awards.award(session, award_id)
        (found,) = await progress(session, award.educator_id, [stack], now)
        held = {one.id: one for one in await awards.active_of(session, award.educator_id, stack.members)}
    if award.state is AwardState.ACTIVE and found.complete:
        members = [held[found.earned[member]] for member in stack.members]
        await issuing.issue_record(office, now, award, members)


async def _issue(office: Office, now: datetime, educator_id: str, complete: Progress) -> Award:
    async with office.gate.database.read() as session:
        entitlement = await _entitlement_of(session, office, now, educator_id, complete.stack, complete.earned)
    return await issuing.issue(office, now, entitlement)


async def _entitlement_of(
    session: Session, office: Office, awarded_at: datetime, educator_id: str, stack: Stack, counting: dict[str, str]
) -> Entitlement:
    """``counting`` maps each member to the award that counts for it."""
    members = []
    for micro_credential_id in stack.members:
        award = await awards.award(session, counting[micro_credential_id])
        document = await sealing.sealed_as(session, award.intent_id, Format.DATA_INTEGRITY)
        members.append(
            Member(
                credential=award.credential_id,
                digest=digest_multibase(bytes.fromhex(document.digest)),
                achievement=addresses.achievement(office.base_url, award.version_id or ""),
                name=award.title,
            )
        )
    at = addresses.stack(office.base_url, stack.id)
    titles = "; ".join(member.name for member in members)
    return Entitlement(
        **msgspec.structs.asdict(_grounds(stack, educator_id, awarded_at)),
        achievement=Achievement(
            id=at,
            kind=STACK_KIND,
            name=stack.title,
            description=stack.description,
            criteria_url=at,
            criteria=f"Every micro-credential of this stack was earned: {titles}.",
            image=Picture(url=f"{at}/badge.svg", caption=f"Badge: {stack.title}"),
        ),
        members=tuple(members),
    )


def _grounds(stack: Stack, educator_id: str, awarded_at: datetime) -> Grounds:
    return Grounds(
        source=Source(STACK, f"{stack.id}:{educator_id}"),
        kind=AwardKind.STACK,
        educator_id=educator_id,
        organisation_id=stack.organisation_id,
        achievement_id=stack.id,
        title=stack.title,
        awarded_at=awarded_at,
    )


async def finish_waiting(office: Office, now: datetime) -> int:
    """Seal the stacks that were prepared and not sealed when the service stopped; answers how many."""

    async def finish(intent: Intent) -> None:
        stack_id, _, educator_id = intent.source_id.partition(":")
        async with office.gate.database.read() as session:
            stack = await store.stack(session, stack_id)
        award = await issuing.finish(office, now, intent, _grounds(stack, educator_id, intent.prepared_at))
        await _settle(office, now, stack, award.id)  # a member may have been withdrawn in between

    async with office.gate.database.read() as session:
        waiting = await sealing.waiting(session, kinds=(STACK,))
    return await issuing.each(waiting, finish)
