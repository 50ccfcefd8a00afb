"""The assessor's work: queue, claim, completeness, scores, decision. And the decision as its educator reads it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter
from msgspec import Meta

from credentials.catalog import service as catalog
from credentials.catalog.model import KEY_PATTERN, Key, Programme, Specification, Version
from credentials.catalog.rules import due_day
from credentials.db import Session
from credentials.evidence import service as evidence
from credentials.evidence.model import Artifact, Attestations, Stage, Submission, Wanted
from credentials.people import service as people
from credentials.people.model import Act, Scope
from credentials.review import service
from credentials.review.model import (
    Basis,
    Comment,
    ConflictKind,
    DeclaredConflict,
    Outcome,
    QueueCount,
    QueueItem,
    Review,
    ReviewKind,
    ReviewStage,
    Score,
)
from credentials.web.api.prior import PracticeTold, tell_practice
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.openapi import TAGGED
from credentials.web.parts import Parts
from credentials.web.wire import YEARS, Asked, Page, Paging, Wire, etag, not_our_cursor


class ReviewShown(Wire):
    """``leaseUntil``: when it goes back to the queue unless something is saved before."""

    id: str
    submission_id: str
    stage: ReviewStage
    claimed_at: datetime
    checked_at: datetime | None
    ended_at: datetime | None
    lease_until: datetime | None


class ReviewWhole(Wire):
    """What an assessor works with: the specification with its rubric, the evidence as handed in, the scores so far. Nothing
    in it tells whose it is, unless the programme shows the ``applicant``'s name, nor what others scored."""

    review: ReviewShown
    applicant: str | None
    due_on: date | None
    attempt_no: int
    specification: Specification
    attestations: Attestations
    prior_learning: PracticeTold | None
    artifacts: list[Artifact]
    scores: list[Score]


class Completeness(Asked):
    """``note`` is needed when something is missing: what, not how good it is."""

    complete: bool
    note: Annotated[str, Meta(max_length=5_000)] = ""


class ScoreGiven(Asked):
    level: Key
    feedback: Annotated[str, Meta(max_length=5_000)] = ""
    note: Annotated[str, Meta(max_length=5_000)] = ""


class CriterionResult(Wire):
    criterion: str
    level: str
    passed: bool
    feedback: str


class DecisionShown(Wire):
    """What the educator is told. The assessors' private notes are not in it, nor who they were. ``basis``: what the decision
    rests on; ``points``: the mean points, where the programme averages them."""

    submission_id: str
    outcome: Outcome
    results: list[CriterionResult]
    basis: Basis
    points: float | None
    decided_at: datetime


class FinishedShown(Wire):
    """What an assessor's own scores come to. ``decided``: whether this was the last reading that was needed. What others
    found is not in it."""

    submission_id: str
    outcome: Outcome
    results: list[CriterionResult]
    decided: bool
    decided_at: datetime


class NextOf(Asked):
    """Only of one micro-credential, if one is named."""

    micro_credential_id: Annotated[str, Meta(max_length=36)] = ""


class Assignment(Asked):
    """Without an assessor it goes to whoever has least to do of those who may score it."""

    assessor_id: Annotated[str, Meta(max_length=36)] | None = None


class Reason(Asked):
    reason: Annotated[str, Meta(min_length=1, max_length=5_000)]


class AssignedShown(Wire):
    review_id: str
    assessor_id: str
    kind: ReviewKind
    stage: ReviewStage
    claimed_at: datetime
    lease_until: datetime | None


class CaseShown(Wire):
    """A submission that is not decided, as a scoring leader sees it: who reads it, and not whose it is."""

    submission_id: str
    title: str
    version_id: str
    attempt_no: int
    stage: Stage
    wants: Wanted
    submitted_at: datetime | None
    due_on: date | None
    overdue: bool
    reviews: list[AssignedShown]


class LoadShown(Wire):
    """How busy an assessor is. ``hours``: from claim to score, on average over the last 30 days."""

    assessor_id: str
    name: str
    open: int
    decided: int
    hours: float | None


class DeskShown(Wire):
    overdue: list[CaseShown]
    split: list[CaseShown]
    waiting: list[CaseShown]
    assessors: list[LoadShown]


