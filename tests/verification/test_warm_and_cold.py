"""A verifier that remembers says what one says that has never seen anything, whoever sends it whatever in whatever order; and
neither accepts what a slow one, made of other people's code, has an objection to."""

import asyncio
import copy
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from badges import SafeMode, a_document
from jsonld_mutated import mutated
from jsonld_reference import Reference
from local_keys import LocalKey, local_key
from sentences import refusal
from simulator import CONTEXT_V2, CONTEXTS, NOW, Desk, HttpsIssuer, KeyIssuer, Simulator, desk, sign, stamp
from slow_verifier import SlowVerifier

from credentials.errors import Refused
from credentials.fetch import Fetched, Unreachable
from credentials.files import packaged_contexts
from credentials.jsonld.canonize import check
from credentials.openbadges.check import read_model
from credentials.proofs import jose, vc_jwt
from credentials.proofs.enveloped import enveloped
from credentials.proofs.jwk import jwk
from credentials.proofs.model import JsonObject, KeyType
from credentials.proofs.multibase import base64url_encode
from credentials.trust.model import TrustedIssuer
from credentials.verification.model import Policy, Question, Report
from credentials.verification.service import Memory, verify

SLOW = SlowVerifier(Reference(packaged_contexts()), SafeMode(packaged_contexts()).objections)
SUITES = {
    "eddsa-rdfc-2022": KeyType.ED25519,
    "eddsa-jcs-2022": KeyType.ED25519,
    "ecdsa-rdfc-2019": KeyType.P256,
    "ecdsa-jcs-2019": KeyType.P256,
}
POLICIES = (Policy(), Policy(), Policy(fetch_unregistered=True))
NO_SIGNATURE = "The signature does not fit what it should sign."
TEXTS = (
    "é",
    "e\u0301",
    "\u2028",
    "\x7f",
    "\ufffe",
    "𐍈\uff5e",
    '{"id":"https://a.example/1"}',
    "null",
    "|",
    "\\u0041",
    "\t",
)
NUMBERS: tuple[Any, ...] = (1, 1.0, True, "1", 100.0, 1e2, 0, -0.0, 0.5, 1e-7, 2**53, 2**53 - 1, 2**64, 1e300)
"""Of which some look alike to one language or another."""


class Shelf:
    """What an issuer serves, made once until something happens. ``old``: lists that it has not made anew since."""

    def __init__(self, issuer: Simulator, old: "Shelf | None" = None) -> None:
        self.host = issuer.host
        self._issuer = issuer
        served = {} if old is None else old._served
        self._served = {url: one for url, one in served.items() if "/status/" in url}
        self.raised = dict(old.raised) if old is not None else {}
        """What a list said when it was made, by its address."""

    async def __call__(self, url: str, *, accept: str) -> Fetched:
        if url not in self._served:
            try:
                self._served[url] = await self._issuer(url, accept=accept)
                self.raised[url] = frozenset(self._issuer.raised.get(url.rpartition("/")[2], ()))
            except Unreachable as unreachable:
                self._served[url] = unreachable
        served = self._served[url]
        if isinstance(served, Unreachable):
            raise served
        return served


