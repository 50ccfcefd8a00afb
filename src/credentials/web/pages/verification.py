"""Is this badge good? For anyone, without an account."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.response import Template

from credentials.errors import Malformed
from credentials.verification.model import Outcome, Verdict
from credentials.web.api.verification import MAX_BODY, check
from credentials.web.pages.awards import results_of
from credentials.web.pages.forms import MENDABLE, Form, read_form
from credentials.web.pages.page import Page

FORM_ROOM = 16 << 10
"""What a form may have besides the file itself."""


@get("/verify")
async def verify_page(page: NamedDependency[Page]) -> Template:
    """Paste a credential, or choose its file."""
    return page.show("verification/verify.html", report=None)


@post("/verify", status_code=200, request_max_body_size=MAX_BODY + FORM_ROOM)
async def verify(page: NamedDependency[Page], peer: NamedDependency[str]) -> Template:
    """The report. Nothing of what was presented is kept."""
    form = Form({}, {})
    try:
        form = await read_form(page.request)
        page.request.app.state.verify_limit.take(peer, page.now)
        upload = form.files.get("file")
        octets = await upload.read() if upload and upload.filename else form["text"].strip().encode()
        if not octets:
            raise Malformed("paste a credential, or choose its file")
    except MENDABLE as failure:
        return page.show("verification/verify.html", filled=form.back("verify", failure, field="text"), report=None)
    report = await check(page.parts, octets, page.now)
    return page.show(
        "verification/verify.html",
        report=report,
        name=upload.filename if upload and upload.filename else "",
        results=results_of(report.credential or {}),
        known=[one for one in report.checks if one.outcome is not Outcome.PASSED],
        is_good=report.verdict in {Verdict.ACCEPT, Verdict.ACCEPT_UNTRUSTED},
    )


HANDLERS = [verify_page, verify]
