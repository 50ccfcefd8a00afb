from builders import World

from credentials.awards import service as awards
from credentials.awards.model import AwardState
from credentials.evidence.model import Stage
from credentials.issuing import service as issuing
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.web.api.verification import check


async def test_an_earned_submission_becomes_a_badge_that_a_stranger_can_check(world: World) -> None:
    entry = await world.publish()
    submission = await world.submission(entry)
    decided = await world.decide(submission)
    assert decided.stage is Stage.EARNED
    await world.redeem()
    award = await world.see(awards.by_submission, submission.id)
    assert award.state is AwardState.ACTIVE
    await issuing.publish_due_lists(world.parts.office, world.clock())
    for format_ in Format:
        document = await world.see(sealing.sealed_as, award.intent_id, format_)
        report = await check(world.parts, document.body, world.clock())
        assert report.verdict == "accept", (report.summary, report.checks)
