"""What this project does, as an issuer and as a verifier would call it."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from badges import DID, ENTRIES, REVOKED, STATUS_LIST

from credentials.files import packaged_contexts
from credentials.ids import SystemIds
from credentials.jsonld.canonize import canonize, canonize_with
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.passages import Passages
from credentials.jsonld.rdfc10 import HashName
from credentials.openbadges.build import Badge, StatusList, achievement_credential, encoded, status_list_credential
from credentials.openbadges.did import did_document
from credentials.openbadges.lint import lint_issued, written
from credentials.proofs import data_integrity, eddsa_rdfc_2022, jose, vc_jwt
from credentials.proofs.model import JsonObject, KeyType
from credentials.proofs.multikey import multikey
from credentials.sealing.ceremony import KeyInUse, Remembered, rehearse, sign_and_judge
from credentials.sealing.model import Intent, Means
from credentials.status import bitstring
from credentials.trust.keystore import LocalSigner, generate, public_of
from credentials.trust.model import KeyState, Signer, SigningKey, TrustedIssuer
from credentials.trust.rules import published
from credentials.verification.judge import judge
from credentials.verification.memory import Memory
from credentials.verification.model import DEFAULT, Materials, Present, Report
from credentials.verification.reading import read

CONTEXT_FILES = packaged_contexts()
CONTEXTS = Contexts(CONTEXT_FILES)
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def answer(work: Coroutine[Any, Any, bytes]) -> bytes:
    """What a coroutine that waits for nobody answers. A local signer is one."""
    try:
        work.send(None)
    except StopIteration as done:
        value: bytes = done.value
        return value
    return asyncio.run(work)


MEANS = Means(eddsa_rdfc_2022.NAME, KeyType.ED25519)


def _made(key_type: KeyType) -> KeyInUse:
    private = generate(key_type)
    key = SigningKey(
        id=key_type.value.lower(),
        owner="riverton",
        did=DID,
        key_type=key_type,
        multikey=multikey(public_of(key_type, private)),
        state=KeyState.ACTIVE,
        created_at=NOW,
    )
    return KeyInUse(key, LocalSigner(key.verification_method, key_type, private))


class World:
    """An issuer with its keys and its status list, and a verifier that knows both."""

    def __init__(self) -> None:
        self.ids = SystemIds()
        self.remembered = Remembered(CONTEXTS)
        self.passages = Passages()
        self.key = _made(KeyType.ED25519)
        p256 = _made(KeyType.P256)
        self.ed25519, self.p256 = self.key.signer, p256.signer
        self.keys = published([self.key.key, p256.key])
        encoded = bitstring.encode(ENTRIES, REVOKED)
        listed = status_list_credential(
            StatusList(
                url=STATUS_LIST,
                issuer=DID,
                purpose="revocation",
                encoded=encoded,
                valid_from=datetime(2026, 12, 1, tzinfo=UTC),
            )
        )
        self.materials = Materials(
            gathered_at=NOW,
            key_documents={DID: Present(msgspec.json.encode(did_document(DID, self.keys)))},
            status_lists={STATUS_LIST: Present(self.signed(listed))},
            issuers={DID: TrustedIssuer(id=DID, name="Riverton School District")},
        )
        self.memory = Memory()
        self.known = self.memory.known(CONTEXTS)
        self.achievements = written()

    def signed(self, document: JsonObject, suite: str = "eddsa-rdfc-2022", octets: bytes = b"") -> bytes:
        options = data_integrity.proof_options(suite, self.ed25519.verification_method, "2026-12-01T00:00:00Z")
        added = data_integrity.add_proof(document, options, KeyType.ED25519, partial(self.canonical, octets=octets))
        signature = answer(self.ed25519.sign(added.unsigned.to_sign))
        return data_integrity.octets_with_signature(added, signature, octets or msgspec.json.encode(document))

    def token(self, document: JsonObject, signer: Signer) -> bytes:
        payload = msgspec.json.encode(vc_jwt.claims_of(document))
        to_sign = jose.signing_input(payload, signer.key_type, signer.verification_method)
        return jose.compact(to_sign, answer(signer.sign(to_sign))).encode("ascii")

    def canonical(self, document: JsonObject, hash_name: HashName, octets: bytes = b"") -> bytes:
        """With the help of what was canonicalised before, as the sealing room does it."""
        if hash_name != "sha256" or "proofPurpose" in document:
            return canonize(document, CONTEXTS, hash_name=hash_name)
        form, heard = canonize_with(document, CONTEXTS, self.passages, octets)
        self.passages.keep(heard)
        return form

    def issue(self, badge: Badge) -> bytes:
        """Build, schema and safe-mode lint, sign."""
        document, octets = encoded(badge)
        lint_issued(document, self.achievements, octets)
        return self.signed(document, octets=octets)

    def issue_like_an_authority(self, badge: Badge) -> bytes:
        """Build, lint, rehearse with a throw-away key and judge, sign with the real one and judge."""
        document, octets = encoded(badge)
        planned = Intent(
            id="bench",
            source_kind="bench",
            source_id=badge.id,
            owner="riverton",
            did=DID,
            document_id=badge.id,
            document=octets,
            formats=(MEANS.format,),
            means=(MEANS,),
            prepared_at=NOW,
        )
        lint_issued(document, self.achievements, octets)
        return answer(self._sealed(planned))

    async def _sealed(self, planned: Intent) -> bytes:
        await rehearse(CONTEXTS, self.ids, planned, NOW, self.remembered)
        return await sign_and_judge(CONTEXTS, self.ids, planned, MEANS, self.key, DID, self.keys, NOW, self.remembered)

    def verify(self, octets: bytes) -> Report:
        """Octets in, report out: form, contexts, model, safe mode, proof, issuer, dates, status."""
        presented = read(octets, CONTEXTS, DEFAULT, self.known)
        report = judge(presented, self.materials, DEFAULT, CONTEXTS, NOW, self.memory)
        if report.verdict == "accept" and presented.signed is not None:
            self.memory.accepted(presented.signed)
        return report

    def accepted(self, octets: bytes) -> Report:
        report = self.verify(octets)
        if report.outcome != "accept":
            raise SystemExit(f"not accepted, so nothing was measured: {report.summary} {report.checks}")
        return report


def canonical(document: JsonObject, hash_name: HashName) -> bytes:
    return canonize(document, CONTEXTS, hash_name=hash_name)


def unsigned(badge: Badge) -> JsonObject:
    return achievement_credential(badge)
