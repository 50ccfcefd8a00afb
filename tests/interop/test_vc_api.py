"""What the VC-API issues, checked by Digital Bazaar's libraries."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from builders import TestClock
from plain_credentials import a_credential
from vc_api import served, settings_of

from credentials.files import packaged_contexts
from credentials.instances.model import INTEROPERABILITY, Instance
from credentials.proofs import ecdsa_sd_2023
from credentials.proofs.multikey import key_of_did_key, multikey
from credentials.sealing.model import Format


def resolved(document: dict[str, Any]) -> dict[str, Any]:
    """What a resolver of did:key answers: the DID document, and the key by its own URL."""
    method = document["proof"][0]["verificationMethod"]
    did = method.partition("#")[0]
    key = {
        "id": method,
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": multikey(key_of_did_key(method)),
    }
    context = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
    whole = {"@context": context, "id": did, "verificationMethod": [key], "assertionMethod": [method]}
    return {did: whole, method: {"@context": context[1], **key}}


async def issued(api: httpx.AsyncClient, instance: Instance) -> dict[str, Any]:
    """As the holder shows it, where that is the holder's to choose."""
    body: dict[str, Any] = {"credential": a_credential(validFrom="2026-01-01T00:00:00Z")}
    answer = await api.post(f"/vc-api/issuers/{instance.name}/credentials/issue", json=body)
    if instance.suite == ecdsa_sd_2023.NAME:
        body = {**answer.json(), "options": {"selectivePointers": ["/credentialSubject"]}}
        answer = await api.post("/vc-api/credentials/derive", json=body)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()["verifiableCredential"]
    return document


async def test_every_data_integrity_suite_of_the_vc_api_verifies_by_other_peoples_libraries(
    sqlite_template: Path, tmp_path: Path, node: Any
) -> None:
    shutil.copy(sqlite_template, tmp_path / "credentials.sqlite3")
    settings = settings_of(tmp_path, f"sqlite:///{tmp_path / 'credentials.sqlite3'}")
    documents = {address: json.loads(body) for address, body in packaged_contexts().items()}
    tasks = []
    async with served(settings, TestClock(datetime(2026, 9, 1, 12, tzinfo=UTC))) as api:
        for instance in INTEROPERABILITY.instances:
            if instance.means.format is Format.DATA_INTEGRITY and not instance.status:
                document = await issued(api, instance)
                documents |= resolved(document)
                tasks.append({"do": "verify", "suite": instance.suite, "credential": document})
    found = node("digitalbazaar.mjs", {"documents": documents, "tasks": tasks})
    wrong = {task["suite"]: one for task, one in zip(tasks, found, strict=True) if one != {"verified": True}}
    assert len(tasks) == 7
    assert not wrong, wrong
