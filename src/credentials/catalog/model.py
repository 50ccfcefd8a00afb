"""The nouns of the catalogue.

Frameworks and rubrics have the shapes of CASE 1.1 (1EdTech); each class names its counterpart. On the wire the members are
in camel case, as in the standards.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from credentials.errors import Conflict, Malformed

Text = Annotated[str, Meta(max_length=20_000)]
Line = Annotated[str, Meta(max_length=300)]
KEY_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}(?![\s\S])"  # in Python `$` would let a line end pass
Key = Annotated[str, Meta(pattern=KEY_PATTERN)]
"""An identifier within one document, such as a criterion's: small letters, digits, hyphens."""


class _Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    pass


# Frameworks


class FrameworkItem(_Wire, frozen=True, kw_only=True):
    """A CFItem: domain, competency, indicator, standard, trait. ``parent`` is what CASE writes as an isChildOf association."""

    identifier: Line
    human_coding_scheme: Line
    full_statement: Text
    item_type: Line
    parent: Line | None = None
    notes: Text = ""


class Framework(_Wire, frozen=True, kw_only=True):
    """A CFDocument with its CFItems in their order."""

    identifier: Line
    title: Line
    creator: Line
    publisher: Line = ""
    description: Text = ""
    version: Line = ""
    language: Line = "en-US"
    licence: Line = ""
    adoption_status: Line = "Adopted"
    items: Annotated[tuple[FrameworkItem, ...], Meta(max_length=5_000)] = ()


class Competency(msgspec.Struct, frozen=True, kw_only=True):
    """A framework item as others name it."""

    identifier: str
    code: str
    statement: str
    item_type: str
    framework_id: str
    framework_title: str


class FrameworkRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A framework as an organisation keeps it."""

    id: str
    organisation_id: str
    framework: Framework
    created_at: datetime


# Micro-credentials


class Citation(_Wire, frozen=True, kw_only=True):
    """Published research behind a key method."""

    authors: Line
    year: Annotated[int, Meta(ge=1800, le=2200)]
    title: Line
    source: Line
    url: Line = ""
    doi: Line = ""


class KeyMethod(_Wire, frozen=True, kw_only=True):
    """The researched practice by which the competency is shown."""

    name: Line
    description: Text
    components: tuple[Text, ...] = ()
    research: Annotated[tuple[Citation, ...], Meta(max_length=30)] = ()


class PartKind(StrEnum):
    """Part 1, 2 and 3 of a submission."""

    OVERVIEW = "overview"
    WORK_EXAMPLES = "work_examples"
    REFLECTION = "reflection"


class Mode(StrEnum):
    """The forms in which evidence may come. Offering several is what Universal Design for Learning asks for."""

    TEXT = "text"
    DOCUMENT = "document"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    LINK = "link"


class EvidenceRequirement(_Wire, frozen=True, kw_only=True):
    """One thing to hand in: an answer, a set of work examples, a reflection. ``shared``: several may hand in the same."""

    id: Key
    part: PartKind
    title: Line
    instructions: Text
    modes: tuple[Mode, ...]
    min_items: Annotated[int, Meta(ge=0, le=20)] = 1
    max_items: Annotated[int, Meta(ge=1, le=20)] = 1
    max_words: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    shared: bool = False


class RubricLevel(_Wire, frozen=True, kw_only=True):
    """A CFRubricCriterionLevel: ``name`` is its quality, ``score`` its points. Levels stand in order, lowest first."""

    id: Key
    name: Line
    description: Text
    score: Annotated[int, Meta(ge=0, le=1_000)]


class RubricCriterion(_Wire, frozen=True, kw_only=True):
    """A CFRubricCriterion, scored on the evidence requirements that it names, passed at ``passing_level`` or above."""

    id: Key
    title: Line
    description: Text = ""
    evidence: tuple[Key, ...]
    passing_level: Key
    levels: Annotated[tuple[RubricLevel, ...], Meta(max_length=10)]

    def level(self, level_id: str) -> RubricLevel | None:
        return next((level for level in self.levels if level.id == level_id), None)

    def rank(self, level_id: str) -> int:
        """The place of a level, 0 for the lowest. Raises ``ValueError`` for one that is not of this criterion."""
        return [level.id for level in self.levels].index(level_id)

    def passes(self, level_id: str) -> bool:
        return self.rank(level_id) >= self.rank(self.passing_level)


class Rubric(_Wire, frozen=True, kw_only=True):
    """A CFRubric."""

    title: Line = "Rubric"
    criteria: Annotated[tuple[RubricCriterion, ...], Meta(max_length=20)] = ()

    def criterion(self, criterion_id: str) -> RubricCriterion | None:
        return next((criterion for criterion in self.criteria if criterion.id == criterion_id), None)


class AiUse(StrEnum):
    """What a programme says of work made with generative AI."""

    ALLOWED = "allowed"
    DISCLOSED = "disclosed"
    FORBIDDEN = "forbidden"


class Blindness(StrEnum):
    """Whether assessors see whose work it is. An organisation's own programme may show the name."""

    BLIND = "blind"
    NAMED = "named"


