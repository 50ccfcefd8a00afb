"""What a credential of anybody's must be, to be looked at any further."""

import json
import os
import subprocess
import sys

import pytest
from badges import a_document, changed
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import Refused
from credentials.openbadges.check import check_model, embedded_credentials, read_model
from credentials.openbadges.model import AchievementCredential, ClrCredential, EndorsementCredential
from credentials.openbadges.vcdm import BitstringStatusListCredential, Typed, VerifiableCredential

MALFORMED = "MALFORMED_VALUE_ERROR"
LOSS = "DATA_LOSS_DETECTION_ERROR"

OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"


def an_endorsement(**changes):
    return {
        "@context": [V2, OB],
        "id": "urn:uuid:e1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "In good standing",
        "issuer": {"id": "did:web:board.example", "type": "Profile", "name": "A board"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:web:alder.example", "type": "EndorsementSubject", "endorsementComment": "Good."},
        **changes,
    }


def a_status_list(**subject):
    return {
        "@context": [V2],
        "id": "https://badges.alder.example/status/1",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": "did:web:alder.example",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "https://badges.alder.example/status/1#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "uH4sIAAAAAAAAA-3BMQEAAADC",
            **subject,
        },
    }


def a_learner_record(**subject):
    return {
        "@context": [V2, CLR, OB, "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"],
        "id": "urn:uuid:c1",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Record of Ada Reyes",
        "issuer": {"id": "did:web:alder.example", "type": ["Profile"]},
        "validFrom": "2026-01-01T00:00:00Z",
        "partial": True,
        "credentialSubject": {
            "id": "urn:uuid:p1",
            "type": ["ClrSubject"],
            "verifiableCredential": [a_document()],
            "association": [
                {"type": "Association", "associationType": "isPartOf", "sourceId": "urn:a:1", "targetId": "urn:a:2"}
            ],
            **subject,
        },
    }


def in_vcdm_1(document):
    """``document`` in the form of VCDM 1.1."""
    old = {**document, "@context": [V1, *document["@context"][1:]], "issuanceDate": document["validFrom"]}
    old["expirationDate"] = old.pop("validUntil")
    del old["validFrom"], old["relatedResource"]
    return old


# Which kinds there are


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        pytest.param(a_document(), AchievementCredential, id="an Open Badge"),
        pytest.param(
            changed(a_document(), "/type", ["OpenBadgeCredential", "VerifiableCredential"]),
            AchievementCredential,
            id="an Open Badge by its other name, types in any order",
        ),
        pytest.param(in_vcdm_1(a_document()), AchievementCredential, id="an Open Badge in the form of VCDM 1.1"),
        pytest.param(an_endorsement(), EndorsementCredential, id="an endorsement"),
        pytest.param(a_learner_record(), ClrCredential, id="a comprehensive learner record"),
        pytest.param(a_status_list(), BitstringStatusListCredential, id="a status list"),
        pytest.param(
            {
                "@context": [V2, "https://www.w3.org/ns/credentials/examples/v2"],
                "type": ["VerifiableCredential", "ExampleDegreeCredential"],
                "issuer": {"id": "did:web:university.example", "name": {"@value": "Universidad", "@language": "es"}},
                "credentialSubject": [{"degree": {"name": "BA"}}, {"id": "did:example:2"}],
                "credentialStatus": {"type": "SomethingNewer2030", "registry": 5},
            },
            VerifiableCredential,
            id="a credential of another kind, with claims that its contexts define",
        ),
    ],
)
def test_a_credential_is_read_as_the_kind_that_its_types_say(document, kind):
    assert type(read_model(document)) is kind


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(changed(a_document(), "/type", "VerifiableCredential,AchievementCredential"), id="types in one string"),
        pytest.param(changed(a_document(), "/type", ["AchievementCredential"]), id="no VerifiableCredential"),
        pytest.param(
            changed(a_document(), "/type", ["VerifiableCredential", "AchievementCredential", "ClrCredential"]),
            id="two kinds at once",
        ),
        pytest.param(changed(a_document(), "/@context/0", "https://example.org/contexts/v2"), id="another first context"),
        pytest.param(changed(a_document(), "/@context/1", "https://example.org/contexts/v2"), id="another second context"),
        pytest.param({**a_learner_record(), "@context": [V2, OB, CLR]}, id="contexts of a learner record in another order"),
        pytest.param({**a_status_list(), "@context": [V1]}, id="a status list in the form of VCDM 1.1"),
        *(pytest.param(value, id=f"{value!r} instead of an object") for value in (None, True, 3, "text", [], {}, [[]])),
    ],
)
def test_what_is_no_single_known_kind_is_refused(document, refusal):
    assert refusal(check_model, document)[0] == MALFORMED


