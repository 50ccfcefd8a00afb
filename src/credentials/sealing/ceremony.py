"""What becomes of a document between being written and being kept: it is rehearsed, signed and judged. No database.

The judge is the one that judges strangers' credentials, with nothing at hand but the issuer's keys. It works on the octets
that came out, so what is handed out is what was judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from credentials.errors import Fault
from credentials.ids import Ids
from credentials.jsonld.canonize import canonize, label_nodes
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.forms import CanonicalForms
from credentials.openbadges.did import PublishedKey, did_document
from credentials.openbadges.model import AchievementCredential
from credentials.openbadges.terms import format_date_time
from credentials.openbadges.usual import Achievements
from credentials.proofs import data_integrity, ecdsa_sd_2023, jose, vc_jwt
from credentials.proofs.model import Canonize, JsonObject, KeyType
from credentials.proofs.multikey import did_key, multikey
from credentials.proofs.suite import with_data_integrity_context
from credentials.sealing.model import CARRIERS, OPEN_KINDS, VC_JWT, Format, Intent, Means, SealRefused
from credentials.sealing.rules import with_issuer
from credentials.trust.keystore import LocalSigner, generate, public_of
from credentials.trust.model import DID_KEY, KeyState, Signer, SigningKey, TrustedIssuer
from credentials.trust.rules import published
from credentials.verification.judge import judge
from credentials.verification.model import Check, Materials, Name, Outcome, Policy, Present, Verdict
from credentials.verification.reading import Known, read

EXCUSED = frozenset({"credential-expired", "credential-not-yet-valid", "not-disclosed"})
"""What the judge may find in a document of ``OPEN_KINDS``: it is good, at some other time or together with what its holder
chooses to show."""


class Remembered:
    """What the documents that are signed here say alike, worked out once: canonical forms, and the achievements they are of."""

    __slots__ = ("achievements", "forms")

    def __init__(self, contexts: Contexts) -> None:
        self.forms = CanonicalForms(contexts)
        self.achievements = Achievements()


@dataclass(frozen=True)
class KeyInUse:
    """A key and whatever signs with it."""

    key: SigningKey
    signer: Signer


def key_types(of: Intent) -> tuple[KeyType, ...]:
    return tuple(dict.fromkeys(means.key_type for means in of.chosen))


def name_of(key: SigningKey, means: Means) -> str:
    """The name of the key in a document that is secured so."""
    return key.verification_method if means.format is Format.JWT else key.proof_method


async def rehearse(
    contexts: Contexts, ids: Ids, of: Intent, now: datetime, remembered: Remembered | None = None
) -> None:
    """Sign a document in all ways that were chosen, with keys that are thrown away, and judge it. ``remembered``, under the
    same contexts, is shared with ``sign_and_judge``: a document is canonicalised once in all of it.

    A did:key is its key, so with a throw-away one the issuer is another, too.
    """
    keys = {key_type: _throwaway(of.did, key_type, now) for key_type in key_types(of)}
    did = of.did
    if did.startswith(DID_KEY):
        (only,) = keys.values()
        did = only.key.did
        of = msgspec.structs.replace(
            of, document=msgspec.json.encode(with_issuer(msgspec.json.decode(of.document), did))
        )
    remembered = remembered or Remembered(contexts)
    shown = published([one.key for one in keys.values()])
    for means in of.chosen:
        await sign_and_judge(contexts, ids, of, means, keys[means.key_type], did, shown, now, remembered)


async def sign_and_judge(
    contexts: Contexts,
    ids: Ids,
    of: Intent,
    means: Means,
    by: KeyInUse,
    did: str,
    keys: Sequence[PublishedKey],
    now: datetime,
    remembered: Remembered | None = None,
) -> bytes:
    """The octets that are handed out: the document of an intent, secured in one way, and found good under ``keys``, which are
    those that ``did`` publishes. Raises ``SealRefused``."""
    remembered = remembered or Remembered(contexts)
    body = await _signed(contexts, ids, of, means, by, remembered.forms)
    _check(contexts, of, body, means, did, keys, now, remembered)
    return body


def _throwaway(did: str, key_type: KeyType, now: datetime) -> KeyInUse:
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
    return KeyInUse(key, LocalSigner(key.verification_method, key_type, private))


async def _signed(contexts: Contexts, ids: Ids, of: Intent, means: Means, by: KeyInUse, forms: CanonicalForms) -> bytes:
    """The document of an intent, secured in one way: the bytes that are handed out."""
    document = msgspec.json.decode(of.document)
    name = name_of(by.key, means)
    if means.format is Format.JWT:
        payload = msgspec.json.encode(vc_jwt.claims_of(document)) if means.suite == VC_JWT else of.document
        typ = "JWT" if means.suite == VC_JWT else "vc+jwt"
        to_sign = jose.signing_input(payload, means.key_type, name, typ=typ)
        return jose.compact(to_sign, await by.signer.sign(to_sign)).encode("ascii")
    options = data_integrity.proof_options(means.suite, name, format_date_time(of.prepared_at))
    canonical = _canonize(contexts, forms)
    if means.suite == ecdsa_sd_2023.NAME:
        document = with_data_integrity_context(document)
        unsigned = ecdsa_sd_2023.create_base_proof(
            document,
            options,
            lambda part: label_nodes(part, contexts),
            canonical,
            mandatory_pointers=means.mandatory,
            hmac_key=ids.octets(ecdsa_sd_2023.HMAC_KEY_OCTETS),
            proof_key=ids.octets(ecdsa_sd_2023.PROOF_KEY_OCTETS),
        )
        proof = ecdsa_sd_2023.with_base_signature(unsigned, await by.signer.sign(unsigned.to_sign))
        return msgspec.json.encode(data_integrity.with_proof(document, proof))
    added = data_integrity.add_proof(document, options, means.key_type, canonical)
    signature = await by.signer.sign(added.unsigned.to_sign)
    return data_integrity.octets_with_signature(added, signature, of.document)


def _canonize(contexts: Contexts, forms: CanonicalForms) -> Canonize:
    def bound(document: JsonObject, hash_name: str) -> bytes:
        if hash_name == "sha256" and "proofPurpose" not in document:
            return forms.of(document)
        return canonize(document, contexts, hash_name="sha384" if hash_name == "sha384" else "sha256")

    return bound


def _check(
    contexts: Contexts,
    of: Intent,
    body: bytes,
    means: Means,
    did: str,
    keys: Sequence[PublishedKey],
    now: datetime,
    remembered: Remembered,
) -> None:
    """Our own judge, with nothing at hand but the issuer's keys. Its status lists may not be published yet."""
    materials = Materials(
        gathered_at=now,
        key_documents={did: Present(msgspec.json.encode(did_document(did, keys)))},
        issuers={did: TrustedIssuer(id=did, name="this service")},
    )
    policy = Policy(require_status=False)
    if means.suite == ecdsa_sd_2023.NAME:
        body = _all_shown(contexts, body)
    presented = read(
        body, contexts, policy, Known(lambda document, _: remembered.forms.of(document), remembered.achievements)
    )
    report = judge(presented, materials, policy, contexts, now)
    if of.source_kind in OPEN_KINDS:
        wrong = [check for check in report.checks if _counts(check)]
    elif of.source_kind in CARRIERS:
        wrong = [check for check in report.checks if check.outcome is Outcome.FAILED or _is_open(check)]
        wrong = [check for check in wrong if check.name is not Name.MEMBERS]
    else:
        wrong = [] if report.verdict is Verdict.ACCEPT else [check for check in report.checks if check.code]
    if wrong:
        faults = tuple(Fault(check.reason or check.detail, check.pointer, check.code) for check in wrong)
        raise SealRefused(f"what was signed does not verify: {report.summary}", faults=faults)
    if presented.signed is not None and isinstance(presented.signed.credential, AchievementCredential):
        remembered.achievements.trust(presented.signed.credential.credentialSubject.achievement)


def _is_open(check: Check) -> bool:
    """Whether a finding on a record is one that should keep us from signing it: its schema is one that no reader knows yet,
    and what it binds by a digest is elsewhere."""
    return check.outcome is Outcome.UNKNOWN and check.name not in {Name.STATUS, Name.SCHEMA, Name.RESOURCES}


def _counts(check: Check) -> bool:
    """Whether a finding on a document of ``OPEN_KINDS`` is one that should keep us from signing it. Its endorsements and its
    status may be other people's, which are not asked here."""
    if check.outcome is Outcome.UNKNOWN:
        return check.name is Name.PROOF
    return check.outcome is Outcome.FAILED and check.code not in EXCUSED


def _all_shown(contexts: Contexts, body: bytes) -> bytes:
    """A credential with a selective disclosure proof, as its holder shows all of it: the base proof itself is nobody's to
    verify."""
    document = msgspec.json.decode(body)
    (base,) = document.pop("proof")
    shown = [f"/{name}" for name in document if name not in {"@context", "type", "id"}]
    revealed, proof = ecdsa_sd_2023.derive_proof(
        document, base, lambda part: label_nodes(part, contexts), selective_pointers=shown
    )
    return msgspec.json.encode(data_integrity.with_proof(revealed, proof))
