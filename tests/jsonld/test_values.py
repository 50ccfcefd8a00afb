"""How single values become N-Quads: texts, numbers, languages, dates, lists, JSON, names, graphs."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonld_reference import Reference
from sentences import refusal, sentences

from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import Contexts

VC = "https://www.w3.org/ns/credentials/v2"
VC11 = "https://www.w3.org/2018/credentials/v1"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
XSD = "http://www.w3.org/2001/XMLSchema#"


def line(contexts: Contexts, key: str, value: object, type_: str = "Achievement") -> str:
    """The object of the one line that ``value`` under ``key`` makes."""
    document = {"@context": [VC, OB], "id": "urn:x", "type": type_, key: value}
    (said,) = [said for said in canonize(document, contexts).decode().split("\n")[:-1] if "-ns#type>" not in said]
    return said.split(" ", 2)[2].removesuffix(" .")


TEXTS = {
    "plain": ("Reading Circles", '"Reading Circles"'),
    "empty": ("", '""'),
    "the escapes that have a letter": ('\b\t\n\f\r"\\', r'"\b\t\n\f\r\"\\"'),
    "other control characters, with capital digits": (
        "\0\x07\x0b\x0e\x1f\x7f",
        r'"\u0000\u0007\u000B\u000E\u001F\u007F"',
    ),
    "what looks like an escape": ("\\u0041 \\u00zz", r'"\\u0041 \\u00zz"'),
    "C1 control characters as they are": ("\x80\x9f\xa0", '"\x80\x9f\xa0"'),
    "what XML cannot say": ("\ufffd\ufffe\uffff\ufdd0", '"\ufffd\\uFFFE\\uFFFF\ufdd0"'),
    "beyond the basic plane": ("🌊\U0001fffe", '"🌊\U0001fffe"'),
    "an apostrophe and a slash": ("'/<>", '"\'/<>"'),
    "true": (True, f'"true"^^<{XSD}boolean>'),
    "false": (False, f'"false"^^<{XSD}boolean>'),
    "a whole number": (7, f'"7"^^<{XSD}integer>'),
    "the largest": (2**53 - 1, f'"9007199254740991"^^<{XSD}integer>'),
    "a whole number with a full stop": (-2.0, f'"-2"^^<{XSD}integer>'),
    "minus zero": (-0.0, f'"0"^^<{XSD}integer>'),
    "a fraction": (0.5, f'"5.0E-1"^^<{XSD}double>'),
    "a long fraction": (-123456.789, f'"-1.23456789E5"^^<{XSD}double>'),
    "the smallest fraction": (0.000001, f'"1.0E-6"^^<{XSD}double>'),
    "a language": ({"@value": "Lesekreise", "@language": "de"}, '"Lesekreise"@de'),
    "a language tag in capitals": ({"@value": "x", "@language": "es-US"}, '"x"@es-us'),
    "a direction": ({"@value": "x", "@direction": "rtl"}, '"x"^^<https://www.w3.org/ns/i18n#_rtl>'),
    "a language and a direction": (
        {"@value": "x", "@language": "ar-EG", "@direction": "rtl"},
        '"x"^^<https://www.w3.org/ns/i18n#ar-eg_rtl>',
    ),
}


@sentences(("value", "written"), TEXTS)
def test_a_value_of_a_plain_term(value: object, written: str, contexts: Contexts) -> None:
    assert line(contexts, "name", value) == written


def test_texts_that_differ_in_their_direction_alone_are_several(contexts: Contexts, reference: Reference) -> None:
    text = {"@value": "x", "@language": "ar"}
    names = [text, {**text, "@direction": "rtl"}, {**text, "@direction": "ltr"}]
    document = {"@context": [VC, OB], "id": "urn:x", "type": "Achievement", "name": names}
    assert canonize(document, contexts).count(b'"x"') == 3
    assert canonize(document, contexts) == reference.canonize(document)


TYPED = {
    "a string": ("3", '"3"^^<https://www.w3.org/2001/XMLSchema#float>'),
    "a whole number": (3, '"3"^^<https://www.w3.org/2001/XMLSchema#float>'),
    "a fraction": (1.5, '"1.5E0"^^<https://www.w3.org/2001/XMLSchema#float>'),
    "a boolean": (True, '"true"^^<https://www.w3.org/2001/XMLSchema#float>'),
}


@sentences(("value", "written"), TYPED)
def test_a_value_of_a_term_with_a_datatype(value: object, written: str, contexts: Contexts) -> None:
    """The datatypes of Open Badges 3.0 start with https, and one has an undefined prefix. They are kept as they are."""
    assert line(contexts, "creditsAvailable", value) == written
    assert line(contexts, "awardedDate", "2026-01-01T00:00:00Z") == '"2026-01-01T00:00:00Z"^^<xsd:dateTime>'


def test_an_iri_beyond_ascii_is_kept_as_it_is(contexts: Contexts) -> None:
    assert line(contexts, "image", "https://ålder.example/é?漢#🌊") == "<https://ålder.example/é?漢#🌊>"


def test_a_repeated_value_is_said_once(contexts: Contexts) -> None:
    assert line(contexts, "tag", ["reading", "reading"]) == '"reading"'


def test_two_equal_nodes_without_an_id_are_two(contexts: Contexts) -> None:
    document = {"@context": [VC, OB], "id": "urn:x", "type": "Achievement"}
    once = canonize(document | {"alignment": [{"type": "Alignment"}]}, contexts)
    twice = canonize(document | {"alignment": [{"type": "Alignment"}, {"type": "Alignment"}]}, contexts)
    assert once.count(b"\n") == 3
    assert twice.count(b"\n") == 5


def test_one_object_in_two_places_is_two_nodes(contexts: Contexts) -> None:
    """As it would be after a way through JSON."""
    same = {"type": "Alignment", "targetName": "x"}
    document = {"@context": [VC, OB], "id": "urn:x", "type": "Achievement", "alignment": [same, same]}
    assert canonize(document, contexts) == canonize(json.loads(json.dumps(document)), contexts)


def test_a_list_keeps_its_order_and_its_repetitions(contexts: Contexts) -> None:
    def grades(*values: Any) -> bytes:
        return canonize(
            {"@context": [VC, OB], "id": "urn:x", "type": "ResultDescription", "allowedValue": [*values]}, contexts
        )

    assert grades("A", "B") != grades("B", "A")
    assert grades("A", "A").count(b"#first>") == 2
    assert grades(["A"], "B") != grades("A", "B")


SCHEMA = {"type": "object", "@id": None, "required": ["b", "a"], "minimum": 1e21, "ü": {"": []}}


def test_a_json_value_is_one_literal_in_canonical_form(contexts: Contexts) -> None:
    """Whatever is inside: it is no JSON-LD."""
    said = line(contexts, "jsonSchema", SCHEMA, "JsonSchema")
    assert said == (
        r'"{\"@id\":null,\"minimum\":1e+21,\"required\":[\"b\",\"a\"],\"type\":\"object\",\"ü\":{\"\":[]}}"'
        "^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>"
    )


NO_JSON: dict[str, Any] = {
    "null": None,
    "no number": [float("nan")],
    "a whole number beyond 2**53": {"a": 2**60},
    "a key that is no string": {1: 2},
    "bytes": b"x",
}


@sentences("value", NO_JSON)
def test_a_json_value_without_a_canonical_form_is_refused(value: object, contexts: Contexts) -> None:
    document = {"@context": [VC], "type": "JsonSchema", "jsonSchema": value}
    assert refusal(canonize, document, contexts) == ("MALFORMED_VALUE_ERROR", "/jsonSchema")


def test_a_json_value_is_no_deeper_than_a_document(contexts: Contexts) -> None:
    value: Any = 1
    for _ in range(5_000):
        value = [value]
    document = {"@context": [VC], "type": "JsonSchema", "jsonSchema": value}
    assert refusal(canonize, document, contexts) == ("MALFORMED_VALUE_ERROR", "/jsonSchema")


def test_a_purpose_is_looked_up_in_the_context_of_its_property(contexts: Contexts) -> None:
    document = {"@context": [VC], "type": "DataIntegrityProof", "proofPurpose": "assertionMethod"}
    assert b"<https://w3id.org/security#proofPurpose> <https://w3id.org/security#assertionMethod>" in canonize(
        document, contexts
    )


def test_order_of_keys_and_of_values_says_nothing(contexts: Contexts, shared: Path) -> None:
    path = shared / "standards" / "examples" / "ob30" / "linked-data-proof-clr-07-signed-credential.json"

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) if key != "@context" else value[key] for key in reversed(value)}
        return [turned(item) for item in reversed(value)] if isinstance(value, list) else value

    document = json.loads(path.read_bytes())
    assert canonize(turned(document), contexts) == canonize(document, contexts)


UNDEFINED = "https://www.w3.org/ns/credentials/undefined-terms/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"

WITH_A_VOCABULARY = {
    "undefined terms, types and nodes": {"degree": {"type": "MastersDegree", "name": "M.Ed.", "year": 2026}, "age": 40},
    "the name of a keyword": {"graph": "x", "value": ["a", "b"]},
    "defined terms beside": {"image": "https://a.example/1.png", "tag": "x"},
}


@sentences("claims", WITH_A_VOCABULARY)
@pytest.mark.parametrize("vocabulary", [UNDEFINED, EXAMPLES])
def test_an_instance_that_pins_a_vocabulary_defines_every_name(
    vocabulary: str, claims: dict[str, Any], further_contexts: Contexts, reference: Reference
) -> None:
    document = {
        "@context": [VC, OB, vocabulary],
        "type": ["VerifiableCredential", "ExampleCredential"],
        "issuer": "did:example:1",
        "credentialSubject": {"id": "did:example:2", **claims},
    }
    assert canonize(document, further_contexts) == reference.canonize(document)


@pytest.mark.parametrize("key", ["two words", "@graph", "a:b", "", "<x>", "x" * 257])
def test_a_vocabulary_does_not_make_every_key_a_term(key: str, further_contexts: Contexts) -> None:
    document = {"@context": [VC, UNDEFINED], "type": "VerifiableCredential", "credentialSubject": {key: "x"}}
    refused = refusal(canonize, document, further_contexts)
    assert refused is not None
    assert refused[1] == f"/credentialSubject/{key}"


def test_a_prefix_of_a_context_is_not_for_documents(contexts: Contexts) -> None:
    """VCDM 1.1 defines ``cred``, ``sec`` and ``xsd`` inside a credential: an id could be written in two ways."""
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "id": "urn:x",
        "type": "VerifiableCredential",
        "issuer": "sec:x",
    }
    assert refusal(canonize, document, contexts) == ("MALFORMED_VALUE_ERROR", "/issuer")
    assert refusal(canonize, document | {"issuer": {"id": "sec:x"}}, contexts) == (
        "MALFORMED_VALUE_ERROR",
        "/issuer/id",
    )
    assert refusal(canonize, document | {"id": "cred:x", "issuer": "urn:i"}, contexts) == (
        "MALFORMED_VALUE_ERROR",
        "/id",
    )
    assert refusal(canonize, document | {"issuer": "sec://x"}, contexts) is None


def presentation(context: Any, credential: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": context,
        "type": "VerifiablePresentation",
        "holder": "did:example:3",
        "verifiableCredential": [credential],
    }


def credential(context: Any) -> dict[str, Any]:
    return {
        "@context": context,
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential"],
        "issuer": "did:example:1",
        "credentialSubject": {"id": "did:example:2"},
        "proof": [
            {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "authentication"},
            {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-rdfc-2019", "proofPurpose": "assertionMethod"},
        ],
    }


DI = "https://w3id.org/security/data-integrity/v2"
PRESENTED = {
    "a credential of 2.0, with contexts of its own": presentation([VC], credential([VC])),
    "a credential of 1.1 in a presentation of 2.0": presentation([VC], credential([VC11, DI])),
    "a credential of 1.1 in a presentation of 1.1": presentation([VC11, DI], credential([VC11, DI])),
    "an enveloped credential": presentation(
        [VC], {"@context": VC, "id": "data:application/vc+jwt,e30.e30.AA", "type": "EnvelopedVerifiableCredential"}
    ),
}


@sentences("document", PRESENTED)
def test_a_presentation_keeps_each_credential_and_each_proof_in_a_graph_of_its_own(
    document: dict[str, Any], contexts: Contexts, reference: Reference
) -> None:
    assert canonize(document, contexts) == reference.canonize(document)


def test_in_a_presentation_of_2_0_a_credential_must_name_its_contexts(contexts: Contexts) -> None:
    """The property takes all contexts away (``"@context": null``)."""
    inner = credential([VC])
    del inner["@context"]
    refused = refusal(canonize, presentation([VC], inner), contexts)
    assert refused is not None
    assert refused[1].startswith("/verifiableCredential/0/")


@pytest.mark.parametrize("hash_name", ["sha256", "sha384"])
def test_both_hashes_order_blank_nodes_as_the_reference_does(
    hash_name: Any, contexts: Contexts, reference: Reference
) -> None:
    levels = [{"type": "Alignment", "targetName": str(number)} for number in range(20)]
    document = {"@context": [VC, OB], "type": "Achievement", "alignment": levels}
    ours = canonize(document, contexts, hash_name=hash_name)
    assert ours == reference.canonize(document, hash_name)
