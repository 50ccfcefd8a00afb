"""Figures over HTTP: how well assessors agree, who drifts, how long things take."""

import json
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import a_criterion
from hypothesis import given
from hypothesis import strategies as st
from scene import Scene

from credentials.catalog.model import CatalogueEntry, EvidenceRequirement, Mode, PartKind, Rubric, RubricCriterion
from credentials.db import Session
from credentials.evidence import store as evidence_store
from credentials.evidence.model import Attestations, Stage, Submission
from credentials.ids import new_id
from credentials.review import drifting, store
from credentials.review.model import Review, ReviewKind, ReviewStage, Score

on_one_database = pytest.mark.parametrize("copied", ["sqlite"], indirect=True)
LEVELS = ("not-yet", "developing", "demonstrated", "extending")
WORK = (
    EvidenceRequirement(
        id="context",
        part=PartKind.OVERVIEW,
        title="Your context",
        instructions="Describe it.",
        modes=(Mode.TEXT, Mode.LINK),
    ),
)
EXACT = {"exact", "adjacent", "kappa", "kappaLinear", "kappaQuadratic", "alpha", "ac1", "ac2"}


def of_one(criterion: RubricCriterion) -> Rubric:
    return Rubric(criteria=(criterion,))


async def double_scored(
    scene: Scene, entry: CatalogueEntry, levels: Sequence[tuple[str, str]], readers: tuple[str, str]
) -> None:
    """So many submissions that two assessors have scored on one criterion, put where they are kept."""
    world = scene.world
    now = world.clock()
    teacher = world.people["teacher"]

    async def put(session: Session) -> None:
        for pair in levels:
            one = Submission(
                id=new_id(world.ids, now),
                educator_id=teacher.id,
                version_id=entry.version.id,
                micro_credential_id=entry.micro_credential.id,
                organisation_id=entry.micro_credential.organisation_id,
                attempt_no=1,
                stage=Stage.EARNED,
                attestations=Attestations(),
                school_ids=(world.organisations["heron-school"].id,),
                created_at=now,
                submitted_at=now - timedelta(days=2),
                decided_at=now,
            )
            await evidence_store.add(session, one)
            for kind, who, level in zip((ReviewKind.FIRST, ReviewKind.SECOND), readers, pair, strict=True):
                read = Review(
                    id=new_id(world.ids, now),
                    submission_id=one.id,
                    assessor_id=world.people[who].id,
                    educator_id=teacher.id,
                    micro_credential_id=entry.micro_credential.id,
                    kind=kind,
                    manifest_digest="",
                    stage=ReviewStage.DECIDED,
                    claimed_at=now,
                    ended_at=now,
                )
                assert await store.add(session, read)
                await store.save_score(session, read.id, Score(criterion="clarity", level=level))

    await world.do(put)
    world.clock.advance(days=1)  # figures are of days that are over


async def of(scene: Scene, entry: CatalogueEntry, **query: str) -> Any:
    params = {"microCredential": entry.micro_credential.id, **query}
    params["micro_credential"] = params.pop("microCredential")
    return await scene.ask("leader", "GET", "/agreement", params=params)


async def test_a17_a_paradox_of_100_passes_reports_exact_kappa_and_ac1_and_a_second_asking_answers_the_same(
    scene: Scene,
) -> None:
    two = a_criterion("clarity", "context")
    pass_fail = of_one(
        type(two)(**{**{name: getattr(two, name) for name in two.__struct_fields__}, "levels": two.levels[1:3]})
    )
    entry = await scene.publish(evidence=WORK, rubric=pass_fail)
    levels = [("demonstrated", "demonstrated")] * 90
    levels += [("demonstrated", "developing")] * 5 + [("developing", "demonstrated")] * 5
    await double_scored(scene, entry, levels, ("assessor", "second"))
    report = await of(scene, entry)
    (row,) = report["rows"]
    found = row["agreement"]
    assert (found["pairs"], report["suppressedBelow"]) == (100, 20)
    assert found["exact"]["value"] == pytest.approx(0.9)
    assert found["kappa"]["value"] == pytest.approx(-0.052632, abs=1e-6)
    assert found["ac1"]["value"] == pytest.approx(0.889503, abs=1e-6)
    assert found["exact"]["low"] <= 0.9 <= found["exact"]["high"]
    assert await of(scene, entry) == report
    by_assessor = await of(scene, entry, by="assessor")
    assert [one["label"] for one in by_assessor["rows"]] == ["Assessor", "Second"]
    for by, label in (("school", "Heron School"), ("month", None), ("criterion", f"{row['label']}: Clarity")):
        (other,) = (await of(scene, entry, by=by))["rows"]
        assert other["agreement"]["kappa"]["value"] == pytest.approx(-0.052632, abs=1e-6)
        assert label in {None, other["label"]}
    await scene.ask("assessor", "GET", "/agreement", status=403)
    await scene.ask("assessor", "GET", "/severity", status=403)
    await scene.ask("assessor", "GET", "/review-pace", status=403)
    pace = await scene.ask("leader", "GET", "/review-pace")
    assert [one[1:] for one in pace["turnAround"]] == [[100, 2.0]]
    assert await scene.ask("leader", "GET", "/severity") == sorted(
        await scene.ask("leader", "GET", "/severity"), key=lambda one: one["name"]
    )
    assert not any(one["alert"] for one in await scene.ask("leader", "GET", "/severity"))


