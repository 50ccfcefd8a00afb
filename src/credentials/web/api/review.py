"""The assessor's work: queue, claim, completeness, scores, decision. And the decision as its educator reads it."""

from datetime import datetime
from typing import Annotated

from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, PathParameter
from msgspec import Meta

from credentials.catalog import service as catalog
from credentials.catalog.model import KEY_PATTERN, Key, Specification
from credentials.db import Session
from credentials.evidence import service as evidence
from credentials.evidence.model import Artifact, Attestations
from credentials.people.model import Act, Scope
from credentials.review import service
from credentials.review.model import Outcome, QueueItem, Review, ReviewStage, Score
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.openapi import TAGGED
from credentials.web.parts import Parts
from credentials.web.wire import YEARS, Asked, Page, Paging, Wire, etag, not_our_cursor


class ReviewShown(Wire):
    id: str
    submission_id: str
    stage: ReviewStage
    claimed_at: datetime
    checked_at: datetime | None
    ended_at: datetime | None


class ReviewWhole(Wire):
    """What an assessor works with: the specification with its rubric, the evidence as handed in, the scores so far. Nothing
    in it tells whose it is."""

    review: ReviewShown
    attempt_no: int
    specification: Specification
    attestations: Attestations
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
    """What the educator is told. The assessor's private notes are not in it, nor who the assessor was."""

    submission_id: str
    outcome: Outcome
    results: list[CriterionResult]
    decided_at: datetime


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
    )


def _tagged(review: Review) -> Response[ReviewShown]:
    return Response(show_review(review), headers={"ETag": etag(review.revision)})


@get("/review-queue", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def queue(
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
) -> Response[Page[QueueItem]]:
    """What waits for me, longest waiting first."""
    at, submission_id = paging.after(2)
    try:
        after = (datetime.fromisoformat(at), submission_id) if at else None
    except ValueError:
        raise not_our_cursor() from None
    if after is not None and (after[0].tzinfo is None or after[0].year not in YEARS):
        raise not_our_cursor()
    found = await service.queue(session, act, after=after, limit=paging.enough)
    return paging.page(found, lambda item: item, lambda item: (item.submitted_at.isoformat(), item.submission))


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
        attempt_no=submission.attempt_no,
        specification=version.specification,
        attestations=submission.attestations,
        artifacts=await evidence.artifacts_of(session, submission.id) if review.ended_at is None else [],
        scores=list(await service.scores_of(session, review.id)),
    )
    return Response(whole, headers={"ETag": etag(review.revision)})


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
) -> Response[DecisionShown]:
    """Decide by the rubric: earned when every criterion stands at its passing level or above."""

    async def work() -> DecisionShown:
        decision = await service.finish(session, act, review_id)
        return await _decision(session, decision.submission_id)

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
    given = {one.criterion: one for one in made.scores}
    return DecisionShown(
        submission_id=submission_id,
        outcome=made.outcome,
        results=[
            CriterionResult(
                criterion=criterion.id,
                level=given[criterion.id].level,
                passed=criterion.passes(given[criterion.id].level),
                feedback=given[criterion.id].feedback,
            )
            for criterion in version.specification.rubric.criteria
        ],
        decided_at=made.decided_at,
    )


ROUTES = Router(
    path="",
    tags=["review"],
    route_handlers=[
        queue,
        claim,
        list_reviews,
        get_review,
        completeness,
        score,
        finish,
        release,
        decision,
        return_note,
    ],
)