class Combining(StrEnum):
    """How two readings become one decision. ``CRITERIA``: every criterion by itself, nothing is averaged. ``POINTS``: the
    points of both assessors are averaged for each criterion, unless their means lie too far apart."""

    CRITERIA = "criteria"
    POINTS = "points"


class Settling(StrEnum):
    """Who settles it when two assessors differ."""

    THIRD = "third"
    LEADER = "leader"


class PartMinimum(_Wire, frozen=True, kw_only=True):
    """The level that every criterion must reach that is scored on evidence of a part."""

    part: PartKind
    level: Key


class Calibration(_Wire, frozen=True, kw_only=True):
    """How the assessors of a programme are kept calibrated (DOMAIN, section 4).

    ``required``: only who is qualified may score. The bar of a qualification set: ``exact_share`` of all scores are the true
    ones; ``criterion_share``, the same for every criterion by itself; ``non_adjacent``, so many may lie more than one level
    apart. ``sets``: so many different sets must be passed. ``valid_days``: then it is done again. ``validity_share``: the share
    of readings after which a hidden check with known scores comes into the assessor's queue. ``misses`` of the last ``window``
    checks lock the queue.
    """

    required: bool = False
    exact_share: Annotated[float, Meta(ge=0, le=1)] = 0.8
    criterion_share: Annotated[float, Meta(ge=0, le=1)] | None = None
    non_adjacent: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    sets: Annotated[int, Meta(ge=1, le=10)] = 1
    valid_days: Annotated[int, Meta(ge=1, le=1_826)] = 365
    validity_share: Annotated[float, Meta(ge=0, le=1)] = 0.0
    window: Annotated[int, Meta(ge=1, le=100)] = 10
    misses: Annotated[int, Meta(ge=1, le=100)] = 3


