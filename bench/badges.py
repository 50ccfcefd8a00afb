"""Badges of 4 to 5 KB (119 quads) with results on a rubric of two criteria and four levels, alignments, evidence and status.

Each has values of its own: a few documents in a circle would find their own values in caches that they filled, thousands of
distinct ones do not. They are badges for forty micro-credentials, in no order, because many earn the same one; or each for
one of its own, which is the most that can be asked.
"""

import random  # noqa: TID251 - repeatable badges
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from credentials.openbadges.build import (
    Achievement,
    Badge,
    Criterion,
    HashedIdentifier,
    Issuer,
    Level,
    Outcome,
    Recipient,
    StatusBit,
    Target,
    Work,
)

HOST = "https://alder.example"
DID = "did:web:alder.example:orgs:riverton"
STATUS_LIST = f"{HOST}/status/7"
ENTRIES = 131_072
REVOKED = range(0, ENTRIES, 997)
"""Places in the list whose bits are set; none of the badges has one of them."""

ISSUER = Issuer(id=DID, name="Riverton School District", url="https://riverton.alder.example")
WORDS = [
    "assessment",
    "evidence",
    "classroom",
    "students",
    "feedback",
    "formative",
    "reading",
    "family",
    "language",
    "routine",
    "inquiry",
    "discussion",
    "criteria",
    "reflection",
    "practice",
    "lesson",
    "equity",
    "data",
    "plan",
    "small",
    "group",
    "intervention",
    "phonics",
    "fluency",
    "culture",
    "portfolio",
    "peer",
    "coaching",
    "observation",
    "growth",
    "standard",
    "unit",
    "task",
    "model",
    "questions",
    "talk",
    "writing",
    "mathematics",
    "science",
]
LEVELS = ("Not yet", "Developing", "Demonstrated", "Extending")
CATALOGUE = 40
"""Micro-credentials of a programme: those that are known offer between thirty and some hundreds."""

FIRST_DAY = datetime(2026, 1, 5, 8, tzinfo=UTC)


def badges(seed: int, catalogue: int = CATALOGUE) -> Iterator[Badge]:
    """Without end, and the same for the same seed, for ``catalogue`` micro-credentials; with none, each for one of its own."""
    draw = random.Random(seed)

    def text(count: int) -> str:
        return " ".join(draw.choices(WORDS, k=count)).capitalize()

    def uuid() -> str:
        digits = f"{draw.getrandbits(128):032x}"
        return f"urn:uuid:{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"

    def target() -> Target:
        address = f"https://case.alder.example/uri/{draw.getrandbits(64):016x}"
        return Target(url=address, name=text(3), framework="Alder Standards")

    def achievement() -> Achievement:
        home = f"{HOST}/mc/{draw.getrandbits(40):010x}"
        rubric = tuple(
            Criterion(
                id=f"{home}/rubric/{number}",
                name=text(3),
                levels=tuple(
                    Level(id=f"{home}/rubric/{number}/levels/{points}", name=name, points=str(points))
                    for points, name in enumerate(LEVELS, 1)
                ),
                required_level=f"{home}/rubric/{number}/levels/3",
                targets=(target(),),
            )
            for number in (1, 2)
        )
        return Achievement(
            id=f"{home}/versions/2",
            name=text(4),
            description=text(8),
            criteria_url=home,
            criteria=text(10),
            tags=tuple(draw.sample(WORDS, 4)),
            targets=(target(), target()),
            rubric=rubric,
        )

    offered = [achievement() for _ in range(catalogue)]
    while True:
        earned = draw.choice(offered) if offered else achievement()
        awarded = FIRST_DAY + timedelta(minutes=draw.randrange(300_000))
        index = draw.randrange(ENTRIES)
        yield Badge(
            id=uuid(),
            issuer=ISSUER,
            achievement=earned,
            recipient=Recipient(
                id=uuid(),
                identifiers=(
                    HashedIdentifier(hash=f"sha256${draw.getrandbits(256):064x}", salt=f"{draw.getrandbits(128):032x}"),
                ),
            ),
            awarded=awarded,
            valid_from=awarded,
            outcomes=tuple(
                Outcome(criterion=criterion.id, level=criterion.levels[draw.randint(2, 3)].id)
                for criterion in earned.rubric
            ),
            evidence=(
                Work(name=text(4), description=text(6), genre="Video"),
                Work(name=text(4), narrative=text(8), url=f"{HOST}/evidence/{draw.getrandbits(64):016x}"),
            ),
            statuses=(
                StatusBit(list_url=STATUS_LIST, index=index + (index % REVOKED.step == 0), purpose="revocation"),
            ),
        )
