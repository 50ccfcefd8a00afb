"""Orders joined to the services that redeem them, and the round that a running service makes."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from credentials.awards import service as awards
from credentials.catalog import service as catalog
from credentials.compensation.service import cases as pay_cases
from credentials.compensation.service import claims as pay_claims
from credentials.db import Session
from credentials.evidence import service as evidence
from credentials.figures import service as figures
from credentials.instances import service as instances
from credentials.issuing import service as issuing
from credentials.issuing.service import Office
from credentials.licensing import service as licensing
from credentials.outbox import service as outbox
from credentials.outbox.model import Order
from credentials.pathways import service as pathways
from credentials.people import service as people
from credentials.receipts import service as receipts
from credentials.replies import service as replies
from credentials.review import service as review
from credentials.sealing.model import Intent
from credentials.verification import batches
from credentials.web import letters, published_lists
from credentials.web.acceptance import verifier
from credentials.web.letters import Letter
from credentials.web.parts import Parts

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two looks for orders: an earned badge is there before its earner has read the feedback."""
PUBLISH_EVERY = 15.0
"""Seconds between two looks for status lists to publish: a revocation shows well within a minute."""
LEASES_EVERY = 60.0
"""Seconds between two looks for reviews that were held too long: leases are counted in hours."""
TIDY_EVERY = timedelta(hours=1).total_seconds()


def redeemers(parts: Parts) -> dict[str, outbox.Redeem]:
    async def issue(order: Order) -> None:
        await issuing.issue_for_submission(parts.office, parts.now(), order.payload["submission"])

    async def revoke(order: Order) -> None:
        await issuing.revoke_for(parts.office, parts.now(), order.payload["submission"], reason=order.payload["reason"])

    async def restore(order: Order) -> None:
        await issuing.restore(parts.office, parts.now(), order.payload["submission"], order.key)

    async def check_stacks(order: Order) -> None:
        await pathways.check_award(parts.office, parts.now(), order.payload["award"])
        await pathways.judge_again(parts.database, parts.now(), order.payload["award"])

    async def judge(order: Order) -> None:
        verify = verifier(parts, parts.now())
        await pathways.look_again(parts.database, verify, parts.ids, parts.now(), order.payload["educator"])
        await pathways.judge_educator(parts.database, parts.now(), order.payload["educator"])

    async def judge_by_rule(order: Order) -> None:
        await pathways.judge_by_rule(
            parts.database,
            parts.ids,
            parts.now(),
            order.payload["pathway"],
            order.key,
            after=order.payload.get("after", ""),
        )

    async def count(order: Order) -> None:
        payload = order.payload
        await figures.publish(parts.database, parts.ids, parts.now(), payload["organisation"], payload["person"])

    async def check_what_rests(order: Order) -> None:
        await pay_cases.check_award(parts.database, parts.ids, parts.now(), order.payload["award"])
        await licensing.check_award(parts.office, parts.now(), order.payload["award"])

    async def issue_licence(order: Order) -> None:
        await licensing.issue(parts.office, parts.now(), order.payload["application"])

    async def send(order: Order) -> None:
        await send_mail(parts, order.payload)

    return {
        review.ISSUE_ORDER: issue,
        review.REVOKE_ORDER: revoke,
        review.RESTORE_ORDER: restore,
        issuing.STACK_ORDER: check_stacks,
        issuing.CHANGED_ORDER: check_what_rests,
        licensing.LICENCE_ORDER: issue_licence,
        pathways.JUDGE_ORDER: judge,
        pathways.RULE_ORDER: judge_by_rule,
        figures.COUNT_ORDER: count,
        people.MAIL_ORDER: send,
    }


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
    if "pay_claim" in payload:
        claim = await pay_claims.claim_of_letter(session, payload["pay_claim"])
        return letters.pay_notice(base_url, claim.state, title=claim.title, reason=claim.reason)
    if "proposal" in payload:
        proposal = await catalog.proposal(session, payload["proposal"])
        title = proposal.specification.title
        return letters.proposal_notice(base_url, kind, proposal=proposal.id, title=title)
    if "licence_application" in payload:
        application, type_ = await licensing.letter_about(session, payload["licence_application"])
        return letters.licence_notice(
            base_url,
            kind,
            application.stage,
            application=application.id,
            title=type_.title,
            reason=application.concern if kind == "licence_concern" else application.reason,
        )
    if "moderation" in payload:
        moderation, version = await review.letter_about(session, payload["moderation"])
        return letters.seat_notice(base_url, moderation=moderation.id, title=version.specification.title)
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
    """Seal what was prepared before the service stopped, so that nothing planned stays unsigned; answers how many."""
    done = 0

    async def finish_for_others(_office: Office, now: datetime) -> int:
        async def finish_one(intent: Intent) -> None:
            await instances.finish(parts.bureau, now, intent)

        return await issuing.each(await instances.waiting(parts.bureau), finish_one)

    async def finish_receipts(office: Office, now: datetime) -> int:
        return await receipts.finish_waiting(office.gate, now)

    async def finish_lists(office: Office, now: datetime) -> int:
        return await published_lists.finish_waiting(office.gate, now)

    async def finish(finish_waiting: Callable[[Office, datetime], Awaitable[int]]) -> None:
        nonlocal done
        done += await finish_waiting(parts.office, parts.now())

    own = (issuing.finish_waiting, pathways.finish_waiting, licensing.finish_waiting)
    await issuing.each((*own, finish_for_others, finish_receipts, finish_lists), finish)
    return done


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
        await batches.forget_old(session, parts.now())
    parts.blobs.sweep_incoming((parts.now() - timedelta(days=1)).timestamp())


async def work(parts: Parts, stop: asyncio.Event) -> None:
    """The rounds of a running service, until it stops. Each has a beat of its own, so that a revocation is published in time
    however many orders wait and however slow a mail server is."""

    async def orders() -> None:
        await _try("finish what waits", finish_what_waits(parts))
        await _try("redeem orders", redeem_all(parts))

    async def lists() -> None:
        await _try("publish status lists", issuing.publish_due_lists(parts.office, parts.now()))

    async def leases() -> None:
        await _try("expire leases", review.expire_leases(parts.database, parts.now(), parts.ids))

    async def forget() -> None:
        await _try("tidy", tidy(parts))

    async with asyncio.TaskGroup() as rounds:
        for pause, round_ in ((PAUSE, orders), (PUBLISH_EVERY, lists), (LEASES_EVERY, leases), (TIDY_EVERY, forget)):
            rounds.create_task(_every(pause, round_, stop))


async def _every(pause: float, round_: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        await round_()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _try(what: str, work: Awaitable[object]) -> None:
    """Whatever goes wrong is logged, the rest is done all the same, and the next round tries again."""
    try:
        await work
    except Exception:
        log.exception("could not %s", what)
