"""Moderation sessions: several assessors score one work apart, see the spread, and agree."""

from datetime import datetime
from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from credentials.catalog.model import Version
from credentials.db import Session
from credentials.evidence.model import Artifact
from credentials.people.model import Act, Scope
from credentials.review import service
from credentials.review.model import AnchorUse, Moderation, ModerationStage, ReviewStage, Spread, TrueScore
from credentials.web.api.calibration import AnchorShown, Piece, show_anchor
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.parts import Parts
from credentials.web.wire import Asked, Page, Paging, Wire

PersonId = Annotated[str, Meta(max_length=36)]


class NewModeration(Asked):
    """A session about a decided submission, or about ``work`` that was prepared for a version."""

    title: Annotated[str, Meta(min_length=1, max_length=300)]
    assessor_ids: Annotated[list[PersonId], Meta(max_length=40)]
    submission_id: Annotated[str, Meta(max_length=36)] | None = None
    version_id: Annotated[str, Meta(max_length=36)] = ""
    work: Annotated[tuple[Piece, ...], Meta(max_length=40)] = ()


class NewSeat(Asked):
    assessor_id: PersonId


class Consensus(Asked):
    """What the group agrees on: every criterion has a level and a reason."""

    scores: Annotated[list[TrueScore], Meta(max_length=20)]


class Cancelled(Asked):
    reason: Annotated[str, Meta(min_length=1, max_length=5_000)]


class AnchorOf(Asked):
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    use: AnchorUse


class ModerationShown(Wire):
    """``scored`` of ``seats`` who take part have scored."""

    id: str
    title: str
    stage: ModerationStage
    micro_credential_id: str
    version_id: str
    opened_at: datetime
    closed_at: datetime | None
    ended_at: datetime | None
    scored: int
    seats: int


class SeatShown(Wire):
    """Somebody who takes part. ``assessorId`` and ``name`` are told to the leader, ``reviewId`` to whose it is: it is scored
    like any review."""

    place: int
    stage: ReviewStage
    mine: bool
    assessor_id: str | None
    name: str | None
    review_id: str | None


class GivenShown(Wire):
    place: int
    level: str
    feedback: str


class SpreadShown(Wire):
    """``apart``: levels between the lowest and the highest; ``same`` of ``pairs`` pairs chose the same one; ``onPassing``:
    they differ on whether it passes."""

    criterion: str
    given: list[GivenShown]
    apart: int
    same: int
    pairs: int
    on_passing: bool


class ModerationWhole(ModerationShown):
    """A session with who takes part. ``spread``: once scoring is closed, and to nobody before. ``artifacts``: while it is
    discussed, to those who take part; contents are at ``/submissions/{submissionId}/artifacts/{id}/content``."""

    submission_id: str
    reason: str
    members: list[SeatShown]
    spread: list[SpreadShown]
    artifacts: list[Artifact]
    consensus: list[TrueScore]
    anchor_id: str | None


def show_moderation(found: Moderation, scored: int, seats: int) -> ModerationShown:
    return ModerationShown(
        id=found.id,
        title=found.title,
        stage=found.stage,
        micro_credential_id=found.micro_credential_id,
        version_id=found.version_id,
        opened_at=found.opened_at,
        closed_at=found.closed_at,
        ended_at=found.ended_at,
        scored=scored,
        seats=seats,
    )


def _show_listed(row: tuple[Moderation, Version, int, int]) -> ModerationShown:
    found, _, scored, seats = row
    return show_moderation(found, scored, seats)


def _show_spread(one: Spread) -> SpreadShown:
    return SpreadShown(
        criterion=one.criterion,
        given=[GivenShown(place=each.place, level=each.level, feedback=each.feedback) for each in one.given],
        apart=one.apart,
        same=one.same,
        pairs=one.pairs,
        on_passing=one.on_passing,
    )


