"""From the files of ``data/`` to values."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID, uuid5

import msgspec

from credentials.catalog.model import (
    Citation,
    EvidenceRequirement,
    Framework,
    FrameworkItem,
    KeyMethod,
    Mode,
    PartKind,
    Programme,
    Rubric,
    RubricCriterion,
    RubricLevel,
    Specification,
)
from credentials.demo.content.forms import (
    ClassroomsFile,
    ColleaguesFile,
    Criterion,
    EducatorsFile,
    FrameworkFile,
    House,
    Item,
    MicroCredentialFile,
    OrganisationsFile,
    Question,
    StacksFile,
    StaffFile,
    WorkExample,
)
from credentials.demo.content.model import (
    Asides,
    Cases,
    Content,
    ContentUnreadable,
    FrameworkAssociation,
    MicroCredential,
    PathwayPlan,
    PayPlan,
    Samples,
)

NAMESPACE = UUID("6f1d2c3e-8b5a-5f47-9c0d-a1de7c0ffee1")
"""From it every identifier of the content is made, so that a second demonstration has the same ones."""

T = TypeVar("T")


def identifier(*path: str) -> str:
    """The stable UUID (RFC 9562, section 5.5) of a thing by its place: ``identifier("frameworks", "LCE-1.1")``."""
    return str(uuid5(NAMESPACE, "/".join(path)))


def load() -> Content:
    """Everything, read from the packaged files. Raises ``ContentUnreadable`` where a file does not have its shape."""
    data = files("credentials.demo.content").joinpath("data")
    house = read(data / "house.toml", House)
    frameworks = _read_all(data / "frameworks", FrameworkFile)
    stacks = read(data / "stacks.toml", StacksFile)
    classrooms = read(data / "classrooms.toml", ClassroomsFile).classrooms
    micro_credentials = (
        _micro_credential(house, file) for file in _read_all(data / "micro_credentials", MicroCredentialFile)
    )
    return Content(
        organisations=read(data / "organisations.toml", OrganisationsFile).organisations,
        frameworks=tuple(_framework(house, file) for file in frameworks),
        associations=tuple(chain.from_iterable(_associations(item) for file in frameworks for item in file.items)),
        micro_credentials=tuple(sorted(micro_credentials, key=lambda made: made.number)),
        stacks=stacks.stacks,
        bundle=stacks.bundle,
        classrooms={classroom.slug: classroom for classroom in classrooms},
        educators=read(data / "educators.toml", EducatorsFile).educators,
        staff=read(data / "staff.toml", StaffFile).staff,
        colleagues=read(data / "colleagues.toml", ColleaguesFile).colleagues,
        cases=_read_document(data / "records.json", Cases),
        pathways=tuple(_read_documents(data / "pathways", PathwayPlan)),
        pay=tuple(_read_documents(data / "pay", PayPlan)),
        asides=read(data / "asides.toml", Asides),
        samples={samples.micro_credential: samples for samples in _read_all(data / "samples", Samples)},
    )


# Reading


def read(file: Traversable, shape: type[T]) -> T:
    """A TOML file as a value of this shape. Raises ``ContentUnreadable`` with the file and the place."""
    try:
        return msgspec.convert(_flowing(tomllib.loads(file.read_text(encoding="utf-8"))), shape)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ContentUnreadable(f"{file.name}: {error}") from error


def _read_all(folder: Traversable, shape: type[T]) -> list[T]:
    return [read(file, shape) for file in sorted(folder.iterdir(), key=lambda file: file.name)]


def _read_document(file: Traversable, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(file.read_bytes(), type=shape)
    except (UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise ContentUnreadable(f"{file.name}: {error}") from error


def _read_documents(folder: Traversable, shape: type[T]) -> list[T]:
    return [_read_document(file, shape) for file in sorted(folder.iterdir(), key=lambda file: file.name)]


def _flowing(value: Any) -> Any:
    """The same with line ends inside paragraphs made spaces: the files are wrapped for those who edit them."""
    match value:
        case str():
            return "\n\n".join(" ".join(paragraph.split()) for paragraph in value.strip().split("\n\n"))
        case list():
            return [_flowing(item) for item in value]
        case dict():
            return {key: _flowing(item) for key, item in value.items()}
        case _:
            return value


# Frameworks


def _item_identifier(code: str) -> str:
    return identifier("frameworks", code)


def _framework(house: House, file: FrameworkFile) -> Framework:
    return Framework(
        identifier=identifier("frameworks", file.slug),
        title=file.title,
        creator=file.creator,
        publisher=file.creator,
        description=f"{file.description}\n\n{file.notes}",
        version=file.version,
        licence=house.licence,
        adoption_status=file.adoption_status,
        items=tuple(chain.from_iterable(_items(item, None) for item in file.items)),
    )


def _items(item: Item, parent: str | None) -> Iterator[FrameworkItem]:
    """An item, its indicators and the items inside it, each after the one that it is part of."""
    mine = _item_identifier(item.code)
    yield FrameworkItem(
        identifier=mine,
        human_coding_scheme=item.code,
        full_statement=f"{item.title}. {item.statement}",
        item_type=item.type,
        parent=parent,
        notes=item.notes,
    )
    for letter, statement in zip("abcdefghijklmnopqrstuvwxyz", item.indicators, strict=False):
        code = item.code + letter
        yield FrameworkItem(
            identifier=_item_identifier(code),
            human_coding_scheme=code,
            full_statement=statement,
            item_type="Indicator",
            parent=mine,
        )
    for inner in item.items:
        yield from _items(inner, mine)


def _associations(item: Item) -> Iterator[FrameworkAssociation]:
    for other in item.related:
        yield FrameworkAssociation(
            identifier=identifier("associations", item.code, other),
            association_type="isRelatedTo",
            origin=_item_identifier(item.code),
            destination=_item_identifier(other),
        )
    for inner in item.items:
        yield from _associations(inner)


# Micro-credentials


def _micro_credential(house: House, file: MicroCredentialFile) -> MicroCredential:
    questions = (*file.overview, *file.reflection)
    return MicroCredential(
        number=file.number,
        slug=file.slug,
        issuer=file.issuer,
        color=file.color,
        min_words={question.id: question.min_words for question in questions},
        specification=Specification(
            title=file.title,
            summary=file.summary,
            competencies=(_item_identifier(file.competency),),
            alignments=tuple(_item_identifier(code) for code in file.alignments),
            key_method=_key_method(file),
            evidence=(
                *(_question(house, PartKind.OVERVIEW, question) for question in file.overview),
                *(_work_example(house, example) for example in file.work_examples),
                *(_question(house, PartKind.REFLECTION, question) for question in file.reflection),
            ),
            rubric=Rubric(
                title=f"Rubric for {file.title}",
                criteria=tuple(_criterion(house, criterion) for criterion in file.rubric),
            ),
            effort_hours=file.effort_hours,
            licence=house.licence,
            prerequisites=file.prerequisites,
            tags=file.tags,
            programme=Programme(double_score_share=file.double_score_share, holidays=house.holidays),
        ),
    )


def _key_method(file: MicroCredentialFile) -> KeyMethod:
    behind = (f"{_names(cited.authors)} ({cited.year}): {cited.relevance}" for cited in file.citations)
    return KeyMethod(
        name=file.key_method.name,
        description="\n\n".join((file.key_method.description, *behind)),
        components=tuple(f"{part.name}: {part.description}" for part in file.key_method.components),
        research=tuple(
            Citation(
                authors=_names(cited.authors),
                year=cited.year,
                title=cited.title,
                source=cited.source,
                url=cited.url or (f"https://doi.org/{cited.doi}" if cited.doi else ""),
                doi=cited.doi,
            )
            for cited in file.citations
        ),
    )


def _names(authors: tuple[str, ...]) -> str:
    return authors[0] if len(authors) == 1 else f"{', '.join(authors[:-1])}, & {authors[-1]}"


def _question(house: House, part: PartKind, question: Question) -> EvidenceRequirement:
    """A question is answered in writing; a reflection may be spoken, for those who think better so."""
    spoken = part is PartKind.REFLECTION
    length = f"Write {question.min_words} to {question.max_words} words."
    return EvidenceRequirement(
        id=question.id,
        part=part,
        title=question.title,
        instructions=_paragraphs(
            question.instructions,
            f"{length} {house.recording}" if spoken else length,
            f"Privacy: {house.privacy}",
        ),
        modes=(Mode.TEXT, Mode.AUDIO) if spoken else (Mode.TEXT,),
        max_words=question.max_words,
    )


def _work_example(house: House, example: WorkExample) -> EvidenceRequirement:
    return EvidenceRequirement(
        id=example.id,
        part=PartKind.WORK_EXAMPLES,
        title=example.title,
        instructions=_paragraphs(example.instructions, house.note, f"Privacy: {example.privacy}"),
        modes=example.modes,
        min_items=example.min_items,
        max_items=example.max_items,
        max_words=example.max_words,
    )


def _paragraphs(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


def _criterion(house: House, criterion: Criterion) -> RubricCriterion:
    unknown = criterion.levels.keys() ^ {level.id for level in house.levels}
    if unknown:
        raise ContentUnreadable(f"the criterion {criterion.id} must describe the levels of house.toml: {min(unknown)}")
    return RubricCriterion(
        id=criterion.id,
        title=criterion.title,
        description=criterion.description,
        evidence=criterion.evidence,
        passing_level=house.passing_level,
        levels=tuple(
            RubricLevel(id=level.id, name=level.name, description=criterion.levels[level.id], score=level.score)
            for level in house.levels
        ),
    )
