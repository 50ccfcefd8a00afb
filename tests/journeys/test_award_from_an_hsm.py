"""The whole way to a badge where keys are in an HSM that has P-256: ecdsa-rdfc-2019, ES256, and the status list, too."""

import msgspec
from builders import TestClock, World

from credentials import fsck
from credentials.awards import service as awards
from credentials.issuing import service as issuing
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.status import service as status
from credentials.trust import service as trust
from credentials.web.api.verification import check
from credentials.web.parts import Parts


async def test_a_state_with_an_hsm_awards_badges_that_anybody_can_check(hsm_parts: Parts, clock: TestClock) -> None:
    world = await World(hsm_parts, clock).found()
    submission = await world.decide(await world.submission(await world.publish()))
    await world.redeem()
    award = await world.see(awards.by_submission, submission.id)
    await issuing.publish_due_lists(world.parts.office, world.clock())
    for format_ in Format:
        document = await world.see(sealing.sealed_as, award.intent_id, format_)
        report = await check(world.parts, document.body, world.clock())
        assert report.verdict == "accept", (report.summary, report.checks)
    body = (await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)).body
    assert msgspec.json.decode(body)["proof"][0]["cryptosuite"] == "ecdsa-rdfc-2019"
    assert {key.key_type for key in await world.see(trust.all_keys)} == {"P-256"}
    for found in await world.see(status.all_lists):
        published = await world.see(status.get_published, found.id)
        assert msgspec.json.decode(published.body)["proof"][0]["cryptosuite"] == "ecdsa-rdfc-2019"

    await world.do(issuing.revoke, await world.act("admin"), award.id, reason="The work was somebody else's.")
    await issuing.publish_due_lists(world.parts.office, world.clock())
    report = await check(world.parts, body, world.clock())
    assert report.outcome == "reject:credential-revoked"

    parts = world.parts
    found = [
        one
        async for one in fsck.findings(parts.database, parts.blobs, parts.office.gate.keystore, parts.contexts, quiet)
    ]
    assert found == []


def quiet(_what: str, _number: int) -> None:
    return None
