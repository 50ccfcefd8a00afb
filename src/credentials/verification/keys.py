"""Whose key signed: from the name of a key to the key, and to whether the issuer may sign with it.

Steps 7 and 8 of SECURITY.md, section 3. A key belongs to ``issuer.id``, or it counts for nothing:

- *did:key*, *did:jwk*: the issuer's id is the key itself;
- *did:web*, and *https* in a Data Integrity proof: the issuer's id names a controlled identifier document, which lists the
  key for assertions (Controlled Identifiers 1.0, "Retrieve Verification Method");
- *https* in a token: the key is in the key set at the issuer's authority (Open Badges 3.0 implementation guide, "Key
  provenance").

Nothing is fetched here: ``addresses`` says which documents are needed, and the others are handed what was found there.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from credentials.errors import Malformed, Refused
from credentials.jsonld.reader import read_json
from credentials.openbadges.terms import one_or_many
from credentials.proofs.jose import Header
from credentials.proofs.jwk import key_of_did_jwk, key_of_jwk
from credentials.proofs.keys import PublicKey
from credentials.proofs.model import JsonObject
from credentials.proofs.multikey import did_key, key_of_did_key
from credentials.proofs.timestamp import moment
from credentials.proofs.verification_method import key_of_verification_method
from credentials.verification.memory import Memory
from credentials.verification.model import Absence, Absent, Barred, Gathered, Present, Undecided
from credentials.verification.reading import Shown, Signed

_SELF_CONTAINED = ("did:key:", "did:jwk:")
_PUBLISHED = ("did:web:", "https://")

_AUTHORITY = re.compile(r"https://([^/?#]*)")

ASSERTION = "assertionMethod"
AUTHENTICATION = "authentication"
"""What a key is for (Controlled Identifiers 1.0, "Verification Relationships"): an issuer's, a holder's."""

MAX_KEYS: Final = 1_000
"""Of one issuer, in one document. A key that comes with its token is held against each of them, and the slowest kind, P-384,
takes 0.05 ms to be taken apart: 0.05 s for all, which is less than one signature may cost. Nobody honest has as many: two
keys a week for ten years."""

KeyDocuments = Mapping[str, Gathered]

_ENDS = frozenset({"revoked", "expires"})
"""Members of a verification method that make a difference between one moment and another."""


def addresses(signed: Signed | Shown) -> tuple[str, ...]:
    """Where the keys of a credential's signatures are published: DIDs and URLs, each once.

    Nothing for a key that is its own document, or that is somebody else's wherever it is.
    """
    issuer = signed.issuer
    needed = {_document_of(proof.verification_method) for proof in signed.proofs} & {issuer}
    if signed.jws is not None:
        kid = signed.jws.header.kid
        if issuer.startswith("https://"):
            needed |= {key_set_url(issuer)} if kid is None or _same_authority(kid, issuer) else set()
        elif kid is None or _document_of(kid) == issuer:
            needed.add(issuer)
    return tuple(sorted(address for address in needed if address.startswith(_PUBLISHED)))


def key_set_url(issuer: str) -> str:
    """Where an issuer with an https id publishes the keys of its tokens."""
    return f"https://{_authority(issuer)}/.well-known/jwks.json"


def key_of_proof(
    method: str,
    issuer: str,
    documents: KeyDocuments,
    now: datetime,
    memory: Memory | None = None,
    logged_at: datetime | None = None,
    purpose: str = ASSERTION,
) -> PublicKey:
    """The key of a verification method. ``Refused`` unless the issuer has it for the purpose now, or ``logged_at`` shows that
    it had when it signed; ``Undecided`` when the document that lists it could not be had."""
    document = _document_of(method)
    found = documents.get(issuer)
    body = found.body if isinstance(found, Present) else b""
    if memory is not None and document == issuer and (known := memory.lasting_key(body, method, purpose)) is not None:
        return known
    if not document.startswith(_SELF_CONTAINED + _PUBLISHED):
        raise Refused("INVALID_VERIFICATION_METHOD_URL", "Keys are found by did:key, did:jwk, did:web and https.")
    if document != issuer:
        raise Refused("key-not-bound-to-issuer", "The key is of another identity than the issuer's.")
    if document.startswith("did:key:"):
        return key_of_did_key(method)
    if document.startswith("did:jwk:"):
        return key_of_did_jwk(method)
    published = _controlled_identifier_document(issuer, documents, memory)
    named = [one for one in _methods(published, purpose) if _absolute(one.get("id"), issuer) == method]
    if len(named) != 1:
        raise Refused("INVALID_VERIFICATION_METHOD", f"The issuer's document has {len(named)} keys of this name.")
    _check_usable(named[0], published, issuer, now, logged_at, purpose)
    key = _key(named[0], key_of_verification_method, memory)
    if memory is not None and _ENDS.isdisjoint(named[0]):
        memory.keep_lasting_key(body, method, purpose, key)
    return key


def key_of_token(
    header: Header,
    issuer: str,
    documents: KeyDocuments,
    now: datetime,
    memory: Memory | None = None,
    logged_at: datetime | None = None,
    purpose: str = ASSERTION,
) -> PublicKey:
    """The key of a token, named by ``kid`` or given as ``jwk``: either way one that the issuer publishes."""
    if header.jwk is not None:
        _check_published(header.jwk, issuer, documents, now, memory, logged_at, purpose)
        return header.jwk
    kid = header.kid or ""
    if not (kid.startswith("https://") and issuer.startswith("https://")):
        return key_of_proof(kid, issuer, documents, now, memory, logged_at, purpose)
    if not _same_authority(kid, issuer):
        raise Refused("key-not-bound-to-issuer", "The key is published at another authority than the issuer's.", "/kid")
    named = [entry for entry in _key_set(issuer, documents, memory) if entry.get("kid") == kid]
    if len(named) != 1:
        raise Refused(
            "INVALID_VERIFICATION_METHOD", f"The issuer's key set has {len(named)} keys of this name.", "/kid"
        )
    return _key(named[0], key_of_jwk, memory)


def _check_published(
    key: PublicKey,
    issuer: str,
    documents: KeyDocuments,
    now: datetime,
    memory: Memory | None,
    logged_at: datetime | None,
    purpose: str,
) -> None:
    """``key-not-bound-to-issuer`` unless the key, which came with the token, is one that the issuer publishes."""
    if issuer.startswith("did:key:"):
        if issuer == did_key(key):
            return
    elif issuer.startswith("did:jwk:"):
        if key_of_did_jwk(f"{issuer}#0") == key:
            return
    elif issuer.startswith("did:web:"):
        published = _controlled_identifier_document(issuer, documents, memory)
        for method in _methods(published, purpose):
            if _key_or_none(method, key_of_verification_method, memory) == key:
                _check_usable(method, published, issuer, now, logged_at, purpose)
                return
    elif issuer.startswith("https://") and any(
        _key_or_none(entry, key_of_jwk, memory) == key for entry in _key_set(issuer, documents, memory)
    ):
        return
    raise Refused("key-not-bound-to-issuer", "The key in the header is not one that the issuer publishes.", "/jwk")


def _key(form: JsonObject, key_of: Callable[[JsonObject], PublicKey], memory: Memory | None) -> PublicKey:
    return key_of(form) if memory is None else memory.key(form, key_of)


def _key_or_none(
    form: JsonObject, key_of: Callable[[JsonObject], PublicKey], memory: Memory | None
) -> PublicKey | None:
    """The key, or nothing for one of a kind that we do not verify with: an issuer may publish those beside others."""
    try:
        return _key(form, key_of, memory)
    except Refused:
        return None


def _check_usable(
    method: JsonObject, published: JsonObject, issuer: str, now: datetime, logged_at: datetime | None, purpose: str
) -> None:
    """Whether a verification method is for the purpose, now.

    A date is held against now and not against the day of the signature, which whoever holds a stolen key writes as they
    like. A key that is merely retired has no such date: what it signed stays good. ``logged_at`` is a date that nobody can
    write: our own log had this very document then, so that a key that was revoked later was still its owner's alone.
    """
    if method.get("controller") != issuer:
        raise Refused("INVALID_VERIFICATION_METHOD", "The key says that somebody else controls it.")
    if _is_past(method, "revoked", now):
        if logged_at is None or _is_past(method, "revoked", logged_at):
            raise Refused("key-revoked", "The key was revoked, and no log of ours has this document from before.")
        return
    if _is_past(method, "expires", now):
        raise Refused("key-expired", "The key has expired.")
    asserting = [entry.get("id") if isinstance(entry, dict) else entry for entry in one_or_many(published.get(purpose))]
    name = _absolute(method.get("id"), issuer)
    if not any(_absolute(entry, issuer) == name for entry in asserting):
        raise Refused("INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD", f"The key is not listed under {purpose}.")


def _is_past(method: JsonObject, member: str, now: datetime) -> bool:
    if member not in method:
        return False
    try:
        return moment(method[member]) <= now
    except Malformed as error:
        raise Refused("INVALID_VERIFICATION_METHOD", f"{member}: {error.detail}") from error


def _controlled_identifier_document(issuer: str, documents: KeyDocuments, memory: Memory | None) -> JsonObject:
    document = _read(issuer, documents, memory)
    if not isinstance(document, dict):
        raise Refused("INVALID_CONTROLLED_IDENTIFIER_DOCUMENT", "The issuer's key document is not an object.")
    if document.get("id") != issuer:
        raise Refused("INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID", "The document found for the issuer is another's.")
    return document


def _methods(published: JsonObject, purpose: str) -> list[JsonObject]:
    """The verification methods, those that stand under the purpose in full included."""
    methods, for_purpose = one_or_many(published.get("verificationMethod")), one_or_many(published.get(purpose))
    _check_number(max(len(methods), len(for_purpose)), "verification methods")
    listed = [method for method in (*methods, *for_purpose) if isinstance(method, dict)]
    _check_number(len(listed), "verification methods")
    return listed


def _key_set(issuer: str, documents: KeyDocuments, memory: Memory | None) -> list[JsonObject]:
    """The issuer's keys in the key set of its authority, which other issuers may share."""
    document = _read(key_set_url(issuer), documents, memory)
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise Refused("INVALID_CONTROLLED_IDENTIFIER_DOCUMENT", "The issuer's key set is not one (RFC 7517).")
    own = [key for key in keys if isinstance(key, dict) and key.get("iss", issuer) == issuer]
    _check_number(len(own), "keys in its key set")
    return own


