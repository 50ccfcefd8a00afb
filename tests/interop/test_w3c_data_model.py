"""What the suite for the data model states of verifiers and presentations, and what ``tests/instances/test_data_model.py`` has
not said of issuers, asked over HTTP as vc-data-model-2.0-test-suite asks it; in our words and with our data.
"""

import json
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256, sha384
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from holders import issued, record
from local_keys import local_key
from simulator import KeyIssuer
from suites import Service

from credentials.clock import now
from credentials.proofs.enveloped import enveloped
from credentials.proofs.jose import compact, signing_input
from credentials.proofs.model import KeyType

V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
HOLDER = local_key(KeyType.ED25519, 71)
OCCASION = {"domain": "suite.example/data-model", "challenge": "u9YdDq3mJ0Zc"}


def a_credential(**changed: Any) -> dict[str, Any]:
    whole = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "validFrom": "2024-02-27T05:03:28Z",
        "credentialSubject": {"id": "did:example:subject"},
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not ...}


def a_presentation(service: Service, *credentials: Any, **changed: Any) -> dict[str, Any]:
    """Unsigned; the credentials in it are signed by its holder, as the suite signs them."""
    made = [one if "proof" in one else own(service, one) for one in credentials]
    whole = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": made or ..., **changed}
    return {name: value for name, value in whole.items() if value is not ...}


def own(service: Service, credential: dict[str, Any]) -> dict[str, Any]:
    return service.signed({**credential, "issuer": HOLDER.did}, HOLDER, "eddsa-rdfc-2022")


def shown(service: Service, presentation: dict[str, Any], suite: str = "eddsa-rdfc-2022") -> dict[str, Any]:
    return service.signed(presentation, HOLDER, suite, purpose="authentication", **OCCASION)


def asked(service: Service, presentation: Any, **options: Any) -> httpx.Response:
    return service.verify_presentation(presentation, **{**OCCASION, **options})


# Conformance, and 7.1 Verification


def test_a_document_that_conforms_is_secured_and_verifies_and_another_one_does_not(service: Service) -> None:
    for instance in ("eddsa-rdfc-2022", "vc-jose-es256"):
        document = service.issued(a_credential(), instance)
        assert ("proof" in document) is not (document["type"] == "EnvelopedVerifiableCredential")
        assert service.verify(document).status_code == 200
    other = {"type": ["NonconformingDocument"]}
    assert service.verify(other).status_code == 400
    assert asked(service, other).status_code == 400


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"null", b"{}", b'{"credential": 5}', b'{"credential": {}, "options": 5}', b"\xff"],
)
@pytest.mark.parametrize("path", ["/credentials/issue", "/credentials/verify", "/presentations/verify"])
def test_what_is_no_request_is_answered_as_invalid_input(service: Service, path: str, body: bytes) -> None:
    answer = service.send(path, body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"]
    assert answer.json()["type"].startswith("https://")


# 4.3 Contexts, 4.5 Types, 4.13 Presentations

HOLDS: dict[str, dict[str, Any]] = {
    "a presentation has contexts and a type": {},
    "an id is a URL": {"id": "urn:uuid:9c9a36f8-0000-4976-a934-6649502d0008"},
    "there may be another type, which a context defines": {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiablePresentation", "ExamplePresentation"],
    },
    "the order of types does not matter": {
        "@context": [V2, EXAMPLES],
        "type": ["ExamplePresentation", "VerifiablePresentation"],
    },
    "a holder is a URL": {"holder": HOLDER.did},
    "a holder may be an object with an id": {"holder": {"id": HOLDER.did}},
    "terms of use have a type": {
        "@context": [V2, EXAMPLES],
        "termsOfUse": {"id": "urn:x:1", "type": "ExamplePolicy"},
    },
}


@pytest.mark.parametrize("credentials", [0, 1, 2])
def test_what_a_presentation_may_be(service: Service, credentials: int) -> None:
    """With none, it says so by an empty list, in which RDF reads nothing, or by saying nothing."""
    inside = [a_credential(), a_credential(credentialSubject={"id": "did:example:other"})][:credentials]
    for statement, changed in HOLDS.items():
        made = shown(service, a_presentation(service, *inside, **changed))
        told = asked(service, made if inside else {**made, "verifiableCredential": []})
        assert told.status_code == 200, (statement, told.text)
        assert told.json()["verified"] is True
        assert "errors" not in told.json()
    if not inside:
        told = asked(service, shown(service, a_presentation(service)))
        assert (told.status_code, told.json()["warnings"][0]["title"]) == (200, "nothing-presented")


IS_REFUSED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "there is no @context": lambda vp: vp.pop("@context"),
    "the @context is empty": lambda vp: vp.update({"@context": []}),
    "the @context lacks that of the data model": lambda vp: vp.update({"@context": [EXAMPLES]}),
    "the @context has another order": lambda vp: vp.update({"@context": [EXAMPLES, V2]}),
    "a context is one that nobody has pinned": lambda vp: vp.update({"@context": [V2, "https://alder.example/c"]}),
    "a context is no URL": lambda vp: vp.update({"@context": [V2, "https ://not-a-url/contexts/example/v1"]}),
    "a context is a number": lambda vp: vp.update({"@context": [V2, 123192875]}),
    "there is no type": lambda vp: vp.pop("type"),
    "the type is not VerifiablePresentation": lambda vp: vp.update(type=["ExamplePresentation"]),
    "a type is one that no context defines": lambda vp: vp.update(type=["VerifiablePresentation", "Undefined"]),
    "the id is no URL": lambda vp: vp.update(id="presentation"),
    "there are two ids": lambda vp: vp.update(id=["urn:x:1", "urn:x:2"]),
    "the holder is an object without an id": lambda vp: vp.update(holder={"name": "Ada"}),
    "the holder is no URL": lambda vp: vp.update(holder="Ada"),
    "the holder is another one than who signed": lambda vp: vp.update(holder="did:example:acme"),
    "a credential is a number": lambda vp: vp.update(verifiableCredential=[5]),
    "a credential is a URL": lambda vp: vp.update(verifiableCredential=["https://alder.example/credentials/1"]),
    "a credential is nothing": lambda vp: vp.update(verifiableCredential=[{}]),
    "a credential has no proof": lambda vp: vp["verifiableCredential"][0].pop("proof"),
    "a credential was changed": lambda vp: vp["verifiableCredential"][0].update(validFrom="2024-02-28T05:03:28Z"),
    "a credential's issuer was changed": lambda vp: vp["verifiableCredential"][0].update(issuer="did:example:acme"),
    "terms of use have no type": lambda vp: vp.update(termsOfUse={"id": "urn:x:1"}),
    "the proof is another's": lambda vp: vp["proof"].update(proofValue="z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh"),
    "there is no proof": lambda vp: vp.pop("proof"),
}


