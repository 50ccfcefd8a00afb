"""Seal like a certificate authority.

*Prepare*, in the caller's transaction: (1) nothing was prepared for this source yet; (2) the document passes the lint: its
model, the strict form, safe mode; (3) it is signed with a throw-away key and our own judge accepts what came out; (4) it is
recorded as the intent. The caller commits.

*Seal*, in transactions of its own: (5) the organisation's keys are looked up, made on first use, and that is committed;
(6) the intent is signed; (7) the judge accepts it with the real keys; (8) bytes, log and whatever the caller records are
stored together with the mark that the intent is sealed. Whoever comes second finds the mark and gets the first one's bytes.

A crash before (4) leaves nothing; between (4) and (8) an intent that the next start seals, with the same signatures, because
both algorithms are deterministic and the proof's ``created`` is the intent's; after (8) nothing is missing.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from credentials.db import Database, Session
from credentials.errors import Fault, Refused
from credentials.ids import Ids
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts
from credentials.log import service as log
from credentials.log.model import Leaf
from credentials.openbadges.did import PublishedKey, did_document
from credentials.openbadges.lint import lint_issued
from credentials.openbadges.terms import format_date_time
from credentials.proofs import data_integrity, eddsa_rdfc_2022, jose, vc_jwt
from credentials.proofs.model import Canonize, JsonObject, KeyType
from credentials.proofs.multikey import multikey
from credentials.sealing import store
from credentials.sealing.model import Format, Intent, LintFailed, Sealed, SealRefused, Source
from credentials.sealing.store import all_sealed, intent, intent_for, sealed_as, sealed_of, waiting, which_are_sealed
from credentials.trust import service as trust
from credentials.trust.keystore import LocalSigner, generate
from credentials.trust.model import KeyState, KeyStore, Signer, TrustedIssuer
from credentials.trust.rules import published, published_key
from credentials.verification.judge import judge
from credentials.verification.model import Materials, Policy, Present, Verdict
from credentials.verification.reading import read

__all__ = [
    "Gate",
    "Record",
    "all_sealed",
    "intent",
    "intent_for",
    "prepare",
    "seal",
    "sealed_as",
    "sealed_of",
    "waiting",
    "which_are_sealed",
]

KEY_TYPES = {Format.DATA_INTEGRITY: KeyType.ED25519, Format.JWT: KeyType.P256}

Record = Callable[[Session, Intent, tuple[Sealed, ...]], Awaitable[None]]
"""What the caller stores in the transaction that stores the sealed documents."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What sealing works with. ``contexts`` are the pinned ones."""

    database: Database
    keystore: KeyStore
    contexts: Contexts
    ids: Ids


async def prepare(
    session: Session,
    gate: Gate,
    now: datetime,
    *,
    intent_id: str,
    source: Source,
    owner: str,
    did: str,
    document: JsonObject,
    formats: tuple[Format, ...],
) -> Intent:
    """Steps 1 to 4. Answers the intent of the source, which may be an earlier one. Raises ``LintFailed``."""
    found = await store.intent_for(session, source)  # (1)
    if found:
        return found
    made = Intent(
        id=intent_id,
        source_kind=source.kind,
        source_id=source.id,
        owner=owner,
        did=did,
        document_id=document["id"],
        document=msgspec.json.encode(document),
        formats=formats,
        prepared_at=now,
    )
    try:
        lint_issued(document)  # (2)
        signers = {key_type: _throwaway(did, key_type) for key_type in _key_types(made)}
        for format_ in formats:  # (3)
            _check(gate, made, await _signed(gate, made, format_, signers), _published(signers), now)
    except Refused as refused:
        raise LintFailed(f"this would not be a good credential: {refused.detail}", faults=refused.faults) from refused
    if not await store.add_intent(session, made):  # (4)
        return await store.intent_for(session, source) or made
    return made


