"""Prior learning: an educator tells of earlier practice, and somebody who saw it attests it."""

from datetime import date, datetime
from typing import Annotated

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from credentials.db import Session
from credentials.errors import NotFound
from credentials.evidence import service
from credentials.evidence.model import Attested, Capacity, PriorPractice
from credentials.evidence.service import ToAttest
from credentials.people.model import Act, Scope
from credentials.web.deps import SCOPE_KEY
from credentials.web.wire import Asked, Wire

Account = Annotated[str, Meta(min_length=1, max_length=5_000)]


class PracticeAsked(Asked):
    """``account``: what was done and where. ``witness``: the e-mail address of somebody of my organisations who saw it."""

    began_on: date
    ended_on: date
    account: Account
    capacity: Capacity
    witness: Annotated[str, Meta(max_length=254)]


class PracticeTold(Wire):
    """Earlier practice as assessors see it: not who attested it, nor in which words."""

    began_on: date
    ended_on: date
    account: str
    capacity: Capacity
    attested: Attested
    answered_at: datetime | None


class PracticeShown(Wire):
    """As its educator sees it, with what was answered."""

    practice: PracticeTold
    asked_at: datetime
    statement: str


class AttestationAsked(Wire):
    """What I was asked to attest. ``open``: whether my answer is still waited for."""

    submission_id: str
    educator: str
    title: str
    practice: PracticeTold
    asked_at: datetime
    open: bool


class Answer(Asked):
    """``statement``: what I saw, or why I cannot confirm it. The educator reads it."""

    confirmed: bool
    statement: Account


def tell_practice(found: PriorPractice | None) -> PracticeTold | None:
    return _told(found) if found else None


def _told(found: PriorPractice) -> PracticeTold:
    return PracticeTold(
        began_on=found.began_on,
        ended_on=found.ended_on,
        account=found.account,
        capacity=found.capacity,
        attested=found.attested,
        answered_at=found.answered_at,
    )


def _shown(found: PriorPractice) -> PracticeShown:
    return PracticeShown(practice=_told(found), asked_at=found.asked_at, statement=found.statement)


def _asked(one: ToAttest) -> AttestationAsked:
    return AttestationAsked(
        submission_id=one.practice.submission_id,
        educator=one.educator.name,
        title=one.title,
        practice=_told(one.practice),
        asked_at=one.practice.asked_at,
        open=one.is_open,
    )


@get("/submissions/{submission_id:str}/prior-learning", opt={SCOPE_KEY: Scope.EVIDENCE_READ})
async def get_prior(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> PracticeShown:
    """The earlier practice that my submission shows, and what was answered."""
    await service.own(session, act, submission_id)
    found = await service.prior_practice(session, submission_id)
    if found is None:
        raise NotFound("no earlier practice is told of this submission")
    return _shown(found)


@put("/submissions/{submission_id:str}/prior-learning", opt={SCOPE_KEY: Scope.EVIDENCE_WRITE})
async def tell_prior(
    submission_id: FromPath[str],
    data: JSONBody[PracticeAsked],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> PracticeShown:
    """Say that my evidence shows practice of earlier years, and ask somebody who saw it to attest it. What was attested before
    does not count for what is told now."""
    told = await service.tell_prior(
        session,
        act,
        submission_id,
        began_on=data.began_on,
        ended_on=data.ended_on,
        account=data.account,
        capacity=data.capacity,
        witness=data.witness,
    )
    return _shown(told)


@delete("/submissions/{submission_id:str}/prior-learning", opt={SCOPE_KEY: Scope.EVIDENCE_WRITE})
async def forget_prior(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> None:
    """Take it out: then the submission shows practice of today."""
    await service.forget_prior(session, act, submission_id)


@get("/attestations", opt={SCOPE_KEY: Scope.EVIDENCE_READ})
async def list_to_attest(session: NamedDependency[Session], act: NamedDependency[Act]) -> list[AttestationAsked]:
    """The earlier practice that I was asked to attest, the last hundred, newest first."""
    return [_asked(one) for one in await service.to_attest(session, act)]


@post(
    "/submissions/{submission_id:str}/prior-learning/attestation",
    status_code=201,
    opt={SCOPE_KEY: Scope.EVIDENCE_WRITE},
)
async def attest_prior(
    submission_id: FromPath[str],
    data: JSONBody[Answer],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> PracticeTold:
    """Say of practice that I was asked about that it was so, or that I cannot say so; once."""
    return _told(
        await service.attest_prior(session, act, submission_id, confirmed=data.confirmed, statement=data.statement)
    )


ROUTES = Router(
    path="",
    tags=["evidence"],
    route_handlers=[get_prior, tell_prior, forget_prior, list_to_attest, attest_prior],
)