# The one shape


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        pytest.param("/credentialSubject/@index", "Superintendent", MALFORMED, id="a keyword as a member"),
        pytest.param("/@included", [{"id": "urn:x:1"}], MALFORMED, id="@included"),
        pytest.param("/@nest", {"validUntil": "2026-01-01T00:00:00Z"}, MALFORMED, id="@nest"),
        pytest.param("/credentialSubject/@context", [V2], MALFORMED, id="a context where no credential is"),
        pytest.param("/_:bonus", "x", MALFORMED, id="a blank node as a member"),
        pytest.param("/https:~1~1schema.org~1name", "x", MALFORMED, id="a URI as a member"),
        pytest.param("/validUntil", {"@value": "2030-01-01T00:00:00Z"}, MALFORMED, id="a date as a value object"),
        pytest.param("/validUntil", ["2030-01-01T00:00:00Z"], MALFORMED, id="a date in an array"),
        pytest.param("/credentialSubject", [a_document()["credentialSubject"]], MALFORMED, id="a subject in an array"),
        pytest.param("/issuer", [a_document()["issuer"]], MALFORMED, id="an issuer in an array"),
        pytest.param("/credentialSubject/achievement/name", {"@value": "x"}, MALFORMED, id="an achievement's name as an object"),
        pytest.param("/name", {"@value": "x", "@type": "y"}, MALFORMED, id="a typed value object as a name"),
        pytest.param("/name", None, MALFORMED, id="null"),
        pytest.param("/evidence", [], MALFORMED, id="an empty array"),
        pytest.param("/evidence/0", {}, MALFORMED, id="an empty object"),
        pytest.param("/evidence/0/type/0", None, MALFORMED, id="null in an array"),
        pytest.param("/licenseLevel", "Principal", LOSS, id="a member that the standard does not know"),
        pytest.param("/credentialSubject/achievement/licenseLevel", 1, LOSS, id="the same deep inside"),
        pytest.param("/credentialStatus/0/validUntil", "2030-01-01T00:00:00Z", LOSS, id="a member of another class"),
        pytest.param("/credentialSubject/image/id", 1, None, id="(control: the member is not there to change)"),
    ],
)
def test_only_the_plain_shape_is_read_since_a_proof_covers_the_graph_and_not_the_shape(pointer, value, code, refusal):
    if code is None:
        with pytest.raises(KeyError):
            changed(a_document(), pointer, value)
        return
    found, place = refusal(check_model, changed(a_document(), pointer, value))
    assert found == code
    assert place.startswith(pointer)


def test_a_name_may_be_said_in_several_languages(refusal):
    names = [{"@value": "Badge", "@language": "en"}, {"@value": "شارة", "@language": "ar", "@direction": "rtl"}]
    for place in ("/name", "/description", "/issuer/name"):
        assert refusal(check_model, changed(a_document(), place, names)) is None
        assert refusal(check_model, changed(a_document(), place, names[1])) is None


def test_a_set_of_one_may_stand_alone(refusal):
    """JSON-LD compaction writes it so, and the standards allow it."""
    document = a_document()
    for pointer in ("/credentialSchema", "/evidence", "/relatedResource", "/type", "/credentialStatus"):
        alone = document[pointer[1:]][0]
        if pointer != "/type":
            assert refusal(check_model, changed(document, pointer, alone)) is None, pointer
    for pointer in ("/issuer/type", "/credentialSubject/type", "/credentialSubject/achievement/alignment"):
        node = document
        for part in pointer.split("/")[1:]:
            node = node[part]
        assert refusal(check_model, changed(document, pointer, node[0])) is None, pointer
    proof = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": "z1"}
    assert refusal(check_model, {**document, "proof": proof}) is None
    assert refusal(check_model, {**document, "proof": [proof, proof]}) is None