class SplitShown(Wire):
    criterion: str
    first: str
    second: str
    on_passing: bool


class ApplicantShown(Wire):
    person_id: str
    name: str
    schools: list[str]


class ToBackRead(Wire):
    submission_id: str
    title: str
    decided_at: datetime


class BackReadShown(Wire):
    """``same`` of ``criteria`` have the level of the decision; ``differs`` are those on whose passing the leader differs."""

    review_id: str
    submission_id: str
    title: str
    same: int
    criteria: int
    differs: list[str]


class SampleShown(Wire):
    """``asked`` is the programme's share, ``share`` that of what was handed in until now, ``seed`` what draws it again:
    the first 8 bytes of SHA-256 over ``seed:double:submission`` as a number, below ``asked`` times 2 to the 64th."""

    version_id: str
    seed: str
    asked: float
    drawn: int
    of: int
    share: float | None


class NewConflict(Asked):
    """A relationship for which neither scores the other's work. ``personId``: whose, if it is not my own. The other one is
    named by their id, or by an e-mail address."""

    kind: ConflictKind
    person_id: Annotated[str, Meta(max_length=36)] | None = None
    other_id: Annotated[str, Meta(max_length=36)] | None = None
    other_email: Annotated[str, Meta(max_length=254)] = ""
    from_: date | None = msgspec.field(default=None, name="from")
    until: date | None = None


class ConflictShown(Wire):
    id: str
    person_id: str
    other_id: str | None
    other_email: str
    kind: ConflictKind
    from_: date = msgspec.field(name="from")
    until: date | None


