"""What is asked for twice is issued once, whoever asks and whenever the service stops; and a status can be changed."""

import asyncio
import dataclasses
import json
from typing import Any

import httpx
import pytest
from builders import TestClock
from plain_credentials import a_credential, an_older_credential

from credentials import fsck
from credentials.audit import service as audit
from credentials.instances import service as instances
from credentials.instances.model import INTEROPERABILITY
from credentials.log import service as log
from credentials.sealing import service as sealing
from credentials.status import service as status
from credentials.web import orders
from credentials.web.parts import Parts

LISTED = "/vc-api/issuers/bitstring-status-list"


async def issue(api: httpx.AsyncClient, credential: Any, path: str = "/vc-api", **more: Any) -> httpx.Response:
    body = {"credential": credential, "options": more.pop("options", {})}
    return await api.post(f"{path}/credentials/issue", json=body, **more)


async def verdict(api: httpx.AsyncClient, credential: Any) -> tuple[int, str]:
    answer = await api.post("/vc-api/credentials/verify", json={"verifiableCredential": credential})
    return answer.status_code, answer.json().get("title", "")


async def signatures(parts: Parts) -> int:
    async with parts.database.read() as session:
        return (await log.read_head(session))[0]


async def test_the_same_credential_asked_for_by_many_at_once_is_issued_once(
    api: httpx.AsyncClient, open_api: Parts
) -> None:
    answers = await asyncio.gather(*(issue(api, a_credential()) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await signatures(open_api) == 1


async def test_a_random_signature_is_given_out_once_too(api: httpx.AsyncClient, open_api: Parts) -> None:
    """ecdsa-sd-2023 draws new keys for each proof: only what was stored first is ever answered."""
    path = "/vc-api/issuers/ecdsa-sd-2023"
    answers = await asyncio.gather(*(issue(api, a_credential(), path) for _ in range(4)))
    assert len({answer.content for answer in answers}) == 1
    assert await signatures(open_api) == 1


async def test_what_differs_is_another_credential_also_under_one_id(api: httpx.AsyncClient, open_api: Parts) -> None:
    one = await issue(api, a_credential())
    other = await issue(api, a_credential(name="Another"))
    elsewhere = await issue(api, a_credential(), "/vc-api/issuers/eddsa-jcs-2022")
    assert [answer.status_code for answer in (one, other, elsewhere)] == [201, 201, 201]
    assert await signatures(open_api) == 3


async def test_without_an_id_each_request_is_another_one_unless_it_has_a_key(
    api: httpx.AsyncClient, open_api: Parts, clock: TestClock
) -> None:
    """In the same second its proof would be the same: that is one credential."""
    nameless = a_credential(id=...)
    same = [await issue(api, nameless), await issue(api, nameless)]
    assert same[0].content == same[1].content
    clock.advance(seconds=1)
    await issue(api, nameless)
    assert await signatures(open_api) == 2
    first = await issue(api, nameless, headers={"Idempotency-Key": "k1"})
    again = await issue(api, nameless, headers={"Idempotency-Key": "k1"})
    named = await issue(api, nameless, options={"credentialId": "k1"})
    assert first.content == again.content == named.content
    clock.advance(seconds=1)
    other = await issue(api, nameless, headers={"Idempotency-Key": "k2"})
    assert other.content != first.content
    assert await signatures(open_api) == 3
    other = await issue(api, a_credential(id=..., name="Another"), headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


async def test_what_was_prepared_when_the_service_stopped_is_sealed_at_the_next_start(
    api: httpx.AsyncClient, open_api: Parts, clock: TestClock
) -> None:
    """The bytes are those that the caller gets who asks again."""
    instance = INTEROPERABILITY.named("")
    async with open_api.database.write() as session:
        identity = await instances.identity_of(session, open_api.bureau, clock(), instance)

    class Stopped(Exception):
        pass

    class Store:
        def __getattr__(self, name: str) -> Any:
            return getattr(open_api.office.gate.keystore, name)

        def signer(self, _key: object) -> Any:
            raise Stopped

    stopped = bureau_with(open_api, Store())
    with pytest.raises(Stopped):
        await instances.issue(stopped, clock(), instance, identity, a_credential(), actor="someone")
    assert await signatures(open_api) == 0
    assert await orders.finish_what_waits(open_api) == 1
    assert await signatures(open_api) == 1
    again = await issue(api, a_credential())
    assert again.status_code == 201
    assert await signatures(open_api) == 1
    async with open_api.database.read() as session:
        assert await sealing.waiting(session, kinds=["vc-api"]) == []


def bureau_with(parts: Parts, keystore: Any) -> instances.Bureau:
    gate = dataclasses.replace(parts.office.gate, keystore=keystore)
    return dataclasses.replace(parts.bureau, gate=gate)


async def test_who_asked_is_on_record_without_a_word_of_the_credential(api: httpx.AsyncClient, open_api: Parts) -> None:
    await issue(api, a_credential())
    async with open_api.database.read() as session:
        assert await audit.breaks(session) == []
        found = [entry async for entry in audit_entries(session)]
    assert [(entry["action"], entry["actor"]) for entry in found] == [
        ("credential.asked", "anybody"),
        ("credential.issued", "system:vc-api"),
    ]
    assert "Ada" not in json.dumps(found)


async def audit_entries(session: Any) -> Any:
    async for link in audit.store.chain(session):
        yield json.loads(link.body)


async def test_the_same_octets_from_two_requests_are_one_signed_document(
    api: httpx.AsyncClient, open_api: Parts, clock: TestClock
) -> None:
    """A token has no moment of its own, and EdDSA signs the same twice: two keys name one document, at any time."""
    path, nameless = "/vc-api/issuers/vc-jose-eddsa", a_credential(id=...)
    answers = []
    for key in ("k1", "k2", "k1"):
        answers.append(await issue(api, nameless, path, headers={"Idempotency-Key": key}))
        clock.advance(days=1)
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.content for answer in answers}) == 1
    assert await signatures(open_api) == 1


# Status


async def test_an_instance_adds_the_status_by_itself_and_its_list_is_there_at_once(
    api: httpx.AsyncClient, open_api: Parts
) -> None:
    document = (await issue(api, a_credential(), LISTED)).json()["verifiableCredential"]
    entries = document["credentialStatus"]
    assert [entry["statusPurpose"] for entry in entries] == ["revocation", "suspension"]
    assert await verdict(api, document) == (200, "")
    listed = (await api.get(entries[0]["statusListCredential"].removeprefix("http://alder.test"))).json()
    assert listed["issuer"] == document["issuer"]
    assert listed["proof"][0]["cryptosuite"] == document["proof"][0]["cryptosuite"]
    found = [
        one
        async for one in fsck.findings(
            open_api.database, open_api.blobs, open_api.office.gate.keystore, open_api.contexts, lambda *_: None
        )
    ]
    assert found == []


async def test_a_credential_keeps_the_status_that_it_came_with(api: httpx.AsyncClient) -> None:
    own = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "message",
        "statusListIndex": "7",
        "statusListCredential": "https://alder.example/status/1",
    }
    document = (await issue(api, a_credential(credentialStatus=own), LISTED)).json()["verifiableCredential"]
    assert [entry["statusPurpose"] for entry in document["credentialStatus"]] == ["message", "revocation", "suspension"]


