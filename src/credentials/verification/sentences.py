"""What is said to a person: a sentence for every check and every code. ``docs/codes.md`` says the same with more room.

They are written for somebody in a payroll or licensing office who has to act on them, and knows nothing of signatures.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from credentials.errors import Malformed, Refused
from credentials.verification.model import Check, Issuer, Name, Outcome, Undecided, Verdict

PASSED: Mapping[Name, str] = {
    Name.FORMAT: "The file can be read, and it is clear what is to be verified.",
    Name.CONTEXT: "The credential uses the published vocabularies, and no other.",
    Name.MODEL: "Every part of the credential is one that its standard knows, in its place.",
    Name.PROOF: "The signature is good: nothing was changed since the issuer signed it.",
    Name.ISSUER: "The issuer is recognised here.",
    Name.RESOURCES: "Everything that the credential binds by a digest is at hand here, and is what its issuer meant.",
    Name.TIME: "The credential is in force.",
    Name.STATUS: "The credential has been neither revoked nor suspended.",
    Name.RECIPIENT: "The credential is about the person whom you named.",
    Name.ENDORSEMENTS: "Every endorsement in the credential is signed by the one who gives it.",
    Name.SCHEMA: "The credential has the form that its published schema asks for.",
    Name.HOLDER: "The one whom the credentials are about signed them for you, on this occasion.",
    Name.MEMBERS: "Every credential in it is genuine, in force, and by an issuer that is recognised here.",
    Name.REFRESH: "The issuer has a newer edition of the credential, and this is about that one.",
}

_DAMAGED = "The file cannot be read as a credential: it is damaged, or it is something else."
_UNUSUAL = "The file is built in a way that lets two programs read two different credentials from it."
_CHANGED = "The signature does not fit: the credential was changed after it was signed, or another one signed it."
_KEY = "The key that signed is not one that this issuer may sign with."
_KEYS_PAGE = "What the issuer publishes about its keys cannot be relied on."
_LIST = "The list that would show a revocation cannot be relied on."
_FORM = "The credential is not put together as its standard demands."
_PICTURE = "The picture cannot be read: it is damaged or not a picture."

SENTENCES: Mapping[str, str] = {
    "payload-too-large": "The file is larger than a credential may be.",
    "image-too-large": "The picture is larger than is read here.",
    "unsupported-media-type": "This kind of file or credential is not verified here.",
    "PARSING_ERROR": _DAMAGED,
    "json-too-deep": _UNUSUAL,
    "json-duplicate-key": _UNUSUAL,
    "json-number-out-of-range": _UNUSUAL,
    "image-malformed": _PICTURE,
    "xml-entity-forbidden": "The picture holds instructions that are not followed here.",
    "no-baked-credential": "There is no Open Badge in this picture.",
    "multiple-baked-credentials": "There is more than one badge in this picture, and no telling which is meant.",
    "baked-compressed-text": "The badge in this picture is stored in a way that the standard forbids.",
    "context-not-allowed": "The credential uses vocabularies that are not accepted here, so its words could mean anything.",
    "MALFORMED_VALUE_ERROR": _FORM,
    "DATA_LOSS_DETECTION_ERROR": "The credential has parts that its signature does not cover.",
    "canonicalization-limit": "The credential is built so that checking it would take too long.",
    "no-proof": "Nobody has signed this credential.",
    "PROOF_VERIFICATION_ERROR": _CHANGED,
    "CRYPTOGRAPHIC_SECURITY_ERROR": _CHANGED,
    "PROOF_TRANSFORMATION_ERROR": "The credential has a value that cannot be signed in one way only.",
    "INVALID_DOMAIN_ERROR": "This was signed for somebody else to see.",
    "INVALID_CHALLENGE_ERROR": "This was signed for another occasion.",
    "INVALID_VERIFICATION_METHOD": _KEY,
    "INVALID_VERIFICATION_METHOD_URL": "The credential names its key in a way that is not known here.",
    "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD": "The issuer has this key for other purposes, not for credentials.",
    "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT": _KEYS_PAGE,
    "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID": _KEYS_PAGE,
    "key-not-bound-to-issuer": "The signature is somebody else's, not that of the issuer that the credential names.",
    "key-revoked": "The issuer has withdrawn the key that signed this credential.",
    "key-expired": "The key that signed this credential has expired.",
    "weak-key": "The key that signed is so weak that anybody could have made the signature.",
    "alg-not-allowed": "The credential is signed by a method that is not accepted, or not signed at all.",
    "header-not-allowed": "The signature carries instructions that a credential may not have.",
    "url-not-allowed": "The credential points to an address that is never looked up.",
    "did-resolution": "The issuer's keys could not be looked up, so the signature was not checked.",
    "fetch-limit": "The credential asks for more to be looked up than is looked up for one credential.",
    "key-limit": "The issuer publishes more keys than are looked through, so the signature was not checked.",
    "issuer-not-trusted": "The signature is good, but nobody here knows the issuer: its name proves nothing.",
    "use-not-accepted": "The issuer is recognised, but not for the use that you have in mind.",
    "recipient-mismatch": "The credential is about somebody else than the person whom you named.",
    "recipient-not-named": "The credential does not name its holder in a way that can be compared with what you gave.",
    "status-at-date-unknown": "What is published now does not tell whether the credential stood at the moment you ask about.",
    "not-disclosed": "The holder shows a part of the credential that leaves out when it ends or whether it was revoked.",
    "credential-expired": "The credential has expired.",
    "credential-not-yet-valid": "The credential is not in force yet.",
    "credential-revoked": "The issuer has revoked this credential.",
    "credential-suspended": "The issuer has suspended this credential for now.",
    "STATUS_RETRIEVAL_ERROR": "Whether the credential was revoked could not be looked up.",
    "STATUS_VERIFICATION_ERROR": _LIST,
    "STATUS_LIST_LENGTH_ERROR": _LIST,
    "RANGE_ERROR": "The credential names a place in the revocation list that the list does not have.",
    "status-type-unsupported": "The credential's status is kept in a way that is not read here, so it is not known.",
    "endorsement-invalid": "An endorsement in the credential is not what it claims to be.",
    "ob2": "The badge is of an older standard, and what its issuer's own site says of it could not be looked up.",
    "holder-mismatch": "Somebody else presents this than the one who should.",
    "holder-not-subject": "The one who presents the credentials is not shown to be the one whom they are about.",
    "nothing-presented": "Whoever presents this has signed it, but there is no credential in it.",
    "refresh-failed": "Whether there is a newer edition could not be looked up; this is about the one you have.",
    "related-resource-differs": "A document that the credential rests on is not the one that its issuer meant.",
    "related-resource-not-checked": (
        "Documents that the credential refers to were not compared with it: what is kept elsewhere is not opened. That takes"
        " nothing from the credential itself."
    ),
    "schema-not-checked": "The credential names a schema that is not known here; it was not looked up.",
}
"""By code. What ``verification`` can find, and no more."""

NO_STATUS = "The credential has no status entry: its issuer has given itself no way to revoke it."


SIGNED_BEFORE = (
    "The signature is good. The key was withdrawn later; our own log shows that it signed this credential before that."
)
IN_FORCE_THEN = "The credential was in force at the moment you ask about."
NOT_REVOKED_THEN = "The credential was neither revoked nor suspended at the moment you ask about."


NOT_CHALLENGED = (
    "The one whom the credentials are about signed them. Nobody said for which occasion, so this may be a copy."
)
BY_ITS_SITE = "The badge is as its issuer's own site shows it; it has no signature."


@lru_cache(maxsize=512)  # nearly all checks of nearly all reports are these few
def passed(name: Name, detail: str = "") -> Check:
    return Check(name=name, outcome=Outcome.PASSED, detail=detail or PASSED[name])


def failed(name: Name, error: Malformed) -> Check:
    """The finding that a refusal is. One without a code of its own breaks a rule of form."""
    code = error.code if isinstance(error, Refused) else "MALFORMED_VALUE_ERROR"
    pointer = error.pointer if isinstance(error, Refused) else ""
    return Check(
        name=name, outcome=Outcome.FAILED, detail=SENTENCES[code], code=code, reason=error.detail, pointer=pointer
    )


def unknown(name: Name, undecided: Undecided) -> Check:
    return Check(
        name=name,
        outcome=Outcome.UNKNOWN,
        detail=SENTENCES[undecided.code],
        code=undecided.code,
        reason=undecided.detail,
    )


def summary_of_presentation(members: int, holder: str) -> str:
    counted = {1: "The credential in it is", 2: "Both credentials in it are"}
    what = counted.get(members, f"All {members} credentials in it are")
    by = f"it was signed by {holder}" if holder else "nobody signed for showing it"
    return f"{what} genuine and in force; {by}."


def summary_of_mixed(verdicts: Sequence[Verdict]) -> str:
    """How many of what is in a presentation or a record are good, where some are and some are not; else nothing."""
    good = sum(verdict is Verdict.ACCEPT for verdict in verdicts)
    if not 0 < good < len(verdicts):
        return ""
    is_ = "is" if good == 1 else "are"
    counted = f"of the {len(verdicts)} credentials in it, {good} {is_} genuine and in force"
    return f"Not all of it is good: {counted}. Act on each by its own verdict."


def summary(verdict: Verdict, code: str, issuer: Issuer | None, achievement: str, as_of: datetime | None = None) -> str:
    """The verdict in a sentence or two. The only names in it are the registry's, and one that the issuer has signed."""
    match verdict:
        case Verdict.ACCEPT:
            what = f"“{achievement}”" if achievement else "The credential"
            by = issuer.name or issuer.id if issuer else ""
            if as_of is not None:
                return f"{what} is genuine and was in force at {as_of:%Y-%m-%d %H:%M} UTC; it was issued by {by}."
            return f"{what} is genuine and in force; it was issued by {by}."
        case Verdict.ACCEPT_UNTRUSTED if code == "use-not-accepted":
            return f"{SENTENCES[code]} It was issued by {issuer.name if issuer else 'it'}, and is otherwise good."
        case Verdict.ACCEPT_UNTRUSTED:
            return f"{SENTENCES[code]} Find out who {issuer.id if issuer else 'it'} is before you rely on it."
        case Verdict.REJECT:
            return f"Do not accept this credential. {SENTENCES[code]}"
        case Verdict.INDETERMINATE:
            return f"Do not rely on this credential yet. {SENTENCES[code]}"
