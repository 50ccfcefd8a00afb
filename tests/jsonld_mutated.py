"""Documents that hold, changed somewhere by a hand that does not mean well."""

import copy
from random import Random
from typing import Any

from jsonld_generated import CONTEXT_LISTS

KEYS = (
    *(
        "@id",
        "@type",
        "@value",
        "@language",
        "@direction",
        "@index",
        "@graph",
        "@included",
        "@nest",
        "@reverse",
        "@list",
    ),
    *(
        "@set",
        "@context",
        "@json",
        "@vocab",
        "@none",
        "id",
        "type",
        "name",
        "description",
        "proof",
        "issuer",
        "evidence",
    ),
    *(
        "credentialSubject",
        "verifiableCredential",
        "image",
        "criteria",
        "Criteria",
        "achievement",
        "endorsement",
        "tag",
    ),
    *(
        "validUntil",
        "created",
        "allowedValue",
        "jsonSchema",
        "proofPurpose",
        "hashed",
        "identifier",
        "undefined",
        "a:b",
    ),
    *("", "_:b", "https://schema.org/name", "xsd", "cred", "sec", "_sd", "...", "cnf", "kid", "exp", "service", "jwk"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1.5, -1, 2**53, 1e-7, 1e21, "", "x", "urn:x", "relative", "_:b0", "a b", "sec:x", "urn:ü"),
    *("2026-01-01T00:00:00Z", "@id", "id", "Profile", "VerifiableCredential", "assertionMethod", "https://a.example/<"),
    *([], {}, ["x"], ["x", "x"], [["x"]], [None], {"id": "urn:x"}, {"id": "x"}, {"@value": "x"}, {"@id": "urn:x"}),
    *({"@value": "x", "@language": "en"}, {"@value": "x", "@type": "@json"}, {"@list": ["x"]}, {"@set": ["x"]}),
    *(
        {"type": "Profile"},
        {"type": "Profile", "name": "x"},
        {"name": "x"},
        {"type": ["Evidence", "Image"], "caption": "x"},
    ),
    *(
        {"@context": "https://www.w3.org/ns/credentials/v2", "type": "VerifiableCredential", "name": "x"},
        [{"name": "x"}, "y"],
    ),
    *({"en": "x"}, {"@graph": [{"name": "x"}]}, {"@included": [{"id": "urn:y"}], "name": "x"}),
)


def mutated(draw: Random, document: dict[str, Any]) -> dict[str, Any]:
    document = copy.deepcopy(document)
    for _ in range(draw.choice((1, 1, 2, 4))):
        holder = draw.choice([*_holders(document)])
        if isinstance(holder, list):
            _change_array(draw, holder)
        else:
            _change_object(draw, holder)
    return document


def _change_object(draw: Random, node: dict[str, Any]) -> None:
    key = draw.choice([*node, draw.choice(KEYS)]) if node else draw.choice(KEYS)
    match draw.randrange(8):
        case 0:
            node.pop(key, None)
        case 1:
            node[key] = [node.get(key, "x")]
        case 2:
            node[key] = {"@value": node.get(key, "x")}
        case 3 if key in node:
            node[draw.choice(KEYS)] = node.pop(key)
        case 4:
            node["@context"] = copy.copy(draw.choice(CONTEXT_LISTS))
        case 5:
            node["type"] = draw.sample(("VerifiableCredential", "Profile", "Achievement", "Result", "Evidence"), 2)
        case _:
            node[key] = copy.deepcopy(draw.choice(VALUES))


def _change_array(draw: Random, array: list[Any]) -> None:
    match draw.randrange(4):
        case 0 if array:
            array.pop(draw.randrange(len(array)))
        case 1 if array:
            array.append(copy.deepcopy(draw.choice(array)))
        case 2 if array:
            array[draw.randrange(len(array))] = [copy.deepcopy(draw.choice(VALUES))]
        case _:
            array.append(copy.deepcopy(draw.choice(VALUES)))


def _holders(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    below = [holder for item in inner for holder in _holders(item)]
    return [value, *below] if isinstance(value, dict | list) else below
