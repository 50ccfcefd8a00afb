"""Badges for tests: one that is whole, with one thing changed at a time, and any that a builder could be asked for."""

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace
from pyld import jsonld
from pyld.documentloader.frozen import FrozenDocumentLoader

from credentials.openbadges import build
from credentials.openbadges.identity import identity_hash

BASE = "https://badges.alder.example"
LEVELS = ("Not yet", "Developing", "Demonstrated", "Extending")


def a_criterion(number: int = 1) -> build.Criterion:
    levels = tuple(
        build.Level(
            id=f"{BASE}/rubrics/7/criteria/{number}/levels/{points}",
            name=name,
            description=f"The work shows it: {name.lower()}.",
            points=str(points),
            targets=(
                build.Target(
                    url=f"https://case.alder.example/uri/{number}-{points}", name=name, kind="CFRubricCriterionLevel"
                ),
            ),
        )
        for points, name in enumerate(LEVELS)
    )
    return build.Criterion(
        id=f"{BASE}/rubrics/7/criteria/{number}",
        name=f"Criterion {number}",
        levels=levels,
        required_level=levels[2].id,
    )


def an_issuer() -> build.Issuer:
    return build.Issuer(
        id="did:web:badges.alder.example:state",
        name="Alder Department of Education",
        url="https://alder.example/",
        image=build.Picture(url="https://alder.example/logo.svg", caption="An alder leaf"),
    )


def an_achievement() -> build.Achievement:
    return build.Achievement(
        id=f"{BASE}/micro-credentials/checking-for-understanding/versions/2",
        name="Checking for understanding",
        description="Finds out during the lesson what each student has understood, and acts on it.",
        criteria_url=f"{BASE}/micro-credentials/checking-for-understanding",
        criteria="Two lessons on video, the responses of a class, and a reflection.",
        version="2",
        language="en",
        tags=("formative assessment", "instruction"),
        targets=(
            build.Target(
                url="https://case.alder.example/uri/3b",
                name="Uses evidence of learning",
                framework="Learner-Centered Educator Competencies",
                code="LC.3.b",
            ),
        ),
        rubric=(a_criterion(1), a_criterion(2)),
        creator=an_issuer(),
        image=build.Picture(url=f"{BASE}/art/2.svg", caption="A hexagon with the name of the micro-credential"),
    )


def a_badge(**changes: Any) -> build.Badge:
    """A badge that uses everything the builder knows, with ``changes``."""
    achievement = an_achievement()
    badge = build.Badge(
        id="urn:uuid:6e1f0c6a-8df8-4a1f-9d4e-0d7b6f1a2b3c",
        issuer=an_issuer(),
        achievement=achievement,
        recipient=build.Recipient(
            id="urn:uuid:0b9f3d7c-55f3-4b0c-8a55-9b6f8b7f3e21",
            name="Ada Reyes",
            identifiers=(build.HashedIdentifier(hash=identity_hash("ada@kestrel.example", "s4lt"), salt="s4lt"),),
        ),
        awarded=datetime(2026, 5, 4, 9, 30, tzinfo=UTC),
        valid_from=datetime(2026, 5, 4, 9, 30, tzinfo=UTC),
        valid_until=datetime(2031, 5, 4, 9, 30, tzinfo=UTC),
        outcomes=tuple(
            build.Outcome(criterion=criterion.id, level=criterion.levels[3].id) for criterion in achievement.rubric
        ),
        evidence=(
            build.Work(name="Lesson video", description="Twelve minutes of a lesson.", genre="Video"),
            build.Work(name="Reflection", narrative="I asked, and **waited**.", url=f"{BASE}/evidence/1"),
        ),
        resources=(
            build.Resource(id="urn:uuid:5f0c", digest="uEiCQ4iTjyPY", media_type="video/mp4"),
            build.Resource(id=f"{BASE}/rubrics/7", digest="uEiAxYzNkMTI"),
        ),
        statuses=(
            build.StatusBit(list_url=f"{BASE}/status/revocation/1", index=94567, purpose="revocation"),
            build.StatusBit(list_url=f"{BASE}/status/suspension/1", index=94567, purpose="suspension"),
        ),
    )
    return replace(badge, **changes)


def a_document(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(build.achievement_credential(a_badge(**changes)))  # tests change what they are given


def changed(document: Any, pointer: str, value: Any) -> Any:
    """A copy of ``document`` with the member at ``pointer`` set to ``value``; ``...`` takes it away."""
    copy = json.loads(json.dumps(document))
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    place = copy
    for part in path:
        place = place[int(part) if isinstance(place, list) else part]
    key = int(last) if isinstance(place, list) and last != "-" else last
    if value is ...:
        del place[key]
    elif key == "-" and isinstance(place, list):
        place.append(value)
    else:
        place[key] = value
    return copy


# Text as people write it, in every script, without what no credential may hold.
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")) | st.sampled_from("\n\t"),
    min_size=1,
    max_size=40,
)
_slugs = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
urls = st.builds("https://{}.example/{}#{}".format, st.from_regex(r"[a-z]{1,8}", fullmatch=True), _slugs, _slugs)
uuids = st.uuids().map("urn:uuid:{}".format)
digests = st.from_regex(r"uEi[A-Za-z0-9_-]{4,44}", fullmatch=True)
moments = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - the zone comes from ``timezones``
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC) | st.just(timezone(timedelta(hours=-7))),
)
_pictures = st.builds(build.Picture, url=urls, caption=st.just("") | texts)
_targets = st.builds(
    build.Target,
    url=urls,
    name=texts,
    kind=st.sampled_from(("CFItem", "CFRubricCriterion", "CFRubricCriterionLevel", "ext:Skill")),
    framework=st.just("") | texts,
    code=st.just("") | texts,
    description=st.just("") | texts,
)
_issuers = st.builds(
    build.Issuer,
    id=_slugs.map("did:web:alder.example:{}".format),
    name=texts,
    url=urls,
    description=st.just("") | texts,
    email=st.just("") | st.just("office@alder.example"),
    image=st.none() | _pictures,
)


