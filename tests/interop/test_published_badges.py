"""The badges that the Open Badges 3.0 implementation guide publishes, signed, get their true verdict."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
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
