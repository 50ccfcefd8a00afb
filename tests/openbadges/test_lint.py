"""What we do not sign, although it might pass elsewhere."""

import pytest
from badges import BASE, a_document, changed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sentences import refusal, sentences

from credentials.errors import Refused
from credentials.openbadges.lint import lint_issued

MALFORMED = "MALFORMED_VALUE_ERROR"

SUBJECT = "/credentialSubject"
ACHIEVEMENT = f"{SUBJECT}/achievement"
DESCRIPTION = f"{ACHIEVEMENT}/resultDescription/0"


def test_what_the_builder_writes_is_signed_with_or_without_a_proof():
    assert refusal(lint_issued, a_document()) is None
    proof = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod"}
    assert refusal(lint_issued, {**a_document(), "proof": [proof]}) is None


@pytest.mark.parametrize(
    "pointer",
    [
        "/type",
        "/issuer/type",
        f"{SUBJECT}/type",
        f"{ACHIEVEMENT}/type",
        "/evidence/0/type",
        f"{SUBJECT}/result/0/type",
        f"{DESCRIPTION}/type",
        f"{DESCRIPTION}/rubricCriterionLevel/0/type",
    ],
)
def test_a_type_is_written_as_the_strict_schema_has_it(pointer, strict_schema):
    name = pointer.split("/")[-2] if pointer != "/type" else ""
    document = changed(a_document(), pointer, "AchievementCredential" if not name else "x")
    assert refusal(lint_issued, document)[0] == MALFORMED
    assert strict_schema(document)


@sentences(
    ("changes", "place"),
    {
        "result descriptions that stand alone": (
            {
                f"{SUBJECT}/result": ...,
                f"{ACHIEVEMENT}/resultDescription": {
                    "id": "urn:x:1",
                    "type": ["ResultDescription"],
                    "name": "x",
                    "resultType": "Percent",
                },
            },
            f"{ACHIEVEMENT}/resultDescription",
        ),
        "a set of one that stands alone": ({"/evidence": {"type": ["Evidence"], "name": "x"}}, "/evidence"),
        "a tag that stands alone": ({f"{ACHIEVEMENT}/tag": "x"}, f"{ACHIEVEMENT}/tag"),
        "a proof that stands alone": ({"/proof": {"type": "DataIntegrityProof"}}, "/proof"),
        "an identifier that stands alone": (
            {
                f"{SUBJECT}/identifier": {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": "Ada",
                    "identityType": "name",
                }
            },
            f"{SUBJECT}/identifier",
        ),
        "a type that stands alone": ({"/issuer/type": "Profile"}, "/issuer/type"),
        "a type in an array where the standard has one": ({"/issuer/image/type": ["Image"]}, "/issuer/image/type"),
        "a type that no context defines": ({"/evidence/0/type": ["Evidence", "ext:Video"]}, "/evidence/0/type"),
        "a schema type that no context defines": (
            {"/credentialSchema/0/type": "JsonSchema2099"},
            "/credentialSchema/0/type",
        ),
        "a type whose context is left out": ({"/@context/2": ...}, "/@context"),
        "a context whose terms are not used": (
            {"/@context/-": "https://www.w3.org/ns/credentials/examples/v2"},
            "/@context",
        ),
        "an older context": ({"/@context/1": "https://purl.imsglobal.org/spec/ob/v3p0/context.json"}, "/@context"),
        "no schema": ({"/credentialSchema": ..., "/@context/2": ...}, "/credentialSchema"),
        "an issuer by its id alone": ({"/issuer": "did:web:alder.example"}, "/issuer"),
        "an issuer without a name": ({"/issuer/name": ...}, "/issuer"),
        "no name for a wallet to show": ({"/name": ...}, "/name"),
        "no date of award": ({"/awardedDate": ...}, "/awardedDate"),
        "two bits for one purpose": (
            {"/credentialStatus/1/statusPurpose": "revocation"},
            "/credentialStatus/1/statusPurpose",
        ),
        "a status entry without an id": ({"/credentialStatus/0/id": ...}, "/credentialStatus/0"),
        "a deprecated status method": (
            {"/credentialStatus": {"type": "1EdTechRevocationList", "id": "https://x.example/r"}},
            "/credentialStatus",
        ),
        "a service that we do not have": (
            {"/refreshService": {"type": "1EdTechCredentialRefresh", "id": "https://x.example/r"}},
            "/refreshService",
        ),
        "members that no model knows": ({"/termsOfUse": [{"type": ["Evidence"], "anything": "goes"}]}, "/termsOfUse"),
        "evidence that is a script": ({"/evidence/1/id": "javascript:alert(1)"}, "/evidence/1/id"),
        "evidence that is a page": ({"/evidence/1/id": "data:text/html,<b>"}, "/evidence/1/id"),
        "a link of a scheme that browsers left behind": ({"/issuer/url": "ftp://alder.example/"}, "/issuer/url"),
        "a control character": ({"/evidence/0/narrative": "bell\u0007"}, "/evidence/0/narrative"),
        "a control character in an array": ({f"{ACHIEVEMENT}/tag/0": "del\u007f"}, f"{ACHIEVEMENT}/tag"),
        "half a character": ({"/evidence/0/name": "half \ud800"}, "/evidence/0/name"),
        "a person named beside the identifiers": ({f"{SUBJECT}/name": "Ada"}, f"{SUBJECT}/name"),
        "a person's address": (
            {f"{SUBJECT}/type": ["AchievementSubject", "Profile"], f"{SUBJECT}/email": "ada@x.example"},
            f"{SUBJECT}/email",
        ),
        "an address in plain text": ({f"{SUBJECT}/identifier/1/hashed": False}, f"{SUBJECT}/identifier/1"),
        "a hash without salt": ({f"{SUBJECT}/identifier/1/salt": ...}, f"{SUBJECT}/identifier/1"),
        "an MD5 hash": (
            {f"{SUBJECT}/identifier/1/identityHash": "md5$" + "0" * 32},
            f"{SUBJECT}/identifier/1/identityHash",
        ),
    },
)
def test_it_is_not_signed(changes, place):
    document = a_document()
    for pointer, value in changes.items():
        document = changed(document, pointer, value)
    assert refusal(lint_issued, document) == (MALFORMED, place)


