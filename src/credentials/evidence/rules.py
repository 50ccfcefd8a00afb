"""Decisions about submissions, from values alone."""

import calendar
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import msgspec

from credentials.awards.model import Award
from credentials.catalog.model import AiUse, EvidenceRequirement, Mode, Programme, Specification, Version
from credentials.errors import Fault, Malformed
from credentials.evidence.model import (
    AiDeclaration,
    Artifact,
    ArtifactKind,
    Attestations,
    Attested,
    CoachNeeded,
    Hidden,
    Manifest,
    ManifestEntry,
    NotOpen,
    NotReady,
    PriorInManifest,
    PriorPractice,
    Stage,
    Submission,
    WrongStage,
)

MOVES: dict[Stage, tuple[Stage, ...]] = {
    Stage.DRAFT: (Stage.SUBMITTED, Stage.WITHDRAWN),
    Stage.SUBMITTED: (Stage.IN_REVIEW, Stage.HELD, Stage.WITHDRAWN),
    Stage.IN_REVIEW: (Stage.SUBMITTED, Stage.INCOMPLETE, Stage.HELD, Stage.NOT_YET_EARNED, Stage.EARNED),
    Stage.INCOMPLETE: (Stage.SUBMITTED, Stage.WITHDRAWN, Stage.DENIED),
    Stage.HELD: (Stage.SUBMITTED, Stage.IN_REVIEW, Stage.DENIED),
    Stage.NOT_YET_EARNED: (Stage.EARNED,),
    Stage.EARNED: (),
    Stage.DENIED: (Stage.SUBMITTED, Stage.IN_REVIEW),
    Stage.WITHDRAWN: (),
    Stage.SPECIMEN: (),
}
"""The life of a submission. From review it goes back to *submitted* when the assessor gives it up. After Not Yet Earned
comes a new attempt, which is a new submission. Only an upheld appeal changes Not Yet Earned, or sets a denial aside."""

OPEN = frozenset({Stage.DRAFT, Stage.SUBMITTED, Stage.INCOMPLETE, Stage.IN_REVIEW, Stage.HELD})
"""Stages of which an educator can have one per micro-credential."""
ENDED = frozenset({Stage.NOT_YET_EARNED, Stage.EARNED, Stage.DENIED, Stage.WITHDRAWN})
"""Stages that nothing follows, unless an appeal is upheld."""
ATTEMPTED = (Stage.EARNED, Stage.NOT_YET_EARNED, Stage.DENIED)
"""How an attempt ends that counts."""
EDITABLE = frozenset({Stage.DRAFT, Stage.INCOMPLETE})
"""Stages in which the evidence can be changed. In every other one it is frozen."""


def hand_in(stage: Stage) -> Stage:
    """The move that is its educator's own."""
    if stage not in EDITABLE:
        raise WrongStage(f"this submission is {_said(stage)} and cannot be handed in")
    return move(stage, Stage.SUBMITTED)


def move(stage: Stage, to: Stage) -> Stage:
    if to not in MOVES[stage]:
        raise WrongStage(f"this submission is {_said(stage)} and cannot become {_said(to)}")
    return to


def _said(stage: Stage) -> str:
    return stage.value.replace("_", " ")


FILE_MODES: dict[str, Mode] = {
    "application/pdf": Mode.DOCUMENT,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Mode.DOCUMENT,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": Mode.DOCUMENT,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Mode.DOCUMENT,
    "text/plain": Mode.DOCUMENT,
    "text/csv": Mode.DOCUMENT,
    "image/png": Mode.IMAGE,
    "image/jpeg": Mode.IMAGE,
    "image/webp": Mode.IMAGE,
    "audio/wav": Mode.AUDIO,
    "audio/mpeg": Mode.AUDIO,
    "audio/mp4": Mode.AUDIO,
    "audio/ogg": Mode.AUDIO,
    "video/mp4": Mode.VIDEO,
    "video/webm": Mode.VIDEO,
    "video/quicktime": Mode.VIDEO,
}
"""The file types that are taken, and the mode of evidence that each one is."""

_LINK = re.compile(r"https://[^\s<>\"{}|\\^`\x00-\x20\x7f]{3,2000}")


def check_link(url: str) -> str:
    if not _LINK.fullmatch(url):
        raise Malformed("give a link that begins with https://")
    return url


def check_fits(requirement: EvidenceRequirement | None, mode: Mode, kept: Sequence[Artifact]) -> EvidenceRequirement:
    """Whether one more artifact of this mode fits a requirement that has ``kept`` already."""
    if requirement is None:
        raise Malformed("there is no such evidence requirement in this micro-credential")
    if mode not in requirement.modes:
        modes = ", ".join(sorted(requirement.modes))
        raise Malformed(f"“{requirement.title}” takes {modes}, not {mode.value}")
    if sum(artifact.requirement == requirement.id for artifact in kept) >= requirement.max_items:
        raise Malformed(f"“{requirement.title}” takes at most {requirement.max_items}: remove one first")
    return requirement


