"""Hidden checks in the live queue, and the locks that come of missing them."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from credentials.catalog.model import Version
from credentials.db import Session
from credentials.evidence import service as evidence
from credentials.evidence.model import Submission, Wanted
from credentials.ids import Ids, new_id
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.review import judging, rules, store, store_conflicts, store_moderation
from credentials.review import store_calibration as kept
from credentials.review.anchors import copy_of, key_of, record
from credentials.review.assignment import is_drawn, seed_of, standing_of
from credentials.review.model import (
    Anchor,
    AnchorUse,
    Lock,
    Paper,
    Reading,
    Review,
    ReviewKind,
    ReviewStage,
    Score,
    Standing,
    TrueScore,
)
from credentials.review.qualification import fair_sets

MAX_CANDIDATES = 20
"""Anchors that are looked at for a hidden check, one after another, before none is dealt."""
CHECKED = (ReviewKind.FIRST, ReviewKind.SECOND, ReviewKind.ADJUDICATION, ReviewKind.VALIDITY)
"""Readings after which a hidden check may come. After a check, too: that none ever follows one would tell."""
JITTER = 600
"""Seconds by which a hidden check seems to have been handed in after the work that was read before it, at most."""


async def deal(session: Session, act: Act, read: Review, submission: Submission, version: Version) -> None:
    """After a reading, perhaps, put a hidden check into the assessor's queue.

    It is a copy of an anchor that they were never dealt, from nobody whose work they may not score, handed in, as it seems,
    soon after the work that they have just read. Leaders, who know the anchors, are dealt none. Nor is anybody where names
    are shown, whatever the version says: a check has no name, and one that was made up could be looked up.
    """
    programme = version.specification.programme
    asked = programme.calibration
    if not programme.is_blind or asked.validity_share <= 0 or read.kind not in CHECKED:
        return
    where = await people.organisation(session, submission.organisation_id)
    if act.actor.holds(Role.SCORING_LEADER, where.lineage):
        return
    if not rules.is_drawn(await seed_of(session, act.ids, version.id), rules.VALIDITY, read.id, asked.validity_share):
        return
    dealt = await kept.dealt_to(session, act.actor.person_id, version.micro_credential_id)
    if any(one.judged_at is None for one in dealt):
        return  # one at a time
    seen = {one.anchor_id for one in dealt}
    fresh = [one for one in await kept.anchors_for(session, key_of(version), AnchorUse.VALIDITY) if one.id not in seen]
    chosen = await _choose(session, act, fresh)
    if chosen is None:
        return
    master = await evidence.submission(session, chosen.submission_id)
    after = submission.submitted_at or act.now
    at = min(after + timedelta(seconds=1 + act.ids.below(JITTER)), act.now)
    artifacts = await evidence.artifacts_of(session, master.id)
    copied = await copy_of(
        session, act, version, where.id, artifacts, source=master, submitted_at=at, wants=Wanted.FIRST
    )
    await kept.add_paper(
        session,
        Paper(
            submission_id=copied.id,
            anchor_id=chosen.id,
            person_id=act.actor.person_id,
            organisation_id=where.id,
            micro_credential_id=version.micro_credential_id,
            key=chosen.key,
            dealt_at=act.now,
        ),
    )


async def _choose(session: Session, act: Act, fresh: Sequence[Anchor]) -> Anchor | None:
    """One of these at random, of nobody who is near to the assessor and nothing that they have scored."""
    standing = await standing_of(session, act.actor.person_id, act.now)
    agreed = await store_moderation.has_seat(
        session, {one.moderation_id for one in fresh if one.moderation_id}, standing.person_id
    )
    left = [one for one in fresh if one.moderation_id not in agreed]  # whoever agreed on it knows it again
    sources = await evidence.submissions_by_id(session, {one.source_id for one in fresh if one.source_id})
    for _ in range(MAX_CANDIDATES):
        if not left:
            return None
        one = left.pop(act.ids.below(len(left)))
        if one.made_by in standing.related or one.made_by == act.actor.person_id:
            continue
        if one.source_id is None or await _may_see(session, standing, sources[one.source_id]):
            return one
    return None


async def _may_see(session: Session, standing: Standing, source: Submission) -> bool:
    scored = await store_conflicts.has_scored(
        session, standing.person_id, source.educator_id, source.micro_credential_id
    )
    near = rules.conflict(
        msgspec.structs.replace(source, earned_only=False), standing, scored_before=scored, reciprocal=False
    )
    return near is None


async def judge_paper(
    session: Session, act: Act, read: Review, version: Version, given: Sequence[Score], *, returned: bool = False
) -> None:
    """What an assessor made of a hidden check. Too many missed ones lock their queue and issue a set to pass.

    ``returned``: they said that something is missing, which is wrong: anchors are whole.
    """
    paper = await kept.paper(session, read.submission_id, lock=True)
    if paper is None or paper.judged_at is not None:
        return
    truth = (await kept.anchor(session, paper.anchor_id)).scores
    specification = version.specification
    apart = specification.programme.levels_apart
    missed = returned or judging.is_missed(specification.passing_rubric(), truth, given, apart)
    await kept.judge_paper(session, paper.submission_id, judged_at=act.now, missed=missed)
    if missed:
        await record(session, act, "validity.missed", f"person:{paper.person_id}", paper.organisation_id)
    await _lock_if_due(session, act, paper, version)


async def _lock_if_due(session: Session, act: Act, paper: Paper, version: Version) -> None:
    since = await kept.last_unlock(session, paper.person_id, paper.micro_credential_id)
    judged = [
        one.missed is True
        for one in sorted(
            await kept.dealt_to(session, paper.person_id, paper.micro_credential_id),
            key=lambda one: (one.judged_at or act.now, one.dealt_at),
            reverse=True,
        )
        if one.judged_at is not None and (since is None or one.judged_at > since)
    ]
    found = judging.misses(version.specification.programme.calibration, judged)
    if found is None:
        return
    sets = await kept.sets_for(session, paper.key)
    attempts = await kept.attempts_of(session, paper.person_id, paper.key)
    fair = await fair_sets(session, paper.person_id, sets)
    fresh = judging.fresh_sets(fair or sets, attempts)
    made = Lock(
        id=new_id(act.ids, act.now),
        person_id=paper.person_id,
        organisation_id=paper.organisation_id,
        micro_credential_id=paper.micro_credential_id,
        key=paper.key,
        set_id=fresh[0].id if fresh else None,
        misses=found[0],
        of=found[1],
        locked_at=act.now,
    )
    if await kept.add_lock(session, made):
        await record(
            session,
            act,
            "queue.locked",
            f"person:{paper.person_id}",
            paper.organisation_id,
            misses=f"{found[0]} of {found[1]}",
            set=made.set_id or "",
        )


async def withdraw_paper(session: Session, act: Act, found: Submission) -> None:
    """Somebody reported this as misconduct: it stops as live work stops, and says nothing of who read it."""
    paper = await kept.paper(session, found.id, lock=True)
    if paper is None:
        return
    open_ = await store.open_review_of(session, found.id, paper.person_id)
    if open_:
        to = rules.move(open_.stage, ReviewStage.RELEASED)
        await store.change(session, open_, stage=to, ended_at=act.now)
    await evidence.keep(session, act, found, "submission.held", wants=Wanted.NOTHING)
    if paper.judged_at is None:
        await kept.judge_paper(session, paper.submission_id, judged_at=act.now, missed=None)


async def seems_decided(
    session: Session, ids: Ids, paper: Review, version: Version, given: Sequence[Score], truth: Sequence[TrueScore]
) -> bool:
    """What an assessor is told of whether theirs was the last reading that was needed, as it would be for live work: by
    itself, or as the second of two of which the first gave the true scores."""
    specification = version.specification
    mine = msgspec.structs.replace(paper, kind=ReviewKind.FIRST, stage=ReviewStage.DECIDED)
    drawn = await is_drawn(session, ids, paper.submission_id, version)
    readings = [Reading(review=mine, scores=tuple(given))]
    if rules.is_drawn(await seed_of(session, ids, version.id), rules.SEEMS, paper.submission_id, 0.5):
        true = tuple(Score(criterion=one.criterion, level=one.level, feedback=one.rationale) for one in truth)
        second = msgspec.structs.replace(mine, kind=ReviewKind.SECOND)
        if specification.programme.assessors == 2 or drawn:
            readings = [Reading(review=mine, scores=true), Reading(review=second, scores=tuple(given))]
    return rules.combine(specification, readings, drawn=drawn) is not None


async def truth_of(session: Session, submission_id: str) -> tuple[TrueScore, ...]:
    paper = await kept.paper(session, submission_id)
    return (await kept.anchor(session, paper.anchor_id)).scores if paper else ()