class World:
    """Issuers to whom things happen, people who send what they like, and one verifier with a memory."""

    def __init__(self, draw: Random) -> None:
        self.draw = draw
        self.now = NOW
        self.home = Simulator()
        self.platform = HttpsIssuer()
        self.strangers = (KeyIssuer(), Simulator("stranger.example", seed=4))
        self.recognised = {self.home.id, self.platform.id}
        self.memory = Memory()
        self.sent: list[tuple[bytes, bytes | None]] = []
        self.achievements: list[JsonObject] = []
        self.shelves = [Shelf(one) for one in self.issuers]
        self.restocked()

    @property
    def issuers(self) -> tuple[Simulator, ...]:
        return self.home, self.platform, *self.strangers

    @property
    def stalls(self) -> Iterable[tuple[Simulator, Shelf]]:
        return zip(self.issuers, self.shelves, strict=True)

    def restocked(self) -> None:
        """Everything is served anew, but perhaps the lists."""
        registry = tuple(TrustedIssuer(id=one, name="A name") for one in sorted(self.recognised))
        keep = self.draw.random() < 0.5
        self.shelves = [Shelf(one, old if keep else None) for one, old in self.stalls]
        self.desk = Desk(network=tuple(self.shelves), registry=registry)  # type: ignore[arg-type]

    def key_of(self, issuer: str, name: str | JsonObject, in_token: bool) -> LocalKey | None:
        """The key, if it is the issuer's to sign with now. The key set of an https issuer knows no ends."""
        keys = [(one, key) for one in self.issuers for key in one.keys if one.id == issuer]
        for one, key in keys:
            if name not in (key.method, jwk(key.local.public)):
                continue
            published = not isinstance(one, KeyIssuer)
            ends = [key.more[name] for name in ("revoked", "expires") if name in key.more]
            ended = not key.asserts or any(end <= stamp(self.now) for end in ends)
            ended = ended and not (one.lies or (in_token and isinstance(one, HttpsIssuer)))
            if not (published and (one.gone or ended)):
                return key.local
        return None

    async def report(
        self, presented: bytes, policy: Policy, question: Question, memory: Memory | None = None
    ) -> Report:
        return await verify(
            presented, CONTEXTS, self.desk, now=self.now, policy=policy, memory=memory, question=question
        )

    # What happens

    def event(self) -> None:
        draw = self.draw
        issuer = draw.choice((self.home, self.home, self.platform, self.strangers[1]))
        key = draw.choice(issuer.keys)
        match draw.randrange(14):
            case 0:
                issuer.rotate(draw.choice((KeyType.ED25519, KeyType.P256)))
            case 1:
                key.more["revoked"] = stamp(self.now + timedelta(days=draw.choice((-1, 1, 1, 1))))
            case 2:
                key.more["expires"] = stamp(self.now + timedelta(days=draw.choice((-1, 1, 1, 1))))
            case 3:
                key.asserts = not key.asserts
            case 4:
                issuer.revoke(draw.randrange(3))
            case 5:
                issuer.suspend(draw.randrange(3))
            case 6:
                self.recognised ^= {issuer.id}
            case 7:
                issuer.gone = {""} - issuer.gone if draw.random() < 0.5 else set()
            case 8:
                issuer.list_suite = draw.choice(tuple(SUITES))
            case 9 | 10:  # what it serves was changed by somebody's hand; or is not any more
                served = draw.choice(("did.json", "jwks.json", "/issuers/1", "/status/revocation"))
                seed = draw.randrange(10**6)
                issuer.lies = {} if issuer.lies else {served: lambda truth: mutated(Random(seed), truth)}
            case 11:  # under the old name
                key.local = local_key(key.local.public.type, draw.randrange(10**6, 10**9))
            case _:
                self.now += timedelta(days=draw.choice((1, 1, 1, 1, 1, 4000)))
        if draw.random() < 0.9:
            for one in self.issuers:
                one.list_life = (self.now - timedelta(minutes=5), self.now + timedelta(hours=1))
                one.now = self.now
        self.restocked()

    # What people send

    def draft(self, issuer: Simulator) -> JsonObject:
        draw = self.draw
        document = a_document(statuses=())
        document["issuer"]["id"] = issuer.id
        if draw.random() < 0.7:
            del document["validUntil"]
        document["id"] = f"urn:uuid:6e1f0c6a-8df8-4a1f-9d4e-{draw.randrange(10**12):012}"
        if draw.random() < 0.4:
            document["credentialStatus"] = [issuer.status(draw.randrange(3), draw.choice(("revocation", "suspension")))]
        subject = document["credentialSubject"]
        if self.achievements and draw.random() < 0.7:
            subject["achievement"] = copy.deepcopy(draw.choice(self.achievements))
        else:
            subject["achievement"].pop("creator")
        if draw.random() < 0.4:
            self.turned(document)
        if draw.random() < 0.1:
            document = mutated(draw, document)
        elif draw.random() < 0.5:
            self.achievements = [*self.achievements[-2:], copy.deepcopy(document["credentialSubject"]["achievement"])]
        return document

    def turned(self, document: JsonObject) -> None:
        """One of the things that somebody may do who hopes that one document is taken for another."""
        self.draw.choice((self.turned_inside, self.turned_outside))(
            document, document["credentialSubject"]["achievement"]
        )

    def turned_inside(self, document: JsonObject, achievement: JsonObject) -> None:
        draw = self.draw
        match draw.randrange(13):
            case 0:
                achievement["name"] = draw.choice(TEXTS)
            case 1:
                document["credentialSubject"]["achievement"] = dict(reversed(achievement.items()))
            case 2:
                achievement["creator"] = copy.deepcopy(document["issuer"])
            case 3:
                achievement["creator"] = {**document["issuer"], "name": "Another"}
            case 4:
                achievement["creator"] = {"id": draw.choice(self.issuers).id, "type": ["Profile"], "name": "Somebody"}
            case 5:
                achievement["criteria"] = {"id": achievement.get("id"), "narrative": draw.choice(TEXTS)}
            case 6:
                achievement["tag"] = draw.sample(TEXTS, 2)
            case 7:
                achievement["creditsAvailable"] = draw.choice(NUMBERS)
            case 8:
                achievement["version"] = draw.choice(NUMBERS)
            case 9:
                for description in achievement.get("resultDescription", ()):
                    description["requiredLevel"] = "urn:uuid:of-no-level"
            case _:
                self.respelt(achievement)

    def turned_outside(self, document: JsonObject, achievement: JsonObject) -> None:
        draw = self.draw
        match draw.randrange(14):
            case 0:
                document["relatedResource"] = [{"id": achievement.get("id"), "digestMultibase": f"z{'2' * 46}"}]
            case 1:
                work = {"id": draw.choice(("urn:uuid:1", document["issuer"]["id"])), "type": ["Evidence"]}
                document["evidence"] = [{**work, "name": "One"}, {**work, "name": draw.choice(("One", "Two"))}]
            case 2:
                document["credentialSubject"]["id"] = achievement.get("id")
            case 3:
                document["evidence"] = [{"type": ["Evidence"], "name": "One"}] * draw.choice((1, 2))
            case 4:
                document["@context"] = document["@context"][: draw.choice((1, 2, 3))][:: draw.choice((1, -1))]
            case 5:
                ends = ("2026-08-31T00:00:00Z", "2026-09-03T00:00:00+02:00", "2030-02-30")
                document["validUntil"] = draw.choice(ends)
            case 6:
                document["credentialSubject"]["result"][0]["achievedLevel"] = "urn:uuid:of-no-level"
            case 7:
                self.said_elsewhere(document, draw.choice(achievement.get("resultDescription") or [achievement]))
            case _:
                self.said_elsewhere(document, achievement)

    def respelt(self, node: JsonObject) -> None:
        """Another text of the same length, somewhere in it: whoever compares too little takes it for the old one."""
        while True:
            name = self.draw.choice([*node])
            value = node[name][-1] if isinstance(node[name], list) else node[name]
            if isinstance(value, dict):
                node = value
                continue
            if name in ("name", "description", "narrative", "targetName"):
                node[name] = str(value)[::-1]
            return

    def said_elsewhere(self, document: JsonObject, node: JsonObject) -> None:
        """Something of a node in the achievement, rightly or wrongly, before it or behind it."""
        name = self.draw.choice((node.get("name"), "Another"))
        rest = dict(document)
        rest.pop("evidence", None)
        said = {"evidence": [{"id": node.get("id"), "type": ["Evidence"], "name": name}]}
        document.clear()
        document.update(
            {"@context": rest.pop("@context"), **said, **rest} if self.draw.random() < 0.5 else {**rest, **said}
        )

    def spelled(self, value: object) -> bytes:
        """A JSON value in octets: mostly as anybody would write it."""
        draw, usual = self.draw, msgspec.json.encode(value)
        match draw.randrange(60):
            case 0:
                return json.dumps(value).encode()
            case 1:
                return json.dumps(value, indent=1, ensure_ascii=False).encode()
            case 2:
                return msgspec.json.encode(value, order="sorted")
            case 3:
                return usual.replace(b'"name":', draw.choice((b'"name":"Another","name":', b'"name":1,"name":')), 1)
            case 4:
                return re.sub(rb'("type":\[[^]]*\])', rb"\1,\1", usual, count=1)
            case 5:
                return re.sub(
                    rb"(?<=[:,])(\d+)(?=[,}])", draw.choice((rb"\1.0", rb"\1e0", rb"0\1", rb"\g<1>E+00")), usual
                )
            case 6:
                return usual.replace(b'"name":', b'"n\\u0061me":', 1)
            case 7:
                return usual.replace(
                    b'"name":"', b'"name":"' + draw.choice((b"\\ud800", b"\\u0000", b"\xed\xa0\x80")), 1
                )
            case 8:
                return draw.choice((b"\xef\xbb\xbf" + usual, usual[:-1], usual + b"}", usual.replace(b"a", b"\xff", 1)))
            case 9:
                return usual.replace(b"/", b"\\/")
            case _:
                return usual

    def presentation(self) -> tuple[bytes, bytes | None]:
        """What is sent; and the same with a space in it that means nothing, so that it is read with care."""
        draw = self.draw
        if self.sent and draw.random() < 0.3:
            return draw.choice(self.sent[-8:])
        if self.sent and draw.random() < 0.1:
            return self.bundle()
        issuer = draw.choice((self.home, self.home, self.home, self.home, self.platform, *self.strangers))
        by = issuer if draw.random() < 0.95 else draw.choice(self.strangers)
        document = self.draft(issuer)
        made = self.token(document, issuer, by) if draw.random() < 0.35 else self.proved(document, issuer, by)
        self.sent.append(made)
        return made

    def proved(self, document: JsonObject, issuer: Simulator, by: Simulator) -> tuple[bytes, bytes | None]:
        draw = self.draw
        signed: JsonObject = document
        try:
            for suite in draw.sample(tuple(SUITES), draw.choice((1, 1, 1, 2))):
                method = issuer.key(SUITES[suite]).method
                signed = sign(signed, by.key(SUITES[suite]).local, method, suite=suite)
        except Refused:  # nobody can sign this
            signed = {**document, "proof": sign(a_document(), by.key().local, issuer.key().method)["proof"]}
        if draw.random() < 0.15:
            signed = mutated(draw, signed)
        octets = self.spelled(signed)
        return octets, b" " + octets if octets.startswith(b"{") else None

    def token(self, document: JsonObject, issuer: Simulator, by: Simulator) -> tuple[bytes, bytes | None]:
        draw = self.draw
        key_type = draw.choice((KeyType.ED25519, KeyType.P256))
        typ = draw.choice(("JWT", "JWT", "JWT", "vc+jwt", "vc+jwt", "vp+jwt"))
        if draw.random() < 0.1:
            document = sign(a_document(), by.key().local, issuer.key().method)
        try:
            payload = vc_jwt.claims_of(document)
        except Refused:  # there is something in it that no token can have
            payload = {**document, "iss": issuer.id}
        if draw.random() < 0.2:
            claim = draw.choice(("iss", "sub", "jti", "nbf", "exp", "iat", "aud", "vc", "vp", "cnf"))
            value = draw.choice((*NUMBERS, None, issuer.id, payload.get("nbf"), float(payload.get("nbf", 0)), document))
            payload = {**payload, claim: value}
        octets = self.spelled(payload)

        header = self.header(key_type, issuer.key(key_type).method, by.key(key_type).local, typ)

        def made(body: bytes) -> bytes:
            to_sign = base64url_encode(header) + b"." + base64url_encode(body)
            return jose.compact(to_sign, by.key(key_type).local.sign(to_sign)).encode()

        plain, careful = made(octets), made(b" " + octets) if octets.startswith(b"{") else None
        if draw.random() < 0.15:
            ends = [plain.index(b".") - 1, plain.rindex(b".") - 1, len(plain) - 1]
            place = draw.choice((draw.randrange(len(plain)), *ends))
            return plain[:place] + draw.choice((b"", b"A", b"B", b"w", b".", b"=", b"\n")) + plain[place + 1 :], None
        if draw.random() < 0.15:
            return msgspec.json.encode(enveloped(plain.decode())), None
        return plain, careful

    def header(self, key_type: KeyType, method: str, by: LocalKey, typ: str) -> bytes:
        draw = self.draw
        alg = "ES256" if key_type is KeyType.P256 else "EdDSA"
        usual = {"alg": alg, "kid": method, "typ": typ}
        match draw.randrange(30):
            case 0:
                usual["alg"] = draw.choice(("none", "ES256", "EdDSA", "Ed25519", "ES384", "HS256", "es256"))
            case 1:
                return msgspec.json.encode({"alg": alg, "jwk": jwk(by.public), "typ": typ})
            case 2:
                usual[draw.choice(("crit", "b64", "cty", "jku", "x5c", "jwk"))] = draw.choice(("vc", "vp", ""))
            case 3:
                return json.dumps(usual, indent=1).encode()
            case 4:
                return msgspec.json.encode(usual).replace(b"{", b'{"alg":"none",', 1)
        return msgspec.json.encode(usual)

    def bundle(self) -> tuple[bytes, bytes | None]:
        members: list[Any] = []
        for octets, _ in self.draw.sample(self.sent, min(len(self.sent), 2)):
            try:
                members.append(json.loads(octets) if octets.startswith(b"{") else octets.decode())
            except ValueError:
                continue
        shown = {"@context": [CONTEXT_V2], "type": ["VerifiablePresentation"], "verifiableCredential": members}
        octets = json.dumps(shown).encode()
        return octets, b" " + octets


