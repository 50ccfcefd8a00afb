"""Is this badge good? For anyone, without an account."""

from base64 import b64decode, b64encode
from contextlib import suppress
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.errors import Malformed, Refused, Unavailable
from credentials.openbadges.terms import parse_date_time
from credentials.people import service as people
from credentials.people.model import Act, Organisation
from credentials.receipts import service as receipts
from credentials.trust.model import GENERAL
from credentials.verification.model import Name, Outcome, Report, Verdict
from credentials.verification.qr import is_picture
from credentials.verification.reading import is_address
from credentials.web import receipting
from credentials.web.api.verification import MAX_BODY, check, check_link
from credentials.web.asking import PLAIN, Asking, read_asking
from credentials.web.pages.awards import objects_of, results_of, text_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form, read_form
from credentials.web.pages.page import Page
from credentials.web.pages.people import UNSEEN
from credentials.web.parts import Parts
from credentials.web.presenting import code_in, own_badge
from credentials.web.registry import READERS

FORM_ROOM = 16 << 10
"""What a form may have besides the file itself."""


MAX_FRAME = 2 << 20
"""A picture from a camera, on its way to be looked through for a code."""
MAX_QUERY = 2_000
MAX_KEPT = 1 << 20
"""Octets of a credential that travel with its result, so that a receipt can be made of it: larger ones are chosen again."""
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
    octets = b""
    try:
        form = await read_form(page.request)
        page.request.app.state.verify_limit.take(peer, page.now)
        asking = await _asking(page, form)
        upload = form.files.get("file")
        if upload and upload.filename:
            octets, report = await _of_file(page.parts, await upload.read(), page, asking)
        elif form["text"].strip():
            octets, report = await _of_text(page.parts, form["text"], page, asking)
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
        offices=await _offices(page) if len(octets) <= MAX_KEPT else [],
        presented=b64encode(octets).decode() if page.actor and len(octets) <= MAX_KEPT else "",
        asked={name: form.line(name) for name in ("use", "as_of", "recipient")},
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


async def _offices(page: Page) -> list[Organisation]:
    """The organisations in whose name the reader can have a receipt signed."""
    if page.actor is None:
        return []
    async with page.parts.database.read() as session:
        found = await people.organisations_by_id(session, page.actor.organisations(*READERS))
    return sorted(found.values(), key=lambda one: one.name)


async def _of_file(parts: Parts, octets: bytes, page: Page, asking: Asking) -> tuple[bytes, Report]:
    """What was verified, and the report. A picture without a badge in it may be one of a code that leads to a page of ours."""
    if not octets:
        raise Malformed("the file is empty: choose another one")
    report = await check(parts, octets, page.now, asking)
    if report.credential is None and is_picture(octets):
        with suppress(Refused):  # the report says already what is the matter with the picture
            own = await own_badge(parts, await code_in(parts, octets))
            return (octets, report) if own is None else (own, await check(parts, own, page.now, asking))
    return octets, report


async def _of_text(parts: Parts, text: str, page: Page, asking: Asking) -> tuple[bytes, Report]:
    """A credential, or an address as it was typed: nothing is mended in one but the line ends and spaces behind it."""
    own = await own_badge(parts, text)
    if own is None and text[:1].isspace() and is_address(text.strip()):
        link = text.lstrip("\r\n").rstrip()
        return link.encode(), await check_link(parts, link, page.now, asking)
    octets = text.strip().encode() if own is None else own
    return octets, await check(parts, octets, page.now, asking)


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
        "associations": _associations(report),
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


MAX_ASSOCIATIONS = 200
_ASSOCIATIONS = {
    "exactMatchOf": "is the same as",
    "isChildOf": "is below",
    "isParentOf": "is above",
    "isPartOf": "is a part of",
    "isPeerOf": "stands beside",
    "isRelatedTo": "is related to",
    "precedes": "comes before",
    "replacedBy": "is replaced by",
}
"""The types of an association (CLR 2.0, "AssociationType Enumeration") in words."""


def _associations(report: Report) -> list[str]:
    """What a record says of the achievements in it, by their names where a good signature covers these."""
    names: dict[str, str] = {}
    for member in report.members:
        for subject in objects_of((member.credential or {}).get("credentialSubject")):
            for achievement in objects_of(subject.get("achievement")):
                names[text_of(achievement, "id")] = f"“{text_of(achievement, 'name')}”"
    return [
        f"{names.get(one.source, one.source)} {_ASSOCIATIONS[one.type]} {names.get(one.target, one.target)}"
        for one in report.associations[:MAX_ASSOCIATIONS]
    ]


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
    text = await code_in(page.parts, await request.body())
    return Response({"text": text}) if text else Response(None, status_code=204)


@post("/verify/receipt", request_max_body_size=2 * MAX_KEPT + FORM_ROOM)
async def make_receipt(
    page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Sign, in the name of an office that the reader acts for, what is found when it is verified once more."""
    try:
        octets = b64decode(form["presented"], validate=True)
    except ValueError:
        raise Malformed("the form is not whole: verify the credential again and repeat it") from None
    if not octets:
        raise Malformed("the form is not whole: verify the credential again and repeat it")
    page.request.app.state.verify_limit.take(act.actor.person_id, page.now)
    made = await receipting.make(
        page.parts,
        act,
        form.line("office"),
        octets,
        use=form.line("use"),
        as_of=form.line("as_of"),
        recipient=form.line("recipient"),
    )
    return page.go(f"/verify/receipts/{made.id}", "receipt-made")


@get("/verify/receipts/{receipt_id:str}")
async def receipt(receipt_id: FromPath[str], page: NamedDependency[Page]) -> Template:
    """A receipt in words, with what there is to keep of it. For whoever has its address."""
    async with page.parts.database.read() as session:
        signed = await receipts.receipt(session, receipt_id)
    document = msgspec.json.decode(signed.body)
    outcome, _, told = document["credentialSubject"]["endorsementComment"].partition(": ")
    return page.show(
        "verification/receipt.html",
        headers=UNSEEN,
        address=f"{page.parts.settings.base_url}/receipts/{receipt_id}",
        receipt_id=receipt_id,
        issuer=document["issuer"],
        signed_at=parse_date_time(document["validFrom"]),
        subject=document["credentialSubject"]["id"],
        verdict=Verdict(outcome.partition(":")[0]),
        told=told,
        checks=[(Name(one["name"]), Outcome(one["genre"]), one["description"]) for one in document["evidence"]],
        materials=document["relatedResource"],
    )


HANDLERS = [verify_page, verify, scan, make_receipt, receipt]
