"""Integrity cases and appeals: an educator's own, and the desk of who decides them."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.catalog.model import RubricCriterion
from credentials.errors import Forbidden, Malformed
from credentials.evidence import rules as evidence_rules
from credentials.evidence import service as evidence
from credentials.people.model import Act, Role
from credentials.review import rules, service
from credentials.review.model import Against, NotAppealable, Score
from credentials.web.api.appeals import AppealDecision, NewAppeal, VoteGiven
from credentials.web.api.evidence import chunks_of, examined
from credentials.web.pages.evidence import check_length
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form, read_form
from credentials.web.pages.page import Page
from credentials.web.requests import Upload

SHOWN = 50


def _check_panel(act: Act) -> None:
    if not act.actor.organisations(Role.SCORING_LEADER, Role.ADMINISTRATOR):
        raise Forbidden("this page is for scoring leaders: ask an administrator of your organisation for the role")


@get("/scoring/cases")
async def desk(page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """The cases and the appeals that wait for me, oldest first, and the cases that were decided last."""
    _check_panel(act)
    async with page.parts.database.read() as session:
        cases = await service.cases_to_decide(session, act, limit=SHOWN)
        closed = await service.cases_to_decide(session, act, closed=True, limit=10)
        appeals = await service.appeals_to_decide(session, act, limit=SHOWN)
        submissions = await evidence.submissions_by_id(session, {one.submission_id for one in appeals})
        versions = await catalog.versions_by_id(session, {one.version_id for one in submissions.values()})
    titles = {one.id: versions[submissions[one.submission_id].version_id].specification.title for one in appeals}
    return page.show("appeals/desk.html", cases=cases, closed=closed, appeals=appeals, titles=titles, shown=SHOWN)


@get("/scoring/cases/{case_id:str}")
async def case(case_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """The works that are alike, side by side, and the vote. Nothing here tells whose they are."""
    return await _case(page, act, case_id)


async def _case(page: Page, act: Act, case_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        view = await service.case_view(session, act, case_id)
        submissions = await evidence.submissions_by_id(session, {one.submission_id for one in view.parties})
        artifacts = await evidence.artifacts_by_submission(session, submissions)
        versions = await catalog.versions_by_id(session, {one.version_id for one in submissions.values()})
    return page.show(
        "appeals/case.html",
        filled=filled,
        view=view,
        submissions=submissions,
        artifacts=artifacts,
        versions=versions,
        letters={one.submission_id: _letter(place) for place, one in enumerate(view.parties)},
        count_words=evidence_rules.count_words,
    )


def _letter(place: int) -> str:
    """Work A, Work B: what a panel calls them by."""
    return chr(ord("A") + place) if place < 26 else str(place + 1)


@post("/scoring/cases/{case_id:str}/votes")
async def vote(
    case_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Vote, once."""
    try:
        said = form.read(VoteGiven, against=form.all("against"), reason=form.line("reason"))
        await service.vote(page.parts.database, act, case_id, against=said.against, reason=said.reason)
    except MENDABLE as failure:
        return await _case(page, act, case_id, form.back("vote", failure))
    return page.go(f"/scoring/cases/{case_id}", "voted")


