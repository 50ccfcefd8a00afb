"""The pages of moderation: a leader opens a session, two score apart, the consensus is recorded and becomes an anchor."""

import dataclasses
from datetime import datetime
from typing import Any

from builders import World, a_criterion, a_specification

from credentials.catalog.model import EvidenceRequirement, Mode, PartKind, Rubric
from credentials.people.model import Role
from credentials.web import letters, orders

WORK = (
    EvidenceRequirement(
        id="context",
        part=PartKind.OVERVIEW,
        title="Your context",
        instructions="Describe it.",
        modes=(Mode.TEXT, Mode.LINK),
    ),
)


async def test_a_leader_opens_a_session_two_score_apart_and_what_they_agree_on_becomes_an_example(
    world: World, house: Any
) -> None:
    rubric = Rubric(criteria=(a_criterion("clarity", "context"),))
    entry = await world.publish(a_specification(evidence=WORK, rubric=rubric))
    work = await world.submission(entry)
    await world.decide(work)
    await world.join("third", "alder", Role.ASSESSOR)
    ids = [world.people[who].id for who in ("second", "third")]

    leader = await house.signed_in("leader")
    page = await leader.open("/moderations/new")
    page = await leader.open(f"/moderations/new?of={work.id}")
    page = await leader.submit(page, "/moderations/new", status=400, title="Where is the line?", assessors=ids[:1])
    assert "Name at least 2 assessors" in page.main
    page = await leader.submit(page, "/moderations/new", title="Where is the line?", assessors=ids)
    assert page.heading == "Where is the line?"
    at = page.path
    assert "Being scored" in page.main

    for who, level in (("second", "developing"), ("third", "demonstrated")):
        assessor = await house.signed_in(who)
        assert "Where is the line?" in (await assessor.open("/moderations")).main
        page = await assessor.open(at)
        assert not {world.people[other].name for other in ("second", "third") if other != who} & set(page.main.split())
        assert "The spread" not in page.main
        review = page.link("Score the work")
        page = await assessor.open(review)
        assert "For a moderation session" in page.main
        assert "Something is missing" not in page.main
        saved = await assessor.submit(page, f"{review}/scores/clarity", level=level, feedback=f"What {who} saw.")
        page = await assessor.submit(await assessor.open(f"{saved.path}/decision"), f"{review}/decision")
        assert "Your scores are in." in page.main

    page = await assessor.open(at)
    for words in ("What second saw.", "Assessor 1", "You", "1 level, on passing", "Being discussed"):
        assert words in page.main, words
    page = await leader.open(at)
    assert world.people["second"].name in page.main
    page = await leader.submit(page, f"{at}/consensus", status=400, **{"level-clarity": "demonstrated"})
    assert "Say why this level is right" in page.main
    page = await leader.submit(
        page, f"{at}/consensus", **{"level-clarity": "demonstrated", "why-clarity": "Both drafts."}
    )
    assert "Both drafts." in page.main
    page = await leader.submit(page, f"{at}/anchor", status=400)
    page = await leader.submit(page, f"{at}/anchor", title="The line", use="shown")
    page = await leader.open(page.link("The anchor that was made of it"))
    assert page.heading == "The line"
    await (await house.signed_in("teacher")).open("/moderations", status=403)
    await (await house.signed_in("assessor")).open(at, status=404)


async def test_a_leader_prepares_a_work_and_whoever_is_asked_reads_in_a_mail_what_to_do(
    world: World, house: Any
) -> None:
    rubric = Rubric(criteria=(a_criterion("clarity", "context"),))
    entry = await world.publish(a_specification(evidence=WORK, rubric=rubric))
    await world.join("third", "alder", Role.ASSESSOR)
    leader = await house.signed_in("leader")
    await world.redeem()
    page = await leader.open("/moderations/new")
    page = await leader.open(page.link(entry.version.specification.title))
    said = {"title": "What Robin wrote", "assessors": [world.people[who].id for who in ("second", "third")]}
    page = await leader.submit(page, "/moderations/new", status=400, **said)
    assert page.errors() == ["Write what an educator would hand in."]
    page = await leader.submit(
        page, "/moderations/new", status=400, **said, **{"link-context": "http://alder.example/plan"}
    )
    assert page.value("open-title") == "What Robin wrote"
    text = {"text-context": "Feedback that a class asked for.", "link-context": ""}
    page = await leader.submit(page, "/moderations/new", status=400, **text, **said | {"assessors": []})
    assert page.value("open-text-context").strip() == text["text-context"]
    page = await leader.submit(page, "/moderations/new", **text, **said)
    assert page.heading == "What Robin wrote"
    at = page.path

    mails = await mails_of(world)
    assert sorted(mails) == sorted(world.addresses[who] for who in ("second", "third"))
    for letter in mails.values():
        assert entry.version.specification.title in letter.subject
        assert f"{world.parts.settings.base_url}{at}" in letter.text
        assert not {"Robin", *(person.name for person in world.people.values())} & set(letter.text.split())

    second = await house.signed_in("second")
    review = (await second.open(at)).link("Score the work")
    page = await second.open(review)
    assert text["text-context"] in page.main
    await second.submit(page, f"{review}/release")
    page = await leader.open(at)
    await leader.submit(page, f"{at}/seats", assessor=world.people["second"].id)
    assert list(await mails_of(world)) == [world.addresses["second"]], "who is asked again is told again"

    await leader.open("/moderations/new?version=nobody", status=404)
    await leader.submit(page, f"{at}/cancellation", reason="Enough.")


async def mails_of(world: World) -> dict[str, letters.Letter]:
    """What is sent now of what waits, by address."""
    sent: dict[str, letters.Letter] = {}

    async def send(*, to: str, subject: str, text: str, now: datetime) -> None:
        sent[to] = letters.Letter(subject, text)

    await orders.redeem_all(dataclasses.replace(world.parts, send_mail=send))
    return sent
