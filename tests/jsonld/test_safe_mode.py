"""Nothing in a document is dropped, guessed at, or read like a document of another shape.

The attacks M2 (unsigned content), M3 (same graph, different JSON) and M4 (other contexts) of SECURITY.md, section 1, and
the odd shapes that they are made of.
"""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentences import refusal, sentences

from credentials.errors import Refused
from credentials.jsonld.canonize import canonize, check
from credentials.jsonld.contexts import MAX_CONTEXTS, MAX_TYPES, Contexts
from credentials.jsonld.walk import MAX_NODES

VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
DROPPED, MALFORMED = "DATA_LOSS_DETECTION_ERROR", "MALFORMED_VALUE_ERROR"
CONTEXT, LIMIT = "context-not-allowed", "canonicalization-limit"

Document = dict[str, Any]


def badge() -> Document:
    """A credential that holds. Every case changes one thing in it."""
    return {
        "@context": [VC, OB],
        "id": "urn:uuid:7a53c9a4-6b8e-4c3b-9b8e-0d6f5a1c2e3f",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Reading Circles",
        "issuer": {"id": "did:web:alder.example", "type": ["Profile"], "name": "Alder"},
        "validFrom": "2026-01-15T00:00:00Z",
        "validUntil": "2029-01-15T00:00:00Z",
        "credentialSubject": {
            "id": "urn:uuid:0f3f7f0e-4a3e-4d5e-8f7a-6f5e4d3c2b1a",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://alder.example/achievements/7",
                "type": ["Achievement"],
                "name": "Reading Circles",
                "description": "Leads reading circles.",
                "criteria": {"narrative": "Hand in two lesson videos."},
                "tag": ["reading", "discussion"],
                "resultDescription": [
                    {
                        "id": "https://alder.example/achievements/7/results/1",
                        "type": ["ResultDescription"],
                        "name": "Grade",
                        "resultType": "LetterGrade",
                        "allowedValue": ["C", "B", "A"],
                    }
                ],
            },
            "identifier": [{"type": "IdentityObject", "hashed": True, "identityHash": "sha256$00"}],
        },
        "credentialStatus": {
            "id": "https://alder.example/status/1#7",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": "https://alder.example/status/1",
        },
    }


def changed(path: str, value: object) -> Callable[[Document], None]:
    """``value`` at ``path``, such as ``issuer/name``."""
    *steps, last = path.split("/")

    def change(document: Any) -> None:
        for step in steps:
            document = document[int(step)] if isinstance(document, list) else document[step]
        document[int(last) if isinstance(document, list) else last] = value

    return change


def moved(path: str, into: str) -> Callable[[Document], None]:
    """A member of the credential moved under a keyword, where a JSON-LD processor still finds it."""

    def change(document: Document) -> None:
        document[into] = {path: document.pop(path)}

    return change