def told(report: Report) -> Any:
    """A report without what it says of the very octets."""
    checks = [msgspec.structs.replace(check, reason="") for check in report.checks]
    return msgspec.structs.replace(report, digest="", checks=checks, members=[told(one) for one in report.members])


class Sequence:
    """What one verifier was sent. ``said`` counts the verdicts, ``helped`` the good ones at a time when something was known."""

    def __init__(self) -> None:
        self.said: Counter[str] = Counter()
        self.helped = 0
        self._judged: set[tuple[bytes, Any]] = set()

    async def run(self, seed: int, steps: int) -> None:
        world = World(Random(seed))
        for step in range(steps):
            if world.draw.random() < 0.2:
                world.event()
            octets, careful = world.presentation()
            place = f"sequence {seed}, step {step}"
            policy = world.draw.choice(POLICIES)
            as_of = world.draw.choice((None, None, None, world.now - timedelta(days=world.draw.choice((1, 40, 400)))))
            asked = policy, Question(as_of=as_of)
            cold = await world.report(octets, *asked)
            known = knows(world.memory)
            warm = await world.report(octets, *asked, world.memory)
            assert warm == cold, place
            self.helped += known > 0 and cold.verdict == "accept"
            assert knows(world.memory) == known or cold.verdict == "accept", f"{place}: a stranger is remembered"
            if careful is not None:
                assert told(await world.report(careful, *asked)) == told(cold), place
            self.said[cold.verdict] += 1
            if cold.checks[-1].reason == NO_SIGNATURE:
                self._check_refused(octets, world, place)
            if cold.verdict in {"accept", "accept-untrusted"} and not cold.members and as_of is None:
                self._check(octets, cold, world, place)

    def _check_refused(self, octets: bytes, world: World, place: str) -> None:
        """For its signature: so somebody else must have an objection, too."""
        try:
            assert list(SLOW.objections(octets, world.key_of, world.now)), place
        except (LookupError, TypeError, ValueError):
            return  # it is not even read there

    def _check(self, octets: bytes, report: Report, world: World, place: str) -> None:
        assert report.credential is not None
        assert report.issuer is not None
        document, _ = SLOW.document(octets)
        unsecured = {name: value for name, value in document.items() if name != "proof"}
        assert report.credential == unsecured, place
        assert refusal(read_model, document) is None, f"{place}: the careful reader"
        assert refusal(check, unsecured, CONTEXTS) is None, f"{place}: the careful reader of JSON-LD"
        assert (report.verdict == "accept") is (report.issuer.id in world.recognised), place
        if (octets, world.now) not in self._judged:
            self._judged.add((octets, world.now))
            assert list(SLOW.objections(octets, world.key_of, world.now)) == [], place
        said = next(shelf for one, shelf in world.stalls if one.id == report.issuer.id).raised
        for entry in document.get("credentialStatus", ()):
            assert int(entry["statusListIndex"]) not in said[entry["statusListCredential"]], place


