"""What becomes of a document between being written and being kept: it is rehearsed, signed and judged. No database.

The judge is the same that judges strangers' credentials, with nothing at hand but the issuer's keys. It works on the octets
that came out, so that what is handed out is what was judged.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from credentials.errors import Fault
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.rdfc10 import HashName
from credentials.openbadges.did import PublishedKey, did_document
from credentials.openbadges.lint import lint_issued
from credentials.openbadges.terms import format_date_time
from credentials.proofs import data_integrity, eddsa_rdfc_2022, jose, vc_jwt
from credentials.proofs.model import Canonize, JsonObject, KeyType
from credentials.proofs.multikey import multikey
from credentials.sealing.model import Format, Intent, SealRefused
from credentials.trust.keystore import LocalSigner, generate
from credentials.trust.model import Signer, TrustedIssuer
from credentials.trust.rules import published_key
from credentials.verification.judge import judge
from credentials.verification.model import Materials, Policy, Present, Verdict
from credentials.verification.reading import read

KEY_TYPES = {Format.DATA_INTEGRITY: KeyType.ED25519, Format.JWT: KeyType.P256}

_POLICY = Policy(require_status=False)
"""The status lists of a new credential may not be published yet."""


def key_types(formats: Iterable[Format]) -> tuple[KeyType, ...]:
    return tuple(KEY_TYPES[format_] for format_ in formats)


async def rehearse(contexts: Contexts, planned: Intent, document: JsonObject, now: datetime) -> None:
    """Lint the document, sign it in each format with a throw-away key, and judge what came out.

    Raises ``Refused`` for a document that would not be a good credential, and ``SealRefused`` when the judge says no.
    """
    lint_issued(document)
    signers = {key_type: _throwaway(planned.did, key_type) for key_type in key_types(planned.formats)}
    keys = [
        published_key(signer.verification_method, key_type, multikey(signer.public))
        for key_type, signer in signers.items()
    ]
    for format_ in planned.formats:
        await sign_and_judge(contexts, planned, format_, signers, keys, now)


async def sign_and_judge(
    contexts: Contexts,
    planned: Intent,
    format_: Format,
    signers: Mapping[KeyType, Signer],
    keys: Sequence[PublishedKey],
    now: datetime,
) -> bytes:
    """The octets that are handed out: the document in one format, signed, and accepted by our own judge under the keys that
    are published. Raises ``SealRefused``."""
    body = await _signed(contexts, planned, format_, signers[KEY_TYPES[format_]])
    _check(contexts, planned.did, body, keys, now)
    return body


def _throwaway(did: str, key_type: KeyType) -> LocalSigner:
    """A key that signs nothing that leaves."""
    return LocalSigner(f"{did}#rehearsal-{key_type.value.lower()}", key_type, generate(key_type))


async def _signed(contexts: Contexts, planned: Intent, format_: Format, signer: Signer) -> bytes:
    document = msgspec.json.decode(planned.document)
    match format_:
        case Format.DATA_INTEGRITY:
            options = data_integrity.proof_options(
                eddsa_rdfc_2022.NAME, signer.verification_method, format_date_time(planned.prepared_at)
            )
            added = data_integrity.add_proof(document, options, signer.key_type, _canonize(contexts))
            signature = await signer.sign(added.unsigned.to_sign)
            return msgspec.json.encode(data_integrity.with_signature(added, signature))
        case Format.JWT:
            payload = msgspec.json.encode(vc_jwt.claims_of(document))
            to_sign = jose.signing_input(payload, signer.key_type, signer.verification_method)
            return jose.compact(to_sign, await signer.sign(to_sign)).encode("ascii")


def _canonize(contexts: Contexts) -> Canonize:
    def bound(document: JsonObject, hash_name: HashName) -> bytes:
        return canonize(document, contexts, hash_name=hash_name)

    return bound


def _check(contexts: Contexts, did: str, body: bytes, keys: Sequence[PublishedKey], now: datetime) -> None:
    materials = Materials(
        gathered_at=now,
        key_documents={did: Present(msgspec.json.encode(did_document(did, keys)))},
        issuers={did: TrustedIssuer(id=did, name="this service")},
    )
    report = judge(read(body, contexts, _POLICY), materials, _POLICY, contexts, now)
    if report.verdict is not Verdict.ACCEPT:
        faults = tuple(Fault(check.detail, check.pointer, check.code) for check in report.checks if check.code)
        raise SealRefused(f"what was signed does not verify: {report.summary}", faults=faults)
