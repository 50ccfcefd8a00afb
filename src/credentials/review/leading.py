"""What a scoring leader looks after: what is late or split, unblinding, back-reading, samples, relationships, comments."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from credentials.audit import service as audit
from credentials.catalog import service as catalog
from credentials.catalog.model import Version
from credentials.db import Session
from credentials.errors import Conflict, Forbidden, Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Stage, Submission, Wanted
from credentials.evidence.rules import ATTEMPTED
from credentials.ids import new_id
from credentials.people import service as people
from credentials.people.model import Act, Person, Role
from credentials.people.rules import has_part, normal_address, require
from credentials.review import rules, store, store_comments, store_conflicts, store_queue
from credentials.review.assignment import by_load, check_may_score, seed_of, taken
from credentials.review.model import (
    DECLARED,
    Applicant,
    Comment,
    ConflictKind,
    Decision,
    DeclaredConflict,
    Load,
    Review,
    ReviewKind,
    ReviewStage,
    Sample,
    Split,
)

BACK_READ_WITHIN = timedelta(days=90)
"""What was decided longer ago is not drawn for back-reading any more."""
MAX_COMMENT = 2_000


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A submission that is not decided, as its scoring leader sees it: who reads it, not whose it is."""

    submission: Submission
    version: Version
    reviews: tuple[Review, ...]
    overdue: bool


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What is on a scoring leader's desk. ``people`` are the assessors that are named in it."""

    overdue: tuple[Case, ...]
    split: tuple[Case, ...]
    waiting: tuple[Case, ...]
    people: dict[str, Person]
    loads: tuple[Load, ...]


MOST_CASES = 100


async def desk(session: Session, act: Act) -> Desk:
    """Everything undecided of the organisations that the actor leads, soonest due first."""
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    if not reach:
        raise Forbidden("this is for scoring leaders: ask an administrator of your organisation for the role")
    late = await store_queue.undecided(session, reach, due_before=act.now, limit=MOST_CASES)
    split = await store_queue.undecided(session, reach, wants=(Wanted.ADJUDICATION, Wanted.LEADER), limit=MOST_CASES)
    waiting = await store_queue.undecided(session, reach, limit=MOST_CASES)
    every = {found.id: found for found in (*late, *split, *waiting)}
    versions = await catalog.versions_by_id(session, {found.version_id for found in every.values()})
    reviews = await store.open_by_submission(session, every)
    places = await people.organisations_by_id(session, {found.organisation_id for found in every.values()})
    above = {ancestor for place in places.values() for ancestor in place.lineage} or set(reach)
    able = await people.holders_above(session, above, Role.ASSESSOR, act.now)
    named = {one.assessor_id for of in reviews.values() for one in of} | set(able)

    def cases(found: Sequence[Submission]) -> tuple[Case, ...]:
        return tuple(
            Case(
                submission=one,
                version=versions[one.version_id],
                reviews=tuple(reviews.get(one.id, ())),
                overdue=one.due_at is not None and one.due_at <= act.now,
            )
            for one in found
        )

    return Desk(
        overdue=cases(late),
        split=cases(split),
        waiting=cases(waiting),
        people=await people.persons_by_id(session, named),
        loads=tuple(await by_load(session, able, act.now)),
    )


async def _led(session: Session, act: Act, submission_id: str, *, lock: bool = False) -> Submission:
    found = await evidence.submission(session, submission_id, lock=lock)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, where.lineage) or found.stage is Stage.SPECIMEN:
        raise NotFound("there is no such submission")
    return found


async def splits_of(session: Session, act: Act, submission_id: str) -> tuple[Split, ...]:
    """Where the two readings of a submission differ, for a leader who does not settle it."""
    found = await _led(session, act, submission_id)
    mine = await store.open_review_of(session, found.id, act.actor.person_id)
    if mine or found.wants is Wanted.LEADER:
        raise Conflict("whoever settles a split does not see the two scores before")
    done = {
        one.review.kind: one.scores
        for one in await store.readings(session, found.id)
        if one.review.stage is ReviewStage.DECIDED
    }
    if not {ReviewKind.FIRST, ReviewKind.SECOND} <= done.keys():
        return ()
    version = await catalog.version(session, found.version_id)
    return rules.splits(version.specification, done[ReviewKind.FIRST], done[ReviewKind.SECOND])


