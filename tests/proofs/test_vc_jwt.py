"""A credential in a JWT says everything twice, and must say the same."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import Refused
from credentials.proofs.vc_jwt import claims_of, credential_of, presentation_of

V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
ISSUER, SUBJECT, ID = "https://alder.example/issuers/1", "did:example:educator", "urn:uuid:1"
FROM, UNTIL = "2026-01-15T00:00:00Z", "2029-01-15T00:00:00+02:00"

CREDENTIAL = {
    "@context": [V2],
    "id": ID,
    "type": ["VerifiableCredential"],
    "issuer": {"id": ISSUER, "type": ["Profile"]},
    "validFrom": FROM,
    "validUntil": UNTIL,
    "credentialSubject": {"id": SUBJECT},
}
CLAIMS = {"iss": ISSUER, "jti": ID, "nbf": 1768435200, "sub": SUBJECT, "exp": 1863122400}
PAYLOAD = CREDENTIAL | CLAIMS


def without(members, *names):
    return {member: value for member, value in members.items() if member not in names}


def refusal(call, *arguments, **named):
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)
    return caught.value


def test_the_claims_repeat_what_the_credential_says():
    assert claims_of(CREDENTIAL) == PAYLOAD


@pytest.mark.parametrize("typ", ["JWT", None, "vc+jwt"])
def test_the_credential_comes_back_without_its_claims(typ):
    assert credential_of(PAYLOAD, typ) == CREDENTIAL


@pytest.mark.parametrize(
    "credential",
    [
        pytest.param(CREDENTIAL | {"issuer": ISSUER}, id="an issuer that is a URL"),
        pytest.param(CREDENTIAL | {"credentialSubject": [{"id": SUBJECT}]}, id="one subject in a list"),
        pytest.param(CREDENTIAL | {"@context": V2}, id="one context without a list"),
        pytest.param(without(CREDENTIAL, "validUntil"), id="no end"),
        pytest.param(CREDENTIAL | {"validFrom": "2026-01-15T00:00:00.75Z"}, id="a fraction of a second"),
        pytest.param(CREDENTIAL | {"validFrom": "1969-12-31T23:59:59.5Z"}, id="before 1970, with a fraction"),
    ],
)
def test_what_we_write_we_read(credential):
    assert credential_of(claims_of(credential), "JWT") == credential


@pytest.mark.parametrize(
    "credential",
    [
        pytest.param(without(CREDENTIAL, "id"), id="no id"),
        pytest.param(without(CREDENTIAL, "issuer"), id="no issuer"),
        pytest.param(without(CREDENTIAL, "validFrom"), id="no start"),
        pytest.param(CREDENTIAL | {"credentialSubject": {"identifier": []}}, id="a subject without id"),
        pytest.param(CREDENTIAL | {"credentialSubject": [{"id": SUBJECT}, {"id": ID}]}, id="two subjects"),
        pytest.param(CREDENTIAL | {"jti": ID}, id="a claim among its members"),
    ],
)
def test_a_credential_that_cannot_be_a_jwt_is_not_made_one(credential):
    assert refusal(claims_of, credential).code == "PROOF_GENERATION_ERROR"


@pytest.mark.parametrize("typ", ["JWT", "vc+jwt"])
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"iss": "did:example:other"}, "/iss", id="another issuer"),
        pytest.param({"iss": {"id": ISSUER}}, "/iss", id="an issuer that is an object"),
        pytest.param({"iss": None}, "/iss", id="null for an issuer"),
        pytest.param({"sub": "did:example:other"}, "/sub", id="another subject"),
        pytest.param({"jti": "urn:uuid:2"}, "/jti", id="another id"),
        pytest.param({"nbf": 1}, "/nbf", id="another start"),
        pytest.param({"nbf": 1768435200.5}, "/nbf", id="a fraction that the credential does not have"),
        pytest.param({"nbf": str(CLAIMS["nbf"])}, "/nbf", id="a start that is a text"),
        pytest.param({"nbf": True}, "/nbf", id="true for a start"),
        pytest.param({"exp": 4102444800}, "/exp", id="a later end"),
        pytest.param({"exp": float("inf")}, "/exp", id="an endless end"),
        pytest.param({"exp": float("nan")}, "/exp", id="an end that is not a number"),
        pytest.param({"exp": 10**40}, "/exp", id="an end beyond all calendars"),
        pytest.param({"iat": "yesterday"}, "/iat", id="a time of issue that is a text"),
        pytest.param({"credentialSubject": {}}, "/sub", id="a claim about a subject that has no id"),
        pytest.param({"credentialSubject": [{"id": SUBJECT}, {"id": "urn:x:y"}]}, "/sub", id="a claim about two"),
        pytest.param({"issuer": 5}, "/iss", id="a number for the credential's issuer"),
        pytest.param({"validFrom": "2026-01-15T00:00:00"}, "/validFrom", id="a start without offset"),
        pytest.param({"validUntil": 5}, "/validUntil", id="a number for the credential's end"),
        pytest.param({"@context": [V1]}, "/@context", id="a credential of VCDM 1.1 outside vc"),
        pytest.param({"@context": []}, "/@context", id="no context"),
        pytest.param({"@context": None}, "/@context", id="null for a context"),
    ],
)
def test_a_claim_that_differs_from_the_credential_is_refused(change, pointer, typ):
    refused = refusal(credential_of, PAYLOAD | change, typ)
    assert (refused.code, refused.pointer) == ("MALFORMED_VALUE_ERROR", pointer)


def test_an_end_in_the_claims_alone_is_refused():
    assert refusal(credential_of, without(PAYLOAD, "validUntil"), "JWT").pointer == "/exp"


@pytest.mark.parametrize("claim", ["iss", "jti", "nbf", "sub", "exp"])
def test_open_badges_demand_every_claim_and_vc_jose_cose_none(claim):
    payload = without(PAYLOAD, claim)
    assert credential_of(payload, "vc+jwt") == CREDENTIAL
    for typ in ("JWT", None):
        refused = refusal(credential_of, payload, typ)
        assert (refused.code, refused.pointer) == ("MALFORMED_VALUE_ERROR", f"/{claim}")


def test_a_start_may_be_given_to_the_microsecond():
    payload = PAYLOAD | {"validFrom": "2026-01-15T00:00:00.25Z", "nbf": 1768435200.25}
    assert credential_of(payload, "JWT")["validFrom"] == payload["validFrom"]


@pytest.mark.parametrize("payload", [None, [], "x", 5])
def test_a_payload_is_an_object(payload):
    assert refusal(credential_of, payload, "JWT").code == "PARSING_ERROR"


@pytest.mark.parametrize(("payload", "typ"), [({"vp": {}}, "JWT"), (PAYLOAD, "vp+jwt")], ids=["a vp claim", "the type"])
def test_a_presentation_is_no_credential(payload, typ):
    assert refusal(credential_of, payload, typ).code == "MALFORMED_VALUE_ERROR"


# VCDM 1.1

OLDER = {
    "@context": [V1],
    "id": ID,
    "type": ["VerifiableCredential"],
    "issuer": ISSUER,
    "issuanceDate": FROM,
    "expirationDate": UNTIL,
    "credentialSubject": {"id": SUBJECT},
}


@pytest.mark.parametrize("typ", ["JWT", None, "vc+jwt"])
def test_a_credential_of_vcdm_1_1_stands_under_vc(typ):
    assert credential_of(CLAIMS | {"vc": OLDER}, typ) == OLDER


def test_one_that_we_write_stands_under_vc_beside_the_claims_that_it_has_values_for():
    assert claims_of(OLDER) == CLAIMS | {"vc": OLDER}
    bare = without(OLDER, "id", "expirationDate") | {"credentialSubject": {"name": "Ada"}}
    assert claims_of(bare) == {"iss": ISSUER, "nbf": CLAIMS["nbf"], "vc": bare}


@pytest.mark.parametrize(
    "credential",
    [
        pytest.param(OLDER, id="all of it"),
        pytest.param(OLDER | {"@context": V1}, id="one context without a list"),
        pytest.param(OLDER | {"issuer": {"id": ISSUER, "name": "Alder"}}, id="an issuer that is an object"),
        pytest.param(without(OLDER, "id"), id="no id"),
        pytest.param(without(OLDER, "expirationDate"), id="no end"),
        pytest.param(OLDER | {"issuanceDate": "2026-01-15T00:00:00.75Z"}, id="a fraction of a second"),
        pytest.param(OLDER | {"credentialSubject": [{"id": SUBJECT}, {"id": "did:example:b"}]}, id="two subjects"),
    ],
)
def test_what_we_write_of_an_older_one_we_read(credential):
    assert credential_of(claims_of(credential), "JWT") == credential


@pytest.mark.parametrize("missing", ["issuer", "issuanceDate"])
def test_an_older_one_without_issuer_or_date_is_not_made_a_jwt(missing):
    assert refusal(claims_of, without(OLDER, missing)).code == "PROOF_GENERATION_ERROR"


def test_what_it_leaves_to_the_claims_is_put_back():
    bare = without(OLDER, "id", "issuer", "issuanceDate", "expirationDate") | {"credentialSubject": {"degree": "x"}}
    assert credential_of(CLAIMS | {"vc": bare}, "JWT") == OLDER | {
        "expirationDate": "2029-01-14T22:00:00Z",
        "credentialSubject": {"id": SUBJECT, "degree": "x"},
    }


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(CLAIMS | {"vc": CREDENTIAL}, id="a credential of VCDM 2.0 under vc"),
        pytest.param(CLAIMS | {"vc": OLDER, "name": "x"}, id="a member beside vc"),
        pytest.param(CLAIMS | {"vc": []}, id="a list for vc"),
        pytest.param(CLAIMS | {"vc": None}, id="null for vc"),
        pytest.param(CLAIMS | {"vc": OLDER, "iss": "did:example:other"}, id="another issuer"),
        pytest.param(CLAIMS | {"vc": OLDER | {"issuanceDate": "2020-01-01T00:00:00Z"}}, id="another start"),
        pytest.param(CLAIMS | {"vc": OLDER | {"expirationDate": "2030-01-01T00:00:00Z"}}, id="another end"),
        pytest.param(CLAIMS | {"vc": OLDER, "sub": "did:example:other"}, id="another subject"),
        pytest.param(without(CLAIMS, "iss") | {"vc": OLDER}, id="no iss"),
        pytest.param(without(CLAIMS, "nbf") | {"vc": OLDER}, id="no nbf"),
        pytest.param(without(CLAIMS, "exp") | {"vc": OLDER}, id="an end that the claims leave out"),
        pytest.param(CLAIMS | {"vc": without(OLDER, "issuer"), "iss": 5}, id="a number for an issuer"),
        pytest.param(CLAIMS | {"vc": without(OLDER, "issuanceDate"), "nbf": "x"}, id="a text for a start"),
        pytest.param(CLAIMS | {"vc": OLDER | {"credentialSubject": []}}, id="a subject for nobody"),
    ],
)
def test_an_older_credential_that_disagrees_is_refused(payload):
    assert refusal(credential_of, payload, "JWT").code == "MALFORMED_VALUE_ERROR"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([V1, V2, ISSUER, SUBJECT, ID, FROM]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted({**PAYLOAD, **OLDER})), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*PAYLOAD, "vc", "iat", "vp"]), JSON), st.sampled_from(["JWT", "vc+jwt", None]))
def test_no_payload_does_harm(members, typ):
    for payload in (members, PAYLOAD | members, CLAIMS | {"vc": OLDER | members}):
        with contextlib.suppress(Refused):
            credential_of(payload, typ)


# Presentations

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PRESENTATION = {"@context": [V2], "id": "urn:uuid:9", "type": ["VerifiablePresentation"], "holder": SUBJECT}
ANSWER = {"iss": SUBJECT, "jti": "urn:uuid:9", "aud": "https://verifier.example", "nonce": "n", "exp": 1790000000}


def test_a_presentation_comes_back_without_its_claims():
    asked = {"audience": "https://verifier.example", "nonce": "n"}
    assert presentation_of(PRESENTATION | ANSWER, "vp+jwt", now=NOW, **asked) == PRESENTATION
    assert presentation_of(PRESENTATION, "vp+jwt", now=NOW) == PRESENTATION
    several = ANSWER | {"aud": ["urn:x:y", "https://verifier.example"]}
    assert presentation_of(PRESENTATION | several, "vp+jwt", now=NOW, **asked) == PRESENTATION


@pytest.mark.parametrize(
    ("change", "asked", "code"),
    [
        pytest.param({"iss": "did:example:other"}, {}, "MALFORMED_VALUE_ERROR", id="another holder"),
        pytest.param({"jti": "urn:uuid:8"}, {}, "MALFORMED_VALUE_ERROR", id="another id"),
        pytest.param({"sub": SUBJECT}, {}, "MALFORMED_VALUE_ERROR", id="a subject"),
        pytest.param({"exp": "x"}, {}, "MALFORMED_VALUE_ERROR", id="a text for an end"),
        pytest.param({"exp": NOW.timestamp()}, {}, "credential-expired", id="the end has come"),
        pytest.param({"nbf": NOW.timestamp() + 61}, {}, "credential-not-yet-valid", id="the start has not"),
        pytest.param({}, {"audience": "https://other.example"}, "INVALID_DOMAIN_ERROR", id="another audience"),
        pytest.param({"aud": None}, {"audience": "x"}, "INVALID_DOMAIN_ERROR", id="null for an audience"),
        pytest.param({}, {"nonce": "m"}, "INVALID_CHALLENGE_ERROR", id="another nonce"),
        pytest.param({"vp": {}}, {}, "MALFORMED_VALUE_ERROR", id="a vp claim"),
    ],
)
def test_a_presentation_for_somebody_else_is_refused(change, asked, code):
    assert refusal(presentation_of, PRESENTATION | ANSWER | change, "vp+jwt", now=NOW, **asked).code == code


def test_a_presentation_says_that_it_is_one():
    assert refusal(presentation_of, PRESENTATION, "JWT", now=NOW).code == "MALFORMED_VALUE_ERROR"
    assert refusal(presentation_of, [], "vp+jwt", now=NOW).code == "PARSING_ERROR"
