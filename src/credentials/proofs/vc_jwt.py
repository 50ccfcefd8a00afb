"""A credential or a presentation as the payload of a JWT, and back.

Open Badges 3.0, section 8.2 (https://www.imsglobal.org/spec/ob/v3p0/#jwt-proof), VC-JOSE-COSE 1.0
(https://www.w3.org/TR/vc-jose-cose/) and VCDM 1.1, section 6.3.1. The registered claims repeat what the document says;
the two must agree, because one reader looks here and another there.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from credentials.errors import Malformed, Refused
from credentials.proofs.model import JsonObject
from credentials.proofs.suite import CREDENTIALS_V2, contexts_of
from credentials.proofs.timestamp import MAX_CLOCK_SKEW, moment

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PER_SECOND = 1_000_000
CLAIMS = frozenset({"iss", "jti", "sub", "nbf", "exp", "iat"})
_PRESENTATION_CLAIMS = CLAIMS | {"aud", "nonce"}
_OF_OPEN_BADGES = frozenset({"iss", "jti", "nbf", "sub"})
_OF_ENDING = _OF_OPEN_BADGES | {"exp"}

_Expected = dict[str, str | int]
"""What each claim has to be: a URL, or a moment in microseconds since 1970."""


def claims_of(credential: JsonObject) -> JsonObject:
    """The payload of a VC-JWT: a VCDM 2.0 credential with ``iss``, ``jti``, ``nbf``, ``sub``, and ``exp`` where it expires.
    One of VCDM 1.1 stands whole under ``vc``, beside those of the claims that it has a value for (section 6.3.1, JWT Encoding).

    ``PROOF_GENERATION_ERROR`` for a credential that cannot be one: of 2.0 without ``id``, ``issuer``, ``validFrom``, or one
    subject with an ``id``; of 1.1 without ``issuer`` or ``issuanceDate``.
    """
    older = contexts_of(credential)[:1] == [CREDENTIALS_V1]
    dates = ("issuanceDate", "expirationDate") if older else ("validFrom", "validUntil")
    expected = _expected_claims(credential, *dates)
    for claim in ("iss", "nbf") if older else ("iss", "jti", "nbf", "sub"):
        if claim not in expected:
            raise Refused("PROOF_GENERATION_ERROR", f"A VC-JWT needs {claim}, and the credential has no value for it.")
    if not CLAIMS.isdisjoint(credential):
        raise Refused("PROOF_GENERATION_ERROR", "The credential has members with the names of JWT claims.")
    whole = {claim: value if isinstance(value, str) else value // _PER_SECOND for claim, value in expected.items()}
    return {**whole, "vc": credential} if older else {**credential, **whole}


def credential_of(payload: object, typ: str | None) -> JsonObject:
    """The credential in the payload of a verified JWT, its claims found to agree with it and taken away.

    ``typ`` is the header's. ``JWT``, or none, is a VC-JWT of Open Badges, whose claims are all required; those of
    ``vc+jwt`` are optional. A credential of VCDM 1.1 stands under ``vc``, and what it leaves to the claims is put back.
    ``MALFORMED_VALUE_ERROR`` for any disagreement.
    """
    if not isinstance(payload, dict):
        raise Refused("PARSING_ERROR", "The payload of a VC-JWT is an object.")
    if "vp" in payload or typ == "vp+jwt":
        raise Refused("MALFORMED_VALUE_ERROR", "A presentation stands where a credential should.")
    if "vc" in payload:
        credential, base = _credential_of_vc_claim(payload), CREDENTIALS_V1
        expected = _expected_claims(credential, "issuanceDate", "expirationDate")
        required = frozenset({"iss", "nbf", *expected})
    else:
        credential, base = _without(CLAIMS, payload), CREDENTIALS_V2
        expected = _expected_claims(credential, "validFrom", "validUntil")
        required = frozenset() if typ == "vc+jwt" else _OF_ENDING if "exp" in expected else _OF_OPEN_BADGES
    if contexts_of(credential)[:1] != [base]:
        raise Refused(
            "MALFORMED_VALUE_ERROR", f"A credential in this place starts its @context with {base}.", "/@context"
        )
    _check_claims(payload, expected, required)
    return credential


def presentation_of(
    payload: object, typ: str | None, *, now: datetime, audience: str | None = None, nonce: str | None = None
) -> JsonObject:
    """The presentation in the payload of a verified JWT (``typ`` is ``vp+jwt``), its claims taken away.

    ``audience`` and ``nonce`` are what the verifier asked for; ``None`` asks for nothing. ``INVALID_DOMAIN_ERROR`` and
    ``INVALID_CHALLENGE_ERROR`` when the token answers somebody else, ``credential-expired`` and
    ``credential-not-yet-valid`` for its time, ``MALFORMED_VALUE_ERROR`` for a disagreement.
    """
    presentation = unwrapped_presentation(payload, typ)
    claims: JsonObject = payload  # type: ignore[assignment]  # else it could not be unwrapped
    check_presentation_claims(claims, now=now, audience=audience, nonce=nonce)
    return presentation


def unwrapped_presentation(payload: object, typ: str | None) -> JsonObject:
    """The presentation in the payload of a JWT, its claims taken away; neither its time nor its audience is looked at.

    That of VCDM 2.0 is the payload of a ``vp+jwt``; that of 1.1 stands under ``vp``, and what it leaves to the claims is put
    back. ``MALFORMED_VALUE_ERROR`` for anything else, and for a disagreement.
    """
    if not isinstance(payload, dict):
        raise Refused("PARSING_ERROR", "The payload of a VP-JWT is an object.")
    if "vp" in payload and typ != "vp+jwt":
        presentation, base = _presentation_of_vp_claim(payload), CREDENTIALS_V1
    elif typ != "vp+jwt" or "vp" in payload or "vc" in payload:
        raise Refused("MALFORMED_VALUE_ERROR", "A presentation in a JWT has the type vp+jwt and no vp claim.")
    else:
        presentation, base = _without(_PRESENTATION_CLAIMS, payload), CREDENTIALS_V2
    if contexts_of(presentation)[:1] != [base]:
        raise Refused(
            "MALFORMED_VALUE_ERROR", f"A presentation in this place starts its @context with {base}.", "/@context"
        )
    expected: _Expected = _identified(iss=presentation.get("holder"), jti=presentation)
    _check_claims(payload, expected, (), others=("nbf", "exp"))
    return presentation


def check_presentation_claims(
    payload: JsonObject, *, now: datetime, audience: str | None = None, nonce: str | None = None
) -> None:
    """The time, the audience and the nonce of a presentation's token. Raises as ``presentation_of`` does."""
    today = _microseconds(now)
    if "exp" in payload and _number(payload["exp"], "/exp") <= today:
        raise Refused("credential-expired", "The presentation has expired.", "/exp")
    if "nbf" in payload and _number(payload["nbf"], "/nbf") > today + MAX_CLOCK_SKEW // _MICROSECOND:
        raise Refused("credential-not-yet-valid", "The presentation is from the future.", "/nbf")
    meant_for = payload.get("aud", [])
    if audience is not None and audience not in (meant_for if isinstance(meant_for, list) else [meant_for]):
        raise Refused("INVALID_DOMAIN_ERROR", "The presentation is for another audience.", "/aud")
    if nonce is not None and payload.get("nonce") != nonce:
        raise Refused("INVALID_CHALLENGE_ERROR", "The presentation answers another challenge.", "/nonce")


