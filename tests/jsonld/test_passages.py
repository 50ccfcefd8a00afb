"""A passage that stands in many documents is walked once, and what is said of it is what would be said anew."""

import copy
from random import Random
from typing import Any

import msgspec
import pytest
from badges import a_document as any_document
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonld_generated import Generated
from jsonld_mutated import mutated

from credentials.errors import Refused
from credentials.files import packaged_contexts
from credentials.jsonld.canonize import canonize, canonize_with
from credentials.jsonld.contexts import MAX_REMEMBERED, Contexts
from credentials.jsonld.forms import Familiar
from credentials.jsonld.passages import MAX_PASSAGE, MAX_PASSAGES, Passages
from credentials.jsonld.rdfc10 import Statements, blocks, canonical_labels, lines_of, n_quads
from credentials.jsonld.walk import MAX_NODES, Walk

CONTEXTS = Contexts(packaged_contexts())


def a_document() -> Any:
    """Its creator is not the issuer, of whom more is said outside."""
    document = any_document()
    the_achievement(document).pop("creator", None)
    return document


def outcome(work: Any) -> Any:
    try:
        return work()
    except Refused as refused:
        return refused.code, refused.pointer, refused.detail


def same(document: Any, passages: Passages) -> bool:
    """With known passages everything is as without; answers whether the document was found good."""
    anew = outcome(lambda: canonize(document, CONTEXTS))
    helped = outcome(lambda: canonize_with(document, CONTEXTS, passages)[0])
    seen = outcome(lambda: canonize_with(document, CONTEXTS, passages, octets_of(document))[0])
    assert helped == seen == anew
    return isinstance(anew, bytes)


def octets_of(document: Any) -> bytes:
    """Nothing for what is no JSON."""
    try:
        return msgspec.json.encode(document)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return b""


def knowing(*documents: Any) -> Passages:
    passages = Passages()
    for document in documents:
        passages.keep(canonize_with(document, CONTEXTS, passages)[1])
    return passages


def the_achievement(document: Any) -> Any:
    return document["credentialSubject"]["achievement"]


def test_a_passage_is_heard_once() -> None:
    document = a_document()
    passages = Passages()
    form, heard = canonize_with(document, CONTEXTS, passages)
    assert len(heard) == 1
    passages.keep(heard)
    assert canonize_with(document, CONTEXTS, passages) == (form, [])
    assert form == canonize(document, CONTEXTS)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**64 - 1))
def test_documents_with_a_known_passage_say_what_they_would_say_anew(seed: int) -> None:
    draw = Random(seed)
    original = a_document()
    passages = knowing(original)
    for _ in range(4):
        mutant = mutated(draw, copy.deepcopy(original))
        if isinstance(mutant, dict) and isinstance(mutant.get("credentialSubject"), dict) and draw.random() < 0.7:
            mutant["credentialSubject"]["achievement"] = copy.deepcopy(the_achievement(original))
        if same(mutant, passages):
            passages.keep(canonize_with(mutant, CONTEXTS, passages)[1])
            assert same(mutant, passages)


@pytest.mark.long
def test_twenty_thousand_documents_with_a_known_passage_say_what_they_would_say_anew() -> None:
    for seed in range(5_000):
        test_documents_with_a_known_passage_say_what_they_would_say_anew.hypothesis.inner_test(seed)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**64 - 1))
def test_documents_of_the_whole_vocabulary_say_the_same_the_second_time(seed: int) -> None:
    document = Generated(Random(seed), CONTEXTS).document
    assert same(document, knowing(document))


@pytest.mark.parametrize("member", ["@value", "@id", "@type", "@graph", "@list", "@language", "@context", "a:b", "é"])
def test_what_has_no_place_in_a_passage_is_refused_for_the_same_reason(member: str) -> None:
    for value in ("x", None, {}, ["x"]):
        document = a_document()
        the_achievement(document)[member] = value
        same(document, knowing(a_document()))


@pytest.mark.parametrize("key", ["id", "criteria", "resultDescription"])
def test_what_speaks_of_a_node_in_a_known_passage_must_agree_with_it_before_and_after(key: str) -> None:
    original = a_document()
    achievement = the_achievement(original)
    inner = {"id": achievement["id"], "criteria": achievement.get("criteria", {}).get("id", achievement["id"])}
    inner["resultDescription"] = achievement["resultDescription"][0]["id"]
    passages = knowing(original)
    for name in ("Another name", achievement["name"], achievement["resultDescription"][0]["name"]):
        evidence = [{"id": inner[key], "type": ["Evidence"], "name": name}]
        after = {**a_document(), "evidence": evidence}
        before = {"@context": after["@context"], "evidence": evidence, **after}
        assert list(before)[1] == "evidence"
        for document in (after, before):
            same(document, passages)
            same(document, Passages())


