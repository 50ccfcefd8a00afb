"""Decisions about the catalogue, from values alone."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec

from credentials.catalog.model import (
    Choice,
    Combining,
    Framework,
    Gate,
    Programme,
    ProposalStage,
    PublicationRefused,
    Specification,
    Stage,
    WrongProposalStage,
    WrongStage,
)
from credentials.errors import Fault, Malformed
from credentials.openbadges.lint import is_signable
from credentials.openbadges.terms import LanguageCode
from credentials.people.model import Role

DEVELOPERS = (Role.CATALOGUE_DEVELOPER, Role.ADMINISTRATOR)

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


PROPOSAL_MOVES: dict[ProposalStage, tuple[ProposalStage, ...]] = {
    ProposalStage.DRAFT: (ProposalStage.IN_REVIEW, ProposalStage.WITHDRAWN),
    ProposalStage.IN_REVIEW: (
        ProposalStage.RETURNED,
        ProposalStage.APPROVED,
        ProposalStage.REFUSED,
        ProposalStage.WITHDRAWN,
    ),
    ProposalStage.RETURNED: (ProposalStage.IN_REVIEW, ProposalStage.WITHDRAWN),
    ProposalStage.APPROVED: (),
    ProposalStage.REFUSED: (),
    ProposalStage.WITHDRAWN: (),
}
"""The life of a proposal."""

PROPOSAL_EDITABLE = frozenset({ProposalStage.DRAFT, ProposalStage.RETURNED})
"""Stages in which its author can change a proposal. While a committee reads it, it stands still."""
PROPOSAL_OPEN = frozenset({ProposalStage.DRAFT, ProposalStage.IN_REVIEW, ProposalStage.RETURNED})

OUTCOMES: dict[Choice, ProposalStage] = {
    Choice.APPROVE: ProposalStage.APPROVED,
    Choice.RETURN: ProposalStage.RETURNED,
    Choice.REFUSE: ProposalStage.REFUSED,
}


def move_proposal(stage: ProposalStage, to: ProposalStage) -> ProposalStage:
    if to not in PROPOSAL_MOVES[stage]:
        said = [one.value.replace("_", " ") for one in (stage, to)]
        raise WrongProposalStage(f"this proposal is {said[0]} and cannot become {said[1]}")
    return to


def agreed(votes: Sequence[Choice], members: int) -> Choice | None:
    """What a committee of so many has decided, if it has: what more than half of all members voted for. Where all have voted
    and no choice has that many, the proposal goes back to its author: nobody is approved or refused by a minority."""
    for choice, count in Counter(votes).items():
        if count * 2 > members:
            return choice
    return Choice.RETURN if len(votes) >= members else None


def check_credited(specification: Specification) -> None:
    """A teacher's own work is published with the names that the teacher gave for that."""
    if not any(name.strip() for name in specification.authors):
        raise PublicationRefused(
            "say how its author is to be called in the catalogue",
            faults=(Fault("write a name to be credited by, or that of a team", "/authors", Gate.WHOLE),),
        )


def octets(specification: Specification) -> bytes:
    """The bytes that are stored and whose digest is bound into every credential awarded on this version."""
    return msgspec.json.encode(specification, order="deterministic")


def digest(specification: Specification) -> str:
    return hashlib.sha256(octets(specification)).hexdigest()


def words_of(specification: Specification) -> str:
    """The words by which it is found: those of its title, its summary, its method's name and its tags, in small letters."""
    method = specification.key_method.name if specification.key_method else ""
    told = (specification.title, specification.summary, method, *specification.tags)
    return "\n".join(filter(None, told)).lower()


def rubric_octets(specification: Specification) -> bytes:
    """The rubric alone: what an assessor scored by."""
    return msgspec.json.encode(specification.rubric, order="deterministic")


def calibration_key(micro_credential_id: str, specification: Specification) -> str:
    """What an assessor is calibrated for: one micro-credential and what its work is scored on and by. Versions that share
    these share it; a rubric that changed asks for a new qualification."""
    asked = [requirement.id for requirement in specification.evidence]
    scored_by = (micro_credential_id, asked, specification.passing_rubric())
    return hashlib.sha256(msgspec.json.encode(scored_by, order="deterministic")).hexdigest()


def due_on(programme: Programme, submitted_at: datetime) -> date:
    """The last business day of the window to decide, which opens on the business day after the hand-in.

    Dates are those of the programme's own calendar.
    """
    day = (submitted_at.astimezone(UTC) + timedelta(hours=programme.utc_offset)).date()
    holidays = frozenset(programme.holidays)
    left = programme.days_to_decide
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY and day not in holidays
    return day


SATURDAY = 5


def due_at(programme: Programme, submitted_at: datetime) -> datetime:
    """The moment at which the last day of the window is over."""
    over = datetime.combine(due_on(programme, submitted_at) + timedelta(days=1), time(), UTC)
    return over - timedelta(hours=programme.utc_offset)


def due_day(programme: Programme, due: datetime) -> date:
    """The day on which something is due, as the programme's calendar calls it."""
    return (due.astimezone(UTC) + timedelta(hours=programme.utc_offset) - timedelta(seconds=1)).date()


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
    yield from _programme(specification)
    yield from _whole(specification)