def _presentation_of_vp_claim(payload: JsonObject) -> JsonObject:
    """VCDM 1.1, section 6.3.1, JWT Decoding: the ``vp`` claim, with what the registered claims say in its stead."""
    presentation = payload["vp"]
    if not isinstance(presentation, dict):
        raise Refused("MALFORMED_VALUE_ERROR", "The claim vp is an object.", "/vp")
    if not (_PRESENTATION_CLAIMS | {"vp"}).issuperset(payload) or "sub" in payload:
        raise Refused("MALFORMED_VALUE_ERROR", "Beside vp there are only the registered claims.")
    for member, claim in (("holder", "iss"), ("id", "jti")):
        if claim in payload:
            presentation = {member: payload[claim], **presentation}
    return presentation


def _check_claims(
    payload: JsonObject, expected: _Expected, required: Iterable[str], *, others: Iterable[str] = ()
) -> None:
    """Each claim that is there says what the document says; each that is required is there. ``others`` stand alone."""
    for claim in ("iss", "jti", "sub", "nbf", "exp"):
        if claim not in payload:
            if claim in required:
                raise Refused("MALFORMED_VALUE_ERROR", f"The claim {claim} is missing.", f"/{claim}")
        elif claim in expected:
            said, due = payload[claim], expected[claim]
            if not (said == due if isinstance(due, str) else _is_moment(said, due, f"/{claim}")):
                raise Refused("MALFORMED_VALUE_ERROR", f"The claim {claim} differs from the document.", f"/{claim}")
        elif claim not in others:
            raise Refused("MALFORMED_VALUE_ERROR", f"The document says nothing of what {claim} does.", f"/{claim}")
    if "iat" in payload:
        _number(payload["iat"], "/iat")


