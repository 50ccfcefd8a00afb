"""Where the blank nodes of a document come from: what selective disclosure has to know."""

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonld_generated import Generated
from sentences import refusal

from credentials.jsonld.canonize import canonize, label_nodes
from credentials.jsonld.contexts import Contexts

VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


def test_every_blank_node_has_its_place_and_its_label(contexts: Contexts) -> None:
    document = {
        "@context": [VC, OB],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {
            "id": "did:web:alder.example",
            "type": "Profile",
            "address": {"type": "Address", "addressRegion": "AL"},
        },
        "credentialSubject": {
            "type": "AchievementSubject",
            "achievement": {
                "id": "https://alder.example/achievements/7",
                "type": "Achievement",
                "a/b~c": [],
                "resultDescription": [{"type": "ResultDescription", "allowedValue": ["C", "B"]}],
            },
        },
        "proof": {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023"},
    }
    del document["credentialSubject"]["achievement"]["a/b~c"]  # type: ignore[index]
    octets, labels = label_nodes(document, contexts)
    assert octets == canonize(document, contexts)
    described = "/credentialSubject/achievement/resultDescription/0"
    assert labels.keys() == {
        ("", "@id"),
        ("/issuer/address", "@id"),
        ("/credentialSubject", "@id"),
        (described, "@id"),
        (f"{described}/allowedValue/0", "@list"),
        (f"{described}/allowedValue/1", "@list"),
        ("/proof", "@graph"),
        ("/proof", "@id"),
    }
    assert sorted(labels.values()) == [f"c14n{number}" for number in range(8)]
    said = octets.decode()
    assert f'_:{labels["/issuer/address", "@id"]} <https://schema.org/addressRegion> "AL" .' in said
    assert (
        f'_:{labels[f"{described}/allowedValue/1", "@list"]} <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "B" .'
        in said
    )
    assert f'"ecdsa-sd-2023"^^<https://w3id.org/security#cryptosuiteString> _:{labels["/proof", "@graph"]} .' in said


def with_ids(document: Any, labels: dict[tuple[str, str], str], at: str = "") -> Any:
    """skolemizeCompactJsonLd: each node that has no id gets one made of its label."""
    if isinstance(document, list):
        return [with_ids(item, labels, f"{at}/{index}") for index, item in enumerate(document)]
    if not isinstance(document, dict):
        return document
    label = labels.get((at, "@id"))
    mended = {key: with_ids(value, labels, f"{at}/{key}") for key, value in document.items()}
    return mended if label is None else {"id": f"urn:bnid:{label}"} | mended


@pytest.mark.parametrize("seed", range(60))
def test_ids_made_of_the_labels_change_nothing_else(seed: int, contexts: Contexts) -> None:
    """toDeskolemizedNQuads of the document with these ids are the statements of the document without them."""
    generated = Generated(Random(seed), contexts)
    octets, labels = label_nodes(generated.document, contexts)
    if any(part != "@id" for _, part in labels):
        return
    named = canonize(with_ids(copy.deepcopy(generated.document), labels), contexts).decode()
    found = {line for line in named.split("\n") if line}
    for label in labels.values():
        found = {line.replace(f"<urn:bnid:{label}>", f"_:{label}") for line in found}
    assert found == {line for line in octets.decode().split("\n") if line}


def test_one_object_in_two_places_is_labelled_in_both(contexts: Contexts) -> None:
    same = {"type": "Alignment", "targetName": "x"}
    document = {
        "@context": [VC, OB],
        "id": "urn:x",
        "type": "Achievement",
        "alignment": [same, {"type": "Alignment", "targetName": "y"}, same],
    }
    assert label_nodes(document, contexts) == label_nodes(json.loads(json.dumps(document)), contexts)
    assert len(label_nodes(document, contexts)[1]) == 3


def test_one_object_with_an_id_in_two_places_is_said_once(contexts: Contexts) -> None:
    work = {"id": "urn:work", "type": "Evidence", "name": "x", "audience": "y"}
    document = {
        "@context": [VC, OB],
        "id": "urn:x",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "evidence": [work, work],
    }
    assert canonize(document, contexts) == canonize(json.loads(json.dumps(document)), contexts)
    assert canonize(document, contexts).count(b"<urn:work> ") == 4


def test_a_key_with_slashes_is_escaped_in_the_pointer(further_contexts: Contexts) -> None:
    document = {
        "@context": [VC, "https://www.w3.org/ns/credentials/undefined-terms/v2"],
        "id": "urn:x",
        "a/b~c": {"name": "x"},
    }
    assert label_nodes(document, further_contexts)[1] == {("/a~1b~0c", "@id"): "c14n0"}


def test_what_canonize_refuses_is_refused(contexts: Contexts) -> None:
    document = {"@context": [VC, OB], "id": "urn:x", "type": "Achievement", "creator": {"id": "x y", "name": "x"}}
    assert refusal(label_nodes, document, contexts) == ("MALFORMED_VALUE_ERROR", "/creator/id")


def test_the_published_label_map_is_made_of_these_labels(shared: Path, further_contexts: Contexts) -> None:
    folder = shared / "standards" / "vectors" / "vc-di-ecdsa" / "ecdsa-sd-2023" / "prc"
    document = json.loads((folder / "addSignedSDBase.json").read_bytes())
    del document["proof"]
    octets, labels = label_nodes(document, further_contexts)
    assert octets.decode().splitlines(keepends=True) == json.loads((folder / "addBaseDocCanon.json").read_bytes())
    assert labels == {
        ("", "@id"): labels["", "@id"],
        ("/credentialSubject", "@id"): labels["/credentialSubject", "@id"],
        ("/credentialSubject/permanentResidentCard", "@id"): labels["/credentialSubject/permanentResidentCard", "@id"],
    }
