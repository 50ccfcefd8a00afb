"""`credentials serve --tls-cert --tls-key` speaks https itself: a real process, and an authority that only the test knows."""

import ssl
import warnings
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from local_tls import Authority
from server import Server, furnished

from credentials.settings import SettingsRefused
from credentials.web.server import Tls, check_tls


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def served(authority: Authority, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tls")
    kek = furnished(folder, sqlite_template)
    server = Server(folder, kek=kek, tls=authority.files("localhost", folder), trust=authority.client)
    server.start()
    yield server
    server.stop()


def test_whoever_believes_the_authority_reads_the_service_over_https(served: Server, authority: Authority) -> None:
    answer = httpx.get(f"{served.base_url}/.well-known/jwks.json", verify=authority.client)
    assert (answer.status_code, answer.json()) == (200, {"keys": []})
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_whoever_does_not_believe_it_gets_nothing(served: Server) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{served.base_url}/health/ready")


def test_no_older_version_of_tls_is_spoken(served: Server, authority: Authority) -> None:
    old = authority.client
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is the point
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{served.base_url}/health/ready", verify=old)


def test_nothing_is_answered_in_the_clear(served: Server) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://localhost:{served.port}/health/ready")


@pytest.mark.parametrize("wrong", ["missing", "empty", "swapped", "another's key"])
def test_files_that_cannot_be_served_with_are_refused_before_a_socket_is_opened(
    authority: Authority, tmp_path: Path, wrong: str
) -> None:
    certificate, key = authority.files("localhost", tmp_path)
    check_tls(Tls(certificate, key))
    match wrong:
        case "missing":
            key = tmp_path / "none.key"
        case "empty":
            key.write_bytes(b"")
        case "swapped":
            certificate, key = key, certificate
        case _:
            (tmp_path / "other").mkdir()
            _, key = authority.files("localhost", tmp_path / "other")
    with pytest.raises(SettingsRefused, match=str(key if wrong == "missing" else certificate)):
        check_tls(Tls(certificate, key))