def knows(memory: Memory) -> int:
    return len(memory._achievements._known) + len(memory._familiar._passages._known)


def test_a_verifier_that_remembers_says_what_one_says_that_does_not() -> None:
    sequence = Sequence()
    for seed in range(22):
        asyncio.run(sequence.run(seed, steps=30))
    assert sequence.said["accept"] > 50
    assert sequence.said["accept-untrusted"] > 5
    assert sequence.said["reject"] > 50
    assert sequence.helped > 20


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_a_verifier_that_remembers_says_what_one_says_that_does_not_at_length(part: int) -> None:
    sequence = Sequence()
    for seed in range(1_000 + 100 * part, 1_100 + 100 * part):
        asyncio.run(sequence.run(seed, steps=60))


async def test_a_key_that_ends_is_asked_about_each_time() -> None:
    issuer, memory = Simulator(), Memory()
    issuer.key().more["expires"] = stamp(NOW + timedelta(days=1))
    said = [
        await verify(issuer.issue(), CONTEXTS, desk(issuer), now=NOW + timedelta(days=days), memory=memory)
        for days in (0, 0, 2)
    ]
    assert [report.outcome for report in said] == ["accept", "accept", "reject:key-expired"]


async def test_a_list_is_checked_anew_when_the_key_under_the_name_of_its_signature_is_another_one() -> None:
    issuer, memory = Simulator(), Memory()
    presented = issuer.issue_token(issuer.draft(credentialStatus=issuer.status(7)))
    shelf = Shelf(issuer)
    recognising = desk(issuer)
    there = replace(recognising, network=(shelf,))  # type: ignore[arg-type]
    assert (await verify(presented, CONTEXTS, there, now=NOW, memory=memory)).outcome == "accept"
    issuer.key().local = local_key(KeyType.ED25519, 999)
    there = replace(recognising, network=(Shelf(issuer, shelf),))  # type: ignore[arg-type]
    for knowing in (memory, None):
        report = await verify(presented, CONTEXTS, there, now=NOW, memory=knowing)
        assert report.outcome == "reject:STATUS_VERIFICATION_ERROR"