def spelled(path: str, iri: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document[iri] = document.pop(path)

    return change


def wrapped_in_a_graph(document: Document) -> None:
    body = {key: document.pop(key) for key in list(document) if key != "@context"}
    document["@graph"] = [body]


def achievement_moved_to_included(document: Document) -> None:
    document["@included"] = [document["credentialSubject"]["achievement"]]
    document["credentialSubject"]["achievement"] = {"id": "https://alder.example/achievements/7"}


def expiry_moved_to_another_body_of_the_credential(document: Document) -> None:
    document["evidence"] = [{"id": document["id"], "type": ["VerifiableCredential", "Evidence"], "name": "Video"}]
    document["evidence"][0]["validUntil"] = document.pop("validUntil")


def criteria_under_the_name_of_its_class(document: Document) -> None:
    achievement = document["credentialSubject"]["achievement"]
    achievement["Criteria"] = achievement.pop("criteria")


def test_the_credential_that_the_cases_change_holds(contexts: Contexts) -> None:
    assert canonize(badge(), contexts).count(b"\n") == 38


def nested(levels: int) -> Document:
    inner: Document = {"type": "Profile", "name": "x"}
    for _ in range(levels):
        inner = {"type": "Profile", "parentOrg": inner}
    return inner


NOT_SIGNED = {
    "an undefined term": (changed("hoursEarned", 40), DROPPED, "/hoursEarned"),
    "an undefined term deep inside": (
        changed("credentialSubject/achievement/criteria/weight", "1"),
        DROPPED,
        "/credentialSubject/achievement/criteria/weight",
    ),
    "a term of a type that the node has not": (changed("issuer/targetName", "x"), DROPPED, "/issuer/targetName"),
    "an undefined term in an array": (
        changed("credentialSubject/identifier/0/grade", "A"),
        DROPPED,
        "/credentialSubject/identifier/0/grade",
    ),
    "an undefined type": (changed("type/1", "MasterBadge"), MALFORMED, "/type"),
    "an undefined type beside a defined one": (changed("issuer/type", ["Profile", "Dean"]), MALFORMED, "/issuer/type"),
    "a type that is a keyword": (changed("issuer/type", "@id"), MALFORMED, "/issuer/type"),
    "a type that is the alias of a keyword": (changed("issuer/type", "id"), MALFORMED, "/issuer/type"),
    "a relative id": (changed("issuer/id", "/issuers/1"), MALFORMED, "/issuer/id"),
    "an id that is a word": (changed("issuer/id", "alder"), MALFORMED, "/issuer/id"),
    "an empty id": (changed("issuer/id", ""), MALFORMED, "/issuer/id"),
    "an id with a space": (changed("issuer/id", "did:web:alder.example evil"), MALFORMED, "/issuer/id"),
    "an id with a line feed": (changed("issuer/id", "did:web:alder\n"), MALFORMED, "/issuer/id"),
    "an id with a bracket": (changed("issuer/id", "did:web:alder>"), MALFORMED, "/issuer/id"),
    "an id with a backslash": (changed("issuer/id", "did:web:al\\der"), MALFORMED, "/issuer/id"),
    "an id with a no-break space": (changed("issuer/id", "did:web:al\xa0der"), MALFORMED, "/issuer/id"),
    "an id with a control character": (changed("issuer/id", "did:web:al\x7fder"), MALFORMED, "/issuer/id"),
    "a blank node id": (changed("issuer/id", "_:b0"), MALFORMED, "/issuer/id"),
    "a reference with a space": (changed("issuer", "did:web:alder evil"), MALFORMED, "/issuer"),
    "a reference that is relative": (changed("issuer", {"id": "alder"}), MALFORMED, "/issuer/id"),
    "a link that is relative": (
        changed("credentialStatus/statusListCredential", "status/1"),
        MALFORMED,
        "/credentialStatus/statusListCredential",
    ),
    "a forged subject with a space in its id": (
        changed("credentialSubject", [badge()["credentialSubject"], {"id": "urn:x y", "type": "AchievementSubject"}]),
        MALFORMED,
        "/credentialSubject/1/id",
    ),
    "forged evidence with a space in its id": (
        changed("evidence", [{"id": "https://a.example/ 1", "type": "Evidence", "name": "x"}]),
        MALFORMED,
        "/evidence/0/id",
    ),
    "a forged body with a space in its type": (
        changed("evidence", [{"type": "https://a.example/My Evidence", "name": "x"}]),
        MALFORMED,
        "/evidence/0/type",
    ),
    "a number where an IRI is to be": (changed("issuer", 7), MALFORMED, "/issuer"),
    "a boolean where an IRI is to be": (changed("issuer", True), MALFORMED, "/issuer"),
    "a purpose that nobody defines": (
        changed("proof", {"type": "DataIntegrityProof", "proofPurpose": "decoration"}),
        MALFORMED,
        "/proof/proofPurpose",
    ),
    "a proof that is only referred to": (changed("proof", {"id": "urn:uuid:1"}), DROPPED, "/proof"),
    "a proof that is an IRI": (changed("proof", "urn:uuid:1"), MALFORMED, "/proof"),
    "an index": (changed("credentialSubject/@index", "Superintendent"), MALFORMED, "/credentialSubject/@index"),
    "a blank node predicate": (changed("credentialSubject/_:bonus", "1"), MALFORMED, "/credentialSubject/_:bonus"),
    "null": (changed("validUntil", None), MALFORMED, "/validUntil"),
    "null in an array": (
        changed("credentialSubject/achievement/tag/0", None),
        MALFORMED,
        "/credentialSubject/achievement/tag/0",
    ),
    "null in a list": (
        changed("credentialSubject/achievement/resultDescription/0/allowedValue/2", None),
        MALFORMED,
        "/credentialSubject/achievement/resultDescription/0/allowedValue/2",
    ),
    "a type that is null": (changed("issuer/type", None), MALFORMED, "/issuer/type"),
    "an id that is null": (changed("issuer/id", None), MALFORMED, "/issuer/id"),
    "an empty array": (changed("evidence", []), MALFORMED, "/evidence"),
    "an empty list": (
        changed("credentialSubject/achievement/resultDescription/0/allowedValue", []),
        MALFORMED,
        "/credentialSubject/achievement/resultDescription/0/allowedValue",
    ),
    "an empty object": (changed("credentialSubject", {}), MALFORMED, "/credentialSubject"),
    "an empty list of types": (changed("issuer/type", []), MALFORMED, "/issuer/type"),
    "an empty key": (changed("issuer/", "x"), DROPPED, "/issuer/"),
}


SAME_GRAPH = {
    "expiry under @nest": (moved("validUntil", "@nest"), MALFORMED, "/@nest"),
    "status under @nest": (moved("credentialStatus", "@nest"), MALFORMED, "/@nest"),
    "expiry under @included": (moved("validUntil", "@included"), MALFORMED, "/@included"),
    "status under @included": (moved("credentialStatus", "@included"), MALFORMED, "/@included"),
    "expiry under @graph": (moved("validUntil", "@graph"), MALFORMED, "/@graph"),
    "status under @graph": (moved("credentialStatus", "@graph"), MALFORMED, "/@graph"),
    "the credential in a graph": (wrapped_in_a_graph, MALFORMED, "/@graph"),
    "the achievement beside the credential": (achievement_moved_to_included, MALFORMED, "/@included"),
    "expiry under its full IRI": (
        spelled("validUntil", "https://www.w3.org/2018/credentials#validUntil"),
        MALFORMED,
        "/https:~1~1www.w3.org~12018~1credentials#validUntil",
    ),
    "status under its full IRI": (
        spelled("credentialStatus", "https://www.w3.org/2018/credentials#credentialStatus"),
        MALFORMED,
        "/https:~1~1www.w3.org~12018~1credentials#credentialStatus",
    ),
    "expiry in an array of one": (changed("validUntil", ["2029-01-15T00:00:00Z"]), MALFORMED, "/validUntil"),
    "expiry as a value object": (
        changed(
            "validUntil",
            {"@value": "2029-01-15T00:00:00Z", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"},
        ),
        MALFORMED,
        "/validUntil",
    ),
    "a name as a value object": (changed("name", {"@value": "Reading Circles"}), MALFORMED, "/name"),
    "a status index as a value object": (
        changed("credentialStatus/statusListIndex", {"@value": "7"}),
        MALFORMED,
        "/credentialStatus/statusListIndex",
    ),
    "a set object": (
        changed("credentialSubject/achievement/tag", {"@set": ["x"]}),
        MALFORMED,
        "/credentialSubject/achievement/tag/@set",
    ),
    "a list object": (
        changed("credentialSubject/achievement/resultDescription/0/allowedValue", {"@list": ["A"]}),
        MALFORMED,
        "/credentialSubject/achievement/resultDescription/0/allowedValue",
    ),
    "a list of one that is no array": (
        changed("credentialSubject/achievement/resultDescription/0/allowedValue", "A"),
        MALFORMED,
        "/credentialSubject/achievement/resultDescription/0/allowedValue",
    ),
    "an array in an array": (
        changed("credentialSubject/achievement/tag", [["reading"], "discussion"]),
        MALFORMED,
        "/credentialSubject/achievement/tag/0",
    ),
    "@id beside the term for it": (changed("issuer/@id", "did:web:alder.example"), MALFORMED, "/issuer/@id"),
    "@type for the term for it": (changed("issuer/@type", "Profile"), MALFORMED, "/issuer/@type"),
    "a reverse property": (changed("@reverse", {"issuer": {"id": "urn:x"}}), MALFORMED, "/@reverse"),
    "a type under its full IRI": (
        changed("issuer/type", "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Profile"),
        MALFORMED,
        "/issuer/type",
    ),
    "a property under the name of its class": (
        criteria_under_the_name_of_its_class,
        MALFORMED,
        "/credentialSubject/achievement/Criteria",
    ),
    "expiry in another body of the credential": (
        expiry_moved_to_another_body_of_the_credential,
        MALFORMED,
        "/evidence/0/id",
    ),
    "two names for one issuer": (
        changed(
            "credentialSubject/achievement/creator", {"id": "did:web:alder.example", "type": "Profile", "name": "Elder"}
        ),
        MALFORMED,
        "/credentialSubject/achievement/creator/id",
    ),
    "a name that is true in one body and 1 in the other": (
        changed("evidence", [{"id": "urn:x", "type": "Evidence", "name": True}, {"id": "urn:x", "name": 1}]),
        MALFORMED,
        "/evidence/1/id",
    ),
}

OTHER_CONTEXTS = {
    "no context": (lambda document: document.pop("@context"), CONTEXT, ""),
    "a context that is not pinned": (changed("@context/1", "https://attacker.example/ob.json"), CONTEXT, "/@context"),
    "a context over http": (changed("@context/0", "http://www.w3.org/ns/credentials/v2"), CONTEXT, "/@context"),
    "a relative context": (changed("@context/0", "/ns/credentials/v2"), CONTEXT, "/@context"),
    "a context in the document": (
        changed("@context", [VC, OB, {"name": "https://schema.org/description"}]),
        CONTEXT,
        "/@context/2",
    ),
    "a language for the whole document": (changed("@context", [VC, OB, {"@language": "en"}]), CONTEXT, "/@context/2"),
    "a context that is null": (changed("@context", [VC, None]), CONTEXT, "/@context/1"),
    "a context that is a number": (changed("@context", 1), CONTEXT, "/@context"),
    "a list of contexts in a list": (changed("@context", [[VC, OB]]), CONTEXT, "/@context/0"),
    "no contexts in the list": (changed("@context", []), CONTEXT, "/@context"),
    "a context twice": (changed("@context", [VC, OB, OB]), CONTEXT, "/@context"),
    "a thousand contexts": (changed("@context", [f"https://a.example/{n}" for n in range(1000)]), CONTEXT, "/@context"),
    "another context for the achievement": (
        changed("credentialSubject/achievement/@context", [VC, OB]),
        CONTEXT,
        "/credentialSubject/achievement/@context",
    ),
    "a context that is not pinned, inside": (
        changed("evidence", [{"@context": ["https://attacker.example/"], "type": "VerifiableCredential"}]),
        CONTEXT,
        "/evidence/0/@context",
    ),
    "contexts that redefine each other": (
        changed("@context", ["https://www.w3.org/2018/credentials/v1", VC]),
        CONTEXT,
        "/@context",
    ),
    "types whose own contexts redefine each other": (
        changed("credentialSubject/type", ["AchievementSubject", "IdentifierEntry"]),
        CONTEXT,
        "/credentialSubject/type",
    ),
}

ODD_SHAPES = {
    "types of another type": (changed("type", ["VerifiableCredential", 7]), MALFORMED, "/type"),
    "a type that is an object": (changed("type", {"a": 1}), MALFORMED, "/type"),
    "a list of types that holds an object": (changed("type", [{"a": 1}]), MALFORMED, "/type"),
    "seventeen types": (changed("issuer/type", ["Profile"] * (MAX_TYPES + 1)), MALFORMED, "/issuer/type"),
    "two ids": (changed("issuer/id", ["did:web:a", "did:web:b"]), MALFORMED, "/issuer/id"),
    "a language object with a type": (
        changed("name", {"@value": "x", "@language": "en", "@type": "http://www.w3.org/2001/XMLSchema#string"}),
        MALFORMED,
        "/name",
    ),
    "a language object with something else": (
        changed("name", {"@value": "x", "@language": "en", "url": "x"}),
        MALFORMED,
        "/name",
    ),
    "a language that is none": (
        changed("name", {"@value": "x", "@language": "not a tag"}),
        MALFORMED,
        "/name/@language",
    ),
    "a language that is null": (changed("name", {"@value": "x", "@language": None}), MALFORMED, "/name/@language"),
    "a direction that is none": (changed("name", {"@value": "x", "@direction": "up"}), MALFORMED, "/name/@direction"),
    "a number in a language": (changed("name", {"@value": 7, "@language": "en"}), MALFORMED, "/name/@value"),
    "a language without a text": (changed("name", {"@language": "en"}), MALFORMED, "/name/@language"),
    "a date in a language": (changed("validFrom", {"@value": "2026", "@language": "en"}), MALFORMED, "/validFrom"),
    "a text with a language where an IRI is to be": (
        changed("issuer", {"@value": "x", "@language": "en"}),
        MALFORMED,
        "/issuer",
    ),
    "a whole number beyond 2**53": (changed("name", 2**53), MALFORMED, "/name"),
    "a number that is not finite": (changed("name", float("inf")), MALFORMED, "/name"),
    "no number at all": (changed("name", float("nan")), MALFORMED, "/name"),
    "a fraction that jsonld.js takes for 0": (changed("name", 1e-7), MALFORMED, "/name"),
    "a fraction of seventeen digits": (changed("name", 0.30000000000000004), MALFORMED, "/name"),
    "something that JSON does not have": (changed("name", object()), MALFORMED, "/name"),
    "a key that is no string": (lambda document: document.update({7: "x"}), MALFORMED, "/7"),
    "a tuple": (changed("name", ("x",)), MALFORMED, "/name"),
    "bytes": (changed("issuer/id", b"did:web:alder"), MALFORMED, "/issuer/id"),
    "a lone surrogate": (changed("name", "\ud800"), MALFORMED, ""),
    "a lone surrogate in an id": (changed("issuer/id", "did:web:\ud800"), MALFORMED, ""),
    "a lone surrogate in a node without an id": (
        changed("credentialSubject/achievement/criteria/narrative", "\ud800"),
        MALFORMED,
        "",
    ),
    "33 levels": (changed("issuer", nested(33)), LIMIT, "/issuer" + "/parentOrg" * 31),
    "ten thousand levels": (changed("issuer", nested(900)), LIMIT, "/issuer" + "/parentOrg" * 31),
    "too many nodes": (
        changed("evidence", [{"type": "Evidence", "name": str(n)} for n in range(MAX_NODES)]),
        LIMIT,
        "/evidence/1989",
    ),
    "much about an id of great length, which every line would repeat": (
        changed(
            "credentialSubject/achievement",
            {"id": f"https://a.example/{'x' * 9_000}", "type": ["Achievement"], "tag": [str(n) for n in range(500)]},
        ),
        LIMIT,
        "/credentialSubject/achievement/id",
    ),
    "a list that is too long": (
        changed("credentialSubject/achievement/resultDescription/0/allowedValue", ["A"] * MAX_NODES),
        LIMIT,
        "/credentialSubject/achievement/resultDescription/0/allowedValue",
    ),
}


@sentences(("change", "code", "pointer"), NOT_SIGNED | SAME_GRAPH | OTHER_CONTEXTS | ODD_SHAPES)
def test_a_document_that_is_not_what_it_seems_is_refused_with_its_place(
    change: Callable[[Document], None], code: str, pointer: str, contexts: Contexts
) -> None:
    document = badge()
    change(document)
    assert refusal(canonize, document, contexts) == (code, pointer)
    assert refusal(check, document, contexts) == (code, pointer)


def test_a_picture_may_be_written_out_in_its_id(contexts: Contexts) -> None:
    document = badge()
    picture = f"data:image/png;base64,{'A' * 900_000}"
    changed("image", {"id": picture, "type": "Image", "caption": "A hexagon"})(document)
    assert canonize(document, contexts).count(picture.encode()) == 3


WHOLE = {
    "a string": ("x", MALFORMED),
    "an array": ([badge()], MALFORMED),
    "null": (None, MALFORMED),
    "an empty object": ({}, CONTEXT),
    "an object with contexts alone": ({"@context": [VC, OB]}, DROPPED),
    "an object with an id alone": ({"@context": [VC, OB], "id": "urn:x"}, DROPPED),
}


@sentences(("document", "code"), WHOLE)
def test_a_document_is_an_object_that_says_something(document: object, code: str, contexts: Contexts) -> None:
    assert refusal(canonize, document, contexts) == (code, "")
    assert refusal(check, document, contexts) == (code, "")


def test_an_endorsement_inside_may_name_its_contexts_and_describe_the_same_achievement(contexts: Contexts) -> None:
    document = badge()
    document["endorsement"] = [
        {
            "@context": [VC, OB],
            "id": "urn:uuid:11111111-2222-4333-8444-555555555555",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "issuer": {"id": "did:web:alder.example", "type": "Profile", "name": "Alder, as others call it"},
            "validFrom": "2026-01-15T00:00:00Z",
            "credentialSubject": {"id": "https://alder.example/achievements/7", "type": "EndorsementSubject"},
        }
    ]
    assert canonize(document, contexts)


def test_descriptions_of_one_thing_may_leave_out_what_others_say(contexts: Contexts) -> None:
    document = badge()
    document["credentialSubject"]["achievement"]["creator"] = {
        "id": "did:web:alder.example",
        "type": "Profile",
        "url": "https://alder.example",
    }
    assert canonize(document, contexts).count(b"<did:web:alder.example> <http") == 3


def test_a_refresh_service_may_have_the_id_of_the_credential(contexts: Contexts) -> None:
    document = badge()
    document["@context"] = [VC, OB, "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]
    document["refreshService"] = {"id": document["id"], "type": "1EdTechCredentialRefresh"}
    assert canonize(document, contexts)


def test_the_copy_of_a_credential_may_not_leave_anything_out(contexts: Contexts) -> None:
    document = badge()
    inner = copy.deepcopy(document)
    del inner["validUntil"]
    document["evidence"] = [inner]
    assert refusal(canonize, document, contexts) == (MALFORMED, "/evidence/0/id")


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([VC, OB, CLR, "id", "Profile", "_:b"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["@context", "@value", "@language", "@graph", "id", "type", "name", "issuer", "proof", "tag"]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(
    path=st.sampled_from(["", "issuer/", "credentialSubject/", "credentialSubject/achievement/", "credentialStatus/"]),
    key=st.sampled_from(
        ["@context", "id", "type", "name", "issuer", "image", "proof", "evidence", "tag", "endorsement"]
    ),
    value=anything,
)
def test_no_value_anywhere_makes_canonicalisation_fail_otherwise(
    path: str, key: str, value: Any, contexts: Contexts
) -> None:
    document = badge()
    changed(f"{path}{key}", value)(document)
    refusal(canonize, document, contexts)


@sentences(
    "place",
    {
        "alone": changed("@context", {"name": "https://schema.org/name"}),
        "after those that are pinned": changed("@context", [VC, OB, {"name": "https://schema.org/name"}]),
        "one that says nothing": changed("@context", [VC, OB, {}]),
    },
)
def test_whoever_writes_a_context_out_is_told_what_to_do(place: Callable[[Document], None], contexts: Contexts) -> None:
    document = badge()
    place(document)
    for call in (canonize, check):
        with pytest.raises(Refused, match=r"written out in the document.*by its address") as caught:
            call(document, contexts)
        assert caught.value.code == CONTEXT


@pytest.mark.parametrize("count", [MAX_CONTEXTS, MAX_CONTEXTS + 1])
def test_the_list_of_contexts_has_a_limit(count: int, contexts: Contexts) -> None:
    document = badge() | {"@context": [VC, *(f"https://a.example/{n}" for n in range(count - 1))]}
    refused = pytest.raises(Exception, match="not one of those" if count == MAX_CONTEXTS else "between one and")
    with refused:
        canonize(document, contexts)