def around(found: Submission, begun: Sequence[Submission]) -> tuple[Submission | None, Submission | None]:
    """Of all that its educator has begun for this micro-credential: the last one before it whose work can be taken up again,
    and the last one after it that was not withdrawn.

    Work of which an integrity case was upheld is not taken up, nor what was earned: that must be shown anew.
    """
    in_order = sorted(begun, key=_place)
    before = [one for one in in_order if _place(one) < _place(found)]
    after = [one for one in in_order if _place(one) > _place(found) and one.stage is not Stage.WITHDRAWN]
    again = before[-1] if before and before[-1].stage in {Stage.NOT_YET_EARNED, Stage.WITHDRAWN} else None
    return again, after[-1] if after else None


def _place(one: Submission) -> tuple[int, datetime, str]:
    """Attempts that were assessed are counted; what was withdrawn has the number of the one that followed it."""
    return one.attempt_no, one.created_at, one.id


def that_fit(specification: Specification, offered: Sequence[Artifact], kept: Sequence[Artifact]) -> list[Artifact]:
    """Which pieces of earlier work fit beside what is there: not twice the same, and no more than each requirement takes."""
    found: list[Artifact] = []
    for one in offered:
        beside = [*kept, *found]
        if any(other.requirement == one.requirement and other.digest == one.digest for other in beside):
            continue
        try:
            check_fits(specification.requirement(one.requirement), one.mode, beside)
        except Malformed:
            continue
        found.append(one)
    return found


def count_words(text: str) -> int:
    return len(text.split())


def still_earned(ended: Sequence[Stage], awarded: Sequence[Award], now: datetime) -> bool:
    """Whether what was earned holds: each earned attempt has an award or soon will, and not all of these have run out. What was
    revoked or is suspended is not earned anew: an appeal is the way, or the end of the suspension."""
    return ended.count(Stage.EARNED) > sum(award.has_run_out(now) for award in awarded)


def check_may_start(specification: Specification, ended: Sequence[Stage], meetings: int, *, earned: bool) -> None:
    """Whether another attempt may begin. ``ended``: how earlier ones were decided, in their order; ``meetings``: recorded with
    a coach; ``earned``: it is, and has not run out. Where it ran out, attempts are counted anew."""
    if earned:
        raise NotOpen("you have earned this micro-credential already")
    allowed = specification.attempts
    since = len(ended) - max((place for place, stage in enumerate(ended, 1) if stage is Stage.EARNED), default=0)
    if allowed is not None and since >= allowed:
        raise NotOpen(f"this programme allows {allowed} attempts, and they are used up")
    after = specification.programme.coach_after
    if after is not None and meetings < len(ended) // after:
        raise CoachNeeded(
            f"after {after} attempts this programme asks for a meeting with a coach: when it is recorded you can go on"
        )


def check_ready(
    specification: Specification,
    attestations: Attestations,
    artifacts: Sequence[Artifact],
    hidden: Hidden,
    prior: PriorPractice | None,
    now: datetime,
) -> None:
    """Whether all is there that the micro-credential asks for, and nothing that tells whose it is.

    ``prior``: earlier practice that the educator has told, if any.

    Raises ``NotReady`` with everything that is missing or must go.
    """
    faults = (
        *_missing(specification, attestations, artifacts),
        *_named(artifacts, hidden),
        *_practice(specification.programme, attestations, prior, hidden, now.astimezone(UTC).date()),
    )
    if faults:
        raise NotReady("this cannot be submitted yet: " + "; ".join(fault.detail for fault in faults), faults=faults)


# When the practice was that the evidence shows

