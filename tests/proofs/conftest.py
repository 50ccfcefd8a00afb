"""Published vectors, and a canonicalisation that is not ours to check ours against."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reference_canonize import reference_canonize

SHARED = Path(os.environ.get("CREDENTIALS_SHARED") or Path(__file__).parents[3] / "shared")


class Vectors:
    """A folder of published vectors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def json(self, name: str) -> Any:
        return json.loads(self.octets(name))

    def octets(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def text(self, name: str) -> str:
        return self.octets(name).decode().strip()


@pytest.fixture(scope="session")
def standards() -> Path:
    if not (SHARED / "standards").is_dir():
        pytest.skip("shared material is absent")
    return SHARED / "standards"


@pytest.fixture(scope="session")
def eddsa(standards: Path) -> Vectors:
    return Vectors(standards / "vectors" / "vc-di-eddsa")


@pytest.fixture(scope="session")
def ecdsa(standards: Path) -> Vectors:
    return Vectors(standards / "vectors" / "vc-di-ecdsa")


@pytest.fixture(scope="session")
def canonize(standards: Path) -> Callable[[dict[str, Any], str], bytes]:
    return reference_canonize(standards / "contexts")
