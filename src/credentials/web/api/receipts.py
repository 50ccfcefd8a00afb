"""A receipt of a verification: signed, dated, for somebody's file."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter

from credentials.db import Session
from credentials.errors import Malformed
from credentials.people.model import Act, Scope
from credentials.receipts import paper, service
from credentials.verification.model import Report
from credentials.web import receipting
from credentials.web.api.verification import MAX_BODY, PRESENTED
from credentials.web.deps import SCOPE_KEY
from credentials.web.openapi import BODY_KEY, MEDIA_TYPES_KEY
from credentials.web.parts import Parts
from credentials.web.wire import Wire


class ReceiptMade(Wire):
    """``receipt`` is the address of the signed receipt, ``pdf`` of the same on paper. Whoever has them sees the receipt."""

    id: str
    receipt: str
    pdf: str
    issued_at: datetime
    report: Report


@post(
    "/organisations/{organisation_id:str}/receipts",
    status_code=201,
    request_max_body_size=MAX_BODY,
    opt={SCOPE_KEY: Scope.VERIFICATION, BODY_KEY: PRESENTED},
)
async def make_receipt(
    organisation_id: FromPath[str],
    request: Request[Any, Any, Any],
    parts: NamedDependency[Parts],
    act: NamedDependency[Act],
    use: Annotated[str, QueryParameter(max_length=20)] = "",
    as_of: Annotated[str, QueryParameter(name="asOf", max_length=40)] = "",
    recipient: Annotated[str, HeaderParameter(name="Verify-Recipient", max_length=6_000)] = "",
) -> ReceiptMade:
    """Verify a credential by the registry of an organisation, and sign in its name what was found, against which materials.

    For those who act on verdicts there. The credential itself is not kept; the receipt names it by its id and digest.
    """
    octets = await request.body()
    if not octets:
        raise Malformed("send the credential as the body of the request")
    made = await receipting.make(parts, act, organisation_id, octets, use=use, as_of=as_of, recipient=recipient)
    return ReceiptMade(
        id=made.id,
        receipt=made.address,
        pdf=f"{made.address}/receipt.pdf",
        issued_at=act.now,
        report=made.report,
    )


ROUTES = Router(path="", tags=["verification"], route_handlers=[make_receipt])


@get("/receipts/{receipt_id:str}", opt={MEDIA_TYPES_KEY: ["application/vc"]}, media_type="application/vc")
async def receipt(receipt_id: FromPath[str], session: NamedDependency[Session]) -> Response[bytes]:
    """A receipt as it was signed, for whoever has its address."""
    found = await service.receipt(session, receipt_id)
    return Response(found.body, media_type="application/vc", headers=_KEPT_APART)


@get("/receipts/{receipt_id:str}/receipt.pdf", opt={MEDIA_TYPES_KEY: ["application/pdf"]}, media_type="application/pdf")
async def receipt_on_paper(receipt_id: FromPath[str], parts: NamedDependency[Parts]) -> Response[bytes]:
    """A receipt to print, with the signed one attached and a code that leads to it."""
    async with parts.database.read() as session:
        found = await service.receipt(session, receipt_id)
    address = f"{parts.settings.base_url}/receipts/{receipt_id}"
    made = await asyncio.to_thread(paper.receipt_pdf, found.body, address)
    headers = {**_KEPT_APART, "Content-Disposition": f'inline; filename="receipt-{receipt_id}.pdf"'}
    return Response(made, media_type="application/pdf", headers=headers)


_KEPT_APART = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
PUBLIC = [receipt, receipt_on_paper]
