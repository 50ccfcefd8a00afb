"""The contexts that come with the program say what was published, and nobody changes them unnoticed."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import rfc8785

from credentials.errors import Refused
from credentials.files import packaged_contexts, pinned_contexts
from credentials.jsonld.contexts import Contexts

FOLDER = Path(__file__).parents[2] / "contexts"
PINS = json.loads((FOLDER / "lock.json").read_bytes())["contexts"]

PUBLISHED = {
    "bitstring-status-list.json": "bitstring-status-list-v1.jsonld",
    "cid.json": "cid-v1.jsonld",
    "clr-2.0.0.json": "clr-2.0.0.json",
    "clr-2.0.1.json": "clr-2.0.1.json",
    "data-integrity-v1.json": "data-integrity-v1.jsonld",
    "data-integrity-v2.json": "data-integrity-v2.jsonld",
    "did.json": "did-v1.jsonld",
    "ed25519-2020.json": "ed25519-2020-v1.jsonld",
    "jwk.json": "jwk-v1.jsonld",
    "multikey.json": "multikey-v1.jsonld",
    "openbadges-2.0.json": "ob-v2.json",
    "openbadges-3.0.0.json": "ob-3.0.0.json",
    "openbadges-3.0.1.json": "ob-3.0.1.json",
    "openbadges-3.0.2.json": "ob-3.0.2.json",
    "openbadges-3.0.3.json": "ob-3.0.3.json",
    "openbadges-extensions.json": "ob-extensions.json",
    "status-list-2021.json": "status-list-2021-v1.jsonld",
    "vc-1.1.json": "credentials-v1.jsonld",
    "vc-2.0.json": "credentials-v2.jsonld",
}
"""Our file -> the file under ``../shared/standards/contexts``."""

each_pin = pytest.mark.parametrize("pin", PINS, ids=[pin["file"] for pin in PINS])


@each_pin
def test_a_packaged_context_is_the_published_one_in_canonical_form(pin: dict[str, str], shared: Path) -> None:
    published = (shared / "standards" / "contexts" / PUBLISHED[pin["file"]]).read_bytes()
    ours = (FOLDER / pin["file"]).read_bytes()
    assert rfc8785.dumps(json.loads(ours)) == rfc8785.dumps(json.loads(published))
    assert ours != published, "it is to be written by us, not copied"


@each_pin
def test_the_digests_in_the_lock_hold(pin: dict[str, str]) -> None:
    content = (FOLDER / pin["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == pin["sha256"]
    assert hashlib.sha256(rfc8785.dumps(json.loads(content))).hexdigest() == pin["sha256_jcs"]


@each_pin
def test_a_packaged_context_can_be_used(pin: dict[str, str]) -> None:
    contexts = Contexts(packaged_contexts())
    for address in (pin["url"], *pin["aliases"]):
        assert address in contexts
        assert contexts.initial.after(address).terms


def test_each_file_in_the_folder_is_pinned_once() -> None:
    pinned = [pin["file"] for pin in PINS]
    assert sorted(pinned) == sorted(path.name for path in FOLDER.glob("*.json") if path.name != "lock.json")
    assert sorted(pinned) == sorted(PUBLISHED)


def test_open_badges_3_0_has_the_terms_that_were_added_to_it_in_place() -> None:
    terms = (
        Contexts(packaged_contexts()).initial.after("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json").terms
    )
    assert {"jti", "endorsementJwt"} <= terms.keys()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "contexts"))


def change_one_letter(folder: Path) -> None:
    path = folder / "vc-2.0.json"
    path.write_bytes(path.read_bytes().replace(b"schema.org/name", b"schema.org/nama"))


def change_the_layout(folder: Path) -> None:
    path = folder / "vc-2.0.json"
    path.write_bytes(path.read_bytes() + b"\n")


def remove_a_file(folder: Path) -> None:
    (folder / "vc-2.0.json").unlink()


def remove_the_lock(folder: Path) -> None:
    (folder / "lock.json").unlink()


def break_the_lock(folder: Path) -> None:
    (folder / "lock.json").write_text('{"contexts": [{"url": 7}]}')


def pin_another_file_for_the_same_address(folder: Path) -> None:
    lock = json.loads((folder / "lock.json").read_bytes())
    lock["contexts"][1]["aliases"] = [lock["contexts"][0]["url"]]
    (folder / "lock.json").write_text(json.dumps(lock))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(change_one_letter, id="one letter of a context is changed"),
        pytest.param(change_the_layout, id="a context has another layout than was pinned"),
        pytest.param(remove_a_file, id="a pinned file is missing"),
        pytest.param(remove_the_lock, id="the lock is missing"),
        pytest.param(break_the_lock, id="the lock is not one"),
        pytest.param(pin_another_file_for_the_same_address, id="two files are pinned for one address"),
    ],
)
def test_contexts_that_are_not_what_was_pinned_are_refused(folder: Path, damage) -> None:
    assert pinned_contexts(folder) == packaged_contexts()
    damage(folder)
    with pytest.raises(Refused) as caught:
        pinned_contexts(folder)
    assert caught.value.code == "context-not-allowed"
