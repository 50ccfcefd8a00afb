"""Proposals: a micro-credential of an educator's own making, its committee, and what that decided."""

from datetime import datetime
from typing import Annotated

from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from credentials.catalog import service
from credentials.catalog.model import Choice, Proposal, ProposalStage, ProposalView, Specification
from credentials.db import Session
from credentials.people.model import Act, Scope
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import Once
from credentials.web.openapi import TAGGED
from credentials.web.wire import Asked, Page, Paging, Wire, etag

PersonId = Annotated[str, Meta(max_length=36)]


class NewProposal(Asked):
    """``slug``: the short name that the author wishes for."""

    organisation_id: Annotated[str, Meta(max_length=36)]
    slug: Annotated[str, Meta(min_length=1, max_length=62)]
    specification: Specification


class Committee(Asked):
    members: Annotated[tuple[PersonId, ...], Meta(max_length=15)]


class ProposalVote(Asked):
    choice: Choice
    reason: Annotated[str, Meta(min_length=1, max_length=5_000)]


class ProposalLine(Wire):
    id: str
    organisation_id: str
    title: str
    stage: ProposalStage
    round: int
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    version_id: str | None


class VoteCast(Wire):
    """``personId`` is empty to the author: who voted how is the committee's own."""

    round: int
    person_id: str
    choice: Choice
    reason: str
    at: datetime


class ProposalShown(Wire):
    """``members`` are not told to the author. ``votes`` are this round's, for whoever has voted, or once it is decided;
    ``voted`` counts them. ``reasons``: what was said in every round that is decided, newest first."""

    proposal: ProposalLine
    slug: str
    specification: Specification
    members: list[str]
    voted: int
    votes: list[VoteCast]
    reasons: list[VoteCast]
    may_vote: bool
    may_name_committee: bool


def show_line(found: Proposal) -> ProposalLine:
    return ProposalLine(
        id=found.id,
        organisation_id=found.organisation_id,
        title=found.specification.title,
        stage=found.stage,
        round=found.round,
        created_at=found.created_at,
        submitted_at=found.submitted_at,
        decided_at=found.decided_at,
        version_id=found.version_id,
    )


def show_proposal(view: ProposalView) -> ProposalShown:
    votes, reasons = (
        [
            VoteCast(round=one.round, person_id=one.person_id, choice=one.choice, reason=one.reason, at=one.at)
            for one in cast
        ]
        for cast in (view.votes, view.reasons)
    )
    return ProposalShown(
        proposal=show_line(view.proposal),
        slug=view.proposal.slug,
        specification=view.proposal.specification,
        members=list(view.members),
        voted=view.voted,
        votes=votes,
        reasons=reasons,
        may_vote=view.may_vote,
        may_name_committee=view.may_name,
    )


@post("/proposals", status_code=201, opt={SCOPE_KEY: Scope.CATALOG_WRITE})
async def propose(
    data: JSONBody[NewProposal],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ProposalShown]:
    """Begin a proposal to my school, or to an organisation above it. It may be unfinished."""

    async def work() -> ProposalShown:
        made = await service.propose(
            session, act, organisation_id=data.organisation_id, slug=data.slug, specification=data.specification
        )
        return show_proposal(await service.proposal_for(session, act, made.id))

    return await once(session, work)


@get("/proposals", opt={SCOPE_KEY: Scope.CATALOG_READ})
async def list_proposals(
    session: NamedDependency[Session], act: NamedDependency[Act], paging: NamedDependency[Paging]
) -> Response[Page[ProposalLine]]:
    """Mine, those on whose committee I am, and those handed in where I develop the catalogue; newest first."""
    (before,) = paging.after()
    found = await service.proposals_for(session, act, before=before, limit=paging.enough)
    return paging.page(found, show_line)


@get("/proposals/{proposal_id:str}", opt={SCOPE_KEY: Scope.CATALOG_READ}, response_headers=TAGGED)
async def get_proposal(
    proposal_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[ProposalShown]:
    """One proposal, as I may see it."""
    return _tagged(await service.proposal_for(session, act, proposal_id))


@put("/proposals/{proposal_id:str}", opt={SCOPE_KEY: Scope.CATALOG_WRITE}, response_headers=TAGGED)
async def change(
    proposal_id: FromPath[str],
    data: JSONBody[Specification],
    revision: NamedDependency[int],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ProposalShown]:
    """Rewrite my proposal while no committee reads it."""
    await service.change_proposal(session, act, proposal_id, data, revision=revision)
    return _tagged(await service.proposal_for(session, act, proposal_id))


@post(
    "/proposals/{proposal_id:str}/review",
    status_code=200,
    opt={SCOPE_KEY: Scope.CATALOG_WRITE},
    response_headers=TAGGED,
)
async def hand_in(
    proposal_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[ProposalShown]:
    """Hand my proposal to the committee. The gates that fail are named."""
    await service.hand_in_proposal(session, act, proposal_id)
    return _tagged(await service.proposal_for(session, act, proposal_id))


@post(
    "/proposals/{proposal_id:str}/withdrawal",
    status_code=200,
    opt={SCOPE_KEY: Scope.CATALOG_WRITE},
    response_headers=TAGGED,
)
async def withdraw(
    proposal_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[ProposalShown]:
    """Take my proposal back."""
    await service.withdraw_proposal(session, act, proposal_id)
    return _tagged(await service.proposal_for(session, act, proposal_id))


@put("/proposals/{proposal_id:str}/committee", opt={SCOPE_KEY: Scope.CATALOG_WRITE}, response_headers=TAGGED)
async def name_committee(
    proposal_id: FromPath[str],
    data: JSONBody[Committee],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ProposalShown]:
    """Say who decides: three to fifteen people of the organisation, and never the author."""
    return _tagged(await service.name_committee(session, act, proposal_id, data.members))


@post(
    "/proposals/{proposal_id:str}/votes", status_code=201, opt={SCOPE_KEY: Scope.CATALOG_WRITE}, response_headers=TAGGED
)
async def vote(
    proposal_id: FromPath[str],
    data: JSONBody[ProposalVote],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[ProposalShown]:
    """Vote to approve, return or refuse, with a reason, once in each round. More than half of the members decide; what they
    approve is published, and its author credited."""
    return _tagged(await service.vote_on_proposal(session, act, proposal_id, data.choice, reason=data.reason))


def _tagged(view: ProposalView) -> Response[ProposalShown]:
    return Response(show_proposal(view), headers={"ETag": etag(view.proposal.revision)})


ROUTES = Router(
    path="",
    tags=["catalogue"],
    route_handlers=[propose, list_proposals, get_proposal, change, hand_in, withdraw, name_committee, vote],
)
