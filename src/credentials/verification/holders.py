"""Who shows it? The holder's signature over a presentation, and whether the holder is the one whom the credentials are about.

VCDM 2.0, "Presentations"; Data Integrity 1.0, "Verify Proof"; VC-JOSE-COSE 1.0; VCDM 1.1, section 6.3.1. A presentation that
nobody signed is a bundle: what is in it is judged, and it proves no holder.
"""

from collections.abc import Iterator
from datetime import datetime

from credentials.errors import Refused
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.rdfc10 import HashName
from credentials.openbadges.presentation import in_rdf
from credentials.openbadges.terms import one_or_many
from credentials.proofs.data_integrity import verify_proofs
from credentials.proofs.jose import verify_jws
from credentials.proofs.model import JsonObject
from credentials.proofs.vc_jwt import check_presentation_claims
from credentials.verification.checks import keys_of
from credentials.verification.keys import AUTHENTICATION
from credentials.verification.memory import Memory
from credentials.verification.model import Materials, Question, Undecided
from credentials.verification.reading import Presented, Shown, Signed, without_proof


def check_signed(
    shown: Shown, materials: Materials, contexts: Contexts, now: datetime, question: Question, memory: Memory | None
) -> None:
    """That the holder signed the presentation, for whoever asks and on this occasion.

    Raises ``Refused``, with ``no-proof`` where nobody signed and a holder was asked for, or nothing is shown; ``Undecided``
    where a key could not be had, or where the presentation is made for somebody and the asker does not say who it is.
    """
    if not shown.signatures:
        if question.domain is not None or question.challenge is not None or question.holder is not None:
            raise Refused("no-proof", "Nobody signed this presentation, and a holder's signature was asked for.")
        if not shown.document.get("verifiableCredential"):
            raise Refused("no-proof", "Nobody signed this presentation, and there is no credential in it.")
        return
    if question.holder is not None and question.holder != shown.issuer:
        raise Refused("holder-mismatch", "Another one than the expected holder presents it.", "/holder")
    keys = keys_of(shown, materials.key_documents, now, memory, purpose=AUTHENTICATION)
    unsecured = without_proof(shown.document)

    def canonical(document: JsonObject, hash_name: HashName) -> bytes:
        if hash_name == "sha256" and document == unsecured:
            return shown.canonical
        return canonize(in_rdf(document), contexts, hash_name=hash_name)

    if shown.jws is not None:
        verify_jws(shown.jws, keys[""])
        check_presentation_claims(shown.claims, now=now, audience=question.domain, nonce=question.challenge)
    if shown.proofs:
        verify_proofs(
            shown.document,
            keys,
            canonical,
            now=now,
            purpose=AUTHENTICATION,
            domain=question.domain if shown.jws is None else None,
            challenge=question.challenge if shown.jws is None else None,
        )
    meant = {domain for proof in shown.proofs for domain in proof.domain} | set(_texts(shown.claims.get("aud")))
    if meant and question.domain is None:
        raise Undecided("INVALID_DOMAIN_ERROR", f"It is made for {min(meant)[:200]}: say whether that is you.")


def _texts(value: object) -> Iterator[str]:
    yield from (one for one in one_or_many(value) if isinstance(one, str))


def check_bound(shown: Shown, members: tuple[Presented, ...]) -> None:
    """``Undecided`` unless every credential is about the holder: a badge can be copied, and then presented by anybody. And
    unless there is one: a holder's good signature over nothing is no good news about a credential."""
    if not members:
        raise Undecided("nothing-presented", "The holder's signature is good, and there is no credential in it.")
    for member in members:
        if member.signed is None and member.older is None:
            continue  # it is refused for what it is
        ids = _subjects(member.signed) if member.signed is not None else [None]
        if not ids or any(one != shown.issuer for one in ids):
            raise Undecided("holder-not-subject", f"{member.pointer} does not say that it is about the holder.")


def _subjects(signed: Signed) -> list[str | None]:
    subjects = signed.credential.credentialSubject
    return [subject.id for subject in (subjects if isinstance(subjects, list) else [subjects])]
