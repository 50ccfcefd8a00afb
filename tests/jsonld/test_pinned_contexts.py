"""What a pinned context may use, how contexts build on each other, and that nothing grows with the documents seen."""

import json
from itertools import permutations
from typing import Any

import pytest
from jsonld_reference import Reference
from sentences import refusal, sentences

from credentials.files import packaged_contexts
from credentials.jsonld.canonize import canonize
from credentials.jsonld.contexts import MAX_REMEMBERED, Contexts

HERE = "https://contexts.example/here"
FURTHER = "https://contexts.example/further"
BASE = {"id": "@id", "type": "@type", "name": "https://a.example/name"}
XSD = "http://www.w3.org/2001/XMLSchema#"


def pinned(context: Any, **others: Any) -> dict[str, bytes]:
    files = {HERE: context} | {f"https://contexts.example/{name}": other for name, other in others.items()}
    return {address: json.dumps({"@context": one}).encode() for address, one in files.items()}


USABLE = {
    "an address of another pinned context": ([FURTHER, BASE], {"name": "x", "further": "y"}),
    "a prefix, used before it is defined": (
        BASE | {"date": {"@id": "p:date", "@type": "p:Date"}, "p": "https://a.example/p#"},
        {"date": "2026"},
    ),
    "a prefix that does not end like one is no prefix": (BASE | {"p": "https://a.example/p", "q": "p:x"}, {"q": "y"}),
    "a term that stands for another term": (BASE | {"title": "name"}, {"title": "x"}),
    "a version": ({"@version": 1.1} | BASE, {"name": "x"}),
    "a vocabulary": (BASE | {"@vocab": "https://a.example/v#", "own": {}}, {"own": "x", "other": "y"}),
    "a datatype that all literals have": (
        BASE | {"text": {"@id": "https://a.example/t", "@type": f"{XSD}string"}},
        {"text": ["x", 7, True, 0.5]},
    ),
    "doubles": (BASE | {"size": {"@id": "https://a.example/s", "@type": f"{XSD}double"}}, {"size": [7, 0.5]}),
    "a container that is a list of one": (
        BASE | {"tag": {"@id": "https://a.example/t", "@container": ["@set"]}},
        {"tag": ["x", "y"]},
    ),
    "graphs that come in sets": (
        BASE | {"said": {"@id": "https://a.example/s", "@container": ["@graph", "@set"]}},
        {"said": [{"name": "x"}, {"name": "y"}]},
    ),
    "a list and a number in a graph": (
        BASE
        | {
            "said": {"@id": "https://a.example/s", "@container": "@graph"},
            "steps": {"@id": "https://a.example/s", "@container": "@list"},
        },
        {"said": {"id": "urn:y", "steps": ["a", {"name": "b"}], "name": 7}},
    ),
    "a list of nodes": (
        BASE | {"steps": {"@id": "https://a.example/s", "@container": "@list"}},
        {"steps": [{"name": "x"}, {"id": "urn:y"}, "z", 7, {"@value": "w", "@language": "en"}]},
    ),
    "a list of IRIs": (
        BASE | {"steps": {"@id": "https://a.example/s", "@container": "@list", "@type": "@id"}},
        {"steps": ["urn:x", {"id": "urn:y"}, ["urn:z"]]},
    ),
    "two names of one property": (
        BASE | {"label": "https://a.example/name"},
        {"name": ["x", "y"], "label": ["y", "z"]},
    ),
    "a name of the vocabulary that a term has, too": (
        BASE | {"@vocab": "https://a.example/", "label": "https://a.example/other"},
        {"other": ["x", "y"], "label": "x"},
    ),
    "types by another name": (
        BASE
        | {"T": "https://a.example/T", "a": {"@id": "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "@type": "@id"}},
        {"type": "T", "a": ["https://a.example/T", "https://a.example/U"]},
    ),
    "a context inside a property that takes all away": (
        BASE | {"inner": {"@id": "https://a.example/i", "@type": "@id", "@context": None}},
        {"inner": "not an IRI any more"},
    ),
    "a context inside a property that holds for all below": (
        BASE | {"inner": {"@id": "https://a.example/i", "@context": {"name": "https://a.example/other"}}},
        {"name": "x", "inner": {"name": "y", "inner": {"name": "z"}}},
    ),
    "a context of a type that holds for one node": (
        BASE
        | {
            "T": {"@id": "https://a.example/T", "@context": {"name": "https://a.example/other"}},
            "inner": "https://a.example/i",
        },
        {"type": "T", "name": "x", "inner": {"name": "y"}},
    ),
    "contexts of two types, in order of code points": (
        BASE
        | {
            "B": {"@id": "https://a.example/B", "@context": {"name": "https://a.example/b"}},
            "a": {"@id": "https://a.example/a", "@context": {"name": "https://a.example/a"}},
        },
        {"type": ["a", "B"], "name": "x"},
    ),
    "a protected term, defined again as it was": (
        [{"@protected": True} | BASE, {"name": "https://a.example/name"}],
        {"name": "x"},
    ),
    "a term that is not protected, in a context that is": (
        [
            {"@protected": True} | BASE | {"tag": {"@id": "https://a.example/t", "@protected": False}},
            {"tag": "https://a.example/other"},
        ],
        {"tag": "x"},
    ),
    "a protected term, defined anew inside a property": (
        {"@protected": True}
        | BASE
        | {"inner": {"@id": "https://a.example/i", "@context": {"name": "https://a.example/other"}}},
        {"inner": {"name": "x"}},
    ),
}


@sentences(("context", "body"), USABLE)
def test_a_context_is_read_as_the_reference_reads_it(context: Any, body: dict[str, Any]) -> None:
    files = pinned(context, further={"further": "https://a.example/further"})
    document = {"@context": HERE, "id": "urn:x", **body}
    assert canonize(document, Contexts(files)) == Reference(files, lasting=False).canonize(document)


UNUSABLE: dict[str, Any] = {
    "a base": {"@base": "https://a.example/"},
    "a default language": {"@language": "en"},
    "a default direction": {"@direction": "ltr"},
    "an import": {"@import": FURTHER},
    "a propagation": {"@propagate": False},
    "a keyword that does not exist": {"@keyword": True},
    "another version": {"@version": 1.0},
    "a protection that is neither true nor false": {"@protected": "yes"},
    "a vocabulary that is no IRI": {"@vocab": "v#"},
    "a term with a language": {"name": {"@id": "https://a.example/n", "@language": "en"}},
    "a reverse term": {"name": {"@reverse": "https://a.example/n"}},
    "a nested term": {"name": {"@id": "https://a.example/n", "@nest": "x"}},
    "a prefix that is declared": {"name": {"@id": "https://a.example/n", "@prefix": True}},
    "a language map": {"name": {"@id": "https://a.example/n", "@container": "@language"}},
    "an index map": {"name": {"@id": "https://a.example/n", "@container": "@index"}},
    "graphs by id": {"name": {"@id": "https://a.example/n", "@container": ["@graph", "@id"]}},
    "a container that is an object": {"name": {"@id": "https://a.example/n", "@container": {"a": 1}}},
    "a type that is no IRI": {"name": {"@id": "https://a.example/n", "@type": "date"}},
    "a type that is a number": {"name": {"@id": "https://a.example/n", "@type": 7}},
    "a type without type": {"name": {"@id": "https://a.example/n", "@type": "@none"}},
    "an id that is no IRI": {"name": "nothing"},
    "an id that is a number": {"name": {"@id": 7}},
    "an id that is a blank node": {"name": "_:b"},
    "a term without an id": {"name": {}},
    "a definition that is a number": {"name": 7},
    "an alias of another keyword": {"graph": "@graph"},
    "a term that is an IRI": {"https://a.example/n": "https://a.example/n"},
    "a term that is compact": {"p": "https://a.example/p#", "p:n": "https://a.example/p#n"},
    "a term without a name": {"": "https://a.example/n"},
    "a circle of terms": {"a": "b", "b": "a"},
    "a circle of prefixes": {"a": "b:x", "b": "a:x"},
    "a context that is not pinned": "https://contexts.example/nowhere",
    "itself": HERE,
    "a number": 7,
    "a protected term, defined otherwise": [{"@protected": True} | BASE, {"name": "https://a.example/other"}],
    "a protected term, in another container": [
        {"@protected": True} | BASE,
        {"name": {"@id": "https://a.example/name", "@container": "@set"}},
    ],
    "null after protected terms": [{"@protected": True} | BASE, None],
}


@sentences("context", UNUSABLE)
def test_what_is_not_supported_makes_a_context_unusable(context: Any) -> None:
    files = pinned([BASE, *context] if isinstance(context, list) else [BASE, context])
    assert refusal(canonize, {"@context": HERE, "name": "x"}, Contexts(files)) == ("context-not-allowed", "/@context")


FILES = {
    "no JSON": b"{",
    "a duplicate key": b'{"@context": {}, "@context": {}}',
    "no context": b"{}",
    "an array": b"[]",
}


@sentences("content", FILES)
def test_a_pinned_file_that_is_none_is_refused_when_it_is_asked_for(content: bytes) -> None:
    contexts = Contexts({HERE: content})
    assert HERE in contexts
    assert refusal(canonize, {"@context": HERE, "name": "x"}, contexts) == ("context-not-allowed", "/@context")


NOT_DEFINED = {
    "a term that is null": (BASE | {"name": None}, {"name": "x"}, "DATA_LOSS_DETECTION_ERROR", "/name"),
    "a type that is null": (BASE | {"T": None}, {"type": "T"}, "MALFORMED_VALUE_ERROR", "/type"),
    "no word for id": ({"name": "https://a.example/n"}, {"name": "x"}, "DATA_LOSS_DETECTION_ERROR", "/id"),
    "no word for type": (
        {"id": "@id", "T": "https://a.example/T"},
        {"type": "T"},
        "DATA_LOSS_DETECTION_ERROR",
        "/type",
    ),
    "another word for id": (
        BASE | {"identifier": "@id"},
        {"identifier": "urn:x", "name": "x"},
        "MALFORMED_VALUE_ERROR",
        "/identifier",
    ),
    "id as a property": (BASE | {"id": "https://a.example/id"}, {"name": "x"}, "MALFORMED_VALUE_ERROR", "/id"),
    "a reference where id is no word": (
        BASE | {"inner": {"@id": "https://a.example/i", "@context": {"id": None}}},
        {"inner": {"id": "urn:y"}},
        "DATA_LOSS_DETECTION_ERROR",
        "/inner/id",
    ),
}


@sentences(("context", "body", "code", "pointer"), NOT_DEFINED)
def test_a_document_uses_only_what_its_contexts_define(
    context: Any, body: dict[str, Any], code: str, pointer: str
) -> None:
    document = {"@context": HERE, "id": "urn:x", **body}
    assert refusal(canonize, document, Contexts(pinned(context))) == (code, pointer)


def remembered(contexts: Contexts) -> int:
    """Active contexts and shapes that can be reached from the initial one."""
    seen, todo = set(), [contexts.initial]
    while todo:
        one = todo.pop()
        if id(one) not in seen:
            seen.add(id(one))
            todo += [*one._listed.values(), *one._scoped.values(), *one._typed.values()]
            seen |= {id(shape) for shape in one._shapes.values()}
    return len(seen)


def test_strangers_cannot_make_the_memory_of_contexts_grow() -> None:
    contexts = Contexts(packaged_contexts())
    vc, ob = "https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
    names = [name for name in contexts.initial.after([vc, ob]).terms if name[0].isupper()]
    for types in permutations(names[:16], 3):
        refusal(canonize, {"@context": [vc, ob], "id": "urn:x", "type": [*types], "name": "x"}, contexts)
        assert contexts._remembered <= MAX_REMEMBERED
    assert remembered(contexts) <= MAX_REMEMBERED + 2


def test_names_that_a_stranger_makes_up_are_not_kept(further_contexts: Contexts) -> None:
    listed = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"]
    canonize({"@context": listed, "id": "urn:x", "type": "VerifiableCredential"}, further_contexts)
    before = further_contexts._remembered
    for number in range(10):
        body = {"type": ["VerifiableCredential", f"https://a.example/{number}", f"T{number}"], f"key{number}": "x"}
        canonize({"@context": listed, "id": "urn:x", **body}, further_contexts)
    assert further_contexts._remembered == before


def test_a_context_is_worked_out_once(contexts: Contexts) -> None:
    document = {"@context": "https://www.w3.org/ns/credentials/v2", "id": "urn:x", "type": "VerifiableCredential"}
    canonize(document, contexts)
    before = contexts._remembered
    canonize(document, contexts)
    assert contexts._remembered == before


def test_forgetting_changes_nothing() -> None:
    files = packaged_contexts()
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:x",
        "type": "VerifiableCredential",
        "name": "x",
    }
    contexts = Contexts(files)
    first = canonize(document, contexts)
    contexts._remembered = MAX_REMEMBERED
    assert canonize({**document, "type": ["VerifiableCredential", "JsonSchemaCredential"]}, contexts)
    assert contexts._remembered == 0
    assert canonize(document, contexts) == first


def test_contexts_are_a_value_and_do_not_follow_the_mapping_that_they_were_made_of() -> None:
    files = pinned(BASE)
    contexts = Contexts(files)
    files.clear()
    assert canonize({"@context": HERE, "id": "urn:x", "name": "x"}, contexts)
    with pytest.raises(AttributeError):
        contexts.anything = 1  # type: ignore[attr-defined]