class NewComment(Asked):
    """``shared``: for all who score the micro-credential; only a scoring leader makes such a one."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000)]
    micro_credential_id: Annotated[str, Meta(max_length=36)] | None = None
    shared: bool = False


class CommentShown(Wire):
    id: str
    text: str
    micro_credential_id: str | None
    shared: bool


class ReturnedNote(Wire):
    note: str


def show_review(review: Review) -> ReviewShown:
    return ReviewShown(
        id=review.id,
        submission_id=review.submission_id,
        stage=review.stage,
        claimed_at=review.claimed_at,
        checked_at=review.checked_at,
        ended_at=review.ended_at,
        lease_until=review.lease_until if review.is_open else None,
    )


def _tagged(review: Review) -> Response[ReviewShown]:
    return Response(show_review(review), headers={"ETag": etag(review.revision)})


@get("/review-queue", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def queue(
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
    micro_credential: FromQuery[str] = "",
    overdue: FromQuery[bool] = False,
) -> Response[Page[QueueItem]]:
    """What waits for me, longest waiting first; of one micro-credential, or only what is overdue, if asked so."""
    at, submission_id = paging.after(2)
    try:
        after = (datetime.fromisoformat(at), submission_id) if at else None
    except ValueError:
        raise not_our_cursor() from None
    if after is not None and (after[0].tzinfo is None or after[0].year not in YEARS):
        raise not_our_cursor()
    found = await service.queue(
        session, act, micro_credential_id=micro_credential, overdue=overdue, after=after, limit=paging.enough
    )
    return paging.page(found, lambda item: item, lambda item: (item.submitted_at.isoformat(), item.submission))


@get("/review-queue/counts", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def counts(session: NamedDependency[Session], act: NamedDependency[Act]) -> list[QueueCount]:
    """How much waits for me of each micro-credential."""
    return await service.counts(session, act)


@post("/review-queue/next", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE}, response_headers=TAGGED)
async def claim_next(
    data: JSONBody[NextOf], act: NamedDependency[Act], parts: NamedDependency[Parts]
) -> Response[ReviewShown]:
    """Claim what has waited longest of what I may score."""
    return _tagged(await service.claim_next(parts.database, act, micro_credential_id=data.micro_credential_id))


@post(
    "/submissions/{submission_id:str}/reviews",
    status_code=201,
    opt={SCOPE_KEY: Scope.REVIEW_WRITE},
    response_headers=TAGGED,
)
async def claim(
    submission_id: FromPath[str], act: NamedDependency[Act], parts: NamedDependency[Parts]
) -> Response[ReviewShown]:
    """Claim a submission. Of two assessors who claim at once one gets it. Claiming what I have already answers my review."""
    return _tagged(await service.claim(parts.database, act, submission_id))


@get("/reviews", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def list_reviews(session: NamedDependency[Session], act: NamedDependency[Act]) -> list[ReviewShown]:
    """The reviews that I have open."""
    return [show_review(review) for review in await service.open_reviews(session, act.actor.person_id)]


@get("/reviews/{review_id:str}", opt={SCOPE_KEY: Scope.REVIEW_READ}, response_headers=TAGGED)
async def get_review(
    review_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[ReviewWhole]:
    """A review of mine with all that is needed for scoring."""
    review, submission = await service.mine(session, act, review_id)
    version = await catalog.version(session, submission.version_id)
    whole = ReviewWhole(
        review=show_review(review),
        applicant=await applicant_of(session, review, submission, version.specification.programme),
        due_on=due_of(submission, version),
        attempt_no=submission.attempt_no,
        specification=version.specification,
        attestations=submission.attestations,
        prior_learning=(
            tell_practice(await evidence.prior_practice(session, submission.id)) if review.ended_at is None else None
        ),
        artifacts=await evidence.artifacts_of(session, submission.id) if review.ended_at is None else [],
        scores=list(await service.scores_of(session, review.id)),
    )
    return Response(whole, headers={"ETag": etag(review.revision)})


APART = (ReviewKind.MODERATION, ReviewKind.COMMON_TASK)
"""What is scored to compare scores: never with a name."""


async def applicant_of(session: Session, review: Review, submission: Submission, programme: Programme) -> str | None:
    """The educator's name, where the programme shows it to assessors. A session is about the work, whosever it is; and whoever
    made a copy of work did not hand it in."""
    if not programme.is_blind and review.kind not in APART and submission.stage is not Stage.SPECIMEN:
        return (await people.person(session, submission.educator_id)).name
    return None


def due_of(submission: Submission, version: Version) -> date | None:
    return due_day(version.specification.programme, submission.due_at) if submission.due_at else None


@post(
    "/reviews/{review_id:str}/completeness",
    status_code=200,
    opt={SCOPE_KEY: Scope.REVIEW_WRITE},
    response_headers=TAGGED,
)
async def completeness(
    review_id: FromPath[str],
    data: JSONBody[Completeness],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ReviewShown]:
    """Say whether all is there. Complete: scoring begins. Not: it goes back with a note, and does not count as an attempt."""
    if data.complete:
        return _tagged(await service.confirm_complete(session, act, review_id))
    return _tagged(await service.return_incomplete(session, act, review_id, note=data.note))


@put("/reviews/{review_id:str}/scores/{criterion:str}", status_code=204, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def score(
    review_id: FromPath[str],
    criterion: Annotated[str, PathParameter(pattern=KEY_PATTERN)],
    data: JSONBody[ScoreGiven],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> None:
    """Score one criterion. It can be changed until the decision."""
    given = Score(criterion=criterion, level=data.level, feedback=data.feedback, note=data.note)
    await service.score(session, act, review_id, given)


@post("/reviews/{review_id:str}/decision", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def finish(
    review_id: FromPath[str], once: NamedDependency[Once], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[FinishedShown]:
    """Done with scoring. It is decided by the rubric when every reading is there that the programme asks for."""

    async def work() -> FinishedShown:
        finished = await service.finish(session, act, review_id)
        submission = await evidence.submission(session, finished.review.submission_id)
        version = await catalog.version(session, submission.version_id)
        return FinishedShown(
            submission_id=submission.id,
            outcome=finished.outcome,
            results=_results(version.specification, finished.scores),
            decided=finished.decided,
            decided_at=act.now,
        )

    return await once(session, work)


@delete("/reviews/{review_id:str}", status_code=204, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def release(review_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> None:
    """Give a submission back to the queue."""
    await service.release(session, act, review_id)


@get("/submissions/{submission_id:str}/decision", opt={SCOPE_KEY: Scope.EVIDENCE_READ})
async def decision(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> DecisionShown:
    """What was decided on my submission, with the feedback for every criterion."""
    await evidence.own(session, act, submission_id)
    return await _decision(session, submission_id)


@get("/submissions/{submission_id:str}/return-note", opt={SCOPE_KEY: Scope.EVIDENCE_READ})
async def return_note(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> ReturnedNote:
    """What was missing when my submission was last returned."""
    await evidence.own(session, act, submission_id)
    return ReturnedNote(note=await service.last_return_note(session, submission_id))


async def _decision(session: Session, submission_id: str) -> DecisionShown:
    made = await service.decision(session, submission_id)
    submission = await evidence.submission(session, submission_id)
    version = await catalog.version(session, submission.version_id)
    return DecisionShown(
        submission_id=submission_id,
        outcome=made.outcome,
        results=_results(version.specification, made.scores),
        basis=made.basis,
        points=made.points,
        decided_at=made.decided_at,
    )


def _results(specification: Specification, scores: Sequence[Score]) -> list[CriterionResult]:
    given = {one.criterion: one for one in scores}
    return [
        CriterionResult(
            criterion=criterion.id,
            level=given[criterion.id].level,
            passed=criterion.passes(given[criterion.id].level),
            feedback=given[criterion.id].feedback,
        )
        for criterion in specification.passing_rubric().criteria
    ]


# For scoring leaders


def _show_case(case: service.Case) -> CaseShown:
    found = case.submission
    return CaseShown(
        submission_id=found.id,
        title=case.version.specification.title,
        version_id=found.version_id,
        attempt_no=found.attempt_no,
        stage=found.stage,
        wants=found.wants,
        submitted_at=found.submitted_at,
        due_on=due_of(found, case.version),
        overdue=case.overdue,
        reviews=[_show_assigned(review) for review in case.reviews],
    )


def _show_assigned(review: Review) -> AssignedShown:
    return AssignedShown(
        review_id=review.id,
        assessor_id=review.assessor_id,
        kind=review.kind,
        stage=review.stage,
        claimed_at=review.claimed_at,
        lease_until=review.lease_until if review.is_open else None,
    )


@get("/review-desk", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def desk(session: NamedDependency[Session], act: NamedDependency[Act]) -> DeskShown:
    """What is late, split or waiting in the programmes that I lead, and how busy their assessors are."""
    found = await service.desk(session, act)
    return DeskShown(
        overdue=[_show_case(case) for case in found.overdue],
        split=[_show_case(case) for case in found.split],
        waiting=[_show_case(case) for case in found.waiting],
        assessors=[
            LoadShown(
                assessor_id=load.person_id,
                name=found.people[load.person_id].name,
                open=load.open,
                decided=load.decided,
                hours=load.hours,
            )
            for load in found.loads
        ],
    )


@post("/submissions/{submission_id:str}/assignments", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def assign(
    submission_id: FromPath[str],
    data: JSONBody[Assignment],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> AssignedShown:
    """Give the reading that is wanted to an assessor, as their scoring leader."""
    return _show_assigned(await service.assign(parts.database, act, submission_id, data.assessor_id))


@get("/submissions/{submission_id:str}/splits", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def splits(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[SplitShown]:
    """Where the two readings of a submission differ, for a scoring leader who does not settle it."""
    return [
        SplitShown(criterion=one.criterion, first=one.first, second=one.second, on_passing=one.on_passing)
        for one in await service.splits_of(session, act, submission_id)
    ]


@post("/submissions/{submission_id:str}/unblinding", status_code=200, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def unblind(
    submission_id: FromPath[str],
    data: JSONBody[Reason],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> ApplicantShown:
    """Whose work it is, for a scoring leader with a reason, which is kept."""
    found = await service.unblind(session, act, submission_id, reason=data.reason)
    return ApplicantShown(person_id=found.person_id, name=found.name, schools=list(found.schools))


@get("/back-reading", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def to_back_read(session: NamedDependency[Session], act: NamedDependency[Act]) -> list[ToBackRead]:
    """What was drawn for me to read again."""
    return [
        ToBackRead(submission_id=made.submission_id, title=version.specification.title, decided_at=made.decided_at)
        for made, version in await service.to_back_read(session, act)
    ]


@post("/submissions/{submission_id:str}/back-readings", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def begin_back_read(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> ReviewShown:
    """Read again what was decided, without seeing how. It is scored like any review, and nothing is decided by it."""
    return show_review(await service.begin_back_read(session, act, submission_id))


@get("/back-readings", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def back_reads(session: NamedDependency[Session], act: NamedDependency[Act]) -> list[BackReadShown]:
    """What came of back-reading, newest first."""
    return [
        BackReadShown(
            review_id=one.review.id,
            submission_id=one.review.submission_id,
            title=one.version.specification.title,
            same=one.same,
            criteria=one.criteria,
            differs=list(one.differs),
        )
        for one in await service.back_reads(session, act)
    ]


@post("/versions/{version_id:str}/sample-reports", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def sample(
    version_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> SampleShown:
    """Which share of a version's submissions is drawn for a second score, and how to draw it again. Asking is on record."""
    found = await service.sample(session, act, version_id)
    return SampleShown(
        version_id=found.version_id,
        seed=found.seed,
        asked=found.asked,
        drawn=found.drawn,
        of=found.of,
        share=found.share,
    )


