"""What a credential of anybody's must be, to be looked at any further."""

import json
import subprocess
import sys
from time import process_time

import pytest
from badges import a_document, changed
from hypothesis import given, settings
from hypothesis import strategies as st
from sentences import refusal, sentences

from credentials.openbadges.check import check_model, embedded_credentials, read_model
from credentials.openbadges.model import AchievementCredential, ClrCredential, EndorsementCredential
from credentials.openbadges.vcdm import BitstringStatusListCredential, Typed, VerifiableCredential

MALFORMED = "MALFORMED_VALUE_ERROR"
LOSS = "DATA_LOSS_DETECTION_ERROR"

SUBJECT = "/credentialSubject"
ACHIEVEMENT = f"{SUBJECT}/achievement"
DESCRIPTION = f"{ACHIEVEMENT}/resultDescription/0"

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
        "credentialSubject": {
            "id": "did:web:alder.example",
            "type": "EndorsementSubject",
            "endorsementComment": "Good.",
        },
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


@sentences(
    ("document", "kind"),
    {
        "an Open Badge": (a_document(), AchievementCredential),
        "an Open Badge by its other name, types in any order": (
            changed(a_document(), "/type", ["OpenBadgeCredential", "VerifiableCredential"]),
            AchievementCredential,
        ),
        "an Open Badge in the form of VCDM 1.1": (in_vcdm_1(a_document()), AchievementCredential),
        "an endorsement": (an_endorsement(), EndorsementCredential),
        "a comprehensive learner record": (a_learner_record(), ClrCredential),
        "a status list": (a_status_list(), BitstringStatusListCredential),
        "a credential of another kind, with claims that its contexts define": (
            {
                "@context": [V2, "https://www.w3.org/ns/credentials/examples/v2"],
                "type": ["VerifiableCredential", "ExampleDegreeCredential"],
                "issuer": {"id": "did:web:university.example", "name": {"@value": "Universidad", "@language": "es"}},
                "credentialSubject": [{"degree": {"name": "BA"}}, {"id": "did:example:2"}],
                "credentialStatus": {"type": "SomethingNewer2030", "registry": 5},
            },
            VerifiableCredential,
        ),
    },
)
def test_a_credential_is_read_as_the_kind_that_its_types_say(document, kind):
    assert type(read_model(document)) is kind


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(
            changed(a_document(), "/type", "VerifiableCredential,AchievementCredential"), id="types in one string"
        ),
        pytest.param(changed(a_document(), "/type", ["AchievementCredential"]), id="no VerifiableCredential"),
        pytest.param(
            changed(a_document(), "/type", ["VerifiableCredential", "AchievementCredential", "ClrCredential"]),
            id="two kinds at once",
        ),
        pytest.param(
            changed(a_document(), "/@context/0", "https://example.org/contexts/v2"), id="another first context"
        ),
        pytest.param(
            changed(a_document(), "/@context/1", "https://example.org/contexts/v2"), id="another second context"
        ),
        pytest.param(
            {**a_learner_record(), "@context": [V2, OB, CLR]}, id="contexts of a learner record in another order"
        ),
        pytest.param({**a_status_list(), "@context": [V1]}, id="a status list in the form of VCDM 1.1"),
        *(pytest.param(value, id=f"{value!r} instead of an object") for value in (None, True, 3, "text", [], {}, [[]])),
    ],
)
def test_what_is_no_single_known_kind_is_refused(document):
    assert refusal(check_model, document)[0] == MALFORMED


# The one shape


