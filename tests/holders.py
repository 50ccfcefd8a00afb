"""What a holder shows, made as holders make it; and a question that is asked twice."""

import json
from datetime import timedelta
from typing import Any

import msgspec
from local_keys import LocalKey, local_key
from simulator import CONTEXT_OB, CONTEXT_V2, CONTEXTS, NOW, Desk, Simulator, octets, sign, stamp, token

from credentials.proofs.model import JsonObject, KeyType
from credentials.verification.gather import gather
from credentials.verification.judge import judge
from credentials.verification.model import Materials, Policy, Question, Report
from credentials.verification.reading import read

HOLDER = local_key(KeyType.ED25519, 77)
HOLDER_P256 = local_key(KeyType.P256, 77)
CONTEXT_V1 = "https://www.w3.org/2018/credentials/v1"
CONTEXT_CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"


def badge(issuer: Simulator, holder: str = HOLDER.did, **changes: Any) -> JsonObject:
    draft = issuer.draft(**changes)
    return {**draft, "credentialSubject": {**draft["credentialSubject"], "id": holder}}


def issued(issuer: Simulator, holder: str = HOLDER.did, **changes: Any) -> JsonObject:
    return json.loads(issuer.issue(badge(issuer, holder, **changes)))


def bundle(*members: Any, holder: str | None = HOLDER.did, **changes: Any) -> JsonObject:
    document = {
        "@context": [CONTEXT_V2],
        "type": ["VerifiablePresentation"],
        "holder": holder,
        "verifiableCredential": list(members),
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def shown(
    *members: Any, key: LocalKey = HOLDER, suite: str = "eddsa-rdfc-2022", holder: str | None = None, **options: Any
) -> bytes:
    """A presentation that its holder signed a minute ago."""
    document = bundle(*members, holder=holder or key.did)
    options = {"purpose": "authentication", "created": NOW - timedelta(minutes=1), **options}
    return octets(sign(document, key, key.verification_method, suite=suite, **options))


def shown_as_token(*members: Any, key: LocalKey = HOLDER, **claims: Any) -> bytes:
    payload = {**bundle(*members, holder=key.did), "iss": key.did, **claims}
    return token(payload, key, key.verification_method, typ="vp+jwt")


def shown_as_token_of_1_1(*members: Any, key: LocalKey = HOLDER, **claims: Any) -> bytes:
    vp = {"@context": [CONTEXT_V1], "type": ["VerifiablePresentation"], "verifiableCredential": list(members)}
    return token({"iss": key.did, "vp": vp, **claims}, key, key.verification_method)


def record(issuer: Simulator, *members: JsonObject, holder: str = "did:example:educator", **changes: Any) -> JsonObject:
    """A learner record without a proof, with signed credentials in it."""
    subject = {
        "id": holder,
        "type": ["ClrSubject"],
        "verifiableCredential": list(members),
        "association": [
            {
                "type": "Association",
                "associationType": "isChildOf",
                "sourceId": "https://issuer.example/achievements/conferring",
                "targetId": "https://issuer.example/achievements/other",
            }
        ],
    }
    return {
        "@context": [CONTEXT_V2, CONTEXT_CLR, CONTEXT_OB],
        "id": f"https://{issuer.host}/records/1",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "The record of Ada",
        "issuer": {"id": issuer.id, "type": ["Profile"], "name": "A claim"},
        "validFrom": stamp(issuer.now),
        "credentialSubject": subject,
        **changes,
    }


async def ask(at: Desk, presented: bytes, policy: Policy | None = None, **question: Any) -> Report:
    """The report, which the stored materials give once more."""
    asked = Question(**question)
    report = await at.verify(presented, policy, asked)
    policy = policy or Policy()
    read_ = read(presented, CONTEXTS, policy)
    kept = msgspec.json.encode(await gather(read_, at, CONTEXTS, policy, at.now, None, asked))
    again = judge(read_, msgspec.json.decode(kept, type=Materials), policy, CONTEXTS, at.now, None, asked)
    assert again == report
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
    return report


PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)
