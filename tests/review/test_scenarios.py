"""The scenarios of assessment (DOMAIN.md, section 7.4), each over HTTP and named by its sentence, on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from builders import a_png, a_specification
from conftest import NOW
from scene import Scene

from credentials.catalog import service as catalog
from credentials.catalog.model import (
    AiUse,
    Blindness,
    Combining,
    PartKind,
    PartMinimum,
    Programme,
    Rubric,
    RubricCriterion,
    RubricLevel,
    Settling,
)
from credentials.people import service as people
from credentials.people.model import Role
from credentials.review import rules

on_one_database = pytest.mark.parametrize("copied", ["sqlite"], indirect=True)
"""For what is decided from values alone."""


async def test_a01_every_criterion_demonstrated_but_one_is_not_yet_earned_and_that_one_needs_feedback(
    scene: Scene,
) -> None:
    submission = await scene.hand_in(await scene.publish())
    review = (await scene.claim("assessor", submission))["id"]
    await scene.score("assessor", review, {"specificity": "extending", "reflection": "demonstrated"})
    at = f"/reviews/{review}/scores/uptake"
    await scene.ask("assessor", "PUT", at, status=204, json={"level": "developing"})
    refused = await scene.ask("assessor", "POST", f"/reviews/{review}/decision", status=400)
    assert [(fault["pointer"], fault["code"]) for fault in refused["errors"]] == [
        ("/scores/uptake", "feedback-missing")
    ]
    mended = {"level": "developing", "feedback": "Show the second draft."}
    await scene.ask("assessor", "PUT", at, status=204, json=mended)
    told = await scene.ask("assessor", "POST", f"/reviews/{review}/decision", status=201)
    assert (told["outcome"], told["decided"]) == ("not_yet_earned", True)
    decision = await scene.decision(submission)
    assert decision["outcome"] == "not_yet_earned"
    assert {one["criterion"]: one["passed"] for one in decision["results"]} == {
        "specificity": True,
        "uptake": False,
        "reflection": True,
    }
    assert "Show the second draft." in str(decision)


async def test_a02_a_missing_artifact_returns_it_incomplete_without_feedback_and_it_is_no_assessed_attempt(
    scene: Scene,
) -> None:
    entry = await scene.publish(attempts=1)
    submission = await scene.hand_in(entry)
    review = (await scene.claim("assessor", submission))["id"]
    note = {"complete": False, "note": "The picture cannot be opened."}
    await scene.ask("assessor", "POST", f"/reviews/{review}/completeness", json=note)
    assert await scene.stage(submission) == "incomplete"
    await scene.ask("teacher", "GET", f"/submissions/{submission}/decision", status=404)
    returned = await scene.ask("teacher", "GET", f"/submissions/{submission}/return-note")
    assert returned["note"] == "The picture cannot be opened."
    await scene.ask("teacher", "POST", f"/submissions/{submission}/hand-in")
    await scene.read("assessor", submission)
    assert (await scene.ask("teacher", "GET", f"/submissions/{submission}"))["submission"]["attemptNo"] == 1
    assert await scene.stage(submission) == "earned"


async def not_yet(scene: Scene, entry: Any, who: str) -> None:
    await scene.read(who, await scene.hand_in(entry), uptake="developing")


async def test_a03_after_the_third_not_yet_earned_the_fourth_waits_for_a_recorded_coach_meeting(scene: Scene) -> None:
    entry = await scene.publish(Programme(coach_after=3))
    for who in ("assessor", "second", "third"):
        await not_yet(scene, entry, who)
    refused = await scene.begin(entry, status=409)
    assert refused["code"] == "coach-meeting-needed"
    assert "coach" in refused["detail"]
    meeting = {
        "educatorId": scene.world.people["teacher"].id,
        "microCredentialId": entry.micro_credential.id,
        "heldOn": NOW.date().isoformat(),
        "note": "Looked at drafts together.",
    }
    await scene.ask("teacher", "POST", "/coach-meetings", status=404, json=meeting)
    await scene.ask("assessor", "POST", "/coach-meetings", status=404, json=meeting)
    later = {**meeting, "heldOn": (NOW.date() + timedelta(days=9)).isoformat()}
    await scene.ask("leader", "POST", "/coach-meetings", status=400, json=later)
    await scene.ask("leader", "POST", "/coach-meetings", status=201, json=meeting)
    assert (await scene.begin(entry))["attemptNo"] == 4


async def test_a04_a_programme_without_a_limit_never_blocks_another_attempt(scene: Scene) -> None:
    entry = await scene.publish()
    limited = await scene.publish(slug="limited", attempts=2)
    for who in ("assessor", "second", "third"):
        await not_yet(scene, entry, who)
    assert (await scene.begin(entry))["attemptNo"] == 4
    for who in ("assessor", "second"):
        await not_yet(scene, limited, who)
    refused = await scene.begin(limited, status=409)
    assert "2 attempts" in refused["detail"]


@pytest.mark.parametrize(
    ("third", "outcome", "level"),
    [("demonstrated", "earned", "demonstrated"), ("developing", "not_yet_earned", "developing")],
)
async def test_a06_pass_and_not_pass_call_for_a_third_scorer_who_is_blind_to_both(
    third: str, outcome: str, level: str, scene: Scene
) -> None:
    submission = await scene.hand_in(await scene.publish(Programme(assessors=2)))
    first = await scene.read("assessor", submission)
    assert (first["outcome"], first["decided"]) == ("earned", False)
    assert await scene.stage(submission) == "in_review"
    second = await scene.read("second", submission, uptake="developing")
    assert (second["outcome"], second["decided"]) == ("not_yet_earned", False)
    await scene.ask("teacher", "GET", f"/submissions/{submission}/decision", status=404)
    assert await scene.queue("assessor") == await scene.queue("second") == []
    assert await scene.queue("third") == [submission]
    await scene.claim("assessor", submission, status=403)

    last = await scene.read("third", submission, uptake=third)
    assert last["decided"]
    for answer in scene.answers["third"]:
        assert "assessor on" not in answer.text
        assert "second on" not in answer.text
    decision = await scene.decision(submission)
    assert (decision["outcome"], decision["basis"]) == (outcome, "middle_of_three")
    (uptake,) = [one for one in decision["results"] if one["criterion"] == "uptake"]
    assert uptake["level"] == level
    assert ("second on uptake" in uptake["feedback"]) is (outcome == "not_yet_earned")
    assert ("assessor on uptake" in uptake["feedback"]) is (outcome == "earned")
    assert "private note" not in str(decision)


async def test_a06_more_than_one_level_apart_is_a_split_even_if_both_pass(scene: Scene) -> None:
    specification = a_specification()
    criteria = tuple(msgspec.structs.replace(one, passing_level="not-yet") for one in specification.rubric.criteria)
    entry = await scene.publish(Programme(assessors=2), rubric=Rubric(criteria=criteria))
    submission = await scene.hand_in(entry)
    await scene.read("assessor", submission, uptake="extending")
    told = await scene.read("second", submission, uptake="developing")
    assert not told["decided"]
    splits = await scene.ask("leader", "GET", f"/submissions/{submission}/splits")
    assert splits == [{"criterion": "uptake", "first": "extending", "second": "developing", "onPassing": False}]
    await scene.ask("third", "GET", f"/submissions/{submission}/splits", status=404)
    await scene.read("third", submission, uptake="extending")
    assert (await scene.decision(submission))["outcome"] == "earned"


async def test_neighbouring_levels_on_the_same_side_agree_and_the_lower_one_counts(scene: Scene) -> None:
    submission = await scene.hand_in(await scene.publish(Programme(assessors=2)))
    await scene.read("assessor", submission, uptake="extending")
    told = await scene.read("second", submission)
    assert told["decided"]
    decision = await scene.decision(submission)
    assert (decision["outcome"], decision["basis"]) == ("earned", "agreed")
    levels = {one["criterion"]: one["level"] for one in decision["results"]}
    assert levels["uptake"] == "demonstrated"
    feedback = {one["criterion"]: one["feedback"] for one in decision["results"]}
    assert feedback["uptake"] == "assessor on uptake.\n\nsecond on uptake."


def points(*scores: int) -> dict[str, str]:
    return {f"c{place}": f"l{score}" for place, score in enumerate(scores)}


def of_points() -> Rubric:
    """Four criteria of 0 to 4 points, passed at 2."""
    levels = tuple(
        RubricLevel(id=f"l{score}", name=str(score), description=f"{score} points.", score=score) for score in range(5)
    )
    return Rubric(
        criteria=tuple(
            RubricCriterion(
                id=f"c{place}",
                title=f"Criterion {place}",
                evidence=("context", "work", "reflection"),
                passing_level="l2",
                levels=levels,
            )
            for place in range(4)
        )
    )


AVERAGED = Programme(assessors=2, combining=Combining.POINTS, points_bar=1.25, settling=Settling.LEADER)


async def test_a07_mean_points_of_2_and_3_lie_within_the_bar_and_average_to_2_5(scene: Scene) -> None:
    submission = await scene.hand_in(await scene.publish(AVERAGED, rubric=of_points()))
    await scene.read("assessor", submission, points(2, 2, 2, 2))
    told = await scene.read("second", submission, points(3, 3, 3, 3))
    assert told["decided"]
    decision = await scene.decision(submission)
    assert (decision["points"], decision["basis"], decision["outcome"]) == (2.5, "averaged", "earned")


@on_one_database
async def test_a07_a_high_criterion_never_makes_up_for_one_that_is_below_passing(scene: Scene) -> None:
    submission = await scene.hand_in(await scene.publish(AVERAGED, rubric=of_points()))
    await scene.read("assessor", submission, points(1, 4, 4, 4))
    await scene.read("second", submission, points(2, 4, 4, 4))
    decision = await scene.decision(submission)
    assert (decision["points"], decision["outcome"]) == (3.375, "not_yet_earned")
    assert [one["passed"] for one in decision["results"]] == [False, True, True, True]


async def test_a07_mean_points_of_1_75_and_3_25_lie_outside_the_bar_and_the_leaders_score_replaces_both(
    scene: Scene,
) -> None:
    submission = await scene.hand_in(await scene.publish(AVERAGED, rubric=of_points()))
    await scene.read("assessor", submission, points(1, 2, 2, 2))
    told = await scene.read("second", submission, points(3, 3, 3, 4))
    assert not told["decided"]
    assert await scene.queue("third") == []
    await scene.claim("third", submission, status=409)
    desk = await scene.ask("leader", "GET", "/review-desk")
    assert [(case["submissionId"], case["wants"]) for case in desk["split"]] == [(submission, "leader")]
    await scene.ask(
        "leader", "GET", f"/submissions/{submission}/splits", status=409
    )  # whoever settles it is blind to both
    await scene.read("leader", submission, points(2, 2, 3, 2))
    decision = await scene.decision(submission)
    assert (decision["points"], decision["basis"], decision["outcome"]) == (2.25, "leader", "earned")
    assert "assessor on" not in str(decision)


@on_one_database
@pytest.mark.parametrize(
    ("changed", "outcome", "decided"),
    [
        pytest.param({"uptake": "developing"}, "not_yet_earned", False, id="a point below the line"),
        pytest.param({}, "earned", False, id="on the line"),
        pytest.param({"uptake": "extending"}, "earned", False, id="a point above"),
        pytest.param({"uptake": "extending", "reflection": "extending"}, "earned", True, id="well above"),
    ],
)
async def test_a08_a_single_score_within_the_near_pass_band_calls_for_a_second_scorer(
    changed: dict[str, str], outcome: str, decided: bool, scene: Scene
) -> None:
    submission = await scene.hand_in(await scene.publish(Programme(near_pass_band=1)))
    told = await scene.read("assessor", submission, **changed)
    assert (told["outcome"], told["decided"]) == (outcome, decided)
    assert await scene.queue("second") == ([] if decided else [submission])
    if not decided:
        await scene.read("second", submission, **changed)
        assert (await scene.decision(submission))["basis"] == "agreed"


async def test_a09_the_scorer_of_a_resubmission_cannot_see_earlier_scores(scene: Scene) -> None:
    entry = await scene.publish()
    earlier = await scene.hand_in(entry)
    await scene.read("assessor", earlier, uptake="developing")
    submission = await scene.hand_in(entry)
    assert await scene.queue("assessor") == []
    await scene.claim("assessor", submission, status=403)
    review = (await scene.claim("second", submission))["id"]
    await scene.ask("second", "GET", f"/reviews/{review}")
    (mine,) = await scene.ask("second", "GET", "/reviews")
    assert mine["submissionId"] == submission
    await scene.ask("second", "GET", f"/submissions/{earlier}/decision", status=404)
    await scene.ask("second", "GET", f"/submissions/{earlier}", status=404)
    for answer in scene.answers["second"]:
        assert "assessor on" not in answer.text
        assert earlier not in answer.text or answer.status_code == 404


async def test_a10_an_assessor_of_the_applicants_school_is_not_assignable_and_the_attempt_is_logged(
    scene: Scene,
) -> None:
    leader = await scene.world.act("admin")

    heron = scene.world.organisations["heron-school"].id
    person = scene.world.people["second"].id
    await scene.world.do(people.grant_role, leader, person_id=person, organisation_id=heron, role=Role.EDUCATOR)
    submission = await scene.hand_in(await scene.publish())
    assert await scene.queue("second") == []
    refused = await scene.claim("second", submission, status=403)
    assert refused["code"] == "conflict-of-interest"
    assert "school" not in refused["detail"]
    assigned = {"assessorId": person}
    await scene.ask("leader", "POST", f"/submissions/{submission}/assignments", status=403, json=assigned)
    blocked = [one for one in await scene.audit(f"submission:{submission}") if one["action"] == "review.blocked"]
    assert [(one["actor"], one["detail"]["assessor"], one["detail"]["conflict"]) for one in blocked] == [
        (person, person, "same_school"),
        (scene.world.people["leader"].id, person, "same_school"),
    ]
    given = await scene.ask("leader", "POST", f"/submissions/{submission}/assignments", status=201, json={})
    assert given["assessorId"] in {scene.world.people["assessor"].id, scene.world.people["third"].id}


@on_one_database
@pytest.mark.parametrize(
    ("handed_in", "programme", "due"),
    [
        pytest.param(
            datetime(2021, 8, 6, 15, tzinfo=UTC),
            Programme(days_to_decide=5),
            date(2021, 8, 13),
            id="a11 Friday 6 August 2021 and 5 business days are due on Friday 13 August",
        ),
        pytest.param(
            datetime(2026, 3, 2, 15, tzinfo=UTC),
            Programme(days_to_decide=14),
            date(2026, 3, 20),
            id="a12 2 March 2026 and 14 business days are due on 20 March",
        ),
        pytest.param(
            datetime(2026, 3, 2, 15, tzinfo=UTC),
            Programme(days_to_decide=14, holidays=(date(2026, 3, 9), date(2026, 3, 14))),
            date(2026, 3, 23),
            id="a holiday on a Monday moves it, one on a Saturday does not",
        ),
        pytest.param(
            datetime(2026, 3, 3, 3, tzinfo=UTC),
            Programme(days_to_decide=1, utc_offset=-6),
            date(2026, 3, 3),
            id="late in the evening of Monday where the programme is, it is Monday",
        ),
    ],
)
async def test_a11_and_a12_the_days_to_decide_begin_on_the_next_business_day(
    handed_in: datetime, programme: Programme, due: date, scene: Scene
) -> None:
    scene.world.clock.moment = handed_in - timedelta(hours=1)
    entry = await scene.publish(programme)
    scene.world.clock.moment = handed_in
    submission = await scene.hand_in(entry)
    (item,) = (await scene.ask("assessor", "GET", "/review-queue"))["items"]
    assert (item["dueOn"], item["overdue"]) == (due.isoformat(), False)
    shown = (await scene.ask("teacher", "GET", f"/submissions/{submission}"))["submission"]
    last_moment = datetime.fromisoformat(shown["dueAt"]) + timedelta(hours=programme.utc_offset, seconds=-1)
    assert last_moment.date() == due
    scene.world.clock.moment = datetime.fromisoformat(shown["dueAt"])
    late = await scene.ask("assessor", "GET", "/review-queue?overdue=true")
    assert [one["overdue"] for one in late["items"]] == [True]
    desk = await scene.ask("leader", "GET", "/review-desk")
    assert [case["submissionId"] for case in desk["overdue"]] == [submission]


@on_one_database
@pytest.mark.parametrize(
    ("file", "text", "listed", "found"),
    [
        pytest.param("Nunez_lesson3.png", "", (), "Núñez", id="the applicant's family name in a file name"),
        pytest.param("martaWork.png", "", (), "Marta", id="the given name in a file name"),
        pytest.param("deshawn-essay.png", "", ("DeShawn",), "DeShawn", id="a student's name in a file name"),
        pytest.param("work.png", "Written by Marta L. Núñez.", (), "Marta Núñez", id="the whole name in a text"),
        pytest.param("work.png", "My students call me Ms. Nunez.", (), "Núñez", id="the name behind a title"),
        pytest.param("work.png", "Then DeShawn read aloud.", ("DeShawn",), "DeShawn", id="a student's name in a text"),
        pytest.param("work.png", "We teach at Heron School.", (), "Heron School", id="the school"),
        pytest.param("work.png", "Write to teacher@heron-school.example.", (), "teacher@", id="the e-mail address"),
    ],
)
async def test_a13_a_name_in_a_file_name_or_text_is_told_plainly_before_it_is_handed_in(
    file: str, text: str, listed: tuple[str, ...], found: str, scene: Scene
) -> None:
    await scene.rename("teacher", "Marta Núñez")
    entry = await scene.publish()
    submission = (await scene.begin(entry))["id"]
    at = f"/submissions/{submission}"
    await scene.fill(entry, submission)
    await scene.ask("teacher", "PUT", f"{at}/hidden-names", json={"names": list(listed)})
    whole = await scene.ask("teacher", "GET", at)
    by_requirement = {one["requirement"]: one for one in whole["artifacts"]}
    if text:
        changed = {"text": text}
        await scene.ask("teacher", "PUT", f"{at}/texts/{by_requirement['context']['id']}", json=changed)
    else:
        upload = {"data": (file, a_png("named"), "image/png")}
        await scene.ask("teacher", "POST", f"{at}/files?requirement=work", status=201, files=upload)
    refused = await scene.ask("teacher", "POST", f"{at}/hand-in", status=400)
    (fault,) = refused["errors"]
    assert fault["code"] == "name-shown"
    assert f"has the name “{found}" in fault["detail"]
    assert ("rename the file" in fault["detail"]) is not bool(text)
    assert await scene.queue("assessor") == []


@on_one_database
async def test_a13_words_that_are_no_names_are_not_taken_for_them(scene: Scene) -> None:
    await scene.rename("teacher", "Rose Field")
    entry = await scene.publish()
    submission = (await scene.begin(entry))["id"]
    await scene.fill(entry, submission)
    whole = await scene.ask("teacher", "GET", f"/submissions/{submission}")
    texts = [one for one in whole["artifacts"] if one["kind"] == "text"]
    said = "Field work came first: in the field, scores rose. Will it last? It will."
    await scene.ask("teacher", "PUT", f"/submissions/{submission}/texts/{texts[0]['id']}", json={"text": said})
    await scene.ask("teacher", "PUT", f"/submissions/{submission}/hidden-names", json={"names": ["Bo", "May"]})
    await scene.ask("teacher", "POST", f"/submissions/{submission}/hand-in")


@on_one_database
async def test_a13_a_programme_that_shows_the_name_does_not_look_for_it_but_for_those_of_students(
    scene: Scene,
) -> None:
    await scene.rename("teacher", "Marta Núñez")
    entry = await scene.publish(Programme(blindness=Blindness.NAMED))
    submission = (await scene.begin(entry))["id"]
    await scene.fill(entry, submission)
    whole = await scene.ask("teacher", "GET", f"/submissions/{submission}")
    text = next(one for one in whole["artifacts"] if one["kind"] == "text")
    at = f"/submissions/{submission}"
    await scene.ask("teacher", "PUT", f"{at}/texts/{text['id']}", json={"text": "I am Marta Núñez. DeShawn read."})
    await scene.ask("teacher", "PUT", f"{at}/hidden-names", json={"names": ["DeShawn"]})
    refused = await scene.ask("teacher", "POST", f"{at}/hand-in", status=400)
    assert [fault["code"] for fault in refused["errors"]] == ["name-shown"]
    await scene.ask("teacher", "PUT", f"{at}/texts/{text['id']}", json={"text": "I am Marta Núñez. A student read."})
    await scene.ask("teacher", "POST", f"{at}/hand-in")
    review = (await scene.claim("assessor", submission))["id"]
    assert (await scene.ask("assessor", "GET", f"/reviews/{review}"))["applicant"] == "Marta Núñez"


@on_one_database
async def test_a14_evidence_with_an_identifiable_student_and_no_consent_cannot_be_handed_in(scene: Scene) -> None:
    entry = await scene.publish()
    submission = (await scene.begin(entry))["id"]
    await scene.fill(entry, submission, studentConsent=False)
    link = {"requirement": "work", "url": "https://videos.example/lesson", "showsStudents": True}
    await scene.ask("teacher", "POST", f"/submissions/{submission}/links", status=201, json=link)
    refused = await scene.ask("teacher", "POST", f"/submissions/{submission}/hand-in", status=400)
    assert [fault["code"] for fault in refused["errors"]] == ["student-consent"]


@on_one_database
@pytest.mark.parametrize(
    ("policy", "statement", "status"),
    [
        pytest.param(AiUse.FORBIDDEN, "It drafted the plan.", 400, id="forbidden: refused"),
        pytest.param(AiUse.DISCLOSED, "It drafted the plan.", 200, id="to be disclosed, and it is: taken"),
        pytest.param(AiUse.DISCLOSED, "", 400, id="to be disclosed, and it is not: refused"),
        pytest.param(AiUse.ALLOWED, "", 200, id="allowed: taken"),
    ],
)
async def test_a16_ai_written_text_is_refused_where_the_programme_forbids_it(
    policy: AiUse, statement: str, status: int, scene: Scene
) -> None:
    entry = await scene.publish(ai_use=policy)
    submission = (await scene.begin(entry))["id"]
    await scene.fill(entry, submission, aiUse="used", aiStatement=statement)
    answer = await scene.ask("teacher", "POST", f"/submissions/{submission}/hand-in", status=status)
    if status == 400:
        assert [fault["code"] for fault in answer["errors"]] == ["ai-use"]


async def test_a21_second_scores_are_a_seeded_sample_that_can_be_drawn_again_and_its_share_is_reported(
    scene: Scene,
) -> None:

    entry = await scene.publish(Programme(double_score_share=0.5))
    world = scene.world
    drawn = {}
    for number in range(6):
        await world.join(f"applicant{number}", "wren-school", Role.EDUCATOR)
        submission = (await world.submission(entry, f"applicant{number}")).id
        drawn[submission] = not (await scene.read("assessor", submission))["decided"]
        assert (submission in await scene.queue("second")) is drawn[submission]
    await scene.ask("assessor", "POST", f"/versions/{entry.version.id}/sample-reports", status=403)
    report = await scene.ask("leader", "POST", f"/versions/{entry.version.id}/sample-reports", status=201)
    assert (report["asked"], report["drawn"], report["of"]) == (0.5, sum(drawn.values()), 6)
    assert report["share"] == pytest.approx(sum(drawn.values()) / 6)
    again = {one: rules.is_drawn(report["seed"], rules.DOUBLE, one, 0.5) for one in drawn}
    assert again == drawn


@pytest.mark.parametrize("share", [0.05, 0.25])
def test_a21_a_sample_comes_near_its_share_and_a_larger_share_contains_the_smaller(share: float) -> None:

    every = [f"submission-{number}" for number in range(20_000)]
    drawn = {one for one in every if rules.is_drawn("seed", rules.DOUBLE, one, share)}
    assert abs(len(drawn) / len(every) - share) < 0.01
    assert drawn == {one for one in reversed(every) if rules.is_drawn("seed", rules.DOUBLE, one, share)}
    assert drawn <= {one for one in every if rules.is_drawn("seed", rules.DOUBLE, one, share * 2)}
    assert drawn != {one for one in every if rules.is_drawn("another", rules.DOUBLE, one, share)}


async def test_a23_an_assessor_who_has_not_earned_what_they_review_is_not_eligible(scene: Scene) -> None:

    world = scene.world
    entry = await scene.publish()
    await scene.read("assessor", await scene.hand_in(entry, "colleague"))
    await world.redeem()  # the colleague's badge is there
    developer = await world.act("developer")
    following = (await world.do(catalog.new_version, developer, entry.micro_credential.id)).version
    asked = a_specification(programme=Programme(assessors_earned=True))
    await world.do(catalog.edit, developer, following.id, asked, revision=following.revision)
    await world.do(catalog.submit_for_review, developer, following.id)
    await world.do(catalog.publish, await world.act("publisher"), following.id)
    entry = await world.see(catalog.version_for, None, following.id)

    await world.join("friend", "kestrel-moor", Role.EDUCATOR)
    submission = await scene.hand_in(entry, "friend")
    admin, alder = await world.act("admin"), world.organisations["alder"].id
    colleague = world.people["colleague"].id
    await world.do(people.grant_role, admin, person_id=colleague, organisation_id=alder, role=Role.ASSESSOR)
    assert await scene.queue("assessor") == []
    refused = await scene.claim("assessor", submission, status=403)
    assert "have earned" in refused["detail"]
    assert await scene.queue("colleague") == [submission]
    await scene.read("colleague", submission)
    assert (await scene.decision(submission, "friend"))["outcome"] == "earned"


async def test_a_programme_can_ask_more_of_a_part_than_the_rubric_does(scene: Scene) -> None:
    least = PartMinimum(part=PartKind.REFLECTION, level="extending")
    entry = await scene.publish(Programme(part_minimums=(least,)))
    submission = await scene.hand_in(entry)
    told = await scene.read("assessor", submission)
    assert told["outcome"] == "not_yet_earned"
    assert [one["criterion"] for one in told["results"] if not one["passed"]] == ["reflection"]