@sentences(
    ("pointer", "value", "code"),
    {
        "a keyword as a member": (f"{SUBJECT}/@index", "Superintendent", MALFORMED),
        "@included": ("/@included", [{"id": "urn:x:1"}], MALFORMED),
        "@nest": ("/@nest", {"validUntil": "2026-01-01T00:00:00Z"}, MALFORMED),
        "a context where no credential is": (f"{SUBJECT}/@context", [V2], MALFORMED),
        "a blank node as a member": ("/_:bonus", "x", MALFORMED),
        "a URI as a member": ("/https:~1~1schema.org~1name", "x", MALFORMED),
        "a date as a value object": ("/validUntil", {"@value": "2030-01-01T00:00:00Z"}, MALFORMED),
        "a date in an array": ("/validUntil", ["2030-01-01T00:00:00Z"], MALFORMED),
        "a subject in an array": (SUBJECT, [a_document()["credentialSubject"]], MALFORMED),
        "an issuer in an array": ("/issuer", [a_document()["issuer"]], MALFORMED),
        "an achievement's name as an object": (f"{ACHIEVEMENT}/name", {"@value": "x"}, MALFORMED),
        "a typed value object as a name": ("/name", {"@value": "x", "@type": "y"}, MALFORMED),
        "null": ("/name", None, MALFORMED),
        "an empty array": ("/evidence", [], MALFORMED),
        "an empty object": ("/evidence/0", {}, MALFORMED),
        "null in an array": ("/evidence/0/type/0", None, MALFORMED),
        "a member that the standard does not know": ("/licenseLevel", "Principal", LOSS),
        "the same deep inside": (f"{ACHIEVEMENT}/licenseLevel", 1, LOSS),
        "a member of another class": ("/credentialStatus/0/validUntil", "2030-01-01T00:00:00Z", LOSS),
    },
)
def test_only_the_plain_shape_is_read_since_a_proof_covers_the_graph_and_not_the_shape(pointer, value, code):
    found, place = refusal(check_model, changed(a_document(), pointer, value))
    assert found == code
    assert place.startswith(pointer)


def test_a_name_may_be_said_in_several_languages():
    names = [{"@value": "Badge", "@language": "en"}, {"@value": "شارة", "@language": "ar", "@direction": "rtl"}]
    for place in ("/name", "/description", "/issuer/name"):
        assert refusal(check_model, changed(a_document(), place, names)) is None
        assert refusal(check_model, changed(a_document(), place, names[1])) is None


def test_a_set_of_one_may_stand_alone():
    """JSON-LD compaction writes it so, and the standards allow it."""
    document = a_document()
    for pointer in ("/credentialSchema", "/evidence", "/relatedResource", "/type", "/credentialStatus"):
        alone = document[pointer[1:]][0]
        if pointer != "/type":
            assert refusal(check_model, changed(document, pointer, alone)) is None, pointer
    for pointer in ("/issuer/type", f"{SUBJECT}/type", f"{ACHIEVEMENT}/alignment"):
        node = document
        for part in pointer.split("/")[1:]:
            node = node[part]
        assert refusal(check_model, changed(document, pointer, node[0])) is None, pointer
    proof = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": "z1"}
    assert refusal(check_model, {**document, "proof": proof}) is None
    assert refusal(check_model, {**document, "proof": [proof, proof]}) is None


def test_depth_is_limited_whoever_parsed_the_document():
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
    [
        "",
        "badge-17",
        "/relative",
        "#fragment",
        "_:b0",
        "did:web:state board",
        "https://x.example/<y>",
        "urn:",
        " urn:x:1",
        "https://x.example/\n",
        "https://x.example/\u2028",
        "1https://x.example",
        "https://x.example/\x7f",
        "https://x.example/{x}",
    ],
)
@pytest.mark.parametrize(
    "pointer",
    [
        "/id",
        "/issuer/id",
        "/evidence/1/id",
        f"{ACHIEVEMENT}/id",
        f"{SUBJECT}/id",
        f"{ACHIEVEMENT}/alignment/0/targetUrl",
        "/credentialSchema/0/id",
        "/relatedResource/0/id",
    ],
)
def test_an_id_is_an_absolute_uri(pointer, iri):
    assert refusal(check_model, changed(a_document(), pointer, iri)) == (MALFORMED, pointer)


