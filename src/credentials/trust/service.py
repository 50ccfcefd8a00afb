from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from credentials.db import Session
from credentials.errors import NotFound
from credentials.ids import Ids, new_id, new_secret
from credentials.openbadges.did import did_document, jwks
from credentials.proofs.model import JsonObject, KeyType
from credentials.proofs.multikey import did_key, multikey
from credentials.trust import registry, rules, store
from credentials.trust.model import (
    DID_KEY,
    KeyGone,
    KeyState,
    KeyStore,
    ListOutdated,
    Recognition,
    RecognitionRefused,
    Signer,
    SigningKey,
    Taken,
    TrustedIssuer,
)
from credentials.trust.registry import Line
from credentials.trust.store import active_key as active_key_of
from credentials.trust.store import (
    all_keys,
    distrust_issuer,
    end_issuer,
    inherited,
    key,
    keys_of_did,
    recognised_host,
    recognition,
    registry_of,
    trust_issuer,
    trusted_issuer,
    trusted_issuers,
)

__all__ = [
    "active_key",
    "active_key_of",
    "all_keys",
    "change_recognition",
    "compromise",
    "distrust_issuer",
    "document",
    "end_issuer",
    "end_recognition",
    "host_key_set",
    "inherited",
    "key",
    "key_set",
    "keys_of_did",
    "own_identity",
    "recognise",
    "recognised_host",
    "recognition",
    "registry_of",
    "retire",
    "rotate",
    "signer",
    "take_lines",
    "take_list",
    "trust_issuer",
    "trusted_issuer",
    "trusted_issuers",
    "view",
]

MAX_REGISTRY = 5_000
"""Lines of one organisation's registry, ended ones among them: they are read as one when a CSV file is compared with them."""


async def active_key(
    session: Session, keystore: KeyStore, ids: Ids, now: datetime, *, owner: str, did: str, key_type: KeyType
) -> SigningKey:
    """The key with which an owner signs as ``did``; made on first use. Raises ``KeyGone`` for a did:key whose key is
    retired: it is that key, and no other one can sign for it."""
    found = await store.active_key(session, owner, key_type)
    if found is None and not did.startswith(DID_KEY):
        found = await _made(session, keystore, ids, now, owner=owner, did=did, key_type=key_type)
    if found is None or found.did != did:
        raise KeyGone(f"the key of {did} signs no more")
    return found


async def own_identity(
    session: Session, keystore: KeyStore, ids: Ids, now: datetime, *, owner: str, key_type: KeyType
) -> SigningKey:
    """The key of an owner that has no other identity than a did:key; made on first use."""
    found = await store.active_key(session, owner, key_type)
    return found or await _made(session, keystore, ids, now, owner=owner, did="", key_type=key_type)