def test_a_passage_that_agrees_with_itself_twice_is_said_once() -> None:
    document = a_document()
    achievement = the_achievement(document)
    achievement["criteria"] = {"id": achievement["id"], "narrative": "Once."}
    passages = knowing(document)
    assert canonize_with(document, CONTEXTS, passages)[1] == []
    assert same(document, passages)
    document["relatedResource"] = [{"id": achievement["id"], "digestMultibase": "z" + "2" * 46}]
    assert same(document, passages)


def test_a_node_that_was_spoken_of_before_makes_no_passage() -> None:
    document = any_document()
    assert the_achievement(document)["creator"]["id"] == document["issuer"]["id"]
    assert canonize_with(document, CONTEXTS, Passages())[1] == []
    assert same(document, knowing(a_document()))


def test_alignments_alone_that_look_alike_are_told_apart_as_before() -> None:
    document = a_document()
    alignment = {"type": ["Alignment"], "targetName": "One", "targetUrl": "https://a.example/1"}
    the_achievement(document)["alignment"] = [alignment, {**alignment, "targetName": "Two"}]
    document["evidence"] = [{"type": ["Evidence"], "name": "One"}, {"type": ["Evidence"], "narrative": "One"}]
    passages = knowing(document)
    assert same(document, passages)
    document["evidence"][1] = {**document["evidence"][0]}
    assert same(document, passages), "two nodes that say the same are one to no one"


def test_what_is_settled_is_labelled_as_if_it_were_spelt_out() -> None:
    document = a_document()
    walk = Walk(CONTEXTS, hasty=True, passages=knowing(document).under(CONTEXTS.initial))
    said = walk.document(document)
    assert said.settled
    plain = said.spelt_out()
    assert not plain.settled
    for name in ("sha256", "sha384"):
        labels = canonical_labels(plain, name)
        assert canonical_labels(said, name) == labels
        assert n_quads(said, labels) == n_quads(plain, labels)


def test_nodes_without_an_id_inside_one_another_make_no_passage_and_are_said_as_before() -> None:
    document = a_document()
    the_achievement(document)["creator"] = {
        "id": "https://maker.example",
        "type": ["Profile"],
        "address": {"type": ["Address"], "geo": {"type": "GeoCoordinates", "latitude": 1.5, "longitude": 2.5}},
    }
    assert canonize_with(document, CONTEXTS, Passages())[1] == []
    assert same(document, knowing(a_document()))


def test_a_passage_is_found_in_the_octets_only_where_its_name_stands_once() -> None:
    document = a_document()
    passages = knowing(document)
    prop, depth, _ = next(iter(passages._known))
    octets = msgspec.json.encode(document)
    assert passages.only_in(octets, prop.place, prop, depth) is not None
    assert passages.only_in(octets + octets, prop.place, prop, depth) is None
    assert passages.only_in(octets[: octets.index(prop.place) + 300], prop.place, prop, depth) is None
    assert passages.only_in(b"{}", prop.place, prop, depth) is None


def test_a_passage_with_somebody_elses_credential_in_it_is_not_kept() -> None:
    document = a_document()
    endorsement = {
        "@context": document["@context"],
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "id": "urn:uuid:5d0ae9c2-0000-4000-8000-000000000001",
        "name": "An endorsement",
        "issuer": {"id": "https://other.example", "type": ["Profile"]},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": the_achievement(document)["id"], "type": ["EndorsementSubject"]},
    }
    the_achievement(document)["endorsement"] = [endorsement]
    assert canonize_with(document, CONTEXTS, Passages())[1] == []


def test_another_spelling_another_place_and_another_context_are_other_passages() -> None:
    document = a_document()
    passages = knowing(document)
    turned = copy.deepcopy(document)
    turned["credentialSubject"]["achievement"] = dict(reversed(the_achievement(document).items()))
    assert len(canonize_with(turned, CONTEXTS, passages)[1]) == 1
    assert len(canonize_with(document, Contexts(packaged_contexts()), passages)[1]) == 1


def test_what_is_no_json_is_walked_and_refused_as_before() -> None:
    for value in (float("inf"), float("nan"), 2**80, "\ud800", None, b"x", []):
        document = a_document()
        the_achievement(document)["creditsAvailable"] = value
        same(document, knowing(a_document()))


def test_passages_are_bounded() -> None:
    document = a_document()
    ((key, found),) = canonize_with(document, CONTEXTS, Passages())[1]
    passages = Passages()
    keys = [(number, *key[1:]) for number in range(2 * MAX_PASSAGES)]
    for one in keys:
        passages.keep([(one, found)])
        assert passages.get(keys[0]) is not None, "what is of use stays"
        assert len(passages._known) <= MAX_PASSAGES
    assert passages.get(keys[1]) is None
    passages.keep([(keys[-1], found)])
    assert len(passages._known) == MAX_PASSAGES, "what is kept anew drives nothing out"
    assert passages.get(keys[-2]) is not None
    the_achievement(document)["description"] = "x" * MAX_PASSAGE
    assert canonize_with(document, CONTEXTS, Passages())[1] == [], "one so large is not heard"