def _check_number(keys: int, of_what: str) -> None:
    """Nothing is said of a key among too many: not that it is the issuer's, and not that it is not."""
    if keys > MAX_KEYS:
        raise Undecided("key-limit", f"The issuer publishes {keys} {of_what}; at most {MAX_KEYS} are looked through.")


def _read(address: str, documents: KeyDocuments, memory: Memory | None) -> object:
    found = documents.get(address, Absent(Absence.UNREACHABLE, "It was not gathered."))
    match found:
        case Present():
            try:
                return read_json(found.body) if memory is None else memory.document(found.body, read_json)
            except Refused as refused:
                raise Undecided("did-resolution", f"What is at {address} is no JSON. {refused.detail}") from refused
        case Absent():
            code = "fetch-limit" if found.why is Absence.TOO_MANY else "did-resolution"
            raise Undecided(code, found.reason)
        case Barred():
            raise Refused(found.code, found.reason)


def _document_of(method: str) -> str:
    return method.partition("#")[0]


def _absolute(name: object, base: str) -> object:
    """A DID URL may be written relative to its document (DID Core 1.0, section 3.2.2)."""
    return f"{base}{name}" if isinstance(name, str) and name.startswith("#") else name


def _same_authority(kid: str, issuer: str) -> bool:
    return bool(_authority(kid)) and _authority(kid) == _authority(issuer)


def _authority(url: str) -> str:
    """The host of an https URL, with whatever is written around it: two that differ in anything are two."""
    found = _AUTHORITY.match(url)
    return found[1] if found else ""
