"""Badges of Open Badges 2.0, and assertions of 1.x as far as they can be followed: what they say, and how to follow them.

Nothing in such a badge proves itself. A *hosted* assertion is what its id answers, whatever was presented; a *signed* one is
the payload of a JWS whose key the issuer's profile links to. Either way the badge class and the issuer are documents elsewhere,
and rules of scope say whether the one may speak for the other (Open Badges 2.0, "Verification", "HostedBadge", "SignedBadge").

``follow`` is pure: it is handed what was had so far, and says by ``Needed`` what it needs next.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from credentials.errors import Refused
from credentials.openbadges.model import IdentityObject
from credentials.openbadges.terms import Types, one_or_many, parse_date_time

Document = dict[str, Any]
Get = Callable[[str], Document]
"""The document at an address. Raises ``Needed`` where it was not asked for yet, or whatever says why it cannot be had."""


_OPEN_BADGES = "https://w3id.org/openbadges"

_MAX_URL = 2_048
_MAX_REVOKED = 100_000
"""Entries of a revocation list: a megabyte has fewer."""

_IDENTITY_TYPES = {"email": "emailAddress", "id": "identifier", "url": "ext:url", "telephone": "ext:telephone"}


class Needed(Exception):
    """A document is needed that was not asked for yet."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """What was presented: the ``url`` of a hosted assertion, or the ``document`` that a JWS holds. ``presented`` says which, in
    words: nothing of a presented hosted assertion counts but where it is."""

    url: str = ""
    document: Document | None = None


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """An assertion with the documents that it leads to, each as its own id answers. ``key`` is the document of the key that
    must have signed, ``None`` for a hosted one."""

    assertion: Document
    badge: Document
    issuer: Document
    key: Document | None
    revocations: Document | None

    @property
    def issuer_id(self) -> str:
        return str(self.issuer["id"])

    @property
    def whole(self) -> Document:
        """The assertion with its badge class and its issuer in it."""
        return {**self.assertion, "badge": {**self.badge, "issuer": self.issuer}}


def is_version_2(document: object) -> bool:
    """Whether a JSON object is a badge of Open Badges 2.0 or older. Those before 1.1 have no context, and are known by their
    members."""
    if not isinstance(document, dict):
        return False
    contexts = one_or_many(document.get("@context"))
    if contexts:
        return isinstance(contexts[0], str) and contexts[0].startswith(_OPEN_BADGES)
    return "recipient" in document and "badge" in document


def read_assertion(document: Document) -> Assertion:
    """Which assertion a JSON object is, that did not come in a JWS.

    Raises ``Refused`` with ``unsupported-media-type`` for what is older than 1.0, ``MALFORMED_VALUE_ERROR`` for what names no
    address, ``no-proof`` for one that says that it is signed and does not come in a JWS.
    """
    way = _verification(document)
    if way == "signed":
        raise Refused("no-proof", "The assertion says that it is signed, and comes without its signature.")
    if isinstance(document.get("recipient"), str):
        raise Refused(
            "unsupported-media-type", "A badge from before Open Badges 1.0 has nothing that could be verified."
        )
    if isinstance(document.get("id"), str):
        return Assertion(url=_url(document, "id"))
    details = document.get("verify")
    if isinstance(details, dict) and "url" in details:
        return Assertion(url=_url(details, "url"))
    raise Refused("MALFORMED_VALUE_ERROR", "A hosted assertion has an id that says where it is.", "/id")


def read_signed_assertion(document: Document) -> Assertion:
    """The assertion in a JWS. ``MALFORMED_VALUE_ERROR`` unless it says that it is signed."""
    if _verification(document) != "signed":
        raise Refused(
            "MALFORMED_VALUE_ERROR", "The assertion in this signature says that it is not signed.", "/verification"
        )
    if not isinstance(document.get("id", document.get("uid")), str):
        raise Refused("MALFORMED_VALUE_ERROR", "An assertion has an id.", "/id")
    return Assertion(document=document)


def _verification(document: Document) -> str:
    """``hosted`` or ``signed``."""
    details = document.get("verification", document.get("verify"))
    kinds = one_or_many(details.get("type")) if isinstance(details, dict) else []
    if details is None or "hosted" in kinds or "HostedBadge" in kinds:
        return "hosted"
    if "signed" in kinds or "SignedBadge" in kinds:
        return "signed"
    raise Refused("MALFORMED_VALUE_ERROR", "An assertion is verified as hosted or as signed.", "/verification/type")


def follow(assertion: Assertion, get: Get) -> Followed:
    """The assertion and all that it leads to, in the scope of its issuer.

    Raises ``Refused`` with ``MALFORMED_VALUE_ERROR`` or ``key-not-bound-to-issuer``, and whatever ``get`` does.
    """
    if assertion.document is None:
        document = _identified(get(assertion.url), assertion.url)
        if _verification(document) == "signed":
            raise Refused("no-proof", "The assertion says that it is signed, and is served without its signature.")
    else:
        document = assertion.document
    hosted = assertion.document is None
    badge = _linked(document, "badge", get)
    issuer = _linked(badge, "issuer", get, always=True)
    if hosted:
        _check_scope(assertion.url, badge, issuer)
        return Followed(assertion=document, badge=badge, issuer=issuer, key=None, revocations=None)
    key = _key(document, issuer, get)
    revocations = issuer.get("revocationList")
    return Followed(
        assertion=document,
        badge=badge,
        issuer=issuer,
        key=key,
        revocations=get(_url(issuer, "revocationList")) if revocations is not None else None,
    )


def _linked(document: Document, member: str, get: Get, *, always: bool = False) -> Document:
    """What a member leads to. What stands in the document itself is the document's word for it, which does for the badge class
    of a signed assertion (``urn:uuid:`` ids are never anywhere else); where there is an address, the address has the last
    word."""
    value = document.get(member)
    if isinstance(value, str):
        return _identified(get(_url(document, member)), value)
    if not isinstance(value, dict):
        raise _malformed(f"{member} is missing.", f"/{member}")
    if isinstance(value.get("id"), str) and value["id"].startswith("https://"):
        return _identified(get(_url(value, "id")), value["id"])
    if always:
        raise _malformed(f"The {member} has no address at which it could be looked up.", f"/{member}")
    return value


def _identified(found: Document, url: str) -> Document:
    """``found`` as the document of that address: one of 1.x may leave its id out."""
    if "id" not in found:
        return {"id": url, **found}
    if found["id"] != url:
        raise _malformed("The document at an address says that it is at another one.", "/id")
    return found


def _check_scope(url: str, badge: Document, issuer: Document) -> None:
    """Open Badges 2.0, "HostedBadge": assertion and badge class are in the issuer's own origin, or where its profile says."""
    details = issuer.get("verification")
    scope = details if isinstance(details, dict) else {}
    starts = [one for one in one_or_many(scope.get("startsWith")) if isinstance(one, str)]
    origins = [one for one in one_or_many(scope.get("allowedOrigins")) if isinstance(one, str)]
    of_badge = badge.get("id")
    for address in (url, of_badge if isinstance(of_badge, str) and of_badge.startswith("https://") else url):
        own = origin(address) == origin(issuer["id"])
        if starts or origins:
            own = any(address.startswith(start) and origin(start) == origin(address) for start in starts) or (
                urlsplit(address).netloc in origins or origin(address) in origins
            )
        if not own:
            raise Refused("key-not-bound-to-issuer", f"{address} is not a place where the issuer's badges are.")