def change(credential: str, purpose: str = "revocation", **more: Any) -> dict[str, Any]:
    named = {"type": "BitstringStatusListEntry", "statusPurpose": purpose}
    return {"credentialId": credential, "credentialStatus": named, **more}


async def test_a_credential_is_revoked_and_suspended_and_verifiers_see_it_at_once(api: httpx.AsyncClient) -> None:
    document = (await issue(api, a_credential(), LISTED)).json()["verifiableCredential"]
    path = f"{LISTED}/credentials/status"
    for asked, expected in (
        (change(document["id"], "suspension", status=True), (400, "credential-suspended")),
        (change(document["id"], "suspension", status=False), (200, "")),
        (change(document["id"]), (400, "credential-revoked")),
    ):
        answer = await api.post(path, json=asked)
        assert answer.status_code == 200, answer.text
        assert await verdict(api, document) == expected
    proof_only = {"verifiableCredential": document, "options": {"checks": ["proof"]}}
    assert (await api.post("/vc-api/credentials/verify", json=proof_only)).status_code == 200
    final = await api.post(path, json=change(document["id"], status=False))
    assert (final.status_code, final.json()["code"]) == (409, "revocation-is-final")


async def test_of_two_credentials_with_one_id_the_place_tells_which_is_meant(api: httpx.AsyncClient) -> None:
    one = (await issue(api, a_credential(), LISTED)).json()["verifiableCredential"]
    other = (await issue(api, a_credential(name="Another"), LISTED)).json()["verifiableCredential"]
    asked = change(one["id"])
    asked["credentialStatus"] |= {
        name: one["credentialStatus"][0][name] for name in ("statusListIndex", "statusListCredential")
    }
    assert (await api.post(f"{LISTED}/credentials/status", json=asked)).status_code == 200
    assert await verdict(api, one) == (400, "credential-revoked")
    assert await verdict(api, other) == (200, "")


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        (LISTED, change("urn:uuid:00000000-0000-4000-8000-000000000000"), 404),
        ("/vc-api", change("urn:x:1"), 400),
        (LISTED, change("urn:x:1", "message"), 400),
        (LISTED, {"credentialId": "urn:x:1"}, 400),
        ("/vc-api/issuers/none", change("urn:x:1"), 404),
    ],
)
async def test_a_status_that_is_not_there_is_not_changed(
    api: httpx.AsyncClient, path: str, asked: dict[str, Any], code: int
) -> None:
    assert (await api.post(f"{path}/credentials/status", json=asked)).status_code == code


async def test_the_oldest_data_model_gets_the_context_that_its_status_needs(
    api: httpx.AsyncClient, open_api: Parts
) -> None:
    document = (await issue(api, an_older_credential(), LISTED)).json()["verifiableCredential"]
    assert "https://www.w3.org/ns/credentials/status/v1" in document["@context"]
    assert await verdict(api, document) == (200, "")
    async with open_api.database.read() as session:
        assert {one.did for one in await status.all_lists(session)} == {document["issuer"]}