@get("/scoring/appeals/{appeal_id:str}")
async def appeal(appeal_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What the educator says, the work, the decision as it stands, and the answer."""
    return await _appeal(page, act, appeal_id)


async def _appeal(page: Page, act: Act, appeal_id: str, filled: Filled = BLANK) -> Template:
    _check_panel(act)
    async with page.parts.database.read() as session:
        found = await service.seen_appeal(session, act, appeal_id)
        submission = await evidence.submission(session, found.submission_id)
        version = await catalog.version(session, submission.version_id)
        exhibits = await service.exhibits(session, act, appeal_id)
        artifacts = await evidence.artifacts_of(session, submission.id)
        decision = await service.decision(session, submission.id) if found.against is not Against.DENIED else None
    specification = version.specification
    return page.show(
        "appeals/appeal.html",
        filled=filled,
        appeal=found,
        submission=submission,
        specification=specification,
        rubric=specification.passing_rubric(),
        exhibits=exhibits,
        artifacts=artifacts,
        scores={one.criterion: one for one in decision.scores} if decision else {},
        count_words=evidence_rules.count_words,
        level_choices=_choices,
        mine=found.educator_id == act.actor.person_id,
    )


def _choices(criterion: RubricCriterion) -> list[tuple[str, str]]:
    """The levels at which a criterion passes."""
    return [(level.id, level.name) for level in criterion.levels if criterion.passes(level.id)]


@post("/scoring/appeals/{appeal_id:str}/decision")
async def decide(
    appeal_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Uphold or dismiss."""
    try:
        if form["outcome"] not in {"upheld", "dismissed"}:
            raise Malformed("choose whether you uphold or dismiss the appeal")
        given = [
            {"criterion": name.removeprefix("level-"), "level": form[name], "feedback": ""}
            for name in form.names()
            if name.startswith("level-") and form[name]
        ]
        upheld = form["outcome"] == "upheld"
        said = form.read(
            AppealDecision,
            upheld=upheld,
            reason=form.line("reason"),
            scores=given if upheld else [],
            acceptCause=form.flag("accept_cause"),
        )
        await service.decide_appeal(
            page.parts.database,
            act,
            appeal_id,
            upheld=said.upheld,
            reason=said.reason,
            scores=[Score(criterion=one.criterion, level=one.level) for one in said.scores],
            accept_cause=said.accept_cause,
        )
    except MENDABLE as failure:
        return await _appeal(page, act, appeal_id, form.back("decide", failure))
    return page.go(f"/scoring/appeals/{appeal_id}", "appeal-decided")


# The educator's own


@get("/submissions/{submission_id:str}/appeal")
async def mine(submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """What a panel said of my submission, my appeals, and the form for one."""
    return await _mine(page, act, submission_id)


async def _mine(page: Page, act: Act, submission_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        found = await evidence.own(session, act, submission_id)
        version = await catalog.version(session, found.version_id)
        involved = await service.standing_with(session, act, found.id)
        appeals = await service.appeals_of(session, act, found.id)
        exhibits = {one.id: await service.exhibits(session, act, one.id) for one in appeals}
        try:
            against, decision_at = await service.what_to_appeal(session, found)
        except NotAppealable:
            against, decision_at = None, None
    programme = version.specification.programme
    may = decision_at is not None and all(one.decision_at != decision_at for one in appeals)
    return page.show(
        "appeals/mine.html",
        filled=filled,
        submission=found,
        specification=version.specification,
        programme=programme,
        involved=involved,
        appeals=appeals,
        exhibits=exhibits,
        against=against if may else None,
        late=decision_at is not None and rules.is_late(programme, decision_at, page.now),
        until=rules.appeal_until(programme, decision_at) if decision_at else None,
    )


@post("/submissions/{submission_id:str}/appeal")
async def file_appeal(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Appeal."""
    try:
        said = form.read(
            NewAppeal,
            statement=form.line("statement"),
            waives=form.lines("waives"),
            goodCause=form.line("good_cause"),
        )
        async with page.parts.database.write() as session:
            await service.file_appeal(
                session, act, submission_id, statement=said.statement, waives=said.waives, good_cause=said.good_cause
            )
    except MENDABLE as failure:
        return await _mine(page, act, submission_id, form.back("appeal", failure))
    return page.go(f"/submissions/{submission_id}/appeal", "appealed")


@post("/submissions/{submission_id:str}/appeals/{appeal_id:str}/texts")
async def add_text(
    submission_id: FromPath[str],
    appeal_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Add a text to an appeal that waits."""
    try:
        async with page.parts.database.write() as session:
            await service.add_exhibit_text(session, act, appeal_id, form["text"][:20_000])
    except MENDABLE as failure:
        return await _mine(page, act, submission_id, form.back("exhibit", failure, field="text"))
    return page.go(f"/submissions/{submission_id}/appeal", "evidence-added")


@post("/submissions/{submission_id:str}/appeals/{appeal_id:str}/files", request_max_body_size=None)  # ``check_length``
async def add_file(
    submission_id: FromPath[str], appeal_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template | Response[None]:
    """Add a file to an appeal that waits. It is examined as every upload is."""
    form = Form({}, {})
    try:
        check_length(page)
        async with page.parts.database.read() as session:
            await service.check_may_add_exhibit(session, act, appeal_id)
        form = await read_form(page.request)
        upload = form.files.get("file")
        if upload is None or not upload.filename:
            raise Malformed("choose a file first")
        file = await examined(page.parts, Upload(upload.filename, chunks_of(upload)))
        async with page.parts.database.write() as session:
            await service.add_exhibit_file(
                session,
                act,
                appeal_id,
                name=file.name,
                media_type=file.media_type,
                digest=file.digest,
                size=file.size,
            )
    except MENDABLE as failure:
        return await _mine(page, act, submission_id, form.back("exhibit-file", failure, field="file"))
    return page.go(f"/submissions/{submission_id}/appeal", "evidence-added")


HANDLERS = [desk, case, vote, appeal, decide, mine, file_appeal, add_text, add_file]