async def _made(
    session: Session, keystore: KeyStore, ids: Ids, now: datetime, *, owner: str, did: str, key_type: KeyType
) -> SigningKey:
    """A new active key; without a ``did``, that of the key itself."""
    key_id = f"{key_type.value.lower().replace('-', '')}-{new_secret(ids, 8)}"
    public = keystore.create(key_id, key_type)
    made = SigningKey(
        id=key_id,
        owner=owner,
        did=did or did_key(public),
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


async def host_key_set(session: Session) -> JsonObject:
    """The keys of all our organisations in one set, for readers who look for a token's key at the host of its issuer
    (Open Badges 3.0 implementation guide, "Key provenance"). It speaks for no single issuer, so it names none."""
    by_did: dict[str, list[SigningKey]] = {}
    for found in await store.all_keys(session):
        if not found.did.startswith(DID_KEY):
            by_did.setdefault(found.did, []).append(found)
    listed = [entry for did, keys in by_did.items() for entry in jwks(did, rules.published(keys))["keys"]]
    return {"keys": [{name: value for name, value in entry.items() if name != "iss"} for entry in listed]}


async def rotate(session: Session, keystore: KeyStore, ids: Ids, key_id: str, now: datetime) -> SigningKey:
    """Retire an active key and make its successor, in the key store of today. Raises ``KeyGone``."""
    found = await store.key(session, key_id)
    if found is not None and found.did.startswith(DID_KEY):
        raise KeyGone(f"{found.did} is this key, and can have no other: retire it, and a new identity is made")
    await retire(session, key_id, now)
    assert found is not None  # else it could not be retired
    return await _made(session, keystore, ids, now, owner=found.owner, did=found.did, key_type=found.key_type)


async def retire(session: Session, key_id: str, now: datetime) -> None:
    """Sign with it no more; the next signature makes a new one. What it signed stays good."""
    found = await store.key(session, key_id)
    if found is None:
        raise NotFound("there is no such key")
    if found.state is not KeyState.ACTIVE:
        raise KeyGone(f"the key {key_id} is {found.state.value} already")
    await store.change_key(session, key_id, state=KeyState.RETIRED, retired_at=now)


async def compromise(session: Session, key_id: str, since: datetime) -> SigningKey:
    """Somebody else may have signed with it from ``since`` on. What our log shows to be from before stays good; status lists
    that it signed are to be signed anew. Answers the key as it was."""
    found = await store.key(session, key_id)
    if found is None:
        raise NotFound("there is no such key")
    await store.change_key(session, key_id, state=KeyState.COMPROMISED, compromised_since=since)
    return found


# What an organisation recognises. Who may decide that is for the caller to know: this half knows no people.


async def view(
    session: Session, issuer: str, lineage: Sequence[str], names: Mapping[str, str], root: TrustedIssuer | None
) -> TrustedIssuer | None:
    """How an organisation sees an issuer: see ``rules.entry_for``."""
    if not lineage:
        return root
    return rules.entry_for(issuer, await store.recognitions_of(session, issuer, lineage), lineage, names, root)


async def recognise(session: Session, ids: Ids, now: datetime, owner: str, line: Line) -> Recognition:
    """Enter a line in an organisation's registry. Raises ``RecognitionRefused``."""
    (made,) = await _enter(session, ids, now, owner, (registry.check_line(line),))
    return made


async def change_recognition(
    session: Session, owner: str, recognition_id: str, line: Line, *, revision: int
) -> Recognition:
    """Say something else in a line. Raises ``RecognitionRefused``, ``Stale``."""
    kept = await store.recognition(session, owner, recognition_id)
    told = msgspec.structs.asdict(registry.check_line(line))
    return await store.change_recognition(session, msgspec.structs.replace(kept, **told), revision=revision)


async def end_recognition(session: Session, owner: str, recognition_id: str, now: datetime) -> Recognition:
    """Recognise no longer by this line. What it was good for before stays as it was."""
    kept = await store.recognition(session, owner, recognition_id, lock=True)
    if kept.until is not None and kept.until <= now:
        return kept
    ended = msgspec.structs.replace(kept, until=now)
    return await store.change_recognition(session, ended, revision=kept.revision)


async def take_lines(session: Session, ids: Ids, now: datetime, owner: str, lines: Sequence[Line]) -> Taken:
    """Enter the lines of a CSV file beside those that are there; one that is there already is not entered again."""
    kept = await store.registry_of(session, owner, limit=MAX_REGISTRY)
    known = {line.issuer: [one for one in kept if one.issuer == line.issuer] for line in lines}
    new = [line for line in lines if all(registry.differs(line, one) for one in known[line.issuer])]
    made = await _enter(session, ids, now, owner, new, source="csv")
    return Taken(added=len(made), unchanged=len(lines) - len(made), ended=0)


async def take_list(
    session: Session, ids: Ids, now: datetime, owner: str, lines: Sequence[Line], *, source: str, listed_at: datetime
) -> Taken:
    """Enter the lines of a signed list, in place of those that an older edition of it had. Raises ``ListOutdated``."""
    before = await store.listed_at(session, owner, source)
    if before is not None and listed_at < before:
        raise ListOutdated("a newer edition of this list was taken already: get the current one")
    ended = await store.end_source(session, owner, source, now)
    made = await _enter(session, ids, now, owner, lines, source=source, listed_at=listed_at)
    return Taken(added=len(made), unchanged=0, ended=ended)


async def _enter(
    session: Session,
    ids: Ids,
    now: datetime,
    owner: str,
    lines: Sequence[Line],
    *,
    source: str = "",
    listed_at: datetime | None = None,
) -> list[Recognition]:
    if await store.count_recognitions(session, owner) + len(lines) > MAX_REGISTRY:
        raise RecognitionRefused(f"a registry has at most {MAX_REGISTRY} lines, ended ones among them")
    made = [
        Recognition(
            id=new_id(ids, now),
            owner=owner,
            source=source,
            listed_at=listed_at,
            created_at=now,
            **msgspec.structs.asdict(line),
        )
        for line in lines
    ]
    await store.add_recognitions(session, made)
    return made