def _key(document: Document, issuer: Document, get: Get) -> Document:
    """The document of the key that the assertion names, which the issuer's profile must link to."""
    linked = {
        one if isinstance(one, str) else one.get("id"): one
        for one in one_or_many(issuer.get("publicKey"))
        if isinstance(one, str | dict)
    }
    details = document.get("verification", document.get("verify"))
    named = details.get("creator", details.get("url")) if isinstance(details, dict) else None
    if named is None and len(linked) == 1:
        (named,) = linked
    if not isinstance(named, str) or named not in linked:
        raise Refused("key-not-bound-to-issuer", "The issuer's profile does not link to the key that signed.")
    found = linked[named]
    key = (
        found
        if isinstance(found, dict) and "publicKeyPem" in found
        else _identified(get(_url({"id": named}, "id")), named)
    )
    if key.get("owner", issuer["id"]) != issuer["id"]:
        raise Refused("key-not-bound-to-issuer", "The key says that it is somebody else's.")
    return key


def revoked(followed: Followed) -> str | None:
    """Why the assertion was revoked: the issuer's own words, or nothing but that it was; ``None`` where it was not.

    Raises ``Refused`` with ``STATUS_VERIFICATION_ERROR`` for a revocation list that is none, or another issuer's.
    """
    assertion, listed = followed.assertion, followed.revocations
    if assertion.get("revoked") not in (None, False):
        return _words(assertion)
    if listed is None:
        return None
    entries = one_or_many(listed.get("revokedAssertions", listed.get("revocationList")))
    if listed.get("issuer", followed.issuer_id) != followed.issuer_id or len(entries) > _MAX_REVOKED:
        raise Refused("STATUS_VERIFICATION_ERROR", "The revocation list is another issuer's, or too long.")
    names = {assertion.get("id"), assertion.get("uid")} - {None}
    for entry in entries:
        if (
            entry in names
            if isinstance(entry, str)
            else isinstance(entry, dict) and {entry.get("id"), entry.get("uid")} & names
        ):
            return _words(entry)
    return None


