"""Seal like a certificate authority.

*Prepare*, in the caller's transaction: (1) nothing was prepared for this source yet; (2) the document passes the lint: its
model, the strict form, safe mode; (3) it is signed with a throw-away key and our own judge accepts what came out; (4) it is
recorded as the intent. The caller commits.

*Seal*, in transactions of its own: (5) the organisation's keys are looked up, made on first use, and that is committed;
(6) the intent is signed; (7) the judge accepts it with the real keys; (8) bytes, log and whatever the caller records are
stored together with the mark that the intent is sealed. Whoever comes second finds the mark and gets the first one's bytes.

A crash before (4) leaves nothing; between (4) and (8) an intent that the next start seals; after (8) nothing is missing. Nobody
sees a signature before it is stored, and what is stored first stays: it does not matter whether signing again would give the
same octets, which it does not with ECDSA in an HSM, or with ``ecdsa-sd-2023`` anywhere.

Documents that others ask us to sign (``model.OPEN_KINDS``) pass the same gate with the lint of the data model alone; they may
be in force later or no more.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from credentials.db import Database, Session
from credentials.errors import Fault, Refused
from credentials.ids import Ids
from credentials.jsonld.canonize import canonize, label_nodes
from credentials.jsonld.contexts import Contexts
from credentials.log import service as log
from credentials.log.model import Leaf
from credentials.openbadges.check import read_model
from credentials.openbadges.did import PublishedKey, did_document
from credentials.openbadges.lint import lint_issued
from credentials.openbadges.terms import format_date_time
from credentials.proofs import data_integrity, ecdsa_sd_2023, jose, vc_jwt
from credentials.proofs.model import Canonize, JsonObject, KeyType
from credentials.proofs.multikey import did_key, multikey
from credentials.proofs.suite import with_data_integrity_context
from credentials.sealing import store
from credentials.sealing.model import (
    OPEN_BADGES,
    OPEN_KINDS,
    VC_JWT,
    Format,
    Intent,
    LintFailed,
    Means,
    Sealed,
    SealRefused,
    Source,
)
from credentials.sealing.store import all_sealed, intent, intent_for, sealed_as, sealed_of, waiting, which_are_sealed
from credentials.trust import service as trust
from credentials.trust.keystore import LocalSigner, generate, public_of
from credentials.trust.model import DID_KEY, KeyState, KeyStore, Signer, SigningKey, TrustedIssuer
from credentials.trust.rules import published
from credentials.verification.judge import judge
from credentials.verification.model import Check, Materials, Name, Outcome, Policy, Present, Verdict
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

EXCUSED = frozenset({"credential-expired", "credential-not-yet-valid", "not-disclosed"})
"""What the judge may find in a document of ``OPEN_KINDS``: it is good, at some other time or together with what its holder
chooses to show."""

Record = Callable[[Session, Intent, tuple[Sealed, ...]], Awaitable[None]]
"""What the caller stores in the transaction that stores the sealed documents."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What sealing works with. ``contexts`` are the pinned ones. ``means`` are how documents are secured, of all owners but
    those who have ``own_means``."""

    database: Database
    keystore: KeyStore
    contexts: Contexts
    ids: Ids
    means: tuple[Means, ...] = OPEN_BADGES
    own_means: Mapping[str, tuple[Means, ...]] = field(default_factory=dict)

    def means_of(self, owner: str) -> tuple[Means, ...]:
        return self.own_means.get(owner, self.means)


@dataclass(frozen=True)
class _Key:
    """A key and whatever signs with it."""

    key: SigningKey
    signer: Signer


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
    means: tuple[Means, ...],
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
        document_id=document.get("id", ""),
        document=msgspec.json.encode(document),
        formats=tuple(one.format for one in means),
        means=means,
        prepared_at=now,
    )
    try:
        (read_model if source.kind in OPEN_KINDS else lint_issued)(document)  # (2)
        await _rehearse(gate, made, now)  # (3)
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
        keys = {}
        for key_type in _key_types(found):  # (5)
            key = await trust.active_key(
                session, gate.keystore, gate.ids, now, owner=found.owner, did=found.did, key_type=key_type
            )
            keys[key_type] = _Key(key, trust.signer(gate.keystore, key))
        asserting = [key for key in await trust.keys_of_did(session, found.did) if key.state is KeyState.ACTIVE]
    made = []
    for means in found.chosen:
        key = keys[means.key_type].key
        body = await _signed(gate, found, means, keys[means.key_type])  # (6)
        _check(gate, found, body, means, found.did, published(asserting), now)  # (7)
        made.append(
            Sealed(
                intent_id=found.id,
                format=means.format,
                body=body,
                digest=hashlib.sha256(body).hexdigest(),
                key=_name(key, means),
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
    return tuple(dict.fromkeys(means.key_type for means in of.chosen))


def _name(key: SigningKey, means: Means) -> str:
    """The name of the key in a document that is secured so."""
    return key.verification_method if means.format is Format.JWT else key.proof_method


async def _rehearse(gate: Gate, of: Intent, now: datetime) -> None:
    """Step 3. A did:key is its key, so with a throw-away one the issuer is another, too."""
    keys = {key_type: _throwaway(of.did, key_type, now) for key_type in _key_types(of)}
    did = of.did
    if did.startswith(DID_KEY):
        (only,) = keys.values()
        did = only.key.did
        of = msgspec.structs.replace(
            of, document=msgspec.json.encode(with_issuer(msgspec.json.decode(of.document), did))
        )
    shown = published([one.key for one in keys.values()])
    for means in of.chosen:
        _check(gate, of, await _signed(gate, of, means, keys[means.key_type]), means, did, shown, now)


def _throwaway(did: str, key_type: KeyType, now: datetime) -> _Key:
    """A key that signs nothing that leaves."""
    private = generate(key_type)
    public = public_of(key_type, private)
    key = SigningKey(
        id=f"rehearsal-{key_type.value.lower()}",
        owner="",
        did=did_key(public) if did.startswith(DID_KEY) else did,
        key_type=key_type,
        multikey=multikey(public),
        state=KeyState.ACTIVE,
        created_at=now,
    )
    return _Key(key, LocalSigner(key.verification_method, key_type, private))


def with_issuer(document: JsonObject, did: str) -> JsonObject:
    """The document as if another had issued it."""
    issuer = document.get("issuer")
    return {**document, "issuer": {**issuer, "id": did} if isinstance(issuer, dict) else did}


async def _signed(gate: Gate, of: Intent, means: Means, by: _Key) -> bytes:
    """The document of an intent, secured in one way: the bytes that are handed out."""
    document = msgspec.json.decode(of.document)
    name = _name(by.key, means)
    if means.format is Format.JWT:
        payload = msgspec.json.encode(vc_jwt.claims_of(document)) if means.suite == VC_JWT else of.document
        typ = "JWT" if means.suite == VC_JWT else "vc+jwt"
        to_sign = jose.signing_input(payload, means.key_type, name, typ=typ)
        return jose.compact(to_sign, await by.signer.sign(to_sign)).encode("ascii")
    options = data_integrity.proof_options(means.suite, name, format_date_time(of.prepared_at))
    canonical = _canonize(gate.contexts)
    if means.suite == ecdsa_sd_2023.NAME:
        document = with_data_integrity_context(document)
        unsigned = ecdsa_sd_2023.create_base_proof(
            document,
            options,
            lambda part: label_nodes(part, gate.contexts),
            canonical,
            mandatory_pointers=means.mandatory,
            hmac_key=gate.ids.octets(ecdsa_sd_2023.HMAC_KEY_OCTETS),
            proof_key=gate.ids.octets(ecdsa_sd_2023.PROOF_KEY_OCTETS),
        )
        proof = ecdsa_sd_2023.with_base_signature(unsigned, await by.signer.sign(unsigned.to_sign))
        return msgspec.json.encode(data_integrity.with_proof(document, proof))
    added = data_integrity.add_proof(document, options, means.key_type, canonical)
    return msgspec.json.encode(data_integrity.with_signature(added, await by.signer.sign(added.unsigned.to_sign)))


def _canonize(contexts: Contexts) -> Canonize:
    def bound(document: JsonObject, hash_name: str) -> bytes:
        return canonize(document, contexts, hash_name="sha384" if hash_name == "sha384" else "sha256")

    return bound


def _check(
    gate: Gate, of: Intent, body: bytes, means: Means, did: str, keys: Sequence[PublishedKey], now: datetime
) -> None:
    """Our own judge, with nothing at hand but the issuer's keys. Its status lists may not be published yet."""
    materials = Materials(
        gathered_at=now,
        key_documents={did: Present(msgspec.json.encode(did_document(did, keys)))},
        issuers={did: TrustedIssuer(id=did, name="this service")},
    )
    policy = Policy(require_status=False)
    if means.suite == ecdsa_sd_2023.NAME:
        body = _all_shown(gate, body)
    report = judge(read(body, gate.contexts, policy), materials, policy, gate.contexts, now)
    if of.source_kind in OPEN_KINDS:
        wrong = [check for check in report.checks if _counts(check)]
    else:
        wrong = [] if report.verdict is Verdict.ACCEPT else [check for check in report.checks if check.code]
    if wrong:
        faults = tuple(Fault(check.reason or check.detail, check.pointer, check.code) for check in wrong)
        raise SealRefused(f"what was signed does not verify: {report.summary}", faults=faults)


def _counts(check: Check) -> bool:
    """Whether a finding on a document of ``OPEN_KINDS`` is one that should keep us from signing it. Its endorsements and its
    status may be other people's, which are not asked here."""
    if check.outcome is Outcome.UNKNOWN:
        return check.name is Name.PROOF
    return check.outcome is Outcome.FAILED and check.code not in EXCUSED


def _all_shown(gate: Gate, body: bytes) -> bytes:
    """A credential with a selective disclosure proof, as its holder shows all of it: the base proof itself is nobody's to
    verify."""
    document = msgspec.json.decode(body)
    (base,) = document.pop("proof")
    shown = [f"/{name}" for name in document if name not in {"@context", "type", "id"}]
    revealed, proof = ecdsa_sd_2023.derive_proof(
        document, base, lambda part: label_nodes(part, gate.contexts), selective_pointers=shown
    )
    return msgspec.json.encode(data_integrity.with_proof(revealed, proof))
