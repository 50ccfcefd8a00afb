"""Assessors who score as agreed: anchors, qualification sets and attempts, and who is qualified or locked."""

from datetime import datetime
from typing import Annotated

from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from credentials.catalog import service as catalog
from credentials.catalog.model import Key, Rubric
from credentials.db import Session
from credentials.evidence import service as evidence
from credentials.evidence.model import Artifact
from credentials.people.model import Act, Scope
from credentials.review import service
from credentials.review.model import (
    Anchor,
    AnchorUse,
    Attempt,
    Calibrated,
    Judgement,
    Lock,
    Qualification,
    QualificationSet,
    TrueScore,
)
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.wire import Asked, Page, Paging, Wire


class Piece(Asked):
    """One piece of prepared work: a text or a link for an evidence requirement."""

    requirement: Key
    text: Annotated[str, Meta(max_length=100_000)] = ""
    url: Annotated[str, Meta(max_length=2_100)] = ""


class NewAnchor(Asked):
    """Work with its true scores: a decided submission, or prepared ``work``. Every criterion has a level and a reason."""

    version_id: Annotated[str, Meta(max_length=36)]
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    use: AnchorUse
    scores: Annotated[list[TrueScore], Meta(max_length=20)]
    submission_id: Annotated[str, Meta(max_length=36)] | None = None
    work: Annotated[tuple[Piece, ...], Meta(max_length=40)] = ()


class AnchorShown(Wire):
    id: str
    micro_credential_id: str
    version_id: str
    submission_id: str
    title: str
    use: AnchorUse
    scores: list[TrueScore]
    made_at: datetime
    retired: bool


class AnchorWhole(AnchorShown):
    """An anchor with its work. The contents of files are at ``/submissions/{submissionId}/artifacts/{id}/content``."""

    artifacts: list[Artifact]


class NewSet(Asked):
    version_id: Annotated[str, Meta(max_length=36)]
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    anchor_ids: Annotated[list[Annotated[str, Meta(max_length=36)]], Meta(min_length=1, max_length=40)]


class SetShown(Wire):
    """``works``: how many anchors are in it."""

    id: str
    micro_credential_id: str
    version_id: str
    title: str
    works: int


class NewAttempt(Asked):
    set_id: Annotated[str, Meta(max_length=36)]


class AttemptShown(Wire):
    """``judgement`` is null until it is finished."""

    id: str
    set_id: str
    micro_credential_id: str
    begun_at: datetime
    finished_at: datetime | None
    judgement: Judgement | None


class WorkShown(Wire):
    """A work of a set with the levels that I gave it, by criterion."""

    anchor_id: str
    submission_id: str
    artifacts: list[Artifact]
    levels: dict[str, str]


class TaskShown(Wire):
    """An attempt with what is to be scored. The works are shown while it is open."""

    attempt: AttemptShown
    title: str
    rubric: Rubric
    works: list[WorkShown]


class Levels(Asked):
    """Levels by criterion, in part or whole."""

    levels: dict[Key, Key]


class QualificationShown(Wire):
    micro_credential_id: str
    qualified_at: datetime
    expires_at: datetime


class LockShown(Wire):
    """``misses`` of the last ``of`` hidden checks. ``setId``: what must be passed; null where any set opens it."""

    micro_credential_id: str
    set_id: str | None
    misses: int
    of: int
    locked_at: datetime


class JudgedShown(Wire):
    """What an attempt came to, and how I stand now. ``passed`` of ``needed`` different sets count."""

    attempt: AttemptShown
    qualification: QualificationShown | None
    lock: LockShown | None
    passed: int
    needed: int


class MyCalibrationShown(Wire):
    """``sets``: those that I can take now."""

    qualifications: list[QualificationShown]
    locks: list[LockShown]
    sets: list[SetShown]
    attempts: list[AttemptShown]


class QualifiedShown(Wire):
    person_id: str
    name: str
    micro_credential_id: str
    expires_at: datetime


class LockedShown(Wire):
    person_id: str
    name: str
    micro_credential_id: str
    set_id: str | None
    misses: int
    of: int
    locked_at: datetime
    unlocked_at: datetime | None


class ChecksShown(Wire):
    """Hidden checks of the last 90 days."""

    person_id: str
    name: str
    judged: int
    missed: int


