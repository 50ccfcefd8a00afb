"""Keys in an HSM: made there, used there, and never seen by us. Tried with Debian's SoftHSM2."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
import soft_hsm

from credentials.proofs.keys import check_signature
from credentials.proofs.model import KeyType
from credentials.proofs.multikey import key_of_multikey, multikey
from credentials.settings import Environment, KeyStoreKind, Settings, SettingsRefused, check, described
from credentials.trust.model import KeyState, KeyStoreUnreadable, SigningKey
from credentials.trust.pkcs11 import Pkcs11KeyStore, load_hsm

TYPES = (KeyType.ED25519, KeyType.P256, KeyType.P384)


@pytest.fixture
def store(hsm_token: soft_hsm.Token) -> Iterator[Pkcs11KeyStore]:
    opened = Pkcs11KeyStore(load_hsm(), hsm_token.library, hsm_token.label, hsm_token.pin)
    yield opened
    opened.close()


def made(store: Pkcs11KeyStore, key_type: KeyType, now: datetime) -> SigningKey:
    key_id = f"key-{secrets.token_hex(6)}"
    return SigningKey(
        id=key_id,
        owner="alder",
        did="did:web:alder.test",
        key_type=key_type,
        multikey=multikey(store.create(key_id, key_type)),
        state=KeyState.ACTIVE,
        created_at=now,
    )


def test_the_token_says_which_keys_it_can_make(store: Pkcs11KeyStore) -> None:
    assert store.key_types == frozenset(TYPES)


@pytest.mark.parametrize("key_type", TYPES)
async def test_what_the_token_signs_verifies_with_the_key_that_it_gave_out(
    store: Pkcs11KeyStore, now: datetime, key_type: KeyType
) -> None:
    key = made(store, key_type, now)
    signer = store.signer(key)
    assert signer.key_type is key_type
    for message in (b"", b"a badge", b"a badge" * 10_000):
        check_signature(key_of_multikey(key.multikey), await signer.sign(message), message, code="x")


async def test_a_key_is_found_again_by_a_program_that_starts_anew(
    store: Pkcs11KeyStore, hsm_token: soft_hsm.Token, now: datetime
) -> None:
    key = made(store, KeyType.P256, now)
    store.close()
    again = Pkcs11KeyStore(load_hsm(), hsm_token.library, hsm_token.label, hsm_token.pin)
    try:
        check_signature(key_of_multikey(key.multikey), await again.signer(key).sign(b"x"), b"x", code="x")
    finally:
        again.close()


def test_a_key_that_was_made_and_never_published_is_forgotten(store: Pkcs11KeyStore, now: datetime) -> None:
    key = made(store, KeyType.P256, now)
    store.discard(key.id)
    with pytest.raises(KeyStoreUnreadable, match="0 private keys"):
        store.signer(key)


def test_an_id_is_used_for_one_key(store: Pkcs11KeyStore, now: datetime) -> None:
    key = made(store, KeyType.ED25519, now)
    with pytest.raises(FileExistsError):
        store.create(key.id, KeyType.ED25519)


def test_the_private_key_cannot_be_taken_out(store: Pkcs11KeyStore, hsm_token: soft_hsm.Token, now: datetime) -> None:
    key = made(store, KeyType.P256, now)
    store.close()
    hsm = load_hsm()
    token = hsm.lib(str(hsm_token.library)).get_token(token_label=hsm_token.label)
    with token.open(user_pin=hsm_token.pin) as session:
        wanted = {hsm.Attribute.LABEL: key.id, hsm.Attribute.CLASS: hsm.ObjectClass.PRIVATE_KEY}
        (private,) = session.get_objects(wanted)
        assert private[hsm.Attribute.EXTRACTABLE] is False
        with pytest.raises(hsm.PKCS11Error):
            private[hsm.Attribute.VALUE]


@pytest.mark.parametrize("changed", [{"pin": "0000"}, {"label": "another"}, {"library": Path("/nowhere.so")}])
def test_a_token_that_cannot_be_used_is_an_answer_without_its_pin(
    hsm_token: soft_hsm.Token, changed: dict[str, object]
) -> None:
    told = {"library": hsm_token.library, "label": hsm_token.label, "pin": hsm_token.pin, **changed}
    store = Pkcs11KeyStore(load_hsm(), told["library"], told["label"], told["pin"])
    with pytest.raises(KeyStoreUnreadable) as raised:
        store.create("key", KeyType.P256)
    assert "CREDENTIALS_PKCS11_LIBRARY" in raised.value.detail
    assert told["pin"] not in raised.value.detail


async def test_after_a_failure_the_token_is_opened_anew(store: Pkcs11KeyStore, now: datetime) -> None:
    key = made(store, KeyType.P256, now)
    signer = store.signer(key)
    lost = msgspec.structs.replace(key, id="lost")
    with pytest.raises(KeyStoreUnreadable):
        store.signer(lost)
    store.close()
    check_signature(key_of_multikey(key.multikey), await signer.sign(b"x"), b"x", code="x")


def test_settings_that_name_no_token_are_refused_and_the_pin_is_struck_out(tmp_path: Path) -> None:
    found = Settings(
        environment=Environment.DEVELOPMENT, data_dir=tmp_path, keys_dir=tmp_path, key_store=KeyStoreKind.PKCS11
    )
    with pytest.raises(SettingsRefused) as raised:
        check(found)
    assert {fault.pointer for fault in raised.value.faults} == {"pkcs11_library", "pkcs11_token", "pkcs11_pin"}
    told = msgspec.structs.replace(found, pkcs11_library=Path("/x.so"), pkcs11_token="t", pkcs11_pin="4321")
    check(told)
    assert ("CREDENTIALS_PKCS11_PIN", "***") in [(name, value) for name, value, _ in described(told)]
    assert "4321" not in str(described(told))
