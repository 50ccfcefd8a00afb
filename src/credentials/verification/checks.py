"""What must hold for every credential, be it the one presented, an endorsement in it, or a status list: signature and time."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

import msgspec

from credentials.errors import Refused
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.rdfc10 import HashName
from credentials.openbadges.model import Credential
from credentials.openbadges.terms import parse_date_time
from credentials.openbadges.usual import MAX_ACHIEVEMENTS, is_usual
from credentials.proofs import ecdsa_sd_2023
from credentials.proofs.data_integrity import check_times, verify_proofs
from credentials.proofs.jcs import canonical_json
from credentials.proofs.jose import compact, verify_jws
from credentials.proofs.keys import PublicKey
from credentials.proofs.model import JsonObject
from credentials.trust.model import GENERAL, TrustedIssuer
from credentials.trust.rules import standing_of
from credentials.verification.keys import ASSERTION, KeyDocuments, key_of_proof, key_of_token
from credentials.verification.memory import Memory
from credentials.verification.model import Issuer, Policy, Question, Undecided
from credentials.verification.reading import Shown, Signed, check_content, check_contexts, without_proof


def verified_document(
    signed: Signed,
    documents: KeyDocuments,
    contexts: Contexts,
    policy: Policy,
    now: datetime,
    memory: Memory | None = None,
    logged_at: datetime | None = None,
) -> JsonObject:
    """What the issuer signed, without the proofs (steps 7 to 9). Every signature must hold, and be the issuer's.

    Raises ``Refused``, or ``Undecided`` when a key could not be looked up.
    """
    return document_under(signed, keys_of(signed, documents, now, memory, logged_at), contexts, policy, now)


def keys_of(
    signed: Signed | Shown,
    documents: KeyDocuments,
    now: datetime,
    memory: Memory | None = None,
    logged_at: datetime | None = None,
    purpose: str = ASSERTION,
) -> dict[str, PublicKey]:
    """The keys of a credential's signatures, by the names that those give them; that of a token as ``""`` (steps 7 and 8)."""
    keys = {}
    if signed.jws is not None:
        keys[""] = key_of_token(signed.jws.header, signed.issuer, documents, now, memory, logged_at, purpose)
    for method in sorted({proof.verification_method for proof in signed.proofs}) if signed.proofs else ():
        keys[method] = key_of_proof(method, signed.issuer, documents, now, memory, logged_at, purpose)
    return keys


def still_good(signed: Signed, now: datetime) -> None:
    """For signatures that were good once: that none of them has expired since."""
    check_times(signed.proofs, now)


def document_under(
    signed: Signed, keys: Mapping[str, PublicKey], contexts: Contexts, policy: Policy, now: datetime
) -> JsonObject:
    """Step 9: what was signed with these keys."""

    unsecured = without_proof(signed.document)

    def canonical(document: JsonObject, hash_name: HashName) -> bytes:
        if hash_name == "sha256" and signed.canonical is not None and document == unsecured:
            return signed.canonical
        return canonize(document, contexts, hash_name=hash_name)

    def serialized(document: JsonObject) -> bytes:
        # One in the usual form has no number, nor has the list of its contexts, even where it was longer or shorter once.
        plain = is_usual(signed.credential) and "proof" not in document
        known, subject = signed.known, document.get("credentialSubject")
        if not plain or known is None or type(subject) is not dict or subject.get("achievement") is not known.value:
            return canonical_json(document, plain=plain)
        subject = {**subject, "achievement": _canonical(known.octets)}
        return canonical_json(document, plain=plain, spelt={**document, "credentialSubject": subject})

    document = unsecured
    if signed.jws is not None:
        verify_jws(signed.jws, keys[""])
    if signed.proofs:
        document = verify_proofs(
            signed.document, keys, canonical, now=now, proofs=signed.proofs, serialize=serialized
        ).document
    if document["@context"] != signed.document["@context"]:
        # A JCS proof leaves contexts unsigned that were appended later. Under the signed ones it must mean as much.
        check_contexts(document, contexts, policy)
        check_content(document, contexts)
    return document


@lru_cache(maxsize=MAX_ACHIEVEMENTS)
def _canonical(achievement: bytes) -> msgspec.Raw:
    """The canonical octets of an achievement that was found good before, by its octets."""
    return msgspec.Raw(canonical_json(msgspec.json.decode(achievement)))


def digest_of(signed: Signed) -> str:
    """The SHA-256 of a signed document as we would have handed it out, by which our own log knows it: that of its token, or
    of its JSON without the space that somebody may have put into it since."""
    if signed.jws is not None:
        return sha256(compact(signed.jws.signing_input, signed.jws.signature).encode("ascii")).hexdigest()
    return sha256(msgspec.json.encode(signed.document)).hexdigest()


def issuer_at(
    entry: TrustedIssuer | None, issuer: str, moment: datetime, achievement: str = "", achievement_type: str = ""
) -> Issuer:
    """The issuer as the registry knows it for such a credential of that day."""
    standing = standing_of(entry, moment, achievement, achievement_type)
    if entry is None or standing is None:
        return Issuer(id=issuer)
    return Issuer(
        id=issuer,
        name=standing.name,
        recognised=True,
        logo=standing.logo,
        uses=tuple(sorted(standing.uses)) if entry.terms else (),
        conditions=standing.conditions,
        recognised_by=standing.by,
    )


def check_issuer(issuer: Issuer, question: Question) -> None:
    """``Undecided`` for an issuer that is not recognised, or not for what was asked."""
    if not issuer.recognised:
        raise Undecided("issuer-not-trusted", f"{issuer.id} is not in the registry for such a credential of that day.")
    if question.use is not None and question.use not in (issuer.uses or GENERAL):
        accepted = ", ".join(issuer.uses or sorted(GENERAL))
        raise Undecided("use-not-accepted", f"It is accepted for: {accepted}; not for {question.use}.")


def check_time(credential: Credential, policy: Policy, now: datetime) -> None:
    """Step 10. The skew is for clocks that are ahead, so it is never added to the end."""
    start, end = valid_from(credential), valid_until(credential)
    if start is not None and start > now + policy.skew:
        raise Refused("credential-not-yet-valid", f"It is valid from {start.isoformat()}.")
    if end is not None and end <= now:
        raise Refused("credential-expired", f"It was valid until {end.isoformat()}.")


def check_disclosed(signed: Signed, member: str, value: object) -> None:
    """``Undecided`` where a selection from what was signed lacks a member: its holder may have left out what speaks against
    it, and an end or a status that is not shown must not look like one that is not there."""
    if value is None and any(proof.suite == ecdsa_sd_2023.NAME for proof in signed.proofs):
        raise Undecided("not-disclosed", f"The holder chose what to show, and {member} is not shown.")


def valid_from(credential: Credential) -> datetime | None:
    """``validFrom``, or ``issuanceDate`` of a credential of VCDM 1.1. A credential has one of them only."""
    text = credential.validFrom or credential.issuanceDate
    return parse_date_time(text) if text is not None else None


def valid_until(credential: Credential) -> datetime | None:
    text = credential.validUntil or credential.expirationDate
    return parse_date_time(text) if text is not None else None