async def unblind(session: Session, act: Act, submission_id: str, *, reason: str) -> Applicant:
    """Whose work it is, for an inquiry. The reason is on record, and whoever asked does not score that educator's work."""
    found = await _led(session, act, submission_id, lock=True)
    if not reason.strip():
        raise Malformed("say why you must know whose work it is: the reason is kept")
    if found.stage not in {Stage.SUBMITTED, Stage.IN_REVIEW, Stage.INCOMPLETE, Stage.HELD, *ATTEMPTED}:
        raise NotFound("there is no such submission")
    if await store.open_review_of(session, found.id, act.actor.person_id):
        raise Conflict("you are scoring this: give it back first, then ask whose it is")
    someone = await people.person(session, found.educator_id)
    schools = await people.organisations_by_id(session, found.school_ids)
    await store_conflicts.add_unblinding(session, found.id, act.actor.person_id, someone.id, reason.strip(), act.now)
    await audit.record(
        session,
        act.entry(
            "submission.unblinded",
            f"submission:{found.id}",
            organisation=found.organisation_id,
            reason=reason.strip(),
        ),
    )
    return Applicant(
        person_id=someone.id, name=someone.name, schools=tuple(sorted(one.name for one in schools.values()))
    )


# Back-reading and samples


async def to_back_read(session: Session, act: Act) -> list[tuple[Decision, Version]]:
    """Decisions that were drawn for back-reading and that nobody has read again, newest first."""
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    recent = await store.decisions_of(session, reach, since=act.now - BACK_READ_WITHIN)
    versions = await catalog.versions_by_id(session, {version_id for _, version_id in recent})
    drawn = []
    for made, version_id in recent:
        share = versions[version_id].specification.programme.back_read_share
        seed = await store_queue.seed_of(session, version_id) if share else None
        if seed and rules.is_drawn(seed, rules.BACK, made.submission_id, share):
            drawn.append((made, versions[version_id]))
    reviews = await store.open_by_submission(session, [made.submission_id for made, _ in drawn])
    return [
        (made, version)
        for made, version in drawn
        if not any(
            one.kind is ReviewKind.BACK_READ or one.assessor_id == act.actor.person_id
            for one in reviews.get(made.submission_id, ())
        )
    ]


async def begin_back_read(session: Session, act: Act, submission_id: str) -> Review:
    """Read again what was decided, without seeing how. Nothing is decided anew by it. Raises ``ConflictOfInterest``."""
    found = await _led(session, act, submission_id, lock=True)
    mine = await store.open_review_of(session, found.id, act.actor.person_id)
    if mine:
        return mine
    if found.stage not in {Stage.NOT_YET_EARNED, Stage.EARNED}:
        raise Conflict("this is not decided yet: there is nothing to read again")
    await check_may_score(session, found, act.actor.person_id, act.now, as_leader=True)
    version = await catalog.version(session, found.version_id)
    begun = Review(
        id=new_id(act.ids, act.now),
        submission_id=found.id,
        assessor_id=act.actor.person_id,
        educator_id=found.educator_id,
        micro_credential_id=found.micro_credential_id,
        kind=ReviewKind.BACK_READ,
        manifest_digest=found.manifest_digest,
        stage=ReviewStage.SCORING,
        claimed_at=act.now,
        checked_at=act.now,
        lease_until=rules.lease(version.specification.programme, act.now),
    )
    if not await store.add(session, begun):
        raise taken()
    await audit.record(
        session,
        act.entry("review.back_read_begun", f"submission:{found.id}", organisation=found.organisation_id),
    )
    return begun


