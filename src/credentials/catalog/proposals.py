"""An educator proposes a micro-credential of their own making, and a committee of named members says what becomes of it.

It passes the same gates as every other one, when it is handed in and again when it is approved.
"""

from collections.abc import Sequence

import msgspec

from credentials.audit import service as audit
from credentials.catalog import rules, store
from credentials.catalog.model import (
    Choice,
    CommitteeVote,
    MicroCredential,
    Proposal,
    ProposalStage,
    ProposalView,
    Specification,
    Stage,
    Version,
    WrongProposalStage,
)
from credentials.db import Session
from credentials.errors import Conflict, Forbidden, Malformed, NotFound
from credentials.ids import new_id
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act, Organisation, Role, RoleNeeded, SlugTaken
from credentials.people.rules import check_slug

MAX_OPEN = 20
"""Proposals that one author has open: more than a person writes, and not enough to bury a committee."""
MEMBERS = range(3, 16)
"""How many sit on a committee: fewer than three are no committee, more than fifteen do not meet."""
MAX_REASON = 5_000
MAX_SLUGS = 50
"""Endings that are tried where the wished short name has gone meanwhile."""


async def check_gates(session: Session, specification: Specification) -> None:
    """Raises ``PublicationRefused`` with the gates that fail."""
    named = {*specification.competencies, *specification.alignments}
    known = await store.competencies(session, named)
    rules.check_publishable(specification, known_items=frozenset(known))


# The author


async def propose(
    session: Session, act: Act, *, organisation_id: str, slug: str, specification: Specification
) -> Proposal:
    """Begin a proposal to one's school, or to an organisation above it. It may be unfinished."""
    check_slug(slug)
    mine = await people.organisations_by_id(session, act.actor.organisations(Role.EDUCATOR))
    if not mine:
        raise RoleNeeded("only educators propose: ask your district or provider to invite you as one")
    if all(organisation_id not in one.lineage for one in mine.values()):
        raise NotFound("there is no such organisation among yours and those above them")
    if await store.count_open_proposals(session, act.actor.person_id) >= MAX_OPEN:
        raise Conflict(f"you have {MAX_OPEN} open proposals: finish or withdraw one first")
    made = Proposal(
        id=new_id(act.ids, act.now),
        organisation_id=organisation_id,
        author_id=act.actor.person_id,
        slug=slug,
        specification=specification,
        created_at=act.now,
    )
    await store.add_proposal(session, made)
    await _record(session, act, "proposal.begun", made)
    return made


async def change_proposal(
    session: Session, act: Act, proposal_id: str, specification: Specification, *, revision: int
) -> Proposal:
    found = await _own(session, act, proposal_id)
    if found.stage not in rules.PROPOSAL_EDITABLE:
        raise WrongProposalStage("only a draft, or what the committee returned, can be changed")
    read = msgspec.structs.replace(found, revision=revision)
    changed = await store.change_proposal(session, read, specification=specification)
    await _record(session, act, "proposal.changed", changed)
    return changed


async def hand_in_proposal(session: Session, act: Act, proposal_id: str) -> Proposal:
    """Hand a proposal to the committee. The gates are checked here already. Raises ``PublicationRefused``."""
    found = await _own(session, act, proposal_id, lock=True)
    to = rules.move_proposal(found.stage, ProposalStage.IN_REVIEW)
    await check_gates(session, found.specification)
    rules.check_credited(found.specification)
    changed = await store.change_proposal(
        session, found, stage=to, round=found.round + 1, submitted_at=act.now, decided_at=None
    )
    for member in await store.members_of(session, found.id):
        await _tell(session, act, changed, "named", member)
    await _record(session, act, "proposal.submitted", changed)
    return changed


async def withdraw_proposal(session: Session, act: Act, proposal_id: str) -> Proposal:
    found = await _own(session, act, proposal_id, lock=True)
    to = rules.move_proposal(found.stage, ProposalStage.WITHDRAWN)
    changed = await store.change_proposal(session, found, stage=to, decided_at=act.now)
    await _record(session, act, "proposal.withdrawn", changed)
    return changed


async def _own(session: Session, act: Act, proposal_id: str, *, lock: bool = False) -> Proposal:
    found = await store.proposal(session, proposal_id, lock=lock)
    if found.author_id != act.actor.person_id:
        raise await _refusal(session, act, found)
    return found


