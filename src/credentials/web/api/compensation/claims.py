"""What my awards are worth, and claims on them."""

from datetime import date, datetime

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from credentials.compensation.model.assessment import Assessment
from credentials.compensation.model.claims import Claim, ClaimState
from credentials.compensation.service import claims, desk
from credentials.db import Session
from credentials.people.model import Act
from credentials.verification.model import Report
from credentials.web.api.compensation.asked import READ, WRITE, Decided, Identifier
from credentials.web.api.verification import check
from credentials.web.parts import Parts
from credentials.web.wire import Asked, Page, Paging, Wire


class OfferShown(Wire):
    """What one of my awards is worth under one rule, today."""

    rule_id: str
    rule: str
    award_id: str
    title: str
    assessment: Assessment
    claim_id: str | None
    claim_state: ClaimState | None


class NewClaim(Asked):
    rule_id: Identifier
    award_id: Identifier


class ClaimShown(Wire):
    """``verdict`` and ``documentDigest``: what the verifier said of which bytes when it was claimed."""

    id: str
    organisation_id: str
    rule_id: str
    version_id: str | None
    educator_id: str
    award_id: str
    title: str
    awarded_on: date
    claimed_at: datetime
    verdict: str
    document_digest: str
    state: ClaimState
    assessment: Assessment
    decided_at: datetime | None
    reason: str


def show_claim(claim: Claim) -> ClaimShown:
    return msgspec.convert(claim, ClaimShown, from_attributes=True)


@get("/pay-offers", opt=READ)
async def offers(
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    organisation: FromQuery[Identifier | None] = None,
) -> list[OfferShown]:
    """What my newest awards are worth where I work, or at one recogniser, with the reasons."""
    return [
        OfferShown(
            rule_id=offer.rule.id,
            rule=offer.rule.title,
            award_id=offer.award.id,
            title=offer.award.title,
            assessment=offer.assessment,
            claim_id=offer.claim.id if offer.claim else None,
            claim_state=offer.claim.state if offer.claim else None,
        )
        for offer in await desk.offers(session, act, organisation)
    ]


@post("/pay-claims", status_code=201, opt=WRITE)
async def file_claim(data: JSONBody[NewClaim], act: NamedDependency[Act], parts: NamedDependency[Parts]) -> ClaimShown:
    """Claim on one of my awards. Its credential is verified now; claiming again answers the claim that is there."""

    async def verify(octets: bytes) -> Report:
        return await check(parts, octets, act.now)

    made = await claims.file_claim(parts.database, verify, act, rule_id=data.rule_id, award_id=data.award_id)
    return show_claim(made)


@get("/pay-claims", opt=READ)
async def my_claims(
    session: NamedDependency[Session], act: NamedDependency[Act], paging: NamedDependency[Paging]
) -> Response[Page[ClaimShown]]:
    """My claims, newest first."""
    (before,) = paging.after()
    found = await claims.my_claims(session, act, before=before, limit=paging.enough)
    return paging.page(found, show_claim)


@get("/pay-claims/{claim_id:str}", opt=READ)
async def get_claim(
    claim_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> ClaimShown:
    """One claim, for whoever made it and for the office."""
    return show_claim(await claims.claim_for(session, act, claim_id))


@get("/organisations/{organisation_id:str}/pay-claims", opt=READ)
async def list_claims(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
    stage: FromQuery[ClaimState] = ClaimState.SUBMITTED,
) -> Response[Page[ClaimShown]]:
    """The claims on a recogniser in one state, longest waiting first."""
    (after,) = paging.after()
    found = await claims.claims_in(session, act, organisation_id, stage, after=after, limit=paging.enough)
    return paging.page(found, show_claim)


@post("/pay-claims/{claim_id:str}/decision", status_code=200, opt=WRITE)
async def decide_claim(
    claim_id: FromPath[str], data: JSONBody[Decided], session: NamedDependency[Session], act: NamedDependency[Act]
) -> ClaimShown:
    """Approve a claim, which writes what the rule gives into the ledger; or refuse it with a reason. What the rule bars cannot
    be approved: the problem names its reason codes."""
    return show_claim(await claims.decide_claim(session, act, claim_id, approve=data.approve, reason=data.reason))


HANDLERS = [offers, file_claim, my_claims, get_claim, list_claims, decide_claim]
