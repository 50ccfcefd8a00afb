"""Names and documents of issuers, from values alone."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit

import msgspec

from credentials.errors import Malformed, Refused
from credentials.openbadges.did import PublishedKey
from credentials.proofs.jwk import jwk
from credentials.proofs.model import KeyType
from credentials.proofs.multikey import key_of_multikey
from credentials.trust.model import (
    DID_KEY,
    GENERAL,
    KeyState,
    Recognition,
    SigningKey,
    Standing,
    Term,
    TrustedIssuer,
)

JWS_ALGORITHM = {KeyType.ED25519: "EdDSA", KeyType.P256: "ES256", KeyType.P384: "ES384", KeyType.RSA: "RS256"}


def did_of(base_url: str, slug: str) -> str:
    """The did:web of an organisation on this service (did:web, section 2.1: the colon of a port is percent-encoded).

    >>> did_of("http://localhost:8000", "alder")
    'did:web:localhost%3A8000:orgs:alder'
    """
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise Malformed("the base URL is written as https://credentials.example.org, without a path")
    return f"did:web:{quote(parts.netloc.lower(), safe='.-')}:orgs:{slug}"


_DID_WEB = re.compile(r"did:web:([a-z0-9.-]+(?:%3A[0-9]{1,5})?)((?::[A-Za-z0-9._-]+)*)")


def did_web_url(did: str) -> str:
    """Where a did:web's document is (did:web, section 2.5.2). Raises ``Refused`` for one that names no place that may be."""
    match = _DID_WEB.fullmatch(did)
    if match is None:
        raise Refused("url-not-allowed", "the did:web names no host and path that could be fetched")
    host, path = unquote(match[1]), match[2].strip(":").replace(":", "/")
    if any(part in {".", ".."} for part in path.split("/")):
        raise Refused("url-not-allowed", "the did:web has a path that climbs")
    return f"https://{host}/{path or '.well-known'}/did.json"


def published(keys: Iterable[SigningKey]) -> list[PublishedKey]:
    """Our keys as they stand in a DID document and a key set.

    A retired key goes on asserting what it signed; a compromised one does not.
    """
    return [
        msgspec.structs.replace(form, asserts=key.state is not KeyState.COMPROMISED, revoked=key.compromised_since)
        for key in keys
        for form in _forms(key)
    ]


def _forms(key: SigningKey) -> list[PublishedKey]:
    """An Ed25519 key is a Multikey, for Data Integrity proofs. An ECDSA key is a JWK, for tokens, and a Multikey as well."""
    as_multikey = PublishedKey(id=key.proof_method, key=key.multikey)
    if key.key_type is KeyType.ED25519 or key.did.startswith(DID_KEY):
        return [as_multikey]
    members = {**jwk(key_of_multikey(key.multikey)), "alg": JWS_ALGORITHM[key.key_type], "use": "sig"}
    return [PublishedKey(id=key.verification_method, key=members), as_multikey]


# Whom somebody recognises


def entry_for(
    issuer: str,
    lines: Iterable[Recognition],
    lineage: Sequence[str],
    names: Mapping[str, str],
    root: TrustedIssuer | None,
) -> TrustedIssuer | None:
    """The view that one organisation has of an issuer: its own lines and those of every organisation above it, by rank, and
    last of all ``root``, the word of the operator. ``lineage`` runs from the organisation upwards; ``names`` are theirs."""
    terms = [
        Term(
            name=line.name,
            logo=line.logo,
            uses=line.uses,
            achievement_types=line.achievement_types,
            achievements=line.achievements,
            condition=line.condition,
            from_=line.from_,
            until=line.until,
            rank=lineage.index(line.owner),
            by=names.get(line.owner, ""),
        )
        for line in lines
        if line.issuer == issuer and line.owner in lineage
    ]
    if not terms:
        return root
    if root is not None:
        terms.append(Term(name=root.name, uses=GENERAL, from_=root.from_, until=root.until, rank=len(lineage)))
    terms.sort(key=lambda term: term.rank)
    return TrustedIssuer(id=issuer, name=terms[0].name, terms=tuple(terms))


def standing_of(
    entry: TrustedIssuer | None, moment: datetime, achievement: str = "", achievement_type: str = ""
) -> Standing | None:
    """What an issuer's credential about ``achievement``, begun at ``moment``, is good for; ``None`` where nobody who counts
    recognises it.

    The nearest organisation that says anything about such a credential of that day decides, and those above it are not
    asked: a district may accept less than its state does, or more. One whose line says nothing of this achievement, or of
    that day, has not spoken.
    """
    if entry is None:
        return None
    if not entry.terms:
        return Standing(name=entry.name) if entry.holds_at(moment) else None
    speaking = [term for term in entry.terms if _speaks(term, moment, achievement, achievement_type)]
    nearest = min((term.rank for term in speaking), default=0)
    deciding = [term for term in speaking if term.rank == nearest]
    uses = frozenset(use for term in deciding for use in term.uses)
    if not uses:
        return None
    first = next(term for term in deciding if term.uses)
    return Standing(
        name=first.name,
        logo=first.logo,
        uses=uses,
        conditions=tuple(dict.fromkeys(term.condition for term in deciding if term.uses and term.condition)),
        by=first.by,
    )


def _speaks(term: Term, moment: datetime, achievement: str, achievement_type: str) -> bool:
    if (term.from_ is not None and moment < term.from_) or (term.until is not None and term.until <= moment):
        return False
    if not term.achievements and not term.achievement_types:
        return True
    return achievement in term.achievements or achievement_type in term.achievement_types