async def _refusal(session: Session, act: Act, found: Proposal) -> NotFound | Forbidden:
    """What somebody is told who is not the author: that it is somebody else's, if they may know of it at all."""
    where = await people.organisation(session, found.organisation_id)
    if _sees(act, found, where, await store.members_of(session, found.id)):
        return Forbidden("only its author changes a proposal")
    return NotFound("there is no such proposal")


# The committee


async def name_committee(session: Session, act: Act, proposal_id: str, person_ids: Sequence[str]) -> ProposalView:
    """Say who decides on a proposal that is handed in, by a developer or an administrator of the organisation who did not
    write it.

    Members belong to the organisation, to one above it or to one below it; the author is not one of them. Who has voted
    stays, so that nobody is sent away for a vote.
    """
    found, where = await _handed_in(session, act, proposal_id)
    members = tuple(sorted(set(person_ids)))
    if not act.actor.holds_any(rules.DEVELOPERS, where.lineage):
        raise Forbidden("a catalogue developer or an administrator of the organisation names the committee")
    if act.actor.person_id == found.author_id:
        raise Forbidden("you wrote this proposal: somebody else names its committee")
    if found.author_id in members:
        raise Malformed("the author does not decide on their own proposal: name somebody else")
    if len(members) not in MEMBERS:
        raise Malformed(f"name at least {MEMBERS.start} and at most {MEMBERS.stop - 1} members")
    places = await people.below(session, [where.id]) | frozenset(where.lineage)
    if set(members) - await people.have_part(session, members, places, act.now):
        raise Malformed("a member belongs to this organisation, to one above it or to one below it")
    before = await store.members_of(session, found.id)
    if {one.person_id for one in await _votes(session, found)} - set(members):
        raise Conflict("who has voted in this round stays on the committee")
    await store.name_members(session, found.id, members)
    for member in members:
        if member not in before:
            await _tell(session, act, found, "named", member)
    await _record(session, act, "proposal.committee_named", found, members=str(len(members)))
    return await _view(session, act, await _settle(session, act, found, members), where)


async def vote_on_proposal(
    session: Session, act: Act, proposal_id: str, choice: Choice, *, reason: str
) -> ProposalView:
    """Vote with a reason, once in each round. More than half of the members decide."""
    found, where = await _handed_in(session, act, proposal_id)
    members = await store.members_of(session, found.id)
    if act.actor.person_id == found.author_id:
        raise Forbidden("you wrote this proposal: its committee decides")
    if act.actor.person_id not in members:
        raise Forbidden("only the members of its committee vote on a proposal")
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Malformed(f"say why in at most {MAX_REASON} characters: the author reads it")
    cast = CommitteeVote(
        proposal_id=found.id,
        round=found.round,
        person_id=act.actor.person_id,
        choice=choice,
        reason=reason.strip(),
        at=act.now,
    )
    await store.add_committee_vote(session, cast)
    await _record(session, act, "proposal.voted", found, reason=cast.reason, choice=choice.value)
    return await _view(session, act, await _settle(session, act, found, members), where)


async def _handed_in(session: Session, act: Act, proposal_id: str) -> tuple[Proposal, Organisation]:
    """A proposal that a committee reads now, held until the transaction ends; to whoever has no part in it there is none."""
    found = await store.proposal(session, proposal_id, lock=True)
    where = await people.organisation(session, found.organisation_id)
    if not _sees(act, found, where, await store.members_of(session, found.id)):
        raise NotFound("there is no such proposal")
    if found.stage is not ProposalStage.IN_REVIEW:
        raise WrongProposalStage("this proposal is not before a committee")
    return found, where


async def _votes(session: Session, found: Proposal) -> list[CommitteeVote]:
    return [one for one in await store.committee_votes(session, found.id) if one.round == found.round]


async def _settle(session: Session, act: Act, found: Proposal, members: Sequence[str]) -> Proposal:
    """Carry out what the committee has decided, if it has."""
    votes = await _votes(session, found)
    choice = rules.agreed([one.choice for one in votes], len(members))
    if choice is None:
        return found
    to = rules.move_proposal(found.stage, rules.OUTCOMES[choice])
    version_id = await _publish(session, act, found) if choice is Choice.APPROVE else None
    changed = await store.change_proposal(session, found, stage=to, decided_at=act.now, version_id=version_id)
    await _tell(session, act, changed, to.value, found.author_id)
    await _record(session, act, f"proposal.{to.value}", changed, version=version_id or "")
    return changed