LABELS = st.permutations([f"_:c14n{number}" for number in (0, 1, 10, 11, 2)])
SUBJECTS = st.sampled_from(["<https://a.example/1>", "<https://a.example/10>", "<urn:x>"])
PREDICATES = st.sampled_from([" <urn:p> ", " <urn:p1> ", " <urn:q> "])
OBJECTS = st.sampled_from(['""', '"_"', '"é"', "<urn:o>", "<urn:o1>", '"z"@en'])


@given(
    ground=st.sets(st.tuples(SUBJECTS, PREDICATES, OBJECTS)),
    links=st.sets(
        st.tuples(
            SUBJECTS | st.integers(0, 4),
            PREDICATES,
            OBJECTS | st.integers(0, 4),
            st.none() | st.integers(0, 4) | st.just("<urn:g>"),
        )
    ),
    labels=LABELS,
)
def test_blocks_stand_in_the_order_of_their_lines_whatever_the_labels_are(ground, links, labels) -> None:
    lines = ["".join(parts) + " .\n" for parts in ground]
    said, in_blocks = Statements(), Statements()
    said.ground, in_blocks.ground = lines, blocks(lines, links)
    said.links = in_blocks.links = dict.fromkeys(links)
    assert n_quads(in_blocks, labels) == n_quads(said, labels)
    assert sorted(lines_of(in_blocks.ground)) == sorted(lines)


def test_a_graph_that_speaks_of_a_node_in_a_known_passage_is_read_as_before() -> None:
    original = a_document()
    passages = knowing(original)
    about = the_achievement(original)["id"]
    proof = {"type": "DataIntegrityProof", "id": about, "cryptosuite": "eddsa-rdfc-2022", "proofValue": "z2"}
    inner = {
        "@context": original["@context"],
        "id": about,
        "type": ["VerifiablePresentation"],
        "holder": "did:key:z6Mk",
    }
    for graph in (
        {"proof": proof},
        {"proof": [proof]},
        {"verifiableCredential": [inner]},
        {"verifiableCredential": original},
    ):
        types = [*original["type"], *(["VerifiablePresentation"] if "verifiableCredential" in graph else [])]
        after = {**copy.deepcopy(original), "type": types, **graph}
        before = {"@context": after["@context"], "type": types, **graph, **copy.deepcopy(original)}
        before["type"] = types
        assert same(after, passages)
        assert same(before, passages)


def test_a_passage_goes_with_the_contexts_that_it_holds() -> None:
    contexts, passages, document = Contexts(packaged_contexts()), Passages(), a_document()
    for _ in range(3):
        passages.keep(canonize_with(document, contexts, passages)[1])
        assert canonize_with(document, contexts, passages)[1] == []
        for number in range(MAX_REMEMBERED + 1):  # as strangers do who send every combination that there is
            contexts.remember({}, number, number)
        passages.keep(canonize_with(document, contexts, passages)[1])
        assert len(passages._known) == 1


def test_a_passage_with_little_in_it_that_becomes_much_is_not_kept() -> None:
    for length in (200, 2_000):
        document = a_document()
        the_achievement(document)["id"] = f"https://a.example/{'x' * length}"
        the_achievement(document)["tag"] = [str(number) for number in range(500)]
        assert canonize_with(document, CONTEXTS, Passages())[1] == []
        assert same(document, knowing(document))


def test_where_a_document_becomes_too_large_is_told_with_a_known_passage_too() -> None:
    document = a_document()
    passages = knowing(document)
    rest = {name: value for name, value in document.items() if name != "evidence"}
    for more in range(MAX_NODES - 40, MAX_NODES):
        evidence = [{"type": ["Evidence"], "name": str(number)} for number in range(more)]
        same({"@context": document["@context"], "evidence": evidence, **rest}, passages)


def test_of_strangers_nothing_is_kept_until_their_document_is_found_good() -> None:
    familiar, document = Familiar(), a_document()
    form = familiar.of(document, octets_of(document), CONTEXTS)
    assert familiar.of(document, octets_of(document), CONTEXTS) == form
    assert len(familiar._passages._known) == 0
    familiar.trust(b"another form")
    familiar.trust(None)
    assert len(familiar._passages._known) == 0
    familiar.trust(form)
    assert len(familiar._passages._known) == 1
    for number in range(200):
        stranger = a_document()
        the_achievement(stranger)["version"] = str(number)
        familiar.of(stranger, octets_of(stranger), CONTEXTS)
    assert len(familiar._passages._known) == 1
    assert len(familiar._passages._heard) <= 64


def test_msgspec_writes_different_values_differently() -> None:
    """On which the keys rest."""
    values = [1, 1.0, True, "1", None, "null", [], {}, "", -0.0, 0.0, 0, False]
    assert len({msgspec.json.encode(value) for value in values}) == len(values)