def test_depth_is_limited_whoever_parsed_the_document(refusal):
    deep = "x"
    for _ in range(40):
        deep = {"deeper": deep}
    assert refusal(check_model, {**a_document(), "termsOfUse": deep})[0] == "json-too-deep"
    for _ in range(100_000):
        deep = [deep]
    assert refusal(check_model, {**a_document(), "termsOfUse": deep})[0] == "json-too-deep"
    while isinstance(deep, list):  # so that Python does not take it apart by recursion
        deep = deep.pop()


# Values


@pytest.mark.parametrize(
    "iri",
    ["", "badge-17", "/relative", "#fragment", "_:b0", "did:web:state board", "https://x.example/<y>", "urn:", " urn:x:1"]
    + ["https://x.example/\n", "https://x.example/\u2028", "1https://x.example", "https://x.example/\x7f", "https://x.example/{x}"],
)
@pytest.mark.parametrize(
    "pointer",
    ["/id", "/issuer/id", "/evidence/1/id", "/credentialSubject/achievement/id", "/credentialSubject/id"]
    + ["/credentialSubject/achievement/alignment/0/targetUrl", "/credentialSchema/0/id", "/relatedResource/0/id"],
)
def test_an_id_is_an_absolute_uri(pointer, iri, refusal):
    assert refusal(check_model, changed(a_document(), pointer, iri)) == (MALFORMED, pointer)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("2026-01-15T00:00:00", id="no offset"),
        pytest.param("2026-01-15", id="a day"),
        pytest.param("1767225600", id="seconds"),
        pytest.param("2026-02-30T00:00:00Z", id="the thirtieth of February"),
        pytest.param("2025-02-29T00:00:00Z", id="a leap day in a common year"),
        pytest.param("2026-06-30T23:59:60Z", id="a leap second"),
        pytest.param("2026-01-15T24:00:00Z", id="the twenty-fourth hour"),
        pytest.param("2026-01-15T00:00:00z", id="a small z"),
        pytest.param("2026-01-15 00:00:00Z", id="a space"),
        pytest.param("2026-01-15T00:00:00+15:00", id="an offset that no place has"),
        pytest.param("2026-01-15T00:00:00+0100", id="an offset without its colon"),
        pytest.param("2026-01-15T00:00:00Z\n", id="a line after it"),
        pytest.param("٢٠٢٦-01-15T00:00:00Z", id="other digits"),
        pytest.param("0001-01-01T00:00:00+14:00", id="before the first year"),
        pytest.param("+2026-01-15T00:00:00Z", id="a sign"),
    ],
)
def test_a_moment_has_the_strict_form_and_an_offset(text, refusal):
    for pointer in ("/validFrom", "/validUntil", "/awardedDate"):
        assert refusal(check_model, changed(a_document(), pointer, text)) == (MALFORMED, pointer)


@pytest.mark.parametrize(
    "text", ["2026-01-15T00:00:00Z", "2024-02-29T23:59:59.123456789+14:00", "2026-01-15T00:00:00-00:00", "1999-12-31T00:00:00.5-13:59"]
)
def test_fractions_and_offsets_are_read(text, refusal):
    assert refusal(check_model, changed(a_document(), "/awardedDate", text)) is None


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/credentialSubject/achievement/achievementType", "Microcredential"),
        ("/credentialSubject/achievement/achievementType", "x-ext:Stack"),
        ("/credentialSubject/achievement/achievementType", "ext:"),
        ("/credentialSubject/achievement/alignment/0/targetType", "cfitem"),
        ("/credentialSubject/achievement/resultDescription/0/resultType", "Level"),
        ("/credentialSubject/identifier/0/identityType", "e-mail"),
        ("/credentialSubject/result/0/status", "ext:Passed"),
        ("/credentialSubject/achievement/inLanguage", "english"),
    ],
)
def test_a_vocabulary_is_extended_with_ext_only(pointer, value, refusal):
    assert refusal(check_model, changed(a_document(), pointer, value)) == (MALFORMED, pointer)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/credentialSubject/achievement/achievementType", "ext:Stack"),
        ("/credentialSubject/achievement/alignment/0/targetType", "ceasn:Competency"),
        ("/credentialSubject/achievement/resultDescription/0/resultType", "ext:Portfolio"),
        ("/credentialSubject/identifier/0/identityType", "ext:name"),
        ("/credentialSubject/result/0/status", "Completed"),
    ],
)
def test_terms_of_the_standard_and_extensions_are_read(pointer, value, refusal):
    assert refusal(check_model, changed(a_document(), pointer, value)) is None


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        pytest.param("sha256$" + "a0" * 32, True, id="SHA-256 in small letters"),
        pytest.param("sha256$" + "A0" * 32, True, id="SHA-256 in capitals"),
        pytest.param("md5$" + "0f" * 16, True, id="MD5"),
        pytest.param("sha256$" + "a0" * 31, False, id="too short"),
        pytest.param("sha256$" + "g0" * 32, False, id="not hexadecimal"),
        pytest.param("sha512$" + "a0" * 64, False, id="another algorithm"),
        pytest.param("ada@kestrel.example", False, id="an address that calls itself hashed"),
    ],
)
def test_a_hashed_identity_has_the_form_of_one(value, holds, refusal):
    document = changed(a_document(), "/credentialSubject/identifier/1/identityHash", value)
    expected = None if holds else (MALFORMED, "/credentialSubject/identifier/1")
    assert refusal(check_model, document) == expected


