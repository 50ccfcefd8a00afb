"""Submissions that read true: words and files of a chosen quality, with the scores and feedback that they deserve.

Everything follows from the arguments: the same ``seed`` and the same educator give the same bytes.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from zlib import crc32

import msgspec

from credentials.catalog.model import Mode, PartKind, Specification
from credentials.demo.content.artifacts.chart import chart_png
from credentials.demo.content.artifacts.page import page_png
from credentials.demo.content.artifacts.recording import recording_wav
from credentials.demo.content.artifacts.table import table_pdf
from credentials.demo.content.model import (
    ArtifactDraft,
    ArtifactPlan,
    ChartPlan,
    Classroom,
    Content,
    ContentUnreadable,
    Educator,
    MicroCredential,
    PagePlan,
    RecordingPlan,
    SubmissionDraft,
    TablePlan,
    TranscriptPlan,
)
from credentials.evidence.model import ArtifactKind
from credentials.evidence.rules import FILE_MODES
from credentials.review.model import Score

NOT_YET, DEVELOPING, DEMONSTRATED, EXTENDING = LEVELS = ("not-yet", "developing", "demonstrated", "extending")

_CHOICE = re.compile(r"\[([^\[\]|]+(?:\|[^\[\]|]+)+)\]")
_WORD = re.compile(r"\{(\w+)\}")


def plausible_levels(micro_credential: MicroCredential, seed: int, *, earned: bool) -> dict[str, str]:
    """A level for each criterion, as an assessor might find them: criterion -> level.

    ``earned``: all at Demonstrated or, in one case of three, Extending. Otherwise one or two fall short.
    """
    criteria = [criterion.id for criterion in micro_credential.specification.rubric.criteria]
    levels = {
        criterion: EXTENDING if _draw(3, seed, micro_credential.slug, criterion) == 0 else DEMONSTRATED
        for criterion in criteria
    }
    if not earned:
        weakest = _draw(len(criteria), seed, micro_credential.slug, "weakest")
        levels[criteria[weakest]] = NOT_YET if _draw(4, seed, micro_credential.slug, "how weak") == 0 else DEVELOPING
        if _draw(2, seed, micro_credential.slug, "second") == 0:
            levels[criteria[weakest - 1]] = DEVELOPING
    return levels


def draft_submission(
    content: Content, slug: str, educator: Educator, *, levels: Mapping[str, str], seed: int, made_on: datetime
) -> SubmissionDraft:
    """What ``educator`` hands in for the micro-credential ``slug``, of such a quality that each criterion is at its level.

    ``levels``: criterion -> level, for every criterion. A text or file is as good as the lowest criterion scored on it.
    ``made_on`` is written into the files that carry a date.
    """
    micro_credential = content.micro_credential(slug)
    samples = content.samples[slug]
    words = vocabulary(educator, content.classrooms[educator.classroom])
    quality = _qualities(micro_credential.specification, levels)
    own = _own(educator, slug, seed)
    artifacts: list[ArtifactDraft] = []
    written = draft_texts(content, slug, educator, levels=levels, seed=seed)
    for requirement in micro_credential.specification.evidence:
        level = quality[requirement.id]
        text = written[requirement.id]
        artifacts.append(ArtifactDraft(requirement=requirement.id, kind=ArtifactKind.TEXT, mode=Mode.TEXT, text=text))
        if requirement.part is PartKind.WORK_EXAMPLES:
            artifacts += [
                _file(plan, level, words, own, made_on)
                for plan in samples.artifacts
                if plan.requirement == requirement.id
            ]
    return SubmissionDraft(
        educator=educator.key,
        micro_credential=slug,
        artifacts=tuple(artifacts),
        scores=tuple(
            Score(criterion=criterion.id, level=levels[criterion.id], feedback=feedback[levels[criterion.id]])
            for criterion in micro_credential.specification.rubric.criteria
            for feedback in (samples.feedback[criterion.id],)
        ),
    )


def draft_texts(
    content: Content, slug: str, educator: Educator, *, levels: Mapping[str, str], seed: int
) -> dict[str, str]:
    """The text for each requirement, without the files: an answer of that quality, and what this writer says besides."""
    specification = content.micro_credential(slug).specification
    words = vocabulary(educator, content.classrooms[educator.classroom])
    quality = _qualities(specification, levels)
    further = asides(content, slug, content.educators.index(educator))
    written = {}
    for requirement in specification.evidence:
        answer = content.samples[slug].texts[requirement.id][quality[requirement.id]]
        templates = (answer, *(next(further) for _ in range(ASIDES[requirement.part])))
        written[requirement.id] = " ".join(write(one, words, _own(educator, slug, seed)) for one in templates)
    return written


def _own(educator: Educator, slug: str, seed: int) -> int:
    return crc32(f"{seed}/{educator.key}/{slug}".encode())


ASIDES = {PartKind.OVERVIEW: 2, PartKind.WORK_EXAMPLES: 1, PartKind.REFLECTION: 3}
"""Sentences with which a text ends: more where it is long."""
WAYS = 4
"""To say each part of such a sentence."""
BEGIN_APART = 3
"""Sentences between those with which one sixteen of writers and the next begin."""


def asides(content: Content, slug: str, place: int) -> Iterator[str]:
    """What the writer at this place among all writes besides: none twice in a submission, and in one text the same sentence as
    another only in other words. Sixteen can take a sentence so that two of them have at most one part of it in common; the next
    sixteen begin with another one."""
    every = [*content.asides.common, *content.asides.of.get(slug, ())]
    every.sort(key=lambda one: _draw(2**32, slug, one))
    begin = place // WAYS**2 * BEGIN_APART
    for number in range(len(every)):
        yield _put(every[(begin + number) % len(every)], place)


def _put(template: str, place: int) -> str:
    """One of each ``[this|that]``, for the writer at this place."""
    one, other = place % WAYS, place // WAYS % WAYS
    ways = iter((one, other, one + other, one - other))
    return _CHOICE.sub(lambda match: match[1].split("|")[next(ways) % WAYS], template)


def vocabulary(educator: Educator, classroom: Classroom) -> dict[str, str]:
    """The words that templates are filled with: those of the classroom, and figures that fit the size of the class."""
    count = educator.class_size
    few = max(2, count // 6)
    figures = {"count": count, "half": count // 2, "few": few, "many": count - few, "daily": -(-count // 10)}
    return msgspec.structs.asdict(classroom) | {name: str(figure) for name, figure in figures.items()}


def write(template: str, words: Mapping[str, str], seed: int) -> str:
    """The template with one of each ``[this|that]`` chosen and each ``{word}`` filled in.

    Raises ``ContentUnreadable`` for a word that there is not.
    """

    def choose(match: re.Match[str]) -> str:
        options = match[1].split("|")
        return options[_draw(len(options), seed, match.start())]

    def fill(match: re.Match[str]) -> str:
        if match[1] not in words:
            raise ContentUnreadable(f"there is no word {match[0]}: classrooms.toml has {', '.join(words)}")
        return words[match[1]]

    written = _WORD.sub(fill, _CHOICE.sub(choose, template))
    return written[:1].upper() + written[1:]


def _qualities(specification: Specification, levels: Mapping[str, str]) -> dict[str, str]:
    """Requirement -> how good it is. Nothing is written worse than Developing: less would be incomplete."""
    return {
        requirement.id: max(
            DEVELOPING,
            min(
                (
                    levels[criterion.id]
                    for criterion in specification.rubric.criteria
                    if requirement.id in criterion.evidence
                ),
                key=LEVELS.index,
            ),
            key=LEVELS.index,
        )
        for requirement in specification.evidence
    }


def _file(plan: ArtifactPlan, level: str, words: Mapping[str, str], seed: int, made_on: datetime) -> ArtifactDraft:
    """The file of a plan. Each carries a line on course and class, so that no two educators hand in the same bytes."""

    def said(template: str) -> str:
        return write(template, words, seed)

    whose = said("{course}, class of {count}")
    match plan:
        case TablePlan():
            shown = LEVELS[1 : LEVELS.index(level) + 1]
            document = table_pdf(
                title=said(plan.title),
                intro=[said(line) for line in plan.intro],
                columns=plan.columns,
                rows=[[said(cell) for cell in row] for each in shown for row in plan.rows.get(each, ())],
                note=f"{said(plan.note)} {whose}.",
                made_on=made_on,
            )
            return _drafted(plan, "application/pdf", document)
        case PagePlan():
            page = page_png(
                heading=said(plan.heading),
                lines=[said(line) for line in plan.lines],
                marks=[said(mark) for mark in plan.marks],
                footer=whose,
                seed=seed,
            )
            return _drafted(plan, "image/png", page)
        case ChartPlan():
            bars = {
                series.name: [
                    _near(value, plan.jitter, seed, series.name, at) for at, value in enumerate(series.values)
                ]
                for series in plan.series
            }
            chart = chart_png(title=said(plan.title), labels=plan.labels, series=bars, unit=plan.unit, footer=whose)
            return _drafted(plan, "image/png", chart)
        case TranscriptPlan():
            lines = (said(plan.title), whose, "", *(said(turn) for turn in plan.turns[level]), "")
            return _drafted(plan, "text/plain", "\n".join(lines).encode())
        case RecordingPlan():  # pragma: no branch - the type checker knows that there is no other
            return _drafted(plan, "audio/wav", recording_wav(seconds=plan.seconds, seed=seed))


def _drafted(plan: ArtifactPlan, media_type: str, content: bytes) -> ArtifactDraft:
    return ArtifactDraft(
        requirement=plan.requirement,
        kind=ArtifactKind.FILE,
        mode=FILE_MODES[media_type],
        name=plan.file,
        media_type=media_type,
        content=content,
        shows_students=isinstance(plan, PagePlan | RecordingPlan),
    )


def _draw(limit: int, *path: object) -> int:
    """A number of ``range(limit)`` that follows from the path: the same today and on every machine."""
    return crc32("/".join(map(str, path)).encode()) % limit


def _near(value: int, jitter: int, *path: object) -> int:
    """A percentage up to ``jitter`` away from the one written."""
    return min(100, max(0, value - jitter + _draw(2 * jitter + 1, *path)))
