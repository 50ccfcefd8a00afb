"""What the usual form takes, the careful readers take, and read as the same; whatever it does not take is theirs."""

from collections.abc import Iterator
from random import Random
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from badges import a_document, badges
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonld_mutated import mutated
from msgspec.structs import fields

from credentials.errors import Refused
from credentials.files import packaged_contexts
from credentials.jsonld.canonize import check
from credentials.jsonld.contexts import Contexts
from credentials.openbadges import lint, terms
from credentials.openbadges.build import achievement_credential
from credentials.openbadges.check import read_model
from credentials.openbadges.model import PROFILE_MEMBERS, AchievementCredential
from credentials.openbadges.narrowed import NEVER, USUAL, usual_class
from credentials.openbadges.usual import (
    DIGESTS,
    MAX_ACHIEVEMENTS,
    MAX_OCTETS,
    USUAL_CONTEXTS,
    Achievements,
    is_lossless,
    is_usual,
    read_octets,
    read_usual,
)

FILES = packaged_contexts()
CONTEXTS = Contexts(FILES)
VOCABULARIES = (terms.AchievementType, terms.AlignmentTargetType, terms.IdentifierType, terms.ResultType)


def plain(credential: object) -> Any:
    return msgspec.to_builtins(credential, enc_hook=str)


def is_written_by_us(document: dict[str, Any]) -> bool:
    """Whether a document is read as one that we write; then the careful look finds in it what the quick one does."""
    badge = lint.as_written(document)
    if badge is None:
        return False
    assert plain(badge) == plain(read_model(document))
    assert list(lint.faults(document, badge)) == list(lint.faults_of_badge(badge))
    return True


def taken(document: dict[str, Any]) -> bool:
    """Whether a document is usual; then all that follows from it must hold."""
    octets = msgspec.json.encode(document)
    usual = read_usual(document, octets)
    if usual is None:
        return False
    assert is_usual(usual)
    assert plain(usual) == plain(read_model(document))
    if is_lossless(document, octets, CONTEXTS):
        check({name: value for name, value in document.items() if name != "proof"}, CONTEXTS)
    return True


@settings(max_examples=25, deadline=None)
@given(badge=badges())
def test_what_the_builder_writes_reads_the_same(badge) -> None:
    taken(achievement_credential(badge))


def test_our_badges_are_usual_and_lossless() -> None:
    document = a_document()
    assert taken(document)
    assert is_written_by_us(document)
    assert is_lossless(document, msgspec.json.encode(document), CONTEXTS)


def test_a_resource_may_bind_the_achievement_and_two_that_disagree_about_it_are_looked_at_with_care() -> None:
    document = a_document()
    resource = {"id": document["credentialSubject"]["achievement"]["id"], "digestMultibase": "z" + "2" * 46}
    document["relatedResource"] = [resource]
    assert taken(document)
    assert is_lossless(document, msgspec.json.encode(document), CONTEXTS)
    document["relatedResource"] = [resource, {**resource, "digestMultibase": "z" + "3" * 46}]
    assert not is_lossless(document, msgspec.json.encode(document), CONTEXTS)
    document["relatedResource"] = [resource]
    document["evidence"] = [{"id": resource["id"], "type": ["Evidence"], "name": "Another name"}]
    assert not is_lossless(document, msgspec.json.encode(document), CONTEXTS)


def test_criteria_may_be_at_the_address_of_the_achievement_unless_they_may_disagree_with_it() -> None:
    document = a_document()
    achievement = document["credentialSubject"]["achievement"]
    achievement["criteria"] = {"id": achievement["id"], "narrative": "What was asked."}
    document["relatedResource"] = [{"id": achievement["id"], "digestMultibase": "z" + "2" * 46}]
    assert taken(document)
    assert is_lossless(document, msgspec.json.encode(document), CONTEXTS)
    achievement["criteria"]["name"] = "Another name"
    assert not is_lossless(document, msgspec.json.encode(document), CONTEXTS)
    with pytest.raises(Refused):
        check(document, CONTEXTS)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**64 - 1))
