"""Decisions about the catalogue, from values alone."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from credentials.catalog.model import Gate, PublicationRefused, Specification, Stage, WrongStage
from credentials.errors import Fault

MOVES: dict[Stage, tuple[Stage, ...]] = {
    Stage.DRAFT: (Stage.IN_REVIEW,),
    Stage.IN_REVIEW: (Stage.DRAFT, Stage.PUBLISHED),
    Stage.PUBLISHED: (Stage.RETIRED,),
    Stage.RETIRED: (),
}
"""The life of a version."""


def move(stage: Stage, to: Stage) -> Stage:
    if to not in MOVES[stage]:
        raise WrongStage(f"this version is {_said(stage)} and cannot become {_said(to)}")
    return to


def _said(stage: Stage) -> str:
    return stage.value.replace("_", " ")


def octets(specification: Specification) -> bytes:
    """The bytes that are stored and whose digest is bound into every credential awarded on this version."""
    return msgspec.json.encode(specification, order="deterministic")


def digest(specification: Specification) -> str:
    return hashlib.sha256(octets(specification)).hexdigest()


def rubric_octets(specification: Specification) -> bytes:
    """The rubric alone: what an assessor scored by."""
    return msgspec.json.encode(specification.rubric, order="deterministic")


def check_publishable(specification: Specification, *, known_items: frozenset[str]) -> None:
    """The gates. ``known_items``: the identifiers of framework items that exist. Raises ``PublicationRefused``."""
    faults = tuple(_failures(specification, known_items))
    if faults:
        gates = ", ".join(sorted({fault.code for fault in faults}))
        raise PublicationRefused(f"this cannot be published yet: {gates}", faults=faults)


def _failures(specification: Specification, known_items: frozenset[str]) -> Iterator[Fault]:
    yield from _competency(specification, known_items)
    yield from _key_method(specification)
    yield from _evidence(specification)
    yield from _rubric(specification)
    yield from _whole(specification)


def _competency(specification: Specification, known_items: frozenset[str]) -> Iterator[Fault]:
    count = len(specification.competencies)
    if count != 1:
        yield Fault(f"name exactly one competency: there are {count}", "/competencies", Gate.COMPETENCY)
    for kind in ("competencies", "alignments"):
        for place, item in enumerate(getattr(specification, kind)):
            if item not in known_items:
                yield Fault("there is no such framework item", f"/{kind}/{place}", Gate.COMPETENCY)


def _key_method(specification: Specification) -> Iterator[Fault]:
    method = specification.key_method
    if method is None or not method.name.strip() or not method.description.strip():
        yield Fault("describe the key method by which the competency is shown", "/keyMethod", Gate.KEY_METHOD)
    if method is None or not method.research:
        yield Fault("cite at least one piece of research behind the key method", "/keyMethod/research", Gate.KEY_METHOD)


def _evidence(specification: Specification) -> Iterator[Fault]:
    if not any(requirement.min_items for requirement in specification.evidence):
        yield Fault("require at least one piece of evidence", "/evidence", Gate.EVIDENCE)
    modes = {mode for requirement in specification.evidence for mode in requirement.modes}
    if len(modes) < 2:
        yield Fault("let evidence come in at least two modes, such as text and audio", "/evidence", Gate.EVIDENCE)
    for place, requirement in enumerate(specification.evidence):
        if not requirement.modes:
            yield Fault("say in which modes this may be handed in", f"/evidence/{place}/modes", Gate.EVIDENCE)
        if requirement.max_items < requirement.min_items:
            yield Fault("maxItems is below minItems", f"/evidence/{place}/maxItems", Gate.EVIDENCE)


def _rubric(specification: Specification) -> Iterator[Fault]:
    criteria = specification.rubric.criteria
    if not criteria:
        yield Fault("write a rubric with at least one criterion", "/rubric/criteria", Gate.RUBRIC)
    required = {requirement.id for requirement in specification.evidence}
    scored = {requirement for criterion in criteria for requirement in criterion.evidence}
    for place, requirement in enumerate(specification.evidence):
        if requirement.id not in scored:
            yield Fault("no criterion is scored on this evidence", f"/evidence/{place}", Gate.RUBRIC)
    for place, criterion in enumerate(criteria):
        at = f"/rubric/criteria/{place}"
        if len(criterion.levels) < 2:
            yield Fault("describe at least two levels", f"{at}/levels", Gate.RUBRIC)
        if criterion.level(criterion.passing_level) is None:
            yield Fault("passingLevel is not one of the levels", f"{at}/passingLevel", Gate.RUBRIC)
        if not criterion.evidence or not set(criterion.evidence) <= required:
            yield Fault("name the evidence that this criterion is scored on", f"{at}/evidence", Gate.RUBRIC)
        scores = [level.score for level in criterion.levels]
        if scores != sorted(set(scores)):
            yield Fault("put the levels in order, each with a higher score", f"{at}/levels", Gate.RUBRIC)
        for level_place, level in enumerate(criterion.levels):
            if not level.description.strip():
                yield Fault("describe this level", f"{at}/levels/{level_place}/description", Gate.RUBRIC)


def _whole(specification: Specification) -> Iterator[Fault]:
    for member, value in (("title", specification.title), ("summary", specification.summary)):
        if not value.strip():
            yield Fault(f"write a {member}", f"/{member}", Gate.WHOLE)
    if not specification.licence:
        yield Fault("say under which licence this is published, such as CC BY 4.0", "/licence", Gate.WHOLE)
    yield from _repeated("/evidence", (requirement.id for requirement in specification.evidence))
    yield from _repeated("/rubric/criteria", (criterion.id for criterion in specification.rubric.criteria))
    for place, criterion in enumerate(specification.rubric.criteria):
        yield from _repeated(f"/rubric/criteria/{place}/levels", (level.id for level in criterion.levels))


def _repeated(at: str, ids: Iterable[str]) -> Iterator[Fault]:
    for name, count in Counter(ids).items():
        if count > 1:
            yield Fault(f"the id {name} is used {count} times", at, Gate.WHOLE)