class RollShown(Wire):
    qualified: list[QualifiedShown]
    locks: list[LockedShown]
    checks: list[ChecksShown]


def show_anchor(found: Anchor) -> AnchorShown:
    return AnchorShown(
        id=found.id,
        micro_credential_id=found.micro_credential_id,
        version_id=found.version_id,
        submission_id=found.submission_id,
        title=found.title,
        use=found.use,
        scores=list(found.scores),
        made_at=found.made_at,
        retired=found.retired_at is not None,
    )


def _show_set(found: QualificationSet) -> SetShown:
    return SetShown(
        id=found.id,
        micro_credential_id=found.micro_credential_id,
        version_id=found.version_id,
        title=found.title,
        works=len(found.anchor_ids),
    )


def _show_attempt(found: Attempt) -> AttemptShown:
    return AttemptShown(
        id=found.id,
        set_id=found.set_id,
        micro_credential_id=found.micro_credential_id,
        begun_at=found.begun_at,
        finished_at=found.finished_at,
        judgement=found.judgement,
    )


def _show_qualification(found: Qualification) -> QualificationShown:
    return QualificationShown(
        micro_credential_id=found.micro_credential_id, qualified_at=found.qualified_at, expires_at=found.expires_at
    )


def _show_lock(found: Lock) -> LockShown:
    return LockShown(
        micro_credential_id=found.micro_credential_id,
        set_id=found.set_id,
        misses=found.misses,
        of=found.of,
        locked_at=found.locked_at,
    )