def test_a_mutant_that_is_taken_is_taken_by_all(seed: int) -> None:
    draw = Random(seed)
    document = mutated(draw, a_document())
    taken(document)
    is_written_by_us(document)


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**64 - 1))
def test_a_known_achievement_is_read_as_if_it_were_new(seed: int) -> None:
    draw = Random(seed)
    achievements = Achievements()
    for _ in range(4):
        document = mutated(draw, a_document())
        octets = msgspec.json.encode(document)
        anew, known = read_usual(document, octets), read_usual(document, octets, achievements=achievements)
        assert plain(anew) == plain(known)
        if known is not None:
            assert is_usual(known)
            achievements.trust(known.credentialSubject.achievement)
            assert plain(read_usual(document, octets, achievements=achievements)) == plain(anew)


def test_an_achievement_is_known_once_its_document_was_found_good_and_not_before() -> None:
    document = a_document()
    octets = msgspec.json.encode(document)
    achievements = Achievements()
    first = read_usual(document, octets, achievements=achievements).credentialSubject.achievement
    assert read_usual(document, octets, achievements=achievements).credentialSubject.achievement is not first
    achievements.trust(first)
    assert read_usual(document, octets, achievements=achievements).credentialSubject.achievement is first
    for number in range(MAX_ACHIEVEMENTS + 1):
        document["credentialSubject"]["achievement"]["version"] = str(number)
        read = read_usual(document, msgspec.json.encode(document), achievements=achievements)
        achievements.trust(read.credentialSubject.achievement)
        assert len(achievements._known) <= MAX_ACHIEVEMENTS


def knowing(*documents: dict[str, Any]) -> Achievements:
    achievements = Achievements()
    for document in documents:
        read = read_octets(msgspec.json.encode(document), achievements)
        assert read is not None
        achievements.trust(read.badge.credentialSubject.achievement)
    return achievements


def read_alike(octets: bytes, achievements: Achievements) -> bool:
    """With known achievements octets say what they say without, if anything."""
    anew, known = read_octets(octets), read_octets(octets, achievements)
    assert (anew is None) is (known is None)
    if anew is None or known is None:
        return False
    assert msgspec.json.encode(known.value) == octets
    assert (known.value, plain(known.badge)) == (anew.value, plain(anew.badge))
    if is_lossless(known.value, octets, CONTEXTS, known.known, known.rest):
        assert is_lossless(anew.value, octets, CONTEXTS)
    return known.known is not None


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**64 - 1))
def test_octets_with_a_known_achievement_are_read_as_if_it_were_new(seed: int) -> None:
    draw = Random(seed)
    document = a_document()
    achievements = knowing(document)
    assert read_alike(msgspec.json.encode(document), achievements)
    achievement = msgspec.json.encode(document["credentialSubject"]["achievement"])
    for _ in range(3):
        document = mutated(draw, document)
        octets = msgspec.json.encode(document)
        read_alike(octets, achievements)
        at = draw.randrange(len(octets))
        for put in (b"null", b'"achievement":' + achievement, b'"achievement":null', b"|", b"\\u0041", achievement):
            read_alike(octets[:at] + put + octets[at:], achievements)
            read_alike(octets.replace(achievement, put), achievements)


