"""Small credentials that are no Open Badges, one thing changed per test."""

from typing import Any


def a_credential(**changed: Any) -> dict[str, Any]:
    """A small credential of VCDM 2.0, with one thing changed; ``...`` takes a member away."""
    whole = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:1f6c7e3a-58f3-4b1d-9a35-6f0a2c7d9e10",
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:subject", "name": "Ada"},
    }
    return _with(whole, changed)


def an_older_credential(**changed: Any) -> dict[str, Any]:
    """The same in VCDM 1.1."""
    whole = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "id": "urn:uuid:1f6c7e3a-58f3-4b1d-9a35-6f0a2c7d9e11",
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "issuanceDate": "2026-01-02T03:04:05Z",
        "credentialSubject": {"id": "did:example:subject"},
    }
    return _with(whole, changed)


def _with(whole: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**whole, **changed}.items() if value is not ...}
