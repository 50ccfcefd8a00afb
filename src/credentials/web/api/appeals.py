"""Integrity cases and their panel's votes; appeals of decisions."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from credentials.catalog.model import Key
from credentials.db import Session
from credentials.evidence import service as evidence
from credentials.evidence.model import Artifact, Stage
from credentials.evidence.rules import FILE_MODES
from credentials.people.model import Act, Scope
from credentials.review import service
from credentials.review.model import (
    Against,
    Appeal,
    AppealStage,
    CaseView,
    Finding,
    IntegrityCase,
    Score,
    Verdict,
)
from credentials.web.api.evidence import download, examined
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.openapi import BODY_KEY, FILE_FIELD, MEDIA_TYPES_KEY, ONE_FILE
from credentials.web.parts import Parts
from credentials.web.requests import one_file
from credentials.web.wire import Asked, Page, Paging, Wire

Long = Annotated[str, Meta(min_length=1, max_length=20_000)]


class Report(Asked):
    reason: Annotated[str, Meta(min_length=1, max_length=5_000)]


class CaseLine(Wire):
    """``openedBy`` is a person's id, or ``system:integrity`` where the service found it."""

    id: str
    organisation_id: str
    finding: Finding
    detail: str
    panel: int
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None


class PartyShown(Wire):
    """A submission that the case names, with its evidence; not whose it is."""

    submission_id: str
    stage: Stage
    held: bool
    verdict: Verdict | None
    reason: str
    artifacts: list[Artifact]


class VoteShown(Wire):
    person_id: str
    against: list[str]
    reason: str
    at: datetime


class CaseWhole(Wire):
    """``votes`` of others are in it once one has voted oneself, or when the case is closed; ``voted`` counts them."""

    case: CaseLine
    parties: list[PartyShown]
    voted: int
    votes: list[VoteShown]


class VoteGiven(Asked):
    """``against``: the submissions that are found against; none clears all."""

    against: Annotated[list[Annotated[str, Meta(max_length=36)]], Meta(max_length=50)]
    reason: Annotated[str, Meta(min_length=1, max_length=5_000)]


class InvolvedShown(Wire):
    """What an educator is told of a case about their work."""

    is_open: bool
    verdict: Verdict | None
    reason: str


class NewAppeal(Asked):
    """``waives``: what it asks to be let off. ``goodCause``: why it comes late, if it does."""

    statement: Long
    waives: Annotated[tuple[Annotated[str, Meta(max_length=300)], ...], Meta(max_length=20)] = ()
    good_cause: Annotated[str, Meta(max_length=5_000)] = ""


class AppealShown(Wire):
    id: str
    submission_id: str
    against: Against
    decision_at: datetime
    statement: str
    waives: list[str]
    late: bool
    good_cause: str
    cause_accepted: bool
    stage: AppealStage
    filed_at: datetime
    decided_at: datetime | None
    reason: str


class ExhibitText(Asked):
    text: Long


class ScoreChanged(Asked):
    criterion: Key
    level: Key
    feedback: Annotated[str, Meta(max_length=5_000)] = ""


class AppealDecision(Asked):
    """``scores``: what the decision says instead, for an appeal against Not Yet Earned that is upheld."""

    upheld: bool
    reason: Annotated[str, Meta(min_length=1, max_length=5_000)]
    scores: Annotated[tuple[ScoreChanged, ...], Meta(max_length=20)] = ()
    accept_cause: bool = False


def _line(case: IntegrityCase) -> CaseLine:
    return CaseLine(
        id=case.id,
        organisation_id=case.organisation_id,
        finding=case.finding,
        detail=case.detail,
        panel=case.panel,
        opened_by=case.opened_by,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
    )


