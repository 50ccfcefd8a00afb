"""My credentials, and the public page of one that its owner shares."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.awards import service
from credentials.awards.model import Award, AwardKind, AwardState
from credentials.catalog import service as catalog
from credentials.errors import NotFound
from credentials.issuing import addresses
from credentials.issuing import service as issuing
from credentials.pathways import service as pathways
from credentials.people import service as people
from credentials.people.model import Act
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.verification.model import Verdict
from credentials.web import embedding
from credentials.web.api import awards as api
from credentials.web.api.verification import check
from credentials.web.pages import words
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page, further
from credentials.web.pages.people import UNSEEN
from credentials.web.pages.words import Word
from credentials.web.wire import read_cursor

SHOWN = 24


def state_of(award: Award, now: Any) -> Word:
    """Expiry is a date and not a state, and to a reader it is one all the same."""
    if award.state is AwardState.ACTIVE and not award.is_current(now):
        return words.EXPIRED
    return words.AWARD[award.state]


def picture_of(award: Award) -> str:
    """The address of an award's picture, without the credential in it."""
    if award.kind is AwardKind.STACK:
        return f"/stacks/{award.achievement_id}/badge.svg"
    if award.kind is AwardKind.LICENCE:
        return f"/licences/{award.achievement_id}/badge.svg"
    return f"/achievements/{award.version_id}/badge.svg"


@get("/credentials")
async def credentials(
    page: NamedDependency[Page], act: NamedDependency[Act], cursor: FromQuery[str | None] = None
) -> Template:
    """What I was awarded, and how far I am in the stacks that it belongs to."""
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        found = await service.of_educator(session, act.actor.person_id, after=after, limit=SHOWN + 1)
        shown = found[:SHOWN]
        issuers = await people.organisations_by_id(session, {award.organisation_id for award in shown})
        progress = await pathways.progress(
            session, act.actor.person_id, await pathways.published(session, limit=200), page.now
        )
    return page.show(
        "awards/credentials.html",
        awards=shown,
        issuers=issuers,
        progress=[one for one in progress if one.earned and not one.complete],
        state_of=state_of,
        picture_of=picture_of,
        labels=api.LABELS,
        next=further("/credentials", found, SHOWN),
    )


