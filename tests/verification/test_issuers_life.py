"""What becomes of a credential when its issuer rotates keys, revokes, lies, or vanishes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from simulator import NOW, SUITES, Desk, HttpsIssuer, KeyIssuer, Simulator, desk, octets, sign, stamp, token

from credentials.proofs import vc_jwt
from credentials.proofs.model import KeyType
from credentials.trust.model import TrustedIssuer
from credentials.verification.model import Outcome, Report, Verdict


def outcome_of(report: Report, name: str) -> str:
    return next((check.outcome.value for check in report.checks if check.name == name), "not made")


# Honest credentials


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("kind", [Simulator, HttpsIssuer], ids=["did:web", "https"])
async def test_a_credential_with_a_proof_of_any_suite_verifies(kind: type[Simulator], suite: str) -> None:
    issuer = kind()
    report = await desk(issuer).verify(issuer.issue(suite=suite))
    assert report.outcome == "accept"


@pytest.mark.parametrize("typ", ["JWT", "vc+jwt"])
@pytest.mark.parametrize("key_type", [KeyType.P256, KeyType.ED25519], ids=["ES256", "EdDSA"])
@pytest.mark.parametrize("kind", [Simulator, HttpsIssuer], ids=["did:web", "https"])
async def test_a_credential_in_a_token_verifies(kind: type[Simulator], key_type: KeyType, typ: str) -> None:
    issuer = kind()
    report = await desk(issuer).verify(issuer.issue_token(key_type=key_type, typ=typ))
    assert report.outcome == "accept"


async def test_a_credential_of_a_did_key_needs_no_network() -> None:
    issuer = KeyIssuer()
    at_desk = desk(issuer)
    issuer.vanish()
    assert (await at_desk.verify(issuer.issue())).outcome == "accept"
    assert (await at_desk.verify(issuer.issue_token(key_type=KeyType.ED25519))).outcome == "accept"
    assert issuer.asked == []


async def test_a_credential_with_an_embedded_proof_inside_a_token_needs_both_to_hold() -> None:
    issuer = Simulator()
    key, proof_key = issuer.key(KeyType.P256), issuer.key()
    signed = sign(issuer.draft(), proof_key.local, proof_key.method)
    both = token(vc_jwt.claims_of(signed), key.local, key.method)
    assert (await desk(issuer).verify(both)).outcome == "accept"
    forged = {**signed, "name": "Another name"}
    half = token(vc_jwt.claims_of(forged), key.local, key.method)
    assert (await desk(issuer).verify(half)).outcome == "reject:PROOF_VERIFICATION_ERROR"


async def test_whitespace_around_a_token_is_no_part_of_it() -> None:
    issuer = Simulator()
    assert (await desk(issuer).verify(b"\n " + issuer.issue_token() + b"\r\n")).outcome == "accept"


async def test_an_enveloped_credential_verifies_as_its_token() -> None:
    issuer = Simulator()
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": "data:application/vc+jwt," + issuer.issue_token(typ="vc+jwt").decode(),
    }
    report = await desk(issuer).verify(octets(envelope))
    assert (report.outcome, report.container, report.format) == ("accept", "envelope", "jwt")


# Keys


async def test_a_credential_signed_before_the_key_was_rotated_still_verifies() -> None:
    issuer = Simulator()
    before = issuer.issue()
    issuer.rotate()
    after = issuer.issue()
    assert (await desk(issuer).verify(before)).outcome == "accept"
    assert (await desk(issuer).verify(after)).outcome == "accept"


async def test_a_token_signed_before_the_key_was_rotated_still_verifies() -> None:
    issuer = HttpsIssuer()
    before = issuer.issue_token()
    made = issuer.rotate(KeyType.P256)
    made.method = f"{issuer.id}#new"
    assert (await desk(issuer).verify(before)).outcome == "accept"
    assert (await desk(issuer).verify(issuer.issue_token())).outcome == "accept"


async def test_a_key_that_the_issuer_no_longer_lists_signs_nothing() -> None:
    issuer = Simulator()
    signed = issuer.issue()
    del issuer.keys[0]
    assert (await desk(issuer).verify(signed)).outcome == "reject:INVALID_VERIFICATION_METHOD"


async def test_a_revoked_key_takes_all_that_it_signed_with_it_whatever_date_the_proof_gives() -> None:
    issuer = Simulator()
    signed = issuer.issue(created=NOW - timedelta(days=400))
    issuer.key().more["revoked"] = stamp(NOW - timedelta(days=1))
    assert (await desk(issuer).verify(signed)).outcome == "reject:key-revoked"
    assert (await desk(issuer, now=NOW - timedelta(days=2)).verify(signed)).outcome == "accept"


async def test_an_expired_key_is_no_key() -> None:
    issuer = Simulator()
    issuer.key().more["expires"] = stamp(NOW)
    signed = issuer.issue()
    assert (await desk(issuer).verify(signed)).outcome == "reject:key-expired"
    assert (await desk(issuer, now=NOW - timedelta(seconds=1)).verify(signed)).outcome == "accept"


async def test_a_key_for_something_else_than_assertions_signs_no_credential() -> None:
    issuer = Simulator()
    issuer.key().asserts = False
    assert (await desk(issuer).verify(issuer.issue())).outcome == "reject:INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"


async def test_a_key_document_that_does_not_answer_leaves_everything_open_and_shows_nothing() -> None:
    issuer = Simulator()
    issuer.vanish()
    report = await desk(issuer).verify(issuer.issue())
    assert report.outcome == "indeterminate:did-resolution"
    assert report.issuer is None
    assert report.credential is None
    assert report.achievement == ""


async def test_a_key_document_may_name_its_keys_relatively_and_write_them_out_under_assertion_method() -> None:
    issuer = Simulator()

    def relative(document: dict[str, Any]) -> dict[str, Any]:
        methods = [{**method, "id": "#" + method["id"].partition("#")[2]} for method in document["verificationMethod"]]
        return {"id": document["id"], "assertionMethod": methods}

    issuer.lies["did.json"] = relative
    assert (await desk(issuer).verify(issuer.issue())).outcome == "accept"


LIES = {
    "the document says that it is another's": (
        lambda document: {**document, "id": "did:web:other.example"},
        "reject:INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID",
    ),
    "the document has no id": (
        lambda document: {name: value for name, value in document.items() if name != "id"},
        "reject:INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID",
    ),
    "the document is a list": (lambda document: [document], "reject:INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"),
    "the document is an error page": (lambda document: b"<html>sorry</html>", "indeterminate:did-resolution"),
    "the document says one thing twice": (
        lambda document: b'{"id":"did:web:issuer.example","id":"did:web:issuer.example"}',
        "indeterminate:did-resolution",
    ),
    "somebody else controls the key": (
        lambda document: {
            **document,
            "verificationMethod": [
                {**method, "controller": "did:web:other.example"} for method in document["verificationMethod"]
            ],
        },
        "reject:INVALID_VERIFICATION_METHOD",
    ),
    "nobody controls the key": (
        lambda document: {
            **document,
            "verificationMethod": [
                {name: value for name, value in method.items() if name != "controller"}
                for method in document["verificationMethod"]
            ],
        },
        "reject:INVALID_VERIFICATION_METHOD",
    ),
    "two keys have the same name": (
        lambda document: {**document, "verificationMethod": document["verificationMethod"] * 2},
        "reject:INVALID_VERIFICATION_METHOD",
    ),
    "the date of a revocation is no date": (
        lambda document: {
            **document,
            "verificationMethod": [{**method, "revoked": "soon"} for method in document["verificationMethod"]],
        },
        "reject:INVALID_VERIFICATION_METHOD",
    ),
    "a private key is published": (
        lambda document: {
            **document,
            "verificationMethod": [{**method, "secretKeyMultibase": "z1"} for method in document["verificationMethod"]],
        },
        "reject:INVALID_VERIFICATION_METHOD",
    ),
    "the keys are words": (
        lambda document: {**document, "verificationMethod": "none"},
        "reject:INVALID_VERIFICATION_METHOD",
    ),
}


@pytest.mark.parametrize(("lie", "expected"), LIES.values(), ids=LIES)
async def test_a_key_document_that_does_not_hold_vouches_for_nothing(lie: Any, expected: str) -> None:
    issuer = Simulator()
    issuer.lies["did.json"] = lie
    assert (await desk(issuer).verify(issuer.issue())).outcome == expected


KEY_SETS = {
    "the key of that name is another issuer's": (
        lambda keys: {"keys": [{**key, "iss": "https://platform.example/issuers/2"} for key in keys["keys"]]},
        "reject:INVALID_VERIFICATION_METHOD",
    ),
    "two keys have that name": (lambda keys: {"keys": keys["keys"] * 2}, "reject:INVALID_VERIFICATION_METHOD"),
    "no key has that name": (lambda keys: {"keys": []}, "reject:INVALID_VERIFICATION_METHOD"),
    "the key is for encryption": (
        lambda keys: {"keys": [{**key, "use": "enc"} for key in keys["keys"]]},
        "reject:INVALID_VERIFICATION_METHOD",
    ),
    "the key set is none": (lambda keys: {"jwks": keys}, "reject:INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"),
    "the key set is an error page": (lambda keys: b"<html>", "indeterminate:did-resolution"),
}


@pytest.mark.parametrize(("lie", "expected"), KEY_SETS.values(), ids=KEY_SETS)
async def test_a_key_set_that_does_not_hold_vouches_for_nothing(lie: Any, expected: str) -> None:
    issuer = HttpsIssuer()
    issuer.lies["jwks.json"] = lie
    assert (await desk(issuer).verify(issuer.issue_token())).outcome == expected


async def test_a_key_set_may_hold_keys_of_kinds_that_we_do_not_know() -> None:
    issuer = HttpsIssuer()
    issuer.lies["jwks.json"] = lambda keys: {"keys": [{"kty": "AKP", "kid": "x"}, "?", *keys["keys"]]}
    assert (await desk(issuer).verify(issuer.issue_token())).outcome == "accept"


# Status


def with_status(issuer: Simulator, index: int = 94) -> bytes:
    return issuer.issue(issuer.draft(credentialStatus=[issuer.status(index), issuer.status(index, "suspension")]))


@pytest.mark.parametrize("kind", [Simulator, HttpsIssuer, KeyIssuer], ids=["did:web", "https", "did:key"])
async def test_a_credential_that_nobody_revoked_is_in_force(kind: type[Simulator]) -> None:
    issuer = kind()
    issuer.revoke(93)
    issuer.suspend(95)
    report = await desk(issuer).verify(with_status(issuer))
    assert report.outcome == "accept"
    assert [(status.purpose, status.value) for status in report.statuses] == [("revocation", 0), ("suspension", 0)]


async def test_a_revoked_credential_is_shown_as_revoked() -> None:
    issuer = Simulator()
    signed = with_status(issuer)
    issuer.revoke(94)
    report = await desk(issuer).verify(signed)
    assert report.outcome == "reject:credential-revoked"
    assert report.achievement == "Conferring for Agency", "it was signed, so it may be shown"
    assert [(status.purpose, status.value) for status in report.statuses] == [("revocation", 1), ("suspension", 0)]


async def test_a_suspension_that_was_lifted_leaves_no_trace() -> None:
    issuer = Simulator()
    signed = with_status(issuer)
    issuer.suspend(94)
    assert (await desk(issuer).verify(signed)).outcome == "reject:credential-suspended"
    issuer.raised["suspension"].clear()
    assert (await desk(issuer).verify(signed)).outcome == "accept"


async def test_the_list_vanishes_indeterminate_never_accepted() -> None:
    issuer = Simulator()
    issuer.gone.add("/status/revocation")
    report = await desk(issuer).verify(with_status(issuer))
    assert report.outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"
    assert outcome_of(report, "proof") == "passed"
    assert report.achievement == "Conferring for Agency"


async def test_bad_news_from_one_list_counts_though_the_other_one_has_vanished() -> None:
    issuer = Simulator()
    issuer.gone.add("/status/revocation")
    issuer.suspend(94)
    assert (await desk(issuer).verify(with_status(issuer))).outcome == "reject:credential-suspended"


async def test_a_list_of_an_issuer_with_an_id_of_https_may_be_signed_with_a_key_of_its_own_place() -> None:
    issuer = HttpsIssuer()
    signed = issuer.issue_token(issuer.draft(credentialStatus=issuer.status(94)))
    assert (await desk(issuer).verify(signed)).outcome == "accept"
    assert issuer.asked == [
        "https://platform.example/.well-known/jwks.json",
        "https://platform.example/status/revocation",
        "https://platform.example/issuers/1",
    ]


async def test_a_list_in_a_token_is_read_too() -> None:
    issuer = Simulator()
    key = issuer.key(KeyType.P256)

    def in_a_token(served: dict[str, Any]) -> bytes:
        unsigned = {name: value for name, value in served.items() if name != "proof"}
        return token(unsigned, key.local, key.method, typ="vc+jwt")

    issuer.lies["/status/revocation"] = in_a_token
    signed = with_status(issuer)
    assert (await desk(issuer).verify(signed)).outcome == "accept"
    issuer.revoke(94)
    assert (await desk(issuer).verify(signed)).outcome == "reject:credential-revoked"


def changed(**members: Any) -> Any:
    return lambda document: {**document, **members}


def changed_subject(**members: Any) -> Any:
    return lambda document: {**document, "credentialSubject": {**document["credentialSubject"], **members}}


UNRELIABLE_LISTS = {
    "it was signed for another address": ("unsigned revocation", changed(id="https://issuer.example/status/other")),
    "it is another issuer's": ("unsigned revocation", changed(issuer="did:web:other.example")),
    "it is for another purpose": ("unsigned revocation", changed_subject(statusPurpose="suspension")),
    "it is out of date": ("unsigned revocation", changed(validUntil=stamp(NOW))),
    "it is from the future": ("unsigned revocation", changed(validFrom=stamp(NOW + timedelta(minutes=2)))),
    "it was changed after it was signed": ("/status/revocation", changed(validFrom="2020-01-01T00:00:00Z")),
    "it is not signed": ("/status/revocation", lambda served: {k: v for k, v in served.items() if k != "proof"}),
    "it is a badge": ("/status/revocation", lambda served: Simulator().draft()),
    "it is not packed": ("unsigned revocation", changed_subject(encodedList="uAAAA")),
    "it uses a context that nobody knows": ("/status/revocation", changed(**{"@context": ["https://x.example"]})),
}


@pytest.mark.parametrize(("where", "lie"), UNRELIABLE_LISTS.values(), ids=UNRELIABLE_LISTS)
async def test_a_list_that_cannot_be_relied_on_vouches_for_nothing(where: str, lie: Any) -> None:
    issuer = Simulator()
    issuer.lies[where] = lie
    report = await desk(issuer).verify(with_status(issuer))
    assert report.outcome == "reject:STATUS_VERIFICATION_ERROR"


@pytest.mark.parametrize("page", [b"", b"<html></html>", b"[", b"null", b'{"a":1,"a":2}'], ids=repr)
async def test_an_error_page_in_the_place_of_the_list_says_nothing_either_way(page: bytes) -> None:
    issuer = Simulator()
    issuer.lies["/status/revocation"] = lambda served: page
    assert (await desk(issuer).verify(with_status(issuer))).outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"


# Trust


async def test_an_issuer_that_nobody_here_knows_is_not_named_and_not_trusted() -> None:
    stranger = KeyIssuer()
    report = await desk().verify(stranger.issue())
    assert report.outcome == "accept-untrusted"
    assert report.code == "issuer-not-trusted"
    assert report.issuer is not None
    assert (report.issuer.id, report.issuer.name, report.issuer.recognised) == (stranger.id, "", False)
    assert outcome_of(report, "issuer") == "unknown"


async def test_an_issuer_is_shown_by_the_name_that_the_registry_gives_it() -> None:
    issuer = Simulator()
    report = await desk(issuer).verify(issuer.issue())
    assert report.issuer is not None
    assert report.issuer.name == "The registry's name of issuer.example"
    assert "What the badge says of its issuer" not in report.summary


async def test_a_stranger_is_not_looked_up() -> None:
    stranger = Simulator("stranger.example")
    report = await desk(strangers=[stranger]).verify(with_status(stranger))
    assert report.outcome == "indeterminate:did-resolution"
    assert stranger.asked == []


async def test_the_list_of_a_stranger_is_not_looked_up_though_its_signature_is_good() -> None:
    stranger = KeyIssuer()
    report = await desk(strangers=[stranger]).verify(with_status(stranger))
    assert report.outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"
    assert stranger.asked == []


async def test_recognition_has_dates_and_those_of_the_credential_count() -> None:
    issuer = KeyIssuer()
    until = NOW - timedelta(days=10)
    entry = TrustedIssuer(id=issuer.id, name="Closed since", until=until)
    at_desk = Desk(registry=(entry,))
    before = issuer.issue(issuer.draft(validFrom=stamp(until - timedelta(days=1))))
    after = issuer.issue(issuer.draft(validFrom=stamp(until + timedelta(days=1))))
    assert (await at_desk.verify(before)).outcome == "accept"
    assert (await at_desk.verify(after)).outcome == "accept-untrusted"


# Time


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1, "accept"), (60, "accept"), (61, "reject:credential-not-yet-valid")],
    ids=["began a second ago", "begins in a minute, by a clock that is ahead", "begins in more than a minute"],
)
async def test_a_credential_begins_with_a_minute_of_grace(seconds: int, expected: str) -> None:
    issuer = KeyIssuer()
    signed = issuer.issue(issuer.draft(validFrom=stamp(NOW + timedelta(seconds=seconds))))
    assert (await desk(issuer).verify(signed)).outcome == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(1, "accept"), (0, "reject:credential-expired"), (-30, "reject:credential-expired")],
    ids=["ends in a second", "ends now", "ended within the grace that only beginnings have"],
)
async def test_a_credential_ends_without_grace(seconds: int, expected: str) -> None:
    issuer = KeyIssuer()
    signed = issuer.issue(issuer.draft(validUntil=stamp(NOW + timedelta(seconds=seconds))))
    report = await desk(issuer).verify(signed)
    assert report.outcome == expected
    assert report.achievement == "Conferring for Agency", "an expired badge may be looked at"


async def test_a_credential_of_data_model_one_has_its_own_dates() -> None:
    issuer = KeyIssuer()
    contexts = [
        "https://www.w3.org/2018/credentials/v1",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "https://w3id.org/security/data-integrity/v2",
    ]
    draft = issuer.draft(**{"@context": contexts}, validFrom=None, issuanceDate=stamp(NOW - timedelta(days=9)))
    report = await desk(issuer).verify(issuer.issue({**draft, "expirationDate": stamp(NOW)}))
    assert report.outcome == "reject:credential-expired"
    assert report.valid_from == NOW - timedelta(days=9)
    assert (await desk(issuer).verify(issuer.issue(draft))).outcome == "accept"


# Endorsements


def endorsed(issuer: Simulator, endorser: Simulator, about: str = "", **changes: Any) -> dict[str, Any]:
    """A badge of the issuer with an endorsement by the endorser, unsigned itself."""
    achievement = f"https://{issuer.host}/achievements/conferring"
    endorsement = endorser.draft(
        type=["VerifiableCredential", "EndorsementCredential"],
        name="Endorsement",
        credentialSubject={
            "id": about or achievement,
            "type": ["EndorsementSubject"],
            "endorsementComment": "We use it in every school.",
        },
        **changes,
    )
    return issuer.draft(endorsement=[json.loads(endorser.issue(endorsement))])


async def test_an_endorsement_is_verified_by_its_own_issuer() -> None:
    issuer, union = Simulator(), KeyIssuer("union.example")
    report = await desk(issuer, union).verify(issuer.issue(endorsed(issuer, union)))
    assert report.outcome == "accept"
    (endorsement,) = report.endorsements
    assert endorsement.issuer.name == "The registry's name of union.example"
    assert endorsement.comment == "We use it in every school."


async def test_an_endorsement_by_somebody_unknown_is_said_to_be_that() -> None:
    issuer, union = Simulator(), KeyIssuer("union.example")
    report = await desk(issuer).verify(issuer.issue(endorsed(issuer, union)))
    assert report.outcome == "accept"
    assert [endorsement.issuer.recognised for endorsement in report.endorsements] == [False]


async def test_an_endorsement_whose_issuer_cannot_be_reached_leaves_the_verdict_open() -> None:
    issuer, union = Simulator(), Simulator("union.example", seed=7)
    signed = issuer.issue(endorsed(issuer, union))
    union.vanish()
    assert (await desk(issuer, union).verify(signed)).outcome == "indeterminate:did-resolution"


async def test_an_endorsement_in_a_token_is_verified_too() -> None:
    issuer, union = Simulator(), Simulator("union.example", seed=7)
    endorsement = union.draft(
        type=["VerifiableCredential", "EndorsementCredential"],
        name="Endorsement",
        credentialSubject={"id": issuer.id, "type": ["EndorsementSubject"]},
    )
    good = union.issue_token(endorsement).decode()
    signed = issuer.issue(issuer.draft(endorsementJwt=[good]))
    assert (await desk(issuer, union).verify(signed)).outcome == "accept"
    head, payload, signature = good.split(".")
    bad = issuer.issue(issuer.draft(endorsementJwt=[f"{head}.{payload}.{signature[:-4]}AAAA"]))
    assert (await desk(issuer, union).verify(bad)).outcome == "reject:endorsement-invalid"


async def test_what_the_report_of_an_accepted_credential_says_of_each_check() -> None:
    issuer = Simulator()
    report = await desk(issuer).verify(with_status(issuer))
    assert [(check.name, check.outcome) for check in report.checks] == [
        (name, Outcome.PASSED) for name in ("format", "context", "model", "proof", "issuer", "time", "status")
    ]
    assert report.verdict is Verdict.ACCEPT