def _show_whole(view: service.ModerationView) -> ModerationWhole:
    found = view.moderation
    shown = show_moderation(found, view.done, len(view.seats))
    return ModerationWhole(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        submission_id=found.submission_id,
        reason=found.reason,
        members=[
            SeatShown(
                place=one.place,
                stage=one.stage,
                mine=one.is_mine,
                assessor_id=one.person_id or None,
                name=one.name or None,
                review_id=one.review_id or None,
            )
            for one in view.seats
        ],
        spread=[_show_spread(one) for one in view.spreads],
        artifacts=list(view.artifacts),
        consensus=list(found.consensus),
        anchor_id=found.anchor_id if view.leads else None,
    )


@post("/moderations", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def open_moderation(
    data: JSONBody[NewModeration], act: NamedDependency[Act], parts: NamedDependency[Parts]
) -> ModerationWhole:
    """Have several assessors score one work apart, as a scoring leader. One session about a work is under way at a time."""
    made = await service.open_moderation(
        parts.database,
        act,
        title=data.title,
        assessor_ids=data.assessor_ids,
        submission_id=data.submission_id,
        version_id=data.version_id,
        pieces=[(one.requirement, one.text, one.url) for one in data.work],
    )
    return await _whole(parts, act, made.id)


async def _whole(parts: Parts, act: Act, moderation_id: str) -> ModerationWhole:
    async with parts.database.read() as session:
        return _show_whole(await service.moderation(session, act, moderation_id))


@get("/moderations", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def list_moderations(
    session: NamedDependency[Session], act: NamedDependency[Act], paging: NamedDependency[Paging]
) -> Response[Page[ModerationShown]]:
    """The sessions that I lead or take part in, newest first."""
    (after,) = paging.after()
    found = await service.moderations(session, act, after=after, limit=paging.enough)
    return paging.page(found, _show_listed, lambda one: (one[0].id,))


@get("/moderations/{moderation_id:str}", opt={SCOPE_KEY: Scope.REVIEW_READ})
async def get_moderation(
    moderation_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> ModerationWhole:
    """A session that I lead or take part in. Nobody is told a score of it before scoring is closed."""
    return _show_whole(await service.moderation(session, act, moderation_id))


@post("/moderations/{moderation_id:str}/seats", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def seat(
    moderation_id: FromPath[str], data: JSONBody[NewSeat], act: NamedDependency[Act], parts: NamedDependency[Parts]
) -> ModerationWhole:
    """Ask one more assessor, or one again who gave it back, while scoring is open."""
    await service.seat(parts.database, act, moderation_id, data.assessor_id)
    return await _whole(parts, act, moderation_id)


@post("/moderations/{moderation_id:str}/closing", status_code=200, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def close(
    moderation_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> ModerationWhole:
    """End scoring before everybody has. It ends by itself when all have. From then on the spread is open to all of them."""
    await service.close_scoring(session, act, moderation_id)
    return _show_whole(await service.moderation(session, act, moderation_id))


@post("/moderations/{moderation_id:str}/consensus", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def agree(
    moderation_id: FromPath[str],
    data: JSONBody[Consensus],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> ModerationWhole:
    """Put on record what the group agrees on, with the reasons. It stays."""
    await service.agree(session, act, moderation_id, data.scores)
    return _show_whole(await service.moderation(session, act, moderation_id))


@post("/moderations/{moderation_id:str}/cancellation", status_code=200, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def cancel(
    moderation_id: FromPath[str],
    data: JSONBody[Cancelled],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> ModerationWhole:
    """Give a session up. What was scored stays on record."""
    await service.cancel(session, act, moderation_id, reason=data.reason)
    return _show_whole(await service.moderation(session, act, moderation_id))


@post("/moderations/{moderation_id:str}/anchor", status_code=201, opt={SCOPE_KEY: Scope.REVIEW_WRITE})
async def make_anchor(
    moderation_id: FromPath[str],
    data: JSONBody[AnchorOf],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[AnchorShown]:
    """Make an anchor of the work, with the consensus as its true scores."""

    async def work() -> AnchorShown:
        return show_anchor(await service.anchor_of(session, act, moderation_id, title=data.title, use=data.use))

    return await once(session, work)


ROUTES = Router(
    path="",
    tags=["moderation"],
    route_handlers=[open_moderation, list_moderations, get_moderation, seat, close, agree, cancel, make_anchor],
)