# Relationships and comments


def _show_conflict(found: DeclaredConflict) -> ConflictShown:
    return ConflictShown(
        id=found.id,
        person_id=found.person_id,
        other_id=found.other_id,
        other_email=found.other_address,
        kind=found.kind,
        from_=found.from_,
        until=found.until,
    )


@get("/conflicts", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def list_conflicts(session: NamedDependency[Session], act: NamedDependency[Act]) -> list[ConflictShown]:
    """The relationships that I have put on record."""
    return [_show_conflict(found) for found in await service.declared_by_me(session, act)]


@post("/conflicts", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def declare_conflict(
    data: JSONBody[NewConflict],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ConflictShown]:
    """Put a relationship on record: from then on neither scores the other's work."""

    async def work() -> ConflictShown:
        return _show_conflict(
            await service.declare_conflict(
                session,
                act,
                person_id=data.person_id,
                other_id=data.other_id,
                other_address=data.other_email,
                kind=data.kind,
                from_=data.from_,
                until=data.until,
            )
        )

    return await once(session, work)


@post("/conflicts/{conflict_id:str}/end", status_code=204, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def end_conflict(
    conflict_id: FromPath[str],
    data: JSONBody[Reason],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> None:
    """From today on the relationship is over."""
    await service.end_conflict(session, act, conflict_id, reason=data.reason)


def _show_comment(found: Comment) -> CommentShown:
    return CommentShown(
        id=found.id,
        text=found.text,
        micro_credential_id=found.micro_credential_id,
        shared=found.owner_id is None,
    )


@get("/review-comments", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def list_comments(
    session: NamedDependency[Session], act: NamedDependency[Act], micro_credential: FromQuery[str] = ""
) -> list[CommentShown]:
    """Feedback to use again: my own, and what is shared for a micro-credential."""
    asked = [micro_credential] if micro_credential else []
    return [_show_comment(found) for found in await service.comments_for(session, act, asked)]


@post("/review-comments", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def add_comment(
    data: JSONBody[NewComment],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[CommentShown]:
    """Keep a sentence of feedback to use again."""

    async def work() -> CommentShown:
        made = await service.add_comment(
            session, act, text=data.text, micro_credential_id=data.micro_credential_id, shared=data.shared
        )
        return _show_comment(made)

    return await once(session, work)


@delete("/review-comments/{comment_id:str}", status_code=204, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def remove_comment(
    comment_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> None:
    await service.remove_comment(session, act, comment_id)


ROUTES = Router(
    path="",
    tags=["review"],
    route_handlers=[
        queue,
        counts,
        claim,
        claim_next,
        list_reviews,
        get_review,
        completeness,
        score,
        finish,
        release,
        decision,
        return_note,
        desk,
        assign,
        splits,
        unblind,
        to_back_read,
        begin_back_read,
        back_reads,
        sample,
        list_conflicts,
        declare_conflict,
        end_conflict,
        list_comments,
        add_comment,
        remove_comment,
    ],
)
