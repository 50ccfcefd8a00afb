"""What the builders write is what the strictest readers ask for."""

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from badges import BASE, a_badge, a_document, an_achievement, badges
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sentences import refusal

from credentials.openbadges import build
from credentials.openbadges.check import read_model
from credentials.openbadges.lint import lint_issued
from credentials.openbadges.vcdm import BitstringStatusListCredential

ONCE = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def passes(document, strict_schema, safe_mode):
    assert strict_schema(document) == []
    assert safe_mode.objections(document) == []
    assert refusal(lint_issued, document) is None
    assert all(value not in (None, [], {}, "") for value in values(document))


def values(value):
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from values(inner)


@ONCE
@given(badges())
def test_every_badge_passes_the_strict_schema_and_safe_mode_and_our_own_lint_and_says_nothing_empty(
    strict_schema, safe_mode, badge
):
    document, octets = build.encoded(badge)
    assert document == build.achievement_credential(badge)
    assert octets == msgspec.json.encode(document)
    passes(document, strict_schema, safe_mode)


@pytest.mark.long
@settings(parent=ONCE, max_examples=3000)
@given(badges())
def test_a_great_many_badges_do(strict_schema, safe_mode, badge):
    passes(build.achievement_credential(badge), strict_schema, safe_mode)


def test_the_schema_and_safe_mode_can_object(strict_schema, safe_mode):
    document = a_document()
    assert strict_schema({**document, "type": "AchievementCredential"})
    assert strict_schema({**document, "validFrom": "yesterday"})
    assert safe_mode.objections({**document, "undefined": 1})
    assert safe_mode.objections({**document, "@context": document["@context"][:2]})


def test_a_badge_says_what_it_was_given():
    document = a_document()
    subject = document["credentialSubject"]
    achievement = subject["achievement"]
    assert document["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
    ]
    assert (document["validFrom"], document["validUntil"]) == ("2026-05-04T09:30:00Z", "2031-05-04T09:30:00Z")
    assert document["awardedDate"] == "2026-05-04T09:30:00Z"
    assert document["name"] == achievement["name"] == "Checking for understanding"
    assert achievement["achievementType"] == "MicroCredential"
    assert achievement["criteria"].keys() == {"id", "narrative"}
    assert achievement["alignment"][0]["targetType"] == "CFItem"
    description, other = achievement["resultDescription"]
    assert [level["name"] for level in description["rubricCriterionLevel"]] == [
        "Not yet",
        "Developing",
        "Demonstrated",
        "Extending",
    ]
    assert description["requiredLevel"] == description["rubricCriterionLevel"][2]["id"]
    assert [result["resultDescription"] for result in subject["result"]] == [description["id"], other["id"]]
    assert subject["result"][0]["achievedLevel"] == description["rubricCriterionLevel"][3]["id"]
    assert [identity["identityType"] for identity in subject["identifier"]] == ["name", "emailAddress"]
    assert [identity["hashed"] for identity in subject["identifier"]] == [False, True]
    assert "id" not in document["evidence"][0], "private work has no address"
    assert document["relatedResource"][0]["digestMultibase"] == "uEiCQ4iTjyPY"
    assert document["credentialStatus"][0] == {
        "id": f"{BASE}/status/revocation/1#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": f"{BASE}/status/revocation/1",
    }


def test_one_status_stands_alone_and_none_is_left_out():
    statuses = a_badge().statuses
    assert a_document(statuses=statuses[:1])["credentialStatus"]["statusPurpose"] == "revocation"
    assert "credentialStatus" not in a_document(statuses=())


def test_nobody_is_named_without_consent():
    document = a_document(recipient=replace(a_badge().recipient, name=""))
    assert "Ada" not in json.dumps(document)
    assert "ada@kestrel.example" not in json.dumps(a_document())


def test_a_moment_is_written_in_utc_and_to_the_second():
    moment = datetime(2026, 5, 4, 2, 30, 59, 999999, tzinfo=timezone(timedelta(hours=-7)))
    assert a_document(valid_from=moment)["validFrom"] == "2026-05-04T09:30:59Z"
    with pytest.raises(ValueError, match="offset"):
        a_document(awarded=datetime(2026, 5, 4))  # noqa: DTZ001 - the point of it


def test_the_same_values_make_the_same_document():
    assert json.dumps(a_document()) == json.dumps(a_document())


# Stacks


def a_stack(count=3):
    members = [
        build.Member(
            credential=f"urn:uuid:00000000-0000-4000-8000-00000000000{number}",
            digest=f"uEi{number}AxYzNkMTI",
            achievement=f"{BASE}/micro-credentials/{number}/versions/1",
            name=f"Micro-credential {number}",
        )
        for number in range(count)
    ]
    achievement = replace(an_achievement(), kind=build.STACK, rubric=(), name="Assessment for learning")
    return build.with_members(a_badge(achievement=achievement, outcomes=()), members), members


def test_a_stack_rests_on_the_awards_of_its_members_byte_for_byte():
    stack, members = a_stack()
    document = build.achievement_credential(stack)
    digests = {resource["id"]: resource["digestMultibase"] for resource in document["relatedResource"]}
    works = {work.get("id"): work["name"] for work in document["evidence"]}
    for member in members:
        assert digests[member.credential] == member.digest
        assert works[member.credential] == member.name


def test_a_stack_asks_for_the_achievements_of_its_members_and_calls_none_of_them_another_edition_of_itself():
    stack, members = a_stack()
    achievement = build.achievement_credential(stack)["credentialSubject"]["achievement"]
    asked = [one["targetUrl"] for one in achievement["alignment"] if one["targetType"] == build.STACK_MEMBER]
    assert asked == [member.achievement for member in members]
    assert achievement["achievementType"] == "ext:Stack"
    assert "related" not in achievement


def test_a_stack_passes_like_any_badge(strict_schema, safe_mode):
    passes(build.achievement_credential(a_stack()[0]), strict_schema, safe_mode)


# Status lists


@given(st.booleans(), st.none() | st.integers(0, 10**9))
def test_a_status_list_is_a_credential_of_its_own(ends, ttl):
    moment = datetime(2026, 5, 4, tzinfo=UTC)
    document = build.status_list_credential(
        build.StatusList(
            url=f"{BASE}/status/revocation/1",
            issuer="did:web:badges.alder.example:state",
            purpose="revocation",
            encoded="uH4sIAAAAAAAAA-3BMQEAAADC",
            valid_from=moment,
            valid_until=moment + timedelta(days=1) if ends else None,
            ttl=ttl,
        )
    )
    assert isinstance(read_model(document), BitstringStatusListCredential)
    lint_issued(document)
    assert document["id"] == document["credentialSubject"]["id"].partition("#")[0]
    assert ("validUntil" in document) is ends
    assert document["credentialSubject"].get("ttl") == ttl


def test_a_status_list_passes_safe_mode(safe_mode):
    status_list = build.StatusList(
        url=f"{BASE}/status/revocation/1",
        issuer="did:web:badges.alder.example:state",
        purpose="revocation",
        encoded="uH4sIAAAAAAAAA-3BMQEAAADC",
        valid_from=datetime(2026, 5, 4, tzinfo=UTC),
        ttl=60_000,
    )
    assert safe_mode.objections(build.status_list_credential(status_list)) == []
