from credentials.proofs.model import JsonObject


def with_issuer(document: JsonObject, did: str) -> JsonObject:
    """The document as if another had issued it."""
    issuer = document.get("issuer")
    return {**document, "issuer": {**issuer, "id": did} if isinstance(issuer, dict) else did}