class Programme(_Wire, frozen=True, kw_only=True):
    """How a version is assessed. It is versioned with it and shown to applicants.

    ``double_score_share``: the share of submissions, drawn at random, that a second assessor scores. ``near_pass_band``: in
    points around the sum of the passing levels; a single score within it calls for a second one. ``levels_apart``: a
    difference of more levels than this is a split, and so is any difference on whether a criterion passes. ``points_bar``:
    the same for the mean points of two assessors where points are averaged. ``coach_after``: so many attempts Not Yet Earned
    call for a recorded meeting with a coach before the next. ``days_to_decide``: business days, counted from the one after
    the hand-in; ``holidays`` do not count, nor do Saturdays and Sundays; the programme's clocks are ``utc_offset`` hours
    ahead of UTC. ``lease_hours``: so long may an assessor hold a submission without saving anything.
    ``assessors_earned``: only who holds it may score it. ``district_conflict``: nobody of the educator's district scores it.
    ``practice_months``: the evidence shows practice of so many months before the hand-in, or of any time if absent; what is
    older is taken as prior learning where ``prior_learning`` says so, if it is not older than ``prior_months``, and somebody
    who saw it attests it.
    ``panel``: how many vote in an integrity case; more than half of them decide. ``appeal_days``: so long after the day of a
    decision it can be appealed. ``not_waivable``: what an appeal cannot ask to be let off, such as an examination.
    """

    blindness: Blindness = Blindness.BLIND
    assessors: Annotated[int, Meta(ge=1, le=2)] = 1
    double_score_share: Annotated[float, Meta(ge=0, le=1)] = 0.0
    near_pass_band: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    combining: Combining = Combining.CRITERIA
    levels_apart: Annotated[int, Meta(ge=1, le=10)] = 1
    points_bar: Annotated[float, Meta(gt=0, le=1_000)] = 1.25
    settling: Settling = Settling.THIRD
    coach_after: Annotated[int, Meta(ge=1, le=20)] | None = None
    days_to_decide: Annotated[int, Meta(ge=1, le=120)] = 14
    holidays: Annotated[tuple[date, ...], Meta(max_length=200)] = ()
    utc_offset: Annotated[int, Meta(ge=-12, le=14)] = 0
    lease_hours: Annotated[int, Meta(ge=1, le=720)] = 72
    shared_artifacts: bool = False
    assessors_earned: bool = False
    district_conflict: bool = False
    back_read_share: Annotated[float, Meta(ge=0, le=1)] = 0.0
    part_minimums: Annotated[tuple[PartMinimum, ...], Meta(max_length=3)] = ()
    practice_months: Annotated[int, Meta(ge=1, le=600)] | None = None
    prior_learning: bool = False
    prior_months: Annotated[int, Meta(ge=1, le=600)] | None = None
    panel: Annotated[int, Meta(ge=1, le=15)] = 3
    appeal_days: Annotated[int, Meta(ge=1, le=730)] = 60
    not_waivable: Annotated[tuple[Line, ...], Meta(max_length=50)] = ()
    calibration: Calibration = Calibration()

    @property
    def is_blind(self) -> bool:
        """Whether no name is shown, and so whether a hidden check, which is nobody's work, may be among it."""
        return self.blindness is Blindness.BLIND


class Specification(_Wire, frozen=True, kw_only=True):
    """All that a version of a micro-credential says. A draft may be unfinished; the gates decide what may be published.

    ``competencies`` and ``alignments`` are identifiers of framework items: the one competency that is proved, and what it
    also bears on. ``validity_months`` is absent when the award does not expire. ``attempts`` is absent when unlimited.
    ``authors`` are credited in the catalogue, as they wish to be called.
    """

    title: Line
    summary: Text = ""
    competencies: tuple[Line, ...] = ()
    alignments: Annotated[tuple[Line, ...], Meta(max_length=50)] = ()
    key_method: KeyMethod | None = None
    evidence: Annotated[tuple[EvidenceRequirement, ...], Meta(max_length=20)] = ()
    rubric: Rubric = Rubric()
    effort_hours: Annotated[float, Meta(ge=0, le=1_000)] | None = None
    licence: Line = ""
    prerequisites: tuple[Line, ...] = ()
    tags: Annotated[tuple[Line, ...], Meta(max_length=30)] = ()
    ai_use: AiUse = AiUse.DISCLOSED
    attempts: Annotated[int, Meta(ge=1, le=100)] | None = None
    validity_months: Annotated[int, Meta(ge=1, le=600)] | None = None
    language: Line = "en-US"
    authors: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()
    programme: Programme = Programme()

    def passing_rubric(self) -> Rubric:
        """The rubric as it is decided by: a criterion passes at its passing level, or at a higher one that the programme asks
        of the part that its evidence is in."""
        least = self.programme.part_minimums
        if not least:
            return self.rubric
        criteria = tuple(self._raised(criterion, least) for criterion in self.rubric.criteria)
        return msgspec.structs.replace(self.rubric, criteria=criteria)

    def _raised(self, criterion: RubricCriterion, least: tuple[PartMinimum, ...]) -> RubricCriterion:
        parts = {asked.part for asked in self.evidence if asked.id in criterion.evidence}
        asked_for = {criterion.passing_level, *(minimum.level for minimum in least if minimum.part in parts)}
        levels = [level.id for level in criterion.levels if level.id in asked_for]
        return msgspec.structs.replace(criterion, passing_level=levels[-1]) if levels else criterion

    def requirement(self, requirement_id: str) -> EvidenceRequirement | None:
        return next((requirement for requirement in self.evidence if requirement.id == requirement_id), None)