def test_what_a_presentation_may_not_be(service: Service) -> None:
    good = shown(service, a_presentation(service, a_credential()))
    assert asked(service, good).status_code == 200
    for statement, change in IS_REFUSED.items():
        faulty = deepcopy(good)
        change(faulty)
        told = asked(service, faulty)
        assert (told.status_code, told.json()["verified"]) == (400, False), statement
        assert told.json()["errors"], statement


@pytest.mark.parametrize(
    "changed",
    [
        {"@context": [EXAMPLES, V2]},
        {"@context": [V2, EXAMPLES], "type": ["ExamplePresentation"]},
        {"holder": "did:example:acme"},
        {"holder": {"name": "Ada"}},
        {"id": "presentation"},
        {"termsOfUse": {"id": "urn:x:1"}},
    ],
    ids=["order of contexts", "type", "another holder", "holder without an id", "id", "terms of use"],
)
def test_a_presentation_that_is_signed_as_it_is_must_still_have_the_form(
    service: Service, changed: dict[str, Any]
) -> None:
    """Over JCS, which signs anything."""
    document = {**a_presentation(service, a_credential()), **changed}
    told = asked(service, shown(service, document, "eddsa-jcs-2022"))
    assert (told.status_code, told.json()["verified"]) == (400, False)


def test_a_presentation_is_for_one_occasion_where_the_verifier_says_which(service: Service) -> None:
    good = shown(service, a_presentation(service, a_credential()))
    for options, status in (
        (OCCASION, 200),
        ({"challenge": OCCASION["challenge"]}, 200),
        ({}, 200),
        ({"checks": []}, 200),
        ({"checks": ["proof"], "expectedProofPurpose": "authentication"}, 200),
        ({**OCCASION, "domain": "other.example"}, 400),
        ({**OCCASION, "challenge": "another"}, 400),
        ({"checks": ["proof"], "expectedProofPurpose": "assertionMethod"}, 400),
    ):
        told = service.verify_presentation(good, **options)
        assert told.status_code == status, (options, told.text)
    told = service.verify_presentation(good).json()
    assert "INVALID_DOMAIN_ERROR" in {one["title"] for one in told["warnings"]}, "who does not say who they are is told"