def _words(entry: object) -> str:
    reason = entry.get("revocationReason") if isinstance(entry, dict) else None
    return reason if isinstance(reason, str) else ""


def moment_of(document: Document, member: str) -> datetime | None:
    """A date of an assertion: ISO 8601 with its offset, or the seconds since 1970 of 1.x; ``None`` where there is none.

    Raises ``Refused`` with ``MALFORMED_VALUE_ERROR``.
    """
    value = document.get(member)
    if value is None:
        return None
    try:
        if type(value) is int:
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            return parse_date_time(value)
    except (ValueError, OverflowError, OSError):
        pass
    raise _malformed("Expected a date and time with its offset, such as 2026-01-15T09:30:00Z.", f"/{member}")


def recipient_of(document: Document) -> IdentityObject:
    """Whom an assertion is about, in the words of 3.0, so that both are compared alike. Raises ``Refused``."""
    recipient = document.get("recipient")
    if isinstance(recipient, dict):
        kind, identity, hashed = (
            recipient.get("type", "email"),
            recipient.get("identity"),
            recipient.get("hashed", False),
        )
        salt = recipient.get("salt")
        if (
            isinstance(kind, str)
            and isinstance(identity, str)
            and isinstance(hashed, bool)
            and isinstance(salt, str | None)
        ):
            try:
                return IdentityObject(
                    type=Types(["IdentityObject"]),
                    hashed=hashed,
                    identityHash=identity,
                    identityType=_IDENTITY_TYPES.get(kind, "ext:other"),
                    salt=salt,
                )
            except ValueError as error:
                raise _malformed(f"{error}.", "/recipient/identity") from None
    raise _malformed("An assertion says whom it is about.", "/recipient")


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _url(document: Document, member: str) -> str:
    value = document.get(member)
    if not isinstance(value, str) or len(value) > _MAX_URL:
        raise _malformed("Expected an address.", f"/{member}")
    if not value.startswith("https://"):
        raise Refused("url-not-allowed", "Only https addresses are fetched.", f"/{member}")
    return value


def _malformed(detail: str, place: str) -> Refused:
    return Refused("MALFORMED_VALUE_ERROR", detail, place)