async def _publish(session: Session, act: Act, found: Proposal) -> str:
    """The proposal as the first version of a micro-credential, written by its author and published by the committee."""
    await check_gates(session, found.specification)
    of = await _micro_credential(session, act, found)
    version = Version(
        id=new_id(act.ids, act.now),
        micro_credential_id=of.id,
        number=1,
        stage=Stage.PUBLISHED,
        specification=found.specification,
        digest=rules.digest(found.specification),
        author_id=found.author_id,
        created_at=found.created_at,
        published_by=act.actor.person_id,
        published_at=act.now,
    )
    await store.add_version(session, version)
    entry = act.entry(
        "version.published",
        f"version:{version.id}",
        organisation=of.organisation_id,
        digest=version.digest,
        proposal=found.id,
    )
    await audit.record(session, entry)
    return version.id


async def _micro_credential(session: Session, act: Act, found: Proposal) -> MicroCredential:
    """Under the short name that the author wished for, or, if it has gone meanwhile, with a number behind it."""
    for number in range(1, MAX_SLUGS):
        slug = found.slug if number == 1 else f"{found.slug[:58]}-{number}"
        made = MicroCredential(
            id=new_id(act.ids, act.now), organisation_id=found.organisation_id, slug=slug, created_at=act.now
        )
        try:
            await store.add_micro_credential(session, made)
        except SlugTaken:
            continue
        return made
    raise SlugTaken("the short name is in use: return the proposal so that its author chooses another")


# Reading


async def proposal_for(session: Session, act: Act, proposal_id: str) -> ProposalView:
    """A proposal, for its author, and from when it is handed in for its committee and the organisation's developers."""
    found = await store.proposal(session, proposal_id)
    where = await people.organisation(session, found.organisation_id)
    return await _view(session, act, found, where)


async def proposals_for(session: Session, act: Act, *, before: str = "", limit: int = 50) -> list[Proposal]:
    """Newest first: mine, those on whose committee I am, and those handed in where I develop the catalogue."""
    reach = await people.within(session, act.actor, *rules.DEVELOPERS)
    return await store.proposals_seen_by(session, act.actor.person_id, reach, before=before, limit=limit)


def _sees(act: Act, found: Proposal, where: Organisation, members: Sequence[str]) -> bool:
    me = act.actor.person_id
    if me == found.author_id:
        return True
    return found.round > 0 and (me in members or act.actor.holds_any(rules.DEVELOPERS, where.lineage))


async def _view(session: Session, act: Act, found: Proposal, where: Organisation) -> ProposalView:
    """Who wrote it sees the reasons and not who gave them. A member sees the others' votes once they have voted
    themselves, and so does everybody else once it is decided."""
    members = await store.members_of(session, found.id)
    if not _sees(act, found, where, members):
        raise NotFound("there is no such proposal")
    votes = await store.committee_votes(session, found.id)
    now = [one for one in votes if one.round == found.round]
    me = act.actor.person_id
    is_author = me == found.author_id
    is_open = found.stage is ProposalStage.IN_REVIEW
    voted = any(one.person_id == me for one in now)
    shown = not is_author and (voted or not is_open)
    decided = [one for one in votes if one.round < found.round or not is_open]
    return ProposalView(
        proposal=found,
        members=() if is_author else members,
        votes=tuple(now) if shown else (),
        voted=len(now),
        reasons=tuple(msgspec.structs.replace(one, person_id="") for one in decided),
        is_author=is_author,
        may_vote=is_open and me in members and not is_author and not voted,
        may_name=is_open and not is_author and act.actor.holds_any(rules.DEVELOPERS, where.lineage),
    )


async def _tell(session: Session, act: Act, found: Proposal, what: str, person_id: str) -> None:
    key = f"proposal:{found.id}:{found.round}:{what}:{person_id}"
    payload = {"letter": what, "proposal": found.id, "person": person_id}
    await outbox.place(session, act.ids, act.now, people.MAIL_ORDER, key, **payload)


async def _record(session: Session, act: Act, action: str, found: Proposal, *, reason: str = "", **detail: str) -> None:
    entry = act.entry(
        action,
        f"proposal:{found.id}",
        organisation=found.organisation_id,
        reason=reason,
        round=str(found.round),
        **detail,
    )
    await audit.record(session, entry)
