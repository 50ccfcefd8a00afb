"""Keys have a history: active, retired, compromised since a date. What is published follows it."""

from datetime import timedelta

import httpx
import pytest
from builders import TestClock, World

from credentials.ids import SeededIds
from credentials.proofs.model import KeyType
from credentials.trust import service as trust
from credentials.trust.model import KeyGone, KeyState, SigningKey
from credentials.trust.rules import did_of
from credentials.web.parts import Parts

OWNER = "0190-alder"


@pytest.fixture
def did(parts: Parts) -> str:
    return did_of(parts.settings.base_url, "alder")


async def a_key(parts: Parts, did: str, key_type: KeyType = KeyType.P256) -> SigningKey:
    async with parts.database.write() as session:
        return await trust.active_key(
            session, parts.office.gate.keystore, parts.ids, parts.now(), owner=OWNER, did=did, key_type=key_type
        )


async def test_an_ecdsa_key_is_published_as_a_jwk_for_tokens_and_as_a_multikey_for_proofs(
    parts: Parts, did: str
) -> None:
    key = await a_key(parts, did)
    async with parts.database.read() as session:
        document = await trust.document(session, did)
        keys = (await trust.key_set(session, did))["keys"]
    as_jwk, as_multikey = document["verificationMethod"]
    assert (as_jwk["id"], as_jwk["type"]) == (f"{did}#{key.id}", "JsonWebKey")
    assert (as_multikey["id"], as_multikey["type"]) == (f"{did}#{key.multikey}", "Multikey")
    assert as_multikey["publicKeyMultibase"] == key.multikey
    assert document["assertionMethod"] == [as_jwk["id"], as_multikey["id"]]
    assert [(entry["kid"], entry["iss"], entry["alg"]) for entry in keys] == [(as_jwk["id"], did, "ES256")]


async def test_rotation_retires_a_key_and_makes_its_successor_and_both_are_believed(
    parts: Parts, did: str, clock: TestClock
) -> None:
    first = await a_key(parts, did)
    clock.advance(days=1)
    async with parts.database.write() as session:
        second = await trust.rotate(session, parts.office.gate.keystore, parts.ids, first.id, parts.now())
    assert (second.owner, second.did, second.key_type) == (first.owner, first.did, first.key_type)
    assert await a_key(parts, did) == second
    async with parts.database.read() as session:
        assert [key.state for key in await trust.keys_of_did(session, did)] == [KeyState.RETIRED, KeyState.ACTIVE]
        kids = [entry["kid"] for entry in (await trust.key_set(session, did))["keys"]]
    assert kids == [first.verification_method, second.verification_method]


async def test_a_compromised_key_asserts_nothing_and_says_since_when(parts: Parts, did: str) -> None:
    key = await a_key(parts, did)
    since = parts.now() - timedelta(days=2)
    async with parts.database.write() as session:
        await trust.compromise(session, key.id, since)
        document = await trust.document(session, did)
        assert (await trust.key_set(session, did))["keys"] == []
        assert (await trust.host_key_set(session))["keys"] == []
    assert document.get("assertionMethod") in (None, [])
    assert {method["revoked"] for method in document["verificationMethod"]} == {"2026-08-30T12:00:00Z"}
    assert (await a_key(parts, did)).id != key.id, "the next signature begins a new one"


async def test_only_an_active_key_is_rotated(parts: Parts, did: str) -> None:
    key = await a_key(parts, did)
    async with parts.database.write() as session:
        await trust.retire(session, key.id, parts.now())
    async with parts.database.write() as session:
        with pytest.raises(KeyGone, match="retired already"):
            await trust.rotate(session, parts.office.gate.keystore, parts.ids, key.id, parts.now())


async def test_a_did_key_is_its_key_so_it_has_no_successor(parts: Parts) -> None:
    store, ids, now = parts.office.gate.keystore, SeededIds(3), parts.now()
    async with parts.database.write() as session:
        key = await trust.own_identity(session, store, ids, now, owner=OWNER, key_type=KeyType.P384)
        assert key.did == f"did:key:{key.multikey}"
        assert key.verification_method == key.proof_method == f"{key.did}#{key.multikey}"
        again = await trust.own_identity(session, store, ids, now, owner=OWNER, key_type=KeyType.P384)
        assert again == key
        with pytest.raises(KeyGone, match="can have no other"):
            await trust.rotate(session, store, ids, key.id, now)
        await trust.retire(session, key.id, now)
        with pytest.raises(KeyGone, match="signs no more"):
            await trust.active_key(session, store, ids, now, owner=OWNER, did=key.did, key_type=KeyType.P384)


async def test_the_hosts_key_set_has_everybodys_keys_and_names_no_issuer(
    world: World, client: httpx.AsyncClient
) -> None:
    parts = world.parts
    for slug in ("alder", "kestrel-moor"):
        async with parts.database.write() as session:
            await trust.active_key(
                session,
                parts.office.gate.keystore,
                parts.ids,
                parts.now(),
                owner=world.organisations[slug].id,
                did=did_of(parts.settings.base_url, slug),
                key_type=KeyType.P256,
            )
    served = await client.get("/.well-known/jwks.json")
    assert served.headers["content-type"] == "application/jwk-set+json"
    keys = served.json()["keys"]
    assert len(keys) == 2
    assert not any("iss" in key for key in keys)
    for slug in ("alder", "kestrel-moor"):
        own = (await client.get(f"/orgs/{slug}/jwks.json")).json()["keys"]
        assert [key["iss"] for key in own] == [did_of(parts.settings.base_url, slug)]
        assert {key["kid"] for key in own} < {key["kid"] for key in keys}