class BackRead(msgspec.Struct, frozen=True, kw_only=True):
    """A back-reading beside the decision: ``differs`` names the criteria on which whether it passes differs."""

    review: Review
    version: Version
    same: int
    criteria: int
    differs: tuple[str, ...]


async def back_reads(session: Session, act: Act) -> list[BackRead]:
    """What came of back-reading, newest first."""
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    reviews = await store.with_kind(session, reach, ReviewKind.BACK_READ)
    given = await store.scores_by_review(session, [one.id for one in reviews])
    submissions = await evidence.submissions_by_id(session, {one.submission_id for one in reviews})
    versions = await catalog.versions_by_id(session, {one.version_id for one in submissions.values()})
    made = await store.decisions_by_submission(session, submissions)
    found = []
    for one in reviews:
        version = versions[submissions[one.submission_id].version_id]
        decided = {score.criterion: score.level for score in made[one.submission_id].scores}
        read = {score.criterion: score.level for score in given[one.id]}
        criteria = version.specification.passing_rubric().criteria
        differs = [c.title for c in criteria if c.passes(decided[c.id]) != c.passes(read[c.id])]
        same = sum(decided[c.id] == read[c.id] for c in criteria)
        found.append(BackRead(review=one, version=version, same=same, criteria=len(criteria), differs=tuple(differs)))
    return found


async def sample(session: Session, act: Act, version_id: str) -> Sample:
    """Which share of a version's submissions was drawn for a second score, with the seed: anybody can draw them again."""
    entry = (await catalog.entries_by_version(session, [version_id])).get(version_id)
    if entry is None:
        raise NotFound("there is no such version")
    where = await people.organisation(session, entry.micro_credential.organisation_id)
    if not has_part(act.actor, where.lineage):
        raise NotFound("there is no such version")
    require(act.actor, where.lineage, Role.SCORING_LEADER)
    share = entry.version.specification.programme.double_score_share
    seed = await seed_of(session, act.ids, version_id)
    every = await store.handed_in_of_version(session, version_id)
    drawn = sum(rules.is_drawn(seed, rules.DOUBLE, submission_id, share) for submission_id in every)
    await audit.record(session, act.entry("sample.reported", f"version:{version_id}", organisation=where.id))
    return Sample(version_id=version_id, seed=seed, asked=share, drawn=drawn, of=len(every))


# Relationships


KEEPERS = (Role.SCORING_LEADER, Role.ADMINISTRATOR)


async def declare_conflict(
    session: Session,
    act: Act,
    *,
    person_id: str | None = None,
    other_id: str | None = None,
    other_address: str = "",
    kind: ConflictKind,
    from_: date | None = None,
    until: date | None = None,
) -> DeclaredConflict:
    """Put a relationship on record: one's own, or, by a leader or administrator, one of somebody in their organisations."""
    about = person_id or act.actor.person_id
    if kind not in DECLARED:
        kinds = ", ".join(sorted(one.value for one in DECLARED))
        raise Malformed(f"this is not declared but seen by the service; declare one of {kinds}")
    if about != act.actor.person_id and not await _keeps(session, act, about):
        raise NotFound("there is no such person in your organisations")
    if (other_id is None) == (not other_address.strip()):
        raise Malformed("name the other person, by their id or by an e-mail address")
    if other_id is not None:
        if not await _keeps(session, act, other_id):
            raise NotFound("there is no such person in your organisations")
        if other_id == about:
            raise Malformed("a relationship is with somebody else")
    begins = from_ or act.now.date()
    if until is not None and until <= begins:
        raise Malformed("the relationship would end before it begins")
    made = DeclaredConflict(
        id=new_id(act.ids, act.now),
        person_id=about,
        other_id=other_id,
        other_address=normal_address(other_address) if other_id is None else "",
        kind=kind,
        from_=begins,
        until=until,
        declared_by=act.actor.person_id,
        declared_at=act.now,
    )
    await store_conflicts.add_conflict(session, made)
    await audit.record(session, act.entry("conflict.declared", f"person:{about}", kind=kind.value, conflict=made.id))
    return made


