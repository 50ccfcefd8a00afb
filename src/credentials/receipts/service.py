from datetime import datetime

from credentials.db import Session
from credentials.errors import NotFound
from credentials.ids import new_id, random_uuid
from credentials.proofs.model import JsonObject
from credentials.receipts.rules import receipt_document
from credentials.sealing import service as sealing
from credentials.sealing.model import Format, Intent, Sealed, Source
from credentials.sealing.service import Gate
from credentials.verification.model import Materials, Report

__all__ = ["RECEIPT", "finish_waiting", "issue", "receipt"]

RECEIPT = "receipt"
"""The kind of source that receipts are sealed for. The source's id is the receipt's, and nobody guesses it."""


async def issue(
    gate: Gate, now: datetime, report: Report, materials: Materials, *, owner: str, did: str, name: str
) -> str:
    """Seal a receipt of what was found; answers its id."""
    receipt_id = random_uuid(gate.ids)
    document: JsonObject = receipt_document(
        report, materials, receipt_id=receipt_id, issuer=did, issuer_name=name, now=now
    )
    async with gate.database.write() as session:
        intent = await sealing.prepare(
            session,
            gate,
            now,
            intent_id=new_id(gate.ids, now),
            source=Source(RECEIPT, receipt_id),
            owner=owner,
            did=did,
            document=document,
            means=gate.means_of(owner),
        )
    await sealing.seal(gate, now, intent.id, _nothing_more)
    return receipt_id


async def receipt(session: Session, receipt_id: str, format_: Format = Format.DATA_INTEGRITY) -> Sealed:
    """A receipt as it was signed, for whoever has its id."""
    intent = await sealing.intent_for(session, Source(RECEIPT, receipt_id))
    if intent is None:
        raise NotFound("there is no such receipt")
    return await sealing.sealed_as(session, intent.id, format_)


async def finish_waiting(gate: Gate, now: datetime) -> int:
    """Seal what was prepared when the service stopped."""
    async with gate.database.read() as session:
        waiting = await sealing.waiting(session, kinds=(RECEIPT,))
    for intent in waiting:
        await sealing.seal(gate, now, intent.id, _nothing_more)
    return len(waiting)


async def _nothing_more(_session: Session, _intent: Intent, _sealed: tuple[Sealed, ...]) -> None:
    """A receipt is all that there is to keep."""
