"""The parts that a running service is made of, opened from its settings."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from credentials import __version__, clock, files
from credentials.db import Database
from credentials.fetch import CachedFetch, Fetch, HttpsFetch, fetch_nothing
from credentials.files import Blobs, Fence
from credentials.ids import Ids, SystemIds
from credentials.instances.model import INTEROPERABILITY, Instances
from credentials.instances.service import Bureau
from credentials.issuing import addresses
from credentials.issuing.service import Office
from credentials.jsonld.contexts import Contexts
from credentials.mail import SendMail, SmtpMail, SpoolMail
from credentials.people.passwords import RFC_9106_LOW_MEMORY, Cost, PasswordHasher
from credentials.proofs.model import KeyType
from credentials.sealing.model import OPEN_BADGES, OPEN_BADGES_ECDSA, Means
from credentials.sealing.service import Gate
from credentials.settings import Cryptosuite, Environment, KeyStoreKind, Settings, SettingsRefused, read_kek
from credentials.trust.keystore import KEK_BYTES, LocalKeyStore
from credentials.trust.model import KeyStore
from credentials.trust.pkcs11 import Pkcs11KeyStore, load_hsm
from credentials.verification.service import Memory, life_of_list
from credentials.web.sources import Kept, OwnSources
from credentials.web.tour import Tour

Now = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything that handlers and commands work with. Tests hand in their own clock, identifiers and fetch."""

    settings: Settings
    database: Database
    blobs: Blobs
    office: Office
    bureau: Bureau
    instances: Instances | None
    contexts: Contexts
    pinned: Mapping[str, bytes]
    memory: Memory
    sources: Kept
    hasher: PasswordHasher
    send_mail: SendMail
    fetch: Fetch
    ids: Ids
    now: Now
    tour: Tour | None = None


def open_parts(
    settings: Settings,
    *,
    now: Now = clock.now,
    ids: Ids | None = None,
    fetch: Fetch | None = None,
    password_cost: Cost = RFC_9106_LOW_MEMORY,
    waits_for_disk: bool = True,
) -> AbstractAsyncContextManager[Parts]:
    """Open the parts that ``settings`` name, and close them at the end of the block. ``waits_for_disk``: see ``Database``."""
    return _open_parts(settings, now, ids or SystemIds(), fetch, password_cost, waits_for_disk)


@asynccontextmanager
async def _open_parts(
    settings: Settings, now: Now, ids: Ids, fetch: Fetch | None, password_cost: Cost, waits_for_disk: bool
) -> AsyncIterator[Parts]:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    pinned = files.all_contexts(settings.contexts_dir)
    contexts = Contexts(pinned)
    instances = _read_instances(settings)
    database = Database(settings.database, waits_for_disk=waits_for_disk)
    keystore = _open_keystore(settings, ids)
    fence = Fence(settings.fence_dir)
    gate = Gate(
        database=database,
        keystore=keystore,
        contexts=contexts,
        ids=ids,
        means=_means_of_badges(settings, keystore),
        own_means=instances.means_of_lists if instances else {},
    )
    door = HttpsFetch(f"educator-credentials/{__version__}", ports=map(int, settings.fetch_ports))
    network: Fetch = CachedFetch(door, life=lambda found: life_of_list(found.body)) if settings.fetch else fetch_nothing
    mail: SendMail = (
        SmtpMail(settings.mail_url, settings.mail_from, ids)
        if settings.mail_url
        else SpoolMail(settings.spool_dir, settings.mail_from, ids)
    )
    try:
        yield Parts(
            settings=settings,
            database=database,
            blobs=Blobs(settings.blobs_dir),
            office=Office(gate=gate, fence=fence, base_url=settings.base_url),
            bureau=Bureau(gate=gate, fence=fence, lists_url=addresses.status_list(settings.base_url, "")),
            instances=instances,
            contexts=contexts,
            pinned=pinned,
            memory=Memory(),
            sources=Kept(OwnSources(database, settings.base_url, fetch or network, pinned), database),
            hasher=PasswordHasher(password_cost, ids),
            send_mail=mail,
            fetch=fetch or network,
            ids=ids,
            now=now,
        )
    finally:
        keystore.close()
        await database.close()


def _read_instances(settings: Settings) -> Instances | None:
    """The issuer instances of the VC-API; ``None`` where it is not served. Raises ``SettingsRefused``."""
    if not settings.vc_api:
        return None
    if settings.vc_api_instances is None:
        return INTEROPERABILITY
    try:
        return msgspec.json.decode(settings.vc_api_instances.read_bytes(), type=Instances)
    except OSError as error:
        raise SettingsRefused(f"CREDENTIALS_VC_API_INSTANCES cannot be read: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise SettingsRefused(f"CREDENTIALS_VC_API_INSTANCES cannot be read: {error}") from error


def _open_keystore(settings: Settings, ids: Ids) -> KeyStore:
    if settings.key_store is KeyStoreKind.PKCS11 and settings.pkcs11_library is not None:
        return Pkcs11KeyStore(load_hsm(), settings.pkcs11_library, settings.pkcs11_token, settings.pkcs11_pin)
    return LocalKeyStore(settings.keys_dir, read_kek(_kek_file(settings)), ids)


def _means_of_badges(settings: Settings, keystore: KeyStore) -> tuple[Means, ...]:
    """How our organisations' badges are secured. Raises ``SettingsRefused`` for what the key store cannot do."""
    suite = settings.cryptosuite
    if suite is Cryptosuite.ECDSA:
        return OPEN_BADGES_ECDSA
    if KeyType.ED25519 in keystore.key_types:
        return OPEN_BADGES
    if suite is None:
        return OPEN_BADGES_ECDSA
    raise SettingsRefused("the key store has no Ed25519, so CREDENTIALS_CRYPTOSUITE must be ecdsa-rdfc-2019, or empty")


def _kek_file(settings: Settings) -> Path:
    """The key-encryption key. In development one is made in the data directory; ``settings.check`` refuses that elsewhere."""
    if settings.kek_file is not None or settings.environment is Environment.PRODUCTION:
        return settings.kek_file or settings.data_dir / "kek"
    path = settings.data_dir / "kek"
    if not path.exists():
        files.write_private(path, os.urandom(KEK_BYTES))
    return path
