"""The scoring leader's desk, the applicant's timeline, and what a programme tells of itself, without JavaScript."""

from datetime import date
from typing import Any

from builders import World, a_specification
from plain_browser import PlainBrowser

from credentials.catalog.model import Blindness, PartKind, PartMinimum, Programme, Settling
from credentials.evidence import service as evidence


def with_programme(**settings: Any) -> Any:
    return a_specification(programme=Programme(**settings))


async def test_applicants_read_how_a_programme_assesses_before_they_begin(world: World, anyone: PlainBrowser) -> None:
    await world.publish(
        with_programme(
            near_pass_band=2,
            double_score_share=0.25,
            days_to_decide=5,
            utc_offset=-6,
            holidays=(date(2027, 1, 1), date(2026, 11, 26), date(2026, 9, 7)),
            coach_after=3,
            settling=Settling.LEADER,
            assessors_earned=True,
            district_conflict=True,
            part_minimums=(PartMinimum(part=PartKind.REFLECTION, level="extending"),),
        )
    )
    page = (await anyone.open("/micro-credentials/feedback")).main
    for sentence in (
        "Assessors do not see whose work it is.",
        "a second one also scores 25% of submissions, drawn at random and those within 2 points of passing",
        "a scoring leader, who sees neither score, scores it, and that score counts",
        "Within 5 business days, counted from the business day after you hand in.",
        "A day begins and ends at the clocks of UTC−6. Holidays of the programme do not count:",
        "2026: September 7, November 26 2027: January 1",
        "After 3 attempts Not Yet Earned, a meeting with a coach is recorded first.",
        "Every criterion of this part must reach “Extending”.",
        "Nobody of your school or your district scores it",
        "Only those score it who have earned it themselves.",
    ):
        assert sentence in page, sentence
    await world.publish(with_programme(blindness=Blindness.NAMED, assessors=2), "named")
    page = (await anyone.open("/micro-credentials/named")).main
    assert "Assessors see your name: this programme is not scored blind." in page
    assert "Two assessors, each without seeing what the other finds." in page
    assert "a third assessor scores it, who sees neither score" in page


async def test_the_timeline_says_what_happened_and_by_when_it_is_decided_and_why(world: World, house: Any) -> None:
    entry = await world.publish(with_programme(days_to_decide=5))
    submission = await world.submission(entry)
    teacher = await house.signed_in("teacher")
    page = await teacher.open(f"/submissions/{submission.id}")
    assert "Decision by Tuesday, September 8, 2026" in page.main
    assert "It waits for an assessor." in page.main
    await world.decide(submission, level="developing")
    page = await teacher.open(f"/submissions/{submission.id}")
    assert "Not Yet Earned" in page.main
    assert "One assessor scored it." in page.main


async def test_an_educator_lists_names_and_is_told_where_one_stands(world: World, house: Any) -> None:
    submission = await world.submission(await world.publish(), submit=False)
    teacher = await house.signed_in("teacher")
    page = await teacher.open(f"/submissions/{submission.id}")
    page = await teacher.submit(page, "/hidden-names", names="DeShawn\nMei-Lin\n")
    assert "Nobody but you sees it." in page.main
    assert page.value("names-names").strip() == "DeShawn\nMei-Lin"
    act = await world.act("teacher")
    await world.do(evidence.add_link, act, submission.id, "work", "https://drafts.example/deshawn-essay")
    page = await teacher.open(f"/submissions/{submission.id}")
    assert "The link has the name “DeShawn” in it" in page.main
    page = await teacher.submit(page, "/hand-in", status=400)
    assert "It cannot be handed in yet" in page.main


async def test_the_desk_of_a_leader_tells_who_has_what_and_not_whose_it_is(world: World, house: Any) -> None:
    entry = await world.publish(with_programme(assessors=2, days_to_decide=1))
    split = await world.submission(entry)
    await world.decide(split)
    await world.decide(split, "second", level="developing")
    await world.submission(entry, "colleague")
    leader = await house.signed_in("leader")
    page = await leader.open("/scoring")
    assert "Split (1)" in page.main
    assert "First reading: Assessor, scored September 1, 2026" in page.main
    assert "Overdue (0)" in page.main
    for hidden in ("Teacher", "Colleague", "Heron"):
        assert hidden not in page.main
    world.clock.advance(days=2)
    page = await (await house.signed_in("leader")).open("/scoring")
    assert "Overdue (2)" in page.main
    assert "Split (0)" in page.main