# Rules between members


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        pytest.param({"/credentialSubject/result/0/resultDescription": "urn:x:1"}, "/credentialSubject/result/0/resultDescription", id="a result of a description that is not there"),
        pytest.param({"/credentialSubject/result/0/achievedLevel": "urn:x:1"}, "/credentialSubject/result/0/achievedLevel", id="a level that is not there"),
        pytest.param({"/credentialSubject/result/0/resultDescription": ...}, "/credentialSubject/result/0/achievedLevel", id="a level of no description"),
        pytest.param(
            {"/credentialSubject/result/1/achievedLevel": a_document()["credentialSubject"]["result"][0]["achievedLevel"]},
            "/credentialSubject/result/1/achievedLevel",
            id="a level of another description",
        ),
        pytest.param({"/credentialSubject/achievement/resultDescription/0/resultType": "Status"}, "/credentialSubject/result/0/status", id="a result of type Status without a status"),
        pytest.param({"/credentialSubject/achievement/resultDescription/0/requiredLevel": "urn:x:1"}, "/credentialSubject/achievement/resultDescription/0/requiredLevel", id="a required level that is not there"),
        pytest.param(
            {
                "/credentialSubject/achievement/resultDescription/0/allowedValue": ["A", "B"],
                "/credentialSubject/achievement/resultDescription/0/requiredValue": "C",
            },
            "/credentialSubject/achievement/resultDescription/0/requiredValue",
            id="a required value that is not allowed",
        ),
        pytest.param(
            {
                "/credentialSubject/achievement/resultDescription/0/valueMin": "0",
                "/credentialSubject/achievement/resultDescription/0/valueMax": "9.5",
                "/credentialSubject/achievement/resultDescription/0/requiredValue": "10",
            },
            "/credentialSubject/achievement/resultDescription/0/requiredValue",
            id="a required value out of range",
        ),
        pytest.param(
            {"/credentialSubject/achievement/resultDescription/1/id": a_document()["credentialSubject"]["achievement"]["resultDescription"][0]["id"]},
            "/credentialSubject/achievement/resultDescription",
            id="two descriptions with one id",
        ),
        pytest.param({"/validUntil": "2026-05-04T09:29:59Z"}, "/validUntil", id="an end before the beginning"),
        pytest.param({"/issuanceDate": "2026-05-04T09:30:00Z"}, "/issuanceDate", id="a date of the other data model"),
        pytest.param({"/validFrom": ...}, "/validFrom", id="no beginning"),
        pytest.param({"/relatedResource/1/id": "urn:uuid:5f0c"}, "/relatedResource", id="two digests for one resource"),
        pytest.param({"/relatedResource/0/digestMultibase": ...}, "/relatedResource/0", id="a resource without a digest"),
        pytest.param({"/credentialSubject/id": ..., "/credentialSubject/identifier": ...}, "/credentialSubject", id="a subject that is nobody"),
        pytest.param({"/credentialSubject/givenName": "Ada"}, "/credentialSubject", id="a person's name on a subject that is no Profile"),
        pytest.param({"/credentialSubject/type": ["Achievement"]}, "/credentialSubject", id="a subject of another class"),
        pytest.param({"/credentialSubject/achievement/criteria": {"name": "How"}}, "/credentialSubject/achievement/criteria", id="criteria that say nothing"),
        pytest.param({"/credentialStatus/0/id": a_document()["credentialStatus"][0]["statusListCredential"]}, "/credentialStatus/0", id="a status entry that is the list itself"),
        pytest.param({"/credentialStatus/0/statusSize": 2}, "/credentialStatus/0", id="a status of two bits without messages"),
        pytest.param({"/credentialStatus/0/statusListIndex": 94567}, "/credentialStatus/0/statusListIndex", id="an index that is a number"),
        pytest.param({"/credentialStatus/1/statusListIndex": "+5"}, "/credentialStatus/1/statusListIndex", id="an index with a sign"),
        pytest.param({"/credentialStatus/1/type": ["BitstringStatusListEntry", "1EdTechRevocationList"]}, "/credentialStatus/1/type", id="a status of two kinds"),
    ],
)  # fmt: skip
def test_members_that_must_agree_do(changes, place, refusal):
    document = a_document()
    for pointer, value in changes.items():
        document = changed(document, pointer, value)
    assert refusal(check_model, document) == (MALFORMED, place)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"/validUntil": "2026-05-04T09:30:00Z"}, id="an end at the beginning"),
        pytest.param({"/validUntil": "2026-05-04T02:30:00-07:00"}, id="the same moment elsewhere"),
        pytest.param({"/credentialSubject/result/0/status": "Completed"}, id="a result with a status and a level"),
        pytest.param(
            {
                "/credentialSubject/achievement/resultDescription/0/valueMin": "F",
                "/credentialSubject/achievement/resultDescription/0/valueMax": "A",
                "/credentialSubject/achievement/resultDescription/0/requiredValue": "C",
            },
            id="a range whose order only its author knows",
        ),
        pytest.param({"/credentialSubject/id": ...}, id="a subject known by an identifier"),
        pytest.param({"/credentialSubject/identifier": ...}, id="a subject known by an id"),
        pytest.param(
            {"/credentialSubject/type": ["AchievementSubject", "Profile"], "/credentialSubject/givenName": "Ada"},
            id="a person's name on a subject that is a Profile too",
        ),
        pytest.param({"/credentialSubject/name": "Ada Reyes"}, id="a subject's name, a term of every node"),
        pytest.param({"/issuer": "did:web:alder.example"}, id="an issuer by its id alone"),
        pytest.param({"/credentialStatus": {"id": "https://x.example/r", "type": "1EdTechRevocationList"}}, id="an older status method"),
        pytest.param({"/iss": "did:web:alder.example", "/nbf": 1777887000}, id="claims of a JWT beside the credential's own"),
        pytest.param({"/evidence/1/type": ["Evidence", "https://w3id.org/openbadges#Assertion"]}, id="a further type, as a URI"),
    ],
)  # fmt: skip
def test_what_the_standards_allow_is_read(changes, refusal):
    document = a_document()
    for pointer, value in changes.items():
        document = changed(document, pointer, value)
    assert refusal(check_model, document) is None


