"""Canonical forms that cost less than the first time: of a document that is needed again within moments, and of one that holds
a passage of an earlier one."""

from hashlib import sha256
from typing import Final

import msgspec

from credentials.jsonld.canonize import canonize_with
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.passages import Passages

MAX_FORMS: Final = 64
"""As many documents as are between being rehearsed and being signed at one time, and more; each takes about 15 KB."""


class CanonicalForms:
    """What ``canonize`` says with SHA-256 under certain contexts, by the digest of the document's octets.

    For documents of our own alone, which are canonicalised when they are signed and when they are judged. The judge still
    reads the octets that came out: what it finds in them must be, octet for octet, what was canonicalised before. What is
    refused is not remembered.
    """

    __slots__ = ("_contexts", "_forms", "_passages")

    def __init__(self, contexts: Contexts) -> None:
        self._contexts = contexts
        self._passages = Passages()
        self._forms: dict[bytes, bytes] = {}

    def of(self, document: object) -> bytes:
        """Raises as ``canonize`` does."""
        octets = msgspec.json.encode(document)
        key = sha256(octets).digest()
        form = self._forms.get(key)
        if form is None:
            form, heard = canonize_with(document, self._contexts, self._passages, octets)
            self._passages.keep(heard)
            if len(self._forms) == MAX_FORMS:
                self._forms.clear()
            self._forms[key] = form
        return form


class Familiar:
    """What ``canonize`` says with SHA-256, quicker for documents with a passage of one that was found good before.

    For whatever anybody presents: a passage is kept only when ``trust`` is told that the document was found good.
    """

    __slots__ = ("_passages",)

    def __init__(self) -> None:
        self._passages = Passages()

    def of(self, document: object, octets: bytes, contexts: Contexts) -> bytes:
        """Raises as ``canonize`` does. ``octets`` as of ``canonize_with``."""
        form, heard = canonize_with(document, contexts, self._passages, octets)
        if heard:
            self._passages.hear(form, heard)
        return form

    def trust(self, form: bytes | None) -> None:
        """The document with this canonical form, which ``of`` gave, was found good."""
        self._passages.trust(form)