@st.composite
def _criteria(draw: st.DrawFn) -> build.Criterion:
    levels = draw(
        st.lists(
            st.builds(
                build.Level,
                id=urls,
                name=texts,
                description=st.just("") | texts,
                level=st.just("") | texts,
                points=st.just("") | st.integers(0, 9).map(str),
                targets=st.lists(_targets, max_size=1).map(tuple),
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda level: level.id,
        )
    )
    return build.Criterion(
        id=draw(uuids),
        name=draw(texts),
        levels=tuple(levels),
        required_level=draw(st.sampled_from(levels)).id,
        targets=tuple(draw(st.lists(_targets, max_size=2))),
    )


@st.composite
def badges(draw: st.DrawFn) -> build.Badge:
    """Any badge that the builder could be asked for."""
    rubric = draw(st.lists(_criteria(), max_size=3, unique_by=lambda criterion: criterion.id))
    achievement = build.Achievement(
        id=draw(urls),
        name=draw(texts),
        description=draw(texts),
        criteria_url=draw(urls),
        criteria=draw(st.just("") | texts),
        kind=draw(st.sampled_from((build.MICRO_CREDENTIAL, build.STACK))),
        version=draw(st.just("") | texts),
        language=draw(st.sampled_from(("", "en", "es", "es-MX", "haw"))),
        tags=tuple(draw(st.lists(texts, max_size=3))),
        targets=tuple(draw(st.lists(_targets, max_size=3))),
        rubric=tuple(rubric),
        creator=draw(st.none() | _issuers),
        image=draw(st.none() | _pictures),
    )
    valid_from = draw(moments)
    salts = st.from_regex(r"[a-z0-9]{8}", fullmatch=True)
    return build.Badge(
        id=draw(uuids),
        issuer=draw(_issuers),
        achievement=achievement,
        recipient=build.Recipient(
            id=draw(uuids | st.just("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")),
            name=draw(st.just("") | texts),
            identifiers=tuple(
                build.HashedIdentifier(hash=identity_hash(draw(texts), salt), salt=salt)
                for salt in draw(st.lists(salts, max_size=2))
            ),
        ),
        awarded=draw(moments),
        valid_from=valid_from,
        valid_until=draw(st.none() | st.just(valid_from + timedelta(days=365))),
        outcomes=tuple(
            build.Outcome(criterion=criterion.id, level=draw(st.sampled_from(criterion.levels)).id)
            for criterion in rubric
        ),
        evidence=tuple(
            draw(
                st.lists(
                    st.builds(
                        build.Work,
                        name=texts,
                        description=st.just("") | texts,
                        narrative=st.just("") | texts,
                        genre=st.just("") | texts,
                        audience=st.just("") | texts,
                        url=st.just("") | urls,
                    ),
                    max_size=3,
                )
            )
        ),
        resources=tuple(
            draw(
                st.lists(
                    st.builds(
                        build.Resource, id=uuids, digest=digests, media_type=st.sampled_from(("", "application/pdf"))
                    ),
                    max_size=3,
                    unique_by=lambda resource: resource.id,
                )
            )
        ),
        statuses=tuple(
            build.StatusBit(list_url=f"{BASE}/status/{purpose}", index=draw(st.integers(0, 2**20)), purpose=purpose)
            for purpose in draw(st.sets(st.sampled_from(("revocation", "suspension"))).map(sorted))
        ),
        image=draw(st.none() | _pictures),
    )


_CONTEXTS = {
    "https://www.w3.org/ns/credentials/v2": "credentials-v2.jsonld",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "ob-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json": "ob-extensions.json",
}


class SafeMode:
    """What JSON-LD safe mode would object to in a document, found with PyLD over a folder of the published contexts, or over
    the contexts themselves."""

    def __init__(self, contexts: Path | Mapping[str, bytes]) -> None:
        folder = {url: contexts / name for url, name in _CONTEXTS.items()} if isinstance(contexts, Path) else {}
        files = {url: json.loads(file) for url, file in contexts.items()} if isinstance(contexts, Mapping) else {}
        self._loader = FrozenDocumentLoader({**folder, **files})

    def objections(self, document: dict[str, Any]) -> list[str]:
        dropped: list[str] = []
        expanded = jsonld.expand(document, {"documentLoader": self._loader, "base": None}, dropped.append)
        return [str(term) for term in dropped] + list(_relative(expanded))


def _relative(value: Any) -> list[str]:
    """Types and ids of an expanded document that are no absolute IRIs: PyLD reports no drop for them."""
    if isinstance(value, list):
        return [found for item in value for found in _relative(item)]
    if not isinstance(value, dict):
        return []
    iris = [*value.get("@type", [])] if "@value" not in value else []
    iris += [value["@id"]] if "@id" in value else []
    found = [iri for iri in iris if ":" not in iri or " " in iri]
    return found + [inner for name, item in value.items() if name != "@value" for inner in _relative(item)]