async def test_a_leader_assigns_and_is_told_when_something_stands_in_the_way(world: World, house: Any) -> None:
    submission = await world.submission(await world.publish())
    leader = await house.signed_in("leader")
    page = await leader.open("/scoring")
    page = await leader.submit(page, "/scoring/assignments", assessor=world.people["assessor"].id)
    assert "Assigned." in page.main
    assert "First reading: Assessor, since" in page.main
    assert submission.id in page.source
    await world.do(evidence.own, await world.act("teacher"), submission.id)
    desk = await (await house.signed_in("assessor")).open("/review")
    assert "Open on your desk (1)" in desk.main
    assert "Yours until September 4, 2026" in desk.main


async def test_a_leader_asks_whose_it_is_with_a_reason(world: World, house: Any) -> None:
    await world.submission(await world.publish())
    leader = await house.signed_in("leader")
    page = await leader.submit(await leader.open("/scoring"), "/scoring/unblinding", status=400, reason=" ")
    assert page.errors() == ["Say why you must know whose work it is: the reason is kept."]
    page = await leader.submit(page, "/scoring/unblinding", status=200, reason="A parent asked.")
    assert "Teacher, Heron School. Your reason is on record." in page.main
    assert "Heron School" not in (await leader.open("/scoring")).main


async def test_a_leader_settles_a_split_and_reads_again_what_was_decided(world: World, house: Any) -> None:
    entry = await world.publish(with_programme(assessors=2, settling=Settling.LEADER, back_read_share=1.0))
    agreed = await world.submission(entry, "colleague")
    await world.decide(agreed)
    await world.decide(agreed, "second")
    submission = await world.submission(entry)
    await world.decide(submission)
    await world.decide(submission, "second", level="developing")
    leader = await house.signed_in("leader")
    page = await leader.open("/scoring")
    again = await leader.submit(page, "/scoring/back-readings")
    assert "Score each criterion" in again.main
    page = await leader.submit(await leader.open("/scoring"), "/scoring/claims")
    assert "First: is it complete?" in page.main


async def test_the_queue_is_narrowed_and_the_longest_waiting_is_taken(world: World, house: Any) -> None:
    entry = await world.publish(with_programme(days_to_decide=1))
    other = await world.publish(a_specification(title="Another One"), "another")
    await world.submission(other)
    world.clock.advance(hours=1)
    await world.submission(entry)
    assessor = await house.signed_in("assessor")
    page = await assessor.open("/review")
    assert "Another One (1)" in page.main
    page = await assessor.open(page.link("Feedback That Moves Work Forward (1)"))
    assert "Waiting (1)" in page.main
    assert "September 2, 2026" in page.main
    world.clock.advance(hours=23 * 2)
    assessor = await house.signed_in("assessor")
    page = await assessor.open("/review?overdue=true")
    assert "Overdue (1)" in page.main
    assert "Waiting (1)" in page.main
    page = await assessor.submit(await assessor.open("/review"), "/review/next")
    assert page.heading == "Another One"


async def test_kept_comments_are_offered_with_every_criterion_and_added_to_the_feedback(
    world: World, house: Any
) -> None:
    assessor = await house.signed_in("assessor")
    page = await assessor.submit(await assessor.open("/review/comments"), "/review/comments", text="Quote the pupils.")
    assert "Quote the pupils." in page.main
    await world.submission(await world.publish())
    page = await assessor.submit(await assessor.open("/review"), "/review/claims")
    page = await assessor.submit(page, "/completeness")
    form = page.form("/scores/uptake")
    (choice,) = [option.get("value") for option in form.inputs["comment"].iterchildren() if option.get("value")]
    page = await assessor.submit(page, "/scores/uptake", level="developing", feedback="Nearly.", comment=choice)
    assert page.form("/scores/uptake").fields["feedback"].strip() == "Nearly.\n\nQuote the pupils."