@get("/credentials/{award_id:str}")
async def credential(award_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """One of my credentials: its state, its files, its public page."""
    return await _credential(page, act, award_id)


async def _credential(page: Page, act: Act, award_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        award = await service.own(session, act, award_id)
        issuer = await people.organisation(session, award.organisation_id)
        me = await people.person(session, act.actor.person_id)
        slugs = await catalog.slugs_of(session, [award.achievement_id])
    return page.show(
        "awards/credential.html",
        filled=filled,
        award=award,
        issuer=issuer,
        me=me,
        label=api.LABELS[award.kind],
        slug=slugs.get(award.achievement_id, ""),
        state=state_of(award, page.now),
        picture=picture_of(award),
        share=addresses.shared_award(page.parts.settings.base_url, award.share) if award.share else "",
    )


@get("/credentials/{award_id:str}/download/{container:str}", media_type="application/vc")
async def download(
    award_id: FromPath[str], container: FromPath[api.Form], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Response[bytes]:
    """The signed credential: as JSON, as a JWT, or baked into a PNG or SVG."""
    async with page.parts.database.read() as session:
        return await api.file_of(session, await service.own(session, act, award_id), container)


@get("/credentials/{award_id:str}/record", media_type="application/vc")
async def record(award_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Response[bytes]:
    """The learner record (CLR 2.0) of one of my stacks."""
    async with page.parts.database.read() as session:
        return await api.record_file_of(session, await service.own(session, act, award_id))


@post("/credentials/{award_id:str}/share")
async def share(award_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Response[None]:
    """Make a public page of my award."""
    async with page.parts.database.write() as session:
        await service.share(session, act, award_id)
    return page.go(f"/credentials/{award_id}#sharing", "shared")


@post("/credentials/{award_id:str}/unshare")
async def unshare(award_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Response[None]:
    """Take the public page away for good."""
    async with page.parts.database.write() as session:
        await service.unshare(session, act, award_id)
    return page.go(f"/credentials/{award_id}#sharing", "unshared")


@post("/credentials/{award_id:str}/correction")
async def correct(
    award_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Issue the credential anew: my new DID, address or wish to be named comes in."""
    try:
        asked = form.read(api.Because, reason=form["reason"].strip())
        await issuing.correct(page.parts.office, act, award_id, reason=asked.reason)
    except MENDABLE as failure:
        return await _credential(page, act, award_id, form.back("correct", failure, field="reason"))
    return page.go(f"/credentials/{award_id}", "corrected")


# For anyone who has the link


@get("/badges/{share:str}")
async def badge(share: FromPath[str], page: NamedDependency[Page], peer: NamedDependency[str]) -> Template:
    """A shared award as its signed credential says it, verified while the page is made."""
    page.request.app.state.verify_limit.take(peer, page.now)
    async with page.parts.database.read() as session:
        award = await service.shared(session, share)
        issuer = await people.organisation(session, award.organisation_id)
        document = await sealing.sealed_as(session, award.intent_id, Format.DATA_INTEGRITY)
    report = await check(page.parts, document.body, page.now)
    shown = report.credential or {}
    subjects = objects_of(shown.get("credentialSubject"))
    return page.show(
        "awards/badge.html",
        headers=UNSEEN,
        award=award,
        issuer=issuer,
        state=state_of(award, page.now),
        picture=picture_of(award),
        report=report,
        achievement=next(iter(objects_of(next(iter(subjects), {}).get("achievement"))), {}),
        results=results_of(shown),
        works=objects_of(shown.get("evidence")),
        named=name_in(shown),
        document=msgspec.json.format(document.body, indent=2).decode(),
        address=addresses.shared_award(page.parts.settings.base_url, share),
        snippet=embedding.snippet(page.parts.settings.base_url, share, award.title),
        framed=embedding.frame(page.parts.settings.base_url, share, award.title),
    )


@get("/badges/{share:str}/download/{container:str}", media_type="application/vc")
async def download_shared(
    share: FromPath[str], container: FromPath[api.Form], page: NamedDependency[Page]
) -> Response[bytes]:
    """The signed credential of an award that its owner shares."""
    async with page.parts.database.read() as session:
        return await api.file_of(session, await service.shared(session, share), container)


class Shown(msgspec.Struct, frozen=True):
    """A result as a badge says it: the criterion, the level that was achieved, and what that level means."""

    criterion: str
    level: str
    meaning: str


def results_of(credential: dict[str, Any]) -> list[Shown]:
    """The rubric results in a verified credential, in the words that stand in it."""
    found: list[Shown] = []
    for subject in objects_of(credential.get("credentialSubject")):
        described = {
            one.get("id"): one
            for achievement in objects_of(subject.get("achievement"))
            for one in objects_of(achievement.get("resultDescription"))
        }
        for result in objects_of(subject.get("result")):
            description = described.get(result.get("resultDescription"), {})
            found += [
                Shown(text_of(description, "name"), text_of(level, "name"), text_of(level, "description"))
                for level in objects_of(description.get("rubricCriterionLevel"))
                if level.get("id") is not None and level.get("id") == result.get("achievedLevel")
            ]
    return found


def name_in(credential: dict[str, Any]) -> str:
    """The name that its owner agreed to have in the credential, if they did."""
    for subject in objects_of(credential.get("credentialSubject")):
        for identifier in objects_of(subject.get("identifier")):
            if identifier.get("identityType") == "name" and not identifier.get("hashed"):
                return text_of(identifier, "identityHash")
    return ""


def objects_of(value: Any) -> list[dict[str, Any]]:
    """One object or several, as JSON-LD has it; whatever else stands there is none."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def text_of(of: dict[str, Any], name: str) -> str:
    value = of.get(name)
    return value if isinstance(value, str) else ""


@get("/badges/{share:str}/status.svg", media_type="image/svg+xml")
async def badge_status(
    share: FromPath[str], page: NamedDependency[Page], peer: NamedDependency[str]
) -> Response[bytes]:
    """A shared award as a picture for other people's pages: it is verified when it is asked for, once a minute at most."""
    page.request.app.state.verify_limit.take(peer, page.now)
    async with page.parts.database.read() as session:
        award = await service.shared(session, share)
        issuer = await people.organisation(session, award.organisation_id)
        document = await sealing.sealed_as(session, award.intent_id, Format.DATA_INTEGRITY)
    report = await check(page.parts, document.body, page.now)
    state = state_of(award, page.now).text if report.verdict is Verdict.REJECT else words.VERDICT[report.verdict].text
    picture = embedding.status_picture(report, title=award.title, issuer=issuer.name, state=state)
    return Response(picture, media_type="image/svg+xml", headers=ON_OTHER_PAGES)


@get("/badges/{share:str}/card")
async def badge_card(share: FromPath[str], page: NamedDependency[Page], peer: NamedDependency[str]) -> Template:
    """A shared award as a small page that may stand in a frame on anybody's: verified when it is asked for, once a minute at
    most. The same for everybody, whoever is signed in."""
    page.request.app.state.verify_limit.take(peer, page.now)
    try:
        async with page.parts.database.read() as session:
            award = await service.shared(session, share)
            issuer = await people.organisation(session, award.organisation_id)
            document = await sealing.sealed_as(session, award.intent_id, Format.DATA_INTEGRITY)
    except NotFound:
        return Template("awards/card.html", context={"award": None}, status_code=404, headers=IN_A_FRAME)
    report = await check(page.parts, document.body, page.now)
    word = words.VERDICT[report.verdict]
    if report.verdict is Verdict.REJECT:
        word = word._replace(text=state_of(award, page.now).text)
    context = {
        "award": award,
        "issuer": issuer,
        "picture": picture_of(award),
        "report": report,
        "state": word,
        "address": addresses.shared_award(page.parts.settings.base_url, share),
    }
    return Template("awards/card.html", context=context, headers=IN_A_FRAME, media_type="text/html")


@get("/badges/{share:str}/code.svg", media_type="image/svg+xml")
async def badge_code(share: FromPath[str], page: NamedDependency[Page]) -> Response[bytes]:
    """The QR code of a shared award's page, to print."""
    async with page.parts.database.read() as session:
        await service.shared(session, share)
    picture = embedding.code(addresses.shared_award(page.parts.settings.base_url, share))
    return Response(picture, media_type="image/svg+xml", headers=ON_OTHER_PAGES)


ON_OTHER_PAGES = {
    "Cache-Control": "public, max-age=60",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    **UNSEEN,
}
"""Of pictures that stand on other people's pages, and do nothing there."""

IN_A_FRAME = {
    **ON_OTHER_PAGES,
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors *; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    ),
    "Referrer-Policy": "no-referrer",
}
"""Of the card: no other page of ours may stand in a frame. It runs nothing and sends nothing."""

HANDLERS = [
    credentials,
    credential,
    download,
    record,
    share,
    unshare,
    correct,
    badge,
    badge_status,
    badge_card,
    badge_code,
    download_shared,
]
