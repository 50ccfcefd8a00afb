"""The assessor's desk: the queue, and one submission beside the rubric."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.catalog.model import PartKind, Rubric
from credentials.errors import Failure, Fault, Forbidden, Malformed
from credentials.evidence import rules as evidence_rules
from credentials.evidence import service as evidence
from credentials.people.model import Act, Role
from credentials.review import rules, service
from credentials.review.model import NotScored, Outcome, ReviewStage, Score
from credentials.web.api import review as api
from credentials.web.pages.catalog import titles_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page
from credentials.web.wire import read_cursor, write_cursor

SHOWN = 50


def _check_assessor(act: Act) -> None:
    if not act.actor.organisations(Role.ASSESSOR):
        raise Forbidden("this page is for assessors: ask an administrator of your organisation for the role")


@get("/review")
async def queue(
    page: NamedDependency[Page], act: NamedDependency[Act], cursor: FromQuery[str | None] = None
) -> Template:
    """What waits for me, longest waiting first, and what I have open."""
    return await _queue(page, act, cursor)


async def _queue(page: Page, act: Act, cursor: str | None, filled: Filled = BLANK) -> Template:
    _check_assessor(act)
    at, submission_id = read_cursor(cursor, 2)
    try:
        after = (datetime.fromisoformat(at), submission_id) if at else None
    except ValueError:
        raise Malformed("this address is not whole: begin with the queue again") from None
    if after and after[0].tzinfo is None:
        raise Malformed("this address is not whole: begin with the queue again")
    async with page.parts.database.read() as session:
        found = await service.queue(session, act, after=after, limit=SHOWN + 1)
        reviews = await service.open_reviews(session, act.actor.person_id)
        mine = await evidence.submissions_by_id(session, {review.submission_id for review in reviews})
        versions = await catalog.versions_by_id(session, {one.version_id for one in mine.values()})
    waiting = found[:SHOWN]
    more = len(found) > SHOWN
    place = (waiting[-1].submitted_at.isoformat(), waiting[-1].submission) if more else ()
    return page.show(
        "review/queue.html",
        filled=filled,
        waiting=waiting,
        count=f"{SHOWN}+" if more else str(len(waiting)),
        is_first=after is None,
        reviews=reviews,
        mine=mine,
        titles={review.id: versions[mine[review.submission_id].version_id].specification.title for review in reviews},
        next=f"/review?{urlencode({'cursor': write_cursor(place)})}" if more else "",
    )


@post("/review/claims")
async def claim(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Take a submission. Of two assessors who do so at once one gets it."""
    try:
        claimed = await service.claim(page.parts.database, act, form["submission"])
    except MENDABLE as failure:
        return await _queue(page, act, None, form.back("claim", failure))
    return page.go(f"/review/{claimed.id}", "claimed")


@get("/review/{review_id:str}")
async def review(review_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """The evidence beside the rubric. Nothing here tells whose it is."""
    return await _review(page, act, review_id)


async def _review(
    page: Page, act: Act, review_id: str, filled: Filled = BLANK, template: str = "review/review.html"
) -> Template:
    async with page.parts.database.read() as session:
        found, submission = await service.mine(session, act, review_id)
        version = await catalog.version(session, submission.version_id)
        artifacts = await evidence.artifacts_of(session, submission.id) if found.ended_at is None else []
        scores = await service.scores_of(session, found.id)
    specification = version.specification
    outcome, open_ = standing(specification.passing_rubric(), scores)
    return page.show(
        template,
        filled=filled,
        review=found,
        submission=submission,
        version=version,
        specification=specification,
        parts=[(part, [one for one in specification.evidence if one.part is part]) for part in PartKind],
        artifacts={
            one.id: [kept for kept in artifacts if kept.requirement == one.id] for one in specification.evidence
        },
        titles=titles_of(specification),
        scores={score.criterion: score for score in scores},
        outcome=outcome,
        open_=open_,
        count_words=evidence_rules.count_words,
        is_claimed=found.stage is ReviewStage.CLAIMED,
        is_scoring=found.stage is ReviewStage.SCORING,
    )


def standing(rubric: Rubric, scores: Sequence[Score]) -> tuple[Outcome | None, tuple[Fault, ...]]:
    """What the scores so far come to, or what is still open."""
    try:
        return rules.decide(rubric, scores), ()
    except NotScored as not_scored:
        return None, not_scored.faults


@post("/review/{review_id:str}/completeness")
async def completeness(
    review_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Say whether all is there, before looking at how good it is."""
    complete = form["complete"] == "yes"
    try:
        asked = form.read(api.Completeness, complete=complete, note=form["note"])
        async with page.parts.database.write() as session:
            if complete:
                await service.confirm_complete(session, act, review_id)
            else:
                await service.return_incomplete(session, act, review_id, note=asked.note)
    except MENDABLE as failure:
        return await _review(page, act, review_id, form.back("return", failure, field="note"))
    return page.go(f"/review/{review_id}", "complete") if complete else page.go("/review", "returned")


@post("/review/{review_id:str}/scores/{criterion:str}")
async def score(
    review_id: FromPath[str],
    criterion: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Save one criterion. Where JavaScript runs it is saved as soon as it is chosen, and the answer is one line."""
    by_itself = page.request.headers.get("hx-request") == "true"
    name = f"score-{criterion}"
    try:
        if not form["level"]:
            raise Malformed("choose a level first")
        asked = form.read(api.ScoreGiven, level=form["level"], feedback=form["feedback"], note=form["note"])
        given = form.read(Score, criterion=criterion, level=asked.level, feedback=asked.feedback, note=asked.note)
        async with page.parts.database.write() as session:
            await service.score(session, act, review_id, given)
    except MENDABLE as failure:
        filled = form.back(name, failure, field="level")
        if by_itself:
            return page.show("review/refused.html", filled=filled)
        return await _review(page, act, review_id, filled)
    if by_itself:
        return await _review(page, act, review_id, Filled(form=name), "review/saved.html")
    return page.go(f"/review/{review_id}#criterion-{criterion}", "scored")


@get("/review/{review_id:str}/decision")
async def confirm(review_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What is about to be decided, once more before it is."""
    return await _review(page, act, review_id, template="review/confirm.html")


@post("/review/{review_id:str}/decision")
async def decide(
    review_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Decide by the rubric."""
    try:
        async with page.parts.database.write() as session:
            finished = await service.finish(session, act, review_id)
    except MENDABLE as failure:
        return await _review(page, act, review_id, form.back("decide", failure, at=_criteria(failure)))
    return page.go("/review", "decided" if finished.decision else "scores-in")


def _criteria(failure: Failure) -> dict[str, str]:
    """Faults of scores by the criterion's place on the page."""
    return {fault.pointer: "criterion-" + fault.pointer.rpartition("/")[2] for fault in failure.faults}


@post("/review/{review_id:str}/release")
async def release(
    review_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Give a submission back to the queue."""
    try:
        async with page.parts.database.write() as session:
            await service.release(session, act, review_id)
    except MENDABLE as failure:
        return await _review(page, act, review_id, form.back("release", failure))
    return page.go("/review", "released")


HANDLERS = [queue, claim, review, completeness, score, confirm, decide, release]
