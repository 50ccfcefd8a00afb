"""The shapes of the files of ``data/``: what somebody writes there, before it is joined into values."""

from datetime import date

from credentials.catalog.model import Mode
from credentials.demo.content.model import Bundle, Classroom, Colleague, Educator, Organisation, Stack, Staff, Written


class Level(Written, frozen=True, kw_only=True):
    id: str
    name: str
    score: int


class House(Written, frozen=True, kw_only=True):
    licence: str
    privacy: str
    note: str
    recording: str
    passing_level: str
    holidays: tuple[date, ...]
    levels: tuple[Level, ...]


class Item(Written, frozen=True, kw_only=True):
    code: str
    type: str
    title: str
    statement: str
    notes: str = ""
    related: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    items: "tuple[Item, ...]" = ()


class FrameworkFile(Written, frozen=True, kw_only=True):
    slug: str
    code: str
    title: str
    creator: str
    version: str
    adoption_status: str
    framework_type: str
    description: str
    notes: str
    items: tuple[Item, ...]


class Component(Written, frozen=True, kw_only=True):
    name: str
    description: str


class Method(Written, frozen=True, kw_only=True):
    name: str
    description: str
    components: tuple[Component, ...]


class CitedWork(Written, frozen=True, kw_only=True):
    authors: tuple[str, ...]
    year: int
    title: str
    source: str
    relevance: str
    doi: str = ""
    url: str = ""


class Question(Written, frozen=True, kw_only=True):
    id: str
    title: str
    instructions: str
    min_words: int
    max_words: int


class WorkExample(Written, frozen=True, kw_only=True):
    id: str
    title: str
    instructions: str
    modes: tuple[Mode, ...]
    min_items: int
    max_items: int
    max_words: int
    privacy: str


class Criterion(Written, frozen=True, kw_only=True):
    id: str
    title: str
    description: str
    evidence: tuple[str, ...]
    levels: dict[str, str]


class MicroCredentialFile(Written, frozen=True, kw_only=True):
    number: int
    slug: str
    title: str
    issuer: str
    competency: str
    alignments: tuple[str, ...]
    color: str
    effort_hours: float
    prerequisites: tuple[str, ...]
    tags: tuple[str, ...]
    summary: str
    key_method: Method
    citations: tuple[CitedWork, ...]
    overview: tuple[Question, ...]
    work_examples: tuple[WorkExample, ...]
    reflection: tuple[Question, ...]
    rubric: tuple[Criterion, ...]
    double_score_share: float = 0.0


class StacksFile(Written, frozen=True, kw_only=True):
    stacks: tuple[Stack, ...]
    bundle: Bundle


class ClassroomsFile(Written, frozen=True, kw_only=True):
    classrooms: tuple[Classroom, ...]


class OrganisationsFile(Written, frozen=True, kw_only=True):
    organisations: tuple[Organisation, ...]


class ColleaguesFile(Written, frozen=True, kw_only=True):
    colleagues: tuple[Colleague, ...]


class EducatorsFile(Written, frozen=True, kw_only=True):
    educators: tuple[Educator, ...]


class StaffFile(Written, frozen=True, kw_only=True):
    staff: tuple[Staff, ...]