@sentences(
    "text",
    {
        "nothing": "",
        "no offset": "2026-01-15T00:00:00",
        "a day": "2026-01-15",
        "seconds": "1767225600",
        "the thirtieth of February": "2026-02-30T00:00:00Z",
        "a leap day in a common year": "2025-02-29T00:00:00Z",
        "a leap second": "2026-06-30T23:59:60Z",
        "the twenty-fourth hour": "2026-01-15T24:00:00Z",
        "a small z": "2026-01-15T00:00:00z",
        "a space": "2026-01-15 00:00:00Z",
        "an offset that no place has": "2026-01-15T00:00:00+15:00",
        "an offset without its colon": "2026-01-15T00:00:00+0100",
        "a line after it": "2026-01-15T00:00:00Z\n",
        "other digits": "٢٠٢٦-01-15T00:00:00Z",
        "before the first year": "0001-01-01T00:00:00+14:00",
        "a sign": "+2026-01-15T00:00:00Z",
    },
)
def test_a_moment_has_the_strict_form_and_an_offset(text):
    for pointer in ("/validFrom", "/validUntil", "/awardedDate"):
        assert refusal(check_model, changed(a_document(), pointer, text)) == (MALFORMED, pointer)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15T00:00:00Z",
        "2024-02-29T23:59:59.123456789+14:00",
        "2026-01-15T00:00:00-00:00",
        "1999-12-31T00:00:00.5-13:59",
    ],
)
def test_fractions_and_offsets_are_read(text):
    assert refusal(check_model, changed(a_document(), "/awardedDate", text)) is None


@sentences(
    ("text", "holds"),
    {
        "a day": ("1985-04-12", True),
        "a moment": ("1985-04-12T00:00:00Z", False),
        "a day that no calendar has": ("1985-04-31", False),
        "a number": (1985, False),
    },
)
def test_a_date_of_birth_is_a_day(text, holds):
    document = changed(a_document(), "/issuer/dateOfBirth", text)
    assert refusal(check_model, document) == (None if holds else (MALFORMED, "/issuer/dateOfBirth"))


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        (f"{ACHIEVEMENT}/achievementType", "Microcredential"),
        (f"{ACHIEVEMENT}/achievementType", "x-ext:Stack"),
        (f"{ACHIEVEMENT}/achievementType", "ext:"),
        (f"{ACHIEVEMENT}/alignment/0/targetType", "cfitem"),
        (f"{DESCRIPTION}/resultType", "Level"),
        (f"{SUBJECT}/identifier/0/identityType", "e-mail"),
        (f"{SUBJECT}/result/0/status", "ext:Passed"),
        (f"{ACHIEVEMENT}/inLanguage", "english"),
    ],
)
def test_a_vocabulary_is_extended_with_ext_only(pointer, value):
    assert refusal(check_model, changed(a_document(), pointer, value)) == (MALFORMED, pointer)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        (f"{ACHIEVEMENT}/achievementType", "ext:Stack"),
        (f"{ACHIEVEMENT}/alignment/0/targetType", "ceasn:Competency"),
        (f"{DESCRIPTION}/resultType", "ext:Portfolio"),
        (f"{SUBJECT}/identifier/0/identityType", "ext:name"),
        (f"{SUBJECT}/result/0/status", "Completed"),
    ],
)
def test_terms_of_the_standard_and_extensions_are_read(pointer, value):
    assert refusal(check_model, changed(a_document(), pointer, value)) is None


@sentences(
    ("value", "holds"),
    {
        "SHA-256 in small letters": ("sha256$" + "a0" * 32, True),
        "SHA-256 in capitals": ("sha256$" + "A0" * 32, True),
        "MD5": ("md5$" + "0f" * 16, True),
        "too short": ("sha256$" + "a0" * 31, False),
        "not hexadecimal": ("sha256$" + "g0" * 32, False),
        "another algorithm": ("sha512$" + "a0" * 64, False),
        "an address that calls itself hashed": ("ada@kestrel.example", False),
    },
)
def test_a_hashed_identity_has_the_form_of_one(value, holds):
    document = changed(a_document(), f"{SUBJECT}/identifier/1/identityHash", value)
    expected = None if holds else (MALFORMED, f"{SUBJECT}/identifier/1")
    assert refusal(check_model, document) == expected