class Stage(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    RETIRED = "retired"


class MicroCredential(msgspec.Struct, frozen=True, kw_only=True):
    """What stays the same through all versions: who issues it and its address in the catalogue."""

    id: str
    organisation_id: str
    slug: str
    created_at: datetime


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version. From publication on nothing of it changes but its stage.

    ``author_id`` is who wrote it last: somebody else must publish it. ``digest`` is the SHA-256 of the specification's
    stored bytes, in hexadecimal.
    """

    id: str
    micro_credential_id: str
    number: int
    stage: Stage
    specification: Specification
    digest: str
    author_id: str
    created_at: datetime
    published_by: str | None = None
    published_at: datetime | None = None
    retired_at: datetime | None = None
    revision: int = 1


class CatalogueEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A version together with the micro-credential that it is of."""

    micro_credential: MicroCredential
    version: Version


# Proposals: a micro-credential of a teacher's own making


class ProposalStage(StrEnum):
    """``RETURNED``: its author can change it and hand it in again. ``APPROVED``: it is a version of the catalogue."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Choice(StrEnum):
    """What a member of a committee votes for."""

    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A specification that an educator proposes to an organisation above them.

    ``slug`` is the short name that the author wishes for. ``round`` counts how often it was handed in: each round has votes
    of its own. ``version_id``: the version that it became.
    """

    id: str
    organisation_id: str
    author_id: str
    slug: str
    specification: Specification
    stage: ProposalStage = ProposalStage.DRAFT
    round: int = 0
    created_at: datetime
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    version_id: str | None = None
    revision: int = 1


class CommitteeVote(msgspec.Struct, frozen=True, kw_only=True):
    """``round``: of the proposal, as it was handed in that time."""

    proposal_id: str
    round: int
    person_id: str
    choice: Choice
    reason: str
    at: datetime


class ProposalView(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal as one reader may see it. ``members`` and ``votes`` are empty to whoever may not see them; ``voted`` counts
    the votes of this round. ``reasons``: what the committee said when it decided, newest round first, without names."""

    proposal: Proposal
    members: tuple[str, ...] = ()
    votes: tuple[CommitteeVote, ...] = ()
    voted: int = 0
    reasons: tuple[CommitteeVote, ...] = ()
    is_author: bool = False
    may_vote: bool = False
    may_name: bool = False


class Gate(StrEnum):
    """What must hold before publication (the four-part framework of educator micro-credentials), and that it is whole."""

    COMPETENCY = "one-competency"
    KEY_METHOD = "key-method-with-research"
    EVIDENCE = "evidence-in-two-modes"
    RUBRIC = "rubric-for-every-part"
    WHOLE = "whole-and-consistent"


class PublicationRefused(Malformed):
    """``faults`` name each gate that fails, in ``code``, with the place and what to do."""

    code = "publication-refused"


class VersionFrozen(Conflict):
    code = "version-frozen"


class WrongStage(Conflict):
    code = "wrong-stage"


class OpenDraftExists(Conflict):
    code = "draft-exists"


class WrongProposalStage(Conflict):
    code = "wrong-stage"


class AlreadyVoted(Conflict):
    code = "already-voted"
