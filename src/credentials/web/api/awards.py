"""Awards: what I hold, its credential in four forms, sharing; and for the issuer: revoking, suspending, correcting."""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from credentials.awards import service
from credentials.awards.model import Award, AwardKind, AwardState
from credentials.db import Session
from credentials.issuing import addresses
from credentials.issuing import service as issuing
from credentials.openbadges import art, baking
from credentials.people import service as people
from credentials.people.model import Act, Role, Scope
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.web.deps import SCOPE_KEY
from credentials.web.openapi import MEDIA_TYPES_KEY, TAGGED
from credentials.web.parts import Parts
from credentials.web.wire import Asked, Page, Paging, Wire, etag

Form = Literal["json", "jwt", "png", "svg"]
MEDIA_TYPES = {"json": "application/vc", "jwt": "application/jwt", "png": "image/png", "svg": "image/svg+xml"}


class AwardShown(Wire):
    """``credentialId`` is the credential's own id. ``share`` is the address of the public page, if its owner made one."""

    id: str
    kind: AwardKind
    title: str
    organisation_id: str
    achievement_id: str
    version_id: str | None
    credential_id: str
    awarded_at: datetime
    valid_until: datetime | None
    state: AwardState
    state_reason: str
    share: str | None


class IssuedShown(Wire):
    """An award as its issuer sees it."""

    award: AwardShown
    educator_id: str


class Because(Asked):
    reason: Annotated[str, Meta(min_length=1, max_length=5_000)]


def show_award(award: Award, base_url: str) -> AwardShown:
    return AwardShown(
        id=award.id,
        kind=award.kind,
        title=award.title,
        organisation_id=award.organisation_id,
        achievement_id=award.achievement_id,
        version_id=award.version_id,
        credential_id=award.credential_id,
        awarded_at=award.awarded_at,
        valid_until=award.valid_until,
        state=award.state,
        state_reason=award.state_reason,
        share=addresses.shared_award(base_url, award.share) if award.share else None,
    )


def _tagged(award: Award, parts: Parts) -> Response[AwardShown]:
    return Response(show_award(award, parts.settings.base_url), headers={"ETag": etag(award.revision)})


@get("/awards", opt={SCOPE_KEY: Scope.AWARDS_READ})
async def list_awards(
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
    paging: NamedDependency[Paging],
) -> Response[Page[AwardShown]]:
    """What I was awarded, newest first."""
    (after,) = paging.after()
    found = await service.of_educator(session, act.actor.person_id, after=after, limit=paging.enough)
    return paging.page(found, lambda award: show_award(award, parts.settings.base_url))


@get("/awards/{award_id:str}", opt={SCOPE_KEY: Scope.AWARDS_READ}, response_headers=TAGGED)
async def get_award(
    award_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act], parts: NamedDependency[Parts]
) -> Response[AwardShown]:
    """One of my awards."""
    return _tagged(await service.own(session, act, award_id), parts)


@get(
    "/awards/{award_id:str}/credential/{form:str}",
    opt={SCOPE_KEY: Scope.AWARDS_READ, MEDIA_TYPES_KEY: list(MEDIA_TYPES.values())},
    media_type="application/vc",
)
async def credential(
    award_id: FromPath[str], form: FromPath[Form], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[bytes]:
    """The signed credential of one of my awards: as JSON, as a JWT, or baked into a PNG or SVG."""
    return await file_of(session, await service.own(session, act, award_id), form)


@get(
    "/awards/{award_id:str}/record",
    opt={SCOPE_KEY: Scope.AWARDS_READ, MEDIA_TYPES_KEY: ["application/vc"]},
    media_type="application/vc",
)
async def record(
    award_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[bytes]:
    """The learner record (CLR 2.0) of one of my stacks: its badge and those of its members in one signed file."""
    return await record_file_of(session, await service.own(session, act, award_id))


async def record_file_of(session: Session, award: Award) -> Response[bytes]:
    """The stored bytes, as they were signed."""
    document = await issuing.record_of(session, award)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(award)}.clr.json"'}
    return Response(document.body, media_type="application/vc", headers=headers)


MAX_FILE_NAME = 80
"""Letters of a title that a file is called by."""


def file_name(award: Award) -> str:
    """What a file of an award is called, without its ending: the words of its title and the day, so that somebody finds it
    among others. Letters that not every system takes are left out; nothing of its owner is in it.

    ``Feedback That Moves Work Forward`` of 2026-09-01 is *feedback-that-moves-work-forward-2026-09-01*.
    """
    plain = unicodedata.normalize("NFKD", award.title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))[:MAX_FILE_NAME].strip("-") or award.kind.value.replace("_", "-")
    return f"{words}-{award.awarded_at:%Y-%m-%d}"


LABELS = {AwardKind.MICRO_CREDENTIAL: "Micro-credential", AwardKind.STACK: "Stack", AwardKind.LICENCE: "Licence"}