def _programme(specification: Specification) -> Iterator[Fault]:
    """What a programme asks must be there to be asked for."""
    programme = specification.programme
    for place, least in enumerate(programme.part_minimums):
        parts = {asked.id for asked in specification.evidence if asked.part is least.part}
        concerned = [criterion for criterion in specification.rubric.criteria if parts & set(criterion.evidence)]
        if not concerned or any(criterion.level(least.level) is None for criterion in concerned):
            yield Fault(
                "every criterion of this part needs a level with this name",
                f"/programme/partMinimums/{place}",
                Gate.RUBRIC,
            )
    if programme.combining is Combining.POINTS and programme.assessors != 2:
        yield Fault("averaging points needs two assessors", "/programme/assessors", Gate.WHOLE)
    if programme.prior_months is not None and not programme.prior_learning:
        yield Fault("how old prior learning may be needs prior learning", "/programme/priorMonths", Gate.WHOLE)
    if programme.prior_months is not None and programme.prior_months < (programme.practice_months or 0):
        yield Fault("prior learning may be older than other practice", "/programme/priorMonths", Gate.WHOLE)
    asked = programme.calibration
    if asked.validity_share and not programme.is_blind:
        yield Fault(
            "a hidden check has no name to show: hide names, or take no hidden checks",
            "/programme/calibration/validityShare",
            Gate.WHOLE,
        )
    if asked.misses > asked.window:
        yield Fault("so many cannot be missed of so few", "/programme/calibration/misses", Gate.WHOLE)


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
    """What a credential could not be made of is refused here, not when somebody has earned it."""
    required = [("/title", "a title", specification.title), ("/summary", "a summary", specification.summary)]
    for place, requirement in enumerate(specification.evidence):
        required.append((f"/evidence/{place}/title", "a title", requirement.title))
    for place, criterion in enumerate(specification.rubric.criteria):
        at = f"/rubric/criteria/{place}"
        required.append((f"{at}/title", "a title", criterion.title))
        required += [(f"{at}/levels/{rank}/name", "a name", level.name) for rank, level in enumerate(criterion.levels)]
    for at, what, value in required:
        if not value.strip():
            yield Fault(f"write {what}", at, Gate.WHOLE)
    if not specification.licence:
        yield Fault("say under which licence this is published, such as CC BY 4.0", "/licence", Gate.WHOLE)
    if not _is_language(specification.language):
        yield Fault("write the language as a code, such as en or es-MX", "/language", Gate.WHOLE)
    yield from _unsignable(specification, Gate.WHOLE)
    yield from _repeated("/evidence", (requirement.id for requirement in specification.evidence))
    criteria = specification.rubric.criteria
    yield from _repeated("/rubric/criteria", (criterion.id for criterion in criteria))
    for place, criterion in enumerate(criteria):
        yield from _repeated(f"/rubric/criteria/{place}/levels", (level.id for level in criterion.levels))
    names: set[tuple[str, ...]] = {(criterion.id,) for criterion in criteria}
    names |= {(criterion.id, level.id) for criterion in criteria for level in criterion.levels}
    for name, count in Counter("-".join(path) for path in names).items():  # as in ``issuing.rules``
        if count > 1:
            yield Fault(f"{name} would name two things in a credential: change an id", "/rubric/criteria", Gate.WHOLE)


def _is_language(text: str) -> bool:
    try:
        msgspec.convert(text, LanguageCode)
    except msgspec.ValidationError:
        return False
    return True


def _unsignable(document: msgspec.Struct, code: str = "") -> Iterator[Fault]:
    for at, text in _texts(msgspec.to_builtins(document), ""):
        if not is_signable(text):
            yield Fault("there is a character here that cannot be signed: type the text again", at, code)


def _texts(value: Any, at: str) -> Iterator[tuple[str, str]]:
    """Every text in a document, with its place."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, f"{at}/{name}")
    elif isinstance(value, list | tuple):
        for place, member in enumerate(value):
            yield from _texts(member, f"{at}/{place}")


def _repeated(at: str, ids: Iterable[str]) -> Iterator[Fault]:
    for name, count in Counter(ids).items():
        if count > 1:
            yield Fault(f"the id {name} is used {count} times", at, Gate.WHOLE)


# Frameworks

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:-]*|https?://[^\x00-\x20\x7f-\x9f<>\"{}|\\^`\s]+")
"""A UUID or another name of our own, or the address that an item has elsewhere: awards point at it."""


def check_framework(framework: Framework) -> None:
    """Whether awards can point at its items. Raises ``Malformed`` with every fault."""
    faults = tuple(_framework_faults(framework))
    if faults:
        raise Malformed("; ".join(dict.fromkeys(fault.detail for fault in faults)), faults=faults)


def _framework_faults(framework: Framework) -> Iterator[Fault]:
    parents = {item.identifier: item.parent for item in framework.items}
    if not _IDENTIFIER.fullmatch(framework.identifier):
        yield Fault("an identifier is a UUID, another short name, or a web address", "/identifier")
    for member in ("title", "creator"):
        if not getattr(framework, member).strip():
            yield Fault(f"the {member} is missing", f"/{member}")
    for place, item in enumerate(framework.items):
        at = f"/items/{place}"
        if not _IDENTIFIER.fullmatch(item.identifier):
            yield Fault("an identifier is a UUID, another short name, or a web address", f"{at}/identifier")
        if not item.full_statement.strip():
            yield Fault("an item without its statement says nothing", f"{at}/fullStatement")
        if item.parent is not None and item.parent not in parents:
            yield Fault(f"the parent {item.parent} is not an item of the framework", f"{at}/parent")
        elif _is_above_itself(item.identifier, parents):
            yield Fault(f"the item {item.identifier} stands under itself", f"{at}/parent")
    for name, count in Counter(item.identifier for item in framework.items).items():
        if count > 1:
            yield Fault(f"{count} items of the framework have the identifier {name}", "/items")
    yield from _unsignable(framework)


def _is_above_itself(identifier: str, parents: dict[str, str | None]) -> bool:
    seen: set[str] = set()
    at = parents.get(identifier)
    while at is not None and at != identifier and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at == identifier
