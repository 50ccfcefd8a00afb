from datetime import datetime

from credentials.db import Session
from credentials.errors import NotFound
from credentials.ids import Ids, new_secret
from credentials.openbadges.did import did_document, jwks
from credentials.proofs.model import JsonObject, KeyType
from credentials.proofs.multikey import multikey
from credentials.trust import rules, store
from credentials.trust.model import KeyGone, KeyState, KeyStore, Signer, SigningKey
from credentials.trust.store import (
    all_keys,
    distrust_issuer,
    key,
    keys_of_did,
    trust_issuer,
    trusted_issuer,
    trusted_issuers,
)

__all__ = [
    "active_key",
    "all_keys",
    "compromise",
    "distrust_issuer",
    "document",
    "key",
    "key_set",
    "keys_of_did",
    "retire",
    "signer",
    "trust_issuer",
    "trusted_issuer",
    "trusted_issuers",
]


async def active_key(
    session: Session, keystore: KeyStore, ids: Ids, now: datetime, *, owner: str, did: str, key_type: KeyType
) -> SigningKey:
    """The key with which an organisation signs; made on first use."""
    found = await store.active_key(session, owner, key_type)
    if found:
        return found
    key_id = f"{key_type.value.lower().replace('-', '')}-{new_secret(ids, 8)}"
    public = keystore.create(key_id, key_type)
    made = SigningKey(
        id=key_id,
        owner=owner,
        did=did,
        key_type=key_type,
        multikey=multikey(public),
        state=KeyState.ACTIVE,
        created_at=now,
    )
    if await store.add_key(session, made):
        return made
    keystore.discard(key_id)  # another worker made one at the same moment
    found = await store.active_key(session, owner, key_type)
    if found is None:
        raise KeyGone("the key was retired while it was looked for: try again")
    return found


def signer(keystore: KeyStore, key: SigningKey) -> Signer:
    if key.state is not KeyState.ACTIVE:
        raise KeyGone(f"the key {key.id} signs no more")
    return keystore.signer(key)


async def document(session: Session, did: str) -> JsonObject:
    """The DID document of one of our organisations."""
    found = await store.keys_of_did(session, did)
    if not found:
        raise NotFound("this organisation has not signed anything yet")
    return did_document(did, rules.published(found))


async def key_set(session: Session, did: str) -> JsonObject:
    """The key set of one of our organisations, for readers of VC-JWTs."""
    return jwks(did, rules.published(await store.keys_of_did(session, did)))


async def retire(session: Session, key_id: str, now: datetime) -> None:
    """Sign with it no more; the next signature makes a new one. What it signed stays good."""
    found = await store.key(session, key_id)
    if found is None:
        raise NotFound("there is no such key")
    if found.state is not KeyState.ACTIVE:
        raise KeyGone(f"the key {key_id} is {found.state.value} already")
    await store.change_key(session, key_id, state=KeyState.RETIRED, retired_at=now)


async def compromise(session: Session, key_id: str, since: datetime) -> None:
    """Somebody else may have signed with it from ``since`` on."""
    if await store.key(session, key_id) is None:
        raise NotFound("there is no such key")
    await store.change_key(session, key_id, state=KeyState.COMPROMISED, compromised_since=since)