@post("/anchors", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def add_anchor(
    data: JSONBody[NewAnchor],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[AnchorShown]:
    """Keep work with its true scores, as a scoring leader. The work is copied; nothing in the copy tells whose it was."""

    async def work() -> AnchorShown:
        made = await service.add_anchor(
            session,
            act,
            version_id=data.version_id,
            title=data.title,
            use=data.use,
            scores=data.scores,
            submission_id=data.submission_id,
            pieces=[(one.requirement, one.text, one.url) for one in data.work],
        )
        return show_anchor(made)

    return await once(session, work)


@get("/anchors", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def list_anchors(
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
    micro_credential: FromQuery[str] = "",
) -> Response[Page[AnchorShown]]:
    """The anchors of the programmes that I lead, newest first."""
    (after,) = paging.after()
    found = await service.anchors(session, act, micro_credential_id=micro_credential, after=after, limit=paging.enough)
    return paging.page(found, show_anchor)


@get("/anchors/{anchor_id:str}", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def get_anchor(
    anchor_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> AnchorWhole:
    """An anchor with its work and its true scores: for leaders, and for assessors, if it is shown to them."""
    found = await service.anchor(session, act, anchor_id)
    shown = show_anchor(found)
    return AnchorWhole(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        artifacts=await evidence.artifacts_of(session, found.submission_id),
    )


@post("/anchors/{anchor_id:str}/retirement", status_code=204, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def retire_anchor(anchor_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> None:
    """Use an anchor no longer."""
    await service.retire_anchor(session, act, anchor_id)


@post("/qualification-sets", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def add_set(
    data: JSONBody[NewSet],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[SetShown]:
    """Make a set of anchors by which assessors are qualified, as a scoring leader."""

    async def work() -> SetShown:
        made = await service.add_set(
            session, act, version_id=data.version_id, title=data.title, anchor_ids=data.anchor_ids
        )
        return _show_set(made)

    return await once(session, work)


@get("/qualification-sets", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def list_sets(
    session: NamedDependency[Session], act: NamedDependency[Act], paging: NamedDependency[Paging]
) -> Response[Page[SetShown]]:
    """The sets of the programmes that I score for or lead."""
    (after,) = paging.after()
    found = await service.sets(session, act, after=after, limit=paging.enough)
    return paging.page(found, _show_set)


@post("/qualification-sets/{set_id:str}/retirement", status_code=204, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def retire_set(set_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]) -> None:
    """Use a set no longer."""
    await service.retire_set(session, act, set_id)


@post("/qualification-attempts", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def begin_attempt(
    data: JSONBody[NewAttempt],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[AttemptShown]:
    """Take a set. Taking the one that I have open answers my attempt."""

    async def work() -> AttemptShown:
        return _show_attempt(await service.begin_attempt(session, act, data.set_id))

    return await once(session, work)


@get("/qualification-attempts/{attempt_id:str}", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def get_attempt(
    attempt_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> TaskShown:
    """My attempt with the works to score. The true scores are not in it, before or after."""
    found = await service.task(session, act, attempt_id)
    levels: dict[str, dict[str, str]] = {}
    for one in found.answers:
        levels.setdefault(one.anchor, {})[one.criterion] = one.level
    return TaskShown(
        attempt=_show_attempt(found.attempt),
        title=found.set.title,
        rubric=found.version.specification.passing_rubric(),
        works=[
            WorkShown(
                anchor_id=one.id,
                submission_id=one.submission_id,
                artifacts=found.artifacts[one.submission_id],
                levels=levels.get(one.id, {}),
            )
            for one in found.anchors
        ],
    )


@put(
    "/qualification-attempts/{attempt_id:str}/works/{anchor_id:str}",
    status_code=204,
    opt={SCOPE_KEY: Scope.REVIEW_WRITE},
)
async def answer(
    attempt_id: FromPath[str],
    anchor_id: FromPath[str],
    data: JSONBody[Levels],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> None:
    """Score one work of an open attempt. It can be changed until the end."""
    await service.answer(session, act, attempt_id, anchor_id, data.levels)


@post("/qualification-attempts/{attempt_id:str}/judgement", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def finish_attempt(
    attempt_id: FromPath[str],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[JudgedShown]:
    """Done: qualified or not, with every part of the bar that was missed."""

    async def work() -> JudgedShown:
        done, stands = await service.finish_attempt(session, act, attempt_id)
        return _show_judged(done, stands)

    return await once(session, work)


def _show_judged(done: Attempt, stands: Calibrated) -> JudgedShown:
    return JudgedShown(
        attempt=_show_attempt(done),
        qualification=_show_qualification(stands.qualification) if stands.qualification else None,
        lock=_show_lock(stands.lock) if stands.lock else None,
        passed=stands.passed,
        needed=stands.needed,
    )


@get("/me/calibration", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def my_calibration(session: NamedDependency[Session], act: NamedDependency[Act]) -> MyCalibrationShown:
    """What I am qualified for and until when, what is locked, and which sets I can take."""
    found = await service.my_calibration(session, act)
    return MyCalibrationShown(
        qualifications=[_show_qualification(one) for one in found.qualifications],
        locks=[_show_lock(one) for one in found.locks],
        sets=[_show_set(one) for one in found.sets],
        attempts=[_show_attempt(one) for one in found.attempts],
    )


@get("/calibration", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def roll(session: NamedDependency[Session], act: NamedDependency[Act]) -> RollShown:
    """Who is qualified and who is locked in the programmes that I lead, and how hidden checks went."""
    found = await service.roll(session, act)
    return RollShown(
        qualified=[
            QualifiedShown(
                person_id=one.person_id,
                name=found.names[one.person_id],
                micro_credential_id=one.micro_credential_id,
                expires_at=one.expires_at,
            )
            for one in found.qualified
        ],
        locks=[
            LockedShown(
                person_id=one.person_id,
                name=found.names[one.person_id],
                micro_credential_id=one.micro_credential_id,
                set_id=one.set_id,
                misses=one.misses,
                of=one.of,
                locked_at=one.locked_at,
                unlocked_at=one.unlocked_at,
            )
            for one in found.locks
        ],
        checks=[
            ChecksShown(person_id=person_id, name=found.names[person_id], judged=judged, missed=missed)
            for person_id, (judged, missed) in sorted(found.checks.items())
        ],
    )


@get("/versions/{version_id:str}/anchors", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def shown(
    version_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[AnchorShown]:
    """The examples that stand beside the work of a version, with their true scores and reasons, for its assessors."""
    version = await catalog.version(session, version_id)
    return [show_anchor(one) for one in await service.examples(session, act, version)]


ROUTES = Router(
    path="",
    tags=["calibration"],
    route_handlers=[
        add_anchor,
        list_anchors,
        get_anchor,
        retire_anchor,
        add_set,
        list_sets,
        retire_set,
        begin_attempt,
        get_attempt,
        answer,
        finish_attempt,
        my_calibration,
        roll,
        shown,
    ],
)