# Rules between members


@sentences(
    ("changes", "place"),
    {
        "a result of a description that is not there": (
            {f"{SUBJECT}/result/0/resultDescription": "urn:x:1"},
            f"{SUBJECT}/result/0/resultDescription",
        ),
        "a level that is not there": (
            {f"{SUBJECT}/result/0/achievedLevel": "urn:x:1"},
            f"{SUBJECT}/result/0/achievedLevel",
        ),
        "a level of no description": (
            {f"{SUBJECT}/result/0/resultDescription": ...},
            f"{SUBJECT}/result/0/achievedLevel",
        ),
        "a level of another description": (
            {f"{SUBJECT}/result/1/achievedLevel": a_document()["credentialSubject"]["result"][0]["achievedLevel"]},
            f"{SUBJECT}/result/1/achievedLevel",
        ),
        "a result of type Status without a status": (
            {f"{DESCRIPTION}/resultType": "Status"},
            f"{SUBJECT}/result/0/status",
        ),
        "a required level that is not there": (
            {f"{DESCRIPTION}/requiredLevel": "urn:x:1"},
            f"{DESCRIPTION}/requiredLevel",
        ),
        "a required value that is not allowed": (
            {
                f"{DESCRIPTION}/allowedValue": ["A", "B"],
                f"{DESCRIPTION}/requiredValue": "C",
            },
            f"{DESCRIPTION}/requiredValue",
        ),
        "a required value out of range": (
            {
                f"{DESCRIPTION}/valueMin": "0",
                f"{DESCRIPTION}/valueMax": "9.5",
                f"{DESCRIPTION}/requiredValue": "10",
            },
            f"{DESCRIPTION}/requiredValue",
        ),
        "two descriptions with one id": (
            {
                f"{ACHIEVEMENT}/resultDescription/1/id": a_document()["credentialSubject"]["achievement"][
                    "resultDescription"
                ][0]["id"]
            },
            f"{ACHIEVEMENT}/resultDescription",
        ),
        "an end before the beginning": ({"/validUntil": "2026-05-04T09:29:59Z"}, "/validUntil"),
        "a date of the other data model": ({"/issuanceDate": "2026-05-04T09:30:00Z"}, "/issuanceDate"),
        "no beginning": ({"/validFrom": ...}, "/validFrom"),
        "two digests for one resource": ({"/relatedResource/1/id": "urn:uuid:5f0c"}, "/relatedResource"),
        "a resource without a digest": ({"/relatedResource/0/digestMultibase": ...}, "/relatedResource/0"),
        "a subject that is nobody": ({f"{SUBJECT}/id": ..., f"{SUBJECT}/identifier": ...}, SUBJECT),
        "a person's name on a subject that is no Profile": ({f"{SUBJECT}/givenName": "Ada"}, SUBJECT),
        "a subject of another class": ({f"{SUBJECT}/type": ["Achievement"]}, SUBJECT),
        "criteria that say nothing": ({f"{ACHIEVEMENT}/criteria": {"name": "How"}}, f"{ACHIEVEMENT}/criteria"),
        "a status entry that is the list itself": (
            {"/credentialStatus/0/id": a_document()["credentialStatus"][0]["statusListCredential"]},
            "/credentialStatus/0",
        ),
        "a status of two bits without messages": ({"/credentialStatus/0/statusSize": 2}, "/credentialStatus/0"),
        "an index that is a number": (
            {"/credentialStatus/0/statusListIndex": 94567},
            "/credentialStatus/0/statusListIndex",
        ),
        "an index with a sign": ({"/credentialStatus/1/statusListIndex": "+5"}, "/credentialStatus/1/statusListIndex"),
        "a status of two kinds": (
            {"/credentialStatus/1/type": ["BitstringStatusListEntry", "1EdTechRevocationList"]},
            "/credentialStatus/1/type",
        ),
    },
)
def test_members_that_must_agree_do(changes, place):
    document = a_document()
    for pointer, value in changes.items():
        document = changed(document, pointer, value)
    assert refusal(check_model, document) == (MALFORMED, place)


