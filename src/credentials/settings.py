"""Configuration, read once from the environment and handed down as values.

Every setting is ``CREDENTIALS_<NAME>``; ``CREDENTIALS_<NAME>_FILE`` names a file that holds the value, for secrets. Each is
described where it stands; ``credentials config`` prints them all with their effective values.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, get_args, get_type_hints
from urllib.parse import urlsplit

import msgspec

from credentials.errors import Fault, Malformed


class Environment(StrEnum):
    PRODUCTION = "production"
    DEVELOPMENT = "development"


class KeyStoreKind(StrEnum):
    LOCAL = "local"
    PKCS11 = "pkcs11"


class Cryptosuite(StrEnum):
    """What our organisations' badges are signed with, beside the VC-JWT in ES256."""

    EDDSA = "eddsa-rdfc-2022"
    ECDSA = "ecdsa-rdfc-2019"


class SettingsRefused(Malformed):
    code = "settings-refused"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    environment: Annotated[
        Environment, "`production` refuses what is only right on a developer's machine; `development` does not"
    ] = Environment.PRODUCTION
    base_url: Annotated[
        str, "The address under which people and other machines reach the service. It stands in every credential"
    ] = "http://localhost:8000"
    data_dir: Annotated[Path, "Where the database (SQLite), files and spooled mail live"]
    database_url: Annotated[str, "`sqlite:///…` or `postgresql://…`; empty: SQLite in the data directory"] = ""
    keys_dir: Annotated[Path, "Where the encrypted signing keys live"]
    kek_file: Annotated[
        Path | None, "File with the key-encryption key: 32 bytes, or 64 hexadecimal digits. Keep it apart from the keys"
    ] = None
    key_store: Annotated[
        KeyStoreKind, "Where signing keys are made and used: `local` (encrypted files) or `pkcs11` (an HSM)"
    ] = KeyStoreKind.LOCAL
    pkcs11_library: Annotated[Path | None, "The PKCS #11 library of the HSM's vendor"] = None
    pkcs11_token: Annotated[str, "Label of the token that holds the keys"] = ""
    pkcs11_pin: Annotated[str, "PIN of the token's user. Give it as a file"] = ""
    cryptosuite: Annotated[
        Cryptosuite | None,
        "How badges are signed: `eddsa-rdfc-2022` (Ed25519) or `ecdsa-rdfc-2019` (P-256); empty: the first one, or the "
        "second where the key store has no Ed25519",
    ] = None
    contexts_dir: Annotated[
        Path | None, "Folder of further JSON-LD contexts that are accepted: files, and a lock.json with their digests"
    ] = None
    vc_api: Annotated[bool, "Whether the VC-API is served under /vc-api: issuing for other programs, and verifying"] = (
        False
    )
    vc_api_instances: Annotated[
        Path | None,
        "File with the issuer instances of the VC-API (JSON); empty: one for each cryptosuite and type of key, each with a "
        "did:key of its own",
    ] = None
    vc_api_open: Annotated[
        bool, "Whether anybody may issue through the VC-API, without a token. For tests of interoperability"
    ] = False
    mail_url: Annotated[str, "`smtp://user:password@host:587` or `smtps://…`; empty: mail goes to the spool folder"] = (
        ""
    )
    mail_from: Annotated[str, "Sender of all mail"] = "Micro-credentials <no-reply@localhost>"
    max_upload_bytes: Annotated[int, "Largest file of evidence"] = 250 << 20
    trusted_proxies: Annotated[
        tuple[str, ...], "Addresses of reverse proxies whose X-Forwarded-For is believed, separated by commas"
    ] = ()
    verify_per_minute: Annotated[int, "How many verifications one network address may ask for in a minute"] = 120
    fetch: Annotated[
        bool, "Whether status lists and key documents of recognised issuers are fetched from the network"
    ] = True
    link_hosts: Annotated[
        tuple[str, ...],
        "Hosts that an address which is presented may lead to, separated by commas; `*`: every public one",
    ] = ("*",)
    badge_hosts: Annotated[
        tuple[str, ...],
        "Hosts whose documents of Open Badges 2.0 are fetched besides those of recognised issuers, separated by commas; "
        "`*`: every public one",
    ] = ()
    refresh: Annotated[
        bool, "Whether a newer edition is asked for where a credential of a recognised issuer says where it may be had"
    ] = False
    fetch_ports: Annotated[
        tuple[str, ...], "Ports of other machines that are asked, separated by commas; 443 alone in production"
    ] = ("443",)
    fetch_unregistered: Annotated[
        bool, "Whether key documents and status lists of issuers that nobody here recognises are fetched, too"
    ] = False

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'credentials.sqlite3'}"

    @property
    def blobs_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def fence_dir(self) -> Path:
        """Beside the keys, not the database: a backup of the one is not a backup of the other."""
        return self.keys_dir / "fence"

    @property
    def spool_dir(self) -> Path:
        return self.data_dir / "mail"


