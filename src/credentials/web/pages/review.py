"""The assessor's desk: the queue, and one submission beside the rubric."""

from collections.abc import Sequence
from datetime import datetime

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.catalog.model import PartKind, Programme, Rubric
from credentials.db import Session
from credentials.errors import Conflict, Failure, Fault, Forbidden, Malformed, NotFound
from credentials.evidence import rules as evidence_rules
from credentials.evidence import service as evidence
from credentials.people.model import Act, Role
from credentials.review import rules, service
from credentials.review.model import DECLARED, Applicant, NotScored, Outcome, ReviewKind, ReviewStage, Score
from credentials.web.api import review as api
from credentials.web.pages.catalog import entry_of, titles_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page, further
from credentials.web.wire import read_cursor

SHOWN = 50


def _check_assessor(act: Act) -> None:
    if not act.actor.organisations(Role.ASSESSOR):
        raise Forbidden("this page is for assessors: ask an administrator of your organisation for the role")


@get("/review")
async def queue(
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    cursor: FromQuery[str | None] = None,
    of: FromQuery[str] = "",
    overdue: FromQuery[bool] = False,
) -> Template:
    """What waits for me, longest waiting first, and what I have open. ``of``: only of one micro-credential."""
    return await _queue(page, act, cursor, of=of, overdue=overdue)


