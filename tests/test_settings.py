"""Settings: read once, refused with every fault named, and shown without secrets."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sentences import sentences

from credentials import settings
from credentials.settings import Environment, Settings, SettingsRefused

KEK = bytes(range(32))


def good(**changed: Any) -> Settings:
    """What a production service could start with."""
    found = Settings(
        base_url="https://credentials.alder.example",
        data_dir=Path("/srv/data"),
        keys_dir=Path("/srv/keys"),
        kek_file=Path("/run/kek"),
    )
    return msgspec.structs.replace(found, **changed)


def faults_of(refused: SettingsRefused) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in refused.faults]


# Reading


def test_every_setting_is_read_from_its_variable(tmp_path: Path) -> None:
    found = settings.from_environment(
        {
            "CREDENTIALS_ENVIRONMENT": "development",
            "CREDENTIALS_BASE_URL": "https://alder.test/",
            "CREDENTIALS_DATA_DIR": str(tmp_path / "data"),
            "CREDENTIALS_DATABASE_URL": "postgresql://u@h/d",
            "CREDENTIALS_KEYS_DIR": str(tmp_path / "keys"),
            "CREDENTIALS_KEK_FILE": str(tmp_path / "kek"),
            "CREDENTIALS_MAIL_URL": "smtp://localhost:25",
            "CREDENTIALS_MAIL_FROM": "Alder <alder@alder.example>",
            "CREDENTIALS_MAX_UPLOAD_BYTES": "1000",
            "CREDENTIALS_TRUSTED_PROXIES": "10.0.0.1, ::1,",
            "CREDENTIALS_VERIFY_PER_MINUTE": "7",
            "CREDENTIALS_FETCH": "false",
            "PATH": "/bin",
        }
    )
    assert found == Settings(
        environment=Environment.DEVELOPMENT,
        base_url="https://alder.test",
        data_dir=tmp_path / "data",
        database_url="postgresql://u@h/d",
        keys_dir=tmp_path / "keys",
        kek_file=tmp_path / "kek",
        mail_url="smtp://localhost:25",
        mail_from="Alder <alder@alder.example>",
        max_upload_bytes=1000,
        trusted_proxies=("10.0.0.1", "::1"),
        verify_per_minute=7,
        fetch=False,
    )
    assert found.database == "postgresql://u@h/d"


def test_a_production_service_asks_no_other_port_than_443() -> None:
    with pytest.raises(SettingsRefused) as refused:
        settings.check(good(fetch_ports=("443", "8443")))
    assert "CREDENTIALS_FETCH_PORTS" in refused.value.faults[0].detail
    settings.check(good(environment=Environment.DEVELOPMENT, fetch_ports=("8443",)))


def test_nothing_set_is_a_production_service_in_the_users_data_folder() -> None:
    found = settings.from_environment({"HOME": "/home/ada"})
    assert found.environment is Environment.PRODUCTION
    assert found.data_dir == Path("/home/ada/.local/share/educator-credentials")
    assert found.database == f"sqlite:///{found.data_dir}/credentials.sqlite3"
    assert (found.blobs_dir, found.spool_dir) == (found.data_dir / "files", found.data_dir / "mail")
    assert found.fence_dir == found.keys_dir / "fence", "beside the keys: a copy of the database is no copy of it"
    assert found.kek_file is None


def test_the_command_line_goes_before_the_environment_and_an_empty_variable_is_as_good_as_none() -> None:
    environment = {"CREDENTIALS_DATA_DIR": "/a", "CREDENTIALS_BASE_URL": "", "CREDENTIALS_KEK_FILE": ""}
    found = settings.from_environment(environment, data_dir=Path("/b"), mail_url=None)
    assert found.data_dir == Path("/b")
    assert found.base_url == "http://localhost:8000"
    assert found.kek_file is None


def test_the_data_folder_follows_the_desktop_standard() -> None:
    found = settings.from_environment({"XDG_DATA_HOME": "/data", "HOME": "/home/ada"})
    assert found.data_dir == Path("/data/educator-credentials")


def test_a_secret_can_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:hunter2@h/d\n")
    found = settings.from_environment({"CREDENTIALS_DATABASE_URL_FILE": str(tmp_path / "url")})
    assert found.database == "postgresql://u:hunter2@h/d"


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "octets").write_bytes(b"\xff\xfe")
    environment = {
        "CREDENTIALS_DATABSE_URL": "sqlite:///x",
        "CREDENTIALS_KEK": "00",
        "CREDENTIALS_MAIL_URL_FILE": str(tmp_path / "missing"),
        "CREDENTIALS_DATABASE_URL_FILE": str(tmp_path / "octets"),
        "CREDENTIALS_MAX_UPLOAD_BYTES": "much",
        "CREDENTIALS_VERIFY_PER_MINUTE": "1.5",
        "CREDENTIALS_FETCH": "maybe",
        "CREDENTIALS_ENVIRONMENT": "staging",
    }
    with pytest.raises(SettingsRefused) as refused:
        settings.from_environment(environment)
    assert sorted(faults_of(refused.value)) == [
        ("CREDENTIALS_DATABASE_URL_FILE", "unreadable"),
        ("CREDENTIALS_DATABSE_URL", "unknown-setting"),
        ("CREDENTIALS_ENVIRONMENT", "unreadable"),
        ("CREDENTIALS_FETCH", "unreadable"),
        ("CREDENTIALS_KEK", "unknown-setting"),
        ("CREDENTIALS_MAIL_URL_FILE", "unreadable"),
        ("CREDENTIALS_MAX_UPLOAD_BYTES", "unreadable"),
        ("CREDENTIALS_VERIFY_PER_MINUTE", "unreadable"),
    ]
    assert "CREDENTIALS_FETCH cannot be read" in refused.value.detail


# What a service may start with


@sentences(
    "changed",
    {
        "https and a key-encryption key": {},
        "a port": {"base_url": "https://credentials.alder.example:8443"},
        "plain http on the machine itself, behind nothing": {"base_url": "http://localhost:8000"},
        "plain http where it is developed": {
            "environment": Environment.DEVELOPMENT,
            "base_url": "http://alder.test",
            "kek_file": None,
        },
        "proxies": {"trusted_proxies": ("10.0.0.1", "fd00::1")},
    },
)
def test_a_service_starts_with(changed: dict[str, Any]) -> None:
    settings.check(good(**changed))


@sentences(
    ("changed", "places"),
    {
        "without a key-encryption key in production": ({"kek_file": None}, ["kek_file"]),
        "with plain http in production": ({"base_url": "http://alder.example"}, ["base_url"]),
        "with a path in the address": ({"base_url": "https://alder.example/credentials"}, ["base_url"]),
        "with a query in the address": ({"base_url": "https://alder.example?a=b"}, ["base_url"]),
        "with a fragment in the address": ({"base_url": "https://alder.example#a"}, ["base_url"]),
        "with a user in the address": ({"base_url": "https://ada:pw@alder.example"}, ["base_url"]),
        "without a host in the address": ({"base_url": "https://"}, ["base_url"]),
        "with another scheme in the address": ({"base_url": "ftp://alder.example"}, ["base_url"]),
        "with a port that is none": ({"base_url": "https://alder.example:99999"}, ["base_url"]),
        "with half an address of version 6": ({"base_url": "https://[::1"}, ["base_url"]),
        "with no address": ({"base_url": ""}, ["base_url"]),
        "with room for no upload": ({"max_upload_bytes": 0}, ["max_upload_bytes"]),
        "with less than one verification": ({"verify_per_minute": -1}, ["verify_per_minute"]),
        "with a proxy that is no address": ({"trusted_proxies": ("10.0.0.1", "proxy")}, ["trusted_proxies"]),
        "with several faults": (
            {"kek_file": None, "base_url": "http://alder.example", "max_upload_bytes": -5},
            ["max_upload_bytes", "kek_file", "base_url"],
        ),
    },
)
def test_a_service_does_not_start(changed: dict[str, Any], places: list[str]) -> None:
    with pytest.raises(SettingsRefused) as refused:
        settings.check(good(**changed))
    assert [place for place, _ in faults_of(refused.value)] == places


# The key-encryption key


@sentences(
    "content",
    {
        "32 octets": KEK,
        "64 hexadecimal digits": KEK.hex().encode(),
        "the same in a line": KEK.hex().upper().encode() + b"\n",
    },
)
def test_a_key_encryption_key_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kek"
    path.write_bytes(content)
    path.chmod(0o600)
    assert settings.read_kek(path) == KEK


@sentences(
    ("content", "mode", "says"),
    {
        "one that others can read": (KEK, 0o644, "chmod 600"),
        "one that the group can write": (KEK, 0o620, "chmod 600"),
        "one that is too short": (KEK[:31], 0o600, "32 bytes or 64 hexadecimal digits"),
        "one of 63 digits": (KEK.hex()[:63].encode(), 0o600, "32 bytes or 64 hexadecimal digits"),
        "one of 64 letters": (b"g" * 64, 0o600, "32 bytes or 64 hexadecimal digits"),
        "an empty one": (b"", 0o600, "32 bytes or 64 hexadecimal digits"),
        "one that is missing": (None, 0, "cannot be read"),
    },
)
def test_a_key_encryption_key_is_not(tmp_path: Path, content: bytes | None, mode: int, says: str) -> None:
    path = tmp_path / "kek"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    with pytest.raises(SettingsRefused, match=says):
        settings.read_kek(path)


# Showing


def test_every_setting_is_described_with_its_effective_value() -> None:
    shown = {
        variable: (value, meaning)
        for variable, value, meaning in settings.described(good(trusted_proxies=("::1", "::2")))
    }
    assert set(shown) == {f"CREDENTIALS_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    assert all(meaning for _, meaning in shown.values())
    assert shown["CREDENTIALS_BASE_URL"][0] == "https://credentials.alder.example"
    assert shown["CREDENTIALS_ENVIRONMENT"][0] == "production"
    assert shown["CREDENTIALS_TRUSTED_PROXIES"][0] == "::1,::2"
    assert shown["CREDENTIALS_MAIL_URL"][0] == ""


@sentences(
    ("url", "shown"),
    {
        "a password": ("postgresql://u:hunter2@db/d", "postgresql://u:***@db/d"),
        "a password without a user": ("smtp://:hunter2@mail:587", "smtp://:***@mail:587"),
        "a password with signs that should have been encoded": (
            "postgresql://u:hunter2@/hunter2:hunter2@db/d",
            "postgresql://u:***@db/d",
        ),
        "a password among the parameters": (
            "postgresql://db/d?password=hunter2&sslmode=require",
            "postgresql://db/d?password=***&sslmode=require",
        ),
        "no password": ("postgresql://u@db:5432/d", "postgresql://u@db:5432/d"),
    },
)
def test_secrets_are_struck_out(url: str, shown: str) -> None:
    (value,) = [value for name, value, _ in settings.described(good(database_url=url)) if name.endswith("DATABASE_URL")]
    assert value == shown