_PREFIX = "CREDENTIALS_"
_SECRETS = frozenset({"pkcs11_pin"})
"""Settings that are nothing but a secret."""
_SECRET = re.compile(r"(://[^:/?#@]*:)\S*(?=@)|(password=)[^&\s]+")
"""The password in an address, to its last ``@``: better too much is struck out than too little."""


def from_environment(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """The settings of this process. ``overrides`` come from the command line. Raises ``SettingsRefused`` with every fault."""
    found = os.environ if environment is None else environment
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    known = {_variable(name) for name in fields}
    faults = [
        Fault(f"there is no setting {name}", name, "unknown-setting")
        for name in sorted(found)
        if name.startswith(_PREFIX) and name not in known and name.removesuffix("_FILE") not in known
    ]
    values: dict[str, object] = {}
    for name in fields:
        variable = _variable(name)
        if found.get(variable):  # an empty one is as good as none
            values[name] = found[variable]
        elif (file := found.get(f"{variable}_FILE")) and f"{variable}_FILE" not in known:
            try:
                values[name] = Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                faults.append(
                    Fault(f"the file {file} cannot be read: {error.strerror}", f"{variable}_FILE", "unreadable")
                )
            except UnicodeDecodeError:
                faults.append(Fault(f"the file {file} is not text", f"{variable}_FILE", "unreadable"))
    values |= {name: value for name, value in overrides.items() if value is not None}
    data_dir = Path(str(values.get("data_dir") or _default_data_dir(found)))
    values.setdefault("data_dir", data_dir)
    values.setdefault("keys_dir", _default_keys_dir(data_dir))
    for name in ("trusted_proxies", "fetch_ports", "link_hosts", "badge_hosts"):
        if isinstance(listed := values.get(name), str):
            values[name] = tuple(part.strip() for part in listed.split(",") if part.strip())
    for name, value in values.items():
        try:
            values[name] = msgspec.convert(value, fields[name].type, strict=False, dec_hook=_decode)
        except msgspec.ValidationError as error:
            faults.append(Fault(f"{_variable(name)} cannot be read: {error}", _variable(name), "unreadable"))
    _refuse(faults)
    settings = Settings(**values)  # type: ignore[arg-type]  # each was converted to its field's type
    return msgspec.structs.replace(settings, base_url=settings.base_url.rstrip("/"))


def _variable(name: str) -> str:
    return f"{_PREFIX}{name.upper()}"


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise SettingsRefused("; ".join(fault.detail for fault in faults), faults=tuple(faults))


def _decode(kind: type, value: object) -> object:
    if kind is Path or Path in get_args(kind):
        return Path(str(value))
    raise NotImplementedError


def _default_data_dir(environment: Mapping[str, str]) -> Path:
    home = environment.get("XDG_DATA_HOME") or str(Path(environment.get("HOME", "/var/lib")) / ".local" / "share")
    return Path(home) / "educator-credentials"


def _default_keys_dir(data_dir: Path) -> Path:
    """``keys/`` of the checkout when the service runs from one, else in the data directory."""
    checkout = Path(__file__).parents[2] / "keys"
    return checkout if (checkout / "README.md").is_file() else data_dir / "keys"


def check(settings: Settings) -> None:
    """Whether a service may start with these settings. Raises ``SettingsRefused`` with every fault."""
    faults: list[Fault] = []
    scheme, host = _origin(settings.base_url)
    if not host:
        faults.append(Fault("CREDENTIALS_BASE_URL is written as https://credentials.example.org", "base_url"))
    faults += [
        Fault(f"{_variable(name)} must be 1 or more", name)
        for name in ("max_upload_bytes", "verify_per_minute")
        if getattr(settings, name) < 1
    ]
    faults += [
        Fault(f"CREDENTIALS_TRUSTED_PROXIES: {proxy} is not the address of a machine", "trusted_proxies")
        for proxy in settings.trusted_proxies
        if not _is_address(proxy)
    ]
    if settings.key_store is KeyStoreKind.PKCS11:
        faults += [
            Fault(f"{_variable(name)} must be set for keys in an HSM", name)
            for name in ("pkcs11_library", "pkcs11_token", "pkcs11_pin")
            if not getattr(settings, name)
        ]
    faults += [
        Fault(f"CREDENTIALS_FETCH_PORTS: {port} is not a port", "fetch_ports")
        for port in settings.fetch_ports
        if not re.fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > 65_535
    ]
    if settings.environment is Environment.PRODUCTION:
        if settings.kek_file is None and settings.key_store is KeyStoreKind.LOCAL:
            faults.append(
                Fault(
                    "CREDENTIALS_KEK_FILE must name the key-encryption key: make one with "
                    "`head -c 32 /dev/urandom > FILE; chmod 600 FILE` and keep it apart from the keys",
                    "kek_file",
                )
            )
        if set(settings.fetch_ports) != {"443"}:
            faults.append(Fault("CREDENTIALS_FETCH_PORTS must be 443 in production", "fetch_ports"))
        if settings.vc_api_open:
            faults.append(Fault("CREDENTIALS_VC_API_OPEN lets anybody sign as you: not in production", "vc_api_open"))
        if host and scheme != "https" and host not in {"localhost", "127.0.0.1"}:
            faults.append(Fault("CREDENTIALS_BASE_URL must begin with https:// in production", "base_url"))
    _refuse(faults)


def _origin(url: str) -> tuple[str, str]:
    """Scheme and host of an address that is nothing but scheme, host and port; else nothing."""
    try:
        parts = urlsplit(url)
        plain = f"{parts.scheme}://{parts.netloc}" == url and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return "", ""
    good = plain and parts.scheme in {"http", "https"} and parts.hostname
    return (parts.scheme, parts.hostname or "") if good else ("", "")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def read_kek(path: Path) -> bytes:
    """The key-encryption key. Raises ``SettingsRefused`` when it is missing, malformed, or readable by others."""
    try:
        content = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise SettingsRefused(f"the key-encryption key {path} cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise SettingsRefused(f"the key-encryption key {path} can be read by others: chmod 600 {path}")
    if len(content) == 32:
        return content
    text = content.strip()
    if re.fullmatch(rb"[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text.decode())
    raise SettingsRefused(f"the key-encryption key {path} must be 32 bytes or 64 hexadecimal digits")


def described(settings: Settings) -> list[tuple[str, str, str]]:
    """Variable, effective value with secrets struck out, and meaning of every setting."""
    hints = get_type_hints(Settings, include_extras=True)
    return [
        (
            _variable(field.name),
            _struck(field.name, _shown(getattr(settings, field.name))),
            str(get_args(hints[field.name])[1]),
        )
        for field in msgspec.structs.fields(Settings)
    ]


def _struck(name: str, shown: str) -> str:
    return "***" if name in _SECRETS and shown else _SECRET.sub(r"\1\2***", shown)


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case tuple():
            return ",".join(value)
        case _:
            return str(value)
