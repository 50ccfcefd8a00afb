"""Every suite through its instance: issued, shown where a holder may choose, verified here ."""

import base64
import json
from typing import Any

import httpx
import pytest
from plain_credentials import a_credential, an_older_credential

from credentials.instances.model import INTEROPERABILITY, Instance
from credentials.proofs import ecdsa_sd_2023
from credentials.proofs.multikey import key_of_did_key
from credentials.sealing.model import SUITES, VC_JOSE, Format

INSTANCES = {one.name: one for one in INTEROPERABILITY.instances}
each_instance = pytest.mark.parametrize("instance", INSTANCES.values(), ids=INSTANCES.keys())


async def issued(api: httpx.AsyncClient, instance: Instance, credential: dict[str, Any], **options: Any) -> Any:
    path = f"/vc-api/issuers/{instance.name}/credentials/issue"
    answer = await api.post(path, json={"credential": credential, "options": options})
    assert answer.status_code == 201, answer.text
    return answer.json()["verifiableCredential"]


async def derived(api: httpx.AsyncClient, credential: Any, *pointers: str) -> Any:
    body = {"verifiableCredential": credential, "options": {"selectivePointers": pointers}}
    answer = await api.post("/vc-api/credentials/derive", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["verifiableCredential"]


async def verified(api: httpx.AsyncClient, credential: Any, *checks: str) -> httpx.Response:
    body = {"verifiableCredential": credential, "options": {"checks": checks}}
    return await api.post("/vc-api/credentials/verify", json=body)


def test_there_is_an_instance_for_every_suite_and_type_of_key() -> None:
    assert {(one.suite, one.key_type) for one in INSTANCES.values()} == {
        (suite, key_type) for suite, key_types in SUITES.items() for key_type in key_types
    }


@pytest.mark.parametrize(
    ("instance", "version"),
    [(one, "2.0") for one in INSTANCES.values()] + [(one, "1.1") for one in INSTANCES.values() if one.suite != VC_JOSE],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
async def test_what_an_instance_issues_verifies(
    shared_api: httpx.AsyncClient, instance: Instance, version: str
) -> None:
    whole = a_credential(validFrom="2026-01-01T00:00:00Z") if version == "2.0" else an_older_credential()
    document = await issued(shared_api, instance, whole)
    if instance.suite == ecdsa_sd_2023.NAME:
        base = await verified(shared_api, document, "proof")
        assert base.status_code == 400, "a base proof is for the holder alone"
        document = await derived(shared_api, document, "/credentialSubject")
    told = await verified(shared_api, document, "proof")
    assert told.status_code == 200, told.text
    assert told.json()["verified"] is True
    assert told.json()["warnings"][0]["title"] == "issuer-not-trusted", "nobody registered this issuer"
    if instance.means.format is Format.DATA_INTEGRITY:
        (proof,) = document["proof"]
        assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", instance.suite)
        assert key_of_did_key(proof["verificationMethod"]).type is instance.key_type
        assert proof["verificationMethod"].startswith(document["issuer"] + "#")


@each_instance
async def test_a_changed_word_is_noticed(shared_api: httpx.AsyncClient, instance: Instance) -> None:
    document = await issued(shared_api, instance, a_credential(validFrom="2026-01-01T00:00:00Z"))
    if instance.suite == ecdsa_sd_2023.NAME:
        document = await derived(shared_api, document, "/credentialSubject")
    if instance.means.format is Format.JWT:
        head, payload, signature = document["id"].partition(",")[2].split(".")
        changed = base64.urlsafe_b64decode(payload + "==").replace(b"Ada", b"Bea")
        document["id"] = (
            f"data:application/vc+jwt,{head}.{base64.urlsafe_b64encode(changed).decode().rstrip('=')}.{signature}"
        )
    else:
        document["credentialSubject"]["name"] = "Bea"
    told = await verified(shared_api, document, "proof")
    assert told.status_code == 400
    assert told.json()["title"] in {"PROOF_VERIFICATION_ERROR", "CRYPTOGRAPHIC_SECURITY_ERROR"}


@pytest.mark.parametrize("name", [name for name, one in INSTANCES.items() if one.means.format is Format.JWT])
async def test_tokens_come_enveloped_and_one_of_vc_jose_cose_is_of_data_model_2(
    shared_api: httpx.AsyncClient, name: str
) -> None:
    instance = INSTANCES[name]
    envelope = await issued(shared_api, instance, a_credential(validFrom="2026-01-01T00:00:00Z"))
    assert envelope["type"] == "EnvelopedVerifiableCredential"
    token = envelope["id"].removeprefix("data:application/vc+jwt,")
    head, payload, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    plain = instance.suite == VC_JOSE
    assert json.loads(head)["typ"] == ("vc+jwt" if plain else "JWT")
    assert ("iss" in json.loads(payload)) is not plain
    for form in (envelope, token):
        assert (await verified(shared_api, form, "proof")).status_code == 200
    path = f"/vc-api/issuers/{name}/credentials/issue"
    older = await shared_api.post(path, json={"credential": an_older_credential()})
    assert older.status_code == (400 if plain else 201), older.text
    if not plain:  # VCDM 1.1, section 6.3.1
        token = older.json()["verifiableCredential"]["id"]
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        assert claims["vc"]["issuer"] == claims["iss"]
        assert "credentialSubject" not in claims


# Selective disclosure


SD = INSTANCES["ecdsa-sd-2023"]


async def test_a_holder_shows_what_they_choose_and_cannot_leave_out_what_is_mandatory(
    shared_api: httpx.AsyncClient,
) -> None:
    whole = a_credential(
        validFrom="2026-01-01T00:00:00Z", name="Certificate", credentialSubject={"id": "did:example:a", "name": "Ada"}
    )
    document = await issued(shared_api, SD, whole, mandatoryPointers=["/issuer", "/validFrom"])
    shown = await derived(shared_api, document, "/credentialSubject/id")
    assert shown["credentialSubject"] == {"id": "did:example:a"}
    assert shown["validFrom"] == whole["validFrom"]
    assert "name" not in shown
    assert (await verified(shared_api, shown, "proof")).status_code == 200
    del shown["validFrom"]
    assert (await verified(shared_api, shown, "proof")).status_code == 400


async def test_without_a_choice_what_speaks_against_a_credential_is_mandatory(shared_api: httpx.AsyncClient) -> None:
    document = await issued(shared_api, SD, a_credential(validUntil="2020-01-01T00:00:00Z"))
    shown = await derived(shared_api, document, "/credentialSubject")
    assert shown["validUntil"] == "2020-01-01T00:00:00Z"
    told = await verified(shared_api, shown)
    assert told.json()["title"] == "credential-expired"


async def test_whoever_asks_about_the_status_is_told_that_it_is_not_shown(shared_api: httpx.AsyncClient) -> None:
    shown = await derived(shared_api, await issued(shared_api, SD, a_credential()), "/credentialSubject")
    assert (await verified(shared_api, shown)).json()["verified"] is True
    told = await verified(shared_api, shown, "proof", "credentialStatus")
    assert (told.status_code, told.json()["title"]) == (400, "not-disclosed")


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"proof": ...}, "PROOF_VERIFICATION_ERROR"),
        ({"proof": {"cryptosuite": "ecdsa-sd-2023", "proofValue": "u"}}, "PROOF_VERIFICATION_ERROR"),
        ({"@context": ["https://alder.example/"]}, "context-not-allowed"),
        ({"type": ["Own"]}, "MALFORMED_VALUE_ERROR"),
    ],
)
async def test_nothing_is_derived_from_what_is_no_base_credential(
    shared_api: httpx.AsyncClient, change: dict[str, Any], title: str
) -> None:
    document = {**await issued(shared_api, SD, a_credential()), **change}
    document = {name: value for name, value in document.items() if value is not ...}
    answer = await shared_api.post("/vc-api/credentials/derive", json={"verifiableCredential": document})
    assert (answer.status_code, answer.json()["title"]) == (400, title)


async def test_pointers_belong_to_selective_disclosure(shared_api: httpx.AsyncClient) -> None:
    body = {"credential": a_credential(), "options": {"mandatoryPointers": ["/issuer"]}}
    answer = await shared_api.post("/vc-api/credentials/issue", json=body)
    assert answer.status_code == 400
    bad = {"credential": a_credential(), "options": {"mandatoryPointers": ["/nothing"]}}
    assert (await shared_api.post("/vc-api/issuers/ecdsa-sd-2023/credentials/issue", json=bad)).status_code == 400