async def test_a_key_is_remembered_as_it_was_read() -> None:
    """One object may be a verification method to one reader and another key to the other one."""
    issuer, memory = HttpsIssuer(), Memory()
    old, new = issuer.key(), local_key(KeyType.ED25519, 999)
    both = {**issuer.did_document()["verificationMethod"][0], **jwk(new.public), "kid": old.method}
    issuer.lies = {
        "/issuers/1": lambda document: {**document, "verificationMethod": [both]},
        "jwks.json": lambda _: {"keys": [both]},
    }
    said = []
    for presented in (issuer.issue(), issuer.issue_token(key_type=KeyType.ED25519)):
        for known in (None, memory):
            report = await verify(presented, CONTEXTS, desk(issuer), now=NOW, memory=known)
            said.append(report.outcome)
    assert said == ["accept"] * 2 + ["reject:CRYPTOGRAPHIC_SECURITY_ERROR"] * 2


@pytest.mark.parametrize("number", [1.0, 100.0, 0.5, 1e-6])
async def test_a_number_is_signed_as_jcs_writes_it(number: float) -> None:
    issuer, memory = Simulator(), Memory()
    draft = issuer.draft()
    draft["credentialSubject"]["achievement"]["creditsAvailable"] = number
    presented = msgspec.json.encode(json.loads(issuer.issue(draft, suite="eddsa-jcs-2022")))

    def key_of(_issuer: str, _name: object, _in_token: bool) -> LocalKey:
        return issuer.key().local

    assert list(SLOW.objections(presented, key_of, NOW)) == []
    for _ in range(2):
        report = await verify(presented, CONTEXTS, desk(issuer), now=NOW, memory=memory)
        assert report.outcome == "accept"


