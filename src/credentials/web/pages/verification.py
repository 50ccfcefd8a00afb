"""Is this badge good? For anyone, without an account."""

from contextlib import suppress
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Template

from credentials.errors import Malformed, Refused, Unavailable
from credentials.trust.model import GENERAL
from credentials.verification.model import Outcome, Report, Verdict
from credentials.verification.qr import is_picture
from credentials.verification.reading import is_address
from credentials.web.api.verification import MAX_BODY, check, check_link
from credentials.web.asking import PLAIN, Asking, read_asking
from credentials.web.pages.awards import objects_of, results_of, text_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form, read_form
from credentials.web.pages.page import Page
from credentials.web.parts import Parts
from credentials.web.presenting import code_in, own_badge

FORM_ROOM = 16 << 10
"""What a form may have besides the file itself."""


MAX_FRAME = 2 << 20
"""A picture from a camera, on its way to be looked through for a code."""
MAX_QUERY = 2_000
MAX_SHOWN = 200_000
"""Characters of a report that are written out on its page: a credential may have a megabyte."""


@get("/verify")
async def verify_page(page: NamedDependency[Page], link: FromQuery[str | None] = None) -> Template:
    """Paste a credential or its address, choose its file, or scan its code. A link to this page may name the address; nothing
    is looked up before somebody asks for it."""
    filled = Filled(form="verify", values={"text": [link[:MAX_QUERY]]}) if link else BLANK
    return page.show("verification/verify.html", report=None, filled=filled, uses=sorted(GENERAL), written="")


@post("/verify", status_code=200, request_max_body_size=MAX_BODY + FORM_ROOM)
async def verify(page: NamedDependency[Page], peer: NamedDependency[str]) -> Template:
    """The report. Nothing of what was presented is kept."""
    form = Form({}, {})
    asking = PLAIN
    nothing = ""
    try:
        form = await read_form(page.request)
        page.request.app.state.verify_limit.take(peer, page.now)
        asking = await _asking(page, form)
        upload = form.files.get("file")
        if upload and upload.filename:
            report = await _of_file(page.parts, await upload.read(), page, asking)
        elif form["text"].strip():
            report = await _of_text(page.parts, form["text"], page, asking)
        else:
            nothing = _written(await check_link(page.parts, "", page.now))
            raise Malformed("paste a credential, or choose its file")
    except (*MENDABLE, Unavailable) as failure:
        filled = form.back("verify", failure, field="text", at={"asOf": "as_of"})
        return page.show("verification/verify.html", filled=filled, report=None, uses=sorted(GENERAL), written=nothing)
    return page.show(
        "verification/verify.html",
        name=upload.filename if upload and upload.filename else "",
        asking=asking,
        uses=sorted(GENERAL),
        **_shown(report, page.parts.settings.base_url),
    )


async def _asking(page: Page, form: Form) -> Asking:
    return await read_asking(
        page.parts.database,
        page.now,
        organisation=form.line("organisation"),
        use=form.line("use"),
        as_of=form.line("as_of"),
        recipient=form.line("recipient"),
    )


async def _of_file(parts: Parts, octets: bytes, page: Page, asking: Asking) -> Report:
    """A file; a picture without a badge in it may be one of a code that leads to a page of ours."""
    if not octets:
        raise Malformed("the file is empty: choose another one")
    report = await check(parts, octets, page.now, asking)
    if report.credential is None and is_picture(octets):
        with suppress(Refused):  # the report says already what is the matter with the picture
            own = await own_badge(parts, await code_in(octets))
            return report if own is None else await check(parts, own, page.now, asking)
    return report


async def _of_text(parts: Parts, text: str, page: Page, asking: Asking) -> Report:
    """A credential, or an address as it was typed: nothing is mended in one but the line ends and spaces behind it."""
    own = await own_badge(parts, text)
    if own is None and text[:1].isspace() and is_address(text.strip()):
        return await check_link(parts, text.lstrip("\r\n").rstrip(), page.now, asking)
    return await check(parts, text.strip().encode() if own is None else own, page.now, asking)


def _shown(report: Report, base_url: str) -> dict[str, Any]:
    """A report as the page shows it: of the credential, only what a signature covers that was found good."""
    signed = report.credential or {}
    subjects = objects_of(signed.get("credentialSubject"))
    achievement = next(iter(objects_of(next(iter(subjects), {}).get("achievement"))), {})
    picture = next(iter(objects_of(achievement.get("image"))), {})
    return {
        "report": report,
        "results": results_of(signed),
        "achievement": {name: text_of(achievement, name) for name in ("name", "description", "achievementType")},
        "narrative": text_of(next(iter(objects_of(achievement.get("criteria"))), {}), "narrative"),
        "picture": text_of(picture, "id").removeprefix(base_url),
        "works": [
            {name: text_of(work, name) for name in ("id", "name", "description", "narrative")}
            for work in objects_of(signed.get("evidence"))
        ],
        "known": [one for one in report.checks if one.outcome is not Outcome.PASSED],
        "is_good": report.verdict in {Verdict.ACCEPT, Verdict.ACCEPT_UNTRUSTED},
        "written": _written(report),
    }


def _written(report: Report) -> str:
    """A report for machines."""
    return msgspec.json.format(msgspec.json.encode(_told(report)), indent=2).decode()[:MAX_SHOWN]


def _told(report: Report) -> Report:
    """Without what a stranger says of itself, its name above all; the same for each credential in it."""
    recognised = report.issuer is not None and report.issuer.recognised
    return msgspec.structs.replace(
        report,
        credential=report.credential if recognised else None,
        members=tuple(_told(member) for member in report.members),
    )


@post("/verify/code", status_code=200, request_max_body_size=MAX_FRAME, media_type="application/json")
async def scan(
    request: Request[Any, Any, Any], page: NamedDependency[Page], peer: NamedDependency[str]
) -> Response[Any]:
    """The text of the code in a picture from a camera; no content where there is none. For browsers that cannot read codes
    by themselves. The picture is not kept."""
    request.app.state.verify_limit.take(peer, page.now)
    text = await code_in(await request.body())
    return Response({"text": text}) if text else Response(None, status_code=204)


HANDLERS = [verify_page, verify, scan]
