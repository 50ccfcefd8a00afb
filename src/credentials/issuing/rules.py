"""What a credential says about a decided submission, from values alone."""

import calendar
import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from credentials.awards.model import Award, AwardKind
from credentials.catalog.model import CatalogueEntry, Competency, RubricCriterion
from credentials.catalog.rules import rubric_octets
from credentials.evidence.model import ArtifactKind, Manifest, PriorInManifest, Submission
from credentials.issuing import addresses
from credentials.issuing.model import RECORD, SUBMISSION, Entitlement
from credentials.openbadges.build import Achievement, Criterion, Level, Link, Outcome, Picture, Resource, Target, Work
from credentials.proofs import ecdsa_sd_2023
from credentials.proofs.multibase import multibase_base58
from credentials.review.model import Decision
from credentials.sealing.model import Source

_SHA2_256 = b"\x12\x20"  # multihash: the code of SHA2-256 and the length of its digest


def digest_multibase(sha256: bytes) -> str:
    """A SHA-256 digest as VCDM 2.0 writes it (section 5.3): a multihash in multibase."""
    return multibase_base58(_SHA2_256 + sha256)


def entitlement_of(
    submission: Submission,
    decision: Decision,
    manifest: Manifest,
    entry: CatalogueEntry,
    competencies: dict[str, Competency],
    base_url: str,
) -> Entitlement:
    """An earned submission as what is to be awarded."""
    version = entry.version
    at = addresses.achievement(base_url, version.id)
    return Entitlement(
        source=Source(SUBMISSION, submission.id),
        kind=AwardKind.MICRO_CREDENTIAL,
        educator_id=submission.educator_id,
        organisation_id=submission.organisation_id,
        achievement_id=submission.micro_credential_id,
        version_id=version.id,
        submission_id=submission.id,
        title=version.specification.title,
        achievement=achievement_of(entry, competencies, base_url),
        outcomes=tuple(
            Outcome(criterion=f"{at}#{score.criterion}", level=f"{at}#{score.criterion}-{score.level}")
            for score in decision.scores
        ),
        evidence=tuple(_works(entry, manifest)),
        resources=(
            Resource(
                id=addresses.rubric(base_url, version.id),
                digest=digest_multibase(hashlib.sha256(rubric_octets(version.specification)).digest()),
                media_type="application/json",
            ),
            Resource(
                id=f"urn:uuid:{submission.id}", digest=digest_multibase(bytes.fromhex(submission.manifest_digest))
            ),
            *(
                Resource(
                    id=f"urn:uuid:{artifact.artifact}",
                    digest=digest_multibase(bytes.fromhex(artifact.digest)),
                    media_type=artifact.media_type,
                )
                for artifact in manifest.artifacts
                if artifact.kind is ArtifactKind.FILE
            ),
        ),
        awarded_at=decision.decided_at,
        valid_until=months_later(decision.decided_at, version.specification.validity_months),
    )


def achievement_of(entry: CatalogueEntry, competencies: dict[str, Competency], base_url: str) -> Achievement:
    """A version of a micro-credential as the achievement that credentials carry."""
    specification = entry.version.specification
    at = addresses.achievement(base_url, entry.version.id)
    return Achievement(
        id=at,
        name=specification.title,
        description=specification.summary,
        criteria_url=at,
        criteria=criteria_text(specification.passing_rubric().criteria),
        version=str(entry.version.number),
        language=specification.language,
        tags=specification.tags,
        targets=tuple(
            Target(
                url=addresses.framework_item(base_url, item.identifier),
                name=item.statement,
                kind="CFItem",
                framework=item.framework_title,
                code=item.code,
            )
            for name in (*specification.competencies, *specification.alignments)
            if (item := competencies.get(name))
        ),
        rubric=tuple(_criterion(criterion, at) for criterion in specification.passing_rubric().criteria),
        image=Picture(url=f"{at}/badge.svg", caption=f"Badge: {specification.title}"),
    )


def criteria_text(criteria: Sequence[RubricCriterion]) -> str:
    """How the micro-credential is earned, in one paragraph for a reader of the badge."""
    asked = "; ".join(
        f"{criterion.title}: at least “{passing.name}”"
        for criterion in criteria
        if (passing := criterion.level(criterion.passing_level))
    )
    return f"Evidence from the educator's own practice was scored by an assessor on every criterion of the rubric. {asked}."


def _criterion(criterion: RubricCriterion, at: str) -> Criterion:
    return Criterion(
        id=f"{at}#{criterion.id}",
        name=criterion.title,
        required_level=f"{at}#{criterion.id}-{criterion.passing_level}",
        levels=tuple(
            Level(
                id=f"{at}#{criterion.id}-{level.id}",
                name=level.name,
                description=level.description,
                level=level.name,
                points=str(level.score),
            )
            for level in criterion.levels
        ),
    )


_KINDS = {ArtifactKind.TEXT: "text", ArtifactKind.LINK: "link", ArtifactKind.FILE: "file"}


def _works(entry: CatalogueEntry, manifest: Manifest) -> Iterable[Work]:
    """One piece of evidence for each requirement: what was handed in, never the thing itself, which stays private."""
    for requirement in entry.version.specification.evidence:
        kinds = Counter(artifact.kind for artifact in manifest.artifacts if artifact.requirement == requirement.id)
        if kinds:
            parts = ", ".join(
                f"{count} {_KINDS[kind]}{'s' if count > 1 else ''}" for kind, count in sorted(kinds.items())
            )
            yield Work(
                name=requirement.title,
                description=f"Reviewed by an assessor and kept private: {parts}.{_earlier(manifest.prior)}",
                genre=requirement.part.value.replace("_", " "),
            )


# Learner records


def record_id(award: Award) -> str:
    """The id of the record of a stack's award. It follows from the award's own, so that every edition has the same."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{award.credential_id}#record')}"


def record_source(award: Award, members: Sequence[Award]) -> Source:
    """What a record is sealed for: the award and the very documents in it, so that a corrected member makes a new edition."""
    documents = "\n".join([award.intent_id, *(member.intent_id for member in members)])
    return Source(RECORD, f"{award.id}:{hashlib.sha256(documents.encode()).hexdigest()}")


def is_selective(document: dict[str, Any]) -> bool:
    """Whether a signed document is one from which its holder shows a part: nobody else can verify it as it is."""
    proof = document.get("proof", [])
    proofs = proof if isinstance(proof, list) else [proof]
    return any(one.get("cryptosuite") == ecdsa_sd_2023.NAME for one in proofs)


def links_of(award: Award, members: Iterable[Award], base_url: str) -> tuple[Link, ...]:
    """Each member's achievement is a child of the stack's and a part of it: readers look for the one or the other."""
    stack = addresses.stack(base_url, award.achievement_id)
    return tuple(
        Link(kind=kind, source=addresses.achievement(base_url, member.version_id or ""), target=stack)
        for member in members
        for kind in ("isChildOf", "isPartOf")
    )


def _earlier(prior: PriorInManifest | None) -> str:
    """What a reader is told of earlier practice: when it was, and who confirmed it, as what and not by name."""
    if prior is None:
        return ""
    return (
        f" Prior learning: practice from {prior.began_on} to {prior.ended_on}, confirmed by a {prior.capacity.value} "
        f"on {prior.attested_on}."
    )


def months_later(moment: datetime, months: int | None) -> datetime | None:
    """The same day so many months on, or the last day of a shorter month.

    >>> months_later(datetime(2024, 1, 31), 1)
    datetime.datetime(2024, 2, 29, 0, 0)
    """
    if months is None:
        return None
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))
