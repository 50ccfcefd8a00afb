"""What must hold before a micro-credential is published: each gate fails by its name, at the place that is to be mended."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from builders import FRAMEWORK, LEVELS, a_criterion, a_specification
from hypothesis import given
from hypothesis import strategies as st
from sentences import sentences

from credentials.catalog import rules
from credentials.catalog.model import (
    Blindness,
    Calibration,
    Framework,
    FrameworkItem,
    Mode,
    Programme,
    PublicationRefused,
    RubricCriterion,
    RubricLevel,
    Specification,
    Stage,
    WrongStage,
)
from credentials.errors import Malformed

KNOWN = frozenset(item.identifier for item in FRAMEWORK.items)
GOOD = a_specification()

Change = Callable[[Specification], Specification]


def faults_of(specification: Specification) -> list[tuple[str, str]]:
    """Gate and place of everything that is wrong."""
    try:
        rules.check_publishable(specification, known_items=KNOWN)
    except PublicationRefused as refused:
        return [(fault.code, fault.pointer) for fault in refused.faults]
    return []


def with_(**changed: Any) -> Specification:
    return msgspec.structs.replace(GOOD, **changed)


def with_method(**changed: Any) -> Specification:
    return with_(key_method=msgspec.structs.replace(GOOD.key_method, **changed))


def with_evidence(place: int, **changed: Any) -> Specification:
    evidence = list(GOOD.evidence)
    evidence[place] = msgspec.structs.replace(evidence[place], **changed)
    return with_(evidence=tuple(evidence))


def with_criteria(*criteria: RubricCriterion) -> Specification:
    return with_(rubric=msgspec.structs.replace(GOOD.rubric, criteria=criteria))


def with_criterion(place: int, **changed: Any) -> Specification:
    criteria = list(GOOD.rubric.criteria)
    criteria[place] = msgspec.structs.replace(criteria[place], **changed)
    return with_criteria(*criteria)


def levels(*scores: int, **changed: Any) -> tuple[RubricLevel, ...]:
    return tuple(
        msgspec.structs.replace(level, score=score, **changed)
        for level, score in zip(GOOD.rubric.criteria[0].levels, scores, strict=False)
    )


COMPETENCY, METHOD, EVIDENCE, RUBRIC, WHOLE = (
    "one-competency",
    "key-method-with-research",
    "evidence-in-two-modes",
    "rubric-for-every-part",
    "whole-and-consistent",
)


def test_a_specification_that_is_whole_can_be_published() -> None:
    assert faults_of(GOOD) == []


@sentences(
    ("specification", "expected"),
    {
        # One competency
        "no competency": (with_(competencies=()), [(COMPETENCY, "/competencies")]),
        "two competencies": (with_(competencies=tuple(KNOWN)), [(COMPETENCY, "/competencies")]),
        "a competency that is in no framework": (with_(competencies=("c9",)), [(COMPETENCY, "/competencies/0")]),
        "an alignment that is in no framework": (
            with_(alignments=(FRAMEWORK.items[1].identifier, "s9")),
            [(COMPETENCY, "/alignments/1")],
        ),
        # A key method with research
        "no key method": (with_(key_method=None), [(METHOD, "/keyMethod"), (METHOD, "/keyMethod/research")]),
        "a key method without a name": (with_method(name=" "), [(METHOD, "/keyMethod")]),
        "a key method without a description": (with_method(description=""), [(METHOD, "/keyMethod")]),
        "a key method without research": (with_method(research=()), [(METHOD, "/keyMethod/research")]),
        # Evidence in two modes
        "no evidence": (
            with_(evidence=(), rubric=with_criterion(0, evidence=("work",)).rubric),
            [
                (EVIDENCE, "/evidence"),
                (EVIDENCE, "/evidence"),
                *((RUBRIC, f"/rubric/criteria/{place}/evidence") for place in range(3)),
            ],
        ),
        "evidence of which none is required": (
            with_(evidence=tuple(msgspec.structs.replace(one, min_items=0) for one in GOOD.evidence)),
            [(EVIDENCE, "/evidence")],
        ),
        "evidence in one mode only": (
            with_(evidence=tuple(msgspec.structs.replace(one, modes=(Mode.TEXT,)) for one in GOOD.evidence)),
            [(EVIDENCE, "/evidence")],
        ),
        "evidence that cannot be handed in at all": (
            with_evidence(0, modes=()),
            [(EVIDENCE, "/evidence/0/modes")],
        ),
        "evidence of which less may come than must": (
            with_evidence(1, min_items=4),
            [(EVIDENCE, "/evidence/1/maxItems")],
        ),
        # A rubric for every part
        "no rubric": (
            with_criteria(),
            [(RUBRIC, "/rubric/criteria"), *((RUBRIC, f"/evidence/{place}") for place in range(3))],
        ),
        "evidence that nobody scores": (
            with_criterion(2, evidence=("work",)),
            [(RUBRIC, "/evidence/2")],
        ),
        "a criterion that is scored on nothing": (
            with_criterion(0, evidence=()),
            [(RUBRIC, "/rubric/criteria/0/evidence")],
        ),
        "a criterion that is scored on what nobody hands in": (
            with_criterion(0, evidence=("work", "video")),
            [(RUBRIC, "/rubric/criteria/0/evidence")],
        ),
        "a criterion with one level": (
            with_criterion(0, levels=levels(1), passing_level=LEVELS[0]),
            [(RUBRIC, "/rubric/criteria/0/levels")],
        ),
        "a criterion that nobody passes": (
            with_criterion(1, passing_level="perfect"),
            [(RUBRIC, "/rubric/criteria/1/passingLevel")],
        ),
        "levels out of order": (
            with_criterion(0, levels=levels(0, 2, 1, 3)),
            [(RUBRIC, "/rubric/criteria/0/levels")],
        ),
        "two levels with the same score": (
            with_criterion(0, levels=levels(0, 1, 1, 2)),
            [(RUBRIC, "/rubric/criteria/0/levels")],
        ),
        "a level without a description": (
            with_criterion(0, levels=(*levels(0, 1, 2), levels(3, description="\n")[0])),
            [(RUBRIC, "/rubric/criteria/0/levels/3/description"), (WHOLE, "/rubric/criteria/0/levels")],
        ),
        # Whole and consistent
        "no title": (with_(title=" "), [(WHOLE, "/title")]),
        "no summary": (with_(summary=""), [(WHOLE, "/summary")]),
        "no licence": (with_(licence=""), [(WHOLE, "/licence")]),
        "a language that is none": (with_(language="American English"), [(WHOLE, "/language")]),
        "evidence without a title": (with_evidence(1, title=" "), [(WHOLE, "/evidence/1/title")]),
        "a criterion without a title": (with_criterion(1, title=""), [(WHOLE, "/rubric/criteria/1/title")]),
        "a level without a name": (
            with_criterion(0, levels=(levels(0, name="")[0], *GOOD.rubric.criteria[0].levels[1:])),
            [(WHOLE, "/rubric/criteria/0/levels/0/name")],
        ),
        "a title with a character that word processors leave": (with_(title="Feed\x0bback"), [(WHOLE, "/title")]),
        "a tag with a nul": (with_(tags=("assessment", "a\0b")), [(WHOLE, "/tags/1")]),
        "a level with half a control sequence": (
            with_criterion(0, levels=(*GOOD.rubric.criteria[0].levels[:3], levels(3, description="a\x1b[0m")[0])),
            [(WHOLE, "/rubric/criteria/0/levels/3/description"), (WHOLE, "/rubric/criteria/0/levels")],
        ),
        "two pieces of evidence with one id": (
            with_(evidence=(*GOOD.evidence, GOOD.evidence[0])),
            [(WHOLE, "/evidence")],
        ),
        "two criteria with one id": (
            with_criteria(*GOOD.rubric.criteria, GOOD.rubric.criteria[0]),
            [(WHOLE, "/rubric/criteria")],
        ),
        "two levels with one id": (
            with_criterion(0, levels=levels(0, 1, 2, 3, id="x"), passing_level="x"),
            [(WHOLE, "/rubric/criteria/0/levels")],
        ),
        "a criterion that is called like the level of another": (
            with_criteria(*GOOD.rubric.criteria, a_criterion("uptake-developing", "work")),
            [(WHOLE, "/rubric/criteria")],
        ),
        "hidden checks among work whose names are shown": (
            with_(programme=Programme(blindness=Blindness.NAMED, calibration=Calibration(validity_share=0.1))),
            [(WHOLE, "/programme/calibration/validityShare")],
        ),
        # Several
        "everything at once": (
            Specification(title=""),
            [
                (COMPETENCY, "/competencies"),
                (METHOD, "/keyMethod"),
                (METHOD, "/keyMethod/research"),
                (EVIDENCE, "/evidence"),
                (EVIDENCE, "/evidence"),
                (RUBRIC, "/rubric/criteria"),
                (WHOLE, "/title"),
                (WHOLE, "/summary"),
                (WHOLE, "/licence"),
            ],
        ),
    },
)
def test_a_gate_refuses(specification: Specification, expected: list[tuple[str, str]]) -> None:
    assert faults_of(specification) == expected


def test_the_refusal_names_each_gate_once_and_every_fault_says_what_to_do() -> None:
    with pytest.raises(PublicationRefused) as refused:
        rules.check_publishable(Specification(title=""), known_items=KNOWN)
    for gate in (COMPETENCY, METHOD, EVIDENCE, RUBRIC, WHOLE):
        assert refused.value.detail.count(gate) == 1
    assert all(fault.detail for fault in refused.value.faults)


# Bytes and digests


def test_the_digest_of_a_version_changes_with_anything_that_it_says() -> None:
    changes = [
        GOOD,
        with_(title="Another"),
        with_(effort_hours=7),
        with_evidence(0, max_words=499),
        with_criterion(0, passing_level="extending"),
        with_method(description="Another."),
    ]
    assert len({rules.digest(one) for one in changes}) == len(changes)
    assert all(rules.digest(read_again(one)) == rules.digest(read_again(read_again(one))) for one in changes)


def read_again(specification: Specification) -> Specification:
    return msgspec.json.decode(rules.octets(specification), type=Specification)


def test_the_rubric_has_bytes_of_its_own_that_change_with_it_and_with_nothing_else() -> None:
    assert rules.rubric_octets(with_(title="Another")) == rules.rubric_octets(GOOD)
    assert rules.rubric_octets(with_criterion(0, passing_level="extending")) != rules.rubric_octets(GOOD)


# The life of a version


def test_a_version_moves_as_the_table_says_and_in_no_other_way() -> None:
    for stage in Stage:
        for to in Stage:
            if to in rules.MOVES[stage]:
                assert rules.move(stage, to) is to
            else:
                with pytest.raises(WrongStage, match="and cannot become"):
                    rules.move(stage, to)
    assert set(rules.MOVES) == set(Stage)


# Frameworks


def item(identifier: str, parent: str | None = None, **changed: Any) -> FrameworkItem:
    made = FrameworkItem(
        identifier=identifier, human_coding_scheme="1", full_statement="Listens.", item_type="Competency", parent=parent
    )
    return msgspec.structs.replace(made, **changed)


def framework(*items: FrameworkItem, **changed: Any) -> Framework:
    return msgspec.structs.replace(FRAMEWORK, items=items, **changed)


@sentences(
    "whole",
    {
        "the framework of the tests": FRAMEWORK,
        "a tree": framework(item("a"), item("b", "a"), item("c", "b"), item("d", "a")),
        "a child before its parent": framework(item("b", "a"), item("a")),
        "items that have addresses elsewhere": framework(item("https://case.example/items/1?a=b"), item("urn:uuid:1")),
        "no items yet": framework(),
    },
)
def test_a_framework_is_taken(whole: Framework) -> None:
    rules.check_framework(whole)


@sentences(
    ("broken", "places"),
    {
        "two items with one identifier": (framework(item("a"), item("a")), ["/items"]),
        "an item under one that is not there": (framework(item("a", "z")), ["/items/0/parent"]),
        "an item under itself": (framework(item("a", "a")), ["/items/0/parent"]),
        "items in a ring": (
            framework(item("a", "c"), item("b", "a"), item("c", "b"), item("d", "c")),
            ["/items/0/parent", "/items/1/parent", "/items/2/parent"],
        ),
        "an identifier with a blank": (framework(item("a b")), ["/items/0/identifier"]),
        "an identifier that climbs": (framework(item("../../sign-in")), ["/items/0/identifier"]),
        "an identifier that is a script": (framework(item("javascript://x/%0aalert(1)")), ["/items/0/identifier"]),
        "an address with a blank": (framework(item("https://case.example/a b")), ["/items/0/identifier"]),
        "an empty identifier": (framework(identifier=""), ["/identifier"]),
        "an item that says nothing": (framework(item("a", full_statement=" ")), ["/items/0/fullStatement"]),
        "a statement that cannot be signed": (framework(item("a", full_statement="a\x0c")), ["/items/0/fullStatement"]),
        "no title and no creator": (framework(title="", creator=" "), ["/title", "/creator"]),
    },
)
def test_a_framework_is_refused(broken: Framework, places: list[str]) -> None:
    with pytest.raises(Malformed) as refused:
        rules.check_framework(broken)
    assert [fault.pointer for fault in refused.value.faults] == places


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.none() | st.sampled_from("abcdef")), max_size=8))
def test_of_any_framework_it_is_decided_whether_it_is_a_forest(edges: list[tuple[str, str | None]]) -> None:
    """By a walk that gives up after more steps than there are items."""
    parents = dict(edges)

    def reaches_the_top(at: str | None) -> bool:
        for _ in range(len(parents) + 1):
            if at is None:
                return True
            at = parents.get(at, "nowhere")
        return False

    names = [name for name, _ in edges]
    good = len(set(names)) == len(names) and all(reaches_the_top(name) for name in names)
    try:
        rules.check_framework(framework(*(item(name, parent) for name, parent in edges)))
    except Malformed:
        assert not good
    else:
        assert good