async def file_of(session: Session, award: Award, form: Form) -> Response[bytes]:
    """The stored bytes, as they were signed; a picture is drawn and the bytes are baked into it."""
    document = await sealing.sealed_as(session, award.intent_id, Format.JWT if form == "jwt" else Format.DATA_INTEGRITY)
    body = document.body
    if form in {"png", "svg"}:
        issuer = await people.organisation(session, award.organisation_id)
        face = art.Face(
            id=award.achievement_id,
            title=award.title,
            issuer=issuer.name,
            label=LABELS[award.kind],
            stacked=award.kind is not AwardKind.MICRO_CREDENTIAL,
        )
        body = baking.bake(art.render_png(face) if form == "png" else art.render_svg(face), body)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(award)}.{form}"'}
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


@post("/awards/{award_id:str}/share", status_code=200, opt={SCOPE_KEY: Scope.AWARDS_WRITE}, response_headers=TAGGED)
async def share(
    award_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act], parts: NamedDependency[Parts]
) -> Response[AwardShown]:
    """Make a public page of my award. Who has its link sees the award, its results and its state."""
    return _tagged(await service.share(session, act, award_id), parts)


@delete("/awards/{award_id:str}/share", status_code=200, opt={SCOPE_KEY: Scope.AWARDS_WRITE}, response_headers=TAGGED)
async def unshare(
    award_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act], parts: NamedDependency[Parts]
) -> Response[AwardShown]:
    """Take the public page away for good."""
    return _tagged(await service.unshare(session, act, award_id), parts)


@post(
    "/awards/{award_id:str}/correction", status_code=200, opt={SCOPE_KEY: Scope.AWARDS_WRITE}, response_headers=TAGGED
)
async def correct(
    award_id: FromPath[str], data: JSONBody[Because], act: NamedDependency[Act], parts: NamedDependency[Parts]
) -> Response[AwardShown]:
    """Issue the credential anew under its own id: my new DID, address or wish to be named comes in."""
    return _tagged(await issuing.correct(parts.office, act, award_id, reason=data.reason), parts)


# The issuer's side


@get("/organisations/{organisation_id:str}/awards", opt={SCOPE_KEY: Scope.AWARDS_READ})
async def list_issued(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
    paging: NamedDependency[Paging],
) -> Response[Page[IssuedShown]]:
    """What an organisation and those below it awarded, in order, for its administrators and scoring leaders."""
    where = await people.organisation_for(session, act.actor, organisation_id, Role.ADMINISTRATOR, Role.SCORING_LEADER)
    (after,) = paging.after()
    reach = await people.below(session, (where.id,))
    found = await service.of_organisations(session, reach, after=after, limit=paging.enough)
    return paging.page(
        found,
        lambda award: IssuedShown(award=show_award(award, parts.settings.base_url), educator_id=award.educator_id),
    )


@post(
    "/awards/{award_id:str}/revocation", status_code=200, opt={SCOPE_KEY: Scope.AWARDS_WRITE}, response_headers=TAGGED
)
async def revoke(
    award_id: FromPath[str],
    data: JSONBody[Because],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[AwardShown]:
    """Revoke an award for good, with a reason. It is published within a minute."""
    return _tagged(await issuing.revoke(session, act, award_id, reason=data.reason), parts)


@post(
    "/awards/{award_id:str}/suspension", status_code=200, opt={SCOPE_KEY: Scope.AWARDS_WRITE}, response_headers=TAGGED
)
async def suspend(
    award_id: FromPath[str],
    data: JSONBody[Because],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[AwardShown]:
    """Suspend an award, with a reason."""
    return _tagged(await issuing.suspend(session, act, award_id, reason=data.reason), parts)


@post(
    "/awards/{award_id:str}/reinstatement",
    status_code=200,
    opt={SCOPE_KEY: Scope.AWARDS_WRITE},
    response_headers=TAGGED,
)
async def reinstate(
    award_id: FromPath[str],
    data: JSONBody[Because],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[AwardShown]:
    """End a suspension, with a reason."""
    return _tagged(await issuing.reinstate(session, act, award_id, reason=data.reason), parts)


ROUTES = Router(
    path="",
    tags=["awards"],
    route_handlers=[
        list_awards,
        get_award,
        credential,
        record,
        share,
        unshare,
        correct,
        list_issued,
        revoke,
        suspend,
        reinstate,
    ],
)


@get(
    "/badges/{share:str}/credential/{form:str}",
    opt={MEDIA_TYPES_KEY: list(MEDIA_TYPES.values())},
    media_type="application/vc",
)
async def shared_credential(
    share: FromPath[str], form: FromPath[Form], session: NamedDependency[Session]
) -> Response[bytes]:
    """The signed credential of an award that its owner shares, for anyone who has the link."""
    return await file_of(session, await service.shared(session, share), form)