def test_only_kinds_that_we_issue_are_signed():
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "did:web:alder.example",
        "credentialSubject": {"id": "urn:x:1"},
    }
    assert refusal(lint_issued, document) == (MALFORMED, "/type")


def test_a_picture_may_be_in_the_badge_itself():
    picture = {"id": "data:image/png;base64,iVBORw0KGgo=", "type": "Image"}
    assert refusal(lint_issued, changed(a_document(), f"{ACHIEVEMENT}/image", picture)) is None


def test_an_endorsement_by_others_is_their_own_document():
    theirs = {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": f"{BASE}/endorsements/1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Union",
        "issuer": {"id": "did:web:union.example", "type": "Profile"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": f"{BASE}/x", "type": "EndorsementSubject"},
    }
    assert refusal(lint_issued, {**a_document(), "endorsement": [theirs]}) is None


def nodes(value, path=""):
    if isinstance(value, dict):
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from nodes(child, f"{path}/{key}")


@given(
    st.sampled_from(sorted(nodes(a_document()))),
    st.sampled_from(
        # Terms of the standards, in places where they may or may not belong, and words that no context knows.
        [
            "name",
            "narrative",
            "description",
            "level",
            "points",
            "salt",
            "criteria",
            "hashed",
            "tag",
            "genre",
            "validFrom",
            "statusPurpose",
            "encodedList",
            "digestMultibase",
            "targetName",
            "partial",
            "alsoKnownAs",
            "licenseLevel",
            "title",
            "givenName",
            "url",
            "image",
            "evidence",
            "jti",
            "proofValue",
            "mediaType",
            "message",
            "result",
            "audience",
        ]
    ),
    st.sampled_from(
        ["text", 5, True, ["text"], {"id": "urn:x:1"}, {"id": "urn:x:1", "type": ["Evidence"]}, "2026-01-01T00:00:00Z"]
    ),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_safe_mode_would_drop_is_not_signed(safe_mode, place, name, value):
    document = changed(a_document(), f"{place}/{name}", value)
    try:
        lint_issued(document)
    except Refused:
        return
    assert safe_mode.objections(document) == []


@given(
    st.sampled_from(sorted(nodes(a_document()))),
    st.sampled_from(["Evidence", "Address", "Image", "Stack", "ext:Stack", "Profile"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_type_that_safe_mode_would_object_to_is_not_signed(safe_mode, place, kind):
    document = changed(a_document(), f"{place}/type", [kind])
    try:
        lint_issued(document)
    except Refused:
        return
    assert safe_mode.objections(document) == []