@sentences(
    "changes",
    {
        "an end at the beginning": {"/validUntil": "2026-05-04T09:30:00Z"},
        "the same moment elsewhere": {"/validUntil": "2026-05-04T02:30:00-07:00"},
        "a result with a status and a level": {f"{SUBJECT}/result/0/status": "Completed"},
        "a range whose order only its author knows": {
            f"{DESCRIPTION}/valueMin": "F",
            f"{DESCRIPTION}/valueMax": "A",
            f"{DESCRIPTION}/requiredValue": "C",
        },
        "a subject known by an identifier": {f"{SUBJECT}/id": ...},
        "a subject known by an id": {f"{SUBJECT}/identifier": ...},
        "a person's name on a subject that is a Profile too": {
            f"{SUBJECT}/type": ["AchievementSubject", "Profile"],
            f"{SUBJECT}/givenName": "Ada",
        },
        "a subject's name, a term of every node": {f"{SUBJECT}/name": "Ada Reyes"},
        "an issuer by its id alone": {"/issuer": "did:web:alder.example"},
        "an older status method": {"/credentialStatus": {"id": "https://x.example/r", "type": "1EdTechRevocationList"}},
        "claims of a JWT beside the credential's own": {"/iss": "did:web:alder.example", "/nbf": 1777887000},
        "a further type, as a URI": {"/evidence/1/type": ["Evidence", "https://w3id.org/openbadges#Assertion"]},
    },
)
def test_what_the_standards_allow_is_read(changes):
    document = a_document()
    for pointer, value in changes.items():
        document = changed(document, pointer, value)
    assert refusal(check_model, document) is None


@sentences(
    ("document", "place"),
    {
        "an endorsement has a name": (an_endorsement(name=...), "/name"),
        "an endorsement is of something": (changed(an_endorsement(), f"{SUBJECT}/id", ...), f"{SUBJECT}/id"),
        "a badge of VCDM 1.1 has a name": (changed(in_vcdm_1(a_document()), "/name", ...), "/name"),
        "a badge of VCDM 1.1 has an issuance date": (
            changed(in_vcdm_1(a_document()), "/issuanceDate", ...),
            "/issuanceDate",
        ),
        "a badge of VCDM 1.1 has no second end": (
            {**in_vcdm_1(a_document()), "validUntil": "2099-01-01T00:00:00Z"},
            "/validUntil",
        ),
        "a list is in base64url": (a_status_list(encodedList="zH4sI"), f"{SUBJECT}/encodedList"),
        "a list does not live for less than nothing": (a_status_list(ttl=-1), f"{SUBJECT}/ttl"),
        "a list has a purpose": (a_status_list(statusPurpose=""), f"{SUBJECT}/statusPurpose"),
        "a learner record has members": (a_learner_record(verifiableCredential=...), f"{SUBJECT}/verifiableCredential"),
        "a member of a learner record is a credential": (
            a_learner_record(verifiableCredential=[a_document(), changed(a_document(), "/validFrom", "soon")]),
            f"{SUBJECT}/verifiableCredential/1/validFrom",
        ),
        "an association is of a known type": (
            a_learner_record(
                association=[
                    {"type": "Association", "associationType": "isNear", "sourceId": "urn:a:1", "targetId": "urn:a:2"}
                ]
            ),
            f"{SUBJECT}/association/0/associationType",
        ),
        "an endorsement inside is checked": (
            {**a_document(), "endorsement": [an_endorsement(validFrom="soon")]},
            "/endorsement/0/validFrom",
        ),
        "an endorsement is no badge": ({**a_document(), "endorsement": a_document()}, "/endorsement/type"),
        "an endorsement is written out": ({**a_document(), "endorsement": "urn:e:1"}, "/endorsement"),
    },
)
def test_every_kind_has_its_own_demands(document, place):
    document = {name: value for name, value in document.items() if value is not ...}
    subject = document["credentialSubject"]
    document["credentialSubject"] = {name: value for name, value in subject.items() if value is not ...}
    assert refusal(check_model, document) == (MALFORMED, place)


