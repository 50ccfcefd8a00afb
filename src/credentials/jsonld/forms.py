"""Canonical forms that are needed again within moments: of the few documents that are being signed."""

from hashlib import sha256
from typing import Final

import msgspec

from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts

MAX_FORMS: Final = 64
"""As many documents as are between being rehearsed and being signed at one time, and more; each takes about 15 KB."""


class CanonicalForms:
    """What ``canonize`` says with SHA-256 under certain contexts, by the digest of the document's octets.

    For documents of our own alone, which are canonicalised when they are signed and when they are judged. The judge still
    reads the octets that came out: what it finds in them must be, octet for octet, what was canonicalised before. What is
    refused is not remembered.
    """

    __slots__ = ("_contexts", "_forms")

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._forms: dict[bytes, bytes] = {}

    def of(self, document: object) -> bytes:
        """Raises as ``canonize`` does."""
        key = sha256(msgspec.json.encode(document)).digest()
        form = self._forms.get(key)
        if form is None:
            form = canonize(document, self._contexts)
            if len(self._forms) == MAX_FORMS:
                self._forms.clear()
            self._forms[key] = form
        return form
