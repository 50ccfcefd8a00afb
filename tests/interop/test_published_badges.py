"""The badges that the Open Badges 3.0 implementation guide publishes, signed, get their true verdict."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from simulator import Desk, octets

from credentials.fetch import Fetched
from credentials.trust.model import TrustedIssuer
from credentials.verification.model import Kind, Report


@dataclass
class Publisher:
    """The issuer of the examples: its profile lists the key that its proofs name, as the guide gives it."""

    document: dict[str, Any]

    def __post_init__(self) -> None:
        (proof,) = self.document["proof"] if isinstance(self.document["proof"], list) else [self.document["proof"]]
        self.method = proof["verificationMethod"]
        self.id, _, self.key = self.method.partition("#")
        self.host = "example.edu"
        self.asked: list[str] = []

    async def __call__(self, url: str, *, accept: str) -> Fetched:
        method = {"id": self.method, "type": "Multikey", "controller": self.id, "publicKeyMultibase": self.key}
        profile = {"id": self.id, "verificationMethod": [method], "assertionMethod": [self.method]}
        return Fetched(url, "application/json", octets(profile))


async def verdict(document: dict[str, Any]) -> Report:
    publisher = Publisher(document)
    registry = (TrustedIssuer(id=publisher.id, name="The publisher"),)
    desk = Desk(network=(publisher,), registry=registry, now=datetime(2026, 6, 1, tzinfo=UTC))  # type: ignore[arg-type]
    return await desk.verify(document)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("linked-data-proof-ob-07-signed-credential.json", Kind.CREDENTIAL),
        ("linked-data-proof-clr-07-signed-credential.json", Kind.LEARNER_RECORD),
    ],
)
async def test_a_published_credential_holds_and_one_changed_letter_breaks_it(
    shared: Path, name: str, kind: Kind
) -> None:
    document = json.loads((shared / "standards" / "examples" / "ob30" / name).read_bytes())
    report = await verdict(document)
    assert report.kind is kind
    assert {check.name: check.code for check in report.checks if check.name in {"proof", "issuer"}} == {
        "proof": "",
        "issuer": "",
    }
    assert report.outcome == "accept"
    assert [member.outcome for member in report.members] == ["accept"] * (kind is Kind.LEARNER_RECORD)
    changed = {**document, "name": document["name"] + "!"}
    assert (await verdict(changed)).outcome == "reject:PROOF_VERIFICATION_ERROR"


VERDICTS = {
    "ob30/linked-data-proof-ob-07-signed-credential.json": "accept",
    "ob30/linked-data-proof-clr-07-signed-credential.json": "accept",
    # The record is not signed yet; what is in it is.
    "ob30/linked-data-proof-clr-01-credential.json": "reject:no-proof",
    "ob30/linked-data-proof-clr-02-document-before-signing.json": "reject:no-proof",
    # Its second result has a level that its description lacks, and its signature is made up.
    "ob30/fullOpenBadge-00-complete-openbadgecredential.json": "reject:MALFORMED_VALUE_ERROR",
    # The context of W3C's examples defines whatever they need: nobody signs a credential by it, and none is accepted.
    "vc-jose-cose/index-01-*.json": "reject:context-not-allowed",
    "vc-jose-cose/index-02-*.json": "reject:context-not-allowed",
    "vc-jose-cose/index-04-*.json": "reject:context-not-allowed",
    "vc-jose-cose/index-05-*.json": "reject:context-not-allowed",
    "vc-jose-cose/index-07-*.json": "reject:context-not-allowed",
    "vc-jose-cose/index-08-*.json": "reject:context-not-allowed",
    "vcdm20/index-14-*.json": "reject:context-not-allowed",
    "vcdm20/index-29-*.json": "reject:context-not-allowed",
}
"""The true verdict of every published example that has a signature anywhere."""


def _signed(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.json")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if re.search(r'"proof"|eyJ[\w-]+\.[\w-]+\.', text):
            yield path


async def test_every_published_example_that_is_signed_gets_its_true_verdict(shared: Path) -> None:
    folder = shared / "standards" / "examples"
    found: dict[str, str] = {}
    for path in _signed(folder):
        document = json.loads(path.read_bytes())
        name = path.relative_to(folder).as_posix()
        key = next((known for known in VERDICTS if fnmatch(name, known)), name)
        proofs = document.get("proof")
        known = isinstance(proofs, dict) or (isinstance(proofs, list) and len(proofs) == 1)
        report = await verdict(document) if known else await Desk(now=datetime(2026, 6, 1, tzinfo=UTC)).verify(document)
        found[key] = report.outcome
    assert found == VERDICTS
