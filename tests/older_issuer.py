"""An issuer of Open Badges 2.0, in memory: hosted and signed badges, and all that they lead to. It *is* a ``Fetch``."""

import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from credentials.fetch import Fetched, Trouble, Unreachable, check_url
from credentials.proofs.multibase import base64url_encode

CONTEXT = "https://w3id.org/openbadges/v2"

KEY: RSAPrivateKey = generate_private_key(65537, 2048)
OTHER_KEY: RSAPrivateKey = generate_private_key(65537, 2048)


def pem(key: RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def jws(payload: object, key: RSAPrivateKey = KEY, **header: Any) -> bytes:
    head = base64url_encode(json.dumps({"alg": "RS256", **header}).encode())
    to_sign = head + b"." + base64url_encode(json.dumps(payload).encode())
    return to_sign + b"." + base64url_encode(key.sign(to_sign, PKCS1v15(), SHA256()))


@dataclass
class OlderIssuer:
    """``documents`` are what its addresses answer; ``moved`` where some of them lead; ``gone`` those that it took away."""

    host: str = "badges.example"
    documents: dict[str, Any] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.id = f"https://{self.host}/issuers/1"
        self.key_id = f"https://{self.host}/keys/1"
        self.revocations = f"https://{self.host}/revoked"
        self.badge_id = f"https://{self.host}/badges/1"
        self.assertion_id = f"https://{self.host}/assertions/1"
        self.documents |= {
            self.id: {
                "@context": CONTEXT,
                "id": self.id,
                "type": "Issuer",
                "name": "What the badge says of its issuer",
                "url": f"https://{self.host}",
                "publicKey": self.key_id,
                "revocationList": self.revocations,
            },
            self.key_id: {
                "@context": CONTEXT,
                "id": self.key_id,
                "type": "CryptographicKey",
                "owner": self.id,
                "publicKeyPem": pem(KEY),
            },
            self.revocations: {
                "@context": CONTEXT,
                "id": self.revocations,
                "type": "RevocationList",
                "issuer": self.id,
                "revokedAssertions": ["urn:uuid:other", {"id": "urn:uuid:another", "revocationReason": "Sent twice"}],
            },
            self.badge_id: {
                "@context": CONTEXT,
                "id": self.badge_id,
                "type": "BadgeClass",
                "name": "Conferring for Agency",
                "description": "Confers with learners.",
                "criteria": {"narrative": "Two conferences on video."},
                "issuer": self.id,
            },
            self.assertion_id: self.assertion(),
        }

    def assertion(self, **changes: Any) -> dict[str, Any]:
        document = {
            "@context": CONTEXT,
            "id": self.assertion_id,
            "type": "Assertion",
            "recipient": {"type": "email", "hashed": False, "identity": "ada@example.org"},
            "badge": self.badge_id,
            "issuedOn": "2026-08-01T10:00:00+00:00",
            "verification": {"type": "hosted"},
            **changes,
        }
        return {name: value for name, value in document.items() if value is not None}

    def signed(self, key: RSAPrivateKey = KEY, **changes: Any) -> bytes:
        way = {"type": "signed", "creator": self.key_id}
        return jws(self.assertion(**{"id": "urn:uuid:1", "verification": way, **changes}), key)

    async def __call__(self, url: str, *, accept: str) -> Fetched:
        check_url(url)
        self.asked.append(url)
        if url in self.gone:
            raise Unreachable(f"{url} answered 410", Trouble.GONE)
        if url in self.moved:
            raise Unreachable(f"{url} answered 302", Trouble.ELSEWHERE, location=self.moved[url])
        if url not in self.documents:
            raise Unreachable(f"{url} answered 404", Trouble.STATUS)
        found = self.documents[url]
        return Fetched(url, "application/ld+json", found if isinstance(found, bytes) else json.dumps(found).encode())
