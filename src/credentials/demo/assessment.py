"""Who reads what in the story, and how they see it: two assessors for most work, who now and then slip by a level
that does not decide, one who has grown harsher than agreed, and now and then two who differ on whether it passes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from credentials.audit import service as audit
from credentials.db import Session
from credentials.demo.content.evidence import DEMONSTRATED, DEVELOPING, EXTENDING, LEVELS
from credentials.demo.content.model import Content, Educator, MicroCredential, RoleHeld, Staff
from credentials.errors import Conflict
from credentials.people.model import Role
from credentials.review import agreement
from credentials.review import service as review
from credentials.review.model import AnchorUse, ReviewKind, Score, TrueScore

if TYPE_CHECKING:
    from credentials.demo.world import World

SLIPS = 16
"""One in so many levels at or above passing is seen as the neighbouring one."""
LEANS = 6
"""One in so many levels is seen higher by an assessor who leans to the soft side: too little to be sure of."""
STEPS = (1, 5, 7)
"""By which assessors take turns, so that each reads beside many others: none of them divides how many there are."""
EACH_ATTEMPT = 3
"""Assessors that an attempt may need. Nobody scores two attempts of one educator."""
OUT_OF_BOUNDS = 0.2
SURE = 3.0
"""An assessor drifts whose scores lie further than ``OUT_OF_BOUNDS`` levels, and ``SURE`` standard errors, to one side of
those of whoever else read the same."""
ANCHORS = 30
COMPARED, HOME, GUEST = "data-conversations", "kestrel-moor", "port-ember"
"""The micro-credential of which most scores of one district are decided, that district, and one that scores them again."""
MOST_COMPARED = 20


def is_read_twice(micro_credential: MicroCredential) -> bool:
    return micro_credential.specification.programme.double_score_share > 0


def readers(content: Content, educator: Educator, seed: int, attempt: int) -> list[Staff]:
    """The assessors of an attempt, in their order. Whoever works in the educator's school is passed over."""
    able = [
        one
        for one in content.staff
        if any(held.role is Role.ASSESSOR for held in one.roles) and one.home != educator.school
    ]
    start, step = _drawn(seed, "turn"), STEPS[_drawn(seed, "step") % len(STEPS)]
    first = attempt * EACH_ATTEMPT
    return [able[(start + turn * step) % len(able)] for turn in range(first, first + EACH_ATTEMPT)]


def seen_by(content: Content, slug: str, assessor: Staff, deserved: Sequence[Score], seed: int) -> tuple[Score, ...]:
    """The scores that this assessor gives to work that deserves others."""
    return tuple(_at(content, slug, one, _level(assessor, one, seed)) for one in deserved)


def apart(content: Content, slug: str, scores: Sequence[Score]) -> tuple[Score, ...]:
    """The same by somebody who is not convinced of the first criterion."""
    return (_at(content, slug, scores[0], DEVELOPING), *scores[1:])


def _level(assessor: Staff, deserved: Score, seed: int) -> str:
    level = deserved.level
    if assessor.severity > 0 and level == EXTENDING:
        return DEMONSTRATED
    if assessor.severity < 0 and level == DEMONSTRATED and not _drawn(seed, deserved.criterion, "lean") % LEANS:
        return EXTENDING
    if level in {DEMONSTRATED, EXTENDING} and not _drawn(seed, assessor.key, deserved.criterion) % SLIPS:
        return EXTENDING if level == DEMONSTRATED else DEMONSTRATED
    return level


def _drawn(*path: object) -> int:
    return crc32("/".join(map(str, path)).encode()) >> 8


def _at(content: Content, slug: str, score: Score, level: str) -> Score:
    feedback = content.samples[slug].feedback[score.criterion][level]
    return msgspec.structs.replace(score, level=level, feedback=feedback)


async def keep_anchors(world: "World") -> None:
    """A scoring leader keeps decided work of each micro-credential as anchors: an example, one to be qualified by, and one
    that is dealt as a hidden check."""
    leader = world.staff(Role.SCORING_LEADER)[0]
    async with world.parts.database.write() as session:
        for slug, submission_ids in world.earned.items():
            for use, submission_id in zip(AnchorUse, submission_ids, strict=False):
                decided = await review.decision(session, submission_id)
                await review.add_anchor(
                    session,
                    world.act(leader),
                    version_id=world.versions[slug],
                    title=f"{world.content.micro_credential(slug).specification.title}: {use.value}",
                    use=use,
                    scores=[
                        TrueScore(criterion=one.criterion, level=one.level, rationale=one.feedback or "As described.")
                        for one in decided.scores
                    ],
                    submission_id=submission_id,
                )