@pytest.mark.parametrize(
    ("document", "place"),
    [
        pytest.param(an_endorsement(name=...), "/name", id="an endorsement has a name"),
        pytest.param(changed(an_endorsement(), "/credentialSubject/id", ...), "/credentialSubject/id", id="an endorsement is of something"),
        pytest.param(changed(in_vcdm_1(a_document()), "/name", ...), "/name", id="a badge of VCDM 1.1 has a name"),
        pytest.param(changed(in_vcdm_1(a_document()), "/issuanceDate", ...), "/issuanceDate", id="a badge of VCDM 1.1 has an issuance date"),
        pytest.param({**in_vcdm_1(a_document()), "validUntil": "2099-01-01T00:00:00Z"}, "/validUntil", id="a badge of VCDM 1.1 has no second end"),
        pytest.param(a_status_list(encodedList="zH4sI"), "/credentialSubject/encodedList", id="a list is in base64url"),
        pytest.param(a_status_list(ttl=-1), "/credentialSubject/ttl", id="a list does not live for less than nothing"),
        pytest.param(a_status_list(statusPurpose=""), "/credentialSubject/statusPurpose", id="a list has a purpose"),
        pytest.param(a_learner_record(verifiableCredential=...), "/credentialSubject/verifiableCredential", id="a learner record has members"),
        pytest.param(
            a_learner_record(verifiableCredential=[a_document(), changed(a_document(), "/validFrom", "soon")]),
            "/credentialSubject/verifiableCredential/1/validFrom",
            id="a member of a learner record is a credential",
        ),
        pytest.param(a_learner_record(association=[{"type": "Association", "associationType": "isNear", "sourceId": "urn:a:1", "targetId": "urn:a:2"}]), "/credentialSubject/association/0/associationType", id="an association is of a known type"),
        pytest.param({**a_document(), "endorsement": [an_endorsement(validFrom="soon")]}, "/endorsement/0/validFrom", id="an endorsement inside is checked"),
        pytest.param({**a_document(), "endorsement": a_document()}, "/endorsement/type", id="an endorsement is no badge"),
        pytest.param({**a_document(), "endorsement": "urn:e:1"}, "/endorsement", id="an endorsement is written out"),
    ],
)  # fmt: skip
def test_every_kind_has_its_own_demands(document, place, refusal):
    document = {name: value for name, value in document.items() if value is not ...}
    subject = document["credentialSubject"]
    document["credentialSubject"] = {name: value for name, value in subject.items() if value is not ...}
    assert refusal(check_model, document) == (MALFORMED, place)