def test_a_member_is_named_by_a_string():
    assert refusal(check_model, {**a_document(), 5: "x"}) == (MALFORMED, "")
    assert refusal(check_model, {**a_document(), "half \ud800": "x"}) == (MALFORMED, "")


def test_a_value_that_no_json_has_is_refused_like_any_other():
    assert refusal(check_model, changed(a_document(), "/issuer/url", 5)) == (MALFORMED, "/issuer/url")
    for value in ({1}, b"x", object(), ("x",), float("nan")):
        document = a_document()
        document["issuer"]["url"] = value
        assert refusal(check_model, document) == (MALFORMED, "/issuer/url")


def test_a_type_is_text():
    assert refusal(check_model, changed(a_document(), "/issuer/type", [5])) == (MALFORMED, "/issuer/type/0")
    assert refusal(check_model, changed(a_document(), "/issuer/type", "@id")) == (MALFORMED, "/issuer/type")


def test_many_results_of_many_levels_take_no_more_than_their_number():
    """A megabyte of them, each against each, would be a minute's work."""
    document = a_document()
    description, *_ = document["credentialSubject"]["achievement"]["resultDescription"]
    levels = [{"id": f"urn:l:{number}", "type": "RubricCriterionLevel", "name": "x"} for number in range(6000)]
    document = changed(document, f"{DESCRIPTION}/rubricCriterionLevel/-", levels[0])
    document["credentialSubject"]["achievement"]["resultDescription"][0]["rubricCriterionLevel"] += levels[1:]
    document["credentialSubject"]["result"] = [
        {"type": "Result", "resultDescription": description["id"], "achievedLevel": level["id"]} for level in levels
    ]
    start = process_time()
    check_model(document)
    assert process_time() - start < 2


def test_a_status_method_that_nobody_knows_is_kept_for_whoever_verifies():
    document = changed(
        a_document(), "/credentialStatus/1", {"type": "SomethingNewer2030", "registry": "https://r.example"}
    )
    assert isinstance(read_model(document).credentialStatus[1], Typed)


def test_credentials_inside_are_found_each_with_its_place():
    document = {**a_document(), "endorsement": [an_endorsement()]}
    document = changed(document, "/issuer/endorsement", an_endorsement(id="urn:uuid:e2"))
    inner = an_endorsement(id="urn:uuid:e4")
    inner["issuer"]["endorsement"] = [an_endorsement(id="urn:uuid:e5")]
    document = changed(document, f"{ACHIEVEMENT}/endorsement", [an_endorsement(id="urn:uuid:e3"), inner])
    check_model(document)
    assert [(place, found["id"]) for place, found in embedded_credentials(document)] == [
        ("/issuer/endorsement", "urn:uuid:e2"),
        (f"{ACHIEVEMENT}/endorsement/0", "urn:uuid:e3"),
        (f"{ACHIEVEMENT}/endorsement/1", "urn:uuid:e4"),
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
@settings(max_examples=250, deadline=None)
def test_any_value_anywhere_is_read_or_refused_with_a_place(place, value):
    document = changed(a_learner_record(), place, value)
    code, where = refusal(check_model, document) or (MALFORMED, "")
    assert code in {MALFORMED, LOSS, "json-too-deep"}
    assert where == "" or where.startswith("/")


@given(json_values, st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_member_anywhere_is_read_or_refused(value, name):
    for place in ("", SUBJECT, "/issuer"):
        document = changed(a_document(), f"{place}/{name.replace('~', '~0').replace('/', '~1')}", value)
        code, _ = refusal(check_model, document) or (MALFORMED, "")
        assert code in {MALFORMED, LOSS}


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
        env={"PYTHONMALLOC": "debug"},
        check=False,
    )
    assert done.returncode == 0