# 4.13 Enveloped credentials and presentations


def a_token_of(service: Service, *credentials: Any, **claims: Any) -> str:
    payload = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": HOLDER.did, **claims}
    if credentials:
        payload["verifiableCredential"] = list(credentials)
    to_sign = signing_input(msgspec.json.encode(payload), KeyType.ED25519, HOLDER.verification_method, typ="vp+jwt")
    return compact(to_sign, HOLDER.sign(to_sign))


OF_ENVELOPES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "its @context is empty": lambda envelope: envelope.update({"@context": []}),
    "its @context does not define it": lambda envelope: envelope.update({"@context": EXAMPLES}),
    "its @context is a list that does not define it": lambda envelope: envelope.update({"@context": [EXAMPLES]}),
    "its id is no data: URL": lambda envelope: envelope.update(id=envelope["id"].rpartition(",")[2]),
    "it has no id": lambda envelope: envelope.pop("id"),
    "it has no type": lambda envelope: envelope.pop("type"),
    "its type is that of what is in it": lambda envelope: envelope.update(
        type=envelope["type"].removeprefix("Enveloped")
    ),
    "it says more than it may": lambda envelope: envelope.update(issuer="did:example:acme"),
    "its token was changed": lambda envelope: envelope.update(id=envelope["id"][:-4] + "AAAA"),
}


def test_an_enveloped_credential_has_its_context_its_data_url_and_its_type(service: Service) -> None:
    good = service.issued(a_credential(), "vc-jose-es256")
    assert (good["@context"], good["type"]) == (V2, "EnvelopedVerifiableCredential")
    assert good["id"].startswith("data:application/vc+jwt,")
    assert service.verify(good).status_code == 200
    for statement, change in OF_ENVELOPES.items():
        faulty = deepcopy(good)
        change(faulty)
        assert service.verify(faulty).status_code == 400, statement


def test_an_enveloped_presentation_has_its_context_its_data_url_and_its_type(service: Service) -> None:
    inside = service.issued(a_credential(), "vc-jose-es256")
    token = a_token_of(service, inside, aud="suite.example", nonce=OCCASION["challenge"])
    good = enveloped(token, "EnvelopedVerifiablePresentation")
    for options in ({"challenge": OCCASION["challenge"]}, {"domain": "suite.example"}, {}):
        told = service.verify_presentation(good, **options)
        assert told.status_code == 200, told.text
    assert service.verify_presentation(token).status_code == 200
    assert service.verify_presentation(good, challenge="another").status_code == 400
    for statement, change in OF_ENVELOPES.items():
        faulty = deepcopy(good)
        change(faulty)
        assert service.verify_presentation(faulty).status_code == 400, statement


# 5.3 Integrity of related resources


def sri(octets: bytes) -> str:
    return f"sha384-{b64encode(sha384(octets).digest()).decode()}"


def multihash(octets: bytes) -> str:
    return "u" + urlsafe_b64encode(b"\x12\x20" + sha256(octets).digest()).decode().rstrip("=")


ELSEWHERE = {"id": "https://alder.example/related-resource.json", "digestSRI": sri(b"what is there")}


def test_a_related_resource_that_is_known_here_must_be_what_its_digest_says(service: Service) -> None:
    context = service.files[V2]
    good = {
        "id": V2,
        "mediaType": "application/ld+json",
        "digestSRI": sri(context),
        "digestMultibase": multihash(context),
    }
    for resources in (good, [good], [good, ELSEWHERE], ELSEWHERE, {**good, "digestMultibase": ...}):
        kept = (
            {name: value for name, value in resources.items() if value is not ...}
            if isinstance(resources, dict)
            else resources
        )
        document = service.issued(a_credential(relatedResource=kept))
        told = service.verify(document)
        assert (told.status_code, service.verify(document, checks=[]).status_code) == (200, 200)
        elsewhere = ELSEWHERE in (kept if isinstance(kept, list) else [kept])
        assert ("related-resource-not-checked" in {one["title"] for one in told.json()["warnings"]}) is elsewhere
        assert service.verify(document, checks=["relatedResource"]).status_code == (400 if elsewhere else 200)
    for wrong in (
        {**good, "digestSRI": sri(context + b" ")},
        {**good, "digestMultibase": multihash(context + b" ")},
        [ELSEWHERE, {"id": V2, "digestSRI": sri(b"another")}],
    ):
        told = service.issue(a_credential(relatedResource=wrong))
        assert (told.status_code, told.json()["title"]) == (400, "related-resource-differs")
        told = service.verify(own(service, a_credential(relatedResource=wrong)))
        assert (told.status_code, told.json()["title"]) == (400, "related-resource-differs")
        inside = shown(service, a_presentation(service, a_credential(relatedResource=wrong)))
        assert asked(service, inside).status_code == 400


