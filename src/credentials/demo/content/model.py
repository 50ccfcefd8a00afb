"""The nouns of the demonstration's content. What the catalogue has a noun for is the catalogue's own."""

from datetime import date
from typing import Any

import msgspec

from credentials.catalog.model import Framework, Mode, Specification
from credentials.compensation.model.rules import Approval, Basis, PayKind
from credentials.compensation.model.terms import Terms
from credentials.errors import Malformed
from credentials.evidence.model import ArtifactKind
from credentials.pathways.model import StackPolicy
from credentials.people.model import OrganisationKind, Role
from credentials.review.model import Score


class Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a person wrote in a file of ``data/``: a member that does not exist is a slip, and is refused."""


class ContentUnreadable(Malformed):
    """A file of ``data/`` does not have its shape. ``detail`` names the file and the place."""

    code = "content-unreadable"


# Organisations and people


class Organisation(Written, frozen=True, kw_only=True):
    """``domain`` is that of its e-mail addresses. ``setting``: suburban, rural or urban, for a district."""

    slug: str
    kind: OrganisationKind
    name: str
    parent: str | None = None
    url: str
    domain: str
    description: str
    setting: str = ""


class Classroom(Written, frozen=True, kw_only=True):
    """What is taught where, in phrases that fit the sample texts. ``data/classrooms.toml`` says how each is used."""

    slug: str
    course: str
    learners: str
    unit: str
    target: str
    restated: str
    early: str
    stuck: str
    quality: str
    work: str
    task: str
    audience: str
    product: str
    partner: str
    question: str
    support: str
    next_step: str


class _Person(Written, frozen=True, kw_only=True):
    name: str
    emails: tuple[str, ...]
    title: str

    @property
    def key(self) -> str:
        """The part of the first address before the @. By it the demonstration refers to a person."""
        return self.emails[0].partition("@")[0]


class Educator(_Person, frozen=True, kw_only=True):
    """``school`` and ``classroom`` are slugs. Whoever has several ``emails`` is to have them all verified."""

    school: str
    classroom: str
    class_size: int
    name_in_credentials: bool = True


class RoleHeld(Written, frozen=True, kw_only=True):
    role: Role
    organisation: str


class Staff(_Person, frozen=True, kw_only=True):
    """Everyone who is not an educator of the demonstration.

    ``home`` is where they work. ``severity``: an assessor in drift scores so many levels harsher (1) or softer (-1) than
    agreed. ``conflict`` says in a sentence whose work an assessor may not score.
    """

    home: str
    roles: tuple[RoleHeld, ...]
    severity: int = 0
    conflict: str = ""


class Colleague(_Person, frozen=True, kw_only=True):
    """An educator who has handed nothing in: what is known of them, offices have recorded."""

    school: str


# What offices know, and by which rules they decide


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A file that is written as the service's own documents are: JSON, in camel case."""


class Case(_Document, frozen=True, kw_only=True):
    """What is on record about somebody, and how they then stand in one pathway: its ``verdict`` and, where it is not met, one
    ``code`` of its reasons. ``taken_back``: the office withdraws the items later. ``waived``: the label of a requirement
    that it waives."""

    name: str
    pathway: str = ""
    verdict: str = ""
    code: str = ""
    facts: dict[str, Any]
    items: tuple[dict[str, Any], ...]
    taken_back: bool = False
    waived: str = ""


class Cases(_Document, frozen=True, kw_only=True):
    """Dealt out in turn: those of ``educators`` say nothing of a verdict, because their awards count too."""

    colleagues: tuple[Case, ...]
    educators: tuple[Case, ...]


class PathwayApproval(_Document, frozen=True, kw_only=True):
    board: str
    decided_on: date
    bargaining: str = ""
    note: str = ""


class PathwayEdition(_Document, frozen=True, kw_only=True):
    """``rule`` is in the pathway language."""

    name: str
    effective_from: date
    approval: PathwayApproval
    rule: msgspec.Raw


class PathwayPlan(_Document, frozen=True, kw_only=True):
    slug: str
    title: str
    description: str
    modelled_on: str
    organisation: str
    versions: tuple[PathwayEdition, ...]


class PayPlan(_Document, frozen=True, kw_only=True):
    """``drafts`` and ``approves`` are keys of people."""

    slug: str
    title: str
    organisation: str
    kind: PayKind
    basis: Basis
    time_zone: str
    effective_from: date
    drafts: str
    approves: str
    approval: Approval
    terms: Terms


# The catalogue


class MicroCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A specification and what the catalogue keeps beside it.

    ``issuer`` is the slug of an organisation, ``color`` a hint for the badge (``#rrggbb``), ``min_words`` what an answer to
    a requirement is advised to reach. ``specification.prerequisites`` are slugs of micro-credentials.
    """

    number: int
    slug: str
    issuer: str
    color: str
    min_words: dict[str, int]
    specification: Specification


class FrameworkAssociation(msgspec.Struct, frozen=True, kw_only=True):
    """A CFAssociation between items of different frameworks, by their identifiers: the crosswalk."""

    identifier: str
    association_type: str
    origin: str
    destination: str


class Stack(Written, frozen=True, kw_only=True):
    """``members`` are slugs of micro-credentials, all of which it needs; ``policy`` says what becomes of it when one counts no
    longer."""

    slug: str
    title: str
    issuer: str
    color: str
    members: tuple[str, ...]
    policy: StackPolicy = StackPolicy()
    description: str


class Bundle(Written, frozen=True, kw_only=True):
    slug: str
    title: str
    issuer: str
    color: str
    stacks: tuple[str, ...]
    description: str


# What educators hand in and assessors answer


class TablePlan(Written, frozen=True, kw_only=True, tag_field="kind", tag="table"):
    """A document with a table. A level shows its own ``rows`` and those of the levels below it."""

    requirement: str
    file: str
    title: str
    intro: tuple[str, ...]
    columns: tuple[str, ...]
    rows: dict[str, tuple[tuple[str, ...], ...]]
    note: str


class PagePlan(Written, frozen=True, kw_only=True, tag_field="kind", tag="page"):
    """A picture of a page of a learner's work, with ``marks`` in its margin."""

    requirement: str
    file: str
    heading: str
    lines: tuple[str, ...]
    marks: tuple[str, ...]


class Series(Written, frozen=True, kw_only=True):
    """One colour of bars: percentages, one for each label."""

    name: str
    values: tuple[int, ...]


class ChartPlan(Written, frozen=True, kw_only=True, tag_field="kind", tag="chart"):
    """A picture of a bar chart. Values may lie up to ``jitter`` beside what is written, so that classes differ."""

    requirement: str
    file: str
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    jitter: int = 0


class TranscriptPlan(Written, frozen=True, kw_only=True, tag_field="kind", tag="transcript"):
    """A text file. Each level has ``turns`` of its own."""

    requirement: str
    file: str
    title: str
    turns: dict[str, tuple[str, ...]]


class RecordingPlan(Written, frozen=True, kw_only=True, tag_field="kind", tag="recording"):
    """A sound file in which soft tones stand for voices."""

    requirement: str
    file: str
    seconds: int


ArtifactPlan = TablePlan | PagePlan | ChartPlan | TranscriptPlan | RecordingPlan


class Samples(Written, frozen=True, kw_only=True):
    """The words of one micro-credential's submissions.

    ``texts``: requirement -> level -> template, for the three levels from Developing up; for a requirement that takes
    files, the note that goes with them. ``feedback``: criterion -> level -> what an assessor writes.
    """

    micro_credential: str
    texts: dict[str, dict[str, str]]
    feedback: dict[str, dict[str, str]]
    artifacts: tuple[ArtifactPlan, ...]


class Asides(Written, frozen=True, kw_only=True):
    """Sentences with which texts end, so that no two people write the same page: for every micro-credential, and ``of`` one by
    its slug. Templates, as the texts are."""

    common: tuple[str, ...]
    of: dict[str, tuple[str, ...]]


class ArtifactDraft(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to hand in: ``text`` for a text, ``name``, ``media_type`` and ``content`` for a file.

    ``shows_students``: a learner's voice or hand can be known in it, so that consent must be attested.
    """

    requirement: str
    kind: ArtifactKind
    mode: Mode
    text: str = ""
    name: str = ""
    media_type: str = ""
    content: bytes = b""
    shows_students: bool = False


class SubmissionDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A whole submission, and the scores with feedback that such work deserves."""

    educator: str
    micro_credential: str
    artifacts: tuple[ArtifactDraft, ...]
    scores: tuple[Score, ...]


# All of it


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the demonstration is made of. Organisations come before those inside them."""

    organisations: tuple[Organisation, ...]
    frameworks: tuple[Framework, ...]
    associations: tuple[FrameworkAssociation, ...]
    micro_credentials: tuple[MicroCredential, ...]
    stacks: tuple[Stack, ...]
    bundle: Bundle
    classrooms: dict[str, Classroom]
    educators: tuple[Educator, ...]
    staff: tuple[Staff, ...]
    samples: dict[str, Samples]
    asides: Asides
    colleagues: tuple[Colleague, ...]
    cases: Cases
    pathways: tuple[PathwayPlan, ...]
    pay: tuple[PayPlan, ...]

    def micro_credential(self, slug: str) -> MicroCredential:
        """Raises ``KeyError`` for a slug that is not in the catalogue."""
        return {found.slug: found for found in self.micro_credentials}[slug]
