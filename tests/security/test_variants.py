"""Further inputs of the families that the samples are of, invented here and made from a good one: each is refused for its
reason.

What a sample says is refused for what it does and not for its name, so its relatives are too.
"""

import base64
import copy
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hostile_world import World

from credentials.jsonld.contexts import Contexts
from credentials.verification.service import Memory, verify, verify_link

Change = Callable[[dict[str, Any]], Any]
ONE = Memory()


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    return shared / "security" / "samples"


def _written(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


async def _outcome(samples: Path, contexts: Contexts, octets: bytes) -> str:
    world = World(samples)
    report = await verify(octets, contexts, world, now=world.now, memory=ONE)
    assert world.fetched == []
    return report.outcome.partition(":")[2] or report.outcome


TEXTS: dict[str, tuple[Callable[[str], str | bytes], str]] = {
    "a member twice, once written with an escape": (lambda t: '{"\\u0069d":"urn:x",' + t[1:], "json-duplicate-key"),
    "arrays 5,000 deep": (lambda _: "[" * 5_000 + "]" * 5_000, "json-too-deep"),
    "half a character": (lambda t: '{"x":"\\ud800",' + t[1:], "PARSING_ERROR"),
    "a character without a number": (lambda t: '{"x":"\\u0000",' + t[1:], "PARSING_ERROR"),
    "a number that is infinite": (lambda t: '{"x":1E+400,' + t[1:], "json-number-out-of-range"),
    "a whole number of 20 digits": (lambda t: '{"x":12345678901234567890,' + t[1:], "json-number-out-of-range"),
    "a number that JSON has not": (lambda t: '{"x":NaN,' + t[1:], "PARSING_ERROR"),
    "a comment before it": (lambda t: "//x\n" + t, "PARSING_ERROR"),
    "another document behind it": (lambda t: t + t, "PARSING_ERROR"),
    "a byte order mark": (lambda t: "\ufeff" + t, "PARSING_ERROR"),
    "two octets for each letter": (lambda t: t.encode("utf-16-le"), "PARSING_ERROR"),
    "a letter in too many octets": (lambda t: t.encode().replace(b'"name"', b'"n\xc0\xafme"', 1), "PARSING_ERROR"),
    "space of another alphabet": (lambda t: "\xa0" + t, "PARSING_ERROR"),
    "a megabyte and more": (lambda t: '{"x":"' + "a" * (1 << 20) + '",' + t[1:], "payload-too-large"),
    "eighty thousand members": (
        lambda _: "{" + ",".join(f'"k{n}":1' for n in range(80_000)) + "}",
        "context-not-allowed",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
async def test_a_text_that_two_readers_would_read_differently_is_refused(
    name: str, samples: Path, contexts: Contexts
) -> None:
    change, code = TEXTS[name]
    text = change((samples / "accept/eddsa-rdfc-didkey.json").read_text().strip())
    assert await _outcome(samples, contexts, text.encode() if isinstance(text, str) else text) == code


def _with(**members: Any) -> Change:
    return lambda document: {**document, **members}


def _proof(**members: Any) -> Change:
    return lambda document: {**document, "proof": {**document["proof"], **members}}


def _further(context: Any) -> Change:
    return lambda document: {**document, "@context": [*document["@context"], context]}


DOCUMENTS: dict[str, tuple[Change, str]] = {
    "a context that says where words begin": (_further({"@base": "http://x.example/"}), "context-not-allowed"),
    "a context that takes any word": (_further({"@vocab": "http://x.example/"}), "context-not-allowed"),
    "a context that takes another in": (_further({"@import": "https://x.example/"}), "context-not-allowed"),
    "a context as data": (_further("data:application/json,{}"), "context-not-allowed"),
    "contexts turned around": (lambda d: {**d, "@context": d["@context"][::-1]}, "context-not-allowed"),
    "a context inside its subject": (
        lambda d: {**d, "credentialSubject": {**d["credentialSubject"], "@context": "https://x.example/"}},
        "MALFORMED_VALUE_ERROR",
    ),
    "members that are turned around": (_with(**{"@reverse": {"x": {}}}), "MALFORMED_VALUE_ERROR"),
    "a date written as an IRI": (
        _with(**{"https://www.w3.org/2018/credentials#validUntil": "2020-01-01T00:00:00Z"}),
        "MALFORMED_VALUE_ERROR",
    ),
    "a date with a prefix": (_with(**{"cred:validUntil": "2020-01-01T00:00:00Z"}), "MALFORMED_VALUE_ERROR"),
    "a date that is null": (_with(validUntil=None), "MALFORMED_VALUE_ERROR"),
    "a date in an array": (lambda d: {**d, "validFrom": [d["validFrom"]]}, "MALFORMED_VALUE_ERROR"),
    "a subject in a set": (
        lambda d: {**d, "credentialSubject": {"@set": [d["credentialSubject"]]}},
        "MALFORMED_VALUE_ERROR",
    ),
    "a subject without a name of its own": (
        lambda d: {**d, "credentialSubject": {**d["credentialSubject"], "id": "_:b0"}},
        "MALFORMED_VALUE_ERROR",
    ),
    "a type with a space": (lambda d: {**d, "type": [*d["type"], "a b"]}, "MALFORMED_VALUE_ERROR"),
    "an undefined member of an old language": (_with(__proto__={"x": 1}), "DATA_LOSS_DETECTION_ERROR"),
    "another purpose": (_proof(proofPurpose="authentication"), "PROOF_VERIFICATION_ERROR"),
    "a proof of the future": (_proof(created="2030-01-01T00:00:00Z"), "PROOF_VERIFICATION_ERROR"),
    "a proof that has run out": (_proof(expires="2020-01-01T00:00:00Z"), "PROOF_VERIFICATION_ERROR"),
    "a proof with more in it": (_proof(foo="bar"), "PROOF_VERIFICATION_ERROR"),
    "a key inside the proof": (_proof(verificationMethod={"id": "did:key:z6Mk"}), "PROOF_VERIFICATION_ERROR"),
    "a key on this machine": (_proof(verificationMethod="http://127.0.0.1/key"), "INVALID_VERIFICATION_METHOD_URL"),
    "another alphabet of the signature": (_proof(proofValue="uAAAA"), "PROOF_VERIFICATION_ERROR"),
    "another way of signing": (_proof(cryptosuite="eddsa-jcs-2022"), "PROOF_VERIFICATION_ERROR"),
    "a hundred proofs": (lambda d: {**d, "proof": [d["proof"]] * 100}, "PROOF_VERIFICATION_ERROR"),
    "a proof in a graph": (lambda d: {**d, "proof": {"@graph": [d["proof"]]}}, "MALFORMED_VALUE_ERROR"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_whose_graph_or_proof_is_not_as_it_seems_is_refused(
    name: str, samples: Path, contexts: Contexts
) -> None:
    change, code = DOCUMENTS[name]
    document = json.loads((samples / "accept/eddsa-rdfc-didkey.json").read_bytes())
    assert await _outcome(samples, contexts, _written(change(copy.deepcopy(document)))) == code


HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "no signature, in mixed letters": ({"alg": "nOnE"}, "alg-not-allowed"),
    "a shared secret": ({"alg": "HS256"}, "alg-not-allowed"),
    "another curve": ({"alg": "ES384"}, "alg-not-allowed"),
    "a list of algorithms": ({"alg": ["EdDSA"]}, "alg-not-allowed"),
    "a payload that is not encoded": ({"b64": False, "crit": ["b64"]}, "header-not-allowed"),
    "what must be understood, which is nothing": ({"crit": []}, "header-not-allowed"),
    "certificates": ({"x5c": ["AA"]}, "header-not-allowed"),
    "an address of certificates": ({"x5u": "https://127.0.0.1/"}, "header-not-allowed"),
    "a key that is a file": ({"kid": "file:///etc/passwd"}, "INVALID_VERIFICATION_METHOD_URL"),
    "a key that is a path": ({"kid": "../../../etc/passwd"}, "MALFORMED_VALUE_ERROR"),
    "a token of access": ({"typ": "at+jwt"}, "header-not-allowed"),
}


@pytest.mark.parametrize("name", HEADERS)
async def test_a_token_whose_header_says_what_it_may_not_is_refused(
    name: str, samples: Path, contexts: Contexts
) -> None:
    changes, code = HEADERS[name]
    token = (samples / "accept/jwt-eddsa-didkey.jwt").read_bytes().strip()
    head, _, rest = token.partition(b".")
    header = {**json.loads(base64.urlsafe_b64decode(head + b"==")), **changes}
    forged = base64.urlsafe_b64encode(_written(header)).rstrip(b"=") + b"." + rest
    assert await _outcome(samples, contexts, forged) == code


ADDRESSES = (
    "https://issuer.example./credentials/1", "HTTPS://issuer.example/credentials/1", "https:///issuer.example/",
    "https://[::ffff:127.0.0.1]/", "https://[2002:7f00:1::]/", "https://[fd00::1]/", "https://017700000001/",
    "https://127.0.0.1%2e/", "https://issuer.example\t/", "https://issuer.example%00.x.example/",
    "https://①②⑦.⓪.⓪.①/", "https://a..example/", "https://-a.example/", "https://issuer.example:65536/",
    "https://:pw@issuer.example/", "view-source:https://issuer.example/", "https://224.0.0.1/", "https://metadata/",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
async def test_an_address_that_hides_where_it_leads_is_not_gone_to(
    address: str, samples: Path, contexts: Contexts
) -> None:
    world = World(samples)
    assert (await verify_link(address, contexts, world, now=world.now)).outcome == "reject:url-not-allowed"
    assert (world.fetched, world.resolved) == ([], [])


async def test_a_picture_that_packs_its_badge_is_refused_before_it_is_unpacked(
    samples: Path, contexts: Contexts
) -> None:
    good = (samples / "accept/baked-json.png").read_bytes()
    for packed in (zlib.compress(b"{}"), zlib.compress(b"{" * 50_000_000)):
        data = b"iTXtopenbadgecredential\0\1\0\0\0" + packed
        chunk = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
        assert await _outcome(samples, contexts, good[:33] + chunk + good[33:]) == "baked-compressed-text"
