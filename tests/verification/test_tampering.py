"""Properties: whatever is changed, it shows; whatever is sent, it is answered."""

import asyncio
import json
import zlib
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulator import CONTEXTS, SUITES, Simulator, desk, stamp

from credentials.openbadges.baking import bake
from credentials.verification.model import Outcome
from credentials.verification.reading import read

ISSUER = Simulator()
DESK = desk(ISSUER)
DRAFT = ISSUER.draft(
    credentialStatus=[ISSUER.status(94), ISSUER.status(95, "suspension")],
    evidence=[
        {"id": "https://x.example/1", "type": ["Evidence"], "name": "Video"},
        {"type": ["Evidence"], "narrative": "…"},
    ],
    validUntil=stamp(ISSUER.now.replace(year=2030)),
)
TOKEN = ISSUER.issue_token(DRAFT)
PROOFS = {suite: ISSUER.issue(DRAFT, suite=suite) for suite in SUITES}


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from leaves(item, (*path, step))
    if not isinstance(value, dict | list):
        yield path


def at(document: Any, path: tuple[str | int, ...]) -> tuple[Any, str | int]:
    for step in path[:-1]:
        document = document[step]
    return document, path[-1]


@pytest.mark.parametrize("suite", SUITES)
async def test_whatever_leaf_is_changed_or_taken_away_the_credential_is_not_accepted(suite: str) -> None:
    signed = json.loads(PROOFS[suite])
    assert (await DESK.verify(signed)).outcome == "accept"
    for path in leaves(signed):
        changed, missing = deepcopy(signed), deepcopy(signed)
        place, step = at(changed, path)
        place[step] = place[step] + "x" if isinstance(place[step], str) else [place[step]]
        place, step = at(missing, path)
        del place[step]
        for document in (changed, missing):
            report = await DESK.verify(document)
            assert report.verdict not in {"accept", "accept-untrusted"}, path
            assert report.credential is None, path


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, len(TOKEN) - 1), octet=st.integers(0, 255))
def test_whatever_octet_of_a_token_is_changed_nothing_else_than_it_is_accepted(place: int, octet: int) -> None:
    changed = TOKEN[:place] + bytes([octet]) + TOKEN[place + 1 :]
    report = asyncio.run(DESK.verify(changed))
    assert report.verdict == "reject" or report.credential == DRAFT
    assert report.verdict == "reject" or changed.strip() == TOKEN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_the_place_of_a_part_there_is_an_answer_and_it_is_not_accept(data: st.DataObject) -> None:
    signed = json.loads(PROOFS["eddsa-rdfc-2022"])
    path = data.draw(st.sampled_from(sorted(leaves(signed), key=str)))
    depth = data.draw(st.integers(1, len(path)))
    place, step = at(signed, path[:depth])
    was = place[step]
    place[step] = data.draw(JSON)
    report = asyncio.run(DESK.verify(json.dumps(signed).encode()))  # surrogates, too: by their escapes
    assert report.verdict not in {"accept", "accept-untrusted"} or place[step] == was
    assert report.checks[-1].outcome is not Outcome.PASSED or place[step] == was


@settings(max_examples=300, deadline=None)
@given(presented=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_octets_are_presented_there_is_an_answer(presented: bytes) -> None:
    read_ = read(presented, CONTEXTS)
    assert read_.signed is None
    assert read_.link is not None or read_.checks[-1].outcome is Outcome.FAILED, (
        "an address is followed before it is judged"
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


PICTURES = {
    "PNG": b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b""),
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"></svg>',
}
BAKED = {kind: bake(picture, PROOFS["eddsa-rdfc-2022"]) for kind, picture in PICTURES.items()}


@pytest.mark.parametrize("kind", PICTURES)
@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, 4_000), spliced=st.binary(max_size=20))
def test_whatever_is_done_to_a_baked_picture_there_is_an_answer(kind: str, cut: int, spliced: bytes) -> None:
    baked = BAKED[kind]
    report = asyncio.run(DESK.verify(baked[:cut] + spliced + baked[cut + len(spliced) :]))
    assert report.verdict == "reject" or report.credential == DRAFT