def test_a_status_method_that_nobody_knows_is_kept_for_whoever_verifies():
    document = changed(a_document(), "/credentialStatus/1", {"type": "SomethingNewer2030", "registry": "https://r.example"})
    assert isinstance(read_model(document).credentialStatus[1], Typed)


def test_credentials_inside_are_found_each_with_its_place():
    document = {**a_document(), "endorsement": [an_endorsement()]}
    document = changed(document, "/issuer/endorsement", an_endorsement(id="urn:uuid:e2"))
    inner = an_endorsement(id="urn:uuid:e4")
    inner["issuer"]["endorsement"] = [an_endorsement(id="urn:uuid:e5")]
    document = changed(document, "/credentialSubject/achievement/endorsement", [an_endorsement(id="urn:uuid:e3"), inner])
    check_model(document)
    assert [(place, found["id"]) for place, found in embedded_credentials(document)] == [
        ("/issuer/endorsement", "urn:uuid:e2"),
        ("/credentialSubject/achievement/endorsement/0", "urn:uuid:e3"),
        ("/credentialSubject/achievement/endorsement/1", "urn:uuid:e4"),
        ("/endorsement/0", "urn:uuid:e1"),
    ]
    assert [found["id"] for _, found in embedded_credentials(inner)] == ["urn:uuid:e5"]


# Whatever comes, it is read or refused


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def every_place(value, path=""):
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from every_place(child, f"{path}/{key}")


PLACES = sorted(every_place(a_learner_record()))[1:]


@given(st.sampled_from(PLACES), json_values)
@settings(max_examples=400)
def test_any_value_anywhere_is_read_or_refused_with_a_place(place, value):
    document = changed(a_learner_record(), place, value)
    try:
        check_model(document)
    except Refused as refused:
        assert refused.code in {MALFORMED, LOSS, "json-too-deep"}
        assert refused.pointer == "" or refused.pointer.startswith("/")


@given(json_values, st.text(max_size=30))
@settings(max_examples=200)
def test_any_member_anywhere_is_read_or_refused(value, name):
    for place in ("", "/credentialSubject", "/issuer"):
        document = changed(a_document(), f"{place}/{name.replace('~', '~0').replace('/', '~1')}", value)
        try:
            check_model(document)
        except Refused as refused:
            assert refused.code in {MALFORMED, LOSS}


def test_the_decoder_leaves_memory_sound():
    """msgspec 0.22 frees a union of a patterned string and an array wrongly: an interpreter that has decoded one crashes as it
    ends. None of our classes has such a union."""
    script = (
        "import json, sys\n"
        "from credentials.openbadges.check import check_model\n"
        "for document in json.load(sys.stdin): check_model(document)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps([a_learner_record(), a_status_list(), an_endorsement(), in_vcdm_1(a_document())]).encode(),
        env={**os.environ, "PYTHONMALLOC": "debug"},
        check=False,
    )
    assert done.returncode == 0
