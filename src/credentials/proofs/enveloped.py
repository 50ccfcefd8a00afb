"""A secured credential or presentation that is carried inside another document as a ``data:`` URL.

VCDM 2.0, sections 4.13 and 4.14: EnvelopedVerifiableCredential and EnvelopedVerifiablePresentation.
"""

import msgspec

from credentials.errors import Refused
from credentials.proofs.model import JsonObject
from credentials.proofs.suite import CREDENTIALS_V2

ENVELOPED_PRESENTATION = "EnvelopedVerifiablePresentation"

MEDIA_TYPES = {
    "EnvelopedVerifiableCredential": "application/vc+jwt",
    ENVELOPED_PRESENTATION: "application/vp+jwt",
}
"""The one securing mechanism that we know for each kind of envelope (VC-JOSE-COSE 1.0, section 6.1)."""


class Envelope(msgspec.Struct, frozen=True):
    """What an envelope holds: a compact JWS of the media type, not yet read."""

    type: str
    media_type: str
    token: bytes


def enveloped(token: str, kind: str = "EnvelopedVerifiableCredential") -> JsonObject:
    """An envelope around a token."""
    return {"@context": CREDENTIALS_V2, "type": kind, "id": f"data:{MEDIA_TYPES[kind]},{token}"}


def is_envelope(document: JsonObject) -> bool:
    """Whether a document says that it is an envelope, well formed or not."""
    kind = document.get("type")
    return any(isinstance(name, str) and name in MEDIA_TYPES for name in (kind if isinstance(kind, list) else [kind]))


def read_envelope(document: JsonObject) -> Envelope:
    """What is in the envelope.

    ``MALFORMED_VALUE_ERROR`` for an envelope that has other members or types, ``unsupported-media-type`` for a token of
    a kind that we do not read (SD-JWT, COSE).
    """
    kind = document.get("type")
    kind = kind[0] if isinstance(kind, list) and len(kind) == 1 else kind
    if not isinstance(kind, str) or kind not in MEDIA_TYPES:
        raise Refused("MALFORMED_VALUE_ERROR", "An envelope has exactly one type.", "/type")
    if not {"@context", "id", "type"}.issuperset(document):
        raise Refused("MALFORMED_VALUE_ERROR", "An envelope has an id and a type, and says nothing else.")
    if document.get("@context", CREDENTIALS_V2) not in (CREDENTIALS_V2, [CREDENTIALS_V2]):
        raise Refused("context-not-allowed", f"The @context of an envelope is {CREDENTIALS_V2}.", "/@context")
    url = document.get("id")
    if not isinstance(url, str) or not url.startswith("data:") or not url.isascii():
        raise Refused("MALFORMED_VALUE_ERROR", "The id of an envelope is a data: URL.", "/id")
    media_type, comma, token = url[len("data:") :].partition(",")
    if not comma or media_type != MEDIA_TYPES[kind]:
        raise Refused("unsupported-media-type", f"An {kind} holds {MEDIA_TYPES[kind]}.", "/id")
    return Envelope(kind, media_type, token.encode("ascii"))