async def test_a_leader_shares_a_comment_that_every_assessor_of_it_is_offered_until_it_is_removed(
    world: World, house: Any
) -> None:
    entry = await world.publish()
    leader, assessor = await house.signed_in("leader"), await house.signed_in("assessor")
    at = (await leader.open("/micro-credentials/feedback")).link("Comments for its assessors")
    page = await leader.submit(await leader.open(at), at, status=400, text=" ")
    assert page.errors() == ["Write a comment of at most 2000 characters."]
    page = await leader.submit(page, at, text="Uptake is what pupils did, not what you wrote.")
    await world.submission(entry)
    scoring = await assessor.submit(await assessor.open("/review"), "/review/claims")
    scoring = await assessor.submit(scoring, "/completeness")
    assert "Uptake is what pupils did" in scoring.source
    (remove,) = [form.get("action") for form in page.document.forms if form.get("action").endswith("/remove")]
    page = await leader.submit(page, remove)
    assert "No comment is shared yet" in page.main
    assert "Uptake is what pupils did" not in (await assessor.open(scoring.path)).source
    assert "Comments for its assessors" not in (await assessor.open("/micro-credentials/feedback")).main
    await assessor.open(at, status=403)


async def test_a_meeting_with_a_coach_is_put_on_record_by_addresses_and_opens_the_next_attempt(
    world: World, house: Any
) -> None:
    entry = await world.publish(with_programme(coach_after=1))
    await world.decide(await world.submission(entry), level="developing")
    about = "/micro-credentials/feedback"
    teacher, leader = await house.signed_in("teacher"), await house.signed_in("leader")
    page = await teacher.submit(await teacher.open(about), "/start", status=409)
    assert "meeting with a coach" in page.main
    at = (await leader.open(about)).link("Record a meeting with a coach")
    form = await leader.open(at)
    addresses = world.addresses
    for told, wrong in (
        ({"educator": "nobody@nowhere.example"}, "No educator of your organisations has this address"),
        ({"educator": "nobody"}, "This does not look like an e-mail address"),
        ({"educator": addresses["teacher"], "coach": "nobody@nowhere.example"}, "Nobody of your organisations has"),
        ({"educator": addresses["teacher"], "held_on": "soon"}, "Write a day"),
    ):
        page = await leader.submit(form, at, status=400, **told)
        (error,) = page.errors()
        assert error.startswith(wrong)
    tomorrow_or_later = {"educator": addresses["teacher"], "held_on": "2026-09-09"}
    page = await leader.submit(form, at, status=400, **tomorrow_or_later)
    assert "Record the meeting when it was held" in page.main
    page = await leader.submit(form, at, educator=addresses["teacher"], coach=addresses["assessor"])
    assert "The meeting is on record" in page.main
    page = await teacher.open(about)
    assert "Your meetings with a coach September 1, 2026" in page.main
    assert "Record a meeting" not in page.main
    await teacher.open(at, status=403)
    await world.submission(entry)
    assert "Nothing is waiting" in (await (await house.signed_in("assessor")).open("/review")).main, "its coach"
    assert "Waiting (1)" in (await (await house.signed_in("second")).open("/review")).main


async def test_somebody_puts_a_relationship_on_record_and_ends_it(world: World, house: Any) -> None:
    assessor = await house.signed_in("assessor")
    page = await assessor.open("/relationships")
    page = await assessor.submit(page, "/relationships", email="nobody", kind="family", status=400)
    page = await assessor.submit(page, "/relationships", email=world.addresses["teacher"], kind="family")
    assert "Neither of you scores the other's work." in page.main
    await world.submission(await world.publish())
    assert "Nothing is waiting" in (await assessor.open("/review")).main
    (end,) = [form for form in page.document.forms if form.get("action").endswith("/end")]
    page = await assessor.submit(page, end.get("action"))
    assert "Waiting (1)" in (await assessor.open("/review")).main