@on_one_database
async def test_a18_twenty_double_scores_and_a19_scores_that_are_all_the_same_and_nothing_of_nineteen(
    scene: Scene, shared: Path
) -> None:
    vectors = json.loads((shared / "domain" / "agreement_vectors.json").read_text())["two_rater_0_3"]
    rubric = of_one(a_criterion("clarity", "context"))
    entry = await scene.publish(evidence=WORK, rubric=rubric)
    levels = [(LEVELS[one], LEVELS[two]) for one, two in zip(vectors["r1"], vectors["r2"], strict=True)]
    await double_scored(scene, entry, levels[:19], ("assessor", "second"))
    few = (await of(scene, entry))["rows"][0]["agreement"]
    assert few["pairs"] == 19
    assert {few[name]["undefined"] for name in EXACT} == {"too-few"}
    assert all("value" not in few[name] for name in EXACT)
    await double_scored(scene, entry, levels[19:], ("assessor", "second"))
    found = (await of(scene, entry))["rows"][0]["agreement"]
    for name, expected in (
        ("exact", vectors["exact"]),
        ("adjacent", vectors["adjacent"]),
        ("kappa", vectors["kappa"]),
        ("kappaLinear", vectors["linear"]),
        ("kappaQuadratic", vectors["qwk"]),
        ("alpha", vectors["alpha_ordinal"]),
    ):
        assert found[name]["value"] == pytest.approx(expected, abs=1e-6), name

    same = await scene.publish(slug="same", evidence=WORK, rubric=rubric)
    await double_scored(scene, same, [("demonstrated", "demonstrated")] * 20, ("assessor", "second"))
    found = (await of(scene, same))["rows"][0]["agreement"]
    assert found["exact"]["value"] == 1.0
    assert found["kappa"] == {"undefined": "one-category"}


@on_one_database
async def test_a20_the_published_alphas_come_out_of_ratings_that_are_sent(scene: Scene, shared: Path) -> None:
    vectors = json.loads((shared / "domain" / "agreement_vectors.json").read_text())
    for name, published in vectors["krippendorff_published"].items():
        which, _, measurement = name.partition("_")
        ratings = [list(unit) for unit in zip(*vectors["krippendorff_data"][which], strict=True)]
        scale = sorted({one for unit in ratings for one in unit if one is not None})
        asked = {"ratings": ratings, "scale": scale, "measurement": measurement}
        found = await scene.ask("assessor", "POST", "/agreement-figures", json=asked)
        assert found["alpha"]["value"] == pytest.approx(published["alpha"], abs=1e-6), name
    wrong = {"ratings": [[1, 9]], "scale": [1, 2]}
    refused = await scene.ask("leader", "POST", "/agreement-figures", status=400, json=wrong)
    assert "not on the scale" in refused["detail"]
    await scene.ask("teacher", "POST", "/agreement-figures", status=403, json=wrong)


@on_one_database
async def test_an_assessor_who_drifts_is_named_first_and_one_who_is_harsh_as_well_as_one_who_is_soft(
    scene: Scene,
) -> None:
    entry = await scene.publish(evidence=WORK, rubric=of_one(a_criterion("clarity", "context")))
    draw = random.Random(7)
    together = [(level, level) for level in draw.choices(LEVELS, k=30)]
    harsh = [("demonstrated", "developing") if place % 2 else ("demonstrated",) * 2 for place in range(30)]
    await double_scored(scene, entry, together, ("assessor", "second"))
    await double_scored(scene, entry, harsh, ("assessor", "third"))
    found = await scene.ask("leader", "GET", "/severity")
    assert [(one["name"], one["alert"], one["n"]) for one in found] == [
        ("Assessor", True, 60),
        ("Third", True, 30),
        ("Second", False, 30),
    ]
    assert found[1]["mean"] == pytest.approx(-0.5)
    assert found[1]["high"] < 0 < found[0]["low"]


@given(st.lists(st.integers(-3, 3), max_size=250))
def test_severity_has_two_sides(apart: list[int]) -> None:
    one = drifting.severity_of("p", apart)
    other = drifting.severity_of("p", [-value for value in apart])
    assert (one.n, one.alert) == (other.n, other.alert)
    if len(apart) < 20:
        assert one.mean is None
        assert not one.alert
    else:
        assert one.mean is not None
        assert one.mean == pytest.approx(-(other.mean or 0.0))
        assert one.low is not None
        assert other.high is not None
        assert one.low == pytest.approx(-other.high)