async def _keeps(session: Session, act: Act, person_id: str) -> bool:
    """Whether the actor looks after an organisation in which this person has a role."""
    reach = await people.within(session, act.actor, *KEEPERS)
    return bool(reach & {grant.organisation_id for grant in await people.grants_of(session, person_id, act.now)})


async def end_conflict(session: Session, act: Act, conflict_id: str, *, reason: str) -> None:
    """From today on the relationship is over. Only who declared it, or a leader or administrator, says so."""
    found = await store_conflicts.conflict(session, conflict_id)
    if found.declared_by != act.actor.person_id and not await _keeps(session, act, found.person_id):
        raise NotFound("there is no such relationship on record")
    await store_conflicts.end_conflict(session, found.id, act.now.date())
    entry = act.entry("conflict.ended", f"person:{found.person_id}", reason=reason, conflict=found.id)
    await audit.record(session, entry)


async def declared_by_me(session: Session, act: Act) -> list[DeclaredConflict]:
    """What I have put on record. What others say of me is not shown: it could tell whose work waits."""
    mine = await store_conflicts.conflicts_of(session, act.actor.person_id, ())
    return [one for one in mine if one.declared_by == act.actor.person_id]


# Comments


async def add_comment(
    session: Session, act: Act, *, text: str, micro_credential_id: str | None = None, shared: bool = False
) -> Comment:
    """Keep a sentence of feedback to use again: for oneself, or as a leader for all who score a micro-credential."""
    if not text.strip() or len(text) > MAX_COMMENT:
        raise Malformed(f"write a comment of at most {MAX_COMMENT} characters")
    if micro_credential_id is not None:
        of = await catalog.micro_credential(session, micro_credential_id)
        where = await people.organisation(session, of.organisation_id)
        require(act.actor, where.lineage, *((Role.SCORING_LEADER,) if shared else (Role.ASSESSOR, Role.SCORING_LEADER)))
    elif shared:
        raise Malformed("say for which micro-credential the comment is")
    elif not act.actor.organisations(Role.ASSESSOR, Role.SCORING_LEADER):
        raise Forbidden("comments are for assessors: ask an administrator of your organisation for the role")
    made = Comment(
        id=new_id(act.ids, act.now),
        owner_id=None if shared else act.actor.person_id,
        micro_credential_id=micro_credential_id,
        text=text.strip(),
        made_by=act.actor.person_id,
        made_at=act.now,
    )
    await store_comments.add_comment(session, made)
    return made


async def remove_comment(session: Session, act: Act, comment_id: str) -> None:
    found = await store_comments.comment(session, comment_id)
    mine = found.owner_id == act.actor.person_id
    if not mine and found.owner_id is None and found.micro_credential_id:
        of = await catalog.micro_credential(session, found.micro_credential_id)
        where = await people.organisation(session, of.organisation_id)
        mine = act.actor.holds(Role.SCORING_LEADER, where.lineage)
    if not mine:
        raise NotFound("there is no such comment")
    await store_comments.remove_comment(session, comment_id)


async def comments_for(session: Session, act: Act, micro_credential_ids: Sequence[str]) -> list[Comment]:
    """My own comments, and those for all who score one of these."""
    return await store_comments.comments_for(session, act.actor.person_id, micro_credential_ids)


async def shared_comments(session: Session, act: Act, micro_credential_id: str) -> list[Comment]:
    """Those for all who score a micro-credential, for a scoring leader who looks after them."""
    of = await catalog.micro_credential(session, micro_credential_id)
    where = await people.organisation(session, of.organisation_id)
    require(act.actor, where.lineage, Role.SCORING_LEADER)
    return await store_comments.comments_for(session, "", [of.id])  # nobody's own
