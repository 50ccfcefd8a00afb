"""Two methods that came before Bitstring Status List are read when somebody presents an older badge. We issue neither."""

import base64
import gzip
from datetime import timedelta
from typing import Any

import pytest
from simulator import CONTEXT_EXTENSIONS, CONTEXT_OB, CONTEXT_V2, NOW, Simulator, desk, sign, stamp

from credentials.openbadges.build import StatusList, status_list_credential
from credentials.proofs.model import JsonObject
from credentials.status.bitstring import MIN_ENTRIES, encode_values

CONTEXT_V1 = "https://www.w3.org/2018/credentials/v1"
CONTEXT_2021 = "https://w3id.org/vc/status-list/2021/v1"
PLACE = 94


class Older(Simulator):
    """It serves ``lists``, by the ends of their addresses, signed unless they are tuples."""

    def __init__(self) -> None:
        super().__init__()
        self.lists: dict[str, Any] = {}

    def _served(self, url: str) -> object:
        for end, served in self.lists.items():
            if url.endswith(end):
                key = self.key()
                return served if "revokedCredential" in served else sign(served, key.local, key.method)
        return super()._served(url)


# StatusList2021


def list_of_2021(by: Simulator, raised: set[int], **changes: Any) -> JsonObject:
    bits = bytearray(MIN_ENTRIES // 8)
    for index in raised:
        bits[index >> 3] |= 0x80 >> (index & 7)
    subject = {
        "id": f"https://{by.host}/lists/2021#list",
        "type": "StatusList2021",
        "statusPurpose": "revocation",
        "encodedList": base64.urlsafe_b64encode(gzip.compress(bytes(bits))).rstrip(b"=").decode(),
    }
    return {
        "@context": [CONTEXT_V1, CONTEXT_2021],
        "id": f"https://{by.host}/lists/2021",
        "type": ["VerifiableCredential", "StatusList2021Credential"],
        "issuer": by.id,
        "issuanceDate": stamp(NOW - timedelta(days=1)),
        "credentialSubject": {**subject, **changes.pop("subject", {})},
        **changes,
    }


def badge_of_2021(issuer: Simulator, **changes: Any) -> bytes:
    entry = {
        "id": f"https://{issuer.host}/lists/2021#{PLACE}",
        "type": "StatusList2021Entry",
        "statusPurpose": "revocation",
        "statusListIndex": str(PLACE),
        "statusListCredential": f"https://{issuer.host}/lists/2021",
        **changes,
    }
    contexts = [CONTEXT_V2, CONTEXT_OB, CONTEXT_2021]
    return issuer.issue(issuer.draft(**{"@context": contexts}, credentialStatus=entry))


@pytest.mark.parametrize(
    ("raised", "outcome"), [({PLACE - 1, PLACE + 1}, "accept"), ({PLACE}, "reject:credential-revoked")]
)
async def test_a_list_of_2021_says_whether_a_badge_was_revoked(raised: set[int], outcome: str) -> None:
    issuer = Older()
    issuer.lists["/lists/2021"] = list_of_2021(issuer, raised)
    assert (await desk(issuer).verify(badge_of_2021(issuer))).outcome == outcome


LIES = {
    "it is for another purpose": {"subject": {"statusPurpose": "suspension"}},
    "it has another id": {"id": "https://issuer.example/lists/2022"},
    "it is another's": {"issuer": "did:web:elsewhere.example"},
    "it is out of date": {"expirationDate": stamp(NOW - timedelta(hours=1))},
    "it is not a list": {"subject": {"encodedList": "H4sI"}},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_a_list_of_2021_that_cannot_be_relied_on_takes_the_badge_with_it(lie: JsonObject) -> None:
    issuer = Older()
    issuer.lists["/lists/2021"] = list_of_2021(issuer, set(), **lie)
    report = await desk(issuer).verify(badge_of_2021(issuer))
    assert report.outcome == "reject:STATUS_VERIFICATION_ERROR"


async def test_a_list_of_one_method_is_none_of_the_other() -> None:
    issuer = Older()
    issuer.lists["/lists/2021"] = status_list_credential(
        StatusList(
            url="https://issuer.example/lists/2021",
            issuer=issuer.id,
            purpose="revocation",
            encoded=encode_values(MIN_ENTRIES, {}, 1),
            valid_from=NOW - timedelta(days=1),
        )
    )
    report = await desk(issuer).verify(badge_of_2021(issuer))
    assert report.outcome == "reject:STATUS_VERIFICATION_ERROR"


async def test_a_list_of_2021_that_does_not_answer_leaves_the_verdict_open() -> None:
    issuer = Older()
    report = await desk(issuer).verify(badge_of_2021(issuer))
    assert report.outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"


# 1EdTechRevocationList


def badge_with_a_list_of_names(issuer: Simulator) -> bytes:
    entry = {"id": f"https://{issuer.host}/lists/names", "type": "1EdTechRevocationList"}
    contexts = [CONTEXT_V2, CONTEXT_OB, CONTEXT_EXTENSIONS]
    return issuer.issue(issuer.draft(**{"@context": contexts}, credentialStatus=entry))


def names(issuer: Simulator, *lines: Any, **changes: Any) -> JsonObject:
    return {
        "id": f"https://{issuer.host}/lists/names",
        "issuer": issuer.id,
        "revokedCredential": list(lines),
        **changes,
    }


MINE = {"id": "https://issuer.example/credentials/1"}
LINES = {
    "nobody is named": ([], "accept"),
    "another is named": ([{"id": "https://issuer.example/credentials/2"}], "accept"),
    "it is named": ([MINE], "reject:credential-revoked"),
    "it is named as revoked": ([{**MINE, "revoked": True}], "reject:credential-revoked"),
    "it is named as not revoked": ([{**MINE, "revoked": False}], "accept"),
    "it is named twice": ([{**MINE, "revoked": False}, MINE], "reject:credential-revoked"),
    "a line is no object": (["https://issuer.example/credentials/2"], "reject:STATUS_VERIFICATION_ERROR"),
    "revoked is a text": ([{**MINE, "revoked": "false"}], "reject:STATUS_VERIFICATION_ERROR"),
}


@pytest.mark.parametrize(("lines", "outcome"), LINES.values(), ids=LINES)
async def test_a_list_of_names_says_whether_a_badge_was_revoked(lines: list[Any], outcome: str) -> None:
    issuer = Older()
    issuer.lists["/lists/names"] = names(issuer, *lines)
    assert (await desk(issuer).verify(badge_with_a_list_of_names(issuer))).outcome == outcome


async def test_the_reason_in_a_list_of_names_is_shown_as_the_issuers_word() -> None:
    issuer = Older()
    issuer.lists["/lists/names"] = names(issuer, {**MINE, "revocationReason": "Awarded by mistake"})
    report = await desk(issuer).verify(badge_with_a_list_of_names(issuer))
    assert [(status.purpose, status.value, status.message) for status in report.statuses] == [
        ("revocation", 1, "Awarded by mistake")
    ]


@pytest.mark.parametrize(
    "change",
    [{"issuer": "did:web:elsewhere.example"}, {"id": "https://issuer.example/lists/other"}, {"revokedCredential": {}}],
    ids=["another's", "of another address", "no list"],
)
async def test_a_list_of_names_that_is_another_is_not_relied_on(change: JsonObject) -> None:
    issuer = Older()
    issuer.lists["/lists/names"] = names(issuer) | change
    report = await desk(issuer).verify(badge_with_a_list_of_names(issuer))
    assert report.outcome == "reject:STATUS_VERIFICATION_ERROR"


async def test_a_list_of_names_that_does_not_answer_leaves_the_verdict_open() -> None:
    report = await desk(issuer := Older()).verify(badge_with_a_list_of_names(issuer))
    assert report.outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"


async def test_a_list_of_names_is_not_asked_for_a_badge_that_its_issuer_did_not_sign() -> None:
    issuer = Older()
    forged = badge_with_a_list_of_names(issuer).replace(b"Conferring for Agency", b"Conferring for Anyone")
    report = await desk(issuer).verify(forged)
    assert report.outcome == "reject:PROOF_VERIFICATION_ERROR"
    assert not any(url.endswith("/lists/names") for url in issuer.asked)


# Entries of several bits


async def test_a_message_of_two_bits_is_shown_and_takes_nothing_from_the_badge() -> None:
    issuer = Older()
    url = "https://issuer.example/lists/messages"
    issuer.lists["/lists/messages"] = status_list_credential(
        StatusList(
            url=url,
            issuer=issuer.id,
            purpose="message",
            encoded=encode_values(MIN_ENTRIES, {PLACE: 2, PLACE + 1: 3}, 2),
            valid_from=NOW - timedelta(days=1),
        )
    )
    messages = [
        {"status": f"0x{value:x}", "message": text}
        for value, text in enumerate(("in review", "accepted", "renewed", "withdrawn"))
    ]
    entry = {
        **issuer.status(PLACE, "message"),
        "id": f"{url}#{PLACE}",
        "statusListCredential": url,
        "statusSize": 2,
        "statusMessage": messages,
    }
    report = await desk(issuer).verify(issuer.issue(issuer.draft(credentialStatus=entry)))
    assert report.outcome == "accept"
    assert [(status.purpose, status.value, status.message) for status in report.statuses] == [("message", 2, "renewed")]