async def _queue(
    page: Page, act: Act, cursor: str | None, filled: Filled = BLANK, *, of: str = "", overdue: bool = False
) -> Template:
    _check_assessor(act)
    at, submission_id = read_cursor(cursor, 2)
    try:
        after = (datetime.fromisoformat(at), submission_id) if at else None
    except ValueError:
        raise Malformed("this address is not whole: begin with the queue again") from None
    if after and after[0].tzinfo is None:
        raise Malformed("this address is not whole: begin with the queue again")
    async with page.parts.database.read() as session:
        found = await service.queue(session, act, micro_credential_id=of, overdue=overdue, after=after, limit=SHOWN + 1)
        counts = await service.counts(session, act)
        reviews = await service.open_reviews(session, act.actor.person_id)
        mine = await evidence.submissions_by_id(session, {review.submission_id for review in reviews})
        versions = await catalog.versions_by_id(session, {one.version_id for one in mine.values()})
    waiting = found[:SHOWN]
    kept = {**({"of": of} if of else {}), **({"overdue": "true"} if overdue else {})}
    return page.show(
        "review/queue.html",
        filled=filled,
        waiting=waiting,
        count=f"{SHOWN}+" if len(found) > SHOWN else str(len(waiting)),
        counts=counts,
        of=of,
        overdue=overdue,
        is_leader=bool(act.actor.organisations(Role.SCORING_LEADER)),
        is_first=after is None,
        reviews=reviews,
        mine=mine,
        titles={review.id: versions[mine[review.submission_id].version_id].specification.title for review in reviews},
        next=further("/review", found, SHOWN, lambda one: (one.submitted_at.isoformat(), one.submission), **kept),
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


@post("/review/next")
async def claim_next(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Take what has waited longest of what I may score."""
    try:
        claimed = await service.claim_next(page.parts.database, act, micro_credential_id=form["of"][:36])
    except NotFound as nothing:
        return await _queue(page, act, None, form.back("claim", Conflict(nothing.detail)))
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
        prior = await evidence.prior_practice(session, submission.id)
        scores = await service.scores_of(session, found.id)
        applicant = await api.applicant_of(session, found, submission, version.specification.programme)
        comments = await service.comments_for(session, act, [submission.micro_credential_id])
        is_common = found.kind is ReviewKind.COMMON_TASK  # of another district's programme, whose examples are its own
        with_examples = found.ended_at is None and not is_common
        examples = await service.examples(session, act, version) if with_examples else []
        is_moderation = found.kind is ReviewKind.MODERATION
        moderation_id = await service.moderation_of(session, found.id) if is_moderation else None
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
        applicant=applicant,
        comments=comments,
        examples=examples,
        due_on=api.due_of(submission, version),
        is_back_read=found.kind is ReviewKind.BACK_READ,
        is_apart=found.kind in api.APART,
        moderation_id=moderation_id,
        prior=prior,
        may_wait=needs_more(specification.programme),
        outcome=outcome,
        open_=open_,
        count_words=evidence_rules.count_words,
        is_claimed=found.stage is ReviewStage.CLAIMED,
        is_scoring=found.stage is ReviewStage.SCORING,
    )


def needs_more(programme: Programme) -> bool:
    """Whether another reading may be needed before it is decided."""
    return programme.assessors == 2 or programme.double_score_share > 0 or programme.near_pass_band is not None


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
        async with page.parts.database.write() as session:
            feedback = await _with_comment(session, act, review_id, asked.feedback, form["comment"])
            given = form.read(Score, criterion=criterion, level=asked.level, feedback=feedback, note=asked.note)
            await service.score(session, act, review_id, given)
    except MENDABLE as failure:
        filled = form.back(name, failure, field="level")
        if by_itself:
            return page.show("review/refused.html", filled=filled)
        return await _review(page, act, review_id, filled)
    if by_itself:
        return await _review(page, act, review_id, Filled(form=name), "review/saved.html")
    return page.go(f"/review/{review_id}#criterion-{criterion}", "scored")


async def _with_comment(session: Session, act: Act, review_id: str, feedback: str, comment_id: str) -> str:
    """The feedback with a kept comment behind it. Where JavaScript runs the comment is in the field already."""
    if not comment_id:
        return feedback
    _, submission = await service.mine(session, act, review_id)
    comments = await service.comments_for(session, act, [submission.micro_credential_id])
    text = next((one.text for one in comments if one.id == comment_id), "")
    return "\n\n".join(part for part in (feedback.strip(), text) if part)


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
    if finished.review.kind is ReviewKind.MODERATION:
        return page.go("/moderations", "moderation-scored")
    if finished.review.kind is ReviewKind.COMMON_TASK:
        return page.go("/review", "apart-scored")
    return page.go("/review", "decided" if finished.decided else "scores-in")


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


# Comments and relationships


@get("/review/comments")
async def comments(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """My feedback to use again."""
    return await _comments(page, act)


async def _comments(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    if not act.actor.organisations(Role.ASSESSOR, Role.SCORING_LEADER):
        raise Forbidden("this page is for assessors: ask an administrator of your organisation for the role")
    async with page.parts.database.read() as session:
        found = await service.comments_for(session, act, [])
    return page.show("review/comments.html", shared=False, filled=filled, comments=found)


@post("/review/comments")
async def keep_comment(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            await service.add_comment(session, act, text=form["text"])
    except MENDABLE as failure:
        return await _comments(page, act, form.back("comment", failure, field="text"))
    return page.go("/review/comments", "comment-kept")


@post("/review/comments/{comment_id:str}/remove")
async def remove_comment(
    comment_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template | Response[None]:
    async with page.parts.database.write() as session:
        await service.remove_comment(session, act, comment_id)
    return page.go("/review/comments", "comment-removed")


@get("/micro-credentials/{slug:str}/comments")
async def shared_comments(slug: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """Feedback that a scoring leader offers to all who score a micro-credential."""
    return await _shared_comments(page, act, slug)


async def _shared_comments(page: Page, act: Act, slug: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        entry = await entry_of(session, slug)
        found = await service.shared_comments(session, act, entry.micro_credential.id)
    specification = entry.version.specification
    return page.show(
        "review/comments.html", shared=True, filled=filled, slug=slug, title=specification.title, comments=found
    )


@post("/micro-credentials/{slug:str}/comments")
async def share_comment(
    slug: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            of = await catalog.micro_credential_by_slug(session, slug)
            await service.add_comment(session, act, text=form["text"], micro_credential_id=of.id, shared=True)
    except MENDABLE as failure:
        return await _shared_comments(page, act, slug, form.back("comment", failure, field="text"))
    return page.go(f"/micro-credentials/{slug}/comments", "comment-kept")


@post("/micro-credentials/{slug:str}/comments/{comment_id:str}/remove")
async def remove_shared(
    slug: FromPath[str], comment_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template | Response[None]:
    async with page.parts.database.write() as session:
        await service.remove_comment(session, act, comment_id)
    return page.go(f"/micro-credentials/{slug}/comments", "comment-removed")


@get("/relationships")
async def relationships(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """People whose work I do not score and who do not score mine, as I have put it on record."""
    return await _relationships(page, act)


async def _relationships(page: Page, act: Act, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        found = await service.declared_by_me(session, act)
    return page.show("review/relationships.html", filled=filled, relationships=found, kinds=sorted(DECLARED))


@post("/relationships")
async def declare(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        asked = form.read(
            api.NewConflict,
            kind=form["kind"],
            otherEmail=form.line("email"),
            until=form.line("until") or None,
            **{"from": form.line("from") or None},
        )
        async with page.parts.database.write() as session:
            await service.declare_conflict(
                session, act, other_address=asked.other_email, kind=asked.kind, from_=asked.from_, until=asked.until
            )
    except MENDABLE as failure:
        back = form.back("relationship", failure, at={"otherEmail": "email"})
        return await _relationships(page, act, back)
    return page.go("/relationships", "relationship-declared")


@post("/relationships/{conflict_id:str}/end")
async def end_relationship(
    conflict_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template | Response[None]:
    async with page.parts.database.write() as session:
        await service.end_conflict(session, act, conflict_id, reason="ended by who declared it")
    return page.go("/relationships", "relationship-ended")


# For scoring leaders


@get("/scoring")
async def lead(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What is late, split or waiting, who has it, and what is to be read again."""
    return await _lead(page, act)


async def _lead(page: Page, act: Act, filled: Filled = BLANK, told: Applicant | None = None) -> Template:
    async with page.parts.database.read() as session:
        desk = await service.desk(session, act)
        drawn = await service.to_back_read(session, act)
        read = await service.back_reads(session, act)
    named = {case.submission.id for case in (*desk.overdue, *desk.split)}
    return page.show(
        "review/lead.html",
        filled=filled,
        desk=desk,
        waiting=[case for case in desk.waiting if case.submission.id not in named],
        drawn=drawn,
        read=read,
        told=told,
        due_of=api.due_of,
        choices=[(load.person_id, f"{desk.people[load.person_id].name} ({load.open} open)") for load in desk.loads],
    )


@post("/scoring/assignments")
async def assign(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Give a reading to an assessor, or to whose turn it is."""
    submission = form["submission"][:36]
    try:
        await service.assign(page.parts.database, act, submission, form["assessor"] or None)
    except MENDABLE as failure:
        return await _lead(page, act, form.back(f"assign-{submission}", failure, field="assessor"))
    return page.go("/scoring", "assigned")


@post("/scoring/unblinding")
async def unblind(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Whose work it is, with a reason. It is shown once, on the answer."""
    submission = form["submission"][:36]
    try:
        async with page.parts.database.write() as session:
            told = await service.unblind(session, act, submission, reason=form["reason"][:5_000])
    except MENDABLE as failure:
        return await _lead(page, act, form.back(f"unblind-{submission}", failure, field="reason"))
    return await _lead(page, act, told=told)


@post("/scoring/back-readings")
async def back_read(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Read again what was decided."""
    try:
        async with page.parts.database.write() as session:
            begun = await service.begin_back_read(session, act, form["submission"][:36])
    except MENDABLE as failure:
        return await _lead(page, act, form.back("back-read", failure))
    return page.go(f"/review/{begun.id}", "claimed")


@post("/scoring/claims")
async def settle(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Take a split that a scoring leader settles."""
    try:
        claimed = await service.claim(page.parts.database, act, form["submission"][:36])
    except MENDABLE as failure:
        return await _lead(page, act, form.back("settle", failure))
    return page.go(f"/review/{claimed.id}", "claimed")


HANDLERS = [
    queue,
    claim,
    claim_next,
    review,
    completeness,
    score,
    confirm,
    decide,
    release,
    comments,
    keep_comment,
    remove_comment,
    shared_comments,
    share_comment,
    remove_shared,
    relationships,
    declare,
    end_relationship,
    lead,
    assign,
    unblind,
    back_read,
    settle,
]