def _credential_of_vc_claim(payload: JsonObject) -> JsonObject:
    """VCDM 1.1, section 6.3.1, JWT Decoding: the ``vc`` claim, with what the registered claims say in its stead."""
    credential = payload["vc"]
    if not isinstance(credential, dict):
        raise Refused("MALFORMED_VALUE_ERROR", "The claim vc is an object.", "/vc")
    if not (CLAIMS | {"vc"}).issuperset(payload):
        raise Refused("MALFORMED_VALUE_ERROR", "Beside vc there are only the registered claims.")
    for member, claim in (("issuer", "iss"), ("id", "jti")):
        if claim in payload:
            credential = {member: payload[claim], **credential}
    for member, claim in (("issuanceDate", "nbf"), ("expirationDate", "exp")):
        if claim in payload and member not in credential:
            credential = {**credential, member: _date(payload[claim], f"/{claim}")}
    subject = credential.get("credentialSubject")
    if "sub" in payload and isinstance(subject, dict):
        credential = {**credential, "credentialSubject": {"id": payload["sub"], **subject}}
    return credential


def _expected_claims(credential: JsonObject, valid_from: str, valid_until: str) -> _Expected:
    """What the registered claims of a credential have to be, as far as it says."""
    subject = credential.get("credentialSubject")
    if isinstance(subject, list) and len(subject) == 1:
        subject = subject[0]
    expected = _identified(iss=credential.get("issuer"), jti=credential, sub=subject)
    for claim, member in (("nbf", valid_from), ("exp", valid_until)):
        if member in credential:
            try:
                expected[claim] = _microseconds(moment(credential[member]))
            except Malformed as error:
                raise Refused("MALFORMED_VALUE_ERROR", error.detail, f"/{member}") from error
    return expected


def _identified(**values: object) -> _Expected:
    """The claims whose values name something: a URL itself, or an object with an ``id``."""
    named: _Expected = {}
    for claim, value in values.items():
        name = value.get("id") if isinstance(value, dict) else value
        if isinstance(name, str):
            named[claim] = name
    return named


def _is_moment(claim: object, expected: int, pointer: str) -> bool:
    """A NumericDate (RFC 7519, section 2) agrees to the microsecond, or to the second when it has no fraction."""
    number = _number(claim, pointer)
    return number == expected or (number % _PER_SECOND == 0 and number == expected - expected % _PER_SECOND)


def _number(claim: object, pointer: str) -> int:
    """A NumericDate in microseconds, within the years that calendars have."""
    if type(claim) not in {int, float} or not -62_135_596_800 <= claim <= 253_402_300_799:  # type: ignore[operator]
        raise Refused("MALFORMED_VALUE_ERROR", "A date in a claim is a number of seconds since 1970.", pointer)
    return round(claim * _PER_SECOND)  # type: ignore[operator]


def _date(claim: object, pointer: str) -> str:
    seconds = _EPOCH + timedelta(microseconds=_number(claim, pointer))
    return seconds.isoformat().replace("+00:00", "Z")


def _microseconds(when: datetime) -> int:
    return (when - _EPOCH) // _MICROSECOND


def _without(names: frozenset[str], members: JsonObject) -> JsonObject:
    without = members.copy()
    for member in names & members.keys():
        del without[member]
    return without
