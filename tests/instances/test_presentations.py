"""Presentations over the VC-API: who shows it, on which occasion, and whether each credential in it holds."""

from typing import Any

import httpx
import pytest
from local_keys import LocalKey, local_key
from plain_credentials import a_credential

from credentials.files import packaged_contexts
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts
from credentials.proofs import data_integrity
from credentials.proofs.model import KeyType

HOLDER = local_key(KeyType.ED25519, 51)
CONTEXTS = Contexts(packaged_contexts())


def presented(*credentials: Any, by: LocalKey = HOLDER, **more: Any) -> dict[str, Any]:
    """Signed by its holder, for the occasion that ``more`` names."""
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": by.did,
        "verifiableCredential": list(credentials),
    }
    options = data_integrity.proof_options(
        "eddsa-rdfc-2022", by.verification_method, "2026-09-01T11:00:00Z", purpose="authentication", **more
    )
    added = data_integrity.add_proof(
        document, options, KeyType.ED25519, lambda part, name: canonize(part, CONTEXTS, hash_name=name)
    )
    return data_integrity.with_signature(added, by.sign(added.unsigned.to_sign))


async def issued(api: httpx.AsyncClient, path: str = "", **changed: Any) -> Any:
    body = {"credential": a_credential(**changed)}
    answer = await api.post(f"/vc-api{path}/credentials/issue", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["verifiableCredential"]


async def verify(api: httpx.AsyncClient, presentation: Any, **options: Any) -> httpx.Response:
    body = {"verifiablePresentation": presentation, "options": options}
    return await api.post("/vc-api/presentations/verify", json=body)


@pytest.mark.parametrize("checks", [[], ["proof"]])
async def test_a_signed_presentation_of_good_credentials_is_verified(
    shared_api: httpx.AsyncClient, checks: list[str]
) -> None:
    """That nobody recognises the issuer, and that it is about somebody else than the holder, is told as a warning."""
    token = await issued(shared_api, "/issuers/vc-jose-es256", validFrom="2026-01-01T00:00:00Z")
    told = await verify(shared_api, presented(await issued(shared_api), token), checks=checks)
    assert told.status_code == 200, told.text
    assert told.json()["verified"] is True
    assert {one["title"] for one in told.json()["warnings"]} <= {"issuer-not-trusted", "holder-not-subject"}
    assert told.json()["report"]["holder"] == HOLDER.did


async def test_a_presentation_is_for_one_occasion(shared_api: httpx.AsyncClient) -> None:
    shown = presented(await issued(shared_api), challenge="c1", domain="https://district.example")
    good = {"challenge": "c1", "domain": "https://district.example"}
    assert (await verify(shared_api, shown, **good)).status_code == 200
    for changed, title in (
        ({"challenge": "c2"}, "INVALID_CHALLENGE_ERROR"),
        ({"domain": "https://other.example"}, "INVALID_DOMAIN_ERROR"),
    ):
        told = await verify(shared_api, shown, **{**good, **changed})
        assert (told.status_code, told.json()["title"]) == (400, title)


async def test_what_does_not_hold_is_not_verified(shared_api: httpx.AsyncClient) -> None:
    good = await issued(shared_api)
    changed = {**good, "credentialSubject": {**good["credentialSubject"], "name": "Bea"}}
    expired = await issued(shared_api, validUntil="2020-01-01T00:00:00Z")
    unsigned = {name: value for name, value in presented(good).items() if name != "proof"}
    another = {**presented(good), "holder": local_key(KeyType.ED25519, 52).did}
    for presentation in (
        presented(changed),
        presented(expired),
        {**presented(good), "verifiableCredential": ["https://alder.example/credentials/1"]},
        unsigned,
        another,
        {**presented(good), "type": ["Own"]},
        {name: value for name, value in presented(good).items() if name != "@context"},
        good,
        "x",
    ):
        told = await verify(shared_api, presentation)
        assert told.status_code == 400, (presentation, told.text)
        assert told.json()["verified"] is False
        assert told.json()["errors"]


async def test_each_address_takes_its_own_kind(shared_api: httpx.AsyncClient) -> None:
    body = {"verifiableCredential": presented(await issued(shared_api))}
    assert (await shared_api.post("/vc-api/credentials/verify", json=body)).status_code == 400