async def _whole(session: Session, view: CaseView) -> CaseWhole:
    submissions = await evidence.submissions_by_id(session, {one.submission_id for one in view.parties})
    artifacts = await evidence.artifacts_by_submission(session, submissions)
    return CaseWhole(
        case=_line(view.case),
        parties=[
            PartyShown(
                submission_id=one.submission_id,
                stage=submissions[one.submission_id].stage,
                held=one.held,
                verdict=one.verdict,
                reason=one.reason,
                artifacts=artifacts[one.submission_id],
            )
            for one in view.parties
        ],
        voted=view.voted,
        votes=[
            VoteShown(person_id=one.person_id, against=list(one.against), reason=one.reason, at=one.at)
            for one in view.votes
        ],
    )


def show_appeal(found: Appeal) -> AppealShown:
    return AppealShown(
        id=found.id,
        submission_id=found.submission_id,
        against=found.against,
        decision_at=found.decision_at,
        statement=found.statement,
        waives=list(found.waives),
        late=found.late,
        good_cause=found.good_cause,
        cause_accepted=found.cause_accepted,
        stage=found.stage,
        filed_at=found.filed_at,
        decided_at=found.decided_at,
        reason=found.reason,
    )


# Integrity


@get("/integrity-cases", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def list_cases(
    paging: NamedDependency[Paging],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    closed: FromQuery[bool] = False,
) -> Response[Page[CaseLine]]:
    """The cases for which I may sit on the panel: open ones oldest first, closed ones newest first."""
    (after,) = paging.after()
    found = await service.cases_to_decide(session, act, closed=closed, after=after, limit=paging.enough)
    return paging.page(found, _line)


@post("/submissions/{submission_id:str}/integrity-cases", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def report(
    submission_id: FromPath[str],
    data: JSONBody[Report],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[CaseLine]:
    """Report misconduct, before a decision or after an award. What is not decided is held. Whoever reports does not vote."""

    async def work() -> CaseLine:
        return _line(await service.report(session, act, submission_id, reason=data.reason))

    return await once(session, work)


@get("/integrity-cases/{case_id:str}", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def get_case(case_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> CaseWhole:
    """A case with the evidence that it is about. It does not tell whose work it is."""
    return await _whole(session, await service.case_view(session, act, case_id))


@post("/integrity-cases/{case_id:str}/votes", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def vote(
    case_id: FromPath[str], data: JSONBody[VoteGiven], parts: NamedDependency[Parts], act: NamedDependency[Act]
) -> CaseWhole:
    """Vote, once. More than half of the panel decide."""
    view = await service.vote(parts.database, act, case_id, against=data.against, reason=data.reason)
    async with parts.database.read() as session:
        return await _whole(session, view)


@get("/submissions/{submission_id:str}/integrity-cases", opt={SCOPE_KEY: Scope.EVIDENCE_READ})
async def my_cases(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[InvolvedShown]:
    """The cases about one of my submissions, oldest first."""
    return [
        InvolvedShown(is_open=one.is_open, verdict=one.verdict, reason=one.reason)
        for one in await service.standing_with(session, act, submission_id)
    ]


# Appeals


@post("/submissions/{submission_id:str}/appeals", status_code=201, opt={SCOPE_KEY: Scope.EVIDENCE_WRITE})
async def file_appeal(
    submission_id: FromPath[str],
    data: JSONBody[NewAppeal],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[AppealShown]:
    """Appeal Not Yet Earned, a denial, or the revocation of what the submission was awarded."""

    async def work() -> AppealShown:
        made = await service.file_appeal(
            session, act, submission_id, statement=data.statement, waives=data.waives, good_cause=data.good_cause
        )
        return show_appeal(made)

    return await once(session, work)


@get("/submissions/{submission_id:str}/appeals", opt={SCOPE_KEY: Scope.EVIDENCE_READ})
async def my_appeals(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[AppealShown]:
    """My appeals about a submission, oldest first."""
    return [show_appeal(one) for one in await service.appeals_of(session, act, submission_id)]


@get("/appeals", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def list_appeals(
    paging: NamedDependency[Paging],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    stage: FromQuery[AppealStage] = AppealStage.FILED,
) -> Response[Page[AppealShown]]:
    """The appeals that I may decide, longest waiting first."""
    (after,) = paging.after()
    found = await service.appeals_to_decide(session, act, stage=stage, after=after, limit=paging.enough)
    return paging.page(found, show_appeal)


@get("/appeals/{appeal_id:str}", opt={SCOPE_KEY: Scope.EVIDENCE_READ})
async def get_appeal(
    appeal_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> AppealShown:
    return show_appeal(await service.seen_appeal(session, act, appeal_id))


@get("/appeals/{appeal_id:str}/evidence", opt={SCOPE_KEY: Scope.EVIDENCE_READ})
async def list_exhibits(
    appeal_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[Artifact]:
    """The further evidence of an appeal, for its educator and for who decides it."""
    return await service.exhibits(session, act, appeal_id)


@post("/appeals/{appeal_id:str}/texts", status_code=201, opt={SCOPE_KEY: Scope.EVIDENCE_WRITE})
async def add_text(
    appeal_id: FromPath[str],
    data: JSONBody[ExhibitText],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[Artifact]:
    """Add a text as further evidence."""

    async def work() -> Artifact:
        return await service.add_exhibit_text(session, act, appeal_id, data.text)

    return await once(session, work)


@post(
    "/appeals/{appeal_id:str}/files",
    status_code=201,
    opt={SCOPE_KEY: Scope.EVIDENCE_WRITE, BODY_KEY: ONE_FILE},
    request_max_body_size=None,  # the setting says how much; see ``one_file``
)
async def add_file(
    request: Request[Any, Any, Any],
    appeal_id: FromPath[str],
    once: NamedDependency[Once],
    parts: NamedDependency[Parts],
) -> Response[Artifact]:
    """Add a file as further evidence (multipart/form-data, one file). It is examined as every upload is."""
    async with parts.database.read() as session:
        if not await once.was_done(session):
            await service.check_may_add_exhibit(session, once.act, appeal_id)
    async with one_file(request, FILE_FIELD, limit=parts.settings.max_upload_bytes) as upload:
        file = await examined(parts, upload)

    async def work() -> Artifact:
        return await service.add_exhibit_file(
            session,
            once.act,
            appeal_id,
            name=file.name,
            media_type=file.media_type,
            digest=file.digest,
            size=file.size,
        )

    async with parts.database.write() as session:
        return await once(session, work, body=f"{file.received} {file.name}".encode())


@get(
    "/appeals/{appeal_id:str}/evidence/{artifact_id:str}/content",
    opt={SCOPE_KEY: Scope.EVIDENCE_READ, MEDIA_TYPES_KEY: sorted({*FILE_MODES, "text/plain"})},
    media_type="application/octet-stream",
)
async def content(
    appeal_id: FromPath[str],
    artifact_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[bytes]:
    """The bytes of further evidence, always as a download."""
    return await download(parts, await service.exhibit(session, act, appeal_id, artifact_id))


@post("/appeals/{appeal_id:str}/decision", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def decide(
    appeal_id: FromPath[str],
    data: JSONBody[AppealDecision],
    parts: NamedDependency[Parts],
    act: NamedDependency[Act],
) -> AppealShown:
    """Uphold or dismiss, with a reason. Not by who scored, voted, reported or revoked. What is upheld against Not Yet Earned
    is awarded."""
    decided = await service.decide_appeal(
        parts.database,
        act,
        appeal_id,
        upheld=data.upheld,
        reason=data.reason,
        scores=[Score(criterion=one.criterion, level=one.level, feedback=one.feedback) for one in data.scores],
        accept_cause=data.accept_cause,
    )
    return show_appeal(decided)


ROUTES = Router(
    path="",
    tags=["review"],
    route_handlers=[
        list_cases,
        report,
        get_case,
        vote,
        my_cases,
        file_appeal,
        my_appeals,
        list_appeals,
        get_appeal,
        list_exhibits,
        add_text,
        add_file,
        content,
        decide,
    ],
)
