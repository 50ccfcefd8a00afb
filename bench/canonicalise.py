"""How fast a credential becomes canonical N-Quads, beside PyLD in the same run: ``.venv/bin/python bench/canonicalise.py``.

Every document is another one (so nothing of a document is found in a cache that another one filled), the two take turns
in short slices in a shuffled order, and CPU seconds are counted, so that a busy machine slows both alike.
"""

import argparse
import json
import random  # noqa: TID251 - repeatable documents
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from pyld import jsonld
from pyld.documentloader.frozen import FrozenDocumentLoader

from credentials.files import packaged_contexts
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts

SLICE = 0.03  # seconds of one turn

_WORDS = (
    "assessment evidence classroom students feedback formative reading family language routine inquiry discussion criteria"
    " reflection practice lesson equity data plan small group intervention phonics fluency culture portfolio peer coaching"
    " observation growth standard unit task model questions talk writing mathematics science"
)
_LEVELS = ("Emerging", "Proficient", "Exemplary")


def documents(seed: int) -> Iterator[dict[str, Any]]:
    """OpenBadgeCredentials of 4 to 5 KB, each with values of its own."""
    draw = random.Random(seed)
    words = _WORDS.split()

    def text(count: int) -> str:
        return " ".join(draw.choices(words, k=count)).capitalize()

    def uuid() -> str:
        return f"urn:uuid:{draw.getrandbits(128):032x}"

    def moment() -> str:
        return f"2026-0{draw.randint(1, 9)}-{draw.randint(10, 28)}T{draw.randint(10, 23)}:00:00Z"

    def alignment() -> dict[str, Any]:
        return {
            "type": ["Alignment"],
            "targetName": text(3),
            "targetUrl": f"https://case.alder.example/items/{draw.getrandbits(48):012x}",
            "targetFramework": "Alder Teaching Standards",
            "targetType": "CFItem",
        }

    while True:
        award = draw.getrandbits(40)
        achievement = f"https://alder.example/achievements/{draw.getrandbits(30)}"
        yield {
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
            ],
            "id": uuid(),
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": text(4),
            "issuer": {
                "id": "did:web:badges.alder.example:districts:riverton",
                "type": ["Profile"],
                "name": "Riverton School District",
                "url": "https://riverton.alder.example",
            },
            "validFrom": moment(),
            "awardedDate": moment(),
            "credentialSubject": {
                "id": uuid(),
                "type": ["AchievementSubject"],
                "identifier": [
                    {
                        "type": "IdentityObject",
                        "hashed": True,
                        "identityHash": f"sha256${draw.getrandbits(256):064x}",
                        "identityType": "emailAddress",
                        "salt": f"{draw.getrandbits(64):016x}",
                    }
                ],
                "achievement": {
                    "id": achievement,
                    "type": ["Achievement"],
                    "achievementType": "MicroCredential",
                    "name": text(4),
                    "description": text(8),
                    "criteria": {"id": f"{achievement}/criteria", "narrative": text(10)},
                    "tag": draw.sample(words, 4),
                    "alignment": [alignment(), alignment()],
                    "resultDescription": [
                        {
                            "id": f"{achievement}/results/{criterion}",
                            "type": ["ResultDescription"],
                            "name": text(3),
                            "resultType": "RubricCriterionLevel",
                            "requiredLevel": f"{achievement}/results/{criterion}/levels/2",
                            "alignment": [alignment()],
                            "rubricCriterionLevel": [
                                {
                                    "id": f"{achievement}/results/{criterion}/levels/{level}",
                                    "type": ["RubricCriterionLevel"],
                                    "name": name,
                                    "level": str(level),
                                }
                                for level, name in enumerate(_LEVELS, 1)
                            ],
                        }
                        for criterion in (1, 2)
                    ]
                    + [
                        {
                            "id": f"{achievement}/results/3",
                            "type": ["ResultDescription"],
                            "name": text(3),
                            "resultType": "LetterGrade",
                            "allowedValue": ["C", "B", "A"],
                        }
                    ],
                },
                "result": [
                    {
                        "type": ["Result"],
                        "resultDescription": f"{achievement}/results/{criterion}",
                        "achievedLevel": f"{achievement}/results/{criterion}/levels/{draw.randint(2, 3)}",
                    }
                    for criterion in (1, 2)
                ],
            },
            "evidence": [
                {
                    "id": f"https://alder.example/evidence/{award}",
                    "type": ["Evidence"],
                    "name": text(3),
                    "genre": "Video",
                },
                {"type": ["Evidence"], "name": text(3), "narrative": text(8)},
            ],
            "credentialStatus": {
                "id": f"https://alder.example/status/7#{award}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": str(award % 131_072),
                "statusListCredential": "https://alder.example/status/7",
            },
            "credentialSchema": [
                {
                    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
                    "type": "1EdTechJsonSchemaValidator2019",
                }
            ],
        }


def measure(cases: dict[str, Callable[[dict[str, Any]], object]], seconds: float) -> dict[str, tuple[float, float]]:
    """For each case: documents per CPU second over all slices, and of its fastest tenth of slices."""
    draw = random.Random(1)
    streams = {name: documents(seed) for seed, name in enumerate(cases)}
    done: dict[str, list[tuple[int, float]]] = {name: [] for name in cases}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for name in draw.sample(list(cases), len(cases)):
            batch = [next(streams[name]) for _ in range(2 if name == "PyLD" else 60)]
            count, began = 0, time.process_time()
            for document in batch:
                cases[name](document)
                count += 1
                if time.process_time() - began > SLICE:
                    break
            done[name].append((count, time.process_time() - began))
    rates = {}
    for name, slices in done.items():
        fastest = sorted(count / spent for count, spent in slices)
        rates[name] = (
            sum(count for count, _ in slices) / sum(spent for _, spent in slices),
            fastest[int(len(fastest) * 0.9)],
        )
    return rates


class StaticLoader(FrozenDocumentLoader):
    """Tells PyLD that the contexts never change, without which it processes them for every document and takes longer."""

    def __call__(self, url: str, options: dict[str, Any]) -> dict[str, Any]:
        return {**super().__call__(url, options), "tag": "static"}


def pyld(loader: FrozenDocumentLoader, document: dict[str, Any]) -> object:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": loader}
    return jsonld.normalize(document, options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=30)
    seconds = parser.parse_args().seconds
    files = packaged_contexts()
    contexts = Contexts(files)
    loader = StaticLoader({address: json.loads(content) for address, content in files.items()})
    sample = next(documents(99))
    ours, theirs = canonize(sample, contexts), pyld(loader, sample)
    if ours.decode() != theirs:
        raise SystemExit("the two disagree: nothing was measured")
    size = len(json.dumps(sample, separators=(",", ":")))
    quads = ours.count(b"\n")
    print(f"{size} bytes of JSON, {quads} quads, {len(ours)} bytes of N-Quads")
    rates = measure({"PyLD": partial(pyld, loader), "ours": partial(canonize, contexts=contexts)}, seconds)
    base, fast_base = rates["PyLD"]
    print(f"{'':6}{'per CPU second':>16}{'ratio':>8}{'fastest tenth':>16}{'ratio':>8}")
    for name, (mean, fast) in rates.items():
        print(f"{name:6}{mean:16,.0f}{mean / base:8.1f}{fast:16,.0f}{fast / fast_base:8.1f}")


if __name__ == "__main__":
    main()