def test_a_null_is_nowhere_in_a_usual_badge_and_nowhere_in_what_we_write() -> None:
    proof = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod"}
    document = {**a_document(), "proof": [{**proof, "@context": list(USUAL_CONTEXTS), "proofValue": "z2"}]}
    achievements = Achievements()
    for _ in range(2):  # the second time, the achievement is known
        assert taken(document)
        read = read_usual(document, msgspec.json.encode(document), achievements=achievements)
        achievements.trust(read.credentialSubject.achievement)
        unused = {*AchievementCredential.__struct_fields__} - {"context", *document}
        for container, key in [*places(document), *((document, name) for name in sorted(unused))]:
            before = container.copy()
            container[key] = None
            octets = msgspec.json.encode(document)
            assert read_usual(document, octets) is None, key
            assert read_usual(document, octets, achievements=achievements) is None, key
            assert read_octets(octets, achievements) is None, key
            assert lint.as_written(document) is None, key
            container.clear()
            container.update(before) if isinstance(container, dict) else container.extend(before)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every object and array in a JSON value with each of its keys."""
    for key, item in [*(value.items() if isinstance(value, dict) else enumerate(value))]:
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


def test_a_known_achievement_in_another_place_is_no_help() -> None:
    document = a_document()
    subject = document["credentialSubject"]
    achievements = knowing(document)
    known = subject["achievement"]
    for other in (None, "x", {"id": "https://a.example"}, known):
        moved = {
            **document,
            "evidence": [{"achievement": known}],
            "credentialSubject": {**subject, "achievement": other},
        }
        first = {"evidence": moved.pop("evidence"), **moved}
        assert not read_alike(msgspec.json.encode(first), achievements)
    del subject["achievement"]
    assert not read_alike(msgspec.json.encode({"achievement": known, **document}), achievements)
    twice = msgspec.json.encode({**document, "credentialSubject": {**subject, "achievement": known}})
    for key in (b'"achievement":null,', b'"achievement":' + msgspec.json.encode(known) + b",", b'"id":"urn:x",'):
        assert not read_alike(twice.replace(b'"credentialSubject":{', b'"credentialSubject":{' + key), achievements)


def test_the_ids_in_a_known_achievement_count_with_those_around_it() -> None:
    document = a_document()
    del document["credentialSubject"]["achievement"]["creator"]
    achievements = knowing(document)
    for id_ in (document["credentialSubject"]["achievement"]["id"], "https://a.example/another"):
        document["evidence"] = [{"id": id_, "type": ["Evidence"], "name": "Another name"}]
        octets = msgspec.json.encode(document)
        read = read_octets(octets, achievements)
        assert read is not None
        assert read.known is not None
        assert is_lossless(document, octets, CONTEXTS, read.known, read.rest) is id_.endswith("another")
        assert is_lossless(document, octets, CONTEXTS) is id_.endswith("another")


def test_the_lint_says_the_same_of_a_known_achievement() -> None:
    known = lint.written()
    for change in (None, "name", "criteria", "id", "type"):
        document = a_document()
        if change:
            del document["credentialSubject"]["achievement"][change]
        for _ in range(2):
            try:
                lint.lint_issued(document, known)
                held = True
            except Refused:
                held = False
            assert held is (change is None)
    document = a_document()
    document["credentialSubject"]["result"][0]["achievedLevel"] = "https://a.example/no-level"
    with pytest.raises(Refused):
        lint.lint_issued(document, known)


def test_of_mutants_some_are_taken_and_some_are_not() -> None:
    mutants = [mutated(Random(seed), a_document()) for seed in range(200)]
    assert 3 < sum(map(is_written_by_us, mutants)) <= sum(map(taken, mutants)) < 190


@pytest.mark.long
def test_of_forty_thousand_mutants_all_that_are_taken_are_taken_by_all() -> None:
    for seed in range(40_000):
        document = mutated(Random(seed), a_document())
        taken(document)
        is_written_by_us(document)


class Filled:
    """Documents with every member that a usual class has, each with an id of its own."""

    WORD = 'é \U0001f600 "q" \\ \n'

    def __init__(self) -> None:
        self.number = 0

    def of(self, kind: type[msgspec.Struct]) -> dict[str, Any]:
        made = {}
        for field in fields(kind):
            value = self.value(field.name, field.type)
            if value is not None:
                made[field.encode_name] = value
        return made

    def value(self, name: str, hint: Any) -> Any:
        special = {
            "context": list(USUAL_CONTEXTS),
            "validFrom": "2026-01-15T09:30:00Z",
            "validUntil": "2027-01-15T09:30:00+02:00",
            "awardedDate": "2026-01-15T09:30:00.5Z",
            "identityHash": "sha256$" + "0" * 64,
            "inLanguage": "es-MX",
            "statusListIndex": "7",
            "digestMultibase": "zQmWvQxTqbG2Z9HPJgG57jjwR154cKhbtJenbyYTWkjgF3e",
            "digestSRI": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "requiredLevel": None,
            "requiredValue": None,
            "achievedLevel": None,
            "resultDescription": None,
            "proof": None,
        }
        if name in special and hint != NEVER:
            listed = name == "resultDescription" and "ResultDescription" in str(hint)
            if not listed:
                return special[name]
        return self.of_hint(hint)

    def of_hint(self, hint: Any) -> Any:
        origin = get_origin(hint)
        if hint == NEVER:
            return None
        if origin is Annotated:
            inner, meta = hint.__origin__, hint.__metadata__[0]
            for vocabulary in VOCABULARIES:
                if meta == get_args(vocabulary)[1]:
                    return "ext:one_of.ours-"
            if meta.pattern is not None and "https?" in meta.pattern:
                self.number += 1
                return f"https://a.example/{self.number}"
            return self.of_hint(inner)
        if origin is Literal:
            return get_args(hint)[0]
        if origin is tuple:
            return [self.of_hint(one) for one in get_args(hint)]
        if origin is list:
            return [self.of_hint(get_args(hint)[0])]
        if origin in {Union, type(int | str)}:
            kept = [one for one in get_args(hint) if one is not type(None)]
            lists = [one for one in kept if "list[" in str(one)]
            return self.of_hint((lists or kept[-1:])[0]) if kept else None
        if hint is str:
            return self.WORD
        if hint is bool:
            return True
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            return self.of(hint)
        return None


def test_every_member_that_is_usual_means_something_to_json_ld() -> None:
    document = Filled().of(usual_class(AchievementCredential, USUAL))
    personal = document["credentialSubject"]
    for name in set(PROFILE_MEMBERS) & personal.keys():
        assert personal.pop(name)  # only of a subject that says it is a Profile, too
    octets = msgspec.json.encode(document)
    assert len(octets) < MAX_OCTETS
    assert taken(document), "the careful readers take it, and so does the quick one"
    assert is_lossless(document, octets, CONTEXTS)
    assert {"evidence", "relatedResource", "image", "issuer", "credentialStatus"} < document.keys()


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_every_term_of_a_vocabulary_means_something_to_json_ld(vocabulary) -> None:
    pattern = get_args(vocabulary)[1].pattern
    for term in [one.replace("\\", "") for one in pattern[len(r"\A(?:") :].split("|ext:")[0].split("|")]:
        document = a_document()
        subject = document["credentialSubject"]
        described = subject["achievement"]["resultDescription"][0]
        if vocabulary is terms.AchievementType:
            subject["achievement"]["achievementType"] = term
        elif vocabulary is terms.AlignmentTargetType:
            described["alignment"] = [
                {"type": ["Alignment"], "targetName": "x", "targetUrl": "https://a.example", "targetType": term}
            ]
        elif vocabulary is terms.IdentifierType:
            subject["identifier"][0]["identityType"] = term
        else:
            described["resultType"] = term
        assert taken(document) or term == "Status", term


def test_where_two_objects_have_one_id_the_careful_reader_is_asked() -> None:
    document = a_document()
    document["credentialSubject"]["achievement"]["creator"] = {**document["issuer"], "name": "Another"}
    octets = msgspec.json.encode(document)
    assert read_usual(document, octets) is not None
    assert not is_lossless(document, octets, CONTEXTS)
    with pytest.raises(Refused):
        check(document, CONTEXTS)


def test_under_another_context_nothing_is_lossless() -> None:
    document = a_document()
    octets = msgspec.json.encode(document)
    assert all(CONTEXTS.digest(address) == digest for address, digest in DIGESTS.items())
    for address in USUAL_CONTEXTS:
        changed = Contexts({**FILES, address: FILES[address] + b" "})
        assert not is_lossless(document, octets, changed)
        assert not is_lossless(document, octets, Contexts({one: file for one, file in FILES.items() if one != address}))