async def test_two_descriptions_of_one_thing_are_refused_beside_a_known_achievement() -> None:
    issuer, memory = Simulator(), Memory()
    draft = a_document(statuses=())
    draft["issuer"]["id"] = issuer.id
    del draft["validUntil"], draft["credentialSubject"]["achievement"]["creator"]
    work = {"id": "urn:uuid:1", "type": ["Evidence"]}
    said = []
    for names in (("One", "One"), ("One", "Two")):
        evidence = [{**work, "name": name} for name in names]
        presented = json.loads(issuer.issue({**draft, "evidence": evidence}, suite="eddsa-jcs-2022"))
        for known in (None, memory):
            report = await verify(msgspec.json.encode(presented), CONTEXTS, desk(issuer), now=NOW, memory=known)
            said.append(report.outcome)
    assert knows(memory) == 1
    assert said == ["accept"] * 2 + ["reject:MALFORMED_VALUE_ERROR"] * 2


@pytest.mark.parametrize("text", ["plain", "é", "𐍈\uff5e"])
async def test_jcs_writes_a_document_with_a_known_achievement_as_without(text: str) -> None:
    issuer, memory = Simulator(), Memory()
    said = []
    for number in range(3):
        draft = a_document(statuses=())
        draft["issuer"]["id"], draft["id"] = issuer.id, f"urn:uuid:{number}"
        del draft["validUntil"], draft["credentialSubject"]["achievement"]["creator"]
        draft["credentialSubject"]["achievement"]["description"] = f"About {text}"
        draft["evidence"] = [{"type": ["Evidence"], "name": text, "narrative": f"{number} {text}"}]
        presented = json.loads(issuer.issue(draft, suite="eddsa-jcs-2022"))
        for changed in (False, True):
            if changed:
                presented["evidence"][0]["name"] = "another"
            report = await verify(msgspec.json.encode(presented), CONTEXTS, desk(issuer), now=NOW, memory=memory)
            said.append(report.outcome)
    assert knows(memory) == 1
    assert said == ["accept", "reject:PROOF_VERIFICATION_ERROR"] * 3