async def hold_session(world: "World") -> None:
    """A scoring leader has three more assessors score the newest work on which two had differed, each apart, and they agree on
    what is right. A story in which nobody differed has no session."""
    if not world.disputed:
        return
    plan, submission = world.disputed[-1]
    slug, database = plan.micro_credential.slug, world.parts.database
    leader = world.staff(Role.SCORING_LEADER)[0]
    seats = readers(world.content, plan.educator, plan.seed, attempt=1)
    world.clock.pass_(days=1)
    made = await review.open_moderation(
        database,
        world.act(leader),
        title="Where does Demonstrated begin?",
        assessor_ids=[world.people[one.key].id for one in seats],
        submission_id=submission.id,
    )
    for place, assessor in enumerate(seats):
        world.clock.pass_(hours=5)
        act = world.act(assessor.key)
        seen = seen_by(world.content, slug, assessor, submission.draft.scores, plan.seed)
        async with database.write() as session:
            mine = (await review.moderation(session, act, made.id)).mine
            if mine is not None:
                given = seen if place else apart(world.content, slug, seen)
                await review.score_all(session, act, mine.review_id, given)
                await review.finish(session, act, mine.review_id)
    world.clock.pass_(days=2)
    first, *others = submission.draft.scores
    missed = f"What one of us had missed is there, where it is not looked for first. {first.feedback}".strip()
    async with database.write() as session:
        agreed = [TrueScore(criterion=first.criterion, level=first.level, rationale=missed)] + [
            TrueScore(criterion=one.criterion, level=one.level, rationale=one.feedback or "As described.")
            for one in others
        ]
        await review.agree(session, world.act(leader), made.id, agreed)


async def compare_districts(world: "World") -> None:
    """Assessors of one district score what was decided of another's educators, without knowing how."""
    leader = world.staff(Role.SCORING_LEADER)[0]
    guests = [one for one in world.content.staff if RoleHeld(role=Role.ASSESSOR, organisation=GUEST) in one.roles]
    async with world.parts.database.write() as session:
        try:
            await review.draw(
                session,
                world.act(leader),
                version_id=world.versions[COMPARED],
                home_id=world.organisations[HOME].id,
                guest_id=world.organisations[GUEST].id,
                size=MOST_COMPARED,
            )
        except Conflict:
            return  # a short story may have decided nothing there
    world.clock.pass_(days=6)
    async with world.parts.database.write() as session:
        for guest in guests:
            act = world.act(guest.key)
            asked = [
                one
                for one in await review.open_reviews(session, act.actor.person_id)
                if one.kind is ReviewKind.COMMON_TASK
            ]
            for place, one in enumerate(asked):
                decided = await review.decision(session, one.submission_id)
                given = seen_by(world.content, COMPARED, guest, decided.scores, place)
                await review.score_all(session, act, one.id, given)
                await review.finish(session, act, one.id)


# What came of it, by what is on record


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """``twice``: submissions that two assessors scored; ``settled``: those that a third one had to. ``drifting``: the persons
    that the figures catch."""

    twice: int
    settled: int
    pairs: int
    exact: float
    quadratic: float
    drifting: frozenset[str]


Given = dict[str, tuple[str, Mapping[str, str]]]
"""By the kind of reading: whose it is, and the level of each criterion."""


async def figures(session: Session, submission_ids: Sequence[str]) -> Figures:
    """How well the two assessors of each submission agreed, and who lies beside the others, by the record of decisions."""
    told = await audit.about_all(session, [f"submission:{one}" for one in submission_ids])
    pairs: list[tuple[int, int]] = []
    beside: dict[str, list[int]] = defaultdict(list)
    twice = settled = 0
    for entries in told.values():
        given: Given = {
            entry.detail["kind"]: (entry.actor, entry.detail) for entry in entries if entry.action == "review.scored"
        }
        if ReviewKind.SECOND not in given:
            continue
        twice += 1
        settled += ReviewKind.ADJUDICATION in given
        (one, first), (other, second) = given[ReviewKind.FIRST], given[ReviewKind.SECOND]
        for criterion in (name for name in first if name.startswith("score:")):
            mine, theirs = LEVELS.index(first[criterion]), LEVELS.index(second[criterion])
            pairs.append((mine, theirs))
            beside[one].append(mine - theirs)
            beside[other].append(theirs - mine)
    scale = range(len(LEVELS))
    return Figures(
        twice=twice,
        settled=settled,
        pairs=len(pairs),
        exact=agreement.exact(pairs, scale) or 0.0,
        quadratic=agreement.kappa(pairs, scale, agreement.Weights.QUADRATIC) or 0.0,
        drifting=frozenset(person for person, apart in beside.items() if _drifts(apart)),
    )


def _drifts(apart: Sequence[int]) -> bool:
    if len(apart) < agreement.MIN_UNITS:
        return False
    mean = fmean(apart)
    return abs(mean) > OUT_OF_BOUNDS and abs(mean) > SURE * stdev(apart) / sqrt(len(apart))
