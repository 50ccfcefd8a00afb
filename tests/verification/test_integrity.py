"""Related resources: what is at hand is what the credential says, or it is not; what is not at hand is neither."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256, sha384, sha512
from typing import Any

import pytest
from simulator import CONTEXT_OB, CONTEXT_V2, PINNED, KeyIssuer, Simulator, desk

from credentials.errors import Refused
from credentials.proofs.multibase import multibase_base58
from credentials.verification.integrity import Integrity, check_resources, integrity_of
from credentials.verification.model import Check, Name, Outcome, Report

OCTETS = b'{"levels": 4}'
OTHER = b'{"levels": 5}'
ADDRESS = "https://alder.example/rubric.json"


def sri(octets: bytes, algorithm: Any = sha256) -> str:
    digest = algorithm(octets)
    return f"{digest.name}-{b64encode(digest.digest()).decode()}"


def u(octets: bytes) -> str:
    return "u" + urlsafe_b64encode(octets).decode().rstrip("=")


def hashed(octets: bytes) -> bytes:
    return b"\x12\x20" + sha256(octets).digest()


AT_HAND: dict[str, tuple[dict[str, Any], Integrity]] = {
    "SRI of SHA-256": ({"digestSRI": sri(OCTETS)}, Integrity.VERIFIED),
    "SRI of SHA-384": ({"digestSRI": sri(OCTETS, sha384)}, Integrity.VERIFIED),
    "SRI of SHA-512, with options": ({"digestSRI": sri(OCTETS, sha512) + "?ct=json"}, Integrity.VERIFIED),
    "SRI in the alphabet of URLs": ({"digestSRI": sri(OCTETS).replace("+", "-").replace("/", "_")}, Integrity.VERIFIED),
    "SRI without padding": ({"digestSRI": sri(OCTETS).rstrip("=")}, Integrity.VERIFIED),
    "several in one text": ({"digestSRI": f"{sri(OCTETS)} {sri(OCTETS, sha512)}"}, Integrity.VERIFIED),
    "several in a list": ({"digestSRI": [sri(OCTETS), sri(OCTETS, sha384)]}, Integrity.VERIFIED),
    "multihash in base58": ({"digestMultibase": multibase_base58(hashed(OCTETS))}, Integrity.VERIFIED),
    "multihash in base64url": ({"digestMultibase": u(hashed(OCTETS))}, Integrity.VERIFIED),
    "multihash of SHA-384": ({"digestMultibase": u(b"\x20\x30" + sha384(OCTETS).digest())}, Integrity.VERIFIED),
    "a bare digest": ({"digestMultibase": u(sha256(OCTETS).digest())}, Integrity.VERIFIED),
    "both kinds": ({"digestSRI": sri(OCTETS), "digestMultibase": [u(hashed(OCTETS))]}, Integrity.VERIFIED),
    "one that is not understood beside one that is": (
        {"digestSRI": sri(OCTETS), "digestMultibase": "mSGVsbG8"},
        Integrity.VERIFIED,
    ),
    "another SRI": ({"digestSRI": sri(OTHER)}, Integrity.DIFFERS),
    "another multihash": ({"digestMultibase": multibase_base58(hashed(OTHER))}, Integrity.DIFFERS),
    "another bare digest": ({"digestMultibase": u(sha256(OTHER).digest())}, Integrity.DIFFERS),
    "a good digest and a bad one": ({"digestSRI": sri(OCTETS), "digestMultibase": u(hashed(OTHER))}, Integrity.DIFFERS),
    "an algorithm that is not understood": ({"digestSRI": "md5-rL0Y20zC+Fzt72VPzMSk2A=="}, Integrity.NOT_CHECKED),
    "the digest of another algorithm": ({"digestSRI": "sha512-" + sri(OCTETS)[7:]}, Integrity.DIFFERS),
    "hexadecimal digits": ({"digestSRI": "sha256-" + sha256(OCTETS).hexdigest()}, Integrity.DIFFERS),
    "characters that are no octets": ({"digestSRI": "sha256-AAAAA"}, Integrity.DIFFERS),
    "a base that is not understood": ({"digestMultibase": "f" + sha256(OCTETS).hexdigest()}, Integrity.NOT_CHECKED),
    "octets of no digest's length": ({"digestMultibase": u(b"short")}, Integrity.NOT_CHECKED),
    "no digest": ({}, Integrity.NOT_CHECKED),
}


@pytest.mark.parametrize("what", AT_HAND)
def test_every_digest_that_is_understood_must_agree(what: str) -> None:
    digests, expected = AT_HAND[what]
    assert integrity_of({"id": ADDRESS, **digests}, OCTETS) is expected
    assert integrity_of({"id": ADDRESS, **digests}, None) is Integrity.NOT_CHECKED


def test_what_is_not_at_hand_is_never_counted_as_verified() -> None:
    at_hand = {ADDRESS: OCTETS}.get
    bound = [{"id": ADDRESS, "digestSRI": sri(OCTETS)}, {"id": "https://alder.example/other", "digestSRI": sri(OTHER)}]
    assert check_resources({}, at_hand) == (0, 0)
    assert check_resources({"relatedResource": bound[0]}, at_hand) == (1, 1)
    assert check_resources({"relatedResource": bound}, at_hand) == (1, 2)
    assert check_resources({"relatedResource": ["form", {"id": 5}, {}]}, at_hand) == (0, 3)


@pytest.mark.parametrize(("several", "place"), [(False, "/relatedResource"), (True, "/relatedResource/0")])
def test_what_differs_is_refused_at_its_place(several: bool, place: str) -> None:
    wrong = {"id": ADDRESS, "digestSRI": sri(OTHER)}
    with pytest.raises(Refused) as refused:
        check_resources({"relatedResource": [wrong] if several else wrong}, {ADDRESS: OCTETS}.get)
    assert (refused.value.code, refused.value.pointer) == ("related-resource-differs", place)


# What the report says

CONTEXT = {"id": CONTEXT_V2, "digestSRI": sri(PINNED[CONTEXT_V2])}
LONGER = {"id": CONTEXT_OB, "digestMultibase": u(b"\x20\x30" + sha384(PINNED[CONTEXT_OB]).digest())}
WRONG = {"id": CONTEXT_V2, "digestSRI": sri(OTHER, sha384)}
UNREAD = {"id": CONTEXT_V2, "digestMultibase": "mSGVsbG8"}
ELSEWHERE = {"id": ADDRESS, "digestSRI": sri(OCTETS)}

SIGNINGS: dict[str, Callable[[Simulator, dict[str, Any]], bytes]] = {
    "eddsa-rdfc-2022": lambda issuer, draft: issuer.issue(draft),
    "eddsa-jcs-2022": lambda issuer, draft: issuer.issue(draft, suite="eddsa-jcs-2022"),
    "a token": lambda issuer, draft: issuer.issue_token(draft),
}

BOUND: dict[str, tuple[Any, Outcome, str]] = {
    "a pinned context": (CONTEXT, Outcome.PASSED, "accept"),
    "two, by other algorithms": ([CONTEXT, LONGER], Outcome.PASSED, "accept"),
    "something that is elsewhere": (ELSEWHERE, Outcome.UNKNOWN, "accept"),
    "a pinned context and something elsewhere": ([CONTEXT, ELSEWHERE], Outcome.UNKNOWN, "accept"),
    "a pinned context by a digest that is not read here": (UNREAD, Outcome.UNKNOWN, "accept"),
    "a pinned context by the digest of another": (WRONG, Outcome.FAILED, "reject:related-resource-differs"),
    "one that differs behind one that is elsewhere": (
        [ELSEWHERE, WRONG],
        Outcome.FAILED,
        "reject:related-resource-differs",
    ),
}


def of_resources(report: Report) -> Check | None:
    return next((check for check in report.checks if check.name is Name.RESOURCES), None)


@pytest.mark.parametrize("how", SIGNINGS)
@pytest.mark.parametrize("what", BOUND)
async def test_a_credential_that_binds_resources_is_told_about_them_and_nothing_is_fetched(what: str, how: str) -> None:
    resources, outcome, verdict = BOUND[what]
    issuer = Simulator()
    report = await desk(issuer).verify(SIGNINGS[how](issuer, issuer.draft(relatedResource=resources)))
    found = of_resources(report)
    assert found is not None
    assert (found.outcome, report.outcome) == (outcome, verdict)
    assert found.code == {
        Outcome.PASSED: "",
        Outcome.FAILED: "related-resource-differs",
        Outcome.UNKNOWN: "related-resource-not-checked",
    }[outcome]  # fmt: skip
    assert issuer.asked == ["https://issuer.example/.well-known/did.json"]


async def test_it_is_said_how_many_were_not_compared_and_where_one_differs() -> None:
    issuer = Simulator()
    open_ = of_resources(await desk(issuer).verify(issuer.issue(issuer.draft(relatedResource=[CONTEXT, ELSEWHERE]))))
    assert open_ is not None
    assert open_.reason.startswith("1 of 2 related resources")
    wrong = of_resources(await desk(issuer).verify(issuer.issue(issuer.draft(relatedResource=[ELSEWHERE, WRONG]))))
    assert wrong is not None
    assert (wrong.pointer, CONTEXT_V2 in wrong.reason) == ("/relatedResource/1", True)


async def test_a_credential_that_binds_nothing_is_told_nothing_about_it() -> None:
    issuer = Simulator()
    assert of_resources(await desk(issuer).verify(issuer.issue())) is None


async def test_what_no_good_signature_covers_is_not_compared() -> None:
    issuer = Simulator()
    signed = json.loads(issuer.issue()) | {"relatedResource": CONTEXT}
    report = await desk(issuer).verify(signed)
    assert (report.outcome, of_resources(report)) == ("reject:PROOF_VERIFICATION_ERROR", None)


async def test_one_that_differs_is_refused_though_nobody_knows_the_issuer_and_one_elsewhere_makes_nobody_known() -> (
    None
):
    issuer = KeyIssuer()
    for resource, outcome in ((WRONG, "reject:related-resource-differs"), (ELSEWHERE, "accept-untrusted")):
        presented = issuer.issue(issuer.draft(relatedResource=resource))
        assert (await desk(strangers=[issuer]).verify(presented)).outcome == outcome


@pytest.mark.parametrize(
    ("resource", "outcome"), [(ELSEWHERE, "accept"), (CONTEXT, "accept"), (WRONG, "reject:endorsement-invalid")]
)
async def test_an_endorsement_that_binds_what_differs_takes_the_credential_with_it(
    resource: dict[str, Any], outcome: str
) -> None:
    issuer, union = Simulator(), KeyIssuer("union.example", seed=9)
    subject = {"id": issuer.id, "type": ["EndorsementSubject"]}
    types = ["VerifiableCredential", "EndorsementCredential"]
    draft = union.draft(type=types, name="E", credentialSubject=subject, relatedResource=resource)
    endorsed = issuer.issue(issuer.draft(endorsement=[json.loads(union.issue(draft))]))
    assert (await desk(issuer, union).verify(endorsed)).outcome == outcome


MALFORMED: dict[str, Any] = {
    "an address alone": ADDRESS,
    "a list of addresses": [ADDRESS],
    "nothing in a list": [],
    "no id": {"digestSRI": sri(OCTETS)},
    "an id that is no address": {**ELSEWHERE, "id": "rubric.json"},
    "no digest": {"id": ADDRESS},
    "two of one id": [ELSEWHERE, {**ELSEWHERE, "digestSRI": sri(OTHER)}],
    "a digest that is a number": {"id": ADDRESS, "digestSRI": 7},
    "an algorithm that Subresource Integrity does not have": {
        "id": ADDRESS,
        "digestSRI": "md5-rL0Y20zC+Fzt72VPzMSk2A==",
    },
    "an algorithm beside a good one": {"id": ADDRESS, "digestSRI": f"{sri(OCTETS)} sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
    "a digest without an algorithm": {"id": ADDRESS, "digestSRI": sri(OCTETS).partition("-")[2]},
    "an empty digest": {"id": ADDRESS, "digestSRI": ""},
    "a space for a digest": {"id": ADDRESS, "digestSRI": " "},
    "a multibase of one character": {"id": ADDRESS, "digestMultibase": "z"},
}


@pytest.mark.parametrize("what", MALFORMED)
async def test_a_related_resource_that_is_none_makes_the_credential_malformed(what: str) -> None:
    issuer = Simulator()
    report = await desk(issuer).verify(issuer.issue_token(issuer.draft(relatedResource=MALFORMED[what])))
    assert report.outcome == "reject:MALFORMED_VALUE_ERROR"
    check = report.checks[-1]
    assert (check.name, check.pointer.split("/")[:2]) == (Name.MODEL, ["", "relatedResource"])