async def seal(gate: Gate, now: datetime, intent_id: str, record: Record) -> tuple[Sealed, ...]:
    """Steps 5 to 8. Answers the sealed documents, which may be those of an earlier run. Raises ``SealRefused``."""
    async with gate.database.write() as session:
        found = await store.intent(session, intent_id)
        if found.sealed_at is not None:
            return await store.sealed_of(session, intent_id)
        signers = {  # (5)
            key_type: trust.signer(
                gate.keystore,
                await trust.active_key(
                    session, gate.keystore, gate.ids, now, owner=found.owner, did=found.did, key_type=key_type
                ),
            )
            for key_type in _key_types(found)
        }
        keys = [key for key in await trust.keys_of_did(session, found.did) if key.state is KeyState.ACTIVE]
    made = []
    for format_ in found.formats:
        body = await _signed(gate, found, format_, signers)  # (6)
        _check(gate, found, body, published(keys), now)  # (7)
        made.append(
            Sealed(
                intent_id=found.id,
                format=format_,
                body=body,
                digest=hashlib.sha256(body).hexdigest(),
                key=signers[KEY_TYPES[format_]].verification_method,
                sealed_at=now,
            )
        )
    async with gate.database.write() as session:  # (8)
        if not await store.mark_sealed(session, intent_id, now):
            return await store.sealed_of(session, intent_id)
        for document in made:
            await store.add_sealed(session, document)
            leaf = Leaf(
                at=now, document=found.document_id, format=document.format, digest=document.digest, key=document.key
            )
            await log.append(session, leaf)
        await record(session, found, tuple(made))
    return tuple(made)


def _key_types(of: Intent) -> tuple[KeyType, ...]:
    return tuple(KEY_TYPES[format_] for format_ in of.formats)


def _throwaway(did: str, key_type: KeyType) -> LocalSigner:
    """A key that signs nothing that leaves."""
    return LocalSigner(f"{did}#rehearsal-{key_type.value.lower()}", key_type, generate(key_type))


def _published(signers: Mapping[KeyType, LocalSigner]) -> list[PublishedKey]:
    return [
        published_key(signer.verification_method, key_type, multikey(signer.public))
        for key_type, signer in signers.items()
    ]


async def _signed(gate: Gate, of: Intent, format_: Format, signers: Mapping[KeyType, Signer]) -> bytes:
    """The document of an intent, secured in one format: the bytes that are handed out."""
    signer = signers[KEY_TYPES[format_]]
    document = msgspec.json.decode(of.document)
    match format_:
        case Format.DATA_INTEGRITY:
            options = data_integrity.proof_options(
                eddsa_rdfc_2022.NAME, signer.verification_method, format_date_time(of.prepared_at)
            )
            added = data_integrity.add_proof(document, options, signer.key_type, _canonize(gate.contexts))
            signature = await signer.sign(added.unsigned.to_sign)
            return msgspec.json.encode(data_integrity.with_signature(added, signature))
        case Format.JWT:
            payload = msgspec.json.encode(vc_jwt.claims_of(document))
            to_sign = jose.signing_input(payload, signer.key_type, signer.verification_method)
            return jose.compact(to_sign, await signer.sign(to_sign)).encode("ascii")


def _canonize(contexts: Contexts) -> Canonize:
    def bound(document: JsonObject, hash_name: str) -> bytes:
        return canonize(document, contexts, hash_name="sha384" if hash_name == "sha384" else "sha256")

    return bound


def _check(gate: Gate, of: Intent, body: bytes, keys: Sequence[PublishedKey], now: datetime) -> None:
    """Our own judge, with nothing at hand but the issuer's keys. Its status lists may not be published yet."""
    materials = Materials(
        gathered_at=now,
        key_documents={of.did: Present(msgspec.json.encode(did_document(of.did, keys)))},
        issuers={of.did: TrustedIssuer(id=of.did, name="this service")},
    )
    policy = Policy(require_status=False)
    report = judge(read(body, gate.contexts, policy), materials, policy, gate.contexts, now)
    if report.verdict is not Verdict.ACCEPT:
        faults = tuple(Fault(check.detail, check.pointer, check.code) for check in report.checks if check.code)
        raise SealRefused(f"what was signed does not verify: {report.summary}", faults=faults)