PRACTISED = "/attestations/practisedFrom"
PRIOR = "/priorLearning"


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of a shorter month.

    >>> months_before(date(2024, 3, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _practice(
    programme: Programme, attestations: Attestations, prior: PriorPractice | None, hidden: Hidden, today: date
) -> Iterator[Fault]:
    if prior is not None:
        yield from _prior(programme, prior, hidden, today)
    elif programme.practice_months is not None:
        yield from _lately(programme, programme.practice_months, attestations.practised_from, today)


def _lately(programme: Programme, months: int, since: date | None, today: date) -> Iterator[Fault]:
    if since is None:
        yield Fault("say on which day the practice began that your evidence shows", PRACTISED, "practice-undated")
    elif since > today:
        yield Fault("the practice began on a day that is still to come: correct the day", PRACTISED, "practice-undated")
    elif since < months_before(today, months):
        what = "tell it as prior learning" if programme.prior_learning else "this programme takes nothing older"
        yield Fault(f"the practice is older than {months} months: {what}", PRACTISED, "practice-too-old")


def _prior(programme: Programme, prior: PriorPractice, hidden: Hidden, today: date) -> Iterator[Fault]:
    if not programme.prior_learning:
        yield Fault("this programme takes no prior learning: take it out", PRIOR, "prior-learning-not-taken")
    if programme.prior_months is not None and prior.began_on < months_before(today, programme.prior_months):
        yield Fault(
            f"this programme takes prior learning that is at most {programme.prior_months} months old",
            PRIOR,
            "practice-too-old",
        )
    if prior.attested is not Attested.CONFIRMED:
        said = (
            "could not confirm it: ask somebody else" if prior.attested is Attested.DECLINED else "has not answered yet"
        )
        yield Fault(f"your {prior.capacity.value} {said}", PRIOR, "practice-not-attested")
    if found := _in_text(prior.account, hidden):
        yield Fault(f"what you tell of it has the name “{found}” in it: write it without", PRIOR, "name-shown")


def check_prior(began_on: date, ended_on: date, account: str, now: datetime) -> None:
    """Whether earlier practice is told so that somebody can attest it."""
    if not began_on <= ended_on <= now.astimezone(UTC).date():
        raise Malformed("say from which day to which day it was: the last one is not before the first, nor to come")
    if not account.strip():
        raise Malformed("tell in a few sentences what you did and where, so that it can be attested")


# Names. Evidence is scored blind, so it is looked through for names before it is handed in.

_TITLES = r"(?:mr|ms|mrs|miss|mx|dr|prof|professor)\.?"
MIN_NAME_IN_FILE = 3
"""Letters of a name that is looked for by itself in the name of a file: "Bo" or "Li" stand in too many other words."""


def _named(artifacts: Sequence[Artifact], hidden: Hidden) -> Iterator[Fault]:
    for artifact in artifacts:
        at = f"/evidence/{artifact.requirement}"
        if found := _in_file_name(artifact.name, hidden):
            yield Fault(
                f"the file name “{artifact.name}” has the name “{found}” in it: rename the file and upload it again",
                at,
                "name-shown",
            )
        if found := _in_link(artifact.url, hidden):
            yield Fault(
                f"the link has the name “{found}” in it: use one that does not tell whose it is", at, "name-shown"
            )
        if found := _in_text(artifact.text, hidden):
            yield Fault(
                f"the text has the name “{found}” in it: write it without, such as “I” or “a student”", at, "name-shown"
            )


def _in_file_name(name: str, hidden: Hidden) -> str:
    """A part of a name that is a word of the file's name. Renaming a file costs nothing, so any part counts."""
    words = _words_of(name)
    wanted = [
        part for whole in (hidden.name, *hidden.listed) for part in whole.split() if len(part) >= MIN_NAME_IN_FILE
    ]
    found = next((part for part in wanted if _plain(part) in words), "")
    return found or _whole(_plain(name.replace("-", " ").replace("_", " ")), hidden.places)


def _in_link(url: str, hidden: Hidden) -> str:
    """The family name or a listed one as a word of the address."""
    words = _words_of(url)
    family = hidden.name.split()[-1:] if hidden.name else []
    wanted = [part for part in (*family, *hidden.listed) if len(part) >= MIN_NAME_IN_FILE]
    return next((part for part in wanted if _plain(part) in words), "")


def _in_text(text: str, hidden: Hidden) -> str:
    """The name in full, behind a title, or as the one word that only a name can be: with a capital inside of a sentence.

    A family name that is an ordinary word, too, can so be used as one: "Young learners", "the field".
    """
    if not text:
        return ""
    plain = _plain(text)
    parts = hidden.name.split()
    found = _whole(plain, (*hidden.addresses, *hidden.places, hidden.name if len(parts) > 1 else ""))
    if found or not parts:
        return found or _listed(text, hidden.listed)
    given, family = re.escape(_plain(parts[0])), re.escape(_plain(parts[-1]))
    if len(parts) > 1 and re.search(rf"(?<!\w)(?:{given}(?:\s+\w+\.?)?\s+{family}|{family},\s*{given})(?!\w)", plain):
        return hidden.name
    if re.search(rf"(?<!\w){_TITLES}\s+{family}(?!\w)", plain):
        return parts[-1]
    inside = rf"(?<=[a-z,;)]\s){re.escape(_folded(parts[-1]))}(?!\w)"
    if parts[-1][:1].isupper() and re.search(inside, _folded(text)):
        return parts[-1]
    return _listed(text, hidden.listed)


def _listed(text: str, names: Sequence[str]) -> str:
    """A listed name as it is written there: "will" is not "Will"."""
    folded = _folded(text)
    return next((one for one in names if re.search(rf"(?<!\w){re.escape(_folded(one))}(?!\w)", folded)), "")


def _whole(plain: str, names: Sequence[str]) -> str:
    return next((one for one in names if one and re.search(rf"(?<!\w){re.escape(_plain(one))}(?!\w)", plain)), "")


def _words_of(name: str) -> frozenset[str]:
    """The words of a file's name or an address: parted by what is no letter, and where a capital follows a small letter."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _folded(name))
    return frozenset(word.lower() for word in re.split(r"[^A-Za-z\u00c0-\uffff]+", parted) if word)


def _folded(text: str) -> str:
    """Without accents, so that "Núñez" is found where somebody wrote "Nunez"."""
    if text.isascii():
        return text
    return _MAY_COMBINE.sub(_kept, unicodedata.normalize("NFKD", text))


_MAY_COMBINE = re.compile("[\u0300-\u1fff\u20d0-\U0010ffff]")
"""Of these some combine with the character in front of them; no Latin letter does, and none of the marks of a sentence."""


def _kept(found: re.Match[str]) -> str:
    return "" if unicodedata.combining(found[0]) else found[0]


def _plain(text: str) -> str:
    return " ".join(_folded(text).lower().split())


def _missing(
    specification: Specification, attestations: Attestations, artifacts: Sequence[Artifact]
) -> Iterator[Fault]:
    for requirement in specification.evidence:
        at = f"/evidence/{requirement.id}"
        mine = [artifact for artifact in artifacts if artifact.requirement == requirement.id]
        if len(mine) < requirement.min_items:
            yield Fault(
                f"“{requirement.title}” needs {requirement.min_items}, there are {len(mine)}", at, "evidence-missing"
            )
        words = sum(count_words(artifact.text) for artifact in mine)
        if requirement.max_words and words > requirement.max_words:
            yield Fault(
                f"“{requirement.title}” has {words} words, at most {requirement.max_words} are read",
                at,
                "too-many-words",
            )
    if not attestations.own_work:
        yield Fault("say that this is your own work", "/attestations/ownWork", "own-work")
    if any(artifact.shows_students for artifact in artifacts) and not attestations.student_consent:
        yield Fault(
            "students can be known from your evidence: say that you have written permission for each of them",
            "/attestations/studentConsent",
            "student-consent",
        )
    yield from _ai_use(specification.ai_use, attestations)


def _ai_use(policy: AiUse, attestations: Attestations) -> Iterator[Fault]:
    if attestations.ai_use is AiDeclaration.NONE or policy is AiUse.ALLOWED:
        return
    if policy is AiUse.FORBIDDEN:
        yield Fault("this programme does not take work made with generative AI", "/attestations/aiUse", "ai-use")
    elif not attestations.ai_statement.strip():
        yield Fault("say what generative AI did and what you did", "/attestations/aiStatement", "ai-use")


def freeze(
    submission: Submission,
    version: Version,
    artifacts: Sequence[Artifact],
    prior: PriorPractice | None,
    now: datetime,
) -> Manifest:
    """The manifest of what is handed in now."""
    return Manifest(
        submission=submission.id,
        version=version.id,
        version_digest=version.digest,
        attempt_no=submission.attempt_no,
        attestations=submission.attestations,
        artifacts=tuple(
            ManifestEntry(
                artifact=artifact.id,
                requirement=artifact.requirement,
                kind=artifact.kind,
                media_type=artifact.media_type,
                size=artifact.size,
                digest=artifact.digest,
            )
            for artifact in artifacts
        ),
        frozen_at=now,
        prior=_frozen(prior) if prior else None,
    )


def _frozen(prior: PriorPractice) -> PriorInManifest:
    if prior.answered_at is None:
        raise ValueError("what was not attested is not handed in")
    return PriorInManifest(
        began_on=prior.began_on,
        ended_on=prior.ended_on,
        account=prior.account,
        capacity=prior.capacity,
        attested_on=prior.answered_at.astimezone(UTC).date(),
    )


def octets(manifest: Manifest) -> bytes:
    return msgspec.json.encode(manifest, order="deterministic")


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL keeps no NUL, and UTF-8 has no lone surrogate."""


def check_text(text: str, kind: ArtifactKind) -> str:
    if not text.strip():
        raise Malformed("write something first")
    if _NOT_KEPT.search(text):
        raise Malformed(f"the {kind.value} has a character that cannot be kept")
    return text


_FORBIDDEN_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]")


def clean_file_name(name: str) -> str:
    """The name that the educator gave, for showing; the file itself is stored under a name of ours.

    Raises ``Malformed`` for an empty one, one over 200 characters, or one with characters that hide what it is.
    """
    plain = name.strip()
    if not plain or len(plain) > 200 or _FORBIDDEN_IN_NAMES.search(plain) or plain.strip(".") == "":
        raise Malformed("the file name cannot be used: rename the file with letters, digits, spaces, dots and hyphens")
    return plain