def test_a_related_resource_that_differs_inside_a_learner_record_is_told_whatever_was_asked(service: Service) -> None:
    issuer = KeyIssuer(now=now())
    for octets, titles in ((service.files[V2], []), (b"another", ["related-resource-differs"])):
        inside = issued(issuer, relatedResource={"id": V2, "digestSRI": sri(octets)})
        told = service.verify(json.loads(issuer.issue(record(issuer, inside))), checks=["proof"]).json()
        assert [one["title"] for one in told.get("problemDetails", [])] == titles


@pytest.mark.parametrize(
    "wrong",
    [
        ["https://alder.example/related-resource.json"],
        {"digestSRI": ELSEWHERE["digestSRI"]},
        {"id": "related", "digestSRI": ELSEWHERE["digestSRI"]},
        {"id": ["urn:x:1", "urn:x:2"], "digestSRI": ELSEWHERE["digestSRI"]},
        {"id": ELSEWHERE["id"]},
        [ELSEWHERE, {**ELSEWHERE, "digestSRI": sri(b"another")}],
    ],
    ids=["a list of strings", "no id", "an id that is no URL", "two ids", "no digest", "one id twice"],
)
def test_a_related_resource_has_one_form(service: Service, wrong: Any) -> None:
    assert service.issue(a_credential(relatedResource=wrong)).status_code == 400


# 5.2 Extensibility, 5.10 Reserved extension points


@pytest.mark.parametrize("member", ["confidenceMethod", "renderMethod", "refreshService", "termsOfUse", "evidence"])
def test_a_member_that_is_reserved_for_extensions_has_a_type(service: Service, member: str) -> None:
    one = {"id": "https://alder.example/extension", "type": "ExampleExtension"}
    contexts = {"@context": [V2, EXAMPLES]}
    for good in (one, [one, {**one, "id": "https://alder.example/another"}], {"type": "ExampleExtension"}):
        assert service.issue(a_credential(**contexts, **{member: good})).status_code == 201, good
    for wrong in ({"id": one["id"]}, [one, {"id": one["id"]}], "ExampleExtension"):
        assert service.issue(a_credential(**contexts, **{member: wrong})).status_code == 400, wrong


@pytest.mark.parametrize(
    "written_out",
    [
        {"VerifiableCredential": "https://alder.example/terms#Other"},
        {"type": "https://alder.example/terms#kind"},
        {"ExampleCredential": "https ://not-a-url#Example"},
    ],
    ids=["a type of the data model", "a keyword of the data model", "what is no URL"],
)
def test_a_context_that_redefines_a_term_is_refused(service: Service, written_out: dict[str, str]) -> None:
    """So is every one that is written out: ``docs/conformance.md`` says which statements that costs."""
    told = service.issue(a_credential(**{"@context": [V2, written_out]}))
    assert (told.status_code, told.json()["title"]) == (400, "context-not-allowed")


def test_the_suites_find_every_address_by_the_tags_that_they_look_for(service: Service) -> None:
    """``tools/suite_config.py`` asks the service and writes their configuration."""
    script = Path(__file__).parents[2] / "tools" / "suite_config.py"
    done = subprocess.run(
        [sys.executable, script, service.base_url], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    start, _, rest = done.stdout.partition("=")
    assert start == "module.exports "
    (found,) = json.loads(rest.strip().removesuffix(";"))["implementations"]
    assert found["verifiers"][0]["endpoint"] == f"{service.base_url}/vc-api/credentials/verify"
    sought = {"eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019", "ecdsa-sd-2023", "vc2.0"}
    sought |= {"BitstringStatusList", "EnvelopingProof"}
    assert {tag for one in found["issuers"] for tag in one["tags"]} == sought == set(found["verifiers"][0]["tags"])
    for issuer in found["issuers"]:
        curves = issuer.get("supportedEcdsaKeyTypes", [])
        assert bool(curves) is issuer["tags"][0].startswith(("ecdsa", "Enveloping"))
        asked_for = {"credential": a_credential(issuer=issuer["id"]), "options": issuer["options"]}
        assert service.post(issuer["endpoint"].partition("/vc-api")[2], asked_for).status_code == 201
