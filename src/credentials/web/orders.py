"""Orders joined to the services that redeem them, and the round that a running service makes."""

import asyncio
import logging
from datetime import timedelta

from credentials.awards import service as awards
from credentials.catalog import service as catalog
from credentials.db import Session
from credentials.evidence import service as evidence
from credentials.issuing import service as issuing
from credentials.outbox import service as outbox
from credentials.outbox.model import Order
from credentials.pathways import service as pathways
from credentials.people import service as people
from credentials.replies import service as replies
from credentials.review import service as review
from credentials.web import letters
from credentials.web.letters import Letter
from credentials.web.parts import Parts

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two looks for orders: an earned badge is there before its earner has read the feedback."""
PUBLISH_EVERY = 15.0
"""Seconds between two looks for status lists to publish: a revocation shows well within a minute."""
TIDY_EVERY = timedelta(hours=1).total_seconds()


def redeemers(parts: Parts) -> dict[str, outbox.Redeem]:
    async def issue(order: Order) -> None:
        await issuing.issue_for_submission(parts.office, parts.now(), order.payload["submission"])

    async def check_stacks(order: Order) -> None:
        await pathways.check_award(parts.office, parts.now(), order.payload["award"])

    async def send(order: Order) -> None:
        await send_mail(parts, order.payload)

    return {review.ISSUE_ORDER: issue, issuing.STACK_ORDER: check_stacks, people.MAIL_ORDER: send}


async def send_mail(parts: Parts, payload: dict[str, str]) -> None:
    """Write a letter and send it. Somebody who has no verified address any more gets none."""
    base_url = parts.settings.base_url
    async with parts.database.read() as session:
        to = payload.get("to") or await _address_of(session, payload["person"])
        letter = await _letter(session, base_url, payload)
    if to:
        await parts.send_mail(to=to, subject=letter.subject, text=letter.text, now=parts.now())


async def _letter(session: Session, base_url: str, payload: dict[str, str]) -> Letter:
    kind = payload["letter"]
    if "secret" in payload:
        return letters.with_secret(base_url, kind, payload["secret"], payload["organisation"], payload["role"])
    if "award" in payload:
        award = await awards.award(session, payload["award"])
        return letters.award_notice(base_url, kind, award=award.id, title=award.title, reason=award.state_reason)
    submission = await evidence.submission(session, payload["submission"])
    version = await catalog.version(session, submission.version_id)
    return letters.submission_notice(base_url, kind, submission=submission.id, title=version.specification.title)


async def _address_of(session: Session, person_id: str) -> str:
    verified = [address for address in await people.addresses_of(session, person_id) if address.verified_at]
    primary = [address for address in verified if address.primary]
    return (primary or verified)[0].address if verified else ""


async def finish_what_waits(parts: Parts) -> int:
    """Seal what was prepared before the service stopped, so that nothing planned stays unsigned."""
    return await issuing.finish_waiting(parts.office, parts.now()) + await pathways.finish_waiting(
        parts.office, parts.now()
    )


async def redeem_all(parts: Parts) -> int:
    """Redeem orders until none is due; answers how many were."""
    total = 0
    while taken := await outbox.redeem_due(parts.database, parts.now, redeemers(parts)):
        total += taken
    return total


async def tidy(parts: Parts) -> None:
    """What is done every hour: leaders are told what became overdue, and what nobody needs any more is forgotten."""
    await review.alarm_overdue(parts.database, parts.now(), parts.ids)
    async with parts.database.write() as session:
        await people.forget_old(session, parts.now())
        await replies.forget_old(session, parts.now())
    parts.blobs.sweep_incoming((parts.now() - timedelta(days=1)).timestamp())


async def work(parts: Parts, stop: asyncio.Event) -> None:
    """The round of a running service, until it stops. Whatever goes wrong is logged, and the next round tries again."""
    published = tidied = -TIDY_EVERY
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        try:
            await finish_what_waits(parts)
            await redeem_all(parts)
            await review.expire_leases(parts.database, parts.now(), parts.ids)
            if loop.time() - published >= PUBLISH_EVERY:
                await issuing.publish_due_lists(parts.office, parts.now())
                published = loop.time()
            if loop.time() - tidied >= TIDY_EVERY:
                await tidy(parts)
                tidied = loop.time()
        except Exception:
            log.exception("a round failed; the next one tries again")
        try:
            await asyncio.wait_for(stop.wait(), PAUSE)
        except TimeoutError:
            continue
