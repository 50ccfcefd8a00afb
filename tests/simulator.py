"""Another issuer, in memory: it signs, rotates its keys, revokes, suspends, lies, and vanishes. It *is* a ``Fetch``.

An opponent, not a mock: everything that it serves is made by the rules, from its own keys, each time it is asked. A test
changes what the issuer does, shows its credential to a ``Desk``, and reads the report.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from local_keys import LocalKey, local_key

from credentials.fetch import Fetch, Fetched, Unreachable, check_url
from credentials.files import packaged_contexts
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.rdfc10 import HashName
from credentials.openbadges.build import StatusList, status_list_credential
from credentials.proofs import data_integrity, jose, vc_jwt
from credentials.proofs.jwk import jwk
from credentials.proofs.model import Canonize, JsonObject, KeyType
from credentials.proofs.multikey import multikey
from credentials.status.bitstring import MIN_ENTRIES, encode
from credentials.trust.model import TrustedIssuer
from credentials.verification.model import Policy, Question, Report, Turn
from credentials.verification.service import Memory, verify

CONTEXT_V2 = "https://www.w3.org/ns/credentials/v2"
CONTEXT_OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CONTEXT_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

PINNED = packaged_contexts()
CONTEXTS = Contexts(PINNED)
MEMORY = Memory()
NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)

_KEY_TYPE_OF_SUITE = {
    "eddsa-rdfc-2022": KeyType.ED25519,
    "eddsa-jcs-2022": KeyType.ED25519,
    "ecdsa-rdfc-2019": KeyType.P256,
    "ecdsa-jcs-2019": KeyType.P256,
}
SUITES = tuple(_KEY_TYPE_OF_SUITE)

Lie = Callable[[Any], Any]


def canonical(document: JsonObject, hash_name: HashName) -> bytes:
    return canonize(document, CONTEXTS, hash_name=hash_name)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sign(
    document: JsonObject,
    key: LocalKey,
    method: str,
    *,
    suite: str = "eddsa-rdfc-2022",
    created: datetime = NOW - timedelta(days=30),
    canonize: Canonize = canonical,
    **more: Any,
) -> JsonObject:
    """The document with one more Data Integrity proof. ``more`` are further members of the proof."""
    options = data_integrity.proof_options(suite, method, stamp(created), **more)
    added = data_integrity.add_proof(document, options, key.public.type, canonize)
    return data_integrity.with_signature(added, key.sign(added.unsigned.to_sign))


def token(payload: JsonObject, key: LocalKey, kid: str, *, typ: str = "JWT") -> bytes:
    """A compact JWS of a payload as it is."""
    to_sign = jose.signing_input(json.dumps(payload).encode(), key.public.type, kid, typ=typ)
    return jose.compact(to_sign, key.sign(to_sign)).encode("ascii")


def octets(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


@dataclass
class Key:
    """A key as its issuer publishes it: ``until`` as ``revoked`` or ``expires`` of the method."""

    local: LocalKey
    method: str
    asserts: bool = True
    more: JsonObject = field(default_factory=dict)


class Simulator:
    """An issuer at ``did:web:{host}`` with an Ed25519 and a P-256 key. Every public attribute may be changed at any time.

    ``lies`` are changes to what is served, by the end of the address (``did.json``, ``jwks.json``, the name of a list);
    ``gone`` are the ends of addresses that do not answer; ``asked`` is every address that was.
    """

    def __init__(self, host: str = "issuer.example", *, seed: int = 1, now: datetime = NOW) -> None:
        self.host = host
        self.now = now
        self.id = f"did:web:{host}"
        self.keys: list[Key] = []
        self.raised: dict[str, set[int]] = {"revocation": set(), "suspension": set()}
        self.list_life = (now - timedelta(minutes=5), now + timedelta(hours=1))
        self.list_suite = "eddsa-rdfc-2022"
        self.lies: dict[str, Lie] = {}
        self.gone: set[str] = set()
        self.asked: list[str] = []
        self._seed = seed * 1000
        self._issued = 0
        for key_type in (KeyType.ED25519, KeyType.P256):
            self.rotate(key_type)

    # What it does

    def rotate(self, key_type: KeyType = KeyType.ED25519) -> Key:
        """Sign with a new key from now on. The old one stays published, so that what it signed stays good."""
        self._seed += 1
        made = Key(local_key(key_type, self._seed), f"{self.id}#key-{self._seed}")
        self.keys.append(made)
        return made

    def key(self, key_type: KeyType = KeyType.ED25519) -> Key:
        """The key of a type that it signs with now."""
        return [key for key in self.keys if key.local.public.type is key_type][-1]

    def draft(self, **changes: Any) -> JsonObject:
        """A badge without a proof, valid by default; ``changes`` are members of the credential, ``None`` takes one away."""
        self._issued += 1
        document = {
            "@context": [CONTEXT_V2, CONTEXT_OB],
            "id": f"https://{self.host}/credentials/{self._issued}",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": "Conferring for Agency",
            "issuer": {"id": self.id, "type": ["Profile"], "name": "What the badge says of its issuer"},
            "validFrom": stamp(self.now - timedelta(days=30)),
            "credentialSubject": {
                "id": "did:example:educator",
                "type": ["AchievementSubject"],
                "achievement": {
                    "id": f"https://{self.host}/achievements/conferring",
                    "type": ["Achievement"],
                    "name": "Conferring for Agency",
                    "description": "Confers with learners so that they decide what comes next.",
                    "criteria": {"narrative": "Two conferences on video, and a reflection."},
                },
            },
            **changes,
        }
        return {name: value for name, value in document.items() if value is not None}

    def status(self, index: int | str, purpose: str = "revocation", **changes: Any) -> JsonObject:
        """A status entry that points into one of its lists."""
        url = self.list_url(purpose)
        return {
            "id": f"{url}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(index),
            "statusListCredential": url,
            **changes,
        }

    def issue(self, document: JsonObject | None = None, *, suite: str = "eddsa-rdfc-2022", **options: Any) -> bytes:
        """A badge with a Data Integrity proof, as it is handed out."""
        key = self.key(_KEY_TYPE_OF_SUITE[suite])
        return octets(sign(document or self.draft(), key.local, key.method, suite=suite, **options))

    def issue_token(
        self, document: JsonObject | None = None, *, key_type: KeyType = KeyType.P256, typ: str = "JWT", **claims: Any
    ) -> bytes:
        """A badge as a VC-JWT: ES256 or EdDSA. ``claims`` replace those that follow from the badge."""
        key = self.key(key_type)
        return token({**vc_jwt.claims_of(document or self.draft()), **claims}, key.local, key.method, typ=typ)

    def revoke(self, index: int) -> None:
        self.raised["revocation"].add(index)

    def suspend(self, index: int) -> None:
        self.raised["suspension"].add(index)

    def vanish(self) -> None:
        """Nothing of it answers any more."""
        self.gone.add("")

    # What it publishes

    def list_url(self, purpose: str) -> str:
        return f"https://{self.host}/status/{purpose}"

    def did_document(self) -> JsonObject:
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.id,
            "verificationMethod": [
                {
                    "id": key.method,
                    "type": "Multikey",
                    "controller": self.id,
                    "publicKeyMultibase": multikey(key.local.public),
                    **key.more,
                }
                for key in self.keys
            ],
            "assertionMethod": [key.method for key in self.keys if key.asserts],
        }

    def key_set(self) -> JsonObject:
        return {"keys": [{**jwk(key.local.public), "kid": key.method, "use": "sig"} for key in self.keys]}

    def status_list(self, purpose: str) -> JsonObject:
        url = self.list_url(purpose)
        document = status_list_credential(
            StatusList(
                url=url,
                issuer=self.id,
                purpose=purpose,
                encoded=encode(MIN_ENTRIES, self.raised[purpose]),
                valid_from=self.list_life[0],
                valid_until=self.list_life[1],
            )
        )
        document = self.lies.get(f"unsigned {purpose}", lambda truth: truth)(document)
        key = self.key(_KEY_TYPE_OF_SUITE[self.list_suite])
        return sign(document, key.local, key.method, suite=self.list_suite, created=self.now - timedelta(minutes=5))

    async def __call__(self, url: str, *, accept: str) -> Fetched:
        check_url(url)
        self.asked.append(url)
        if any(url.endswith(end) for end in self.gone):
            raise Unreachable(f"{url} did not answer: TimeoutError")
        served = self._served(url)
        for end, lie in self.lies.items():
            if url.endswith(end):
                served = lie(served)
        return Fetched(url, "application/json", served if isinstance(served, bytes) else octets(served))

    def _served(self, url: str) -> object:
        path = urlsplit(url).path
        if path == "/.well-known/did.json" or url == self.id:
            return self.did_document()
        if path == "/.well-known/jwks.json":
            return self.key_set()
        purpose = path.removeprefix("/status/")
        if purpose in self.raised:
            return self.status_list(purpose)
        raise Unreachable(f"{url} answered 404")


class HttpsIssuer(Simulator):
    """An issuer whose id is the URL of its profile: Open Badges as most platforms issue them."""

    def __init__(self, host: str = "platform.example", *, seed: int = 2, now: datetime = NOW) -> None:
        super().__init__(host, seed=seed, now=now)
        self.id = f"https://{host}/issuers/1"
        for key in self.keys:
            key.method = f"{self.id}#{key.method.partition('#')[2]}"


class KeyIssuer(Simulator):
    """An issuer whose id is its Ed25519 key (did:key). Its P-256 key is of no use to it."""

    def __init__(self, host: str = "nowhere.example", *, seed: int = 3, now: datetime = NOW) -> None:
        super().__init__(host, seed=seed, now=now)
        key = self.key()
        self.id = key.local.did
        key.method = key.local.verification_method


@dataclass(frozen=True)
class Desk:
    """Whoever verifies: a registry, a network, and perhaps things of its own. It is a ``Sources``."""

    network: tuple[Simulator, ...] = ()
    registry: tuple[TrustedIssuer, ...] = ()
    own_documents: dict[str, JsonObject] = field(default_factory=dict)
    own_lists: dict[str, bytes | None] = field(default_factory=dict)
    own_log: dict[str, datetime] = field(default_factory=dict)
    own_turns: dict[tuple[str, int], tuple[Turn, ...]] = field(default_factory=dict)
    now: datetime = NOW

    @property
    def fetch(self) -> Fetch:
        return self._fetch

    async def _fetch(self, url: str, *, accept: str) -> Fetched:
        host, _ = check_url(url)
        for issuer in self.network:
            if issuer.host == host:
                return await issuer(url, accept=accept)
        raise Unreachable(f"{host} is not known")

    def at_hand(self, address: str) -> bytes | None:
        return PINNED.get(address)

    async def own_document(self, did: str) -> JsonObject | None:
        return self.own_documents.get(did)

    async def own_status_list(self, url: str) -> bytes | None:
        body = self.own_lists.get(url)
        if url in self.own_lists and body is None:
            raise Unreachable("the list is not published yet")
        return body

    async def recognised_host(self, host: str) -> bool:
        return any(host == urlsplit(entry.id).hostname or entry.id == f"did:web:{host}" for entry in self.registry)

    async def own_signatures(self, digests: Collection[str]) -> Mapping[str, datetime]:
        return {digest: at for digest, at in self.own_log.items() if digest in digests}

    async def own_history(self, url: str, index: int) -> tuple[Turn, ...] | None:
        return self.own_turns.get((url, index), ()) if url in self.own_lists else None

    async def recognised(self, issuer: str) -> TrustedIssuer | None:
        return next((entry for entry in self.registry if entry.id == issuer), None)

    async def verify(
        self, presented: bytes | JsonObject, policy: Policy | None = None, question: Question | None = None
    ) -> Report:
        given = presented if isinstance(presented, bytes) else octets(presented)
        asked = question or Question()
        report = await verify(given, CONTEXTS, self, now=self.now, policy=policy or Policy(), question=asked)
        await self._remembering(given, policy or Policy(), asked, report)
        return report

    async def _remembering(self, given: bytes, policy: Policy, question: Question, report: Report) -> None:
        """What the memory of all tests before this one makes of it, twice: nothing else."""
        asked = [issuer.asked.copy() for issuer in self.network]
        for _ in range(2):
            again = await verify(given, CONTEXTS, self, now=self.now, policy=policy, memory=MEMORY, question=question)
            assert again == report
        for issuer, before in zip(self.network, asked, strict=True):
            issuer.asked[:] = before

    def at(self, now: datetime) -> "Desk":
        return replace(self, now=now)


def desk(*issuers: Simulator, strangers: Sequence[Simulator] = (), now: datetime = NOW) -> Desk:
    """A desk that recognises ``issuers``, and could reach ``strangers`` too."""
    registry: Iterable[TrustedIssuer] = (
        TrustedIssuer(id=issuer.id, name=f"The registry's name of {issuer.host}") for issuer in issuers
    )
    return Desk(network=(*issuers, *strangers), registry=tuple(registry), now=now)
